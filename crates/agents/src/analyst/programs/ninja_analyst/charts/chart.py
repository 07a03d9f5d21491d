"""A drawn chart before it is saved: the figure, the plotted table, the numbers that its words name."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from . import labels

HOLE = re.compile(r"\{(\w+)\|(\w+)\}")


@dataclass
class Chart:
    """What `save.publish` writes."""

    slug: str
    kind: str
    title: str
    figure: Figure
    table: pd.DataFrame
    """What was plotted, no more and no less."""
    words: str
    """The alternative text with holes like `{highest|g4}`: names of `numbers`. Names from the data are holes too (`|text`),
    so that whatever stands in them is told apart from our words."""
    numbers: dict[str, Any]
    n: int
    """Rows that the chart shows."""
    x: str | None = None
    y: str | None = None
    group: str | None = None
    binned: bool = False
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def alt(self) -> str:
        """The finished sentences."""
        return HOLE.sub(lambda hole: written(self.numbers[hole[1]], hole[2]), self.words)

    def alt_refs(self, pointer: str) -> str:
        """The same sentences with references below `pointer` in place of what comes from the data."""
        return HOLE.sub(lambda hole: f"{{{{n::{pointer}/{hole[1]}|{hole[2]}}}}}", self.words)


def written(value: Any, style: str) -> str:
    """`value` in a style of number references (`int g3 g4 g5 f1 f2 f3 pct1 p date text`)."""
    if value is None:
        return "–"
    if style == "text":
        return labels.clean(value)
    if style == "date":
        return str(value)[:10]
    if style == "int":
        return labels.count(int(value))
    if style == "pct1":
        return f"{value * 100:.1f}\u00a0%".replace("-", labels.MINUS)
    if style[0] == "f":
        return f"{value:,.{style[1]}f}".replace(",", labels.THIN).replace("-", labels.MINUS)
    return labels.number(value, int(style[1]) if style[0] == "g" else 3)


def plain(value: Any) -> Any:
    """`value` as JSON holds it; what is not a finite number is null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (datetime, date)):
        return labels.day(value)
    return str(value)
