"""Quartiles side by side: the box holds the middle half, the whiskers end at the last value within 1.5 times its length."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import axes as ax
from . import groups, labels, theme
from .ask import Ask, left_out, nothing, notes
from .chart import Chart

LINES = 20
POINTS = 200
PAIR = ", "


def draw(ask: Ask) -> Chart:
    """`y` for each group (`group`, else `x`); the points themselves where they are few."""
    y = ask.numeric("y", "box")
    frame, split = _split(ask, y)
    values = ask.frame[y].to_numpy(dtype=float)
    known = np.isfinite(values)
    if not known.any():
        raise nothing("y", f"`{labels.short(y)}` has no values.")
    inner = groups.of(frame, LINES, ordered=split not in ask.kinds or groups.is_ordered(ask.kinds[split])) if split else None
    parts = [values[known & (inner.codes == i)] for i in range(len(inner))] if inner else [values[known]]
    names = inner.names if inner else [labels.clean(y)]
    title = ask.title or labels.short(y) + (f" by {labels.short(split)}" if split else "")
    shown = "box: middle half; line: median; whiskers: up to 1.5 box lengths"
    figure = theme.figure(title, notes(shown, left_out(int((~known).sum()), y)))
    axes = figure.add_subplot()
    scale = ax.scale_of(values[known])
    lines = [summary(part) for part in parts]
    colours = _colours(inner, split in ask.kinds) if inner else [theme.MAIN]
    for at, (part, line) in enumerate(zip(parts, lines)):
        if len(part):
            _one(axes, at, scale.of(part), {key: float(scale.of(v)) for key, v in line.items() if key not in ("n", "outliers")}, colours[at])
    ax.rows(axes, [f"{name}  (n = {labels.count(len(part))})" for name, part in zip(labels.fit_all(names, 220, theme.TEXT), parts)])
    ax.numeric(axes.xaxis)
    ax.grid(axes, along_x=True)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(scale.label(y))
    drawn = scale.of(values[known])
    axes.set_xlim(*ax.padded(drawn.min(), drawn.max()))
    keys = inner.keys() if inner else [None]
    table = pd.DataFrame([{**({split: key} if split else {}), **line} for key, line in zip(keys, lines) if line["n"]])
    words, numbers = _words(y, split, names, lines)
    return Chart(ask.slug or "box", "box", title, figure, table, words, numbers, int(known.sum()), ask.x, y, split)


def _split(ask: Ask, y: str) -> tuple[pd.Series | None, str | None]:
    """The groups: `x`, `group`, or each pair of both."""
    names = list(dict.fromkeys(name for name in (ask.x, ask.group) if name and name != y))
    if len(names) < 2:
        return (ask.frame[names[0]], names[0]) if names else (None, None)
    first, second = (ask.frame[name].map(labels.name, na_action=None).fillna(labels.MISSING) for name in names)
    return first + PAIR + second, f"{names[0]} and {names[1]}"


def _colours(inner: groups.Groups, one: bool) -> list[str]:
    """One for each group; pairs take that of their first half. Too many groups to tell apart share one."""
    values = [name if one else name.partition(PAIR)[0] for name in inner.names]
    kinds = list(dict.fromkeys(values))
    if len(kinds) > groups.MOST:
        return [theme.MAIN] * len(values)
    colours = dict(zip(kinds, theme.series(len(kinds), other=bool(inner.rest))))
    return [theme.OTHER if value is None else colours[name] for value, name in zip(inner.values, values)]


def summary(values: np.ndarray) -> dict:
    """What a box shows. Quantiles are linear, as everywhere."""
    if not len(values):
        return {"n": 0}
    q25, median, q75 = np.quantile(values, [0.25, 0.5, 0.75])
    reach = 1.5 * (q75 - q25)
    inside = values[(values >= q25 - reach) & (values <= q75 + reach)]
    return {
        "n": len(values), "low": float(inside.min()), "q25": float(q25), "median": float(median), "q75": float(q75),
        "high": float(inside.max()), "outliers": int(len(values) - len(inside)),
    }


def _one(axes, at: int, values: np.ndarray, line: dict, colour: str) -> None:
    axes.plot([line["low"], line["q25"]], [at, at], color=colour, linewidth=2.2)
    axes.plot([line["q75"], line["high"]], [at, at], color=colour, linewidth=2.2)
    axes.barh(at, line["q75"] - line["q25"], left=line["q25"], height=0.5, color=colour, alpha=0.28)
    axes.barh(at, line["q75"] - line["q25"], left=line["q25"], height=0.5, facecolor="none", edgecolor=colour, linewidth=2.2)
    axes.plot([line["median"]] * 2, [at - 0.25, at + 0.25], color=colour, linewidth=4, solid_capstyle="butt")
    few = len(values) <= POINTS
    points = values if few else values[(values < line["low"]) | (values > line["high"])]
    # The golden ratio spreads neighbours evenly, and the same way every time.
    lift = ((np.arange(len(points)) * 0.6180339887498949) % 1 - 0.5) * 0.32 if few else np.zeros(len(points))
    axes.scatter(points, at + lift, s=16 if few else 22, color=colour, alpha=0.55, linewidths=0, zorder=3, rasterized=len(points) > 1_000)


def _words(y: str, split: str | None, names: list[str], lines: list[dict]) -> tuple[str, dict]:
    held = [(name, line) for name, line in zip(names, lines) if line["n"]]
    numbers: dict = {"y": y, "group": split, "n": sum(line["n"] for _, line in held), "groups": len(held), "lines": [{"name": name, **line} for name, line in held]}
    if split is None or len(held) == 1:
        numbers |= {key: held[0][1][key] for key in ("q25", "median", "q75", "outliers")}
        return "Box plot of {n|int} values of {y|text}: median {median|g4}, the middle half from {q25|g4} to {q75|g4}.", numbers
    top, low = max(held, key=lambda h: h[1]["median"]), min(held, key=lambda h: h[1]["median"])
    numbers |= {"top": top[0], "top_median": top[1]["median"], "low": low[0], "low_median": low[1]["median"]}
    return "Box plots of {y|text} for {groups|int} groups by {group|text}. The highest median is that of {top|text}, {top_median|g4}; the lowest that of {low|text}, {low_median|g4}.", numbers
