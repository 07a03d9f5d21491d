"""Tables of two by two: Fisher's exact test, and McNemar's for pairs."""
import math
from typing import Callable

import numpy as np
from scipy import special

from ninja_analyst.distributions import chi2_sf
from ninja_analyst.tests.outcome import CannotTest, Effect, Options, Outcome
from ninja_analyst.tests.proportions import binomial_p, clopper_pearson

# Counts that are equal in exact arithmetic may differ in the last bits.
RELATIVE_ERROR = 1e-7


def fisher_exact(table: np.ndarray, options: Options) -> Outcome:
    """Odds ratio = the conditional maximum likelihood estimate, with its exact interval."""
    if table.shape != (2, 2):
        raise CannotTest("wrong_table_shape", f"Needs two values in each column, the table is {table.shape[0]} by {table.shape[1]}.")
    seen = int(table[0, 0])
    support, log_counts = _hypergeometric(table)
    null = _weights(log_counts, support, 0.0)
    place = seen - int(support[0])
    if options.alternative == "less":
        p = float(null[: place + 1].sum())
    elif options.alternative == "greater":
        p = float(null[place:].sum())
    else:
        p = float(null[null <= null[place] * (1 + RELATIVE_ERROR)].sum())
    ratio = _solve(lambda log_odds: float(_weights(log_counts, support, log_odds) @ support), seen, support)
    outcome = Outcome(("odds_ratio", ratio), p, int(table.sum()), None, ("odds_ratio", ratio))
    outcome.ci = _odds_interval(support, log_counts, place, options)
    outcome.effect = Effect("phi", _phi(table))
    if not math.isfinite(ratio):
        outcome.warn("zero_cell", "A cell is empty, so the odds ratio has no finite estimate.")
    return outcome


def mcnemar(table: np.ndarray, options: Options) -> Outcome:
    """Chi-square with the continuity correction of Edwards: did the shares change between two looks at the same rows?"""
    b, c = _discordant(table)
    x = (abs(b - c) - 1.0) ** 2 / (b + c) if b + c and b != c else 0.0 if b + c else math.nan
    outcome = Outcome(("chi_square", x), chi2_sf(x, 1.0), int(table.sum()), 1.0, one_sided=False)
    return _with_discordant(outcome, b, c, Options("two-sided", options.alpha))


def mcnemar_exact(table: np.ndarray, options: Options) -> Outcome:
    """The binomial test of the rows that changed."""
    b, c = _discordant(table)
    p = binomial_p(b, b + c, 0.5, options.alternative) if b + c else math.nan
    return _with_discordant(Outcome(("b", float(b)), p, int(table.sum())), b, c, options)


def _discordant(table: np.ndarray) -> tuple[int, int]:
    if table.shape != (2, 2):
        raise CannotTest("wrong_table_shape", "Needs the same two values in both columns.")
    return int(table[0, 1]), int(table[1, 0])


def _with_discordant(outcome: Outcome, b: int, c: int, options: Options) -> Outcome:
    """Odds of the changes, b / c, with the interval of Clopper and Pearson carried over; effect g = share - 1/2."""
    outcome.estimate = ("odds_ratio", b / c if c else math.nan)
    if not b + c:
        outcome.warn("zero_variance", "No row changed.")
        return outcome
    low, high = clopper_pearson(b, b + c, options)
    outcome.ci = (low / (1.0 - low), high / (1.0 - high) if high < 1.0 else math.inf)
    outcome.effect = Effect("cohens_g", b / (b + c) - 0.5)
    return outcome


def _hypergeometric(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The possible values of the first cell under the margins, and the logarithms of their frequencies."""
    row, rest, column = int(table[0].sum()), int(table[1].sum()), int(table[:, 0].sum())
    support = np.arange(max(0, column - rest), min(row, column) + 1)

    def log_choose(n: int, k: np.ndarray) -> np.ndarray:
        return special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)

    return support, log_choose(row, support) + log_choose(rest, column - support)


def _weights(log_counts: np.ndarray, support: np.ndarray, log_odds: float) -> np.ndarray:
    logs = log_counts + support * log_odds
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def _solve(rising: Callable[[float], float], target: float, support: np.ndarray) -> float:
    """The odds at which `rising`, a function of their logarithm, reaches `target`."""
    if target <= support[0]:
        return 0.0
    if target >= support[-1]:
        return math.inf
    return math.exp(_bisect(rising, target))


def _odds_interval(support: np.ndarray, log_counts: np.ndarray, place: int, options: Options) -> tuple[float, float]:
    alpha = options.alpha / 2 if options.alternative == "two-sided" else options.alpha
    low, high = 0.0, math.inf
    if options.alternative != "less" and place > 0:
        low = math.exp(_bisect(lambda odds: float(_weights(log_counts, support, odds)[place:].sum()), alpha))
    if options.alternative != "greater" and place < len(support) - 1:
        high = math.exp(_bisect(lambda odds: 1.0 - float(_weights(log_counts, support, odds)[: place + 1].sum()), 1.0 - alpha))
    return low, high


def _bisect(rising: Callable[[float], float], target: float) -> float:
    low, high = -1.0, 1.0
    while rising(low) > target and low > -700:
        low *= 2.0
    while rising(high) < target and high < 700:
        high *= 2.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if rising(middle) < target else (low, middle)
    return 0.5 * (low + high)


def _phi(table: np.ndarray) -> float:
    (a, b), (c, d) = table.astype(float)
    below = math.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    return (a * d - b * c) / below if below > 0.0 else math.nan
