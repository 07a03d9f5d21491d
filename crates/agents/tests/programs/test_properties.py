"""What must hold for every table: order, scale and repetition change nothing, and a clean table reads as it was written.

    /usr/bin/python3 -m unittest discover -s crates/agents/tests/programs

Each test runs the program as the product does: a fresh folder, arguments on stdin, files as results.
"""

from __future__ import annotations

import csv
import io
import json
import math
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

AGENTS = Path(__file__).resolve().parents[2]
PROGRAMS = AGENTS / "src/analyst/programs"
DATA = AGENTS / "tests/data"
TABLES = ("penguins.csv", "wine.csv", "titanic.csv", "macrodata.csv", "mtcars.csv")
MINE = ("descriptive_statistics", "data_cleaning", "exploratory_analysis")


class Answer:
    """What a program left behind."""

    def __init__(self, program: str, data: bytes, ending: str = "csv", **arguments) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "input").mkdir()
            (Path(folder) / "input" / f"0.{ending}").write_bytes(data)
            item = {"path": f"input/0.{ending}", "name": f"table.{ending}", "sha256": "known"}
            job = json.dumps({"arguments": {"charts": False, **arguments}, "data": [item]})
            command = [sys.executable, "-E", "-s", str(PROGRAMS / f"{program}.py")]
            done = subprocess.run(command, cwd=folder, input=job.encode(), capture_output=True)
            self.status = done.returncode
            self.stderr = done.stderr.decode()
            self.files = {file.name: file.read_bytes() for file in (Path(folder) / "output").glob("*.*")}

    @property
    def result(self) -> dict:
        return json.loads(self.files["result.json"])["result"]

    @property
    def error(self) -> dict:
        return json.loads(self.files["error.json"])


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode())))


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


class Properties(unittest.TestCase):
    def test_the_same_input_gives_the_same_bytes(self) -> None:
        data = (DATA / "penguins.csv").read_bytes()
        for program in MINE:
            self.assertEqual(Answer(program, data).files, Answer(program, data).files, program)

    def test_the_order_of_the_rows_changes_no_digit(self) -> None:
        for table in TABLES:
            head, *rows = rows_of((DATA / table).read_bytes())
            mixed = rows[:]
            random.Random(7).shuffle(mixed)
            for program in ("descriptive_statistics", "exploratory_analysis"):
                first, second = (Answer(program, written([head, *order])) for order in (rows, mixed))
                self.assertEqual(first.result, second.result, f"{program} {table}")

    def test_ten_times_the_values_give_ten_times_mean_spread_and_quantiles(self) -> None:
        for table in ("wine.csv", "mtcars.csv", "diabetes.csv"):
            head, *rows = rows_of((DATA / table).read_bytes())
            before = Answer("descriptive_statistics", written([head, *rows])).result
            numeric = [place for place, column in enumerate(before["columns"]) if column["kind"] == "numeric"]
            times = [[repr(10 * float(v)) if p in numeric and v else v for p, v in enumerate(row)] for row in rows]
            after = Answer("descriptive_statistics", written([head, *times])).result
            for place in numeric:
                one, ten = before["columns"][place], after["columns"][place]
                for name in ("mean", "std", "sem", "min", "q25", "median", "q75", "max", "iqr", "mad"):
                    self.assertTrue(math.isclose(10 * one[name], ten[name], rel_tol=1e-12), (table, one["name"], name))
                for name in ("skew", "kurtosis"):
                    self.assertTrue(math.isclose(one[name], ten[name], rel_tol=1e-9, abs_tol=1e-12), name)

    def test_a_clean_table_read_again_has_the_same_kinds_and_values(self) -> None:
        edges = [DATA / "edges" / f"{name}.csv" for name in (
            "dirty", "decimal_comma", "dates", "leading_zeros", "markers", "text_among_numbers", "beyond_doubles", "ragged",
        )]
        for file in [*(DATA / table for table in TABLES), *edges]:
            for rules in ({}, {"types": "coerce"}, {"outliers": "drop"}, {"trim": False, "duplicates": "keep"}):
                once = Answer("data_cleaning", file.read_bytes(), rules=rules)
                self.assertEqual(once.status, 0, once.stderr)
                again = Answer("data_cleaning", once.files["cleaned.csv"], rules={"trim": False, "duplicates": "keep"})
                self.assertEqual(once.files["cleaned.csv"], again.files["cleaned.csv"], f"{file.name} {rules}")
                kinds = [[column["kind"] for column in answer.result["columns"]] for answer in (once, again)]
                self.assertEqual(*kinds, f"{file.name} {rules}")
                told = once.result
                self.assertEqual(told["rows_in"] - sum(told["rows_dropped"].values()), told["rows_out"])

    def test_texts_that_are_hard_to_write_come_back(self) -> None:
        hard = ['a "quoted" word', "two\nlines", "a,b;c|d", " blanks ", "=1+1", "ümläut", "tab\there", "'", '"']
        rows = [{"text": text, "number": place, "maybe": None if place % 2 else 0.1} for place, text in enumerate(hard)]
        once = Answer("data_cleaning", json.dumps(rows).encode(), "json", rules={"trim": False})
        self.assertEqual([row[0] for row in rows_of(once.files["cleaned.csv"])[1:]], hard)
        again = Answer("data_cleaning", once.files["cleaned.csv"], rules={"trim": False})
        self.assertEqual(once.files["cleaned.csv"], again.files["cleaned.csv"])

    def test_moments_are_those_of_whole_numbers_without_rounding(self) -> None:
        values = [10**9 + random.Random(3).randrange(10) + place % 7 for place in range(1000)]
        column = Answer("descriptive_statistics", b"x\n" + "\n".join(map(str, values)).encode()).result["columns"][0]
        n, total = len(values), sum(values)
        variance = (n * sum(value * value for value in values) - total * total) / (n * (n - 1))
        self.assertTrue(math.isclose(column["mean"], total / n, rel_tol=1e-15))
        self.assertTrue(math.isclose(column["std"], math.sqrt(variance), rel_tol=1e-13))


