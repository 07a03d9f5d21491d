"""Kolmogorov-Smirnov: do two samples come from one distribution? The asymptotic p."""
import math

import numpy as np
from scipy import special

from ninja_analyst.tests.outcome import Options, Outcome


def ks(a: np.ndarray, b: np.ndarray, options: Options) -> Outcome:
    """D = the largest distance of the two empirical distributions; `greater`: a's lies above, so a tends to be smaller."""
    everything = np.unique(np.concatenate([a, b]))
    steps = np.searchsorted(np.sort(a), everything, side="right") / len(a)
    steps = steps - np.searchsorted(np.sort(b), everything, side="right") / len(b)
    above, below = float(np.max(steps, initial=0.0)), float(np.max(-steps, initial=0.0))
    size = len(a) * len(b) / (len(a) + len(b))
    if options.alternative == "two-sided":
        name, d = "D", max(above, below)
        p = float(special.kolmogorov(math.sqrt(size) * d))
    else:
        name, d = ("D_plus", above) if options.alternative == "greater" else ("D_minus", below)
        p = math.exp(-2.0 * size * d * d)
    outcome = Outcome((name, d), p, len(a) + len(b))
    if len(everything) < len(a) + len(b):
        outcome.warn("ties", "Values are tied: the p of Kolmogorov-Smirnov is then too large rather than too small.")
    return outcome
