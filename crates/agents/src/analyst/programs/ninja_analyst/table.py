"""The only reader of tables: a file becomes text (`TextTable`), text becomes typed columns (`Table`).

    table = job.table()                              # a Table; warnings and how it was read are noted in the job
    table.rows, table.names, table.columns           # columns: Column, see columns.py
    table.column(name, "/group_by")                  # Refused unknown_column, with the pointer of the argument
    table.numeric(name, "/columns/0")                # Refused wrong_column_type unless kind is numeric
    table.dated(name, "/time_column")                # the same for dates
    table.of_kind("numeric", "boolean")              # the columns of these kinds

csv, tsv, json, jsonl, xlsx (first sheet). Limits: 50 MB, 1,000,000 rows, 500 columns, 30 million cells. Everything is
read as text first and then typed by `kinds.py`, so a decision can be shown and, in cleaning, logged.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ninja_analyst import kinds
from ninja_analyst.columns import Column
from ninja_analyst.envelope import Job, Refused
from ninja_analyst.limits import LARGEST_FILE_BYTES


@dataclass
class TextTable:
    """A table before typing. `columns[i]` holds the texts of the column `names[i]`; `reading` says how it was read."""

    name: str
    names: list[str]
    columns: list[list[str]]
    reading: dict[str, Any]
    ragged: int = 0

    @property
    def rows(self) -> int:
        """Rows that fit the header."""
        return len(self.columns[0])


@dataclass
class Table:
    """A typed table. `name` is that of its file."""

    name: str
    columns: list[Column]
    rows: int

    @property
    def names(self) -> list[str]:
        """The columns' names, each once."""
        return [column.name for column in self.columns]

    def column(self, name: str, path: str) -> Column:
        """The column of that name; `path` points at the argument that asked for it."""
        for column in self.columns:
            if column.name == name:
                return column
        close = difflib.get_close_matches(name, self.names, 3, 0.5) or self.names[:10]
        known = ", ".join(f"`{known}`" for known in close)
        raise Refused("unknown_column", f"There is no column `{name}` in `{self.name}`. There is: {known}.", path)

    def numeric(self, name: str, path: str) -> Column:
        """A column of numbers."""
        return self._expect(self.column(name, path), ("numeric",), "numbers", path)

    def dated(self, name: str, path: str) -> Column:
        """A column of dates."""
        return self._expect(self.column(name, path), ("date",), "dates", path)

    def of_kind(self, *wanted: str) -> list[Column]:
        """The columns of these kinds, in their order."""
        return [column for column in self.columns if column.kind in wanted]

    def take(self, rows) -> "Table":
        """The table with only these rows (a mask or indices)."""
        columns = [column.take(rows) for column in self.columns]
        return Table(self.name, columns, columns[0].rows)

    @staticmethod
    def _expect(column: Column, wanted: Iterable[str], words: str, path: str) -> Column:
        if column.kind in wanted:
            return column
        text = f"`{column.name}` is no column of {words}: its values are {column.kind}."
        raise Refused("wrong_column_type", text, path)


def read(item: dict[str, Any], job: Job, index: int = 0) -> TextTable:
    """The table of one item of the data as text. Notes file, rows and reading in `job`."""
    path = Path(item["path"])
    where = "/data" if len(job.data) == 1 else f"/datasets/{index}/data"
    size = path.stat().st_size
    if size > LARGEST_FILE_BYTES:
        text = f"`{item['name']}` is larger than 50 MB, the largest table that is read."
        raise Refused("dataset_too_large", text, where)
    try:
        table = _reader(path)(path, item["name"], job)
    except Refused as refused:
        raise Refused(refused.code, f"`{item['name']}`: {refused.message}", where) from refused
    known = item.get("sha256") is not None  # inline rows are no file
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if known else None
    job.files.append({"name": item["name"], "sha256": sha256, "rows": table.rows + table.ragged})
    job.drop("ragged", table.ragged)
    readings = job.parameters.get("reading")
    several = [*readings, table.reading] if isinstance(readings, list) else [readings, table.reading]
    job.parameters["reading"] = table.reading if readings is None else several
    return table


Told = Callable[[list[str], kinds.Typed], None]


def typed(text: TextTable, job: Job, coerce: bool = False, told: Told | None = None) -> Table:
    """Types every column, and shows each with its texts to `told`. The texts leave the memory on the way."""
    rows, columns = text.rows, {}
    decimals, seen, late = set(), set(), []
    otherwise = "," if text.reading.get("delimiter") == ";" else "."

    def settle(place: int, found: kinds.Typed) -> None:
        name = found.column.name
        columns[name] = found.column
        if told is not None:
            told(text.columns[place], found)
        text.columns[place] = []
        for code, sentence in found.warnings:
            job.warn(code, sentence, name)
        if found.convention is not None and (found.convention.marked or found.convention.thousands):
            seen.add((found.convention.decimal, found.convention.thousands))

    # What one column shows of the decimal sign helps to read another, so those in doubt wait for the rest.
    for place, name in enumerate(text.names):
        found = kinds.typed(name, text.columns[place], kinds.Rules(coerce, None, otherwise))
        if found.convention is not None and found.convention.doubtful:
            late.append((place, name))
            continue
        if found.convention is not None and found.convention.proof:
            decimals.add(found.convention.decimal)
        settle(place, found)
    elsewhere = decimals.pop() if len(decimals) == 1 else None
    for place, name in late:
        settle(place, kinds.typed(name, text.columns[place], kinds.Rules(coerce, elsewhere, otherwise)))
    _note_numbers(text.reading, seen)
    return Table(text.name, [columns[name] for name in text.names], rows)


def _note_numbers(reading: dict[str, Any], seen: set[tuple[str, str | None]]) -> None:
    """States the decimal sign and the sign between thousands that were met."""
    decimals = {decimal for decimal, _ in seen if decimal is not None}
    thousands = {sign for _, sign in seen if sign is not None}
    reading["decimal"] = (decimals or {"."}).pop() if len(decimals) <= 1 else "mixed"
    reading["thousands"] = None if not thousands else thousands.pop() if len(thousands) == 1 else "mixed"


def _reader(path: Path):
    """The function that reads this kind of file."""
    from ninja_analyst import delimited, objects, workbook

    readers = {
        ".csv": delimited.csv, ".tsv": delimited.tsv, ".txt": delimited.csv, ".json": objects.json,
        ".jsonl": objects.jsonl, ".ndjson": objects.jsonl, ".xlsx": workbook.xlsx,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise Refused("unreadable_table", "A table is a csv, tsv, json, jsonl or xlsx file.")
    return reader
