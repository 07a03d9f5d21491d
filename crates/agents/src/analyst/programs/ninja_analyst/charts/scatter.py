"""A point for each row; with more than 5,000 rows a shade for each cell of a grid."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import axes as ax
from . import groups, labels, theme
from .ask import Ask, left_out, nothing, notes
from .chart import Chart

MOST_POINTS = 5_000
CELLS = 60


def draw(ask: Ask) -> Chart:
    """`y` against `x`, coloured by `group`."""
    x, y = ask.numeric("x", "scatter"), ask.numeric("y", "scatter")
    known = np.isfinite(ask.frame[x].to_numpy(float)) & np.isfinite(ask.frame[y].to_numpy(float))
    frame = ask.frame[known]
    if frame.empty:
        raise nothing("", f"No row has both `{labels.short(x)}` and `{labels.short(y)}`.")
    split = ask.by_group()
    binned = len(frame) > MOST_POINTS
    title = ask.title or f"{labels.short(y)} against {labels.short(x)}" + (f" by {labels.short(split)}" if split and not binned else "")
    told = f"rows counted in a grid of {CELLS} by {CELLS}: more than {labels.count(MOST_POINTS)} points" if binned else None
    figure = theme.figure(title, notes(labels.several(len(frame), "row"), left_out(int((~known).sum()), f"{x} or {y}"), told))
    axes = figure.add_subplot()
    across = ax.along(axes, frame[x], x)
    up = ax.upward(axes, frame[y], y)
    axes.grid(axis="both")
    place = across.of(frame[x]), up.of(frame[y])
    if binned:
        table = _grid(axes, figure, place, frame[[x, y]], x, y)
    else:
        table = _points(axes, place, frame, split, ask, x, y)
    axes.set_xlim(*ax.padded(place[0].min(), place[0].max()))
    axes.set_ylim(*ax.padded(place[1].min(), place[1].max()))
    words, numbers = _words(frame, x, y, split if not binned else None)
    return Chart(ask.slug or "scatter", "scatter", title, figure, table, words, numbers, len(frame), x, y, split if not binned else None, binned)


def _points(axes, place, frame: pd.DataFrame, split: str | None, ask: Ask, x: str, y: str) -> pd.DataFrame:
    size = float(np.clip(16000 / len(frame), 14, 80))
    if split is None:
        axes.scatter(*place, s=size, color=theme.MAIN, alpha=0.85, linewidths=0, rasterized=len(frame) > 1_000)
        return frame[[x, y]].reset_index(drop=True)
    inner = groups.of(frame[split], groups.MOST, ordered=groups.is_ordered(ask.kinds[split]))
    colours = theme.series(len(inner), other=bool(inner.rest))
    for i, colour in enumerate(colours):
        rows = inner.codes == i
        axes.scatter(place[0][rows], place[1][rows], s=size, color=colour, alpha=0.9, linewidths=0, rasterized=len(frame) > 1_000)
    theme.legend(axes, inner.names, colours, marker="o")
    return frame[[x, y, split]].reset_index(drop=True)


def _grid(axes, figure, place, frame: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    counts, across, up = np.histogram2d(*place, bins=CELLS)
    shown = np.ma.masked_equal(counts.T, 0)
    mesh = axes.pcolormesh(across, up, shown, cmap=theme.dense(), norm="log" if counts.max() > 50 else "linear", rasterized=True)
    bar = figure.colorbar(mesh, ax=axes, pad=0.01, label="Rows" + (" (log scale)" if counts.max() > 50 else ""))
    bar.outline.set_visible(False)
    bar.ax.yaxis.set_major_formatter(lambda value, _: labels.count(round(value)))
    bar.ax.minorticks_off()
    found = np.argwhere(counts > 0)
    low_x, low_y = np.histogram2d(frame[x], frame[y], bins=CELLS)[1:]
    return pd.DataFrame({
        f"{x} from": low_x[found[:, 0]], f"{x} to": low_x[found[:, 0] + 1],
        f"{y} from": low_y[found[:, 1]], f"{y} to": low_y[found[:, 1] + 1],
        "rows": counts[found[:, 0], found[:, 1]].astype(int),
    })


def _words(frame: pd.DataFrame, x: str, y: str, split: str | None) -> tuple[str, dict]:
    rho = frame[x].rank().corr(frame[y].rank()) if len(frame) > 2 and frame[x].nunique() > 1 and frame[y].nunique() > 1 else None
    numbers = {
        "x": x, "y": y, "group": split, "n": len(frame), "x_min": frame[x].min(), "x_max": frame[x].max(),
        "y_min": frame[y].min(), "y_max": frame[y].max(), "rho": rho,
    }
    words = "Scatter chart of {y|text} against {x|text}" + (" by {group|text}" if split else "") + " for {n|int} rows: {x|text} from {x_min|g4} to {x_max|g4}, {y|text} from {y_min|g4} to {y_max|g4}."
    return words + (" Their rank correlation is {rho|g3}." if rho is not None else ""), numbers
