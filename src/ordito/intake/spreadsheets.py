"""Excel workbooks (.xlsx) into rows, after checking that unpacking them is safe."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import msgspec
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from ordito.intake.delimited import CELL_CHARS_MAX, COLUMNS_MAX
from ordito.intake.problems import FileTooLarge, FileUnreadable
from ordito.intake.types import Row

XLSX_BYTES_MAX = 64 * 1024 * 1024
XLSX_UNPACKED_MAX = 256 * 1024 * 1024
XLSX_PARTS_MAX = 2_000
XLSX_CELLS_MAX = 5_000_000
"""Rows × columns of one sheet: the reader lays a sheet out as a full grid in memory."""

XLSX_TEXT_BYTES_MAX = 1024 * 1024 * 1024
"""Texts of all cells together: one long text can be shared by millions of cells."""

EXACT_INTEGER_MAX = 10**15
"""Spreadsheets keep 15 digits: a longer code typed as a number has lost its last ones."""

_NEEDED_PARTS = re.compile(
    r"(\[content_types\]\.xml|_rels/\.rels|xl/.*\.xml|xl/.*\.rels)", re.IGNORECASE
)
_SHARED_PART = re.compile(r"xl/sharedstrings\.xml", re.IGNORECASE)
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
# Possessive, so that no text can make the search slow; what stands in quotes may hold any sign.
_PLACED = re.compile(rb"<(?:[\w.-]++:)?(?:c|row)(?=[\s/>])((?:[^\"'>]++|\"[^\"]*+\"|'[^']*+')*+)>")
# The letter comes first and what stands before it after, so that the search can leap to it.
_PLACE = re.compile(rb"r(?<![\w:.-]r)\s*+=\s*+[\"'](?:([A-Za-z]{0,3})([0-9]{1,7})(?=[\"']))?")
_VALUE = re.compile(rb"<(?:[\w.-]++:)?v(?:\s[^>]*+)?>\s*+([0-9]{1,9})\s*+<")
_SHARED_TEXT = re.compile(rb"<(?:[\w.-]++:)?si(?=[\s/>])")


class Workbook(msgspec.Struct, frozen=True):
    """The sheet that is read, its name, and the names of the other visible sheets."""

    sheet: str
    others: tuple[str, ...]
    rows: Iterator[Row]


def read_workbook(content: bytes) -> Workbook:
    """Rows of the first visible sheet that holds cells; line numbers are the sheet's own.

    Raises FileTooLarge for bombs and for sheets beyond XLSX_CELLS_MAX, FileUnreadable for
    damaged, encrypted or macro-only files.
    """
    safe = _repacked(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(safe))
        names = [
            meta.name
            for meta in book.sheets_metadata
            if meta.visible == SheetVisibleEnum.Visible and meta.typ == SheetTypeEnum.WorkSheet
        ]
        sheets = (book.get_sheet_by_name(name) for name in names)
        sheet = next((sheet for sheet in sheets if sheet.height), None)
    except CalamineError as fault:
        raise _not_a_workbook(str(fault)) from fault
    except BaseException as fault:
        # A panic of the native reader is no Exception; anything else of that rank is let through.
        if type(fault).__name__ != "PanicException":
            raise
        raise _not_a_workbook("its parts contradict each other") from fault
    if sheet is None:
        raise FileUnreadable("The workbook has no visible sheet with cells in it.")
    return Workbook(sheet.name, tuple(name for name in names if name != sheet.name), _rows(sheet))


def _not_a_workbook(why: str) -> FileUnreadable:
    return FileUnreadable(
        f"The file is not an Excel workbook that can be read ({why[:200]}). "
        "Save it again as .xlsx without a password, or as CSV (UTF-8)."
    )


def _repacked(content: bytes) -> bytes:
    """The workbook's needed parts, unpacked within limits and stored unpacked in a new archive.

    What a packed part claims of its size may be a lie; the copy's sizes are what was counted here,
    so that the native reader can't be made to unpack more.
    """
    if len(content) > XLSX_BYTES_MAX:
        raise FileTooLarge(f"The workbook is larger than {XLSX_BYTES_MAX // 1024**2} MiB.")
    copy = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(copy, "w") as plain:
            _copy_parts(packed, plain)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as fault:
        raise _not_a_workbook(str(fault)) from fault
    except (RuntimeError, NotImplementedError) as fault:
        raise _not_a_workbook("a part is encrypted or packed in an unusual way") from fault
    return copy.getvalue()


def _copy_parts(packed: zipfile.ZipFile, plain: zipfile.ZipFile) -> None:
    parts = [part for part in packed.infolist() if _NEEDED_PARTS.fullmatch(part.filename)]
    if len(parts) > XLSX_PARTS_MAX or len({part.filename for part in parts}) < len(parts):
        raise _not_a_workbook("it has too many parts, or parts of the same name")
    # Shared texts first, since what a sheet holds depends on their lengths.
    parts.sort(key=lambda part: not _SHARED_PART.fullmatch(part.filename))
    left = XLSX_UNPACKED_MAX
    lengths: list[int] = []
    for part in parts:
        if part.file_size > left:
            raise _bomb()
        with packed.open(part) as opened:
            data = opened.read(left + 1)
        left -= len(data)
        if left < 0:
            raise _bomb()
        if _SHARED_PART.fullmatch(part.filename):
            lengths = _text_lengths(data)
        elif _SHEET_PART.fullmatch(part.filename):
            _refuse_wide_grid(data)
            _refuse_long_texts(data, lengths)
        plain.writestr(part.filename, data)


def _bomb() -> FileTooLarge:
    return FileTooLarge(
        f"The workbook unpacks to more than {XLSX_UNPACKED_MAX // 1024**2} MiB. "
        "Save the sheet as CSV and send that."
    )


def _refuse_wide_grid(sheet: bytes) -> None:
    """Refuse a sheet whose cells lie so far apart that its full grid would not fit in memory."""
    if b"\0" in sheet:
        raise _not_a_workbook("a sheet is not in UTF-8")
    letters, numbers, odd = {b"A"}, {b"1"}, False
    for match in _PLACE.finditer(sheet):
        name, digits = match.groups()
        if digits is None:
            odd = True
            continue
        letters.add(name)
        numbers.add(digits)
    if odd:
        _refuse_odd_places(sheet)
    last, columns = max(map(int, numbers)), max(map(_column_number, letters))
    if last * columns > XLSX_CELLS_MAX:
        raise FileTooLarge(
            f"The sheet spans {last:,} rows and {columns:,} columns, more than "
            f"{XLSX_CELLS_MAX:,} cells. Delete what stands far outside the table, "
            "or save it as CSV."
        )


def _refuse_odd_places(sheet: bytes) -> None:
    """Refuse cells whose place is written so that its size can't be told; elsewhere in the sheet,
    as in a text, anything may be written."""
    for element in _PLACED.finditer(sheet):
        if any(match[2] is None for match in _PLACE.finditer(element[1])):
            raise _not_a_workbook("a cell has no valid place")


def _text_lengths(shared: bytes) -> list[int]:
    starts = [match.start() for match in _SHARED_TEXT.finditer(shared)] + [len(shared)]
    return [end - start for start, end in pairwise(starts)]


def _refuse_long_texts(sheet: bytes, lengths: list[int]) -> None:
    """Refuse a sheet whose cells together repeat more shared text than fits in memory.

    Every whole number is taken for the place of a shared text, so that it errs on the safe side.
    """
    longest = max(lengths, default=0)
    if sheet.count(b"<") * longest <= XLSX_TEXT_BYTES_MAX:
        return
    total = sum(
        lengths[place]
        for match in _VALUE.finditer(sheet)
        if (place := int(match[1])) < len(lengths)
    )
    if total > XLSX_TEXT_BYTES_MAX:
        raise _bomb()


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _rows(sheet: CalamineSheet) -> Iterator[Row]:
    for line, values in enumerate(sheet.iter_rows(), start=1):
        cells = [value if type(value) is str else _cell_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        yield _checked(line, cells)


def _checked(line: int, cells: list[str]) -> Row:
    if len(cells) > COLUMNS_MAX:
        return Row(
            line,
            cells[:COLUMNS_MAX],
            "too-many-columns",
            f"Row {line} has more than {COLUMNS_MAX} cells.",
        )
    if max(map(len, cells)) > CELL_CHARS_MAX:
        return Row(
            line,
            [cell[:CELL_CHARS_MAX] for cell in cells],
            "cell-too-long",
            f"Row {line}: a cell is longer than {CELL_CHARS_MAX:,} characters.",
        )
    if any("\0" in cell for cell in cells):
        return Row(line, cells, "nul-character", f"Row {line} holds a NUL character.")
    return Row(line, cells)


def _cell_text(value: object) -> str:
    """A cell as it would stand in a CSV file: ISO dates, plain decimals, true and false."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() | int():
            return _number_text(float(value))
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return str(value)


def _number_text(number: float) -> str:
    """A number with the 15 digits a spreadsheet keeps. A longer whole one, whose last digits are
    lost, is written as the spreadsheet shows it (5.90123412345E+15), which no code may look like.
    """
    if number.is_integer() and abs(number) < EXACT_INTEGER_MAX:
        return str(int(number))
    text = f"{number:.15g}"
    if "e" not in text:
        return text
    if abs(number) >= 1:
        mantissa, power = text.split("e")
        return f"{mantissa}E+{int(power)}"
    return f"{number:.20f}".rstrip("0")
