"""A typed table as pandas has it, for the charts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..envelope import Job
from ..table import Table

FIRST, LAST = np.datetime64("1700-01-01", "us"), np.datetime64("2250-01-01", "us")

LARGEST = 1e300


def frame(table: Table, job: Job) -> pd.DataFrame:
    """Numbers as floats, dates as dates, labels as words; missing as pandas says it."""
    columns = {}
    for column in table.columns:
        if column.is_label:
            words = np.array([*column.levels, None], dtype=object)
            columns[column.name] = pd.Series(words[column.codes])
        elif column.kind == "date":
            columns[column.name] = pd.Series(_dates(column.values, column.name, job))
        else:
            columns[column.name] = pd.Series(_numbers(column.values, column.name, job))
    return pd.DataFrame(columns)


def _numbers(values: np.ndarray, name: str, job: Job) -> np.ndarray:
    """Differences and sums of still larger numbers are no numbers any more."""
    far = np.abs(values) > LARGEST
    if far.any():
        job.warn("values_not_drawn", f"Values of `{name}` beyond 1e300 are not in the charts.", name)
        values = np.where(far, np.nan, values)
    return values


def _dates(values: np.ndarray, name: str, job: Job) -> np.ndarray:
    """pandas counts nanoseconds and knows no other centuries; a date like 9999-12-31 would become one of 1816."""
    far = (values < FIRST) | (values >= LAST)
    if far.any():
        job.warn("dates_not_drawn", f"Dates of `{name}` before 1700 or after 2249 are not in the charts.", name)
        values = np.where(far, np.datetime64("NaT"), values)
    return values.astype("datetime64[ns]")
