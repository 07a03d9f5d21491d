"""xlsx: the values of the first sheet, as text."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from pathlib import Path

from ninja_analyst import header
from ninja_analyst.envelope import Job, Refused
from ninja_analyst.limits import check_columns, check_rows
from ninja_analyst.signs import readable
from ninja_analyst.table import TextTable

# Unpacked. A workbook of honest cells is packed about ten times.
LARGEST_UNPACKED_BYTES = 600 * 1024 * 1024
# A cell of a workbook costs about twenty times as long to read as one of a CSV.
MOST_CELLS = 2_000_000


def xlsx(path: Path, name: str, job: Job) -> TextTable:
    """The first sheet; that there are others is said."""
    _check(path)
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        if len(book.sheetnames) > 1:
            job.warn("first_sheet_only", f"`{name}` has {len(book.sheetnames)} sheets; only `{sheet.title}` was read.")
        sheet.reset_dimensions()
        head, columns = _columns(sheet)
    except Refused:
        raise
    except Exception as error:  # openpyxl raises what its XML and zip readers raise
        raise Refused("unreadable_table", f"the workbook is damaged ({type(error).__name__}).") from error
    reading = {"format": "xlsx", "sheet": sheet.title, "header": True}
    return TextTable(name, header.names(head, job), columns, reading)


def _check(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise Refused("unreadable_table", "this is no xlsx workbook.") from error
    if unpacked > LARGEST_UNPACKED_BYTES:
        raise Refused("dataset_too_large", "the workbook is larger than 600 MB unpacked, the largest that is read.")


def _columns(sheet) -> tuple[list[str], list[list[str]]]:
    rows = ([_cell(value) for value in row] for row in sheet.iter_rows(values_only=True))
    rows = (row for row in rows if any(row))  # a row without any value is no row
    head = next(rows, None)
    if head is None:
        raise Refused("empty_table", "the first sheet is empty.")
    while head and not head[-1]:
        head.pop()
    check_columns(len(head))
    columns: list[list[str]] = [[] for _ in head]
    for number, row in enumerate(rows, 1):
        check_rows(number, len(head))
        if number * len(head) > MOST_CELLS:
            raise Refused("dataset_too_large", "a workbook may hold 2,000,000 cells; save it as csv to have more read.")
        if any(row[len(head):]):
            raise Refused("unreadable_table", f"row {number + 1} has values to the right of the last named column.")
        row = row + [""] * (len(head) - len(row))
        for texts, value in zip(columns, row):
            texts.append(value)
    if not columns[0]:
        raise Refused("empty_table", "there are names of columns, but no rows.")
    return head, columns


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return readable(str(value))
