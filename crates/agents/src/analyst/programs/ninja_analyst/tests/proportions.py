"""Shares of a column with two values: exact binomial, z for one and for two samples. A sample is (successes, n)."""
import math

import numpy as np
from scipy import special

from ninja_analyst.distributions import Alternative, beta_quantile, normal_p, normal_quantile
from ninja_analyst.tests.outcome import CannotTest, Effect, Options, Outcome


Sample = tuple[int, int]


def binomial(samples: list[Sample], options: Options) -> Outcome:
    """A share against `mu` (0.5 unless given), with the interval of Clopper and Pearson."""
    if len(samples) != 1:
        raise CannotTest("wrong_number_of_groups", "The binomial test has one sample; proportion_z and fisher_exact compare two.")
    successes, n = samples[0]
    share, null = successes / n, null_share(options)
    outcome = Outcome(("successes", float(successes)), binomial_p(successes, n, null, options.alternative), n)
    outcome.estimate, outcome.ci = ("proportion", share), clopper_pearson(successes, n, options)
    outcome.effect = _cohens_h(share, null, 1.0 / n, options)
    return outcome


def proportion_z(samples: list[Sample], options: Options) -> Outcome:
    """One share against `mu`, or the shares of two groups. No continuity correction."""
    if len(samples) > 2:
        raise CannotTest("wrong_number_of_groups", "Two groups at most; chi_square_independence compares more.")
    return _two(*samples, options) if len(samples) == 2 else _one(*samples[0], options)


def _one(successes: int, n: int, options: Options) -> Outcome:
    """With Wilson's interval."""
    share, null = successes / n, null_share(options)
    z = (share - null) / math.sqrt(null * (1.0 - null) / n)
    outcome = Outcome(("z", z), normal_p(z, options.alternative), n)
    outcome.estimate, outcome.ci = ("proportion", share), _wilson(share, n, options)
    outcome.effect = _cohens_h(share, null, 1.0 / n, options)
    return outcome


def _two(a: Sample, b: Sample, options: Options) -> Outcome:
    """Pooled variance for z, unpooled for the interval (Wald)."""
    (x, m), (y, n) = a, b
    p, q, pooled = x / m, y / n, (x + y) / (m + n)
    error = math.sqrt(pooled * (1.0 - pooled) * (1.0 / m + 1.0 / n))
    z = (p - q) / error if error > 0.0 else math.nan
    outcome = Outcome(("z", z), normal_p(z, options.alternative), m + n)
    if error == 0.0:
        outcome.warn("zero_variance", "Both shares are 0 or both are 1.")
    outcome.estimate = ("difference_of_proportions", p - q)
    spread = math.sqrt(p * (1.0 - p) / m + q * (1.0 - q) / n)
    outcome.ci = _ends(p - q, spread, (-1.0, 1.0), options)
    outcome.effect = _cohens_h(p, q, 1.0 / m + 1.0 / n, options)
    return outcome


def binomial_p(successes: int, n: int, share: float, alternative: Alternative) -> float:
    """Exact. Two-sided: the outcomes that are at most as likely as the one seen, as R and Fisher's test count."""
    if alternative == "less":
        return _at_most(successes, n, share)
    if alternative == "greater":
        return _at_least(successes, n, share)
    expected = n * share
    if successes == expected:
        return 1.0
    # The outcomes on the other side that are at most as likely; the density falls away from the mode.
    limit = _log_density(successes, n, share) + 1e-7
    if successes < expected:
        far = np.arange(math.ceil(expected), n + 1)
        count = int(np.count_nonzero(_log_density(far, n, share) <= limit))
        return min(1.0, _at_most(successes, n, share) + _at_least(n - count + 1, n, share))
    far = np.arange(0, math.floor(expected) + 1)
    count = int(np.count_nonzero(_log_density(far, n, share) <= limit))
    return min(1.0, _at_most(count - 1, n, share) + _at_least(successes, n, share))


def clopper_pearson(successes: int, n: int, options: Options) -> tuple[float, float]:
    alpha = options.alpha / 2 if options.alternative == "two-sided" else options.alpha
    low, high = 0.0, 1.0
    if options.alternative != "less" and successes > 0:
        low = beta_quantile(alpha, successes, n - successes + 1)
    if options.alternative != "greater" and successes < n:
        high = beta_quantile(1.0 - alpha, successes + 1, n - successes)
    return low, high


def null_share(options: Options) -> float:
    """The share to test against: strictly between 0 and 1."""
    share = 0.5 if options.mu is None else options.mu
    if not 0.0 < share < 1.0:
        raise CannotTest("wrong_mu", "For shares, mu must lie between 0 and 1.")
    return share


def _at_most(k: int, n: int, share: float) -> float:
    return 0.0 if k < 0 else 1.0 if k >= n else float(special.betainc(n - k, k + 1, 1.0 - share))


def _at_least(k: int, n: int, share: float) -> float:
    return 1.0 if k <= 0 else 0.0 if k > n else float(special.betainc(k, n - k + 1, share))


def _log_density(k: np.ndarray | int, n: int, share: float) -> np.ndarray:
    choose = special.gammaln(n + 1) - special.gammaln(np.add(k, 1)) - special.gammaln(np.subtract(n + 1, k))
    return choose + np.multiply(k, math.log(share)) + np.subtract(n, k) * math.log1p(-share)


def _wilson(share: float, n: int, options: Options) -> tuple[float, float]:
    alpha = options.alpha / 2 if options.alternative == "two-sided" else options.alpha
    z = normal_quantile(1.0 - alpha)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if options.alternative == "less" else max(0.0, middle - reach)
    high = 1.0 if options.alternative == "greater" else min(1.0, middle + reach)
    return low, high


def _ends(value: float, error: float, bounds: tuple[float, float], options: Options) -> tuple[float, float]:
    alpha = options.alpha / 2 if options.alternative == "two-sided" else options.alpha
    reach = normal_quantile(1.0 - alpha) * error
    low = bounds[0] if options.alternative == "less" else max(bounds[0], value - reach)
    high = bounds[1] if options.alternative == "greater" else min(bounds[1], value + reach)
    return low, high


def _cohens_h(p: float, q: float, variance: float, options: Options) -> Effect:
    h = 2.0 * math.asin(math.sqrt(p)) - 2.0 * math.asin(math.sqrt(q))
    reach = normal_quantile(1.0 - options.alpha / 2) * math.sqrt(variance)
    return Effect("cohens_h", h, h - reach, h + reach)
