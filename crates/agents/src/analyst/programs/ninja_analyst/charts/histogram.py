"""How often which values come: counts in equal steps, by Freedman and Diaconis, at most 60 of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import axes as ax
from . import groups, labels, theme
from .ask import Ask, left_out, nothing, notes
from .chart import Chart

MOST_BINS = 60
FEW_WHOLE = 30


def draw(ask: Ask) -> Chart:
    """Counts of `x`; with `group` an outline for each."""
    x = ask.numeric("x", "histogram")
    values = ask.frame[x].to_numpy(dtype=float)
    known = np.isfinite(values)
    if not known.any():
        raise nothing("x", f"`{labels.short(x)}` has no values.")
    edges = bins(values[known])
    split = ask.by_group()
    inner = groups.of(ask.frame[split], groups.MOST, ordered=groups.is_ordered(ask.kinds[split])) if split else None
    counts = [np.histogram(values[known & (inner.codes == i)], edges)[0] for i in range(len(inner))] if inner else [np.histogram(values[known], edges)[0]]
    title = ask.title or f"Distribution of {labels.short(x)}" + (f" by {labels.short(split)}" if split else "")
    figure = theme.figure(title, notes(labels.several(int(known.sum()), "value"), left_out(int((~known).sum()), x)))
    axes = figure.add_subplot()
    scale = ax.along(axes, ask.frame[x], x)
    panel(axes, scale.of(edges), counts, theme.series(len(counts), other=bool(inner and inner.rest)) if inner else None)
    ax.numeric(axes.yaxis, whole=True)
    axes.set_ylabel("Rows")
    if inner:
        theme.legend(axes, inner.names, theme.series(len(inner), other=bool(inner.rest)))
    words, numbers = _words(x, split, values[known], edges, counts)
    return Chart(ask.slug or "histogram", "histogram", title, figure, _table(edges, counts, inner, split), words, numbers, int(known.sum()), x, None, split)


def panel(axes, edges: np.ndarray, counts: list[np.ndarray], colours: list[str] | None) -> None:
    """Bars for one set of counts, outlines for several."""
    ax.grid(axes, along_x=False)
    if colours is None:
        axes.bar(edges[:-1], counts[0], width=np.diff(edges) * 0.94, align="edge", color=theme.MAIN)
    else:
        for count, colour in zip(counts, colours):
            axes.stairs(count, edges, color=colour, linewidth=2.4)
            axes.stairs(count, edges, color=colour, alpha=0.16, fill=True)
    if len(edges) == 2:  # one value alone: a bar in the middle, not a wall
        axes.set_xlim(edges[0] - 2 * (edges[1] - edges[0]), edges[1] + 2 * (edges[1] - edges[0]))
    axes.set_ylim(0, max(1, max(int(c.max()) for c in counts)) * 1.06)


def bins(values: np.ndarray) -> np.ndarray:
    """Edges of the steps; whole numbers with few different values get a step each."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        margin = 0.5 if ax.is_whole(values) and abs(low) < 1e6 else abs(low) * 0.05
        return np.array([low - margin, high + margin])
    if ax.is_whole(values) and high - low <= FEW_WHOLE:
        return np.arange(low - 0.5, high + 1.0)
    q25, q75 = np.quantile(values, [0.25, 0.75])
    width = 2 * (q75 - q25) / len(values) ** (1 / 3)
    wanted = int(np.ceil((high - low) / width)) if width > 0 else int(np.ceil(np.log2(len(values)) + 1))
    return np.linspace(low, high, min(max(wanted, 1), MOST_BINS) + 1)


def _table(edges: np.ndarray, counts: list[np.ndarray], inner: groups.Groups | None, split: str | None) -> pd.DataFrame:
    parts = []
    for i, count in enumerate(counts):
        part = {"from": edges[:-1], "to": edges[1:], "rows": count}
        parts.append(pd.DataFrame(part if inner is None else {split: [inner.keys()[i]] * len(count), **part}))
    return pd.concat(parts, ignore_index=True)


def _words(x: str, split: str | None, values: np.ndarray, edges: np.ndarray, counts: list[np.ndarray]) -> tuple[str, dict]:
    total = np.sum(counts, axis=0)
    top = int(total.argmax())
    numbers = {
        "x": x, "group": split, "n": len(values), "min": float(values.min()), "max": float(values.max()), "bins": len(total),
        "top_from": float(edges[top]), "top_to": float(edges[top + 1]), "top_rows": int(total[top]), "counts": [c.tolist() for c in counts],
    }
    words = "Histogram of {n|int} " + ("value" if len(values) == 1 else "values") + " of {x|text}" + (" by {group|text}" if split else "") + ", from {min|g4} to {max|g4}"
    if len(total) == 1:
        return words + ".", numbers
    return words + ". The most rows, {top_rows|int}, lie between {top_from|g4} and {top_to|g4}.", numbers
