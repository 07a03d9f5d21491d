"""The distributions of several columns at once: small histograms side by side, each with its own axes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import axes as ax
from . import histogram, labels, theme
from .ask import Ask
from .chart import Chart

MOST = 6


def draw(ask: Ask) -> Chart | None:
    """Up to six numeric columns; None where there is none with values."""
    names = [name for name in ask.columns(("numeric",)) if ask.frame[name].notna().any()]
    if not names:
        return None
    shown = names[:MOST]
    across = {1: 1, 2: 2, 3: 3, 4: 2}.get(len(shown), 3)
    down = -(-len(shown) // across)
    more = f" · the first {MOST} of {len(names)} numeric columns" if len(names) > MOST else ""
    title = "How the numbers are distributed"
    figure = theme.figure(title, f"rows by value; each panel has axes of its own{more}")
    panels = list(figure.subplots(down, across, squeeze=False).flat)
    parts, lines = [], []
    for axes, name in zip(panels, shown):
        values = ask.frame[name].to_numpy(float)
        values = values[np.isfinite(values)]
        edges = histogram.bins(values)
        counts = np.histogram(values, edges)[0]
        scale = ax.scale_of(values)
        histogram.panel(axes, scale.of(edges), [counts], None)
        ax.numeric(axes.xaxis, ticks=4)
        ax.numeric(axes.yaxis, ticks=4, whole=True)
        axes.tick_params(labelsize=theme.SMALL)
        axes.set_title(labels.fit(scale.label(name, 330), 330, theme.TEXT), fontsize=theme.TEXT, loc="left", pad=8)
        parts.append(pd.DataFrame({"column": name, "from": edges[:-1], "to": edges[1:], "rows": counts}))
        lines.append({"column": name, "n": len(values), "min": float(values.min()), "median": float(np.median(values)), "max": float(values.max())})
    for axes in panels[len(shown) :]:
        axes.set_visible(False)
    first = lines[0]
    numbers = {"columns": len(shown), "first": first["column"], "first_min": first["min"], "first_median": first["median"], "first_max": first["max"], "lines": lines}
    one = "histogram" if len(shown) == 1 else "histograms"
    words = f"{{columns|int}} {one} of numeric columns. {{first|text}} goes from {{first_min|g4}} to {{first_max|g4}} with the median {{first_median|g4}}."
    return Chart("distributions", "histogram", title, figure, pd.concat(parts, ignore_index=True), words, numbers, len(ask.frame))
