"""Signs that no text file holds."""

from __future__ import annotations

import re

CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")


def readable(text: str) -> str:
    """`text` without control characters and halves of surrogate pairs, so that a file can hold it."""
    return text if text.isprintable() else CONTROL.sub("\ufffd", text).encode("utf-8", "replace").decode()
