"""Paired samples without means: Wilcoxon's signed ranks and the sign test."""
import math

import numpy as np

from ninja_analyst.distributions import normal_p, normal_quantile
from ninja_analyst.ranks import WalshAverages, has_ties, midranks
from ninja_analyst.tests.outcome import CannotTest, Effect, Options, Outcome
from ninja_analyst.tests.proportions import binomial_p
from ninja_analyst.tests.rank_sum import EXACT_BELOW, corrected_z, exact_p, exact_rank


def wilcoxon(differences: np.ndarray, options: Options) -> Outcome:
    """V = the sum of the ranks of the positive differences; zeros are left out (Wilcoxon)."""
    x = differences - options.shift
    zeros = int(np.count_nonzero(x == 0.0))
    x = x[x != 0.0]
    n = len(x)
    if n < 2:
        raise CannotTest("not_enough_data", "Fewer than 2 differences are not zero.")
    ranks, ties = midranks(np.abs(x))
    v = float(np.sum(ranks[x > 0]))
    total = n * (n + 1) / 2.0
    exact = n < EXACT_BELOW and ties == 0.0 and zeros == 0
    if exact:
        p = exact_p(signed_rank_counts(n), int(v), options)
    else:
        variance = n * (n + 1) * (2 * n + 1) / 24.0 - ties / 48.0
        p = normal_p(corrected_z(v - total / 2, variance, options), options.alternative)
    outcome = Outcome(("V", v), p, n)
    outcome.estimate = ("pseudo_median", WalshAverages(x).median() + options.shift)
    low, high = _interval(x, exact, options)
    outcome.ci = (low + options.shift, high + options.shift)
    outcome.effect = Effect("rank_biserial", 2.0 * v / total - 1.0)
    if not exact:
        why = "differences are tied" if ties else "differences are zero" if zeros else "of the number of pairs"
        outcome.warn("normal_approximation", f"p is from the normal approximation, because {why}.")
    _warn_zeros(outcome, zeros)
    return outcome


def sign(differences: np.ndarray, options: Options) -> Outcome:
    """S = how many differences are positive, of those that are not zero; the estimate is their median."""
    x = differences - options.shift
    zeros = int(np.count_nonzero(x == 0.0))
    positive, n = int(np.count_nonzero(x > 0.0)), len(x) - zeros
    if n < 1:
        raise CannotTest("not_enough_data", "All differences are zero.")
    outcome = Outcome(("S", float(positive)), binomial_p(positive, n, 0.5, options.alternative), n)
    outcome.estimate = ("median", float(np.median(differences)))
    outcome.ci = _median_interval(np.sort(differences), options)
    outcome.effect = Effect("cohens_g", positive / n - 0.5)
    _warn_zeros(outcome, zeros)
    return outcome


def signed_rank_counts(n: int) -> list[int]:
    """How many of the 2^n signs give V = 0, 1, … n(n+1)/2."""
    counts = [1] + [0] * (n * (n + 1) // 2)
    for rank in range(1, n + 1):
        for i in range(len(counts) - 1, rank - 1, -1):
            counts[i] += counts[i - rank]
    return counts


def _interval(x: np.ndarray, exact: bool, options: Options) -> tuple[float, float]:
    averages = WalshAverages(x)
    alpha = options.alpha / 2 if options.alternative == "two-sided" else options.alpha
    n = len(x)
    if exact and not has_ties(np.abs(x)):
        rank = exact_rank(signed_rank_counts(n), alpha)
    else:
        deviation = math.sqrt(n * (n + 1) * (2 * n + 1) / 24.0)
        rank = max(1, math.floor(n * (n + 1) / 4.0 - normal_quantile(1.0 - alpha) * deviation))
    low = -math.inf if options.alternative == "less" else averages.kth(rank)
    high = math.inf if options.alternative == "greater" else averages.kth(averages.count + 1 - rank)
    return low, high


def _median_interval(x: np.ndarray, options: Options) -> tuple[float, float]:
    """The narrowest pair of order statistics whose coverage is at least the level; without one, the whole line."""
    n = len(x)
    alpha = options.alpha / 2 if options.alternative == "two-sided" else options.alpha
    # The largest k with P(Binomial(n, 1/2) <= k - 1) <= alpha.
    k = 0
    while k < n and binomial_p(k, n, 0.5, "less") <= alpha * (1 + 1e-12):
        k += 1
    if k == 0:
        return -math.inf, math.inf
    low = -math.inf if options.alternative == "less" else float(x[k - 1])
    high = math.inf if options.alternative == "greater" else float(x[n - k])
    return low, high


def _warn_zeros(outcome: Outcome, zeros: int) -> None:
    if zeros:
        outcome.warn("zeros_left_out", f"{zeros} differences are zero and were left out.")
