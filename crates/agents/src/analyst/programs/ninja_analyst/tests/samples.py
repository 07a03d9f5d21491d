"""From a table's columns to what a test takes: arrays without missing values, and who they are."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ninja_analyst.tests.moments import mean, variance
from ninja_analyst.tests.outcome import CannotTest

if TYPE_CHECKING:
    from ninja_analyst.columns import Column


@dataclass
class Sample:
    """One sample of numbers: `column` it is from, `group` = the value of the group column, or None."""

    column: str
    group: str | None
    values: np.ndarray

    @property
    def name(self) -> str:
        return self.column if self.group is None else self.group

    def described(self) -> dict[str, Any]:
        x = self.values
        return {
            "value": self.name, "n": len(x),
            "mean": float(mean(x)) if len(x) else None,
            "std": float(np.sqrt(variance(x))) if len(x) > 1 else None,
            "median": float(np.median(x)) if len(x) else None,
        }


@dataclass
class Table:
    """Counts of two columns of categories, or of one (then `columns` is empty)."""

    counts: np.ndarray
    rows: list[str]
    columns: list[str] = field(default_factory=list)


def by_group(column: Column, group: Column) -> tuple[list[Sample], int]:
    """The samples of a numeric column, one per value of the group column, and how many rows had to be left out."""
    codes, levels = group.grouping()
    known = (codes >= 0) & ~column.missing
    samples = [Sample(column.name, level, column.values[known & (codes == code)]) for code, level in enumerate(levels)]
    return samples, int(np.count_nonzero(~known))


def alone(column: Column) -> tuple[Sample, int]:
    return Sample(column.name, None, column.present), column.missing_count


def together(columns: list[Column]) -> tuple[np.ndarray, int]:
    """The rows in which no column is missing: one array row each."""
    known = ~np.any([column.missing for column in columns], axis=0)
    return np.column_stack([column.values[known] for column in columns]), int(np.count_nonzero(~known))


def counted(column: Column) -> tuple[Table, int]:
    codes, levels = column.grouping()
    return Table(np.bincount(codes[codes >= 0], minlength=len(levels)), levels), int(np.count_nonzero(codes < 0))


def crossed(first: Column, second: Column) -> tuple[Table, int]:
    """The table of counts; values that only occur where the other column is missing have no line in it."""
    (a, rows), (b, columns) = first.grouping(), second.grouping()
    known = (a >= 0) & (b >= 0)
    counts = np.zeros((len(rows), len(columns)), dtype=np.int64)
    np.add.at(counts, (a[known], b[known]), 1)
    left_out = int(np.count_nonzero(~known))
    used_rows, used_columns = counts.sum(axis=1) > 0, counts.sum(axis=0) > 0
    table = Table(
        counts[used_rows][:, used_columns],
        [name for name, used in zip(rows, used_rows) if used],
        [name for name, used in zip(columns, used_columns) if used],
    )
    return table, left_out


def squared(first: Column, second: Column) -> tuple[Table, int]:
    """Both columns over the same values, for tests of change."""
    table, left_out = crossed(first, second)
    values = sorted(set(table.rows) | set(table.columns))
    if len(values) != 2:
        raise CannotTest("wrong_table_shape", "Needs the same two values in both columns.")
    counts = np.zeros((2, 2), dtype=np.int64)
    for i, row in enumerate(table.rows):
        for j, column in enumerate(table.columns):
            counts[values.index(row), values.index(column)] = table.counts[i, j]
    return Table(counts, values, values), left_out


def need(samples: list[Sample], least: int) -> None:
    """Every sample needs `least` values."""
    for sample in samples:
        if len(sample.values) < least:
            raise CannotTest("not_enough_data", f"{sample.name} has {len(sample.values)} values, at least {least} are needed.")
