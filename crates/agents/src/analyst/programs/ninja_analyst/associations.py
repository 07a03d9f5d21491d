"""How columns go together: Spearman's rho of numbers, Cramér's V of categories.

Ranks are counted in whole numbers (twice the mid-rank, less n + 1), so their products are summed without rounding and
the order of the rows cannot change a digit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ninja_analyst.columns import Column
from ninja_analyst.envelope import Job
from ninja_analyst.numbers import centred

# Rows times pairs, about 10 s of work: columns beyond it are left out, which is said. Ranking a pair anew, because rows
# without a value differ, costs ten times as much as multiplying ranks that are there.
MOST_WORK = 2_500_000_000
WORK_OF_RANKING = 10
MOST_LEVELS = 100
# Below this the t distribution says too little about the p value of rho.
FEWEST_FOR_P = 10


@dataclass
class Ranked:
    """A column as dense codes in the order of its values; `whole` are the ranks if nothing is missing, and `square` the
    sum of their squares."""

    column: Column
    codes: np.ndarray
    different: int
    whole: np.ndarray | None = None
    square: int = 0


def correlations(columns: list[Column], job: Job) -> list[dict[str, Any]]:
    """Every pair of numeric columns that vary, the strongest first: `{a, b, rho, p, p_adjusted, n}`."""
    ranked = [_ranked(column) for column in affordable(columns, job)]
    pairs, small = [], False
    for one, other in combinations(ranked, 2):
        rho, n = spearman(one, other)
        if rho is None:
            continue
        small |= n < FEWEST_FOR_P
        p = p_of_rho(rho, n) if n >= FEWEST_FOR_P else None
        pairs.append({"a": one.column.name, "b": other.column.name, "rho": rho, "p": p, "p_adjusted": None, "n": n})
    if small:
        job.not_computable("p value of a correlation", f"it needs at least {FEWEST_FOR_P} rows with both values")
    tested = [pair for pair in pairs if pair["p"] is not None]
    for pair, adjusted in zip(tested, benjamini_hochberg([pair["p"] for pair in tested])):
        pair["p_adjusted"] = adjusted
    return sorted(pairs, key=lambda pair: -abs(pair["rho"]))


def affordable(columns: list[Column], job: Job) -> list[Column]:
    """As many of the columns, from the left, as can be compared in time."""
    columns = [column for column in columns if column.distinct > 1]
    if not columns:
        return []
    weight = WORK_OF_RANKING if any(column.missing_count for column in columns) else 1
    most = math.isqrt(2 * MOST_WORK // weight // (columns[0].rows + 2000))
    if len(columns) > most:
        text = f"Of {len(columns)} numeric columns the first {most} were compared with each other: more take too long."
        job.warn("correlations_cut", text)
    return columns[:most]


def _ranked(column: Column) -> Ranked:
    found, inverse = np.unique(column.present, return_inverse=True)
    codes = np.zeros(column.rows, np.int32)
    codes[~column.missing] = inverse
    if column.missing_count:
        return Ranked(column, codes, len(found))
    whole = _ranks(codes, len(found))
    return Ranked(column, codes, len(found), whole, int(np.dot(whole, whole)))


def _ranks(codes: np.ndarray, different: int) -> np.ndarray:
    """Twice the mid-rank, less n + 1: whole numbers that sum to 0."""
    counts = np.bincount(codes, minlength=different)
    return (2 * np.cumsum(counts) - counts - len(codes))[codes]


def spearman(one: Ranked, other: Ranked) -> tuple[float | None, int]:
    """Rho over the rows that have both values, and how many these are."""
    if one.whole is not None and other.whole is not None:
        a, b, squares = one.whole, other.whole, (one.square, other.square)
    else:
        both = ~(one.column.missing | other.column.missing)
        a, b = _ranks(one.codes[both], one.different), _ranks(other.codes[both], other.different)
        squares = int(np.dot(a, a)), int(np.dot(b, b))
    if len(a) < 3 or 0 in squares:
        return None, len(a)
    rho = int(np.dot(a, b)) / math.sqrt(squares[0] * squares[1])
    return max(-1.0, min(1.0, rho)), len(a)


def p_of_rho(rho: float, n: int) -> float:
    """Two-sided, by Student's t with n - 2 degrees of freedom."""
    from ninja_analyst.distributions import t_p

    if abs(rho) == 1.0:
        return 0.0
    return t_p(rho * math.sqrt((n - 2) / ((1 - rho) * (1 + rho))), n - 2, "two-sided")


def benjamini_hochberg(ps: list[float]) -> list[float]:
    """Adjusted p values: the smallest p·m/rank of this and every larger p."""
    order = sorted(range(len(ps)), key=ps.__getitem__, reverse=True)
    adjusted, least = [1.0] * len(ps), 1.0
    for place, index in enumerate(order):
        least = min(least, ps[index] * len(ps) / (len(ps) - place))
        adjusted[index] = least
    return adjusted


def pearson(a: Column, b: Column) -> float | None:
    """Pearson's r over the rows that have both values."""
    both = ~(a.missing | b.missing)
    x, y = a.values[both], b.values[both]
    if len(x) < 3 or x.min() == x.max() or y.min() == y.max():
        return None
    dx, dy = centred(x)[1], centred(y)[1]
    products, squares = math.fsum((dx * dy).tolist()), [math.fsum((d * d).tolist()) for d in (dx, dy)]
    return max(-1.0, min(1.0, products / math.sqrt(squares[0]) / math.sqrt(squares[1])))


def associations(columns: list[Column], job: Job) -> list[dict[str, Any]]:
    """Every pair of categories: `{a, b, cramers_v, n}`, the strongest first."""
    able = []
    for column in columns:
        if column.distinct > MOST_LEVELS:
            text = f"`{column.name}` has more than {MOST_LEVELS} different values: not compared with other categories."
            job.warn("associations_cut", text, column.name)
        elif column.distinct > 1:
            able.append(column)
    most = math.isqrt(2 * MOST_WORK // WORK_OF_RANKING // (able[0].rows + 2000)) if able else 0
    if len(able) > most:
        job.warn("associations_cut", f"Of {len(able)} categories the first {most} were compared: more take too long.")
    pairs = []
    for one, other in combinations(able[:most], 2):
        v, n = cramers_v(one, other)
        if v is not None:
            pairs.append({"a": one.name, "b": other.name, "cramers_v": v, "n": n})
    return sorted(pairs, key=lambda pair: -pair["cramers_v"])


def cramers_v(a: Column, b: Column) -> tuple[float | None, int]:
    """Cramér's V with Bergsma's correction for bias, over the rows that have both values."""
    both = ~(a.missing | b.missing)
    wide = len(b.levels)
    cells = np.bincount(a.codes[both].astype(np.int64) * wide + b.codes[both], minlength=len(a.levels) * wide)
    counts = cells.reshape(len(a.levels), wide)
    counts = counts[counts.sum(1) > 0][:, counts.sum(0) > 0]
    n, (r, k) = int(counts.sum()), counts.shape
    if n < 2 or r < 2 or k < 2:
        return None, n
    shares = counts.astype(float) ** 2 / np.outer(counts.sum(1), counts.sum(0)).astype(float)
    phi2 = max(0.0, math.fsum(shares.ravel().tolist()) - 1)
    phi2 = max(0.0, phi2 - (r - 1) * (k - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
    return (math.sqrt(phi2 / least), n) if least > 0 else (None, n)
