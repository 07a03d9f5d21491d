"""json (an array of objects) and jsonl (an object per line). Numbers keep the text that they were written with."""

from __future__ import annotations

import json as decoder
from collections.abc import Iterator
from pathlib import Path

from ninja_analyst import header
from ninja_analyst.delimited import encoding_of
from ninja_analyst.envelope import Job, Refused
from ninja_analyst.limits import check_columns, check_rows
from ninja_analyst.signs import readable
from ninja_analyst.table import TextTable

_BLANK = " \t\r\n"


class _Number(str):
    """A number as it is written in the file."""


_DECODER = decoder.JSONDecoder(parse_float=_Number, parse_int=_Number, parse_constant=_Number)


def json(path: Path, name: str, job: Job) -> TextTable:
    """An array of objects."""
    text, encoding = _text(path)
    return _table(name, _array(text), {"format": "json", "encoding": encoding, "header": True}, job)


def jsonl(path: Path, name: str, job: Job) -> TextTable:
    """One object per line."""
    text, encoding = _text(path)
    return _table(name, _lines(text), {"format": "jsonl", "encoding": encoding, "header": True}, job)


def _text(path: Path) -> tuple[str, str]:
    data = path.read_bytes()
    encoding = encoding_of(data)
    text = data.decode(encoding)
    if not text.strip():
        raise Refused("empty_table", "the file is empty.")
    return text, encoding


def _decode(text: str, at: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except decoder.JSONDecodeError as error:
        line = text.count("\n", 0, error.pos) + 1
        raise Refused("unreadable_table", f"line {line}: {error.msg}.") from error
    except RecursionError as error:
        raise Refused("unreadable_table", "the JSON is nested too deep.") from error


def _array(text: str) -> Iterator[object]:
    """The items of an array, one at a time: all of them at once need many times the file's size."""
    at = _skip(text, 0)
    if text[at] != "[":
        raise Refused("unreadable_table", "line 1: a JSON table is an array of objects.")
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return
    while True:
        item, at = _decode(text, at)
        yield item
        at = _skip(text, at)
        sign = text[at : at + 1]
        if sign == "]" and not text[at + 1 :].strip():
            return
        if sign != ",":
            line = text.count("\n", 0, at) + 1
            raise Refused("unreadable_table", f"line {line}: the array is not continued or ended as it should be.")
        at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _lines(text: str) -> Iterator[object]:
    for number, line in enumerate(text.split("\n"), 1):
        if not (line := line.strip()):
            continue
        try:
            item, end = _decode(line, 0)
        except Refused as refused:
            raise Refused(refused.code, refused.message.replace("line 1:", f"line {number}:")) from refused
        if line[end:].strip():
            raise Refused("unreadable_table", f"line {number}: there is more than one JSON value.")
        yield item


def _table(name: str, items: Iterator[object], reading: dict, job: Job) -> TextTable:
    columns: dict[str, list[str]] = {}
    nested: set[str] = set()
    rows = 0
    for item in items:
        if not isinstance(item, dict):
            raise Refused("unreadable_table", f"row {rows + 1} is no JSON object.")
        for key in item:
            if key not in columns:
                check_columns(len(columns) + 1)
                columns[key] = [""] * rows
        rows += 1
        check_rows(rows, len(columns))
        for key, texts in columns.items():
            texts.append(_cell(item.get(key), key, nested))
    if not columns:
        raise Refused("empty_table", "there are no rows.")
    names = header.names(list(columns), job)
    for key in nested:
        job.warn("nested_value", f"`{key}` holds lists or objects, which were kept as text.", key.strip())
    return TextTable(name, names, list(columns.values()), reading)


def _cell(value: object, key: str, nested: set[str]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return readable(str(value))
    nested.add(key)
    return decoder.dumps(value, ensure_ascii=False)
