"""Tables as files: CSV and Excel, in the reader's zone, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import xlsxwriter

from ordito.api.answers import Answer
from ordito.listings.exports import safe_cell

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Rows = Sequence[Sequence[Any]]


class Table(msgspec.Struct, frozen=True):
    """What a file holds. name: of the file and its sheet; columns: heading and kind each: text,
    number, amount, day or instant (ISO 8601)."""

    name: str
    columns: Sequence[tuple[str, str]]


def answer_table(table: Table, rows: Rows, form: str, zone: ZoneInfo) -> Answer:
    """The file to be kept; form: csv or xlsx."""
    if form == "xlsx":
        body, kind = write_xlsx(table, rows, zone), XLSX_TYPE
    else:
        body, kind = write_csv(table, rows, zone), CSV_TYPE
    headers = [
        (b"content-type", kind.encode()),
        (b"content-disposition", f'attachment; filename="{table.name}.{form}"'.encode()),
        (b"cache-control", b"no-store"),
    ]
    return Answer(200, headers, body)


def write_csv(table: Table, rows: Rows, zone: ZoneInfo) -> bytes:
    """A table as CSV. A text that a spreadsheet would take for a formula is marked as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([heading for heading, _kind in table.columns])
    kinds = [kind for _heading, kind in table.columns]
    for row in rows:
        writer.writerow([_plain(kind, cell, zone) for kind, cell in zip(kinds, row, strict=True)])
    return out.getvalue().encode("utf-8-sig")


def _plain(kind: str, cell: Any, zone: ZoneInfo) -> Any:
    if cell is None:
        return ""
    if kind == "instant":
        local = datetime.fromisoformat(cell).astimezone(zone)
        return local.strftime("%Y-%m-%d %H:%M")
    return safe_cell(cell) if kind == "text" else cell


def write_xlsx(table: Table, rows: Rows, zone: ZoneInfo) -> bytes:
    """A table as a workbook: numbers are numbers, days are days, and no text is a formula."""
    out = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(table.name.capitalize())
        bold = book.add_format({"bold": True})
        forms = {
            "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "amount": book.add_format({"num_format": "#,##0.00"}),
        }
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(table.columns) - 1, 16)
        for at, (heading, _kind) in enumerate(table.columns):
            sheet.write_string(0, at, heading, bold)
        kinds = [kind for _heading, kind in table.columns]
        for no, row in enumerate(rows, start=1):
            for at, (kind, cell) in enumerate(zip(kinds, row, strict=True)):
                _write_cell(sheet, (no, at), kind, cell, (forms.get(kind), zone))
    return out.getvalue()


def _write_cell(
    sheet: Any, place: tuple[int, int], kind: str, cell: Any, how: tuple[Any, ZoneInfo]
) -> None:
    form, zone = how
    if cell is None:
        return
    if kind == "instant":
        local = datetime.fromisoformat(cell).astimezone(zone).replace(tzinfo=None)
        sheet.write_datetime(*place, local, form)
    elif kind == "day":
        sheet.write_datetime(*place, date.fromisoformat(cell), form)
    elif kind in ("amount", "number"):
        sheet.write_number(*place, float(Decimal(cell)), form)
    else:
        sheet.write_string(*place, str(cell))
