"""What a chart is asked to show: the table, the columns for its axes, and the refusals when they do not fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Mapping

import pandas as pd

from ..envelope import Refused
from . import labels

CATEGORIES = ("categorical", "boolean", "text", "empty")


@dataclass(frozen=True)
class Ask:
    """One chart to draw. `kinds` are those of the intake: numeric, categorical, boolean, date, text, empty."""

    frame: pd.DataFrame
    kinds: Mapping[str, str]
    x: str | None = None
    y: str | None = None
    group: str | None = None
    title: str | None = None
    aggregate: str | None = None
    slug: str | None = None

    def with_(self, **changes: object) -> "Ask":
        """The same with other columns."""
        return replace(self, **changes)

    def check(self) -> None:
        """Every named column exists."""
        for role in ("x", "y", "group"):
            name = getattr(self, role)
            if name is not None and name not in self.kinds:
                known = ", ".join(labels.clean(c)[:40] for c in list(self.kinds)[:20])
                raise Refused("unknown_column", f"There is no column `{labels.short(name)}`. The table has: {known}.", f"/{role}")

    def need(self, role: str, kinds: tuple[str, ...], sentence: str) -> str:
        """The column of `role`, which must be of one of `kinds`; `sentence` says what the chart needs."""
        name = getattr(self, role)
        if name is None:
            raise Refused("wrong_column_type", f"{sentence} `{role}` is not given.", f"/{role}")
        if self.kinds[name] not in kinds:
            raise Refused("wrong_column_type", f"{sentence} `{labels.short(name)}` is {word(self.kinds[name])}.", f"/{role}")
        return name

    def numeric(self, role: str, chart: str) -> str:
        """The column of `role`, which must hold numbers."""
        return self.need(role, ("numeric",), f"A {chart} chart needs a numeric column as `{role}`.")

    def by_group(self) -> str | None:
        """The column that splits the chart, if any: one that is an axis already splits nothing."""
        return None if self.group in (self.x, self.y) else self.group

    def columns(self, kinds: tuple[str, ...]) -> list[str]:
        """All columns of one of `kinds`, in the order of the table."""
        return [name for name, kind in self.kinds.items() if kind in kinds]


def word(kind: str) -> str:
    """A kind inside a sentence."""
    return {"numeric": "numeric", "date": "a date", "boolean": "yes or no", "text": "text", "empty": "empty"}.get(kind, kind)


def nothing(role: str, sentence: str) -> Refused:
    """The refusal of a chart that would be empty."""
    return Refused("not_enough_data", sentence, f"/{role}" if role else "/data")


def notes(*parts: str | None) -> str:
    """The subtitle: short statements side by side."""
    return " · ".join(part for part in parts if part)


def left_out(rows: int, what: str) -> str | None:
    """Says which rows are not shown."""
    return f"{labels.several(rows, 'row')} without {labels.fit(what, 420, 15)} left out" if rows else None
