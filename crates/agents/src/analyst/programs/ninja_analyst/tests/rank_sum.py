"""Mann-Whitney: does one sample tend to larger values?"""
import math

import numpy as np

from ninja_analyst.distributions import normal_p, normal_quantile, two_tailed
from ninja_analyst.ranks import Differences, has_ties, midranks
from ninja_analyst.tests.outcome import Effect, Options, Outcome

EXACT_BELOW = 50


def mann_whitney(a: np.ndarray, b: np.ndarray, options: Options) -> Outcome:
    """U of the first sample; the estimate is the Hodges-Lehmann shift."""
    m, n = len(a), len(b)
    shifted = a - options.shift
    ranks, ties = midranks(np.concatenate([shifted, b]))
    u = float(np.sum(ranks[:m])) - m * (m + 1) / 2
    exact = m < EXACT_BELOW and n < EXACT_BELOW and ties == 0.0
    if exact:
        counts = rank_sum_counts(m, n)
        p = exact_p(counts, int(u), options)
    else:
        variance = m * n / 12.0 * (m + n + 1 - ties / ((m + n) * (m + n - 1)))
        p = normal_p(corrected_z(u - m * n / 2.0, variance, options), options.alternative)
    outcome = Outcome(("U", u), p, m + n, None, ("hodges_lehmann_shift", math.nan))
    outcome.estimate = ("hodges_lehmann_shift", Differences(a, b).median())
    outcome.ci = shift_interval(a, b, options)
    outcome.effect = Effect("rank_biserial", 2.0 * u / (m * n) - 1.0)
    if not exact:
        why = "values are tied" if ties else f"a sample has {EXACT_BELOW} values or more"
        outcome.warn("normal_approximation", f"p is from the normal approximation, because {why}.")
    if ties and len(np.unique(np.concatenate([shifted, b]))) == 1:
        outcome.warn("zero_variance", "All values are equal, so their ranks say nothing.")
    return outcome


def shift_interval(a: np.ndarray, b: np.ndarray, options: Options) -> tuple[float, float]:
    """Order statistics of the differences (Hollander & Wolfe): exact ranks when the test is exact."""
    m, n = len(a), len(b)
    alpha = options.alpha / 2 if options.alternative == "two-sided" else options.alpha
    if m < EXACT_BELOW and n < EXACT_BELOW and not has_ties(np.concatenate([a, b])):
        rank = exact_rank(rank_sum_counts(m, n), alpha)
    else:
        deviation = math.sqrt(m * n * (m + n + 1) / 12.0)
        rank = max(1, math.floor(m * n / 2.0 - normal_quantile(1.0 - alpha) * deviation))
    differences = Differences(a, b)
    low = -math.inf if options.alternative == "less" else differences.kth(rank)
    high = math.inf if options.alternative == "greater" else differences.kth(m * n + 1 - rank)
    return low, high


def corrected_z(distance: float, variance: float, options: Options) -> float:
    """z with the continuity correction, towards the middle."""
    if variance <= 0.0:
        return math.nan
    step = {"two-sided": math.copysign(0.5, distance) if distance else 0.0, "greater": 0.5, "less": -0.5}
    return (distance - step[options.alternative]) / math.sqrt(variance)


def rank_sum_counts(m: int, n: int) -> list[int]:
    """How many of the choose(m + n, m) orders give U = 0, 1, … m n: the Gaussian binomial coefficients.

    Whole numbers of any size: floats would lose the tails, where the small p are.
    """
    counts = [1] + [0] * (m * n)
    for k in range(1, m + 1):
        for i in range(m * n, n + k - 1, -1):  # times (1 - q^(n+k))
            counts[i] -= counts[i - n - k]
        for i in range(k, m * n + 1):  # divided by (1 - q^k)
            counts[i] += counts[i - k]
    return counts


def exact_p(counts: list[int], value: int, options: Options) -> float:
    total = sum(counts)
    return two_tailed(sum(counts[: value + 1]) / total, sum(counts[value:]) / total, options.alternative)


def exact_rank(counts: list[int], alpha: float) -> int:
    """The quantile of the null distribution, at least 1: the rank of the interval's lower end."""
    wanted, seen = alpha * sum(counts) * (1 - 1e-12), 0
    for value, count in enumerate(counts):
        seen += count
        if seen >= wanted:
            return max(1, value)
    return max(1, len(counts) - 1)
