"""Two sets beside each other: difference of means, shift, standardised difference, dominance."""
from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np

from ninja_analyst.compare import cliffs_delta, posthoc
from ninja_analyst.envelope import Job
from ninja_analyst.ranks import Differences
from ninja_analyst.tests import means, rank_sum
from ninja_analyst.tests.outcome import Options


def pairs(names: list[str], sets: list[np.ndarray], options: Options, job: Job) -> list[dict[str, Any]]:
    """Every pair once, the earlier set first: a - b."""
    by_means, by_ranks = posthoc.games_howell(sets), posthoc.dunn_holm(sets)
    return [
        {**_pair(names[i], names[j], sets[i], sets[j], options, job), "p_games_howell": by_means[k], "p_dunn_holm": by_ranks[k]}
        for k, (i, j) in enumerate(combinations(range(len(sets)), 2))
    ]


def _pair(name: str, other: str, a: np.ndarray, b: np.ndarray, options: Options, job: Job) -> dict[str, Any]:
    welch = means.welch(a, b, options)
    if welch.warnings:
        job.not_computable("interval of the difference", f"{name} and {other} have no spread", None)
    assert welch.estimate is not None and welch.ci is not None and welch.effect is not None
    dominance = cliffs_delta.interval(a, b, options.level)
    if math.isnan(dominance[0]):
        text = f"The interval of Cliff's delta is not computed for more than {cliffs_delta.MOST_VALUES} values."
        job.warn("too_many_rows", text)
    return {
        "a": name, "b": other,
        "mean_difference": welch.estimate[1], "ci": interval(welch.ci, options),
        "hodges_lehmann": Differences(a, b).median(), "hodges_lehmann_ci": interval(rank_sum.shift_interval(a, b, options), options),
        "hedges_g": welch.effect.value, "hedges_g_ci": interval((welch.effect.low, welch.effect.high), options),
        "cliffs_delta": cliffs_delta.delta(a, b), "cliffs_delta_ci": interval(dominance, options),
    }


def interval(ends: tuple[float | None, float | None], options: Options) -> dict[str, Any]:
    return {"level": options.level, "low": ends[0], "high": ends[1]}
