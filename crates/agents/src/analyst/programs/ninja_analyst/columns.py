"""A typed column: one kind, one array, one way to say that a value is missing.

`numeric`: `values` is float64, missing is NaN. `date`: `values` is datetime64[us], missing is NaT. `categorical`,
`text`, `boolean` (levels `false`, `true`): `codes` (int32, missing is -1) into the sorted `levels`. `empty`: every
value is missing, and `values` is all NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

LABELS = ("categorical", "text", "boolean")
# A text column with more different values than this is prose or names, not a category.
MOST_LEVELS_ALWAYS = 20
MOST_LEVELS = 1000


@dataclass
class Column:
    """See the module. `position` is its place in the table."""

    name: str
    kind: str
    values: np.ndarray | None = None
    codes: np.ndarray | None = None
    levels: list[str] | None = None

    @cached_property
    def missing(self) -> np.ndarray:
        """True where there is no value."""
        if self.codes is not None:
            return self.codes < 0
        return np.isnat(self.values) if self.kind == "date" else np.isnan(self.values)

    @property
    def rows(self) -> int:
        """Values and missing ones."""
        return len(self.missing)

    @property
    def missing_count(self) -> int:
        """Rows without a value."""
        return int(self.missing.sum())

    @property
    def count(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing_count

    @cached_property
    def present(self) -> np.ndarray:
        """The values (of a label: its codes) without the missing ones, in the order of the rows."""
        held = self.codes if self.codes is not None else self.values
        return held[~self.missing]

    @cached_property
    def distinct(self) -> int:
        """How many different values there are."""
        return len(np.unique(self.present))

    @property
    def is_label(self) -> bool:
        """Holds `codes` and `levels`."""
        return self.kind in LABELS

    def take(self, rows: np.ndarray) -> "Column":
        """The same column with only these rows (a mask or indices). The kind stays, even if it could be another."""
        if self.codes is None:
            return Column(self.name, self.kind, values=self.values[rows])
        return Column(self.name, self.kind, codes=self.codes[rows], levels=self.levels)

    def filled(self, filler) -> "Column":
        """The same column with `filler` (of a label: its code) where a value is missing."""
        held = (self.codes if self.is_label else self.values).copy()
        held[self.missing] = filler
        if self.is_label:
            return Column(self.name, self.kind, codes=held, levels=self.levels)
        return Column(self.name, self.kind, values=held)

    def grouping(self) -> tuple[np.ndarray, list[str]]:
        """Codes and level names of any kind of column, so that any column can be grouped by. Missing is -1. Levels are
        in the order of their values; those that occur nowhere are not listed."""
        if self.kind == "empty":
            return np.full(self.rows, -1, np.int32), []
        codes = np.full(self.rows, -1, np.int32)
        found, inverse = np.unique(self.present, return_inverse=True)
        codes[~self.missing] = inverse
        if self.is_label:
            return codes, [self.levels[code] for code in found]
        write = date_text if self.kind == "date" else number_text
        return codes, [write(value) for value in found]

    def texts(self) -> list[str | None]:
        """Every value as canonical text (`1`, `0.5`, `2024-01-31`, `true`), missing as None."""
        if self.is_label:
            return [self.levels[code] if code >= 0 else None for code in self.codes.tolist()]
        if self.kind == "date":
            return date_texts(self.values)
        found, inverse = np.unique(self.values, return_inverse=True)  # a value that repeats is written once
        texts = np.array([None if value != value else number_text(value) for value in found.tolist()], object)
        return texts[inverse].tolist()


def label_kind(distinct: int, count: int) -> str:
    """`categorical` if the values repeat, `text` if they are prose, names or ids."""
    repeats = distinct <= MOST_LEVELS and 2 * distinct <= count
    return "categorical" if distinct <= MOST_LEVELS_ALWAYS or repeats else "text"


def number_text(value: float) -> str:
    """The shortest text that reads as the same double: whole numbers without a point."""
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def date_text(value: np.datetime64) -> str:
    """One date, without its time if that is midnight."""
    return date_texts(np.array([value]))[0] or ""


def date_texts(values: np.ndarray) -> list[str | None]:
    """Dates in ISO 8601, as short as all of them allow: `2024-01-31`, or with seconds, or with microseconds."""
    known = values[~np.isnat(values)]
    units: Sequence[str] = ("D", "s", "us")
    unit = next((unit for unit in units if (known.astype(f"M8[{unit}]") == known).all()), "us")
    texts = np.datetime_as_string(values.astype(f"M8[{unit}]")).tolist()
    return [None if text == "NaT" else text for text in texts]
