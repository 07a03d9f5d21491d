"""A colour for each pair: how numeric columns go together, or how often two categories meet."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import groups, labels, theme
from .ask import Ask, nothing, notes
from .chart import Chart

MOST = 20
WRITTEN = 12


def draw(ask: Ask) -> Chart:
    """Counts of `x` against `y`; without them the rank correlations of all numeric columns."""
    return _counts(ask) if ask.x and ask.y else _correlations(ask)


def _correlations(ask: Ask) -> Chart:
    names = [n for n in ask.columns(("numeric",)) if ask.frame[n].nunique() > 1][:MOST]
    if len(names) < 2:
        raise nothing("", "A heatmap of correlations needs two numeric columns that are not constant.")
    rho = _spearman(ask.frame[names])
    title = ask.title or "What goes together: rank correlations"
    figure = theme.figure(title, notes("Spearman's ρ: 1 together, −1 against each other, 0 neither", f"first {MOST} numeric columns" if len(ask.columns(("numeric",))) > MOST else None))
    _mesh(figure, rho, names, names, theme.diverging(), -1, 1, lambda v: f"{v:.2f}".replace("-", labels.MINUS))
    pairs = [(i, j) for i in range(len(names)) for j in range(i) if np.isfinite(rho[i, j])]
    table = pd.DataFrame([{"a": names[j], "b": names[i], "rho": rho[i, j]} for i, j in pairs])
    numbers: dict = {"columns": len(names), "pairs": len(pairs), "values": [rho[i, j] for i, j in pairs]}
    words = "Heatmap of the rank correlations of {columns|int} numeric columns."
    if pairs:
        i, j = max(pairs, key=lambda p: abs(rho[p]))
        numbers |= {"a": names[j], "b": names[i], "rho": rho[i, j]}
        words += " The strongest is that of {a|text} and {b|text}, {rho|g3}."
    return Chart(ask.slug or "heatmap", "heatmap", title, figure, table, words, numbers, len(ask.frame))


def _spearman(frame: pd.DataFrame) -> np.ndarray:
    """Ranks among the rows that both columns have. Where nothing is missing, that is once for all pairs."""
    if not frame.isna().any().any():
        return frame.rank().corr(min_periods=3).to_numpy()
    rho = np.eye(frame.shape[1])
    for i in range(frame.shape[1]):
        for j in range(i):
            pair = frame.iloc[:, [i, j]].dropna().rank()
            rho[i, j] = rho[j, i] = pair.corr(min_periods=3).to_numpy()[0, 1]
    return rho


def _counts(ask: Ask) -> Chart:
    x = ask.need("x", tuple(set(ask.kinds.values())), "A heatmap needs a column of categories as `x`.")
    y = ask.need("y", tuple(set(ask.kinds.values())), "A heatmap needs a column of categories as `y`.")
    across = groups.of(ask.frame[x], MOST, ordered=groups.is_ordered(ask.kinds[x]))
    down = groups.of(ask.frame[y], MOST, ordered=groups.is_ordered(ask.kinds[y]))
    if not len(across) or not len(down):
        raise nothing("", "There are no rows to count.")
    counts = np.zeros((len(down), len(across)))
    np.add.at(counts, (down.codes, across.codes), 1)
    title = ask.title or f"Rows by {labels.short(x)} and {labels.short(y)}"
    figure = theme.figure(title, labels.several(len(ask.frame), "row"))
    axes = _mesh(figure, counts, across.names, down.names, theme.sequential(), 0, max(1, counts.max()), lambda v: labels.count(int(v)))
    axes.set_xlabel(labels.fit(x, 900, theme.TEXT))
    axes.set_ylabel(labels.fit(y, 500, theme.TEXT))
    table = pd.DataFrame([{x: a, y: b, "rows": int(counts[j, i])} for j, b in enumerate(down.keys()) for i, a in enumerate(across.keys())])
    j, i = np.unravel_index(int(counts.argmax()), counts.shape)
    numbers = {"x": x, "y": y, "n": len(ask.frame), "most": int(counts.max()), "most_x": across.names[i], "most_y": down.names[j], "values": counts.astype(int).tolist()}
    words = "Heatmap of {n|int} rows by {x|text} and {y|text}. The most rows, {most|int}, have {most_x|text} and {most_y|text}."
    return Chart(ask.slug or "heatmap", "heatmap", title, figure, table, words, numbers, len(ask.frame), x, y)


def _mesh(figure, values: np.ndarray, across: list, down: list, colours, low: float, high: float, write):
    axes = figure.add_subplot()
    mesh = axes.imshow(np.ma.masked_invalid(values), cmap=colours, vmin=low, vmax=high, aspect="auto")
    written = max(len(across), len(down)) <= WRITTEN
    size = theme.TEXT if max(len(across), len(down)) <= 8 else theme.SMALL if written else 11.5
    cell = 860 / len(across)
    level = max(labels.width(labels.drawable(labels.clean(name)), size) for name in across) < cell - 12 or cell > 260
    shown = labels.fit_all(across, cell - 12 if level else 240, size)
    turned = {} if level else {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(range(len(across)), shown, fontsize=size, **turned)
    axes.set_yticks(range(len(down)), labels.fit_all(down, 260, size), fontsize=size)
    for edge in axes.spines.values():
        edge.set_visible(False)
    if not written:
        bar = figure.colorbar(mesh, ax=axes, pad=0.015, shrink=0.85)
        bar.outline.set_visible(False)
        return axes
    for (j, i), value in np.ndenumerate(values):
        if np.isfinite(value):
            red, green, blue, _ = mesh.cmap(mesh.norm(value))
            dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5
            axes.text(i, j, write(value), ha="center", va="center", size=size, color="#ffffff" if dark else "#000000")
    return axes
