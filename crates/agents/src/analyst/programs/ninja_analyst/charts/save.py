"""Charts become files: PNG, SVG and the plotted table, and their entries in the envelope.

A program that draws says:

    entries, results, warnings = save.publish(charts, Path("output"))
    envelope["charts"], envelope["result"]["charts"] = entries, results

The numbers that the alternative texts name stand in `results[i]["numbers"]`; `alt_refs` points to
`/result/charts/<i>/numbers/…`, so the results must be the list `result.charts` of the same envelope.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Sequence

import pandas as pd

from . import labels, svg, theme
from .chart import Chart, plain

POINTER = "/result/charts"


def publish(charts: Sequence[Chart], output: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Writes `charts` below `output/charts/` and answers their entries, their results and the warnings."""
    (output / "charts").mkdir(parents=True, exist_ok=True)
    entries, results, warnings = [], [], []
    for at, chart in enumerate(charts):
        chart.numbers = plain(chart.numbers)
        entries.append(_files(chart, output, f"{POINTER}/{at}/numbers"))
        results.append(_result(chart))
        warnings += chart.warnings
    if lost := labels.missing_glyphs():
        words = f"{labels.several(len(lost), 'sign')} of names cannot be drawn by the fonts of the charts and stand there as □; tables and texts have them."
        warnings.append({"code": "glyphs_missing", "text": words, "column": None})
    return entries, results, warnings


def _files(chart: Chart, output: Path, pointer: str) -> dict[str, Any]:
    paths = {ending: f"charts/{chart.slug}.{ending}" for ending in ("png", "svg", "csv")}
    chart.figure.savefig(output / paths["png"], format="png", dpi=theme.DPI, facecolor="white", metadata={"Software": None})
    drawn = io.StringIO()
    chart.figure.savefig(drawn, format="svg", dpi=theme.DPI, transparent=True, metadata={"Date": None, "Creator": None})
    alt = chart.alt()
    (output / paths["svg"]).write_text(svg.finished(drawn.getvalue(), chart.slug, chart.title, alt), encoding="utf-8")
    (output / paths["csv"]).write_text(table_text(chart.table), encoding="utf-8", newline="")
    return {
        "slug": chart.slug,
        "kind": chart.kind,
        "title": chart.title,
        "alt": alt,
        "alt_refs": chart.alt_refs(pointer),
        "png": paths["png"],
        "svg": paths["svg"],
        "table": paths["csv"],
    }


def _result(chart: Chart) -> dict[str, Any]:
    return {
        "slug": chart.slug,
        "kind": chart.kind,
        "x": chart.x,
        "y": chart.y,
        "group": chart.group,
        "n": int(chart.n),
        "binned": chart.binned,
        "numbers": chart.numbers,
    }


def table_text(table: pd.DataFrame) -> str:
    """Comma, dot, ISO dates, floats with all their digits, empty = missing: the canonical form of tables."""
    return table.to_csv(index=False, lineterminator="\n", date_format=_date_format(table))


def _date_format(table: pd.DataFrame) -> str | None:
    days = [table[c].dropna() for c in table.columns if pd.api.types.is_datetime64_any_dtype(table[c])]
    whole = all((column == column.dt.normalize()).all() for column in days)
    return "%Y-%m-%d" if days and whole else "%Y-%m-%dT%H:%M:%S.%f" if days else None
