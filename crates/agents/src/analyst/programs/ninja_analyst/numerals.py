"""Numbers as people write them: `1234.5`, `1,234.5`, `1.234,5`, `1 234,5`, `1'234.5`.

A column is read by one convention, the decimal sign, which every one of its values must fit. What fits both signs with
different numbers (`1,234`) is ambiguous; the rest of the file decides, and the reader is told.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

PLAIN = frozenset("0123456789+-.eE")
WRITTEN = PLAIN | frozenset(",' \u00a0\u202f\u2009\u2212")
SPACES = " '\u00a0\u202f\u2009"
LARGEST_EXACT = 2**53

_SIGN = "[+\\-\u2212]?"
_EXPONENT = "(?:[eE][+-]?[0-9]+)?"


def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    d, t = re.escape(decimal), re.escape(thousands)
    plain = rf"(?:[0-9]+(?:{d}[0-9]*)?|{d}[0-9]+){_EXPONENT}"
    grouped = rf"[1-9][0-9]{{0,2}}(?:([{t}{SPACES}])[0-9]{{3}})(?:\1[0-9]{{3}})*(?:{d}[0-9]*)?"
    return re.compile(f"{_SIGN}(?:{plain}|{grouped})")


_FITS = {".": _pattern(".", ","), ",": _pattern(",", ".")}
_PADDED = re.compile("\n([+-]?0[0-9]+)(?=\n)")


@dataclass(frozen=True)
class Convention:
    """How the numbers of a column are written. `thousands` is the sign between groups of three, if one was seen.
    `proof`: no other decimal sign fits. `doubtful`: another does, and would give other numbers; `ambiguous`: so much so
    that the reader must be told."""

    decimal: str
    thousands: str | None
    ambiguous: bool
    doubtful: bool = False
    proof: bool = False

    @property
    def marked(self) -> bool:
        """Whether a point or a comma was seen, so that the decimal sign matters."""
        return self.proof or self.doubtful

    def text(self, written: str) -> str:
        """`written` as Python writes numbers."""
        for sign in SPACES:
            written = written.replace(sign, "")
        other = "," if self.decimal == "." else "."
        return written.replace(other, "").replace(self.decimal, ".").replace("\u2212", "-")


def is_number(text: str) -> bool:
    """Whether `text` (stripped) is a finite number by either decimal sign."""
    if _FITS["."].fullmatch(text):
        return _finite(Convention(".", None, False).text(text))
    return bool(_FITS[","].fullmatch(text)) and _finite(Convention(",", None, False).text(text))


@dataclass(frozen=True)
class Read:
    """What a column of numbers says. `padded`: a whole number with leading zeros (`007`), which is an identifier.
    `imprecise`: values that a double cannot hold."""

    numbers: dict[str, float]
    convention: Convention
    padded: str | None
    imprecise: list[str]


def read(texts: Collection[str], signs: frozenset[str], decimal_elsewhere: str | None, otherwise: str) -> Read | None:
    """Every one of `texts` as a finite number, or None. `signs` are the signs that they are made of."""
    plain = signs <= PLAIN
    try:  # nearly every column is plain, and then Python reads it many times faster than a pattern does
        values = list(map(float, texts)) if plain else None
    except ValueError:
        return None
    found = convention(texts, signs, decimal_elsewhere, otherwise)
    if found is None:
        return None
    written: Collection[str] = texts
    if not plain or found.decimal == ",":
        written = list(map(found.text, texts))
        values = list(map(float, written))
    array = np.array(values)
    if np.isinf(array).any():
        return None
    padded = _PADDED.search("\n" + "\n".join(texts) + "\n") if "0" in signs else None
    doubtful = np.flatnonzero((np.abs(array) >= LARGEST_EXACT) | (array == 0))
    if len(doubtful):
        both = list(zip(texts, written))
        imprecise = sorted(both[place][0] for place in doubtful if loses_precision(both[place][1], values[place]))
    else:
        imprecise = []
    return Read(dict(zip(texts, values)), found, padded and padded[1], imprecise)


def convention(
    texts: Collection[str], signs: frozenset[str], decimal_elsewhere: str | None, otherwise: str
) -> Convention | None:
    """The convention that every one of `texts` fits, or None. Where both decimal signs fit, the one that the other
    columns show decides, and without it `otherwise`."""
    marks = signs & {".", ","}
    if not marks and signs <= PLAIN:
        return Convention(".", None, ambiguous=False)
    known = marks == {"."} and signs <= PLAIN  # read as such already
    fits = [decimal for decimal in ".," if known and decimal == "." or all(map(_FITS[decimal].fullmatch, texts))]
    if not fits:
        return None
    if len(fits) == 1 or not marks:
        return Convention(fits[0], _thousands(fits[0], signs), ambiguous=False, proof=bool(marks))
    # Every mark stands before exactly three digits: one thousand two hundred, or one point two?
    decimal = decimal_elsewhere or ("." if marks == {"."} else otherwise)
    sure = decimal_elsewhere is not None and marks == {decimal} or decimal_elsewhere is None and marks == {"."}
    return Convention(decimal, _thousands(decimal, signs), ambiguous=not sure, doubtful=True)


def _thousands(decimal: str, signs: frozenset[str]) -> str | None:
    other = "," if decimal == "." else "."
    return next((sign for sign in other + SPACES if sign in signs), None)


def loses_precision(text: str, value: float) -> bool:
    """Whether a double cannot hold what `text` (as Python writes numbers) says: a whole number beyond 2^53, or one so
    small that it became 0."""
    if value == 0.0:
        return any(sign in "123456789" for sign in text.lower().partition("e")[0])
    if abs(value) < LARGEST_EXACT or not text.lstrip("+-").isdigit():
        return False
    return len(text) > 400 or int(text) != int(value)


def _finite(text: str) -> bool:
    return abs(float(text)) < float("inf")
