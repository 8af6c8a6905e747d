"""Entries with the rows they were read from, and the keys by which they are known again."""

import hashlib
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from ordito.intake.columns import map_columns
from ordito.intake.presets import Preset
from ordito.intake.readings import read_entries
from ordito.intake.tables import Table
from ordito.intake.types import (
    CancellationEntry,
    ChargeEntry,
    Entry,
    OrderEntry,
    ParkedRow,
    Row,
    StockAdjustmentEntry,
)
from ordito.platform.masking import mask_cards

# Cells of these fields are compared later; a card number is looked for in all others.
_IDENTIFIERS = frozenset(
    (
        "order_key",
        "external_id",
        "sku",
        "barcode",
        "placed_at",
        "quantity",
        "unit_price",
        "customer_number",
        "email",
        "phone",
        "ship_phone",
        "bill_phone",
        "currency",
        "country",
    )
)


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """What one message of a file holds.

    entry:        what it was read as; for unreadable rows the first of them.
    parked:       the rows that can't be read, when it holds such; the rows of one order together.
    rows:         (line number, cells) as they came, but for masked card numbers and NULs.
    content_hash: equal for equal rows; the second of two equal messages of a file has another.
    row_keys:     one per row of a cancellation, adjustment or charge (also those of an order), in
                  the entry's order.
    """

    entry: Entry
    parked: tuple[ParkedRow, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]
    content_hash: bytes
    row_keys: tuple[bytes, ...] = ()
    source: str = ""

    @property
    def goes_back(self) -> bool:
        """Whether it takes goods back: such are booked after everything that sold some."""
        return isinstance(self.entry, CancellationEntry)


class _RecordedTable(Table):
    """Keeps the cells of rows as they came until the entry they belong to is there."""

    def __init__(self, inner: Table, masked: Sequence[int]) -> None:
        self.format, self.columns, self.repeated = inner.format, inner.columns, inner.repeated
        self._inner = inner
        self._masked = masked
        self.kept: defaultdict[int, deque[list[str]]] = defaultdict(deque)

    def __iter__(self) -> Iterator[Row]:
        for row in self._inner:
            cells = [storable(cell) for cell in row.cells]
            for place in self._masked:
                if place < len(cells) and len(cells[place]) >= 13:
                    cells[place] = mask_cards(cells[place])
            # Odd line ends can let two rows begin on one line.
            self.kept[row.line].append(cells)
            yield row


def read_envelopes(table: Table, preset: Preset, *, source: str = "") -> Iterator[Envelope]:
    """The messages of a table, in file order. Raises ColumnsNotUsable before the first one."""
    columns = map_columns(table, preset)
    known = {place for field, place in columns.places.items() if field in _IDENTIFIERS}
    masked = [place for place in range(len(table.columns)) if place not in known]
    recorded = _RecordedTable(table, masked)
    seal = _Seal(recorded, source)
    waiting: list[ParkedRow] = []
    for entry in read_entries(recorded, preset):
        if waiting and not _is_of(entry, waiting):
            yield seal.parked(waiting)
            waiting = []
        if isinstance(entry, ParkedRow):
            waiting.append(entry)
        else:
            yield seal.envelope(entry)
    if waiting:
        yield seal.parked(waiting)


def _is_of(entry: Entry, waiting: Sequence[ParkedRow]) -> bool:
    """Whether a parked row belongs to the same order as those before it."""
    key = waiting[0].external_id
    return isinstance(entry, ParkedRow) and bool(key) and entry.external_id == key


class _Seal:
    """Gives envelopes their keys; equal ones of a file are told apart by counting them."""

    def __init__(self, table: _RecordedTable, source: str) -> None:
        self.table = table
        self.source = storable(source)
        self.columns = tuple(table.columns)
        self.seen: Counter[bytes] = Counter()

    def envelope(self, entry: Entry) -> Envelope:
        rows = self._rows(_lines_of(entry))
        return Envelope(
            entry=entry,
            parked=(),
            columns=self.columns,
            rows=rows,
            content_hash=self._key("rows", [cells for _, cells in rows]),
            row_keys=tuple(self._key(*content) for content in _row_contents(entry)),
            source=self.source,
        )

    def parked(self, parked: Sequence[ParkedRow]) -> Envelope:
        rows = self._rows([row.source_line for row in parked])
        return Envelope(
            entry=parked[0],
            parked=tuple(parked),
            columns=self.columns,
            rows=rows,
            content_hash=self._key("rows", [cells for _, cells in rows]),
            source=self.source,
        )

    def _rows(self, lines: Sequence[int]) -> tuple[tuple[int, list[str]], ...]:
        kept = self.table.kept
        rows = tuple((line, kept[line].popleft()) for line in lines)
        for line in lines:
            if line in kept and not kept[line]:
                del kept[line]
        return rows

    def _key(self, *content: object) -> bytes:
        plain = hashlib.blake2b(msgspec.json.encode(content), digest_size=16).digest()
        self.seen[plain] += 1
        times = self.seen[plain]
        return plain if times == 1 else hashlib.blake2b(plain, salt=_salt(times)).digest()[:16]


def storable(text: str) -> str:
    """Text that the database takes: a NUL becomes its sign, a stray half of a character “?”."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "␀").encode("utf-8", "replace").decode()


def _salt(times: int) -> bytes:
    return times.to_bytes(16, "big")


def _lines_of(entry: Entry) -> Sequence[int]:
    match entry:
        case CancellationEntry():
            return entry.source_lines
        case OrderEntry():
            # Its own list names the rows of the whole invoice, also those of stock corrections.
            charges = [charge.source_line for charge in entry.charges]
            goods = [line.source_line for line in entry.lines]
            return sorted([*goods, *(line for line in charges if line is not None)])
        case ChargeEntry():
            line = entry.charge.source_line
            return [] if line is None else [line]
        case StockAdjustmentEntry() | ParkedRow():
            return [entry.source_line]


def _row_contents(entry: Entry) -> Iterator[tuple[object, ...]]:
    """What makes a row the same in another file, whatever its columns are called there."""
    match entry:
        case CancellationEntry():
            for line in entry.lines:
                yield ("back", entry.invoice, line.sku, line.quantity, _plain(line.unit_price))
        case StockAdjustmentEntry():
            yield ("adjustment", entry.invoice, entry.sku, entry.quantity, entry.at)
        case ChargeEntry():
            charge = entry.charge
            yield ("charge", entry.invoice, charge.code, _plain(charge.amount))
        case OrderEntry():
            for charge in entry.charges:
                if charge.source_line is not None:
                    yield ("charge", entry.external_id, charge.code, _plain(charge.amount))
        case ParkedRow():
            return


def _plain(amount: Decimal) -> str:
    """2.1 and 2.10 are the same price in two files."""
    return f"{amount.normalize():f}"
