"""Where values are missing: a bar for each column that has holes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import axes as ax
from . import labels, theme
from .ask import Ask
from .chart import Chart

LINES = 20


def draw(ask: Ask) -> Chart | None:
    """Shares of missing values, the largest first; None where nothing is missing."""
    rows = len(ask.frame)
    holes = ask.frame.isna().sum()
    holes = holes[holes > 0].sort_values(ascending=False, kind="stable")
    if holes.empty or not rows:
        return None
    shown = holes.head(LINES)
    more = f" · the {LINES} columns with the most" if len(holes) > LINES else ""
    title = "Missing values by column"
    figure = theme.figure(title, f"of {labels.several(rows, 'row')}{more}")
    axes = figure.add_subplot()
    shares = (shown / rows * 100).to_numpy()
    axes.barh(range(len(shown)), shares, height=0.7, color=theme.OTHER)
    ax.rows(axes, list(shown.index))
    high = min(100.0, shares.max() * 1.25)
    axes.set_xlim(0, high)
    ax.numeric(axes.xaxis, suffix=" %")
    ax.grid(axes, along_x=True)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Share of the rows")
    for at, (count, share) in enumerate(zip(shown, shares)):
        inside = share > high * 0.85
        axes.annotate(labels.count(int(count)), (share, at), (-6 if inside else 6, 0), textcoords="offset points", va="center", ha="right" if inside else "left", size=theme.SMALL, color="#ffffff" if inside else theme.INK)
    table = pd.DataFrame({"column": holes.index, "missing": holes.to_numpy(), "share": holes.to_numpy() / rows})
    numbers = {"rows": rows, "columns": len(holes), "most": holes.index[0], "most_missing": int(holes.iloc[0]), "most_share": float(holes.iloc[0] / rows), "values": np.asarray(holes).tolist()}
    one = "column has" if len(holes) == 1 else "columns have"
    words = f"Bar chart of missing values: {{columns|int}} {one} some. {{most|text}} has the most, {{most_missing|int}} of {{rows|int}} rows, {{most_share|pct1}}."
    return Chart("missing", "bar", title, figure, table, words, numbers, rows)
