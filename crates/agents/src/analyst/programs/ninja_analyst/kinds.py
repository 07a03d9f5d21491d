"""From a column of texts to a typed column, by rules that can be told to the reader.

A column is `empty` if every value is a missing marker; `numeric`, `boolean` or `date` if every value that is not missing
fits; else a label (`categorical` or `text`). Nothing is guessed from the column's name.
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


@dataclass
class Typed:
    """A column, what is to be said about it, and which texts became missing because they did not fit."""

    column: Column
    warnings: list[tuple[str, str]] = field(default_factory=list)
    coerced: frozenset[str] = frozenset()
    convention: numerals.Convention | None = None


@dataclass(frozen=True)
class Rules:
    """`coerce`: turn what does not fit into missing. `decimal_elsewhere`: what the other columns show."""

    coerce: bool = False
    decimal_elsewhere: str | None = None
    decimal_otherwise: str = "."


def typed(name: str, texts: list[str], rules: Rules) -> Typed:
    """The column that `texts` are."""
    counts = Counter(texts)
    plain = {text: text.strip() for text in counts}
    values: Counter[str] = Counter()  # how often each value occurs that is not missing
    for text, number in counts.items():
        if plain[text] not in MISSING:
            values[plain[text]] += number
    if not values:
        return Typed(Column(name, "empty", values=np.full(len(texts), np.nan)))
    for read in (_numbers, _booleans, _dates, _mostly):
        found = read(name, values, rules)
        if isinstance(found, Reading):
            return found.typed(name, texts, plain)
        if found is not None:
            return Typed(_labels(name, texts, plain), [found])
    return Typed(_labels(name, texts, plain))


@dataclass
class Reading:
    """What each value means; a value that is not here is missing."""

    kind: str
    meaning: dict[str, object]
    warnings: list[tuple[str, str]] = field(default_factory=list)
    convention: numerals.Convention | None = None
    coerced: frozenset[str] = frozenset()

    def typed(self, name: str, texts: list[str], plain: dict[str, str]) -> Typed:
        """The column of `texts`, each looked up once per different text."""
        nothing, dtype = {"numeric": (np.nan, float), "date": (np.datetime64("NaT"), "M8[us]")}.get(self.kind, (-1, np.int32))
        lookup = {text: self.meaning.get(value, nothing) for text, value in plain.items()}
        found = np.fromiter(map(lookup.__getitem__, texts), dtype, len(texts))
        column = Column(name, self.kind, values=found)
        if self.kind == "boolean":
            column = Column(name, self.kind, codes=found, levels=["false", "true"])
        return Typed(column, self.warnings, self.coerced, self.convention)


def _numbers(name: str, values: Counter[str], rules: Rules) -> Reading | tuple[str, str] | None:
    signs = set().union(*map(set, values))
    if not signs <= numerals.WRITTEN:
        return None
    convention = numerals.convention(values, rules.decimal_elsewhere, rules.decimal_otherwise)
    if convention is None:
        return None
    zeros = numerals.padded(values)
    if zeros is not None and not rules.coerce:
        text = f"`{name}` holds whole numbers with leading zeros (`{zeros}`), which a number would lose: kept as text."
        return "leading_zeros", text
    written = {value: convention.text(value) for value in values}
    meaning = {value: float(text) for value, text in written.items()}
    if any(abs(number) == np.inf for number in meaning.values()):
        return None
    warnings = _number_warnings(name, written, meaning, convention)
    return Reading("numeric", meaning, warnings, convention)


def _number_warnings(name, written, meaning, convention) -> list[tuple[str, str]]:
    warnings = []
    if convention.ambiguous:
        example = next(value for value in written if "," in value or "." in value)
        warnings.append((
            "ambiguous_decimal",
            f"`{name}` can be read in two ways: `{example}` was read as {meaning[example]!r}.",
        ))
    lost = [value for value, text in written.items() if numerals.loses_precision(text, meaning[value])]
    if lost:
        examples = ", ".join(f"`{value[:40]}`" for value in sorted(lost)[:5])
        warnings.append((
            "precision_lost",
            f"`{name}` holds numbers with more digits than a double-precision number has, which were rounded: {examples}.",
        ))
    return warnings


def _booleans(name: str, values: Counter[str], rules: Rules) -> Reading | None:
    lower = {value: value.lower() for value in values}
    for words in BOOLEANS:
        if all(word in words for word in lower.values()):
            return Reading("boolean", {value: int(words[word]) for value, word in lower.items()})
    return None


def _dates(name: str, values: Counter[str], rules: Rules) -> Reading | tuple[str, str] | None:
    found = dates.dates(values)
    if found is None:
        return None
    if found.ambiguous:
        text = f"`{name}` looks like dates, but nothing in it tells days from months (`{next(iter(values))}`): kept as text."
        return "ambiguous_date", text
    warnings = [("timezone_converted", f"The times of `{name}` were converted to UTC.")] if found.zones else []
    return Reading("date", {value: np.datetime64(moment, "us") for value, moment in found.moments.items()}, warnings)


def _mostly(name: str, values: Counter[str], rules: Rules) -> Reading | tuple[str, str] | None:
    """Numbers (or dates) but for a few texts."""
    for kind, fits, read in (("numbers", numerals.is_number, _numbers), ("dates", dates.is_date, _dates)):
        good = _enough(values, fits)
        if good is None:
            continue
        odd = {value: number for value, number in values.items() if value not in good}
        listed = ", ".join(f"`{value[:40]}` ({number})" for value, number in _top(odd, 5))
        found = read(name, good, rules)
        if isinstance(found, Reading) and rules.coerce:
            found.coerced = frozenset(odd)
            return found
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


def _labels(name: str, texts: list[str], plain: dict[str, str]) -> Column:
    """Labels keep the blanks around them: only cleaning trims."""
    levels = sorted(text for text, value in plain.items() if value not in MISSING)
    lookup = {text: -1 for text in plain}
    lookup.update((text, code) for code, text in enumerate(levels))
    codes = np.fromiter(map(lookup.__getitem__, texts), np.int32, len(texts))
    return Column(name, label_kind(len(levels), int((codes >= 0).sum())), codes=codes, levels=levels)
