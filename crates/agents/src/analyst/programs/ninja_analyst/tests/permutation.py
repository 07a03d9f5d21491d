"""The difference of two means against relabelled data: all relabellings when they are few, else 10,000 with seed 0."""
import math
from itertools import combinations

import numpy as np

from ninja_analyst.distributions import Alternative
from ninja_analyst.tests.means import hedges_g
from ninja_analyst.tests.outcome import CannotTest, Options, Outcome

RELABELLINGS = 10_000
SEED = 0
# 10,000 relabellings of more rows would take longer than a program may.
MOST_ROWS = 100_000


def permutation(a: np.ndarray, b: np.ndarray, options: Options) -> Outcome:
    """p = the share of relabellings whose difference is at least as far; sampled ones count the data itself once more."""
    if len(a) + len(b) > MOST_ROWS:
        raise CannotTest("too_many_rows", f"The permutation test takes at most {MOST_ROWS} rows; t_test_welch has no limit.")
    shifted = a - options.shift
    everything = np.concatenate([shifted, b])
    seen = float(np.mean(shifted) - np.mean(b))
    ways = math.comb(len(everything), len(a))
    exact = ways <= RELABELLINGS
    sums = _all_sums(everything, len(a)) if exact else _sampled_sums(everything, len(a))
    total = float(np.sum(everything))
    differences = sums / len(a) - (total - sums) / len(b)
    # Equal sums taken in another order differ in the last bits.
    slack = 1e-9 * max(1e-300, float(np.max(np.abs(everything))))
    count = int(np.count_nonzero(_as_far(differences, seen, slack, options.alternative)))
    p = count / ways if exact else (count + 1) / (RELABELLINGS + 1)
    outcome = Outcome(("mean_difference", seen), p, len(everything))
    outcome.estimate = ("mean_difference", float(np.mean(a) - np.mean(b)))
    outcome.effect = hedges_g(a, b, options)
    if not exact:
        outcome.warn("sampled", f"p is from {RELABELLINGS} random relabellings with seed {SEED}; its least value is 1 / {RELABELLINGS + 1}.")
    return outcome


def _all_sums(values: np.ndarray, size: int) -> np.ndarray:
    return np.array([values[list(chosen)].sum() for chosen in combinations(range(len(values)), size)])


def _sampled_sums(values: np.ndarray, size: int) -> np.ndarray:
    draw = np.random.default_rng(SEED)
    pool = values.copy()
    sums = np.empty(RELABELLINGS)
    for i in range(RELABELLINGS):
        draw.shuffle(pool)
        sums[i] = pool[:size].sum()
    return sums


def _as_far(differences: np.ndarray, seen: float, slack: float, alternative: Alternative) -> np.ndarray:
    if alternative == "less":
        return differences <= seen + slack
    if alternative == "greater":
        return differences >= seen - slack
    return np.abs(differences) >= abs(seen) - slack
