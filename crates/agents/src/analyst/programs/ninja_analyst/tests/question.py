"""One asked test: its columns are looked up, what each kind of test takes is cut from them, and it is run."""
from __future__ import annotations

import importlib
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Iterator

import numpy as np

from ninja_analyst.tests import assumptions, samples
from ninja_analyst.tests.catalogue import Test
from ninja_analyst.tests.outcome import CannotTest, Effect, Options, Outcome
from ninja_analyst.tests.samples import Sample

if TYPE_CHECKING:
    from ninja_analyst.columns import Column


@dataclass
class Question:
    """A test of columns, perhaps by a group. `ask` answers one or several results: one per column, or pair of columns.

    `dropped` is shared by the questions of a run: rows that two tests leave out for the same reason count once.
    """

    test: Test
    columns: list[Column]
    group: Column | None
    options: Options
    dropped: dict[str, int]

    def ask(self) -> Iterator[dict[str, Any]]:
        """Results and reasons for none, as `{"result": …}` or `{"skipped": …}`."""
        for columns in self._portions():
            try:
                yield from ({"result": result} for result in self._answers(columns))
            except CannotTest as reason:
                yield {"skipped": self._skipped(columns, reason)}

    def _portions(self) -> Iterator[list[Column]]:
        takes, columns = self.test.takes, self.columns
        if takes == "NUMBERS":
            yield from map(list, combinations(columns, 2)) if len(columns) > 2 else [columns]
        elif takes in ("TABLE", "LABELS", "COUNTS") and (self.group is not None or takes != "TABLE"):
            yield from ([column] for column in columns)
        elif takes == "EACH" or takes in ("TWO", "MANY") and self.group is not None:
            yield from ([column] for column in columns)
        else:
            yield columns

    def _answers(self, columns: list[Column]) -> Iterator[dict[str, Any]]:
        takes = self.test.takes
        if takes in ("TWO", "MANY", "EACH"):
            yield from self._of_samples(columns)
        elif takes == "MATCHED":
            yield self._of_differences(columns)
        elif takes in ("BLOCKS", "NUMBERS"):
            yield self._of_rows(columns)
        elif takes in ("TABLE", "CHANGES"):
            yield self._of_table(columns)
        else:
            yield self._of_labels(columns[0])

    def _of_samples(self, columns: list[Column]) -> Iterator[dict[str, Any]]:
        if self.group is not None:
            found, left_out = samples.by_group(columns[0], self.group)
            self._drop(_missing(columns[0], self.group), left_out)
        else:
            found = []
            for column in columns:
                sample, left_out = samples.alone(column)
                found.append(sample)
                self._drop(_missing(column), left_out)
        if self.test.takes == "EACH":
            yield from self._each(found, columns)
            return
        self._right_number(found)
        samples.need(found, self.test.least)
        arrays = [sample.values for sample in found]
        outcome = self._run(*arrays) if self.test.takes == "TWO" else self._run(arrays)
        checks = [check for name, _ in self.test.assumes for check in self._sample_checks(name, found)]
        yield self._result(columns, outcome, checks, [sample.described() for sample in found])

    def _each(self, found: list[Sample], columns: list[Column]) -> Iterator[dict[str, Any]]:
        for sample in found:
            samples.need([sample], self.test.least)
            checks = [check for name, _ in self.test.assumes for check in self._sample_checks(name, [sample])]
            yield self._result(columns, self._run(sample.values), checks, [sample.described()])

    def _of_differences(self, columns: list[Column]) -> dict[str, Any]:
        if self.group is not None or len(columns) > 2:
            raise CannotTest("wrong_number_of_columns", "Needs two columns of the same rows, or one to compare with mu; no group.")
        rows, left_out = samples.together(columns)
        self._drop(_missing(*columns), left_out)
        sides = [Sample(column.name, None, rows[:, i]) for i, column in enumerate(columns)]
        samples.need(sides, self.test.least)
        x = rows[:, 0] - rows[:, 1] if len(columns) == 2 else rows[:, 0]
        name = " - ".join(column.name for column in columns)
        checks = [assumptions.normal(x, name, None, self.options.alpha) for check, _ in self.test.assumes if check == "normal"]
        outcome = self._run(x)
        if len(columns) == 2 and outcome.estimate is not None and outcome.estimate[0] == "mean":
            outcome.estimate = ("mean_difference", outcome.estimate[1])
        return self._result(columns, outcome, checks, [side.described() for side in sides])

    def _of_rows(self, columns: list[Column]) -> dict[str, Any]:
        pairs = self.test.takes == "NUMBERS"
        if len(columns) < 2 or not pairs and len(columns) < 3:
            raise CannotTest("wrong_number_of_columns", "Needs two numeric columns." if pairs else "Needs at least three numeric columns.")
        rows, left_out = samples.together(columns)
        self._drop(_missing(*columns), left_out)
        sides = [Sample(column.name, None, rows[:, i]) for i, column in enumerate(columns)]
        samples.need(sides, self.test.least)
        outcome = self._run(rows[:, 0], rows[:, 1]) if pairs else self._run(rows)
        checks = [check for name, _ in self.test.assumes for check in self._sample_checks(name, sides)]
        return self._result(columns, outcome, checks, [side.described() for side in sides])

    def _of_table(self, columns: list[Column]) -> dict[str, Any]:
        pair = columns if self.group is None else [*columns, self.group]
        if len(pair) != 2:
            raise CannotTest("wrong_number_of_columns", "Needs two columns of categories, or one and a group.")
        changes = self.test.takes == "CHANGES"
        table, left_out = (samples.squared if changes else samples.crossed)(*pair)
        self._drop(_missing(*pair), left_out)
        _need_rows(int(table.counts.sum()), self.test.least, pair)
        outcome, checks = self._run(table.counts), []
        if self.test.assumes and changes:
            changed = int(table.counts[0, 1] + table.counts[1, 0])
            checks = [assumptions.enough_changes(changed, None, outcome.n)]
        elif self.test.assumes:
            from ninja_analyst.tests.contingency import expected_counts

            checks = [assumptions.expected_counts(expected_counts(table.counts), None, outcome.n)]
        answer = self._result(columns, outcome, checks, None)
        if answer["alternative_suggested"] == "fisher_exact" and table.counts.shape != (2, 2):
            answer["alternative_suggested"] = None  # it is for tables of two by two
        return answer

    def _of_labels(self, column: Column) -> dict[str, Any]:
        table, left_out = samples.counted(column) if self.group is None else samples.crossed(self.group, column)
        self._drop(_missing(column, self.group), left_out)
        _need_rows(int(table.counts.sum()), self.test.least, [column])
        if self.test.takes == "COUNTS":
            if self.group is not None:
                raise CannotTest("wrong_number_of_columns", "Goodness of fit has no group; chi_square_independence compares groups.")
            outcome, expected = self._run(table.counts), np.full(len(table.rows), table.counts.mean())
            named = {"value": table.rows}
        else:
            outcome, expected, named = self._of_shares(table)
        checks = [assumptions.expected_counts(expected, column.name, outcome.n)] if self.test.assumes else []
        answer = self._result([column], outcome, checks, None)
        if answer["alternative_suggested"] == "binomial" and (self.group is not None or len(named["value"]) != 2):
            answer["alternative_suggested"] = "fisher_exact" if self.group is not None else None
        return answer

    def _of_shares(self, table: samples.Table) -> tuple[Outcome, np.ndarray, dict[str, list[str]]]:
        """The share of the last of the two values in their order (1, true, yes)."""
        from ninja_analyst.tests.proportions import null_share

        values = table.rows if self.group is None else table.columns
        if len(values) != 2:
            raise CannotTest("wrong_number_of_groups", f"The column needs two different values, it has {len(values)}.")
        counts = table.counts.reshape(-1, 2)
        outcome = self._run([(int(row[1]), int(row.sum())) for row in counts])
        assert outcome.estimate is not None
        outcome.estimate = (f"{outcome.estimate[0]} of {values[1]}", outcome.estimate[1])
        share = null_share(self.options) if self.group is None else counts[:, 1].sum() / counts.sum()
        expected = np.outer(counts.sum(axis=1), [1.0 - share, share])
        return outcome, expected, {"value": values}

    def _drop(self, reason: str, rows: int) -> None:
        if rows:
            self.dropped[reason] = rows

    def _right_number(self, found: list[Sample]) -> None:
        number, names = len(found), ", ".join(sample.name for sample in found[:5])
        if self.test.takes == "TWO" and number != 2:
            raise CannotTest("wrong_number_of_groups", f"Compares two samples, there are {number}: {names}.")
        if number < 2:
            raise CannotTest("wrong_number_of_groups", f"Compares samples, there is {number or 'none'}{': ' if names else ''}{names}.")

    def _sample_checks(self, name: str, found: list[Sample]) -> list[dict[str, Any]]:
        alpha = self.options.alpha
        if name == "equal_variances":
            column = found[0].column if self.group is not None else None
            return [assumptions.equal_variances([sample.values for sample in found], column, alpha)]
        return [assumptions.normal(sample.values, sample.column, sample.group, alpha) for sample in found]

    def _run(self, *arrays: Any) -> Outcome:
        module = importlib.import_module(f"ninja_analyst.tests.{self.test.module}")
        try:
            return getattr(module, self.test.function)(*arrays, self.options)
        except ArithmeticError as overflow:
            text = "The values are too large or too small for the arithmetic of this test."
            raise CannotTest("not_computable", text) from overflow

    def _result(
        self, columns: list[Column], outcome: Outcome, checks: list[dict[str, Any]], groups: list[dict[str, Any]] | None
    ) -> dict[str, Any]:
        numbers = outcome.to_json(self.options)
        failed = {check["name"] for check in checks if check["ok"] is False}
        instead = [other for name, other in self.test.assumes if name in failed]
        return {
            "test": self.test.id,
            "columns": [column.name for column in columns],
            "group": None if self.group is None else self.group.name,
            "groups": groups,
            **numbers,
            "assumptions": checks,
            "warnings": outcome.warnings,
            "alternative_suggested": instead[-1] if instead else None,
        }

    def _skipped(self, columns: list[Column], reason: CannotTest) -> dict[str, Any]:
        return {
            "test": self.test.id,
            "columns": [column.name for column in columns],
            "group": None if self.group is None else self.group.name,
            "code": reason.code,
            "text": reason.text,
        }


def _missing(*columns: Column | None) -> str:
    return "missing in " + " or ".join(column.name for column in columns if column is not None)


def _need_rows(rows: int, least: int, columns: list[Column]) -> None:
    if rows < least:
        names = " and ".join(column.name for column in columns)
        raise CannotTest("not_enough_data", f"{names}: {rows} rows with values, at least {least} are needed.")
