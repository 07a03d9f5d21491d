"""Do values look normal? Shapiro-Wilk in Royston's form (AS R94), Anderson-Darling with estimated mean and variance."""
import math

import numpy as np
from scipy import special

from ninja_analyst.tests.moments import is_constant
from ninja_analyst.tests.outcome import CannotTest, Options, Outcome

SHAPIRO_MOST = 5000


def shapiro(x: np.ndarray, options: Options) -> Outcome:
    """W and p. scipy 1.10 computes it in single precision, hence the algorithm itself here."""
    n = len(x)
    if n < 3:
        raise CannotTest("not_enough_data", "Shapiro-Wilk needs at least 3 values.")
    if n > SHAPIRO_MOST:
        raise CannotTest("too_many_rows", f"Shapiro-Wilk's p is known up to {SHAPIRO_MOST} values; anderson has no limit.")
    if is_constant(x) or not np.isfinite(np.std(x)):
        return _flat(Outcome(("W", math.nan), math.nan, n, one_sided=False))
    ordered = np.sort(x)
    weights = _weights(n)
    centred = (ordered - np.mean(ordered)) / np.ptp(ordered)
    # 1 - W directly: W itself is so near to 1 that the difference would lose digits.
    squares, unit = float(centred @ centred), float(weights @ weights)
    projection = float(weights @ centred)
    root = math.sqrt(squares * unit)
    complement = (root - projection) * (root + projection) / (squares * unit)
    return Outcome(("W", 1.0 - complement), _shapiro_p(complement, n), n, one_sided=False)


def anderson(x: np.ndarray, options: Options) -> Outcome:
    """A squared; p from the fit of D'Agostino and Stephens (1986)."""
    n = len(x)
    if n < 8:
        raise CannotTest("not_enough_data", "The p of Anderson-Darling needs at least 8 values.")
    if is_constant(x) or not np.isfinite(np.std(x)):
        return _flat(Outcome(("A2", math.nan), math.nan, n, one_sided=False))
    unit = (np.sort(x) - np.mean(x)) / np.ptp(x)  # of order 1, so that squares neither overflow nor vanish
    z = unit / np.std(unit, ddof=1)
    i = np.arange(1, n + 1)
    a = -n - float(np.mean((2 * i - 1) * (special.log_ndtr(z) + special.log_ndtr(-z[::-1]))))
    adjusted = a * (1.0 + 0.75 / n + 2.25 / n**2)
    outcome = Outcome(("A2", a), _anderson_p(adjusted), n, one_sided=False)
    if adjusted >= 10.0:
        outcome.warn("p_is_a_bound", "p is below 3.7e-24, the least that the fit knows.")
    return outcome


def _flat(outcome: Outcome) -> Outcome:
    outcome.warn("zero_variance", "All values are equal, or their spread is beyond the range of numbers.")
    return outcome


def _weights(n: int) -> np.ndarray:
    """Antisymmetric weights of the order statistics; the outer ones corrected by Royston's polynomials."""
    if n == 3:
        return np.array([-math.sqrt(0.5), 0.0, math.sqrt(0.5)])
    half = n // 2
    m = special.ndtri((np.arange(1, half + 1) - 0.375) / (n + 0.25))
    total = 2.0 * float(m @ m)
    root, unit = math.sqrt(total), 1.0 / math.sqrt(n)
    outer = _polynomial((0.0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056), unit) - m[0] / root
    weights = np.empty(half)
    if n > 5:
        second = _polynomial((0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633), unit) - m[1] / root
        scale = math.sqrt((total - 2 * m[0] ** 2 - 2 * m[1] ** 2) / (1 - 2 * outer**2 - 2 * second**2))
        weights[:2] = outer, second
        weights[2:] = -m[2:] / scale
    else:
        scale = math.sqrt((total - 2 * m[0] ** 2) / (1 - 2 * outer**2))
        weights[0] = outer
        weights[1:] = -m[1:] / scale
    middle = [0.0] if n % 2 else []
    return np.concatenate([-weights, middle, weights[::-1]])


def _shapiro_p(complement: float, n: int) -> float:
    if n == 3:
        p = 6.0 / math.pi * (math.asin(math.sqrt(1.0 - complement)) - math.asin(math.sqrt(0.75)))
        return max(0.0, p)
    y, log = math.log(complement), math.log(n)
    if n <= 11:
        gamma = _polynomial((-2.273, 0.459), n)
        if y >= gamma:
            return 1e-99
        y = -math.log(gamma - y)
        mean = _polynomial((0.544, -0.39978, 0.025054, -6.714e-4), n)
        spread = math.exp(_polynomial((1.3822, -0.77857, 0.062767, -0.0020322), n))
    else:
        mean = _polynomial((-1.5861, -0.31082, -0.083751, 0.0038915), log)
        spread = math.exp(_polynomial((-0.4803, -0.082676, 0.0030302), log))
    return float(special.ndtr(-(y - mean) / spread))


def _anderson_p(a: float) -> float:
    if math.isnan(a):
        return a
    if a < 0.2:
        return 1.0 - math.exp(-13.436 + 101.14 * a - 223.73 * a * a)
    if a < 0.34:
        return 1.0 - math.exp(-8.318 + 42.796 * a - 59.938 * a * a)
    if a < 0.6:
        return math.exp(0.9177 - 4.279 * a - 1.38 * a * a)
    if a < 10.0:
        return math.exp(1.2937 - 5.709 * a + 0.0186 * a * a)
    return 3.7e-24


def _polynomial(coefficients: tuple[float, ...], x: float) -> float:
    return sum(c * x**power for power, c in enumerate(coefficients))
