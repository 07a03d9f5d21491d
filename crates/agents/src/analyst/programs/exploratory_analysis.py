"""Exploratory analysis: what is in a table, what stands out, and what goes together."""

from __future__ import annotations

from typing import Any

import numpy as np

from ninja_analyst.associations import associations, correlations, pearson
from ninja_analyst.columns import Column
from ninja_analyst.duplicates import first_of_each
from ninja_analyst.envelope import Job, main
from ninja_analyst.numbers import describe
from ninja_analyst.observations import NEARLY_THE_SAME, observations
from ninja_analyst.outliers import outliers
from ninja_analyst.table import Table

MOST_PAIRS = 20
MOST_LEAKAGES = 50
FEWEST_OF_AN_ID = 10
CONFIDENCE = 0.95


def run(job: Job) -> dict[str, Any]:
    """Columns, duplicates, pairs, observations; and charts unless they are not wanted."""
    table = job.table()
    job.parameters["confidence"] = CONFIDENCE
    job.use(*table.names)
    columns = [explored(column, job) for column in table.columns]
    pairs = correlations(table.of_kind("numeric"), job)
    result = {
        "rows": table.rows,
        "columns": columns,
        "duplicates": repeated(table),
        "correlations": [with_pearson(pair, table, job) for pair in pairs[:MOST_PAIRS]],
        "associations": associations(table.of_kind("categorical", "boolean"), job)[:MOST_PAIRS],
        "leakage": leakage(pairs, job),
        "date_coverage": [
            {"column": column["name"], "min": column["min"], "max": column["max"], "gaps": column["gaps"]}
            for column in columns if column["kind"] == "date"
        ],
    }
    result["observations"] = observations(result)
    if job.parameters.setdefault("charts", True):
        from ninja_analyst import charts  # drawing costs a second that not everybody needs

        charts.explore(job, table, result)
    return result


def explored(column: Column, job: Job) -> dict[str, Any]:
    """A column's description, and whether it looks like a mistake or a key."""
    far = outliers(column) if column.kind == "numeric" else None
    if far is not None and far.by_z is None:
        job.not_computable("modified z-score", "half of the values or more are equal", column.name)
    return {
        **describe(column, CONFIDENCE, job),
        "constant": column.count > 0 and column.distinct == 1,
        "id_like": id_like(column),
        "outliers": None if far is None else far.told(),
        "missing_share": column.missing_count / column.rows,
    }


def id_like(column: Column) -> bool:
    """Every value once: labels, or whole numbers without a hole. Measurements may differ too, but leave holes."""
    if column.count < FEWEST_OF_AN_ID or column.distinct < column.count:
        return False
    if column.is_label:
        return True
    values = column.present
    return column.kind == "numeric" and bool((values % 1 == 0).all()) and np.ptp(values) == len(values) - 1


def repeated(table: Table) -> int:
    """Rows that repeat an earlier row."""
    first = first_of_each(table.columns)
    return int((first != np.arange(len(first))).sum())


def with_pearson(pair: dict[str, Any], table: Table, job: Job) -> dict[str, Any]:
    """A pair with Pearson's r beside rho: far apart, they tell of a bend or of outliers."""
    return {**pair, "pearson": pearson(table.column(pair["a"], "/data"), table.column(pair["b"], "/data"))}


def leakage(pairs: list[dict[str, Any]], job: Job) -> list[dict[str, Any]]:
    """Pairs of which one column all but gives away the other."""
    found = [{name: pair[name] for name in ("a", "b", "rho")} for pair in pairs if abs(pair["rho"]) > NEARLY_THE_SAME]
    if len(found) > MOST_LEAKAGES:
        job.warn("leakage_cut", f"{len(found)} pairs are nearly the same; the {MOST_LEAKAGES} strongest are listed.")
    return found[:MOST_LEAKAGES]


if __name__ == "__main__":
    main("exploratory_analysis", run)
