"""Ranks, and order statistics of pairwise differences and sums, at sizes where the pairs do not fit in memory."""
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
        return _search(self, k, self.a[0] - self.b[-1], self.a[-1] - self.b[0])

    def median(self) -> float:
        return _median(self)

    def at_most(self, t: float) -> int:
        return int(np.sum(len(self.b) - self._from(t)))

    def between(self, low: float, high: float) -> np.ndarray:
        """Those above `low`, up to `high`."""
        i, j = _expanded(self._from(high), self._from(low))
        return self.a[i] - self.b[j]

    def nearest(self, t: float) -> float:
        """The difference closest to `t`."""
        place = self._from(t)
        return _closest([self.a - self.b[_inside(place + step, self.b)] for step in (-1, 0)], t)

    def _from(self, t: float) -> np.ndarray:
        """For each a the first b whose difference is at most t."""
        return np.searchsorted(self.b, self.a - t, side="left")


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
        return _search(self, k, self.x[0], self.x[-1])

    def median(self) -> float:
        return _median(self)

    def at_most(self, t: float) -> int:
        return int(np.sum(self._until(t) - np.arange(len(self.x))))

    def between(self, low: float, high: float) -> np.ndarray:
        """Those above `low`, up to `high`."""
        i, j = _expanded(self._until(low), self._until(high))
        return (self.x[i] + self.x[j]) / 2

    def nearest(self, t: float) -> float:
        """The average closest to `t`."""
        place = self._until(t)
        return _closest([(self.x + self.x[_inside(place + step, self.x)]) / 2 for step in (-1, 0)], t)

    def _until(self, t: float) -> np.ndarray:
        """For each x_i the end of the x_j, j >= i, whose average with it is at most t."""
        return np.maximum(np.searchsorted(self.x, 2 * t - self.x, side="right"), np.arange(len(self.x)))


Pairs = Differences | WalshAverages


def _median(pairs: Pairs) -> float:
    half = (pairs.count + 1) // 2
    if pairs.count % 2:
        return pairs.kth(half)
    return (pairs.kth(half) + pairs.kth(half + 1)) / 2


def _search(pairs: Pairs, k: int, low: float, high: float) -> float:
    """Halves the interval until the pairs in it fit in memory, or until it holds a single, often tied, value."""
    below, up_to = pairs.at_most(low), pairs.at_most(high)
    if below >= k or up_to < k:  # the ends themselves, of which rounding may lose sight
        return float(low if below >= k else high)
    while up_to - below > PAIRS_IN_MEMORY:
        middle = low + (high - low) / 2
        if not low < middle < high:
            return pairs.nearest(high)
        count = pairs.at_most(middle)
        if count >= k:
            high, up_to = middle, count
        else:
            low, below = middle, count
    inside = pairs.between(low, high)
    return float(np.partition(inside, k - below - 1)[k - below - 1])


def _inside(place: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.clip(place, 0, len(values) - 1)


def _closest(candidates: list[np.ndarray], t: float) -> float:
    found = np.concatenate(candidates)
    return float(found[np.argmin(np.abs(found - t))])


def _expanded(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs (i, j) with start_i <= j < end_i."""
    lengths = end - start
    i = np.repeat(np.arange(len(start)), lengths)
    offsets = np.repeat(start - (np.cumsum(lengths) - lengths), lengths)
    return i, np.arange(len(i)) + offsets
