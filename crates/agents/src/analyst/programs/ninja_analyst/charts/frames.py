"""A typed table as pandas has it, for the charts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..table import Table


def frame(table: Table) -> pd.DataFrame:
    """Numbers as floats, dates as dates, labels as words; missing as pandas says it."""
    columns = {}
    for column in table.columns:
        if column.is_label:
            words = np.array([*column.levels, None], dtype=object)
            columns[column.name] = pd.Series(words[column.codes])
        elif column.kind == "date":
            columns[column.name] = pd.Series(column.values.astype("datetime64[ns]"))
        else:
            columns[column.name] = pd.Series(column.values)
    return pd.DataFrame(columns)
