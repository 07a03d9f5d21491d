"""Values far from the rest, by two rules: beyond Tukey's fences (1.5 interquartile ranges outside the quartiles), and a
modified z-score above 3.5 (0.6745 times the distance from the median, in median absolute deviations)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ninja_analyst.columns import Column
from ninja_analyst.numbers import finite, quantile

FENCE = 1.5
LARGEST_MODIFIED_Z = 3.5


@dataclass
class Outliers:
    """Masks over the rows. `by_z` is None where more than half of the values are equal: there is no scale then."""

    low: float | None
    high: float | None
    by_fence: np.ndarray
    by_z: np.ndarray | None

    def counts(self) -> dict[str, int | None]:
        """How many each rule finds."""
        by_z = None if self.by_z is None else int(self.by_z.sum())
        return {"iqr": int(self.by_fence.sum()), "modified_z": by_z}

    def told(self) -> dict[str, Any]:
        """The counts with the fences."""
        return {**self.counts(), "low": self.low, "high": self.high}


def outliers(column: Column) -> Outliers | None:
    """The outliers of a numeric column, None if it has no values."""
    ordered = np.sort(column.present)
    if not len(ordered):
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        q25, median, q75 = (quantile(ordered, share) for share in (0.25, 0.5, 0.75))
        low, high = q25 - FENCE * (q75 - q25), q75 + FENCE * (q75 - q25)
        values = column.values
        by_fence = (values < low) | (values > high)
        distance = np.abs(values - median)
        mad = quantile(np.sort(np.abs(ordered - median)), 0.5)
        by_z = 0.6745 * distance > LARGEST_MODIFIED_Z * mad if 0 < mad < np.inf else None
    if by_z is None and ordered[0] == ordered[-1]:
        by_z = np.zeros(len(values), bool)  # a constant has no outliers, whatever the scale
    return Outliers(finite(low), finite(high), by_fence, by_z)
