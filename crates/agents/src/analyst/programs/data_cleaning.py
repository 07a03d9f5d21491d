"""Cleaning: a clean table beside the input, and a log of everything that makes it differ.

The rules are applied in this order: trim, types, units, duplicates, outliers, missing. Outliers come before missing
values are filled, so that a filled value does not move the fences.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ninja_analyst import canonical, kinds, table
from ninja_analyst.cleaning_log import MOST_SAMPLES, Log
from ninja_analyst.columns import Column
from ninja_analyst.duplicates import first_of_each
from ninja_analyst.envelope import OUTPUT, Job, Refused, escape, main
from ninja_analyst.numbers import quantile
from ninja_analyst.outliers import Outliers, outliers
from ninja_analyst.table import Table, TextTable

CLEANED = "cleaned.csv"
RULES = {"trim": True, "types": "infer", "duplicates": "drop", "missing": "keep", "outliers": "flag", "units": {}}


class Cleaning:
    """One table on its way. `kept` are the numbers of the rows that are left."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.log = Log()
        given = job.arguments.get("rules") or {}
        self.rules = {**RULES, **{name: value for name, value in given.items() if value is not None}}
        job.parameters["rules"] = self.rules
        self.dropped = {"duplicates": 0, "missing": 0, "outliers": 0}
        self.trimmed: Counter[str] = Counter()
        self.coerced: Counter[str] = Counter()
        self.columns: list[Column] = []
        self.filled_some = False
        self.kept = np.arange(0)

    def run(self) -> dict[str, Any]:
        """All rules, and the result."""
        text = self.job.texts()[0]
        rows_in = text.rows + text.ragged
        if text.ragged:
            self.dropped["ragged"] = text.ragged
        if self.rules["trim"]:
            self.trim(text)
        typed = table.typed(text, self.job, self.rules["types"] == "coerce", self.tell_types)
        self.columns, self.kept = typed.columns, np.arange(typed.rows)
        self.convert_units(typed)
        self.drop_duplicates()
        found = self.treat_outliers()
        missing_in = {column.name: column.missing_count for column in self.columns}
        self.treat_missing()
        self.settle()
        OUTPUT.mkdir(exist_ok=True)
        canonical.write(OUTPUT / CLEANED, self.columns)
        self.job.use(*(column.name for column in self.columns))
        for reason in ("duplicates", "missing", "outliers"):
            self.job.drop(reason, self.dropped[reason])
        return {
            "rows_in": rows_in, "rows_out": len(self.kept), "rows_dropped": self.dropped,
            "columns": [self.told(column, found, missing_in) for column in self.columns],
            "log": self.log.entries, "cleaned": CLEANED,
        }

    def told(self, column: Column, found: dict[str, Outliers | None], missing_in: dict[str, int]) -> dict[str, Any]:
        """A column of the clean table, and what was done to it."""
        far = found.get(column.name)
        return {
            "name": column.name, "kind": column.kind, "missing": column.missing_count,
            "missing_before": missing_in[column.name], "coerced": self.coerced[column.name],
            "trimmed": self.trimmed[column.name], "outliers": None if far is None else far.counts(),
        }

    def trim(self, text: TextTable) -> None:
        """Takes away blanks around values."""
        for place, name in enumerate(text.names):
            if not any(sign.isspace() for sign in set("".join(text.columns[place]))):
                continue
            counts = Counter(text.columns[place])
            changes = {value: value.strip() for value in counts if value != value.strip()}
            if changes:
                self.trimmed[name] = self.log.changed("trim", name, text.columns[place], changes, counts)
                text.columns[place] = [changes.get(value, value) for value in text.columns[place]]

    def tell_types(self, texts: list[str], found: kinds.Typed) -> None:
        """Logs which texts are written differently now that their kind is known."""
        column, counts = found.column, found.counts
        markers = {value: None for value in counts if value.strip() and value.strip() in kinds.MISSING}
        self.log.changed("missing_marker", column.name, texts, markers, counts)
        odd = {value: None for value in counts if value.strip() in found.coerced}
        self.coerced[column.name] = self.log.changed("coerce", column.name, texts, odd, counts)
        if column.kind not in ("numeric", "date", "boolean"):
            return
        written = dict(zip(texts, column.texts()))
        changes = {value: now for value, now in written.items() if now is not None and now != value}
        self.log.changed("types", column.name, texts, changes, counts)

    def convert_units(self, typed: Table) -> None:
        """Multiplies columns as the rules say."""
        for name, unit in self.rules["units"].items():
            path = f"/rules/units/{escape(name)}/factor"
            column = typed.numeric(name, path)
            before = column.values
            with np.errstate(over="ignore"):
                after = before * float(unit["factor"])
            if np.isinf(after).any():
                text = f"`{name}` times {unit['factor']} is larger than a number can be."
                raise Refused("wrong_column_type", text, path)
            self.columns = [Column(name, "numeric", values=after) if c.name == name else c for c in self.columns]
            rows = np.flatnonzero(~column.missing)
            samples = [(int(row), float(before[row]), float(after[row])) for row in rows[:MOST_SAMPLES]]
            self.log.add("units", name, len(rows), samples)

    def drop_duplicates(self) -> None:
        """Leaves out rows that repeat an earlier one in every column."""
        if self.rules["duplicates"] != "drop":
            return
        like = first_of_each(self.columns)
        repeats = like != np.arange(len(like))
        self.drop("duplicates", repeats, lambda row: f"repeats row {like[row] + 1}: {self.row_text(row)}")

    def treat_outliers(self) -> dict[str, Outliers | None]:
        """Names them, and leaves out the rows that hold one by both rules if that was asked."""
        if self.rules["outliers"] == "keep":
            return {}
        found = {column.name: outliers(column) for column in self.columns if column.kind == "numeric"}
        far = np.zeros(len(self.kept), bool)
        for column in self.columns:
            rules = found.get(column.name)
            if rules is None:
                continue
            if rules.by_z is None:
                self.job.not_computable("modified z-score", "half of the values or more are equal", column.name)
            for rule, mask in (("outliers_iqr", rules.by_fence), ("outliers_modified_z", rules.by_z)):
                if mask is not None:
                    rows = np.flatnonzero(mask)
                    values = [(int(self.kept[row]), float(column.values[row])) for row in rows[:MOST_SAMPLES]]
                    self.log.add(rule, column.name, len(rows), [(row, value, value) for row, value in values])
            if rules.by_z is not None:
                far |= rules.by_fence & rules.by_z
        if self.rules["outliers"] == "drop":
            self.drop("outliers", far, self.row_text)
        return found

    def treat_missing(self) -> None:
        """Keeps missing values, leaves out their rows, or fills them."""
        way = self.rules["missing"]
        if way == "drop":
            gone = np.zeros(len(self.kept), bool)
            for column in self.columns:
                if column.kind == "empty":
                    text = f"`{column.name}` has no value at all; no row was left out because of it."
                    self.job.warn("empty_column_kept", text, column.name)
                else:
                    gone |= column.missing
            self.drop("missing", gone, self.row_text)
        elif way in ("median", "mode"):
            self.columns = [self.filled(column, way) for column in self.columns]

    def filled(self, column: Column, way: str) -> Column:
        """The column with its missing values replaced. A median is for numbers; of tied modes the smallest is taken."""
        rows = np.flatnonzero(column.missing)
        if not len(rows) or column.kind == "empty":
            return column
        if way == "median" and column.kind != "numeric":
            self.job.warn("missing_kept", f"`{column.name}` has no median; its missing values were kept.", column.name)
            return column
        if way == "median":
            filler = quantile(np.sort(column.present), 0.5)
        else:
            values, counts = np.unique(column.present, return_counts=True)
            filler = values[counts.argmax()]
        self.filled_some = True
        full = column.filled(filler)
        now = full.take(rows[:1]).texts()[0]
        samples = [(int(self.kept[row]), None, now) for row in rows[:MOST_SAMPLES]]
        self.log.add(f"missing_{way}", column.name, len(rows), samples)
        return full

    def drop(self, reason: str, gone: np.ndarray, told) -> None:
        """Leaves out rows, counted and logged."""
        rows = np.flatnonzero(gone)
        self.log.add(reason, None, len(rows), [(int(self.kept[row]), told(row), None) for row in rows[:MOST_SAMPLES]])
        self.dropped[reason] = len(rows)
        if len(rows) == len(gone):
            text = f"No row is left: the rule for {reason} leaves out all of them."
            raise Refused("empty_table", text, f"/rules/{reason}")
        if len(rows):
            self.columns = [column.take(~gone) for column in self.columns]
            self.kept = self.kept[~gone]

    def row_text(self, row: int) -> str:
        """A row as a sample shows it."""
        return ", ".join(column.take(slice(row, row + 1)).texts()[0] or "" for column in self.columns[:20])

    def settle(self) -> None:
        """Types again what rules have changed: the labels that are left may be numbers, or repeat less often."""
        for place, column in enumerate(self.columns):
            if not column.count:
                self.columns[place] = Column(column.name, "empty", values=np.full(column.rows, np.nan))
            elif column.is_label and (self.filled_some or any(self.dropped.values())):
                texts = [text or "" for text in column.texts()]
                self.columns[place] = kinds.typed(column.name, texts, kinds.Rules()).column


def run(job: Job) -> dict[str, Any]:
    """See `Cleaning.run`."""
    return Cleaning(job).run()


if __name__ == "__main__":
    main("data_cleaning", run)
