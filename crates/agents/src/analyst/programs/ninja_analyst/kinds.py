"""From a column of texts to a typed column, by rules that can be told to the reader.

A column is `empty` if every value is a missing marker; `numeric`, `boolean` or `date` if every value that is not
missing fits; else a label (`categorical` or `text`). Nothing is guessed from the column's name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from ninja_analyst import dates, numerals
from ninja_analyst.columns import Column, label_kind

MISSING = frozenset(["", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "None", "-", "?"])
BOOLEANS = ({"true": True, "false": False}, {"yes": True, "no": False})
# From this share on, texts in a column of numbers are taken for mistakes and not for the column's nature.
MOSTLY = 0.9
DIGITS = frozenset("0123456789")


@dataclass
class Typed:
    """A column, what is to be said about it, how often each text occurs, and which texts became missing because they
    did not fit."""

    column: Column
    counts: Counter[str]
    warnings: list[tuple[str, str]] = field(default_factory=list)
    coerced: frozenset[str] = frozenset()
    convention: numerals.Convention | None = None


@dataclass(frozen=True)
class Rules:
    """`coerce`: turn what does not fit into missing. `decimal_elsewhere`: what the other columns show."""

    coerce: bool = False
    decimal_elsewhere: str | None = None
    decimal_otherwise: str = "."


@dataclass
class Values:
    """The different values of a column, stripped and without the missing ones, with the signs that they are made of.
    `texts` leads from each text that is not missing to its value, if some differ by blanks."""

    counts: Counter[str]
    signs: frozenset[str]
    texts: dict[str, str] | None


@dataclass
class Reading:
    """What each value means; a value that is not here is missing."""

    kind: str
    meaning: dict[str, object]
    warnings: list[tuple[str, str]] = field(default_factory=list)
    convention: numerals.Convention | None = None
    coerced: frozenset[str] = frozenset()


def typed(name: str, texts: list[str], rules: Rules) -> Typed:
    """The column that `texts` are."""
    counts = Counter(texts)
    values = _values(counts)
    if not values.counts:
        return Typed(Column(name, "empty", values=np.full(len(texts), np.nan)), counts)
    for read in (_numbers, _booleans, _dates, _mostly):
        found = read(name, values, rules)
        if isinstance(found, Reading):
            column = _column(name, found, values, counts, texts)
            return Typed(column, counts, found.warnings, found.coerced, found.convention)
        if found is not None:
            return Typed(_labels(name, values, counts, texts), counts, [found])
    return Typed(_labels(name, values, counts, texts), counts)


def _values(counts: Counter[str]) -> Values:
    values = counts.copy()
    for marker in MISSING:
        values.pop(marker, None)
    signs = frozenset("".join(values))
    if not any(sign.isspace() for sign in signs):
        return Values(values, signs, None)
    texts = {text: value for text in values if (value := text.strip()) not in MISSING}
    values = Counter()
    for text, value in texts.items():
        values[value] += counts[text]
    return Values(values, frozenset("".join(values)), texts)


def _column(name: str, reading: Reading, values: Values, counts: Counter[str], texts: list[str]) -> Column:
    """Each text looked up in what the values mean."""
    nothing, dtype = {"numeric": (np.nan, float), "date": (np.datetime64("NaT"), "M8[us]")}.get(
        reading.kind, (-1, np.int32)
    )
    lookup = reading.meaning
    if values.texts is not None:
        lookup = {text: lookup[value] for text, value in values.texts.items() if value in lookup}
    if len(lookup) < len(counts):
        lookup.update((text, nothing) for text in counts.keys() - lookup.keys())
    found = np.fromiter(map(lookup.__getitem__, texts), dtype, len(texts))
    if reading.kind == "boolean":
        return Column(name, reading.kind, codes=found, levels=["false", "true"])
    return Column(name, reading.kind, values=found)


def _labels(name: str, values: Values, counts: Counter[str], texts: list[str]) -> Column:
    """Labels keep the blanks around them: only cleaning trims."""
    levels = sorted(values.counts if values.texts is None else values.texts)
    lookup = dict(zip(levels, range(len(levels))))
    lookup.update((text, -1) for text in counts.keys() - lookup.keys())
    codes = np.fromiter(map(lookup.__getitem__, texts), np.int32, len(texts))
    return Column(name, label_kind(len(levels), int((codes >= 0).sum())), codes=codes, levels=levels)


def _numbers(name: str, values: Values, rules: Rules) -> Reading | tuple[str, str] | None:
    if not values.signs <= numerals.WRITTEN:
        return None
    read = numerals.read(values.counts, values.signs, rules.decimal_elsewhere, rules.decimal_otherwise)
    if read is None:
        return None
    if read.padded is not None and not rules.coerce:
        text = f"`{name}` has whole numbers with leading zeros (`{read.padded}`), lost by a number: kept as text."
        return "leading_zeros", text
    return Reading("numeric", read.numbers, _number_warnings(name, read), read.convention)


def _number_warnings(name: str, read: numerals.Read) -> list[tuple[str, str]]:
    warnings = []
    if read.convention.ambiguous:
        example = next(value for value in read.numbers if "," in value or "." in value)
        text = f"`{name}` can be read in two ways: `{example}` was read as {read.numbers[example]!r}."
        warnings.append(("ambiguous_decimal", text))
    if read.imprecise:
        examples = ", ".join(f"`{value[:40]}`" for value in read.imprecise[:5])
        text = f"`{name}` holds numbers that no double-precision number is equal to; they were rounded: {examples}."
        warnings.append(("precision_lost", text))
    return warnings


def _booleans(name: str, values: Values, rules: Rules) -> Reading | None:
    if len(values.counts) > 12:  # two words in all their spellings
        return None
    lower = {value: value.lower() for value in values.counts}
    for words in BOOLEANS:
        if all(word in words for word in lower.values()):
            return Reading("boolean", {value: int(words[word]) for value, word in lower.items()})
    return None


def _dates(name: str, values: Values, rules: Rules) -> Reading | tuple[str, str] | None:
    found = dates.dates(values.counts)
    if found is None:
        return None
    if found.ambiguous:
        example = next(iter(values.counts))
        text = f"`{name}` looks like dates, but nothing in it tells days from months (`{example}`): kept as text."
        return "ambiguous_date", text
    warnings = [("timezone_converted", f"The times of `{name}` were converted to UTC.")] if found.zones else []
    return Reading("date", {value: np.datetime64(moment, "us") for value, moment in found.moments.items()}, warnings)


def _mostly(name: str, values: Values, rules: Rules) -> Reading | tuple[str, str] | None:
    """Numbers (or dates) but for a few texts."""
    if not values.signs & DIGITS:
        return None
    for kind, fits, read in (("numbers", numerals.is_number, _numbers), ("dates", dates.is_date, _dates)):
        good = _enough(values.counts, fits)
        if good is None:
            continue
        odd = {value: number for value, number in values.counts.items() if value not in good}
        found = read(name, Values(good, frozenset("".join(good)), None), rules)
        if isinstance(found, Reading) and rules.coerce:
            found.coerced = frozenset(odd)
            return found
        listed = ", ".join(f"`{value[:40]}` ({number})" for value, number in _top(odd, 5))
        text = f"`{name}` holds {kind}, but {sum(odd.values())} of its values are not: {listed}. It is kept as text."
        return f"text_among_{kind}", text
    return None


def _enough(values: Counter[str], fits) -> Counter[str] | None:
    """The values that fit, if they are nearly all. Stops as soon as too many do not."""
    left = sum(values.values()) * (1 - MOSTLY)
    good: Counter[str] = Counter()
    for value, number in values.items():
        if fits(value):
            good[value] = number
        else:
            left -= number
            if left < -1e-9:
                return None
    return good


def _top(counts: dict[str, int], most: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]

