"""Delimited text (CSV) into rows, line by line: memory is bounded whatever the file holds."""

import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from ordito.intake.problems import FileTooLarge, FileUnreadable
from ordito.intake.types import Row

UNPACKED_BYTES_MAX = 512 * 1024 * 1024
"""Most bytes read from one file, after unpacking."""

LINE_CHARS_MAX = 262_144
"""Longest physical line that is looked at; the rest of a longer one is skipped."""

CELL_CHARS_MAX = 32_767
"""Longest cell, as in a spreadsheet."""

COLUMNS_MAX = 500
RECORD_LINES_MAX = 1_000
"""Physical lines that one quoted cell may span; beyond, its quote is taken for a stray one."""

_LONG_CELL = f"a cell is longer than {CELL_CHARS_MAX:,} characters"
_REPLACEMENT = "\ufffd"


class BoundedBytes(io.RawIOBase):
    """Reads a file, unpacking gzip, and stops with a problem at UNPACKED_BYTES_MAX bytes."""

    def __init__(self, source: BinaryIO, *, packed: bool) -> None:
        super().__init__()
        self._source = gzip.GzipFile(fileobj=source) if packed else source
        self._read_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            piece = self._source.read(len(view))
        except (EOFError, OSError, zlib.error) as fault:
            raise FileUnreadable(
                f"The packed file is damaged after {self._read_bytes:,} bytes of its content. "
                "Pack it again, or send it unpacked."
            ) from fault
        self._read_bytes += len(piece)
        if self._read_bytes > UNPACKED_BYTES_MAX:
            raise FileTooLarge(
                f"The file holds more than {UNPACKED_BYTES_MAX // 1024**2} MiB. "
                "Split it and send the parts."
            )
        view[: len(piece)] = piece
        return len(piece)


class PhysicalLines:
    """Lines of a text stream, one at a time, with their numbers; lines can be put back.

    number: of the line given last, from 1.
    held:   the lines of the record being read, emptied by the reader at each new one, so that a
            record that can't be read can be put back except for its first line.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._returned: deque[str] = deque()
        self.number = 0
        self.held: list[str] = []

    def given(self) -> Iterator[str]:
        """The lines that follow, with those put back first."""
        held, returned, readline = self.held, self._returned, self._text.readline
        while len(held) < RECORD_LINES_MAX:
            line = returned.popleft() if returned else readline(LINE_CHARS_MAX)
            if not line:
                return
            if len(line) >= LINE_CHARS_MAX and _was_cut(line):
                self._skip_rest_of_line()
            self.number += 1
            held.append(line)
            yield line
        raise csv.Error("a quote is not closed")

    def _skip_rest_of_line(self) -> None:
        while (piece := self._text.readline(LINE_CHARS_MAX)) and piece[-1] not in "\r\n":
            pass

    def put_back_after_first(self) -> None:
        """Give the held lines again, except the first, which can't be read."""
        self._returned.extendleft(reversed(self.held[1:]))
        self.number -= len(self.held) - 1
        del self.held[1:]


def read_delimited(text: TextIO, delimiter: str) -> Iterator[Row]:
    """Every row with content, the heading among them, in file order; damaged ones carry a fault.

    A quote that is never closed damages only the line it stands on: reading goes on with the next
    line. Blank lines are no rows. Raises FileTooLarge or FileUnreadable where the file itself
    ends badly.
    """
    lines = PhysicalLines(text)
    reader = csv.reader(lines.given(), delimiter=delimiter, strict=True)
    held = lines.held
    while True:
        held.clear()
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _stray_quote(lines, line, delimiter, error)
            # A fresh reader: the old one may still be inside the quote.
            reader = csv.reader(lines.given(), delimiter=delimiter, strict=True)
            continue
        first = held[0]
        if not cells or (not cells[0].strip() and _is_blank(cells, first)):
            continue
        # Most lines are short and plain: nothing in them can be amiss.
        if first.isascii() and len(first) <= COLUMNS_MAX and "\0" not in first and len(held) == 1:
            yield Row(line, cells)
        else:
            yield _checked(line, cells, held)


def _is_blank(cells: list[str], first: str) -> bool:
    """Whether the row holds nothing; of a line that was cut, nobody knows."""
    return not _was_cut(first) and not any(map(str.strip, cells))


def _was_cut(line: str) -> bool:
    return len(line) >= LINE_CHARS_MAX and line[-1] not in "\r\n"


def _stray_quote(lines: PhysicalLines, line: int, delimiter: str, error: csv.Error) -> Row:
    if len(lines.held) == 1 and len(lines.held[0]) > CELL_CHARS_MAX:
        cells = lines.held[0].split(delimiter)
        return _cut(line, cells, "cell-too-long", _LONG_CELL)
    lines.put_back_after_first()
    # As far as it can be told apart: the cells before the quote say which order it belongs to.
    cells = lines.held[0].rstrip("\r\n").split(delimiter)[:COLUMNS_MAX] if lines.held else []
    return Row(
        line,
        [cell[:CELL_CHARS_MAX] for cell in cells],
        "stray-quote",
        f"Line {line}: a quotation mark is not closed or stands inside a cell ({error}). "
        'Put the cell in quotes and double the quotes inside it: "5"" pipe".',
    )


def _checked(line: int, cells: list[str], held: list[str]) -> Row:
    """The row, with a fault if its text holds what no cell may hold."""
    if _was_cut(held[0]):
        return _cut(
            line, cells, "line-too-long", f"it is longer than {LINE_CHARS_MAX:,} characters"
        )
    if len(cells) > COLUMNS_MAX:
        return _cut(line, cells, "too-many-columns", f"it has more than {COLUMNS_MAX} cells")
    if max(map(len, cells)) > CELL_CHARS_MAX:
        return _cut(line, cells, "cell-too-long", _LONG_CELL)
    if any("\0" in cell for cell in cells):
        return _cut(line, cells, "nul-character", "it holds a NUL character")
    if any(_REPLACEMENT in cell for cell in cells):
        return _cut(
            line,
            cells,
            "undecodable",
            "it holds bytes that are no characters in the encoding chosen; save it as UTF-8",
        )
    return Row(line, cells)


def _cut(line: int, cells: list[str], code: str, why: str) -> Row:
    kept = [cell[:CELL_CHARS_MAX] for cell in cells[:COLUMNS_MAX]]
    return Row(line, kept, code, f"Line {line} can't be read: {why}.")
