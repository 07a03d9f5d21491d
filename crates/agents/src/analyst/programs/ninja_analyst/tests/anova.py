"""Means of several groups: one-way analysis of variance, and Welch's, which needs no equal variances."""
import math

import numpy as np

from ninja_analyst.distributions import f_sf, noncentral_f_cdf, solve_shift
from ninja_analyst.tests.moments import is_constant, mean, variance
from ninja_analyst.tests.outcome import Effect, Options, Outcome


def one_way(groups: list[np.ndarray], options: Options) -> Outcome:
    """F with eta squared; the interval of eta squared turns the noncentral F (Steiger 2004)."""
    k, n = len(groups), sum(map(len, groups))
    grand = mean(np.concatenate(groups))
    between = float(sum(len(group) * (mean(group) - grand) ** 2 for group in groups))
    within = float(sum((len(group) - 1) * variance(group) for group in groups))
    df1, df2 = k - 1.0, float(n - k)
    f = (between / df1) / (within / df2) if 0.0 < within < math.inf else math.nan
    outcome = Outcome(("F", f), f_sf(f, df1, df2), n, (df1, df2), one_sided=False)
    eta = between / (between + within) if 0.0 < between + within < math.inf else math.nan
    outcome.effect = Effect("eta_squared", eta)
    if math.isfinite(f):
        shifts = [
            solve_shift(lambda shift: noncentral_f_cdf(f, df1, df2, shift), target)
            for target in (1.0 - options.alpha / 2, options.alpha / 2)
        ]
        outcome.effect.low, outcome.effect.high = (shift / (shift + n) for shift in shifts)
    _warn_flat(outcome, groups)
    return outcome


def welch(groups: list[np.ndarray], options: Options) -> Outcome:
    """F with Welch's second degrees of freedom; omega squared from F."""
    n = sum(map(len, groups))
    f, df1, df2 = welch_parts(groups)
    outcome = Outcome(("F", f), f_sf(f, df1, df2), n, (df1, df2), one_sided=False)
    outcome.effect = Effect("omega_squared", df1 * (f - 1.0) / (df1 * (f - 1.0) + n))
    _warn_flat(outcome, groups)
    return outcome


def welch_parts(groups: list[np.ndarray]) -> tuple[float, float, float]:
    """F and its degrees of freedom; NaN when a group has no variance, for its weight would be infinite."""
    k = len(groups)
    sizes = np.array([len(group) for group in groups], dtype=float)
    means = np.array([mean(group) for group in groups])
    variances = np.array([variance(group) for group in groups])
    df1 = k - 1.0
    if not np.all((variances > 0.0) & np.isfinite(variances)):
        return math.nan, df1, math.nan
    weights = sizes / variances
    total = float(np.sum(weights))
    center = np.sum(weights * means) / total
    spread = float(np.sum((1.0 - weights / total) ** 2 / (sizes - 1.0)))
    f = float(np.sum(weights * (means - center) ** 2)) / df1 / (1.0 + 2.0 * (k - 2.0) / (k * k - 1.0) * spread)
    return f, df1, (k * k - 1.0) / (3.0 * spread)


def _warn_flat(outcome: Outcome, groups: list[np.ndarray]) -> None:
    flat = sum(map(is_constant, groups))
    if flat:
        outcome.warn("zero_variance", f"{flat} of the {len(groups)} groups have no variance: all their values are equal.")
