"""Bars: rows counted, or a column summed, per category. The axis starts at 0, always."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from . import axes as ax
from . import groups, labels, theme
from .ask import Ask, left_out, nothing, notes
from .chart import Chart
from ..envelope import Refused

LINES = 20
COLUMNS = 60
AGGREGATES = ("sum", "mean", "median", "min", "max")


def draw(ask: Ask) -> Chart:
    """Bars of `y` (its sum unless `aggregate` says else), or of the number of rows, for every `x`, side by side for every `group`."""
    x = ask.need("x", tuple(set(ask.kinds.values())), "A bar chart needs a column of categories as `x`.")
    y = ask.numeric("y", "bar") if ask.y is not None else None
    aggregate = (ask.aggregate or "sum") if y else "count"
    frame = ask.frame if y is None else ask.frame[np.isfinite(ask.frame[y].to_numpy(dtype=float, na_value=np.nan))]
    if frame.empty:
        raise nothing("y" if y else "", "There are no values to draw bars of.")
    split = ask.by_group()
    inner = groups.of(frame[split], groups.MOST, ordered=groups.is_ordered(ask.kinds[split])) if split else None
    outer = _categories(ask, frame, x, y if aggregate == "sum" else None, len(inner) if inner else 1)
    heights = _heights(frame, y, aggregate, outer, inner)
    if not np.isfinite(heights).any():
        raise nothing("y", f"The values of `{labels.short(y or x)}` are too large to be added up.")
    if not groups.is_ordered(ask.kinds[x]):
        outer, heights = _by_height(outer, heights)
    what = "Number of rows" if y is None else f"{aggregate.capitalize()} of {labels.short(y)}"
    title = ask.title or f"{what} by {labels.short(x)}" + (f" and {labels.short(split)}" if split else "")
    figure = theme.figure(title, _subtitle(ask, frame, outer, y))
    axes = figure.add_subplot()
    if groups.is_ordered(ask.kinds[x]) and len(outer) > 1:
        _upright(axes, outer, heights, inner, x, what)
    else:
        _lying(axes, outer, heights, inner, x, what)
    if inner:
        _legend(axes, inner)
    words, numbers = _words(outer, heights, inner, x, y, split, what)
    return Chart(
        ask.slug or "bar", "bar", title, figure, _table(outer, heights, inner, x, split, y, aggregate), words, numbers,
        len(frame), x, y, split,
    )


def _categories(ask: Ask, frame: pd.DataFrame, x: str, weight: str | None, series: int) -> groups.Groups:
    """As many categories as can be read; an ordered column has no rest, it has too many values."""
    if not groups.is_ordered(ask.kinds[x]):
        size = frame[weight].abs() if weight else None
        return groups.of(frame[x], max(4, LINES * 2 // (1 + series)), weight=size)
    distinct = frame[x].nunique()
    if distinct > COLUMNS:
        raise Refused(
            "wrong_column_type",
            f"A bar chart needs at most {COLUMNS} different numbers or dates as `x`; `{labels.short(x)}` has {distinct}. "
            "A line, an area or a histogram shows them.",
            "/x",
        )
    return groups.of(frame[x], COLUMNS + 1, ordered=True)


def _heights(frame: pd.DataFrame, y: str | None, aggregate: str, outer: groups.Groups, inner: groups.Groups | None) -> np.ndarray:
    """Categories by groups; NaN where there is no row."""
    keys = pd.DataFrame({"outer": outer.codes, "inner": inner.codes if inner else 0})
    keys["value"] = 1.0 if y is None else frame[y].to_numpy(dtype=float)
    found = keys.groupby(["outer", "inner"])["value"].agg("sum" if aggregate == "count" else aggregate)
    heights = np.full((len(outer), len(inner) if inner else 1), np.nan)
    for (i, j), value in found.items():
        heights[i, j] = value
    return heights


def _by_height(outer: groups.Groups, heights: np.ndarray) -> tuple[groups.Groups, np.ndarray]:
    """The highest first; missing and the rest stay last."""
    ends = sum(1 for value in outer.values if value is None) + (1 if outer.rest else 0)
    total = np.nansum(heights, axis=1)
    body = sorted(range(len(outer) - ends), key=lambda i: -total[i])
    order = [*body, *range(len(outer) - ends, len(outer))]
    place = np.empty(len(order) + 1, dtype=int)
    place[order] = range(len(order))
    place[-1] = -1
    return groups.Groups(place[outer.codes], [outer.values[i] for i in order], outer.rest), heights[order]


def _colour(outer: groups.Groups, i: int) -> str:
    return theme.OTHER if outer.values[i] is None or (outer.rest and i == len(outer) - 1) else theme.MAIN


def _bars(heights: np.ndarray, outer: groups.Groups, inner: groups.Groups | None) -> list[tuple[float, float, float, str]]:
    """Every bar: its middle, its thickness, its height, its colour."""
    count = heights.shape[1]
    colours = theme.series(count, other=bool(inner and inner.rest))
    thick = min(0.76, 0.32 + 0.09 * heights.shape[0] * count) / count  # a few bars would be as fat as posters
    out = []
    for i in range(heights.shape[0]):
        held = [j for j in range(count) if np.isfinite(heights[i, j])]
        for place, j in enumerate(held):  # groups without a row leave no hole
            colour = colours[j] if inner else _colour(outer, i)
            out.append((i + (place - (len(held) - 1) / 2) * thick, thick * (0.92 if inner else 1.0), heights[i, j], colour))
    return out


def _lying(axes: Axes, outer: groups.Groups, heights: np.ndarray, inner: groups.Groups | None, x: str, what: str) -> None:
    """Rows with names that can be long, and the value at the end of each bar."""
    scale = ax.scale_of(heights[np.isfinite(heights)])
    bars = _bars(heights, outer, inner)
    lengths = scale.of([b[2] for b in bars])
    axes.barh([b[0] for b in bars], lengths, height=[b[1] for b in bars], color=[b[3] for b in bars])
    ax.rows(axes, outer.names)
    axes.set_ylabel(labels.fit(x, 520, theme.TEXT))
    low, high = min(0.0, lengths.min()), max(0.0, lengths.max())
    size = min(ax.row_size(len(bars)), 400 / len(bars) / 100 * 72 * 1.25)
    told = size >= 9
    room = (high - low or 1.0) * (0.16 if told else 0.03)
    axes.set_xlim(low - (room if low < 0 else 0), high + (room if high > 0 or low == high else 0))
    ax.numeric(axes.xaxis)
    ax.grid(axes, along_x=True)
    axes.axvline(0, color=theme.INK, linewidth=1.2, alpha=0.6)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(scale.label(what))
    if told:
        for (at, _, height, _), length in zip(bars, lengths):
            sign = -1 if height < 0 else 1
            axes.annotate(
                labels.number(float(length)), (length, at), (5 * sign, 0), textcoords="offset points", size=size,
                va="center", ha="left" if sign > 0 else "right",
            )


def _upright(axes: Axes, outer: groups.Groups, heights: np.ndarray, inner: groups.Groups | None, x: str, what: str) -> None:
    """Columns in the order of numbers or dates."""
    scale = ax.scale_of(heights[np.isfinite(heights)])
    bars = _bars(heights, outer, inner)
    drawn = scale.of([b[2] for b in bars])
    axes.bar([b[0] for b in bars], drawn, width=[b[1] for b in bars], color=[b[3] for b in bars])
    names = outer.names
    widest = max(labels.width(name, theme.TEXT) for name in names) + 14
    step = max(1, int(np.ceil(widest * len(names) / 1000)))
    shown = range(0, len(names), step)
    axes.set_xticks(list(shown))
    axes.set_xticklabels([labels.fit(names[i], 300, theme.TEXT) for i in shown])
    axes.set_xlim(-0.6, len(names) - 0.4)
    low, high = min(0.0, drawn.min()), max(0.0, drawn.max())
    axes.set_ylim(low * 1.1, high * 1.1 if high > 0 or low < 0 else 1.0)
    ax.numeric(axes.yaxis)
    ax.grid(axes, along_x=False)
    axes.axhline(0, color=theme.INK, linewidth=1.2, alpha=0.6)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel(labels.fit(x, 900, theme.TEXT))
    axes.set_ylabel(scale.label(what, 520))
    if 0.76 / heights.shape[1] * 1050 / len(names) > max(labels.width(labels.number(float(top)), theme.SMALL) for top in drawn):
        for (at, _, height, _), top in zip(bars, drawn):
            sign = -1 if height < 0 else 1
            axes.annotate(
                labels.number(float(top)), (at, top), (0, 4 * sign), textcoords="offset points", size=theme.SMALL,
                ha="center", va="bottom" if sign > 0 else "top",
            )


def _legend(axes: Axes, inner: groups.Groups) -> None:
    theme.legend(axes, inner.names, theme.series(len(inner), other=bool(inner.rest)))


def _subtitle(ask: Ask, frame: pd.DataFrame, outer: groups.Groups, y: str | None) -> str:
    lost = len(ask.frame) - len(frame)
    rest = f"the {labels.count(len(outer) - 1)} largest of {labels.count(len(outer) - 1 + outer.rest)}, the rest together" if outer.rest else None
    return notes(labels.several(len(frame), "row"), rest, left_out(lost, y) if y else None)


def _table(outer: groups.Groups, heights: np.ndarray, inner: groups.Groups | None, x: str, split: str | None, y: str | None, aggregate: str) -> pd.DataFrame:
    value = "rows" if y is None else f"{aggregate}_{y}"
    lines: list[dict[str, Any]] = []
    for i, key in enumerate(outer.keys()):
        for j, group in enumerate(inner.keys() if inner else [None]):
            if np.isfinite(heights[i, j]):
                height = int(heights[i, j]) if y is None else heights[i, j]
                lines.append({x: key, **({split: group} if split else {}), value: height})
    return pd.DataFrame(lines)


def _words(
    outer: groups.Groups, heights: np.ndarray, inner: groups.Groups | None, x: str, y: str | None, split: str | None, what: str
) -> tuple[str, dict[str, Any]]:
    """The highest and the lowest bar by name."""
    named = len(outer) - (1 if outer.rest and len(outer) > 1 else 0)  # the rest is no category that could be the highest
    flat = [(heights[i, j], i, j) for i in range(heights.shape[0]) for j in range(heights.shape[1]) if np.isfinite(heights[i, j])]
    first = [f for f in flat if f[1] < named] or flat
    top, bottom = max(first, key=lambda f: f[0]), min(first, key=lambda f: f[0])
    style = "int" if y is None else "g4"

    def called(at: tuple[float, int, int]) -> str:
        return outer.names[at[1]] + (f", {inner.names[at[2]]}" if inner else "")

    numbers: dict[str, Any] = {
        "x": x, "y": y, "group": split, "bars": len(flat), "highest": top[0], "highest_name": called(top),
        "lowest": bottom[0], "lowest_name": called(bottom), "values": [f[0] for f in flat],
    }
    kind = "the number of rows" if y is None else f"the {what.split(' ')[0].lower()} of {{y|text}}"
    words = f"Bar chart of {kind} by {{x|text}}" + (" and {group|text}" if split else "") + ", {bars|int} " + ("bar" if len(flat) == 1 else "bars") + ". "
    if len(flat) == 1:
        return words + f"{{highest_name|text}}: {{highest|{style}}}.", numbers
    if top[0] == bottom[0]:
        return words + f"All have the same value, {{highest|{style}}}.", numbers
    return words + f"The highest is {{highest_name|text}} with {{highest|{style}}}, the lowest {{lowest_name|text}} with {{lowest|{style}}}.", numbers
