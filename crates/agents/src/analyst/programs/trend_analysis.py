"""What happens to numbers over time: trend, slope, seasons, jumps, odd points. Formulas: docs/statistics.md.

Arguments: `time_column` (dates, or numbers such as years), `value` (a column; else every numeric one, at most 10),
`frequency`, `confidence`.
"""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ninja_analyst.envelope import Job, Refused, main
from ninja_analyst.trend import change_points, series, slopes
from ninja_analyst.trend.anomalies import anomalies, from_neighbours
from ninja_analyst.trend.autocorrelation import ljung_box
from ninja_analyst.trend.mann_kendall import hamed_rao, mann_kendall
from ninja_analyst.trend.seasonal import stl
from ninja_analyst.trend.series import Series

if TYPE_CHECKING:
    from ninja_analyst.columns import Column
    from ninja_analyst.table import Table

LEAST_POINTS = 8
MOST_COLUMNS = 10


def run(job: Job) -> dict[str, Any]:
    """One entry per value column that has enough points. None has: a warning, unless one was asked for by name."""
    table = job.table()
    time = table.column(job.arguments["time_column"], "/time_column")
    if time.kind not in ("date", "numeric"):
        raise Refused("wrong_column_type", f"`{time.name}` holds neither dates nor numbers.", "/time_column")
    level = float(job.arguments.get("confidence") or 0.95)
    job.use(time.name)
    found, short = [], []
    for column in _values(table, time, job):
        one = series.of(time, column, job.arguments.get("frequency"), job)
        if len(one.values) < LEAST_POINTS:
            short.append(f"`{column.name}` has {len(one.values)} points")
            job.warn("not_enough_data", f"`{column.name}` has {len(one.values)} points, a trend needs {LEAST_POINTS}.", column.name)
            continue
        job.use(column.name)
        with np.errstate(all="ignore"):
            found.append(_describe(one, level, job))
    if not found and job.arguments.get("value"):
        raise Refused("not_enough_data", f"A trend needs {LEAST_POINTS} points: {', '.join(short)}.", "/value")
    if not found and not short:
        job.warn("not_enough_data", f"There is no numeric column beside `{time.name}`.")
    return {"time_column": time.name, "series": found}


def _values(table: Table, time: Column, job: Job) -> list[Column]:
    asked = job.arguments.get("value")
    if asked:
        names = [asked] if isinstance(asked, str) else asked
        return [table.numeric(name, "/value") for name in names]
    columns = [column for column in table.of_kind("numeric") if column.name != time.name]
    if len(columns) > MOST_COLUMNS:
        text = f"Only the first {MOST_COLUMNS} of {len(columns)} numeric columns were looked at; name another as value."
        job.warn("columns_cut", text)
    return columns[:MOST_COLUMNS]


def _describe(one: Series, level: float, job: Job) -> dict[str, Any]:
    x, y, alpha = one.x, one.values, 1.0 - level
    trend = mann_kendall(x, y)
    chosen = slopes.thinned(len(y))
    if len(chosen) < len(y):
        job.warn("thinned", f"The Theil-Sen slope is of {len(chosen)} evenly spread points of {len(y)}.", one.name)
    variance = trend["var_s"] if len(chosen) == len(y) else mann_kendall(x[chosen], y[chosen])["var_s"]
    steep = slopes.theil_sen(x[chosen], y[chosen], variance, level)
    line, residuals = slopes.least_squares(x, y, level)
    dependent = ljung_box(residuals)
    corrected = None
    if dependent["p"] < alpha:
        corrected = hamed_rao(x, y, steep["slope"], trend)
        text = "Neighbouring values resemble each other, so the p of Mann-Kendall is too small; see that of Hamed and Rao."
        job.warn("autocorrelated", text, one.name)
    if not trend["var_s"] > 0.0:
        job.not_computable("trend", "all values are equal", one.name)
    decomposed = stl(one, job)
    return {
        "value_column": one.name, "n": len(y), "start": one.labels[0], "end": one.labels[-1],
        "frequency": one.frequency.name if one.frequency else None, "gaps": one.gaps, "duplicates": one.duplicates,
        "mann_kendall": trend, "hamed_rao": corrected,
        "theil_sen": {"slope": steep["slope"], "unit": f"per {one.unit}", **steep}, "ols": {**line, "unit": f"per {one.unit}"},
        "ljung_box": dependent, "stl": decomposed.report if decomposed else None,
        "change_points": _changes(one, alpha, corrected is not None, job),
        "anomalies": _anomalies(one, from_neighbours(y) if decomposed is None else decomposed.residuals, job),
        "direction": _direction(trend, corrected, alpha),
    }


def _changes(one: Series, alpha: float, dependent: bool, job: Job) -> list[dict[str, Any]]:
    if len(one.values) > change_points.MOST_POINTS:
        job.warn("no_change_points", f"Jumps are sought in up to {change_points.MOST_POINTS} points.", one.name)
        return []
    found, cut = change_points.change_points(one.values, one.labels, alpha)
    if cut:
        job.warn("change_points_cut", f"The search for jumps stopped at {change_points.MOST_CHANGES}.", one.name)
    if found and dependent:
        text = "Neighbouring values resemble each other: a trend or a slow wave also looks like jumps of the mean."
        job.warn("change_points_uncertain", text, one.name)
    return found


def _anomalies(one: Series, residuals: np.ndarray, job: Job) -> list[dict[str, Any]]:
    found, number = anomalies(one.values, residuals, one.labels)
    if number > len(found):
        job.warn("anomalies_cut", f"The {len(found)} farthest of {number} odd points are listed.", one.name)
    return found


def _direction(trend: dict[str, Any], corrected: dict[str, Any] | None, alpha: float) -> str:
    """By the corrected p where there is one: the plain one would be too sure."""
    p = trend["p"] if corrected is None or math.isnan(corrected["p"]) else corrected["p"]
    if not p < alpha:
        return "none"
    return "increasing" if trend["s"] > 0 else "decreasing"


if __name__ == "__main__":
    main("trend_analysis", run)
