"""Values in the order of time or of another number, as lines or as areas."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import axes as ax
from . import groups, labels, theme, trend_line
from .ask import Ask, left_out, nothing, notes
from .chart import Chart

MOST_POINTS = 5_000
STEPS = 500
MARKED = 40


def draw(ask: Ask) -> Chart:
    """`y` along `x`, a line for each group."""
    return _draw(ask, "line")


def area(ask: Ask) -> Chart:
    """The same, filled to zero; groups are stacked if nothing is negative."""
    return _draw(ask, "area")


def _draw(ask: Ask, kind: str) -> Chart:
    x = ask.need("x", ("date", "numeric"), f"A {kind} chart needs a column of dates or numbers as `x`.")
    y = ask.numeric("y", kind)
    known = ask.frame[x].notna().to_numpy() & np.isfinite(ask.frame[y].to_numpy(float))
    frame = ask.frame[known]
    if frame.empty:
        raise nothing("", f"No row has both `{labels.short(x)}` and `{labels.short(y)}`.")
    split = ask.by_group()
    inner = groups.of(frame[split], groups.MOST, ordered=groups.is_ordered(ask.kinds[split])) if split else None
    keys = pd.DataFrame({"x": frame[x].to_numpy(), "g": inner.codes if inner else 0, "y": frame[y].to_numpy(float)})
    binned = len(keys) > MOST_POINTS
    if binned:
        keys["x"] = _stepped(keys["x"])
    repeated = bool(keys.duplicated(["g", "x"]).any())
    lines = keys.groupby(["g", "x"], sort=True)["y"].mean().reset_index()
    title = ask.title or f"{labels.short(y)} by {labels.short(x)}" + (f" and {labels.short(split)}" if split else "")
    told = f"means of {STEPS} equal steps: more than {labels.count(MOST_POINTS)} points" if binned else "rows with the same x: their mean" if repeated else None
    trend = None if inner or binned or kind == "area" else trend_line.of(lines["x"], lines["y"].to_numpy())
    lost = left_out(int((~known).sum()), f"{x} or {y}")
    figure = theme.figure(title, notes(labels.several(len(frame), "row"), told, trend_line.NOTE if trend else None, lost))
    axes = figure.add_subplot()
    across = ax.along(axes, frame[x], x)
    up = ax.upward(axes, lines["y"], ("Mean of " if repeated or binned else "") + y)
    ax.grid(axes, along_x=False)
    colours = theme.series(len(inner) if inner else 1, other=bool(inner and inner.rest))
    stacked = kind == "area" and inner is not None and bool((lines["y"] >= 0).all())
    (_stack if stacked else _lines)(axes, lines, across, up, colours, kind == "area")
    if kind == "area":
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, 0), max(high + (high - low) * 0.04, 0) if high > 0 else 0)
    if trend:
        trend_line.draw(axes, trend, ax.place(lines["x"], across), up.of)
    if inner and kind == "line":
        ends = [up.of(lines["y"][lines["g"] == g])[-1] if (lines["g"] == g).any() else None for g in range(len(inner))]
        theme.at_ends(axes, inner.names, colours, ends)
    elif inner:
        theme.legend(axes, inner.names, colours)
    table = lines.rename(columns={"x": x, "y": y})[[x, y]]
    if inner:
        table.insert(1, split, [inner.keys()[g] for g in lines["g"]])
    words, numbers = _words(kind, lines, x, y, split, len(inner) if inner else 1)
    if trend:
        numbers |= {"slope": trend.slope, "slope_low": trend.low, "slope_high": trend.high}
        unit = "day" if pd.api.types.is_datetime64_any_dtype(lines["x"]) else "unit of {x|text}"
        words += f" The median slope is {{slope|g3}} per {unit}, its confidence interval from {{slope_low|g3}} to {{slope_high|g3}}."
    return Chart(ask.slug or kind, kind, title, figure, table, words, numbers, len(frame), x, y, split, binned)


def _stepped(x: pd.Series) -> pd.Series:
    """Every x as the middle of its step."""
    as_time = pd.api.types.is_datetime64_any_dtype(x)
    numbers = x.to_numpy().astype("datetime64[us]").astype(np.int64).astype(float) if as_time else x.to_numpy(float)
    low, high = numbers.min(), numbers.max()
    width = (high - low) / STEPS or 1.0
    middle = low + (np.minimum((numbers - low) // width, STEPS - 1) + 0.5) * width
    return pd.Series(middle.astype(np.int64).astype("datetime64[us]") if as_time else middle)


def _lines(axes, lines: pd.DataFrame, across, up, colours: list[str], filled: bool) -> None:
    for g, part in lines.groupby("g"):
        place, height = ax.place(part["x"], across), up.of(part["y"])
        few = len(part) <= MARKED
        axes.plot(place, height, color=colours[int(g)], linewidth=2.4 if len(part) <= 300 else 1.5, marker="o" if few else None, markersize=6)
        if filled:
            axes.fill_between(place, 0, height, color=colours[int(g)], alpha=0.2, linewidth=0)


def _stack(axes, lines: pd.DataFrame, across, up, colours: list[str], _filled: bool) -> None:
    wide = lines.pivot(index="x", columns="g", values="y").fillna(0)
    place = ax.place(pd.Series(wide.index), across)
    axes.stackplot(place, *(up.of(wide[g]) for g in wide.columns), colors=[colours[int(g)] for g in wide.columns], alpha=0.85, linewidth=0)


def _words(kind: str, lines: pd.DataFrame, x: str, y: str, split: str | None, count: int) -> tuple[str, dict]:
    first, last = lines.loc[lines["x"].idxmin()], lines.loc[lines["x"].idxmax()]
    top, low = lines.loc[lines["y"].idxmax()], lines.loc[lines["y"].idxmin()]
    dated = pd.api.types.is_datetime64_any_dtype(lines["x"])
    style, at = ("date", "on") if dated else ("g4", "at")
    numbers = {
        "x": x, "y": y, "group": split, "lines": count, "points": len(lines), "from": first["x"], "to": last["x"], "first": first["y"],
        "last": last["y"], "highest": top["y"], "highest_at": top["x"], "lowest": low["y"], "lowest_at": low["x"],
    }
    words = f"{kind.capitalize()} chart of {{y|text}} by {{x|text}}" + (" for {lines|int} groups of {group|text}" if split else "")
    words += f", from {{from|{style}}} to {{to|{style}}}. The highest value is {{highest|g4}} {at} {{highest_at|{style}}}, the lowest {{lowest|g4}} {at} {{lowest_at|{style}}}."
    return words, numbers
