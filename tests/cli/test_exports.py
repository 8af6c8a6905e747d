"""Exports: what a spreadsheet would run is text, and nothing is changed by it."""

import csv
from pathlib import Path

import pytest
import python_calamine
from click.testing import CliRunner

from ordito.cli.exports import export
from ordito.listings.exports import safe_cell
from ordito.platform.database import Database
from tests import make

RISKY = ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "\rx", "＝x", "'quoted", "plain"]


@pytest.mark.parametrize("text", RISKY)
def test_taking_one_quote_away_gives_the_original(text: str) -> None:
    safe = safe_cell(text)

    assert (safe[1:] if safe.startswith("'") else safe) == text
    assert safe[0] not in "=+-@\t\r＝"


@pytest.mark.parametrize("name", ["orders.csv", "orders.xlsx"])
def test_an_export_has_every_line_of_every_order(
    db: Database, dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shop = make.shop(db)
    make.place(shop, {"tea": 2, "cup": 1}, external_id="=1+1")
    monkeypatch.setenv("ORDITO_DATABASE_URL", dsn)

    outcome = CliRunner().invoke(export, ["orders", str(tmp_path / name)])

    assert outcome.exit_code == 0, outcome.output
    rows = read(tmp_path / name)
    assert [row[12] for row in rows[1:]] == ["tea", "cup"]
    assert {row[1] for row in rows[1:]} == {"'=1+1"}


def read(file: Path) -> list[list[str]]:
    if file.suffix == ".csv":
        with file.open(newline="", encoding="utf-8-sig") as stream:
            return list(csv.reader(stream))
    sheet = python_calamine.CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0)
    return [[str(cell) for cell in row] for row in sheet.to_python()]
