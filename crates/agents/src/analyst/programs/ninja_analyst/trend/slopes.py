"""How steep: the median of all slopes (Theil, Sen), and least squares with the interval of Newey and West."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ninja_analyst.distributions import normal_quantile, t_quantile

# All pairs of more points would not fit in memory; a longer series is thinned evenly, and that is said.
MOST_POINTS = 5000


def theil_sen(x: np.ndarray, y: np.ndarray, variance: float, level: float) -> dict[str, Any]:
    """The interval takes ranks from the variance of Mann-Kendall's S (Sen 1968), rounded outwards."""
    i, j = np.triu_indices(len(x), 1)
    slopes = np.sort((y[j] - y[i]) / (x[j] - x[i]))
    n = len(slopes)
    rank = max(1, math.floor((n - normal_quantile((1 + level) / 2) * math.sqrt(variance)) / 2))
    return {"slope": float(np.median(slopes)), "low": float(slopes[rank - 1]), "high": float(slopes[n - rank]), "level": level}


def thinned(n: int) -> np.ndarray:
    """The points that Theil-Sen takes: all, or evenly spread ones."""
    return np.arange(n) if n <= MOST_POINTS else np.unique(np.linspace(0, n - 1, MOST_POINTS).round().astype(int))


def least_squares(x: np.ndarray, y: np.ndarray, level: float) -> tuple[dict[str, Any], np.ndarray]:
    """Slope with a t-interval from the Newey-West error (Bartlett weights, n / (n - 2)), and the residuals."""
    n = len(x)
    u, v = x - np.mean(x), y - np.mean(y)
    sxx, total = float(u @ u), float(v @ v)
    slope = float(u @ v) / sxx
    residuals = v - slope * u
    lags = math.floor(4 * (n / 100) ** (2 / 9))
    # The slope's row of the sandwich: with a centred x the intercept does not mix in.
    scores = u * residuals
    meat = float(scores @ scores)
    for lag in range(1, lags + 1):
        meat += 2 * (1 - lag / (lags + 1)) * float(scores[lag:] @ scores[:-lag])
    error = math.sqrt(max(0.0, meat) * n / (n - 2)) / sxx if math.isfinite(meat) else math.nan
    reach = t_quantile((1 + level) / 2, n - 2) * error
    r2 = 1.0 - float(residuals @ residuals) / total if total > 0.0 else math.nan
    return {"slope": slope, "low": slope - reach, "high": slope + reach, "r2": r2, "lags": lags}, residuals
