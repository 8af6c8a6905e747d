"""Rows that were not taken, as a file: to be corrected and brought in again."""

import csv
import io

from ordito.listings.exports import safe_cell
from ordito.platform.database import Tx
from ordito.uploads.rows import list_rows
from ordito.uploads.types import DataImport, RowOutcome

_PAGE = 1_000


def write_faults(tx: Tx, job: DataImport) -> bytes:
    """CSV: the file's own columns, then the line and what is wrong. Safe to open in a spreadsheet:
    a text that one would take for a formula is marked as text, and read back without the mark."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*map(safe_cell, job.columns), "line", "fault"])
    outcomes: tuple[RowOutcome, ...] = ("faulty", "kept")
    for outcome in outcomes:
        after = -1
        while page := list_rows(tx, job.id, outcome=outcome, after=after, limit=_PAGE):
            after = page[-1].n
            for row in page:
                cells = [safe_cell(cell) for cell in row.cells[: len(job.columns)]]
                cells += [""] * (len(job.columns) - len(cells))
                words = " ".join(fault.detail for fault in row.faults or ())
                writer.writerow([*cells, row.line, safe_cell(words)])
    return out.getvalue().encode("utf-8-sig")
