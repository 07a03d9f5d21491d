"""Counts against expectation: chi-square of independence and of goodness of fit. No continuity correction."""
import math

import numpy as np

from ninja_analyst.distributions import chi2_sf, noncentral_chi2_cdf, solve_shift
from ninja_analyst.tests.outcome import CannotTest, Effect, Options, Outcome


def independence(table: np.ndarray, options: Options) -> Outcome:
    """Pearson's chi-square of a table of counts, with Cramer's V."""
    rows, columns = table.shape
    if rows < 2 or columns < 2:
        raise CannotTest("wrong_number_of_groups", "Both columns need at least two different values.")
    n = float(table.sum())
    expected = expected_counts(table)
    x = float(np.sum((table - expected) ** 2 / expected))
    df = (rows - 1.0) * (columns - 1.0)
    outcome = Outcome(("chi_square", x), chi2_sf(x, df), int(n), df, one_sided=False)
    least = min(rows, columns) - 1.0
    shifts = _shift_interval(x, df, options)
    # V at the ends of the noncentrality (Smithson 2003); 1 is the most that V can be.
    low, high = (float(np.minimum(1.0, math.sqrt(shift / (n * least)))) for shift in shifts)
    outcome.effect = Effect("cramers_v", math.sqrt(x / (n * least)), low, high, scale=math.sqrt(least))
    return outcome


def goodness(counts: np.ndarray, options: Options) -> Outcome:
    """Are all values of one column equally frequent?"""
    k, n = len(counts), float(counts.sum())
    if k < 2:
        raise CannotTest("wrong_number_of_groups", "The column needs at least two different values.")
    x = float(np.sum((counts - n / k) ** 2) / (n / k))
    outcome = Outcome(("chi_square", x), chi2_sf(x, k - 1.0), int(n), k - 1.0, one_sided=False)
    low, high = (math.sqrt(shift / n) for shift in _shift_interval(x, k - 1.0, options))
    outcome.effect = Effect("cohens_w", math.sqrt(x / n), low, high)
    return outcome


def expected_counts(table: np.ndarray) -> np.ndarray:
    return np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()


def _shift_interval(x: float, df: float, options: Options) -> list[float]:
    targets = (1.0 - options.alpha / 2, options.alpha / 2)
    return [solve_shift(lambda shift: noncentral_chi2_cdf(x, df, shift), target) for target in targets]
