"""Categories of a chart: the largest by name, the rest as one, the missing as a category of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from . import labels

MOST = 8
"""No chart tells more series apart by colour."""


@dataclass(frozen=True)
class Groups:
    """For each row its category, as a number into `values`."""

    codes: np.ndarray
    values: list[Any]
    """None = missing. The last one stands for the rest if `rest` is not 0."""
    rest: int

    @property
    def names(self) -> list[str]:
        """The words on the chart, unshortened."""
        names = [labels.name(value) for value in self.values]
        if self.rest:
            names[-1] = f"{labels.OTHER} ({labels.count(self.rest)} more)"
        return names

    def keys(self) -> list[Any]:
        """The words in the table: missing stays empty."""
        return [None if value is None else name for value, name in zip(self.values, self.names)]

    def __len__(self) -> int:
        return len(self.values)


def of(column: pd.Series, limit: int, *, weight: pd.Series | None = None, ordered: bool = False, missing: bool = True) -> Groups:
    """The `limit` heaviest categories of `column` (rows, or the sum of `weight`); the last of them is the rest when there are more.

    Ordered columns (numbers, dates, yes or no) keep their order, all others go from the heaviest to the lightest, and by
    name where they weigh the same; missing comes last. Rows without a category get the code -1 unless `missing`.
    """
    present = column.notna().to_numpy()
    codes = np.full(len(column), -1)
    found, values = pd.factorize(column[present], sort=False)
    codes[present] = found
    loads = np.bincount(found, weights=None if weight is None else weight.to_numpy(dtype=float)[present], minlength=len(values))
    listed = [_plain(value) for value in values]
    heavy = sorted(range(len(listed)), key=lambda i: (-loads[i], labels.name(listed[i])))
    gap = missing and not present.all()
    room = limit - (1 if gap else 0)
    rest = max(0, len(listed) - room + 1) if len(listed) > room else 0
    kept = heavy[: len(heavy) - rest]
    if ordered:
        kept = sorted(kept, key=lambda i: listed[i])
    place = np.full(len(listed) + 1, -1)
    for at, i in enumerate(kept):
        place[i] = at
    shown = [listed[i] for i in kept]
    if gap:
        place[-1] = len(shown)
        shown.append(None)
    if rest:
        place[heavy[len(heavy) - rest :]] = len(shown)
        shown.append(labels.OTHER)
    return Groups(place[codes], shown, rest)


def _plain(value: Any) -> Any:
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False)
    return value


def is_ordered(kind: str) -> bool:
    """Whether the values of a column of this kind have an order of their own."""
    return kind in ("numeric", "date", "boolean")
