"""Names of columns: each there, and each once."""

from __future__ import annotations

from ninja_analyst import numerals
from ninja_analyst.envelope import Job
from ninja_analyst.limits import check_columns
from ninja_analyst.signs import readable


def names(found: list[str], job: Job) -> list[str]:
    """The header's names. An empty one becomes `column_3`, a second `a` becomes `a_2`; both are said."""
    check_columns(len(found))
    stripped = [" ".join(readable(name).replace("\ufeff", " ").split()) for name in found]
    given: list[str] = []
    taken = set(stripped)
    used: set[str] = set()
    for place, name in enumerate(stripped, 1):
        wanted = name or f"column_{place}"
        final, number = wanted, 2
        while final in used or (final != name and final in taken):
            final, number = f"{wanted}_{number}", number + 1
        if not name:
            job.warn("empty_column_name", f"Column {place} has no name; it is called `{final}` here.", final)
        elif final != name:
            text = f"`{name}` is the name of several columns; this one is called `{final}` here."
            job.warn("duplicate_column_name", text, final)
        used.add(final)
        given.append(final)
    if len(given) > 1 and all(name and numerals.is_number(name) for name in stripped):
        text = "The first row, which was taken for the names of the columns, holds only numbers."
        job.warn("header_looks_like_data", text)
    return given
