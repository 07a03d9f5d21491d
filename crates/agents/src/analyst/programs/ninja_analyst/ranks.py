"""Ranks, and order statistics of pairwise differences and sums, at sizes where the pairs do not fit in memory."""
from typing import Callable

import numpy as np

# Below this many pairs all of them are built (32 MB); above, the wanted ones are searched for.
PAIRS_IN_MEMORY = 4_000_000


def midranks(values: np.ndarray) -> tuple[np.ndarray, float]:
    """Ranks from 1 with ties sharing their mean rank, and the sum of t^3 - t over the ties."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ties = counts.astype(float)
    return (last - (ties - 1) / 2)[place], float(np.sum(ties**3 - ties))


def has_ties(values: np.ndarray) -> bool:
    return len(np.unique(values)) < len(values)


class Differences:
    """All a_i - b_j in order; `kth` counts from 1."""

    def __init__(self, a: np.ndarray, b: np.ndarray) -> None:
        self.a, self.b = np.sort(a), np.sort(b)
        self.count = len(a) * len(b)
        self.all = np.sort((self.a[:, None] - self.b[None, :]).ravel()) if self.count <= PAIRS_IN_MEMORY else None

    def kth(self, k: int) -> float:
        if self.all is not None:
            return float(self.all[k - 1])
        low, high = self.a[0] - self.b[-1], self.a[-1] - self.b[0]
        return _search(k, low, high, self._at_most, self._next_above)

    def median(self) -> float:
        return _median(self)

    def _at_most(self, t: float) -> int:
        return int(np.sum(len(self.b) - np.searchsorted(self.b, self.a - t, side="left")))

    def _next_above(self, t: float) -> float:
        place = np.searchsorted(self.b, self.a - t, side="left") - 1
        return float(np.min((self.a - self.b[np.maximum(place, 0)])[place >= 0], initial=np.inf))


class WalshAverages:
    """All (x_i + x_j) / 2 with i <= j, in order."""

    def __init__(self, x: np.ndarray) -> None:
        self.x = np.sort(x)
        n = len(x)
        self.count = n * (n + 1) // 2
        self.all = None
        if self.count <= PAIRS_IN_MEMORY:
            i, j = np.triu_indices(n)
            self.all = np.sort((self.x[i] + self.x[j]) / 2)

    def kth(self, k: int) -> float:
        if self.all is not None:
            return float(self.all[k - 1])
        return _search(k, self.x[0], self.x[-1], self._at_most, self._next_above)

    def median(self) -> float:
        return _median(self)

    def _at_most(self, t: float) -> int:
        partners = np.searchsorted(self.x, 2 * t - self.x, side="right")
        itself = int(np.count_nonzero(self.x <= t))
        return (int(np.sum(partners)) + itself) // 2

    def _next_above(self, t: float) -> float:
        place = np.searchsorted(self.x, 2 * t - self.x, side="right")
        inside = place < len(self.x)
        return float(np.min((self.x[inside] + self.x[place[inside]]) / 2, initial=np.inf))


def _median(pairs: Differences | WalshAverages) -> float:
    half = (pairs.count + 1) // 2
    if pairs.count % 2:
        return pairs.kth(half)
    return (pairs.kth(half) + pairs.kth(half + 1)) / 2


def _search(
    k: int, low: float, high: float, at_most: Callable[[float], int], next_above: Callable[[float], float]
) -> float:
    """Halves the interval until nothing lies between, then takes the pair just above its lower end."""
    if at_most(low) >= k:
        return float(low)
    for _ in range(100):
        middle = low + (high - low) / 2
        if not low < middle < high:
            break
        low, high = (low, middle) if at_most(middle) >= k else (middle, high)
    return min(next_above(low), float(high))
