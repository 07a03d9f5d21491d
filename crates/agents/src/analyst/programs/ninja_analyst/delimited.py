"""csv and tsv: encoding and delimiter are found out and stated, rows that do not fit are counted and named."""

from __future__ import annotations

import csv as lines
import re
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

from ninja_analyst import header
from ninja_analyst.envelope import Job, Refused
from ninja_analyst.limits import check_columns, check_rows
from ninja_analyst.signs import CONTROL
from ninja_analyst.table import TextTable

DELIMITERS = ",;\t|"
# A sign that no text has (control signs make a file binary): the delimiter of a table with one column.
NOWHERE = "\x1f"
LONGEST_FIELD = 1_000_000
SAMPLE_ROWS = 200
CHUNK_ROWS = 20_000
# How many different texts of a column are kept as one object each, which is what keeps categories small in memory.
REMEMBERED = 50_000
_NEWLINE = re.compile("\r\n|\r|\n")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def csv(path: Path, name: str, job: Job) -> TextTable:
    """A table of which the delimiter is found out."""
    return _read(path, name, job, "csv", None)


def tsv(path: Path, name: str, job: Job) -> TextTable:
    """A table delimited by tabs."""
    return _read(path, name, job, "tsv", "\t")


@dataclass
class Rows:
    """The records of a file, as they are met."""

    width: int
    columns: list[list[str]]
    rows: int = 0
    padded: list[int] = field(default_factory=list)
    padded_count: int = 0
    long: list[int] = field(default_factory=list)
    long_count: int = 0


def _read(path: Path, name: str, job: Job, kind: str, delimiter: str | None) -> TextTable:
    encoding = encoding_of(path.read_bytes())
    with open(path, encoding=encoding, newline="") as source:
        first = source.readline()
        if re.fullmatch(r"sep=.\r?\n?", first):  # Excel's way to say the delimiter
            delimiter, skipped = first[4], 1
        else:
            skipped = 0
            source.seek(0)
        place = source.tell()
        if delimiter is None:
            sample = list(islice(source, SAMPLE_ROWS))
            delimiter = delimiter_of(sample)
            source.seek(place)
        lines.field_size_limit(LONGEST_FIELD)
        records = Records(source, delimiter, 1 + skipped)
        head = records.head()
        if head is None:
            raise Refused("empty_table", "the file is empty.")
        check_columns(len(head))
        rows = _collect(records, len(head))
    if rows.rows + rows.long_count == 0:
        raise Refused("empty_table", "there are names of columns, but no rows.")
    _judge(rows, job)
    stated = None if delimiter == NOWHERE else delimiter
    reading = {"format": kind, "encoding": encoding, "delimiter": stated, "header": True}
    return TextTable(name, header.names(head, job), rows.columns, reading, rows.long_count)


def encoding_of(data: bytes) -> str:
    """UTF-8, UTF-16 by its mark, else Windows-1252; and no binary file."""
    encoding = next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None)
    for candidate in (encoding,) if encoding else ("utf-8", "cp1252"):
        try:
            text = data.decode(candidate)
        except UnicodeDecodeError:
            continue
        control = CONTROL.search(text)
        if control:
            line = text.count("\n", 0, control.start()) + 1
            raise Refused("unreadable_table", f"this is no text: there is a control character in line {line}.")
        return candidate
    raise Refused("unreadable_table", "this is no text in UTF-8, UTF-16 or Windows-1252.")


def delimiter_of(sample: list[str]) -> str:
    """The delimiter by which most of the first records are as wide as the header; `NOWHERE` if the header has none."""
    best = (0.0, 0, NOWHERE)
    split = False
    for delimiter in DELIMITERS:
        widths = [len(record) for record in lines.reader(sample, delimiter=delimiter) if record]
        if not widths or widths[0] < 2:
            continue
        split = True
        body = widths[1:-1] if len(widths) > 3 else widths[1:]  # the sample may end inside a record
        share = sum(width == widths[0] for width in body) / len(body) if body else 1.0
        if (share, widths[0]) > best[:2]:
            best = (share, widths[0], delimiter)
    if split and best[0] == 0.0:
        raise Refused("unreadable_table", "line 2: no row has as many fields as the header.")
    return best[2]


