"""Names and numbers as words of a chart: cleaned, measured, shortened, never clipped."""

from __future__ import annotations

import math
import unicodedata
from datetime import date, datetime
from functools import lru_cache
from os.path import commonprefix
from pathlib import Path
from typing import Any, Iterable, Sequence

from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import TextToPath

from . import bidi

ELLIPSIS = "…"
MISSING = "(missing)"
OTHER = "other"
THIN = "\u202f"
LONGEST = 200
MINUS = "\u2212"

_PATHS = TextToPath()
_fonts: list[FT2Font] = []
_lost: set[str] = set()


def know_fonts(files: Iterable[Path]) -> None:
    """The fonts of the theme: what none of them has is drawn as □."""
    _fonts[:] = [FT2Font(str(file)) for file in files]


def missing_glyphs() -> set[str]:
    """The signs that no font had, since the program began."""
    return set(_lost)


def clean(text: object) -> str:
    """`text` on one line, without signs that steer instead of being seen."""
    out = []
    for sign in str(text)[: LONGEST * 4]:
        kind = unicodedata.category(sign)
        if kind in ("Cc", "Zs", "Zl", "Zp"):
            out.append(" " if sign != THIN else sign)
        elif kind not in ("Cf", "Cs", "Co", "Cn") and not unicodedata.name(sign, "").startswith("VARIATION"):
            out.append(sign)
    words = " ".join("".join(out).split(" ")).strip()
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + ELLIPSIS


def drawable(text: str) -> str:
    """`text` in the order and with the signs that the fonts can draw."""
    shown = bidi.visual(text)
    if not _fonts:
        return shown
    return "".join(sign if _has(sign) else "□" for sign in shown)


@lru_cache(maxsize=4096)
def _has(sign: str) -> bool:
    if any(font.get_char_index(ord(sign)) for font in _fonts):
        return True
    _lost.add(sign)
    return False


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How many pixels of the chart `text` takes."""
    return _width(text, size, bold)


@lru_cache(maxsize=8192)
def _width(text: str, size: float, bold: bool) -> float:
    font = FontProperties(size=size, weight="bold" if bold else "normal")
    return float(_PATHS.get_text_width_height_descent(text, font, ismath=False)[0]) * 100 / 72 if text else 0.0


def fit(text: object, pixels: float, size: float, *, bold: bool = False) -> str:
    """`text` as it fits into `pixels`: its beginning and its end, for it is often the end that tells names apart."""
    whole = clean(text)
    if width(drawable(whole), size, bold=bold) <= pixels:
        return drawable(whole)
    low, high, best = 1, len(whole) - 1, ELLIPSIS
    while low <= high:
        keep = (low + high) // 2
        tail = keep // 3
        short = whole[: keep - tail].rstrip() + ELLIPSIS + (whole[-tail:].lstrip() if tail else "")
        shown = drawable(short)
        if width(shown, size, bold=bold) <= pixels:
            best, low = shown, keep + 1
        else:
            high = keep - 1
    return best


def fit_all(texts: Iterable[object], pixels: float, size: float) -> list[str]:
    """As `fit`, and no two that differed become the same: of those that would, the part is shown in which they differ."""
    originals = [clean(text) for text in texts]
    shown = [fit(text, pixels, size) for text in originals]
    alike = [i for i, short in enumerate(shown) if ELLIPSIS in short]
    if len(alike) > 1 and len({shown[i] for i in alike}) < len({originals[i] for i in alike}):
        for i, short in zip(alike, _differing([originals[i] for i in alike], pixels, size)):
            shown[i] = short
    seen: dict[str, list[str]] = {}
    for i, (original, short) in enumerate(zip(originals, shown)):
        same = seen.setdefault(short, [])
        if same and original not in same:
            mark = f" {len(same) + 1}"
            shown[i] = fit(original, pixels - width(mark, size), size) + mark
        if original not in same:
            same.append(original)
    return shown


def _differing(names: Sequence[str], pixels: float, size: float) -> list[str]:
    """What all begin with as far as it fits, then where they go apart, without their common end."""
    start, end = len(commonprefix(names)), len(commonprefix([name[::-1] for name in names]))
    start = names[0].rfind(" ", 0, start) + 1
    parts = [name[start : max(start + 1, len(name) - end)] + (ELLIPSIS if end else "") for name in names]
    room = pixels - max(width(drawable(part), size) for part in parts)
    head = names[0][:start]
    if width(drawable(head), size) > room:
        while head and width(drawable(head.rstrip() + ELLIPSIS), size) > room:
            head = head[:-1]
        head = head.rstrip() + ELLIPSIS
    return [fit(head + part, pixels, size) for part in parts]


def short(text: object, signs: int = 60) -> str:
    """A name for a title."""
    whole = clean(text)
    return whole if len(whole) <= signs else whole[: signs * 2 // 3].rstrip() + ELLIPSIS + whole[-signs // 3 :].lstrip()


def wrap(text: object, pixels: float, size: float, *, bold: bool = False, lines: int = 1) -> list[str]:
    """`text` in at most `lines` lines; what does not fit into the last one is shortened."""
    words = clean(text).split(" ")
    out: list[str] = []
    while words and len(out) < lines - 1:
        taken = len(words)
        while taken > 1 and width(drawable(" ".join(words[:taken])), size, bold=bold) > pixels:
            taken -= 1
        out.append(fit(" ".join(words[:taken]), pixels, size, bold=bold))
        words = words[taken:]
    if words:
        out.append(fit(" ".join(words), pixels, size, bold=bold))
    return out


def name(value: object) -> str:
    """A value of a category as a word; missing has a name of its own."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, (datetime, date)):
        return day(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def day(value: Any) -> str:
    """A date; with its time where it has one."""
    if isinstance(value, datetime) and (value.hour or value.minute or value.second or value.microsecond):
        return value.isoformat(sep=" ", timespec="auto")
    return value.strftime("%Y-%m-%d")


def count(value: int) -> str:
    """A whole number with its thousands apart, from 10 000 on: four digits are read without help, and may be a year."""
    return f"{value:,}".replace(",", THIN).replace("-", MINUS) if abs(value) >= 10_000 else str(value).replace("-", MINUS)


def number(value: float, digits: int = 4) -> str:
    """`value` with `digits` significant digits, or all digits of its whole part below 10^15."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if size >= 15 or size < -5:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}×10{superscript(int(exponent))}".replace("-", MINUS)
    places = max(0, digits - 1 - size)
    whole, _, part = f"{abs(value):.{places}f}".partition(".")
    part = part.rstrip("0")
    sign = MINUS if value < 0 else ""
    return sign + count(int(whole)) + (f".{part}" if part else "")


def superscript(exponent: int) -> str:
    """`exponent` in small raised digits."""
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def several(amount: int, one: str, many: str | None = None) -> str:
    """`1 row`, `12 rows`."""
    return f"{count(amount)} {one if amount == 1 else many or one + 's'}"
