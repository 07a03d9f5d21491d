"""Charts of a table: those that were asked for, or those that its columns call for."""

from __future__ import annotations

from typing import Any

from ninja_analyst import charts
from ninja_analyst.envelope import Job, main


def run(job: Job) -> dict[str, Any]:
    """Draws the charts; the result has what each of them shows."""
    return charts.draw(job, job.table())


if __name__ == "__main__":
    main("data_visualization", run)
