"""Which charts the columns call for when nobody said which."""

from __future__ import annotations

from .ask import Ask
from ..envelope import Refused

MOST = 4


def kinds(ask: Ask) -> list[tuple[str, Ask]]:
    """Kinds of charts with what each shows, at most four."""
    numeric = [name for name in ask.columns(("numeric",)) if name not in (ask.x, ask.group)]
    if ask.x and ask.y:
        return [(_pair(ask), ask)]
    if ask.x and ask.kinds[ask.x] == "date":
        found = [("line", ask.with_(y=name)) for name in numeric[:MOST]]
        return found or [("bar", ask)]
    if ask.x and ask.kinds[ask.x] == "numeric":
        return [("histogram", ask)]
    if ask.x:
        return [("bar", ask)]
    if ask.y:
        return [("box", ask)]
    if ask.group:
        found = [("box", ask.with_(y=name)) for name in numeric[:MOST]]
        return found or [("bar", ask.with_(x=ask.group, group=None))]
    found = [("histogram", ask.with_(x=name)) for name in numeric[:MOST]]
    found = found or [("bar", ask.with_(x=name)) for name in ask.columns(("categorical", "boolean"))[:MOST]]
    if not found:
        raise Refused("wrong_column_type", "There is no column of numbers or categories to draw.")
    return found


def _pair(ask: Ask) -> str:
    first, second = ask.kinds[ask.x], ask.kinds[ask.y]
    if second != "numeric":
        return "heatmap"
    if first == "date":
        return "line"
    return "scatter" if first == "numeric" else "box"
