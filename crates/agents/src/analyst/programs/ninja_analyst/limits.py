"""How large a table may be, and how a table that is larger is refused."""

from __future__ import annotations

from ninja_analyst.envelope import Refused

LARGEST_FILE_BYTES = 50 * 1024 * 1024
MOST_ROWS = 1_000_000
MOST_COLUMNS = 500
# 50 MB of text hold 26 million cells of one digit; more than this comes only from rows that say little.
MOST_CELLS = 30_000_000


def check_rows(rows: int, columns: int) -> None:
    """Refuses the row or cell that is one too many."""
    if rows > MOST_ROWS:
        raise Refused("dataset_too_large", "the table has more than 1,000,000 rows, the most that are read.")
    if rows * columns > MOST_CELLS:
        raise Refused("dataset_too_large", "the table has more than 30,000,000 cells, the most that are read.")


def check_columns(columns: int) -> None:
    """Refuses a table that is too wide."""
    if columns > MOST_COLUMNS:
        raise Refused("dataset_too_large", f"the table has {columns:,} columns; 500 are the most that are read.")
