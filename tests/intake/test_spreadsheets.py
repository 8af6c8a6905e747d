import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter

from ordito.intake import spreadsheets
from ordito.intake.problems import FileTooLarge, FileUnreadable
from ordito.intake.tables import open_table

# A sheet's dates have no zone.
MOMENT = datetime(2010, 12, 1, 8, 26)  # noqa: DTZ001


def workbook(*sheets: list[list[Any]], start: int = 0) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "dd/mm/yy hh:mm"})
    for rows in sheets:
        sheet = book.add_worksheet()
        for line, cells in enumerate(rows, start=start):
            for place, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(line, place, cell)
                else:
                    sheet.write(line, place, cell)
    book.close()
    return buffer.getvalue()


def with_sheet(xml: str, **parts: str) -> bytes:
    """A small workbook whose first sheet's XML is replaced."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["a"]]))) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        replaced = {"xl/worksheets/sheet1.xml": xml, **parts}
        for name in old.namelist():
            new.writestr(name, replaced.get(name, old.read(name)))
    return buffer.getvalue()


def sheet_xml(cells: str) -> str:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'


def test_cells_become_the_text_a_csv_file_would_hold() -> None:
    content = workbook(
        [
            ["text", "whole", "decimal", "yes", "moment", "day", "blank", "end"],
            ["85123A", 5901234123457, 2.55, True, MOMENT, date(2011, 1, 2)],
            ["0012", -3, 1.1 + 2.2, False, None, None, None, "x"],
            ["e", 1e300, 0.00001, None, None, None, None, None],
        ]
    )
    table = open_table(content, "orders.xlsx")
    assert [row.cells for row in table] == [
        ["85123A", "5901234123457", "2.55", "true", "2010-12-01 08:26:00", "2011-01-02", "", ""],
        ["0012", "-3", "3.3", "false", "", "", "", "x"],
        ["e", "1E+300", "0.00001", "", "", "", "", ""],
    ]
    assert table.format.kind == "xlsx"
    assert table.format.sheet == "Sheet1"


def test_line_numbers_are_the_sheets_own_and_blank_rows_are_none() -> None:
    content = workbook([["a", "b"], ["1", "2"], [], ["3", "4"]], start=4)
    assert [(row.line, row.cells) for row in open_table(content, "t.xlsx")] == [
        (6, ["1", "2"]),
        (8, ["3", "4"]),
    ]


def test_a_long_number_that_lost_digits_looks_mangled() -> None:
    table = open_table(workbook([["sku"], [59012341234571234]]), "t.xlsx")
    assert [row.cells for row in table] == [["5.90123412345712E+16"]]


def test_the_first_sheet_with_cells_is_read_and_the_others_are_named() -> None:
    table = open_table(workbook([], [["a"], ["1"]], [["b"]]), "t.xlsx")
    assert [row.cells for row in table] == [["1"]]
    assert table.format.sheet == "Sheet2"
    assert table.format.other_sheets == ("Sheet1", "Sheet3")


def test_an_empty_workbook_is_unreadable() -> None:
    with pytest.raises(FileUnreadable, match="no visible sheet"):
        open_table(workbook([]), "t.xlsx")


@pytest.mark.parametrize("size", [4, 30, 600, 3000])
def test_a_cut_workbook_is_unreadable(size: int) -> None:
    with pytest.raises(FileUnreadable, match="Save it again"):
        open_table(workbook([["a"], ["1"]])[:size], "t.xlsx")


def test_a_zip_of_something_else_is_unreadable() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("orders.csv", "a,b\n1,2\n")
    with pytest.raises(FileUnreadable, match="not an Excel workbook"):
        open_table(buffer.getvalue(), "orders.zip")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "XLSX_UNPACKED_MAX", 1_000_000)
    with pytest.raises(FileTooLarge, match="unpacks to more"):
        open_table(with_sheet(" " * 2_000_000), "t.xlsx")


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(with_sheet(sheet_xml(" " * 5_000_000)))
    name = b"xl/worksheets/sheet1.xml"
    central = content.rindex(name) - 46
    assert content[central : central + 4] == b"PK\x01\x02"
    content[central + 24 : central + 28] = (1000).to_bytes(4, "little")
    with pytest.raises(FileUnreadable):
        open_table(bytes(content), "t.xlsx")


@pytest.mark.parametrize(
    "far",
    [
        '<c r="XFD1048576"><v>1</v></c>',
        '<c t="a>b" r="XFD1048576"><v>1</v></c>',
        "<c t='\">' r='XFD1048576'><v>1</v></c>",
        '<x:c xmlns:x="y" r = "XFD1048576"><v>1</v></x:c>',
    ],
)
def test_cells_too_far_apart_are_refused(far: str) -> None:
    xml = sheet_xml(f'<row r="1"><c r="A1"><v>1</v></c></row><row>{far}</row>')
    with pytest.raises(FileTooLarge, match="1,048,576 rows and 16,384 columns"):
        open_table(with_sheet(xml), "t.xlsx")


def test_a_cell_without_a_valid_place_is_refused() -> None:
    xml = sheet_xml('<row r="1"><c r="A&#49;"><v>1</v></c></row>')
    with pytest.raises(FileUnreadable, match="no valid place"):
        open_table(with_sheet(xml), "t.xlsx")


def test_one_long_text_shared_by_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "XLSX_TEXT_BYTES_MAX", 1_000_000)
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 101))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    shared = f'<sst xmlns="{main}"><si><t>{"x" * 20_000}</t></si></sst>'
    content = with_sheet(sheet_xml(rows), **{"xl/sharedStrings.xml": shared})
    with pytest.raises(FileTooLarge, match="unpacks to more"):
        open_table(content, "t.xlsx")


def test_a_nul_smuggled_into_a_cell_is_a_row_fault() -> None:
    xml = sheet_xml(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>x_x0000_y</t></is></c></row>'
    )
    rows = list(open_table(with_sheet(xml), "t.xlsx"))
    assert [row.line for row in rows] == [2]
    assert ("\0" in rows[0].cells[0]) == (rows[0].fault_code == "nul-character")
