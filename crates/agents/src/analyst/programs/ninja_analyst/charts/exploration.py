"""The charts of an exploration: three to six, chosen by what the table holds."""

from __future__ import annotations

from typing import Any, Callable

from ..envelope import Refused
from . import bar, distributions, heatmap, histogram, line, missing, scatter
from .ask import Ask
from .chart import Chart

MOST = 6
FEWEST = 3
COLOURS = 8


def charts(ask: Ask, result: dict[str, Any]) -> list[Chart]:
    """Holes, distributions, correlations, the strongest pair, the first category, the course over time."""
    numeric = [name for name in ask.columns(("numeric",)) if ask.frame[name].nunique() > 1]
    labelled = [name for name in ask.columns(("categorical", "boolean")) if ask.frame[name].nunique() > 0]
    dates = ask.columns(("date",))
    colour = next((name for name in labelled if 2 <= ask.frame[name].nunique() <= COLOURS), None)
    wanted: list[Callable[[], Chart | None]] = [lambda: distributions.draw(ask)]
    if dates and numeric:
        wanted.append(lambda: line.draw(ask.with_(x=dates[0], y=numeric[0], group=colour, slug="over-time")))
    if len(numeric) >= 3:
        wanted.append(lambda: heatmap.draw(ask.with_(slug="correlations")))
    if result["correlations"]:
        pair = result["correlations"][0]
        wanted.append(lambda: scatter.draw(ask.with_(x=pair["a"], y=pair["b"], group=colour, slug="strongest-pair")))
    if labelled:
        wanted.append(lambda: bar.draw(ask.with_(x=labelled[0], slug="categories")))
    wanted.append(lambda: missing.draw(ask))
    spare = [*((bar.draw, "x", name, f"categories-{at}") for at, name in enumerate(labelled[1:], 2)), *((histogram.draw, "x", name, f"histogram-{at}") for at, name in enumerate(ask.columns(("numeric",)), 1))]
    drawn = [chart for chart in (_tried(draw) for draw in wanted) if chart][:MOST]
    for draw, axis, name, slug in spare:
        if len(drawn) >= FEWEST:
            break
        chart = _tried(lambda: draw(ask.with_(**{axis: name, "slug": slug})))
        drawn += [chart] if chart else []
    return drawn


def _tried(draw: Callable[[], Chart | None]) -> Chart | None:
    """A chart that the table does not allow is left out: nobody asked for it by name."""
    try:
        return draw()
    except Refused:
        return None
