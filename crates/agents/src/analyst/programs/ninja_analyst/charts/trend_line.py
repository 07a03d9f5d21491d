"""The median slope through a single series, with the fan of slopes that the data allow: as in `trend_analysis`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from . import theme
from ..trend.mann_kendall import mann_kendall
from ..trend.slopes import theil_sen

FEWEST, MOST = 8, 2_000
LEVEL = 0.95
NOTE = "dashed: Theil-Sen slope with its 95 % interval"


@dataclass(frozen=True)
class Trend:
    """Slopes per day, or per unit of a numeric x. The line and its fan pass through the pivot, the middle of the points."""

    x: np.ndarray
    slope: float
    low: float
    high: float
    pivot: tuple[float, float]

    def at(self, slope: float) -> np.ndarray:
        """The heights of a line of that slope."""
        return self.pivot[1] + slope * (self.x - self.pivot[0])


def of(x: pd.Series, y: np.ndarray) -> Trend | None:
    """None for series that are too short to have a trend or too long to look at all pairs."""
    if not FEWEST <= len(y) <= MOST or np.ptp(y) == 0:
        return None
    dated = pd.api.types.is_datetime64_any_dtype(x)
    at = x.to_numpy().astype("datetime64[us]").astype(np.int64) / 86_400e6 if dated else x.to_numpy(float)
    with np.errstate(all="ignore"):
        found = theil_sen(at, y, mann_kendall(at, y)["var_s"], LEVEL)
        middle = float(np.median(at))
        height = float(np.median(y - found["slope"] * (at - middle)))
    if not np.isfinite([found["slope"], found["low"], found["high"], height]).all():
        return None
    return Trend(at, found["slope"], found["low"], found["high"], (middle, height))


def draw(axes: Axes, trend: Trend, place: np.ndarray, scaled) -> None:
    """The fan, then the dashed line, and its name at its end."""
    sides = scaled(trend.at(trend.low)), scaled(trend.at(trend.high))
    axes.fill_between(place, np.minimum(*sides), np.maximum(*sides), color=theme.ACCENT, alpha=0.16, linewidth=0)
    line = scaled(trend.at(trend.slope))
    axes.plot(place, line, color=theme.ACCENT, linewidth=2.4, linestyle=(0, (4, 3)))
    theme.at_ends(axes, ["trend"], [theme.ACCENT], [float(line[-1])])
