"""Axes: scaled values, round ticks with all their digits, dates without repetition, names that fit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Sequence

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib import ticker
from matplotlib.axes import Axes

from . import labels, theme


@dataclass(frozen=True)
class Scale:
    """The power of ten that is taken out of the values of an axis and said in its label."""

    exponent: int = 0

    def of(self, values: Any) -> np.ndarray:
        """`values` as they are drawn. Two steps: 10^308 and its inverse are not both floats."""
        numbers = np.asarray(values, dtype=float)
        half = self.exponent // 2
        return numbers / 10.0**half / 10.0 ** (self.exponent - half) if self.exponent else numbers

    def label(self, words: object, pixels: float = 800) -> str:
        """The name of the axis, then its power of ten."""
        factor = f"  (×10{labels.superscript(self.exponent)})" if self.exponent else ""
        return labels.fit(words, pixels - labels.width(factor, theme.TEXT), theme.TEXT) + factor


def scale_of(*values: Any) -> Scale:
    """No power of ten between 0.001 and ten million: there numbers are read as they are."""
    largest = max((float(np.max(np.abs(v))) for v in (np.asarray(v, dtype=float) for v in values) if v.size), default=0.0)
    if largest == 0 or not math.isfinite(largest) or 1e-3 <= largest < 1e7:
        return Scale()
    return Scale(3 * math.floor(math.log10(largest) / 3))


class Ticks(ticker.Formatter):
    """All ticks with the same decimals, as many as their step needs; thousands apart when any of them has five digits."""

    def __init__(self, suffix: str = "") -> None:
        self.suffix = suffix

    def __call__(self, value: float, pos: int | None = None) -> str:
        return self.format_ticks([value])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """The words of all ticks at once, so that they agree."""
        steps = [b - a for a, b in zip(values, values[1:]) if b != a] or [abs(v) for v in values if v] or [1.0]
        places = 0
        while places < 12 and any(abs(round(s, places) - s) > abs(s) * 1e-6 for s in steps):
            places += 1
        apart = any(abs(v) >= 10_000 for v in values)
        out = []
        for value in values:
            words = f"{abs(value):{',' if apart else ''}.{places}f}".replace(",", labels.THIN)
            negative = value < 0 and float(words.replace(labels.THIN, "")) != 0
            out.append((labels.MINUS if negative else "") + words + self.suffix)
        return out


def numeric(axis: Any, *, ticks: int = 6, whole: bool = False, suffix: str = "") -> None:
    """Round steps, few enough that the words do not touch."""
    axis.set_major_locator(ticker.MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10], integer=whole, min_n_ticks=2))
    axis.set_major_formatter(Ticks(suffix))


def dated(axis: Any) -> None:
    """Dates that name the year once."""
    locator = mdates.AutoDateLocator(minticks=3, maxticks=7)
    axis.set_major_locator(locator)
    axis.set_major_formatter(mdates.ConciseDateFormatter(locator))
    axis.get_offset_text().set_size(theme.TEXT)


def along(axes: Axes, values: pd.Series, name: object) -> Scale:
    """Prepares the x axis for numbers or dates and labels it."""
    if pd.api.types.is_datetime64_any_dtype(values):
        dated(axes.xaxis)
        axes.set_xlabel(labels.fit(name, 900, theme.TEXT))
        return Scale()
    scale = scale_of(finite(values))
    numeric(axes.xaxis, ticks=8, whole=scale.exponent == 0 and is_whole(values))
    axes.set_xlabel(scale.label(name, 900))
    return scale


def upward(axes: Axes, values: Any, name: object) -> Scale:
    """Prepares the y axis for numbers and labels it."""
    scale = scale_of(finite(values))
    numeric(axes.yaxis, whole=scale.exponent == 0 and is_whole(values))
    axes.set_ylabel(scale.label(name, 520))
    return scale


def place(values: pd.Series, scale: Scale) -> np.ndarray:
    """Numbers and dates as positions on an axis that `along` prepared."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return np.asarray(mdates.date2num(values.to_numpy()), dtype=float)
    return scale.of(values)


def rows(axes: Axes, names: Sequence[object], *, pixels: float = 330) -> None:
    """One named row per category, the first on top."""
    size = row_size(len(names))
    axes.set_yticks(range(len(names)))
    axes.set_yticklabels(labels.fit_all(names, pixels, size), fontsize=size)
    axes.set_ylim(len(names) - 0.5, -0.5)


def row_size(count: int) -> float:
    """Smaller letters for many rows, never below what can be read."""
    return theme.TEXT if count <= 12 else max(11.0, theme.TEXT - 0.4 * (count - 12))


def grid(axes: Axes, along_x: bool) -> None:
    """Lines only where a value is read."""
    axes.grid(axis="x" if along_x else "y")
    axes.spines["bottom"].set_visible(not along_x)
    axes.spines["left"].set_visible(along_x)


def finite(values: Any) -> np.ndarray:
    """The values that can be drawn."""
    numbers = np.asarray(values, dtype=float)
    return numbers[np.isfinite(numbers)]


def is_whole(values: Any) -> bool:
    """Whether ticks between whole numbers would be of no use."""
    numbers = finite(values)
    return bool(numbers.size) and bool(np.all(numbers == np.floor(numbers))) and float(np.max(np.abs(numbers))) < 1e15


def padded(low: float, high: float, share: float = 0.04) -> tuple[float, float]:
    """Limits with some air; a single value stands in the middle."""
    if low == high:
        margin = abs(low) * 0.1 or 1.0
        return low - margin, high + margin
    return low - (high - low) * share, high + (high - low) * share
