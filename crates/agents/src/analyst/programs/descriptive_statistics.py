"""Descriptive statistics of every column, and of every group if one is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from ninja_analyst.columns import Column
from ninja_analyst.envelope import Job, main
from ninja_analyst.numbers import describe
from ninja_analyst.table import Table

MOST_GROUPS = 50


def run(job: Job) -> dict[str, Any]:
    """`{columns, groups}`."""
    table = job.table()
    confidence = job.parameters.setdefault("confidence", 0.95)
    columns = chosen(table, job)
    job.use(*(column.name for column in columns))
    group_by = job.arguments.get("group_by")
    groups = []
    if group_by is not None:
        by = table.column(group_by, "/group_by")
        job.use(by.name)
        groups = grouped(by, [column for column in columns if column.name != by.name], confidence, job)
    return {"columns": [describe(column, confidence, job) for column in columns], "groups": groups}


def chosen(table: Table, job: Job) -> list[Column]:
    """The columns that were asked for, else all."""
    names = job.arguments.get("columns")
    if not names:
        return table.columns
    return [table.column(name, f"/columns/{place}") for place, name in enumerate(dict.fromkeys(names))]


def grouped(by: Column, columns: list[Column], confidence: float, job: Job) -> list[dict[str, Any]]:
    """The same per group, the largest groups first. Rows without a group are a group of their own: `value` null."""
    codes, levels = by.grouping()
    codes = np.where(codes < 0, len(levels), codes)
    sizes = np.bincount(codes, minlength=len(levels) + 1)
    order = [int(code) for code in np.lexsort((np.arange(len(sizes)), -sizes)) if sizes[code]]
    if len(order) > MOST_GROUPS:
        text = f"`{by.name}` has {len(order)} groups; the {MOST_GROUPS} largest are described."
        job.warn("groups_cut", text, by.name)
    kept = sorted(order[:MOST_GROUPS])
    rows = {code: np.flatnonzero(codes == code) for code in kept}
    return [
        {
            "by": by.name,
            "value": levels[code] if code < len(levels) else None,
            "rows": int(sizes[code]),
            "columns": [describe(column.take(rows[code]), confidence, job) for column in columns],
        }
        for code in kept
    ]


if __name__ == "__main__":
    main("descriptive_statistics", run)
