"""The one form in which a clean table is written: comma, UTF-8, point, ISO dates, `true` and `false`, nothing for
missing. Read again it gives the same kinds and the same values."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from ninja_analyst.columns import Column

CHUNK_ROWS = 50_000
# Other delimiters are quoted too, so that no reader takes one of them for the delimiter.
_SPECIAL = re.compile('[,;\t|"\r\n]')


def write(path: Path, columns: list[Column]) -> None:
    """Writes the table, a piece at a time: all texts at once are many times the numbers."""
    alone = len(columns) == 1
    dated = {column.name: np.array(column.texts(), object) for column in columns if column.kind == "date"}
    levels = {column.name: [*map(quoted, column.levels), ""] for column in columns if column.is_label}
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(",".join(quoted(column.name) for column in columns) + "\n")
        for start in range(0, columns[0].rows, CHUNK_ROWS):
            rows = slice(start, start + CHUNK_ROWS)
            cells = [_cells(column, rows, dated, levels) for column in columns]
            if alone:  # an empty line is no row
                cells = [[cell or '""' for cell in cells[0]]]
            file.writelines(",".join(row) + "\n" for row in zip(*cells))


def quoted(text: str) -> str:
    """`text` as a field."""
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text


def _cells(column: Column, rows: slice, dated: dict, levels: dict) -> list[str]:
    if column.is_label:
        names = levels[column.name]
        return [names[code] for code in column.codes[rows].tolist()]
    texts = dated[column.name][rows].tolist() if column.kind == "date" else column.take(rows).texts()
    return [text or "" for text in texts]
