"""t-tests: one sample, Student, Welch, paired."""
import math

import numpy as np
from scipy import special

from ninja_analyst.distributions import normal_quantile, t_p, t_quantile
from ninja_analyst.tests.moments import NOISE, mean, variance
from ninja_analyst.tests.outcome import Effect, Options, Outcome


def one_sample(x: np.ndarray, options: Options) -> Outcome:
    """The mean against `mu` (0 unless given). A paired test is this, of the differences."""
    n, middle, sd = len(x), float(mean(x)), math.sqrt(variance(x))
    outcome = _t_test("mean", middle, sd / math.sqrt(n), n - 1.0, n, abs(middle), options)
    d = _ratio(middle - options.shift, sd)
    outcome.effect = _with_interval("cohens_d", d, 1.0 / n + d * d / (2.0 * n), options)
    return outcome


def student(a: np.ndarray, b: np.ndarray, options: Options) -> Outcome:
    """Equal variances assumed."""
    df = len(a) + len(b) - 2.0
    error = pooled_sd(a, b) * math.sqrt(1.0 / len(a) + 1.0 / len(b))
    outcome = _t_test("mean_difference", float(mean(a) - mean(b)), error, df, len(a) + len(b), _size(a, b), options)
    outcome.effect = hedges_g(a, b, options)
    return outcome


def welch(a: np.ndarray, b: np.ndarray, options: Options) -> Outcome:
    """Unequal variances, Satterthwaite's degrees of freedom."""
    difference, error, df = welch_parts(a, b)
    outcome = _t_test("mean_difference", difference, error, df, len(a) + len(b), _size(a, b), options)
    outcome.effect = hedges_g(a, b, options)
    return outcome


def welch_parts(a: np.ndarray, b: np.ndarray) -> tuple[float, float, float]:
    """Difference of the means, its standard error, degrees of freedom."""
    u, v = float(variance(a)) / len(a), float(variance(b)) / len(b)
    total = u + v
    # Shares of the variance, not their squares: u * u leaves the range of a float first.
    share = _ratio(u, total)
    df = _ratio(1.0, share * share / (len(a) - 1) + (1.0 - share) ** 2 / (len(b) - 1))
    return float(mean(a) - mean(b)), math.sqrt(total), df


def pooled_sd(a: np.ndarray, b: np.ndarray) -> float:
    u, v = float(variance(a)), float(variance(b))
    return math.sqrt(((len(a) - 1) * u + (len(b) - 1) * v) / (len(a) + len(b) - 2))


def hedges_g(a: np.ndarray, b: np.ndarray, options: Options) -> Effect:
    """Difference in pooled standard deviations, corrected for small samples (Hedges 1981)."""
    df = len(a) + len(b) - 2
    correction = math.exp(float(special.gammaln(df / 2) - special.gammaln((df - 1) / 2))) / math.sqrt(df / 2)
    g = correction * _ratio(float(mean(a) - mean(b)), pooled_sd(a, b))
    squared_error = (len(a) + len(b)) / (len(a) * len(b)) + g * g / (2.0 * (len(a) + len(b)))
    return _with_interval("hedges_g", g, squared_error, options)


def _with_interval(name: str, value: float, squared_error: float, options: Options) -> Effect:
    reach = normal_quantile(1.0 - options.alpha / 2) * math.sqrt(squared_error)
    return Effect(name, value, value - reach, value + reach)


def _size(a: np.ndarray, b: np.ndarray) -> float:
    return max(abs(float(mean(a))), abs(float(mean(b))))


def _t_test(name: str, value: float, error: float, df: float, n: int, size: float, options: Options) -> Outcome:
    if error <= NOISE * size:
        error = 0.0
    t = _ratio(value - options.shift, error)
    outcome = Outcome(("t", t), t_p(t, df, options.alternative), n, df, (name, value))
    if error == 0.0:
        outcome.warn("zero_variance", "All values are equal, so there is no spread to compare a difference with.")
        outcome.ci = (math.nan, math.nan)
    elif options.alternative == "less":
        outcome.ci = (-math.inf, value + t_quantile(1.0 - options.alpha, df) * error)
    elif options.alternative == "greater":
        outcome.ci = (value - t_quantile(1.0 - options.alpha, df) * error, math.inf)
    else:
        reach = t_quantile(1.0 - options.alpha / 2, df) * error
        outcome.ci = (value - reach, value + reach)
    return outcome


def _ratio(a: float, b: float) -> float:
    """NaN also for an overflown divisor: a difference over infinity is not 0, it is unknown."""
    return a / b if b != 0.0 and math.isfinite(b) else math.nan
