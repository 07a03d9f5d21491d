"""Named tests of one table, each with estimate, interval, effect size and checked assumptions.

Arguments: `test_type`, `columns`, `group`, `alternative`, `alpha`, `mu`, `paired`, or a list `tests` of such questions.
With nothing but a `group`: the two default tests of every numeric column. Ids and formulas: docs/statistics.md.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator

import numpy as np

from ninja_analyst.envelope import Job, Refused, main
from ninja_analyst.tests.catalogue import TESTS, Test, resolve
from ninja_analyst.tests.outcome import Options
from ninja_analyst.tests.question import Question

if TYPE_CHECKING:
    from ninja_analyst.columns import Column
    from ninja_analyst.table import Table

# All pairs of more columns would fill the result and nobody would read them.
MOST_PAIRED_COLUMNS = 20
MOST_ENTRIES = 1000
LABEL_TESTS = ("LABELS", "COUNTS", "TABLE", "CHANGES")
SEVERAL = ("MATCHED", "BLOCKS")


def run(job: Job) -> dict[str, Any]:
    """Asks every question; refuses if tests were named and not one of them could be answered."""
    table = job.table()
    tests: list[dict[str, Any]] = []
    skipped: list[dict[str, Any]] = []
    dropped: dict[str, int] = {}
    with np.errstate(all="ignore"):  # what overflows becomes null, and says so
        for question in _questions(job, table, dropped):
            job.use(*(column.name for column in question.columns))
            if question.group is not None:
                job.use(question.group.name)
            for answer in question.ask():
                if "result" in answer:
                    tests.append(answer["result"])
                else:
                    skipped.append(answer["skipped"])
                if len(tests) + len(skipped) > MOST_ENTRIES:
                    raise Refused("result_too_large", f"More than {MOST_ENTRIES} tests. Name fewer columns.", "/columns")
    if not tests:
        why = " ".join(dict.fromkeys(entry["text"] for entry in skipped[:3])) or "There is no column to test."
        text = f"Nothing could be tested. {why}"
        if job.arguments.get("tests") or job.arguments.get("test_type"):
            raise Refused("not_enough_data", text, "/data")
        job.warn("not_enough_data", text)
    for reason, rows in dropped.items():
        job.drop(reason, rows)
    return {"tests": tests, "skipped": skipped}


def _questions(job: Job, table: Table, dropped: dict[str, int]) -> Iterator[Question]:
    arguments = job.arguments
    asked = arguments.get("tests")
    if asked:
        for index, spec in enumerate(asked):
            yield _question({**_shared(arguments), **spec}, table, f"/tests/{index}", dropped)
    elif arguments.get("test_type"):
        yield _question(arguments, table, "", dropped)
    elif arguments.get("group"):
        group = table.column(arguments["group"], "/group")
        columns = _chosen(table, arguments, "", "numeric", group)
        levels = len(group.grouping()[1])
        names = ("t_test_welch", "mann_whitney") if levels == 2 else ("anova_welch", "kruskal")
        job.parameters["tests_chosen"] = list(names)
        for column in columns:
            for name in names:
                yield Question(TESTS[name], [column], group, _options(arguments), dropped)
    else:
        raise Refused("unknown_test", "Name a test_type, a list of tests, or a group to compare.", "/test_type")


def _question(spec: dict[str, Any], table: Table, at: str, dropped: dict[str, int]) -> Question:
    test = resolve(str(spec.get("test_type") or ""), spec)
    if test is None:
        raise Refused("unknown_test", f"`{spec.get('test_type')}` is not one of: {', '.join(TESTS)}.", f"{at}/test_type")
    group = table.column(spec["group"], f"{at}/group") if spec.get("group") else None
    kind = "label" if test.takes in LABEL_TESTS else "numeric"
    columns = _chosen(table, spec, at, kind, group)
    if not spec.get("columns"):
        _refuse_guess(test, columns, group, at)
    return Question(test, columns, group, _options(spec), dropped)


def _refuse_guess(test: Test, columns: list[Column], group: Column | None, at: str) -> None:
    """Which columns belong together cannot be guessed; all of them, one by one or in pairs, can."""
    if test.takes in (*SEVERAL, "CHANGES", "LABELS", "COUNTS") or test.takes in ("TWO", "MANY", "TABLE") and group is None:
        raise Refused("not_enough_data", f"{test.id} needs its columns named.", f"{at}/columns")
    if test.takes == "NUMBERS" and len(columns) > MOST_PAIRED_COLUMNS:
        text = f"{len(columns)} numeric columns have too many pairs: name up to {MOST_PAIRED_COLUMNS}."
        raise Refused("result_too_large", text, f"{at}/columns")


def _chosen(table: Table, spec: dict[str, Any], at: str, kind: str, group: Column | None) -> list[Column]:
    named = spec.get("columns")
    if named:
        read = table.numeric if kind == "numeric" else table.column
        return [read(name, f"{at}/columns/{index}") for index, name in enumerate(named)]
    others = [column for column in table.columns if group is None or column.name != group.name]
    if kind == "numeric":
        return [column for column in others if column.kind == "numeric"]
    return [column for column in others if column.kind in ("categorical", "boolean")]


def _shared(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: arguments[name] for name in ("alternative", "alpha", "mu", "paired") if name in arguments}


def _options(spec: dict[str, Any]) -> Options:
    alpha, mu = spec.get("alpha"), spec.get("mu")
    return Options(
        spec.get("alternative") or "two-sided",
        0.05 if alpha is None else float(alpha),
        None if mu is None else float(mu),
    )


if __name__ == "__main__":
    main("statistical_testing", run)
