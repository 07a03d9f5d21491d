"""How often a series was measured: an hour, a day, … or a step of a numeric time column."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Frequency:
    """`days`: mean length of a period; `shortest` and `longest` what a calendar makes of it; `season`: periods in a cycle."""

    name: str
    days: float
    shortest: float
    longest: float
    season: int | None


HOUR = Frequency("hour", 1 / 24, 1 / 24, 1 / 24, 24)
DAY = Frequency("day", 1.0, 1.0, 1.0, 7)
WEEK = Frequency("week", 7.0, 7.0, 7.0, 52)
MONTH = Frequency("month", 365.2425 / 12, 28.0, 31.0, 12)
QUARTER = Frequency("quarter", 365.2425 / 4, 90.0, 92.0, 4)
YEAR = Frequency("year", 365.2425, 365.0, 366.0, None)
KNOWN = (HOUR, DAY, WEEK, MONTH, QUARTER, YEAR)
NAMES = {frequency.name: frequency for frequency in KNOWN} | {
    "h": HOUR, "hourly": HOUR, "d": DAY, "daily": DAY, "b": DAY, "w": WEEK, "weekly": WEEK, "m": MONTH, "ms": MONTH,
    "monthly": MONTH, "q": QUARTER, "qs": QUARTER, "quarterly": QUARTER, "y": YEAR, "a": YEAR, "ys": YEAR,
    "yearly": YEAR, "annual": YEAR,
}
# The share of the spacings that must be one period, the others being gaps.
REGULAR = 0.8
MOST_PERIODS = 1e8


def of_dates(days: np.ndarray) -> Frequency | None:
    """The frequency of increasing times in days, if there is one. An hour of daylight saving is forgiven."""
    spacing = np.diff(days)
    for frequency in KNOWN:
        slack = 0.05 if frequency.days >= 1.0 else 1e-6
        fits = (spacing >= frequency.shortest - slack) & (spacing <= frequency.longest + slack)
        if np.mean(fits) >= REGULAR:
            return frequency
    return None


def of_numbers(times: np.ndarray) -> Frequency | None:
    """Whole numbers that look like years are years; other numbers have no calendar."""
    years = np.all(times == np.floor(times)) and times[0] >= 1000 and times[-1] <= 2200
    return YEAR if years and np.mean(np.diff(times) == 1.0) >= REGULAR else None


def periods(times: np.ndarray, frequency: Frequency, dates: bool) -> np.ndarray | None:
    """The number of each point's period, counted from the first: gaps leave numbers out. None where there are no points,
    or more periods than could be meant."""
    unit = frequency.days if dates else 1.0
    if not len(times) or not (times[-1] - times[0]) / unit < MOST_PERIODS:
        return None
    return np.round((times - times[0]) / unit).astype(np.int64)
