"""Tail probabilities and quantiles of the reference distributions.

Built on scipy.special alone: scipy.stats takes most of a second to import. The quantiles of scipy.special
come from a search that stops at about 1e-8, so each is polished with Newton's method.
"""
from typing import Callable, Literal

import numpy as np
from scipy import special

Alternative = Literal["two-sided", "less", "greater"]


def two_tailed(lower: float, upper: float, alternative: Alternative) -> float:
    """The p of a statistic whose tail probabilities are known."""
    if alternative == "less":
        return lower
    if alternative == "greater":
        return upper
    double = 2.0 * min(lower, upper)
    return 1.0 if double > 1.0 else double  # min(1.0, NaN) would be 1


def normal_p(z: float, alternative: Alternative) -> float:
    return two_tailed(float(special.ndtr(z)), float(special.ndtr(-z)), alternative)


def normal_quantile(p: float) -> float:
    return float(special.ndtri(p))


def t_sf(t: float, df: float) -> float:
    """P(T > t). The incomplete beta function keeps its relative precision far out, 1 - cdf would not."""
    half = 0.5 * float(special.betainc(0.5 * df, 0.5, df / (df + t * t)))
    return half if t >= 0 else 1.0 - half


def t_p(t: float, df: float, alternative: Alternative) -> float:
    return two_tailed(t_sf(-t, df), t_sf(t, df), alternative)


def t_quantile(p: float, df: float) -> float:
    def density(t: float) -> float:
        log = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - 0.5 * np.log(df * np.pi)
        return float(np.exp(log - (df + 1) / 2 * np.log1p(t * t / df)))

    return _polish(float(special.stdtrit(df, p)), p, lambda t: t_sf(-t, df), density)


def f_sf(f: float, df1: float, df2: float) -> float:
    """P(F > f)."""
    return float(special.betainc(0.5 * df2, 0.5 * df1, df2 / (df2 + df1 * f)))


def chi2_sf(x: float, df: float) -> float:
    """P(X > x) of the chi-square distribution."""
    return float(special.gammaincc(0.5 * df, 0.5 * x))


def beta_quantile(p: float, a: float, b: float) -> float:
    def density(x: float) -> float:
        if not 0.0 < x < 1.0:
            return 0.0
        return float(np.exp((a - 1) * np.log(x) + (b - 1) * np.log1p(-x) - special.betaln(a, b)))

    return _polish(float(special.betaincinv(a, b, p)), p, lambda x: float(special.betainc(a, b, x)), density)


def noncentral_chi2_cdf(x: float, df: float, shift: float) -> float:
    """A Poisson mixture of central distributions; the terms that matter lie around half the shift."""
    j, weight = _poisson_weights(shift / 2)
    return float(np.sum(weight * special.gammainc(0.5 * df + j, 0.5 * x)))


def noncentral_f_cdf(f: float, df1: float, df2: float, shift: float) -> float:
    j, weight = _poisson_weights(shift / 2)
    return float(np.sum(weight * special.betainc(0.5 * df1 + j, 0.5 * df2, df1 * f / (df1 * f + df2))))


def solve_shift(cdf: Callable[[float], float], target: float) -> float:
    """The noncentrality at which the falling `cdf` is `target`; 0 when even the central one is below it."""
    if cdf(0.0) <= target:
        return 0.0
    high = 1.0
    while cdf(high) > target:
        high *= 2.0
        if high > 1e9:
            return float("nan")
    low = 0.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if cdf(middle) > target else (low, middle)
    return 0.5 * (low + high)


def _poisson_weights(mean: float) -> tuple[np.ndarray, np.ndarray]:
    reach = 40.0 + 12.0 * np.sqrt(mean)
    j = np.arange(max(0, int(mean - reach)), int(mean + reach) + 1, dtype=float)
    return j, np.exp(special.xlogy(j, mean) - mean - special.gammaln(j + 1))


def _polish(x: float, p: float, cdf: Callable[[float], float], density: Callable[[float], float]) -> float:
    for _ in range(3):
        slope = density(x)
        if not np.isfinite(x) or slope <= 0.0:
            break
        step = (cdf(x) - p) / slope
        if not np.isfinite(step) or abs(step) > 0.01 * abs(x):
            break  # the start was already as good as the function allows
        x -= step
    return x
