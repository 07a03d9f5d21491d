"""Several groups by ranks: Kruskal-Wallis for independent, Friedman for repeated measurements."""
import math

import numpy as np

from ninja_analyst.distributions import chi2_sf
from ninja_analyst.ranks import midranks
from ninja_analyst.tests.outcome import Effect, Options, Outcome


def kruskal(groups: list[np.ndarray], options: Options) -> Outcome:
    """H corrected for ties; epsilon squared = H / (n - 1)."""
    h, df = kruskal_parts(groups)
    n = sum(map(len, groups))
    outcome = Outcome(("H", h), chi2_sf(h, df), n, df, one_sided=False)
    outcome.effect = Effect("epsilon_squared", h / (n - 1.0))
    if math.isnan(h):
        outcome.warn("zero_variance", "All values are equal, so their ranks say nothing.")
    return outcome


def kruskal_parts(groups: list[np.ndarray]) -> tuple[float, float]:
    everything = np.concatenate(groups)
    n = len(everything)
    ranks, ties = midranks(everything)
    ends = np.cumsum([len(group) for group in groups])[:-1]
    sums = sum(float(np.sum(part)) ** 2 / len(part) for part in np.split(ranks, ends))
    correction = 1.0 - ties / (float(n) ** 3 - n)
    h = 12.0 * sums / (n * (n + 1.0)) - 3.0 * (n + 1.0)
    return (h / correction if correction > 0.0 else math.nan), len(groups) - 1.0


def friedman(blocks: np.ndarray, options: Options) -> Outcome:
    """One row per block, one column per treatment; corrected for ties. The effect is Kendall's W."""
    n, k = blocks.shape
    sums, ties = np.empty(k), 0.0
    for j in range(k):  # the rank of column j in each row: how many are below, and half of its equals
        mine = blocks[:, [j]]
        equal = np.sum(blocks == mine, axis=1, dtype=float)
        sums[j] = np.sum(np.sum(blocks < mine, axis=1) + (equal + 1.0) / 2.0)
        ties += float(np.sum(equal * equal - 1.0))
    above = 12.0 * float(np.sum((sums - n * (k + 1) / 2.0) ** 2))
    below = n * k * (k + 1) - ties / (k - 1)
    q = above / below if below > 0.0 else math.nan
    outcome = Outcome(("Q", q), chi2_sf(q, k - 1.0), n, k - 1.0, one_sided=False)
    outcome.effect = Effect("kendalls_w", q / (n * (k - 1.0)))
    if math.isnan(q):
        outcome.warn("zero_variance", "Within each row all values are equal, so their ranks say nothing.")
    return outcome
