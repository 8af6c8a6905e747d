"""A file's bytes into a table: headings, and rows with their line numbers."""

import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Literal

import msgspec

from ordito.intake.delimited import BoundedBytes, read_delimited
from ordito.intake.encodings import Encoding, detect_delimiter, detect_encoding, separator_line
from ordito.intake.problems import FileTooLarge, FileUnreadable
from ordito.intake.spreadsheets import XLSX_BYTES_MAX, read_workbook
from ordito.intake.types import Row

ROWS_MAX = 2_000_000
SAMPLE_BYTES = 1024 * 1024
"""Beginning of the file that its encoding is judged by."""

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_OLD_EXCEL, _PDF = b"\xd0\xcf\x11\xe0", b"%PDF"
_HTML = (b"<!doctype", b"<html", b"<?xml")

_ENCODINGS = {
    "utf-8": "utf-8-sig",
    "utf-8-sig": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-32": "utf-32",
    "cp1250": "cp1250",
    "cp1252": "cp1252",
    "iso8859-2": "iso8859-2",
    "iso8859-1": "iso8859-1",
}


class TableFormat(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the file was read, to be shown in a preview.

    certain: False where the encoding was guessed; it can be given instead.
    """

    kind: Literal["csv", "xlsx"]
    packed: bool = False
    encoding: str = ""
    certain: bool = True
    delimiter: str = ""
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()


class TableOptions(msgspec.Struct, frozen=True):
    """What the sender knows of the file; "" is found out."""

    encoding: str = ""
    delimiter: str = ""


class Table:
    """Headings and rows, to be iterated once. Blank rows are left out.

    A row with too few or too many cells is damaged; trailing blank cells are cut first.
    columns: the headings, trimmed; a blank or repeated one gets a name of its own.
    repeated: headings that stand there more than once.
    """

    def __init__(self, format_: TableFormat, headings: list[str], rows: Iterable[Row]) -> None:
        self.format = format_
        self.columns, self.repeated = _distinct(headings)
        self._rows = rows

    def __iter__(self) -> Iterator[Row]:
        width = len(self.columns)
        # A workbook's rows end at their last filled cell; only delimited text tells a short row.
        fill = self.format.kind == "xlsx"
        for count, row in enumerate(self._rows, start=1):
            if count > ROWS_MAX:
                raise FileTooLarge(f"The file has more than {ROWS_MAX:,} rows. Split it.")
            if len(row.cells) != width and not row.fault_code:
                _fit(row, width, fill)
            yield row

    def cells_by_column(self, row: Row) -> dict[str, str]:
        """Heading → cell; cells beyond the headings are named by their place."""
        names = [*self.columns, *(f"column {n + 1}" for n in range(len(self.columns), 500))]
        return dict(zip(names, row.cells, strict=False))


def _distinct(headings: list[str]) -> tuple[list[str], tuple[str, ...]]:
    columns: list[str] = []
    repeated: list[str] = []
    for place, heading in enumerate(headings, start=1):
        name = heading.strip() or f"column {place}"
        if name in columns:
            repeated.append(name)
            name = f"{name} ({place})"
        columns.append(name)
    return columns, tuple(dict.fromkeys(repeated))


def _fit(row: Row, width: int, fill: bool) -> None:
    """Make the row `width` cells wide where only blank cells are missing or too many."""
    cells = row.cells
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    if len(cells) == width:
        return
    if fill and len(cells) < width:
        cells.extend([""] * (width - len(cells)))
        return
    code = "too-few-cells" if len(cells) < width else "too-many-cells"
    row.fault_code = code
    row.fault_detail = (
        f"Line {row.line} has {len(cells)} cells under {width} headings. "
        "Is a separator or a quotation mark missing, or one too many?"
    )


def open_table(source: bytes | BinaryIO, name: str, options: TableOptions | None = None) -> Table:
    """The table in a file: CSV, packed CSV (.gz) or .xlsx, told by content, not by name.

    source: bytes, or a stream that is read piece by piece while the table is iterated and that
            must stay open so long.
    Raises FileUnreadable or FileTooLarge, here or while iterating.
    """
    stream: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source
    buffered = io.BufferedReader(_as_raw(stream), SAMPLE_BYTES)
    start = buffered.peek(SAMPLE_BYTES)[:16]
    _refuse_foreign(start, name)
    if start.startswith(_ZIP):
        return _open_workbook(buffered.read(XLSX_BYTES_MAX + 1), name)
    packed = start.startswith(_GZIP)
    if packed:
        buffered = io.BufferedReader(BoundedBytes(buffered, packed=True), SAMPLE_BYTES)
        inner = buffered.peek(SAMPLE_BYTES)[:16]
        if inner.startswith((_ZIP, _GZIP)):
            raise FileUnreadable(f"{name} is packed twice. Unpack it once and send that.")
        _refuse_foreign(inner, name)
    return _open_delimited(buffered, name, packed, options or TableOptions())


def _as_raw(stream: BinaryIO) -> io.RawIOBase:
    return BoundedBytes(stream, packed=False)


def _refuse_foreign(start: bytes, name: str) -> None:
    if not start:
        raise FileUnreadable(f"{name} is empty.")
    if start.startswith(_OLD_EXCEL):
        raise FileUnreadable(f"{name} is an old or protected Excel file. Save it as .xlsx or CSV.")
    if start.startswith(_PDF):
        raise FileUnreadable(f"{name} is a PDF. Export the table as CSV or .xlsx.")
    if start.lstrip().lower().startswith(_HTML):
        raise FileUnreadable(f"{name} is a web page or XML, not a table. Export it as CSV.")


def _open_workbook(content: bytes, name: str) -> Table:
    book = read_workbook(content)
    headings = next(book.rows, None)
    if headings is None or headings.fault_code:
        raise FileUnreadable(f"Sheet {book.sheet} of {name} has no row of headings.")
    return Table(
        TableFormat(kind="xlsx", sheet=book.sheet, other_sheets=book.others),
        headings.cells,
        book.rows,
    )


def _open_delimited(
    stream: "io.BufferedReader[io.RawIOBase]", name: str, packed: bool, options: TableOptions
) -> Table:
    sample = stream.peek(SAMPLE_BYTES)[:SAMPLE_BYTES]
    encoding = _chosen_encoding(sample, options)
    codec = _ENCODINGS[encoding.name]
    begun = sample.decode(codec, errors="replace")
    delimiter = options.delimiter or detect_delimiter(begun)
    text = io.TextIOWrapper(stream, encoding=codec, errors="replace", newline="")
    rows = read_delimited(text, delimiter)
    headings = next(rows, None)
    if headings is not None and separator_line(begun.split("\n", 1)[0]):
        headings = next(rows, None)
    if headings is None:
        raise FileUnreadable(f"{name} holds no rows.")
    if headings.fault_code:
        raise FileUnreadable(f"The headings of {name} can't be read. {headings.fault_detail}")
    return Table(
        TableFormat("csv", packed, encoding.name, encoding.certain, delimiter),
        headings.cells,
        rows,
    )


def _chosen_encoding(sample: bytes, options: TableOptions) -> Encoding:
    if not options.encoding:
        return detect_encoding(sample)
    if options.encoding not in _ENCODINGS:
        raise FileUnreadable(
            f"Encoding '{options.encoding[:40]}' is not read here. "
            f"Choose one of {', '.join(_ENCODINGS)}."
        )
    return Encoding(options.encoding, certain=True)
