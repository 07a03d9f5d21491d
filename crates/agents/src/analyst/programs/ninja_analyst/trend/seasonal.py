"""Season and trend of a series with a known cycle: STL, robust (Cleveland et al. 1990)."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ninja_analyst.envelope import Job
from ninja_analyst.trend.series import Series

SEASONAL_WINDOW = 7
# More interpolated periods than this share, and the seasons would be our own invention.
MOST_GAPS = 0.2
MOST_POINTS = 50_000


@dataclass
class Seasonal:
    """What STL found; `residuals` are those of the measured points, in their order."""

    report: dict[str, Any]
    residuals: np.ndarray


def stl(series: Series, job: Job) -> Seasonal | None:
    """None when there is no known cycle, or fewer than two of them."""
    season = series.frequency.season if series.frequency else None
    if season is None or series.period is None or series.period[-1] + 1 < 2 * season:
        return None
    grid = _grid(series, job)
    if grid is None:
        return None
    from statsmodels.tsa._stl import STL  # the compiled part alone: the public path imports all models

    low_pass = season + 1 + season % 2  # the least odd number above the cycle
    trend = int(np.ceil(1.5 * season / (1 - 1.5 / SEASONAL_WINDOW)))
    found = STL(grid, season, SEASONAL_WINDOW, trend + 1 - trend % 2, low_pass, robust=True).fit(inner_iter=1, outer_iter=15)
    rest = np.asarray(found.resid)
    report = {
        "period": season,
        "seasonal_strength": _strength(rest, np.asarray(found.seasonal)),
        "trend_strength": _strength(rest, np.asarray(found.trend)),
    }
    return Seasonal(report, rest[series.period])


def _grid(series: Series, job: Job) -> np.ndarray | None:
    """The values on every period, gaps interpolated."""
    length = int(series.period[-1]) + 1
    gaps = series.gaps or 0
    if len(np.unique(series.period)) < len(series.period):
        job.warn("no_seasons", "Several times fall into one period, so no seasons were sought.", series.name)
        return None
    if length > MOST_POINTS or gaps > MOST_GAPS * length:
        why = f"{gaps} of {length} periods have no value" if gaps > MOST_GAPS * length else f"there are more than {MOST_POINTS} periods"
        job.warn("no_seasons", f"No seasons were sought: {why}.", series.name)
        return None
    if gaps:
        job.warn("gaps_interpolated", f"For the seasons alone, {gaps} missing periods were interpolated.", series.name)
    return np.interp(np.arange(length), series.period, series.values)


def _strength(rest: np.ndarray, part: np.ndarray) -> float:
    """1 - var(rest) / var(part + rest), at least 0 (Wang, Smith & Hyndman 2006)."""
    whole = float(np.var(part + rest))
    return float(np.maximum(0.0, 1.0 - float(np.var(rest)) / whole)) if whole > 0.0 else float("nan")