class Limits(unittest.TestCase):
    def test_one_row_too_many_is_refused_with_the_limit(self) -> None:
        data = b"x\n" + b"1\n" * 1_000_001
        for program in MINE:
            answer = Answer(program, data)
            self.assertEqual((answer.status, answer.error["code"]), (3, "dataset_too_large"), answer.stderr)
            self.assertIn("1,000,000 rows", answer.error["message"])

    def test_one_column_too_many_is_refused_with_the_limit(self) -> None:
        answer = Answer("exploratory_analysis", (DATA / "edges/wide.csv").read_bytes())
        self.assertEqual((answer.status, answer.error["code"]), (3, "dataset_too_large"))
        self.assertIn("500", answer.error["message"])

    def test_more_than_50_mb_are_refused_before_they_are_read(self) -> None:
        answer = Answer("data_cleaning", b"x\n" + b"1234567\n" * (50 * 1024 * 1024 // 8 + 1))
        self.assertEqual((answer.status, answer.error["code"]), (3, "dataset_too_large"))
        self.assertIn("50 MB", answer.error["message"])

    def test_a_million_different_values_are_described(self) -> None:
        data = b"key,x\n" + b"".join(b"k%d,%d\n" % (row, row) for row in range(1_000_000))
        columns = Answer("descriptive_statistics", data).result["columns"]
        self.assertEqual([column["distinct"] for column in columns], [1_000_000, 1_000_000])
        self.assertEqual((columns[1]["mean"], columns[1]["median"]), (499_999.5, 499_999.5))
        self.assertTrue(math.isclose(columns[1]["std"], math.sqrt(1_000_000 * 1_000_001 / 12), rel_tol=1e-14))


class Workbooks(unittest.TestCase):
    def test_the_first_sheet_is_read_and_the_others_are_named(self) -> None:
        import openpyxl

        book = openpyxl.Workbook()
        for row in (("name", "n", "day"), ("a", 1, "2024-01-31"), ("b", 2.5, "2024-02-29"), (None, None, None), ("c", None, None)):
            book.active.append(row)
        book.create_sheet("second")
        file = io.BytesIO()
        book.save(file)
        answer = Answer("descriptive_statistics", file.getvalue(), "xlsx")
        self.assertEqual([column["kind"] for column in answer.result["columns"]], ["categorical", "numeric", "date"])
        self.assertEqual([column["count"] for column in answer.result["columns"]], [3, 2, 2])
        codes = [warning["code"] for warning in json.loads(answer.files["result.json"])["warnings"]]
        self.assertIn("first_sheet_only", codes)


if __name__ == "__main__":
    unittest.main()
