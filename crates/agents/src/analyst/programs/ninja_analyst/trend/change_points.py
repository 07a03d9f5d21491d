"""Where the mean jumps: binary segmentation, each split proved against shuffled values."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

SHORTEST = 8
SHUFFLES = 999
SEED = 0
MOST_POINTS = 20_000
MOST_CHANGES = 10
# Shuffled values are tried in blocks of about this many, 16 MB.
BLOCK = 2_000_000


@dataclass
class Split:
    """The best split of the points from `start` to `end`: before `at`."""

    start: int
    end: int
    at: int
    p: float


def change_points(values: np.ndarray, labels: list[str], alpha: float) -> tuple[list[dict[str, Any]], bool]:
    """The proved splits in the order of time, and whether the search stopped at its limit.

    A segment is split where the squared distance of the means, weighted by their sizes, is largest; p is the share of
    shuffled segments whose best split is as good. The two halves are searched in turn.
    """
    draw = np.random.default_rng(SEED)
    found: list[Split] = []
    open_segments = [(0, len(values))]
    while open_segments and len(found) < MOST_CHANGES:
        start, end = open_segments.pop(0)
        split = _split(values, start, end, draw)
        if split is not None and split.p < alpha:
            found.append(split)
            open_segments += [(start, split.at), (split.at, end)]
    found.sort(key=lambda split: split.at)
    edges = [0, *(split.at for split in found), len(values)]
    report = [
        {
            "at": labels[split.at],
            "before_mean": float(np.mean(values[edges[i] : split.at])),
            "after_mean": float(np.mean(values[split.at : edges[i + 2]])),
            "p": split.p,
        }
        for i, split in enumerate(found)
    ]
    return report, bool(open_segments) and len(found) == MOST_CHANGES


def _split(values: np.ndarray, start: int, end: int, draw: np.random.Generator) -> Split | None:
    segment = values[start:end]
    if len(segment) < 2 * SHORTEST or np.ptp(segment) == 0.0 or not np.isfinite(np.ptp(segment)):
        return None
    segment = (segment - np.mean(segment)) / np.ptp(segment)
    gains = _gains(segment[None, :])[0]
    place = int(np.argmax(gains))
    as_good, left = 0, SHUFFLES
    while left:
        count = min(left, max(1, BLOCK // len(segment)))
        shuffled = draw.permuted(np.broadcast_to(segment, (count, len(segment))), axis=1)
        as_good += int(np.count_nonzero(_gains(shuffled).max(axis=1) >= gains[place] * (1 - 1e-12)))
        left -= count
    return Split(start, end, start + place + SHORTEST, (as_good + 1) / (SHUFFLES + 1))


def _gains(segments: np.ndarray) -> np.ndarray:
    """Per row and possible place: the sum of squares that a split there explains. The rows have the mean 0."""
    n = segments.shape[1]
    sizes = np.arange(SHORTEST, n - SHORTEST + 1)
    left = np.cumsum(segments, axis=1)[:, SHORTEST - 1 : n - SHORTEST]
    return left**2 * (n / (sizes * (n - sizes)))
