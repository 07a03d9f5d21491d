"""Do two numeric columns move together? Pearson, Spearman, Kendall."""
import math
from typing import Callable

import numpy as np

from ninja_analyst.distributions import normal_p, normal_quantile, t_p
from ninja_analyst.ranks import midranks
from ninja_analyst.tests.outcome import Effect, Options, Outcome


def pearson(x: np.ndarray, y: np.ndarray, options: Options) -> Outcome:
    """r, t with n - 2, and Fisher's z for the interval."""
    return _by_t("r", _product_moment(x, y), x, y, lambda r: 1.0, options)


def spearman(x: np.ndarray, y: np.ndarray, options: Options) -> Outcome:
    """Pearson's r of the mid-ranks; t for p; the interval of Bonett and Wright (2000)."""
    rho = _product_moment(midranks(x)[0], midranks(y)[0])
    return _by_t("rho", rho, x, y, lambda r: 1.0 + r * r / 2.0, options)


def kendall(x: np.ndarray, y: np.ndarray, options: Options) -> Outcome:
    """tau-b; z with the variance for ties (Kendall 1970), no continuity correction."""
    n = len(x)
    s, below, variance = kendall_parts(x, y)
    z = s / math.sqrt(variance) if variance > 0.0 else math.nan
    tau = s / below if below > 0.0 else math.nan
    outcome = Outcome(("z", z), normal_p(z, options.alternative), n, None, ("tau_b", tau))
    outcome.ci = _fisher_interval(tau, 0.437 / (n - 4.0) if n > 4 else math.nan, options)
    _finish(outcome, x, y, options)
    return outcome


def kendall_parts(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """S = concordant - discordant pairs, the divisor of tau-b, and the variance of S."""
    n = len(x)
    # Sorted by x and within equal x by y, the discordant pairs are the inversions of y.
    order = np.lexsort((y, x))
    pairs = n * (n - 1) / 2.0
    tied_x, tied_y, tied_both = (_tie_sizes(values) for values in (x[:, None], y[:, None], np.column_stack([x, y])))
    in_x, in_y, in_both = (float(np.sum(t * (t - 1)) / 2) for t in (tied_x, tied_y, tied_both))
    s = pairs - in_x - in_y + in_both - 2.0 * inversions(y[order])
    variance = (_cubic(np.array([float(n)])) - _cubic(tied_x) - _cubic(tied_y)) / 18.0
    variance += 2.0 * in_x * in_y / (n * (n - 1.0))
    if n > 2:
        variance += _triples(tied_x) * _triples(tied_y) / (9.0 * n * (n - 1.0) * (n - 2.0))
    return s, math.sqrt((pairs - in_x) * (pairs - in_y)), variance


def inversions(y: np.ndarray) -> float:
    """Pairs i < j with y_i > y_j in n log n: counted inside short blocks, then by merging sorted runs."""
    _, codes = np.unique(y, return_inverse=True)
    width = 32
    filler = np.full(-len(codes) % width, len(y))  # larger than all and last: adds no inversion
    codes = np.concatenate([codes, filler]).reshape(-1, width)
    found = sum(int(np.count_nonzero(codes[:, :-step] > codes[:, step:])) for step in range(1, width))
    codes = np.sort(codes, axis=1).ravel()
    while width < len(codes):
        for start in range(0, len(codes) - width, 2 * width):
            left, right = codes[start : start + width], codes[start + width : start + 2 * width]
            found += int(np.sum(len(left) - np.searchsorted(left, right, side="right")))
            codes[start : start + 2 * width] = np.sort(codes[start : start + 2 * width])
        width *= 2
    return float(found)


def _by_t(name: str, r: float, x: np.ndarray, y: np.ndarray, factor: Callable[[float], float], options: Options) -> Outcome:
    n = len(x)
    df = n - 2.0
    t = r * math.sqrt(df / ((1.0 - r) * (1.0 + r))) if abs(r) < 1.0 else math.copysign(math.inf, r)
    p = t_p(t, df, options.alternative) if math.isfinite(t) else math.nan
    outcome = Outcome(("t", t), p, n, df, (name, r))
    outcome.ci = _fisher_interval(r, factor(r) / (n - 3.0) if n > 3 else math.nan, options)
    _finish(outcome, x, y, options)
    if abs(r) == 1.0:
        outcome.warn("perfect_correlation", "One column determines the other, so t has no finite value.")
    return outcome


def _finish(outcome: Outcome, x: np.ndarray, y: np.ndarray, options: Options) -> None:
    """The coefficient is its own effect size; its interval as an effect is always the two-sided one."""
    assert outcome.estimate is not None and outcome.ci is not None
    low, high = outcome.ci if options.alternative == "two-sided" else (None, None)
    outcome.effect = Effect(outcome.estimate[0], outcome.estimate[1], low, high)
    if np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        outcome.warn("zero_variance", "A column is constant.")


def _fisher_interval(r: float, variance: float, options: Options) -> tuple[float, float]:
    if not abs(r) < 1.0:
        return math.nan, math.nan
    alpha = options.alpha / 2 if options.alternative == "two-sided" else options.alpha
    reach = normal_quantile(1.0 - alpha) * math.sqrt(variance)
    low = -1.0 if options.alternative == "less" else math.tanh(math.atanh(r) - reach)
    high = 1.0 if options.alternative == "greater" else math.tanh(math.atanh(r) + reach)
    return low, high


def _product_moment(x: np.ndarray, y: np.ndarray) -> float:
    u, v = _scaled(x), _scaled(y)
    below = math.sqrt(float(u @ u) * float(v @ v))
    if below == 0.0:
        return math.nan
    return float(np.clip(float(u @ v) / below, -1.0, 1.0))  # keeps NaN, which min and max would not


def _scaled(x: np.ndarray) -> np.ndarray:
    """Centred, and brought to order 1 so that squares of huge values stay finite."""
    if np.ptp(x) == 0.0:
        return np.zeros(len(x))  # the mean of equal values may miss them by a bit
    centred = x - np.mean(x)
    most = float(np.max(np.abs(centred)))
    return centred / most if most > 0.0 and math.isfinite(most) else centred


def _tie_sizes(rows: np.ndarray) -> np.ndarray:
    return np.unique(rows, axis=0, return_counts=True)[1].astype(float)


def _cubic(t: np.ndarray) -> float:
    return float(np.sum(t * (t - 1.0) * (2.0 * t + 5.0)))


def _triples(t: np.ndarray) -> float:
    return float(np.sum(t * (t - 1.0) * (t - 2.0)))
