"""Charts: `draw(job, table, ...)` for those that were asked for, `explore(job, table, result)` for those of an exploration."""

from __future__ import annotations

from typing import Any

from ..envelope import OUTPUT, Job
from ..table import Table


def explore(job: Job, table: Table, result: dict[str, Any]) -> None:
    """Draws three to six charts of the table and puts them into the envelope and into `result`."""
    from . import exploration

    _publish(job, exploration.charts(_ask(job, table), result), result)


def draw(job: Job, table: Table) -> dict[str, Any]:
    """The charts that the arguments ask for; the whole result."""
    from . import bar, box, choose, heatmap, histogram, line, pie, scatter

    drawers = {
        "bar": bar.draw, "line": line.draw, "scatter": scatter.draw, "histogram": histogram.draw, "box": box.draw,
        "heatmap": heatmap.draw, "pie": pie.draw, "area": line.area,
    }
    given = job.arguments
    ask = _ask(job, table).with_(x=given.get("x"), y=given.get("y"), group=given.get("group"), title=given.get("title"))
    ask.check()
    viz_type = given.get("viz_type")
    wanted = [(viz_type, ask)] if viz_type else choose.kinds(ask)
    job.parameters["viz_type"] = viz_type or sorted({kind for kind, _ in wanted})[0]
    charts = []
    for at, (kind, one) in enumerate(wanted, 1):
        slug = f"chart-{kind}" if len(wanted) == 1 else f"chart-{kind}-{at}"
        charts.append(drawers[kind](one.with_(slug=slug)))
        job.use(*(name for name in (one.x, one.y, one.group) if name))
    result: dict[str, Any] = {}
    _publish(job, charts, result)
    return result


def _ask(job: Job, table: Table):
    from . import theme
    from .ask import Ask
    from .frames import frame

    theme.use()
    return Ask(frame(table, job), {column.name: column.kind for column in table.columns})


def _publish(job: Job, charts: list, result: dict[str, Any]) -> None:
    from . import save

    entries, results, warnings = save.publish(charts, OUTPUT)
    job.charts += entries
    result["charts"] = results
    for warning in warnings:
        job.warn(warning["code"], warning["text"], warning["column"])
