"""One metric in several sets: which is larger, by how much, and how sure is that. Formulas: docs/statistics.md.

Arguments: `datasets` (names, in the order of the data), `metric`, or one dataset and `group` that splits it;
`confidence`, `alpha`.
"""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ninja_analyst.columns import Column
from ninja_analyst.compare.pairs import pairs
from ninja_analyst.compare.ranking import ranking
from ninja_analyst.distributions import chi2_sf, f_sf
from ninja_analyst.envelope import Job, Refused, main
from ninja_analyst.numbers import describe
from ninja_analyst.tests.anova import welch_parts
from ninja_analyst.tests.outcome import Options
from ninja_analyst.tests.rank_anova import kruskal_parts

MOST_SETS = 10


def run(job: Job) -> dict[str, Any]:
    """Descriptives of every set, all pairs, both omnibus tests, a ranking with ties."""
    metric = job.arguments["metric"]
    columns = _split(job, metric) if job.arguments.get("group") else _datasets(job, metric)
    level = float(job.arguments.get("confidence") or 0.95)
    kept = _enough(columns, job)
    names = [name for name, _ in kept]
    sets = [column.present for _, column in kept]
    options = Options("two-sided", round(1.0 - level, 12))
    job.use(metric)
    with np.errstate(all="ignore"):
        described = [describe(column, level, job) | {"name": name, "n": column.count} for name, column in kept]
        compared = pairs(names, sets, options, job)
        return {
            "metric": metric,
            "sets": described,
            "pairs": compared,
            "omnibus": _omnibus(sets),
            "ranking": ranking(names, [_mean(one) for one in described], compared),
        }


def _datasets(job: Job, metric: str) -> list[tuple[str, Column]]:
    """The metric of each dataset, under the dataset's name; a name that comes twice gets a number."""
    tables = job.tables()
    given = [dataset.get("name") for dataset in job.arguments.get("datasets") or []]
    names: list[str] = []
    for index, table in enumerate(tables):
        name = (given[index] if index < len(given) else None) or table.name
        names.append(name if name not in names else f"{name} ({index + 1})")
    return [(name, table.numeric(metric, "/metric")) for name, table in zip(names, tables)]


def _split(job: Job, metric: str) -> list[tuple[str, Column]]:
    """The metric of the first dataset by the values of the group column."""
    table = job.table()
    column, group = table.numeric(metric, "/metric"), table.column(job.arguments["group"], "/group")
    job.use(group.name)
    if len(job.data) > 1:
        job.warn("datasets_ignored", "With a group only the first dataset is compared.")
    codes, levels = group.grouping()
    job.drop(f"missing in {group.name}", int(np.count_nonzero(codes < 0)))
    return [(level, column.take(codes == code)) for code, level in enumerate(levels)]


def _enough(columns: list[tuple[str, Column]], job: Job) -> list[tuple[str, Column]]:
    """Sets of two values or more; those with less cannot be compared, which is said."""
    for name, column in columns:
        job.drop(f"missing in {column.name}", column.missing_count)
    kept = [(name, column) for name, column in columns if column.count >= 2]
    left_out = [name for name, column in columns if column.count < 2]
    if left_out:
        job.warn("not_enough_data", f"Left out, with fewer than 2 values: {', '.join(left_out[:10])}.")
    if len(kept) < 2:
        raise Refused("not_enough_data", f"Needs two sets with at least 2 values each, there is {len(kept) or 'none'}.")
    if len(kept) > MOST_SETS:
        path = "/group" if job.arguments.get("group") else "/datasets"
        raise Refused("dataset_too_large", f"{len(kept)} sets have too many pairs to read; at most {MOST_SETS} are compared.", path)
    return kept


def _omnibus(sets: list[np.ndarray]) -> dict[str, Any]:
    n = sum(map(len, sets))
    f, df1, df2 = welch_parts(sets)
    h, df = kruskal_parts(sets)
    omega = df1 * (f - 1.0) / (df1 * (f - 1.0) + n)
    return {
        "welch_anova": {"f": f, "df1": df1, "df2": df2, "p": f_sf(f, df1, df2), "omega_squared": omega},
        "kruskal": {"h": h, "df": df, "p": chi2_sf(h, df), "epsilon_squared": h / (n - 1.0)},
    }


def _mean(described: dict[str, Any]) -> float:
    return math.nan if described["mean"] is None else described["mean"]


if __name__ == "__main__":
    main("comparative_analysis", run)
