"""Are the groups equally spread? Levene's test around the medians, Bartlett's for normal data."""
import math

import numpy as np

from ninja_analyst.distributions import chi2_sf
from ninja_analyst.tests.anova import one_way
from ninja_analyst.tests.moments import variance
from ninja_analyst.tests.outcome import Options, Outcome


def levene(groups: list[np.ndarray], options: Options) -> Outcome:
    """One-way F of the distances from the group's median (Brown & Forsythe 1974)."""
    outcome = one_way([np.abs(group - np.median(group)) for group in groups], options)
    outcome.effect = None
    return outcome


def bartlett(groups: list[np.ndarray], options: Options) -> Outcome:
    """K squared of Bartlett (1937)."""
    sizes = np.array([len(group) for group in groups], dtype=float)
    variances = np.array([variance(group) for group in groups])
    n, df = float(sizes.sum()), len(groups) - 1.0
    if not np.all((variances > 0.0) & np.isfinite(variances)):
        outcome = Outcome(("K2", math.nan), math.nan, int(n), df, one_sided=False)
        outcome.warn("zero_variance", "A group has no variance, or one beyond the range of numbers.")
        return outcome
    pooled = float(np.sum((sizes - 1) * variances)) / (n - len(groups))
    correction = 1.0 + (float(np.sum(1.0 / (sizes - 1))) - 1.0 / (n - len(groups))) / (3.0 * df)
    # Logarithms of ratios: the difference of the logarithms would lose digits.
    k = -float(np.sum((sizes - 1) * np.log(variances / pooled))) / correction
    return Outcome(("K2", k), chi2_sf(k, df), int(n), df, one_sided=False)
