"""Mean and variance that know a constant: the computed mean of 60 times 0.1 is not quite 0.1, and its variance not quite 0."""
import numpy as np

# Below this share of the mean a standard error is rounding noise (the bound of R's t.test).
NOISE = 10 * np.finfo(float).eps


def is_constant(x: np.ndarray) -> bool:
    return bool(np.ptp(x) == 0.0)


def mean(x: np.ndarray) -> np.float64:
    return x[0] if is_constant(x) else np.mean(x)


def variance(x: np.ndarray) -> np.float64:
    """With n - 1. A numpy float: its overflow is infinity, Python's an exception."""
    return np.float64(0.0) if is_constant(x) else np.var(x, ddof=1)
