"""`ordito export`: orders, stock and postings to CSV or Excel."""

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import rich_click as click

from ordito.cli.opening import installation
from ordito.listings.exports import EXPORTS, safe_cell, stream_rows
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database

EXCEL_ROWS_MAX = 1_048_575


@click.command("export")
@click.argument("what", type=click.Choice(sorted(EXPORTS)))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(what: str, file: Path) -> None:
    """Write WHAT to FILE (.csv or .xlsx). Texts that look like formulas are made harmless."""
    if file.suffix.lower() not in (".csv", ".xlsx"):
        raise click.UsageError("FILE ends in .csv or .xlsx.")
    write = _write_excel if file.suffix.lower() == ".xlsx" else _write_csv
    with installation() as db:
        count = write(file, list(EXPORTS[what].columns), _rows(db, what))
    click.echo(f"wrote {count:,} rows to {file}")


def _rows(db: Database, what: str) -> Iterator[list[Any]]:
    with db.reading(SYSTEM) as tx:
        for row in stream_rows(tx, EXPORTS[what]):
            yield [safe_cell(cell) for cell in row]


def _write_csv(file: Path, columns: list[str], rows: Iterator[list[Any]]) -> int:
    count = 0
    with file.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_text(cell) for cell in row])
            count += 1
    return count


def _write_excel(file: Path, columns: list[str], rows: Iterator[list[Any]]) -> int:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with xlsxwriter.Workbook(str(file), options) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, columns)
        for count, row in enumerate(rows, start=1):
            if count > EXCEL_ROWS_MAX:
                raise click.ClickException("More rows than an Excel sheet has; export to .csv.")
            sheet.write_row(count, 0, [_text(cell) for cell in row])
    return count


def _text(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, datetime) else cell
