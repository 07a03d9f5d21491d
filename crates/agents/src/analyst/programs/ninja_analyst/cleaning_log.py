"""What cleaning did, so that a reader can follow it: a rule, a column, how many rows, and up to three of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

MOST_SAMPLES = 3
LONGEST_TEXT = 120


class Log:
    """The entries in the order in which the rules were applied. Rows are numbered from 1, as they were read."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def add(self, rule: str, column: str | None, rows: int, samples: Iterable[tuple[int, Any, Any]]) -> None:
        """An entry, if there is anything to tell. A sample is (row from 0, before, after)."""
        if not rows:
            return
        told = [{"row": row + 1, "before": short(before), "after": short(after)} for row, before, after in samples]
        self.entries.append({"rule": rule, "column": column, "rows": int(rows), "samples": told})

    def changed(self, rule: str, column: str, texts: list[str], changes: dict[str, Any], counts: dict[str, int]) -> int:
        """An entry for texts that became something else; answers how many rows that were."""
        rows = sum(counts[text] for text in changes)
        self.add(rule, column, rows, first(texts, changes.__contains__, lambda text: (text, changes[text])))
        return rows


def first(values: Iterable[Any], wanted: Callable[[Any], bool], told: Callable[[Any], tuple]) -> list[tuple]:
    """Up to three samples of the values that are wanted."""
    samples: list[tuple] = []
    for row, value in enumerate(values):
        if wanted(value):
            samples.append((row, *told(value)))
            if len(samples) == MOST_SAMPLES:
                break
    return samples


def short(value: Any) -> Any:
    """Texts are cut where they would fill a page."""
    return value[: LONGEST_TEXT - 1] + "…" if isinstance(value, str) and len(value) > LONGEST_TEXT else value
