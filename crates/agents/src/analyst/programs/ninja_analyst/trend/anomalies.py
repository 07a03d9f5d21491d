"""Points far from what their neighbourhood (or STL) expects, by the modified z of Iglewicz and Hoaglin."""
from __future__ import annotations

from typing import Any

import numpy as np

WINDOW = 7
LIMIT = 3.5
MOST = 50


def anomalies(values: np.ndarray, residuals: np.ndarray, labels: list[str]) -> tuple[list[dict[str, Any]], int]:
    """The points with a modified z above 3.5, in the order of time, the 50 farthest; and how many there are."""
    center = float(np.median(residuals))
    mad = float(np.median(np.abs(residuals - center)))
    if not 0.0 < mad < np.inf:
        return [], 0
    z = 0.6745 * (residuals - center) / mad
    far = np.flatnonzero(np.abs(z) > LIMIT)
    kept = np.sort(far[np.argsort(-np.abs(z[far]), kind="stable")][:MOST])
    report = [
        {"at": labels[i], "value": float(values[i]), "expected": float(values[i] - residuals[i]), "modified_z": float(z[i])}
        for i in kept
    ]
    return report, len(far)


def from_neighbours(values: np.ndarray) -> np.ndarray:
    """What is left of each value after the median of the seven points around it, fewer at the ends."""
    half = WINDOW // 2
    padded = np.concatenate([np.full(half, np.nan), values, np.full(half, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)
    inner = np.median(windows[half : len(values) - half], axis=1)
    ends = [np.nanmedian(windows[i]) for i in (*range(half), *range(len(values) - half, len(values)))]
    return values - np.concatenate([ends[:half], inner, ends[half:]])
