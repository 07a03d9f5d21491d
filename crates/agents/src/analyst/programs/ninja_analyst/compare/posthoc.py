"""Pairwise p that know how many pairs there are: Games and Howell for means, Dunn with Holm for ranks."""
from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from ninja_analyst.distributions import normal_p
from ninja_analyst.ranks import midranks
from ninja_analyst.tests.means import welch_parts


def games_howell(sets: list[np.ndarray]) -> list[float]:
    """The studentized range of Welch's t times the root of 2; one p per pair, in the order of `combinations`."""
    from scipy.stats import studentized_range  # most of a second to import: only here

    answers = []
    for a, b in combinations(sets, 2):
        difference, error, df = welch_parts(a, b)
        q = abs(difference) / error * math.sqrt(2.0) if error > 0.0 and math.isfinite(error) else math.nan
        answers.append(float(studentized_range.sf(q, len(sets), df)) if math.isfinite(q) else math.nan)
    return answers


def dunn_holm(sets: list[np.ndarray]) -> list[float]:
    """Differences of mean ranks over all sets, variance corrected for ties, p adjusted by Holm's steps."""
    everything = np.concatenate(sets)
    n = len(everything)
    ranks, ties = midranks(everything)
    ends = np.cumsum([len(values) for values in sets])[:-1]
    parts = np.split(ranks, ends)
    spread = n * (n + 1) / 12.0 - ties / (12.0 * (n - 1))
    raw = []
    for a, b in combinations(parts, 2):
        error = math.sqrt(spread * (1 / len(a) + 1 / len(b))) if spread > 0.0 else math.nan
        raw.append(normal_p(float(np.mean(a) - np.mean(b)) / error, "two-sided"))
    return holm(raw)


def holm(p: list[float]) -> list[float]:
    """The smallest p times their number, the next times one less, …; never falling, never above 1."""
    order = np.argsort(p, kind="stable")
    adjusted, most = [math.nan] * len(p), 0.0
    for step, place in enumerate(order):
        if math.isnan(p[place]):
            continue
        most = max(most, (len(p) - step) * p[place])
        adjusted[place] = most if most < 1.0 else 1.0
    return adjusted
