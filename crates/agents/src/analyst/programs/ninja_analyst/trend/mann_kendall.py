"""Is there a monotone trend? Mann-Kendall with ties, and Hamed and Rao's correction when neighbours resemble each other."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ninja_analyst.distributions import normal_p, normal_quantile
from ninja_analyst.ranks import midranks
from ninja_analyst.tests.correlation import kendall_parts
from ninja_analyst.trend.autocorrelation import autocorrelations

SIGNIFICANT = 0.975


def mann_kendall(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """S, its variance under no trend, z with continuity correction, two-sided p, tau-b."""
    s, below, variance = kendall_parts(x, y)
    z = _z(s, variance)
    tau = s / below if below > 0.0 else math.nan
    return {"s": s, "var_s": variance, "z": z, "p": normal_p(z, "two-sided"), "tau_b": tau}


def hamed_rao(x: np.ndarray, y: np.ndarray, slope: float, found: dict[str, Any]) -> dict[str, Any]:
    """The variance of S times n / n*, from the significant autocorrelations of the ranks without the trend (1998)."""
    n = len(y)
    ranks, _ = midranks(y - slope * x)
    rho = autocorrelations(ranks, n - 1) if np.ptp(ranks) else np.zeros(n - 1)
    lag = np.arange(1, n)
    strong = np.abs(rho) > normal_quantile(SIGNIFICANT) / math.sqrt(n)
    weights = (n - lag) * (n - lag - 1.0) * (n - lag - 2.0)
    factor = 1.0 + 2.0 / (n * (n - 1.0) * (n - 2.0)) * float(np.sum((weights * rho)[strong]))
    if factor <= 0.0:
        return {"p": math.nan, "ess_ratio": math.nan}
    return {"p": normal_p(_z(found["s"], found["var_s"] * factor), "two-sided"), "ess_ratio": 1.0 / factor}


def _z(s: float, variance: float) -> float:
    return (s - np.sign(s)) / math.sqrt(variance) if variance > 0.0 else math.nan