class Records:
    """The records of a file, in pieces, with the line in which each begins. Blank lines are none."""

    def __init__(self, source: TextIO, delimiter: str, line: int) -> None:
        self.reader = lines.reader(source, delimiter=delimiter, strict=True)
        self.first = self.line = line

    def next_line(self) -> int:
        """The line after what was taken."""
        return self.first + self.reader.line_num

    def take(self, most: int) -> list[list[str]]:
        """The next records, blank lines (`[]`) among them; none at the end."""
        records: list[list[str]] = []
        try:
            records.extend(islice(self.reader, most))
        except lines.Error as error:
            begin = self.line + sum(map(height, records))  # what was read before the error is in `records`
            cause = "a quote is opened and not closed" if "end of data" in str(error) else str(error)
            if "limit" in cause:
                cause = "a field is longer than 1,000,000 characters; is a quote not closed?"
            raise Refused("unreadable_table", f"line {begin}: {cause}.") from error
        return records

    def head(self) -> list[str] | None:
        """The first record."""
        while record := self.take(1):
            self.line = self.next_line()
            if record[0]:
                return record[0]
        return None


def height(record: list[str]) -> int:
    """The lines that a record takes."""
    return 1 + sum(len(_NEWLINE.findall(field)) for field in record if "\n" in field or "\r" in field)


def _collect(records: Records, width: int) -> Rows:
    """Turns records into columns, a piece at a time, so that a large table is in memory only once."""
    rows = Rows(width, [[] for _ in range(width)])
    memory: list[dict[str, str]] = [{} for _ in range(width)]
    while chunk := records.take(CHUNK_ROWS):
        if set(map(len, chunk)) != {width}:
            chunk = _fitting(chunk, records.line, rows)
        records.line = records.next_line()
        rows.rows += len(chunk)
        check_rows(rows.rows + rows.long_count, width)
        for place, texts in enumerate(zip(*chunk)):
            known = memory[place]
            if len(known) > REMEMBERED:
                known.clear()
            rows.columns[place].extend(map(known.setdefault, texts, texts))
        ragged = rows.padded_count + rows.long_count
        if 2 * ragged > rows.rows + rows.long_count:
            first = min(rows.padded[:1] + rows.long[:1])
            text = f"line {first}: most rows have not as many fields as the header, which has {width}."
            raise Refused("unreadable_table", text)
    return rows


def _fitting(chunk: list[list[str]], line: int, rows: Rows) -> list[list[str]]:
    """The records of a piece, each as wide as the header."""
    fitting = []
    for record in chunk:
        if record and len(record) != rows.width:
            wide = _fit(record, line, rows)
        else:
            wide = record
        if wide:
            fitting.append(wide)
        line += height(record)
    return fitting


def _fit(record: list[str], line: int, rows: Rows) -> list[str] | None:
    """A short row is filled up with missing values. A long one is left out: which value belongs where is unknown."""
    if len(record) < rows.width:
        rows.padded_count += 1
        rows.padded.append(line) if len(rows.padded) < 5 else None
        return record + [""] * (rows.width - len(record))
    if not any(field.strip() for field in record[rows.width:]):
        return record[: rows.width]
    rows.long_count += 1
    rows.long.append(line) if len(rows.long) < 5 else None
    return None


def _judge(rows: Rows, job: Job) -> None:
    if rows.padded_count:
        text = f"{_rows(rows.padded_count)} fewer fields than the header; what is not there counts as missing"
        job.warn("ragged_rows", f"{text} (lines {_some(rows.padded)}).")
    if rows.long_count:
        text = f"{_rows(rows.long_count)} more fields than the header, so that it is unknown which value belongs where"
        job.warn("ragged_rows", f"{text}: left out (lines {_some(rows.long)}).")


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count} rows have"


def _some(numbers: list[int]) -> str:
    return ", ".join(str(number) for number in numbers) + (" …" if len(numbers) == 5 else "")
