"""How a program starts, fails and answers.

    from ninja_analyst.envelope import Job, Refused, main

    def run(job: Job) -> dict:
        table = job.table()                      # job.tables() for several, in the order of the data
        column = table.numeric(job.arguments["column"], "/column")
        if column.count < 2:
            raise Refused("not_enough_data", "One value is not enough.", "/column")
        job.use(column.name)                     # -> inputs.columns_used
        job.drop("missing", column.missing_count)  # -> inputs.rows_dropped
        job.warn("small_sample", "Only 2 values.", column.name)
        job.parameters["alpha"] = 0.05           # what was used beside the given arguments
        return {"mean": 1.5}                     # -> result; NaN and infinity become null, with a warning

    if __name__ == "__main__":
        main("statistical_testing", run)

stdin is `{"arguments": {...}, "data": [{"path", "name", "sha256"}]}`; the answer is `output/result.json`. A `Refused`
becomes `output/error.json` and exit status 3; every other exception is a defect: a traceback and status 1.
"""

from __future__ import annotations

import gc
import json
import math
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

LARGEST_RESULT_BYTES = 4 * 1024 * 1024
OUTPUT = Path("output")
LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "openpyxl")


class Refused(Exception):
    """The input cannot be worked on. `path` is a JSON pointer into the arguments, or `/data`."""

    def __init__(self, code: str, message: str, path: str = "/data") -> None:
        super().__init__(message)
        self.code, self.message, self.path = code, message, path


class Job:
    """One run: the arguments, the data, and what is to be said about them."""

    def __init__(self, method: str, document: dict[str, Any]) -> None:
        self.method = method
        self.arguments: dict[str, Any] = document.get("arguments") or {}
        self.data: list[dict[str, Any]] = document.get("data") or []
        self.parameters: dict[str, Any] = dict(self.arguments)
        self.warnings: list[dict[str, Any]] = []
        self.charts: list[dict[str, Any]] = []
        self.files: list[dict[str, Any]] = []
        self.columns_used: list[str] = []
        self.rows_dropped: dict[str, int] = {}

    def table(self) -> "Table":
        """The first (usually the only) table, typed."""
        return self.tables()[0]

    def tables(self) -> list["Table"]:
        """All tables, typed, in the order of the data. Notes how each was read."""
        from ninja_analyst import table

        return [table.typed(text, self) for text in self.texts()]

    def texts(self) -> list["TextTable"]:
        """All tables as text, not yet typed: for a program that logs what typing changes."""
        from ninja_analyst import table

        if not self.data:
            raise Refused("empty_table", "There is no data.")
        return [table.read(item, self, index) for index, item in enumerate(self.data)]

    def warn(self, code: str, text: str, column: str | None = None) -> None:
        """A sentence for the reader. Said once, however often it is found."""
        warning = {"code": code, "text": text, "column": column}
        if warning not in self.warnings:
            self.warnings.append(warning)

    def not_computable(self, what: str, why: str, column: str | None = None) -> None:
        """Says why a number is null."""
        place = f" of `{column}`" if column is not None else ""
        self.warn("not_computable", f"The {what}{place} cannot be computed: {why}.", column)

    def use(self, *columns: str) -> None:
        """Notes columns that the result rests on."""
        self.columns_used.extend(name for name in columns if name not in self.columns_used)

    def drop(self, reason: str, rows: int) -> None:
        """Notes rows that were left out, and why."""
        if rows:
            self.rows_dropped[reason] = self.rows_dropped.get(reason, 0) + int(rows)

    def envelope(self, result: dict[str, Any]) -> dict[str, Any]:
        """The whole answer, fit for JSON."""
        plain = {"result": result, "charts": self.charts}
        lost: list[str] = []
        plain = finite(plain, "", lost)
        if lost:
            more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
            self.warn("not_computable", f"Not computable, therefore null: {', '.join(lost[:5])}{more}.")
        return {
            "method": self.method,
            "inputs": {
                "file_sha256": self.files[0]["sha256"] if len(self.files) == 1 else None,
                "files": self.files,
                "rows": sum(file["rows"] for file in self.files),
                "columns_used": self.columns_used,
                "rows_dropped": self.rows_dropped,
            },
            "library_versions": library_versions(),
            "seed": 0,
            "parameters": finite(self.parameters, "/parameters", lost),
            "warnings": self.warnings,
            "result": plain["result"],
            "charts": plain["charts"],
        }


def main(method: str, run: Callable[[Job], dict[str, Any]]) -> None:
    """Runs a program from stdin to its exit status."""
    gc.disable()  # a million rows make no cycles, but make the collector look for them for half of the time
    try:
        job = Job(method, json.load(sys.stdin))
        write(job.envelope(run(job)))
    except Refused as refused:
        refuse(refused)
    except MemoryError:
        refuse(Refused("dataset_too_large", "The table needs more than the 2 GiB of memory that a program has."))


def write(envelope: dict[str, Any]) -> None:
    """Stores the answer, unless it is larger than a reader could take in."""
    text = json.dumps(envelope, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    data = text.encode("utf-8", "replace")
    if len(data) > LARGEST_RESULT_BYTES:
        raise Refused("result_too_large", "The result is larger than 4 MiB. Ask for fewer columns.", "/columns")
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / "result.json").write_bytes(data)


def refuse(refused: Refused) -> None:
    """Stores why the input was refused, and ends the program with status 3."""
    OUTPUT.mkdir(exist_ok=True)
    error = {"code": refused.code, "message": refused.message, "path": refused.path}
    data = json.dumps(error, ensure_ascii=False).encode("utf-8", "replace")
    (OUTPUT / "error.json").write_bytes(data)
    sys.exit(3)


def finite(value: Any, pointer: str, lost: list[str]) -> Any:
    """`value` in plain JSON types. What is no number becomes null, and its pointer is added to `lost`."""
    if isinstance(value, dict):
        return {str(key): finite(item, f"{pointer}/{escape(str(key))}", lost) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item, f"{pointer}/{index}", lost) for index, item in enumerate(value)]
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if hasattr(value, "item"):  # numpy's scalars, and arrays of one
        return finite(value.item() if getattr(value, "ndim", 0) == 0 else value.tolist(), pointer, lost)
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        lost.append(pointer)
        return None
    raise TypeError(f"{pointer} is a {type(value).__name__}, which JSON does not know")


def escape(key: str) -> str:
    """A key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def library_versions() -> dict[str, str]:
    """Python, and the libraries that this run has loaded."""
    loaded = {name: sys.modules[name].__version__ for name in LIBRARIES if name in sys.modules}
    return {"python": platform.python_version(), **loaded}
