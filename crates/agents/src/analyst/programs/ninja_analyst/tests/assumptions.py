"""What a test takes for granted, checked and reported. A failed check never changes the test, it only suggests another."""
import math
from typing import Any

import numpy as np

from ninja_analyst.tests.normality import SHAPIRO_MOST, shapiro
from ninja_analyst.tests.outcome import Options
from ninja_analyst.tests.variances import levene

# Beyond Shapiro's reach: the bounds of West, Finch & Curran (1995).
SKEW_MOST, KURTOSIS_MOST = 2.0, 7.0
EXPECTED_LEAST = 5.0
DISCORDANT_LEAST = 25


def normal(x: np.ndarray, column: str | None, group: str | None, alpha: float) -> dict[str, Any]:
    """Shapiro-Wilk up to 5,000 values, then bounds on skewness and excess kurtosis."""
    n = len(x)
    if n > SHAPIRO_MOST:
        skew, kurtosis = _moments(x)
        ok = abs(skew) <= SKEW_MOST and abs(kurtosis) <= KURTOSIS_MOST if math.isfinite(skew + kurtosis) else None
        return _entry("normal", "skew_and_kurtosis", column, group, skew, None, ok, n)
    if n < 3:
        return _entry("normal", "shapiro", column, group, None, None, None, n)
    found = shapiro(x, Options())
    ok = found.p >= alpha if math.isfinite(found.p) else None
    return _entry("normal", "shapiro", column, group, found.statistic[1], found.p, ok, n)


def equal_variances(groups: list[np.ndarray], column: str | None, alpha: float) -> dict[str, Any]:
    """Levene's test around the medians."""
    found = levene(groups, Options())
    ok = found.p >= alpha if math.isfinite(found.p) else None
    return _entry("equal_variances", "levene", column, None, found.statistic[1], found.p, ok, found.n)


def expected_counts(expected: np.ndarray, column: str | None, n: int) -> dict[str, Any]:
    """The least expected count; below 5 the chi-square and normal approximations are poor."""
    least = float(np.min(expected))
    return _entry("expected_counts", "at_least_5", column, None, least, None, least >= EXPECTED_LEAST, n)


def enough_changes(changed: int, column: str | None, n: int) -> dict[str, Any]:
    """McNemar's chi-square wants 25 rows that changed."""
    return _entry("discordant_pairs", "at_least_25", column, None, float(changed), None, changed >= DISCORDANT_LEAST, n)


def _entry(
    name: str, test: str, column: str | None, group: str | None,
    statistic: float | None, p: float | None, ok: bool | None, n: int,
) -> dict[str, Any]:
    def finite(value: float | None) -> float | None:
        return None if value is None or not math.isfinite(value) else float(value)

    return {
        "name": name, "test": test, "column": column, "group": group,
        "statistic": finite(statistic), "p": finite(p), "ok": ok if ok is None else bool(ok), "n": n,
    }


def _moments(x: np.ndarray) -> tuple[float, float]:
    """Skewness and excess kurtosis; at these sizes the bias correction is below 1 in 1,000."""
    centred = x - np.mean(x)
    spread = float(np.mean(centred**2))
    if not spread > 0.0:
        return math.nan, math.nan
    return float(np.mean(centred**3)) / spread**1.5, float(np.mean(centred**4)) / spread**2 - 3.0
