"""Summaries of a column, exact where arithmetic allows it.

Sums are `math.fsum`: rounded once, so their order does not matter. Moments are taken in two passes from the mean, in
units of a power of two, so that 1e308 does not overflow and 1e-200 does not vanish. What cannot be computed is null,
and the job is told why. The formulas stand in docs/analysis.md.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ninja_analyst.columns import Column, date_texts
from ninja_analyst.envelope import Job

MOST_VALUES = 20


def describe(column: Column, confidence: float, job: Job) -> dict[str, Any]:
    """What descriptive statistics say about a column, by its kind."""
    told = {
        "name": column.name, "kind": column.kind, "count": column.count,
        "missing": column.missing_count, "distinct": column.distinct,
    }
    if column.kind == "numeric":
        return told | numeric(column, confidence, job)
    if column.kind == "date":
        return told | dated(column)
    return told | labels(column) if column.is_label else told


def numeric(column: Column, confidence: float, job: Job) -> dict[str, Any]:
    """Location, spread, shape and the interval of the mean."""
    values = np.sort(column.present)
    with np.errstate(over="ignore"):
        return _numeric(values, column.name, confidence, job)


def _numeric(values: np.ndarray, name: str, confidence: float, job: Job) -> dict[str, Any]:
    names = ("mean", "std", "sem", "min", "q25", "median", "q75", "max", "iqr", "mad", "skew", "kurtosis")
    if not len(values):
        job.not_computable("summary", "there is no value", name)
        interval = {"level": confidence, "low": None, "high": None}
        return {**dict.fromkeys(names), "zeros": 0, "ci": interval}
    mean, std = mean_and_std(values)
    skew, kurtosis = shape(values)
    q25, median, q75 = (quantile(values, share) for share in (0.25, 0.5, 0.75))
    sem = None if std is None else std / math.sqrt(len(values))
    low, high = mean_interval(mean, sem, len(values), confidence)
    mad = quantile(np.sort(np.abs(values - median)), 0.5)
    found = dict(zip(names, (
        mean, std, sem, float(values[0]), q25, median, q75, float(values[-1]),
        finite(q75 - q25), finite(mad), skew, kurtosis,
    )))
    _say_missing({**found, "low": low}, len(values), name, job)
    return {**found, "zeros": int((values == 0).sum()), "ci": {"level": confidence, "low": low, "high": high}}


# What each number needs: its words, and the fewest values.
_NEEDS = {
    "std": ("standard deviation", 2), "sem": ("standard error", 2), "low": ("interval of the mean", 2),
    "skew": ("skewness", 3), "kurtosis": ("kurtosis", 4), "iqr": ("interquartile range", 1),
    "mad": ("median absolute deviation", 1),
}


def _say_missing(found: dict[str, float | None], count: int, name: str, job: Job) -> None:
    lost = [_NEEDS[number] for number in _NEEDS if found[number] is None]
    short = [words for words, needed in lost if count < needed]
    if short:
        job.not_computable(listed(short), f"too few values ({count})", name)
    others = [words for words, needed in lost if count >= needed]
    if others:
        constant = found["min"] == found["max"]
        why = "all values are equal" if constant else "it is larger than a number can be"
        job.not_computable(listed(others), why, name)


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def mean_and_std(values: np.ndarray) -> tuple[float, float | None]:
    """Arithmetic mean, and standard deviation with n - 1 (None if n < 2 or beyond what a double holds)."""
    count = len(values)
    if values.min() == values.max():
        return float(values[0]), 0.0 if count > 1 else None
    mean, deviations, unit = centred(values)
    if count < 2:
        return mean, None
    variance = math.fsum((deviations * deviations).tolist()) / (count - 1)
    return mean, finite(math.sqrt(variance) * unit)


def centred(values: np.ndarray) -> tuple[float, np.ndarray, float]:
    """The mean, and the deviations from it in multiples of `unit`, a power of two near the largest of them."""
    scale = power_of_two(np.abs(values).max())
    scaled = values / scale
    mean = math.fsum(scaled.tolist()) / len(scaled)
    deviations = scaled - mean
    deviations -= math.fsum(deviations.tolist()) / len(scaled)  # what rounding the mean has moved all of them by
    unit = power_of_two(np.abs(deviations).max())
    return mean * scale, deviations / unit, unit * scale


def power_of_two(largest: float) -> float:
    """The power of two next below `largest`, dividing by which is exact."""
    return math.ldexp(1.0, max(min(math.frexp(largest)[1] - 1, 1022), -1021)) if largest > 0 else 1.0


def shape(values: np.ndarray) -> tuple[float | None, float | None]:
    """Skewness and excess kurtosis, both corrected for bias (G1 and G2)."""
    n = len(values)
    if n < 3 or values.min() == values.max():
        return None, None
    _, d, _ = centred(values)
    square = d * d
    m2, m3, m4 = (math.fsum(power.tolist()) / n for power in (square, square * d, square * square))
    if m2 == 0:
        return None, None
    skew = math.sqrt(n * (n - 1)) / (n - 2) * m3 / m2**1.5
    if n < 4:
        return skew, None
    return skew, (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m4 / m2**2 - 3) + 6)


def quantile(ordered: np.ndarray, share: float) -> float:
    """Linear between the two nearest of the ordered values (R's type 7)."""
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    part = place - below
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    if part == 0 or low == high:
        return low
    step = high - low
    return low + part * step if math.isfinite(step) else (1 - part) * low + part * high


def mean_interval(mean: float, sem: float | None, count: int, confidence: float) -> tuple[float | None, float | None]:
    """Student's interval of the mean."""
    if sem is None:
        return None, None
    from ninja_analyst.distributions import t_quantile  # scipy is needed by tables with numbers only

    reach = t_quantile((1 + confidence) / 2, count - 1) * sem
    return finite(mean - reach), finite(mean + reach)


def finite(value: float) -> float | None:
    """`value`, or None if it is beyond what a double holds."""
    return float(value) if math.isfinite(value) else None


def labels(column: Column) -> dict[str, Any]:
    """The most frequent values and the entropy of all."""
    counts = np.bincount(column.present, minlength=len(column.levels))
    order = np.lexsort((np.arange(len(counts)), -counts))[:MOST_VALUES]
    total = column.count
    top = [
        {"value": column.levels[code], "count": int(counts[code]), "share": int(counts[code]) / total}
        for code in order if counts[code]
    ]
    return {"top": top, "entropy_bits": entropy_bits(counts[counts > 0])}


def entropy_bits(counts: np.ndarray) -> float | None:
    """Shannon's entropy of the shares, in bits; 0 for a constant."""
    total = int(counts.sum())
    if total == 0:
        return None
    shares = counts / total
    return max(-math.fsum((shares * np.log2(shares)).tolist()), 0.0)


def dated(column: Column) -> dict[str, Any]:
    """First and last date, their distance, and the periods that are missing between them."""
    days = np.unique(column.present)
    if not len(days):
        return dict.fromkeys(("min", "max", "span_days", "gaps"))
    first, last = date_texts(days[[0, -1]])
    span = (days[-1] - days[0]) / np.timedelta64(1, "D")
    return {"min": first, "max": last, "span_days": float(span), "gaps": gaps(days)}


def gaps(moments: np.ndarray) -> int | None:
    """How many dates are missing in a series that is regular but for them: by months if every one falls on the same day
    of the month, else by the most frequent step. None if there is no such regularity."""
    if len(moments) < 3:
        return None
    months = moments.astype("M8[M]")
    within = moments - months
    steps = np.diff(months.astype(np.int64)) if (within == within[0]).all() else np.diff(moments.astype(np.int64))
    sizes, counts = np.unique(steps, return_counts=True)
    step = sizes[counts.argmax()]
    if 2 * counts.max() < len(steps) or (steps % step).any():
        return None
    return int((steps // step - 1).sum())
