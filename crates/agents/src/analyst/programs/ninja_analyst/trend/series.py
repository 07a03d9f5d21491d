"""A series: one value per time, in the order of time. Says what had to be done to get there."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ninja_analyst.columns import date_text, number_text
from ninja_analyst.envelope import Job, Refused
from ninja_analyst.trend import frequency
from ninja_analyst.trend.frequency import Frequency

if TYPE_CHECKING:
    from ninja_analyst.columns import Column

DAY_IN_MICROSECONDS = 86_400_000_000


@dataclass
class Series:
    """`x`: time since the first point in `unit`. `period`: the number of each point's period, None without a frequency."""

    name: str
    x: np.ndarray
    values: np.ndarray
    labels: list[str]
    frequency: Frequency | None
    unit: str
    period: np.ndarray | None
    duplicates: int

    @property
    def gaps(self) -> int | None:
        """Periods without a point; None when there are no periods."""
        return None if self.period is None else int(self.period[-1] - self.period[0] + 1 - len(np.unique(self.period)))


def of(time: Column, column: Column, asked: str | None, job: Job) -> Series:
    """Rows without a time or a value are left out, times that occur twice are averaged; both are said."""
    known = ~(time.missing | column.missing)
    job.drop(f"missing in {time.name} or {column.name}", int(np.count_nonzero(~known)))
    at, values = time.values[known], column.values[known]
    if np.any(at[1:] < at[:-1]):
        job.warn("unsorted_times", f"The rows were not in the order of `{time.name}`; they were sorted.", time.name)
    moments, place, counts = np.unique(at, return_inverse=True, return_counts=True)
    duplicates = len(at) - len(moments)
    if duplicates:
        text = f"{duplicates} rows repeat a time of `{time.name}`; the mean of the values at a time was used."
        job.warn("duplicate_times", text, column.name)
        with np.errstate(all="ignore"):
            values = np.bincount(place, weights=values) / counts
    else:
        values = values[np.argsort(at, kind="stable")]
    return _series(column.name, moments, values, time.kind == "date", asked, duplicates, job)


def _series(
    name: str, moments: np.ndarray, values: np.ndarray, dates: bool, asked: str | None, duplicates: int, job: Job
) -> Series:
    times = moments.astype("M8[us]").astype(np.int64) / DAY_IN_MICROSECONDS if dates else moments
    found = None
    if len(times) > 1:
        found = frequency.of_dates(times) if dates else frequency.of_numbers(times)
    if asked is not None:
        found = _asked(asked, found, name, job)
    unit = found.name if found else "day" if dates else "unit of time"
    length = found.days if found and dates else 1.0
    with np.errstate(all="ignore"):
        period = frequency.periods(times, found, dates) if found else None
    write = date_text if dates else number_text
    labels = [write(moment) for moment in moments]
    series = Series(name, (times - times[:1].sum()) / length, values, labels, found, unit, period, duplicates)
    if series.gaps:
        job.warn("gaps", f"{series.gaps} periods ({found.name}) between the first and the last have no value.", name)
    return series


def _asked(name: str, found: Frequency | None, column: str, job: Job) -> Frequency:
    asked = frequency.NAMES.get(name.strip().lower())
    if asked is None:
        known = ", ".join(known.name for known in frequency.KNOWN)
        raise Refused("not_enough_data", f"`{name}` is no frequency. There is: {known}.", "/frequency")
    if found is not None and found != asked:
        text = f"The times are a {found.name} apart; the frequency asked for is {asked.name}."
        job.warn("frequency_differs", text, column)
    return asked
