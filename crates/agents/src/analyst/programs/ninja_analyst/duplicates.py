"""Rows that repeat an earlier row in every column. A missing value equals a missing value."""

from __future__ import annotations

import numpy as np

from ninja_analyst.columns import Column


def first_of_each(columns: list[Column]) -> np.ndarray:
    """For each row the number of the first row that is like it: its own, unless it is a repetition."""
    rows = columns[0].rows
    key = np.zeros(rows, np.int64)
    kinds = 1
    for column in columns:
        codes, different = _codes(column)
        # No product reaches 2^63: there are at most 1,000,000 rows, so as many keys and codes.
        key = key * different + codes
        found, key = np.unique(key, return_inverse=True)
        kinds = len(found)
        if kinds == rows:
            return np.arange(rows)
    _, first, key = np.unique(key, return_index=True, return_inverse=True)
    return first[key]


def _codes(column: Column) -> tuple[np.ndarray, int]:
    """Small numbers that are equal where the values are."""
    if column.is_label:
        return column.codes + 1, len(column.levels) + 1
    codes = np.zeros(column.rows, np.int64)
    found, inverse = np.unique(column.present, return_inverse=True)
    codes[~column.missing] = inverse + 1
    return codes, len(found) + 1
