"""Shares of a whole, at most 8 of them; what is more stands together as the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import groups, labels, theme
from .ask import Ask, nothing, notes
from .chart import Chart
from ..envelope import Refused


def draw(ask: Ask) -> Chart:
    """Rows, or the sum of `y`, by `x`."""
    x = ask.need("x", ("categorical", "boolean", "text"), "A pie chart needs a column of categories as `x`.")
    y = ask.numeric("y", "pie") if ask.y else None
    weight = ask.frame[y].fillna(0) if y else None
    if weight is not None and (weight < 0).any():
        raise Refused("wrong_column_type", f"A pie chart needs values that are not negative; `{labels.short(y)}` has some that are.", "/y")
    slices = groups.of(ask.frame[x], groups.MOST, weight=weight)
    sizes = np.bincount(slices.codes, weights=weight, minlength=len(slices)) if len(slices) else np.zeros(0)
    if not sizes.sum() > 0:
        raise nothing("", "There is nothing to divide.")
    title = ask.title or (f"Shares of {labels.short(y)} by {labels.short(x)}" if y else f"Rows by {labels.short(x)}")
    rest = f"the rest: {labels.count(slices.rest)} more" if slices.rest else None
    figure = theme.figure(title, notes(labels.several(len(ask.frame), "row"), rest))
    axes = figure.add_subplot()
    shares = sizes / sizes.sum()
    colours = theme.series(len(slices), other=bool(slices.rest))
    wedges, _ = axes.pie(shares, colors=colours, startangle=90, counterclock=False, wedgeprops={"width": 0.42, "linewidth": 0})
    names = [f"{name}   {labels.number(share * 100, 3)} %" for name, share in zip(labels.fit_all(slices.names, 400, theme.TEXT), shares)]
    axes.set_anchor("W")
    axes.legend(wedges, names, loc="center left", bbox_to_anchor=(1.02, 0.5), labelspacing=0.9)
    value = f"sum_{y}" if y else "rows"
    table = pd.DataFrame({x: slices.keys(), value: sizes if y else sizes.astype(int), "share": shares})
    named = shares[:-1] if slices.rest and len(shares) > 1 else shares
    top = int(named.argmax())
    numbers = {"x": x, "y": y, "slices": len(slices), "top": slices.names[top], "top_share": shares[top], "shares": shares.tolist()}
    words = "Pie chart of {slices|int} shares by {x|text}. The largest is {top|text} with {top_share|pct1}."
    if slices.rest:
        numbers |= {"rest": slices.rest, "rest_share": shares[-1]}
        words += " The {rest|int} smallest together have {rest_share|pct1}."
    return Chart(ask.slug or "pie", "pie", title, figure, table, words, numbers, len(ask.frame), x, y)
