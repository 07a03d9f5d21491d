"""Does a value depend on the one before? Autocorrelations, and Ljung and Box's test that all of them are 0."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ninja_analyst.distributions import chi2_sf


def autocorrelations(x: np.ndarray, most: int) -> np.ndarray:
    """Lags 1 to `most`, each divided by the whole sum of squares. By Fourier transform: n log n."""
    centred = x - np.mean(x)
    size = 1 << (2 * len(x) - 1).bit_length()
    spectrum = np.fft.rfft(centred, size)
    sums = np.fft.irfft(spectrum * np.conj(spectrum), size)[: most + 1]
    return sums[1:] / float(centred @ centred)


def ljung_box(residuals: np.ndarray) -> dict[str, Any]:
    """Q over min(10, n / 5) lags."""
    n = len(residuals)
    lags = max(1, min(10, n // 5))
    if np.ptp(residuals) == 0.0:
        return {"q": math.nan, "lags": lags, "p": math.nan}
    rho = autocorrelations(residuals, lags)
    q = n * (n + 2.0) * float(np.sum(rho**2 / (n - np.arange(1, lags + 1))))
    return {"q": q, "lags": lags, "p": chi2_sf(q, lags)}
