"""A table read by a preset: typed entries in file order, every row in exactly one of them.

How the rows of a file are judged, in this order:

1. Rows with the same order key are one order, adjacent or not (see `grouping`). Its time is that
   of its earliest row; each row keeps the month of its own date. A differing country or address
   is noted and the first counts; differing customers or currencies park the order.
2. A key with the preset's cancellation prefix: goods are cancelled or returned, non-stock codes
   are charges (refunded postage, discounts granted).
3. A key with a charge prefix (bad debt): every row is a charge.
4. No customer and price zero in every row, or no customer, price zero and a negative quantity: a
   stock correction. Zero prices in an order with a customer or with priced rows are gifts: lines.
5. What is left is an order: goods are lines, non-stock codes its charges. Without any goods the
   charges stand alone.
6. An order is taken whole or not at all: one bad row parks all its rows, since a part of an order
   would ship incomplete. Of cancellations and corrections only the bad row is parked.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from ordito.intake.columns import map_columns
from ordito.intake.grouping import (
    GAP_ROWS_MAX,
    ROWS_PER_ORDER_MAX,
    SCATTERED,
    TOO_LONG,
    Group,
    group_rows,
)
from ordito.intake.headings import Cells, Heading, HeadingReader
from ordito.intake.line_entries import LineReader
from ordito.intake.order_entries import OrderReader
from ordito.intake.presets import Preset
from ordito.intake.row_readings import RowReader, RowReading
from ordito.intake.tables import Table
from ordito.intake.types import (
    CancellationEntry,
    CancellationLine,
    Charge,
    ChargeEntry,
    ChargeKind,
    Entry,
    OrderLine,
    ParkedRow,
    Row,
    RowFault,
    StockAdjustmentEntry,
)

FAULTS_TOLD_MAX = 5

_TROUBLES = {
    SCATTERED: f"The order's other rows stand more than {GAP_ROWS_MAX:,} rows above and were "
    "taken without this one. Sort the file by order and compare.",
    TOO_LONG: f"The order has more than {ROWS_PER_ORDER_MAX:,} rows.",
}
_WAITS = (
    "Another row of this order can't be booked ({why}), and an order is taken whole or not at "
    "all. Correct the file and import it again: what was taken before is not taken twice."
)


def read_entries(table: Table, preset: Preset) -> Iterator[Entry]:
    """Entries of the table, as a stream. Raises ColumnsNotUsable before the first one.

    Problems of the file itself (damaged packing, too large) are raised where they are met.
    """
    reader = _EntryReader(table, preset)
    return reader.entries(table)


class _EntryReader:
    def __init__(self, table: Table, preset: Preset) -> None:
        columns = map_columns(table, preset)
        self._preset = preset
        self._names = table.columns
        self._key_place = columns.places["order_key"]
        self._date_place = columns.places["placed_at"]
        self._rows = RowReader(preset, columns)
        self._headings = HeadingReader(preset, columns, self._rows)
        self._lines = LineReader(preset, self._rows)
        self._orders = OrderReader(preset, self._rows, self._headings)

    def entries(self, rows: Iterable[Row]) -> Iterator[Entry]:
        width = len(self._names)
        for group in group_rows(_padded(rows, width), self._key_place):
            yield from self._entries_of(group)

    def _entries_of(self, group: Group) -> Iterable[Entry]:
        date = next((text for row in group.rows if (text := row.cells[self._date_place])), "")
        readings = [self._rows.read(row, date) for row in group.rows]
        heading, cells = self._headings.read(readings)
        if group.trouble:
            cells.fault("order_key", group.trouble, _TROUBLES[group.trouble])
        elif not heading.key:
            cells.fault("order_key", "required", "The row doesn't say which order it belongs to.")
        if cells.faults:
            return self._park_all(heading, readings, cells.faults)
        if _has_prefix(heading.key, self._preset.cancellation_prefix):
            return self._cancellation(heading, readings, cells)
        for prefix, kind in self._preset.charge_prefixes.items():
            if _has_prefix(heading.key, prefix):
                return [self._charge(heading, reading, kind) for reading in readings]
        return self._sale(heading, readings, cells)

    def _sale(self, heading: Heading, readings: list[RowReading], cells: Cells) -> Iterable[Entry]:
        if self._preset.adjustments is None or heading.customer:
            return self._order(heading, readings, cells)
        if all(reading.unit_price == 0 for reading in readings):
            return [self._adjustment(heading, reading) for reading in readings]
        corrections = [reading for reading in readings if _is_correction(reading)]
        if not corrections:
            return self._order(heading, readings, cells)
        sold = [reading for reading in readings if not _is_correction(reading)]
        return [
            *self._order(heading, sold, cells),
            *(self._adjustment(heading, reading) for reading in corrections),
        ]

    def _order(
        self, heading: Heading, readings: Sequence[RowReading], cells: Cells
    ) -> Iterable[Entry]:
        lines: list[OrderLine] = []
        charges: list[Charge] = []
        for reading in readings:
            kind = reading.sku.charge
            if kind is None and not reading.sku.sku:
                kind = self._lines.kind_without_sku(reading)
            if kind is not None:
                if charge := self._lines.charge(reading, kind):
                    charges.append(charge)
            elif line := self._lines.line(reading, heading.currency):
                lines.append(line)
        if len(lines) + len(charges) < len(readings):
            return self._park_all(heading, readings, cells.faults)
        if not lines:
            return [
                self._alone(heading, reading, charge)
                for reading, charge in zip(readings, charges, strict=True)
            ]
        order = self._orders.order(heading, cells, lines, charges)
        return [order] if order else self._park_all(heading, readings, cells.faults)

    def _cancellation(
        self, heading: Heading, readings: Sequence[RowReading], cells: Cells
    ) -> Iterable[Entry]:
        lines: list[CancellationLine] = []
        others: list[Entry] = []
        for reading in readings:
            if reading.sku.charge:
                others.append(self._charge(heading, reading, reading.sku.charge))
            elif line := self._cancellation_line(reading):
                lines.append(line)
            else:
                others.append(self._park(heading, reading, reading.faults))
        if not lines or heading.at is None:
            return others
        entry = CancellationEntry(
            invoice=heading.key,
            at=heading.at.at,
            currency=heading.currency,
            customer=heading.customer,
            country=heading.country,
            lines=tuple(lines),
            source_lines=tuple(line.source_line for line in lines),
        )
        return [entry, *others]

    def _cancellation_line(self, reading: RowReading) -> CancellationLine | None:
        quantity, price = reading.quantity, reading.unit_price
        if quantity is not None and quantity >= 0:
            self._add_fault(
                reading,
                "quantity",
                "not-negative",
                "A cancellation takes back pieces, so its quantity must be below zero.",
            )
        if price is not None and price < 0:
            self._add_fault(reading, "unit_price", "negative-price", "The price is below zero.")
        self._require(reading, "unit_price", price)
        self._require(reading, "placed_at", reading.at)
        self._require(reading, "sku", reading.sku.sku or None)
        if reading.faults or quantity is None or price is None:
            return None
        return CancellationLine(
            source_line=reading.row.line,
            month=reading.month,
            sku=reading.sku.sku,
            sku_given=reading.sku.given,
            title=reading.title,
            quantity=-quantity,
            unit_price=price,
        )

    def _adjustment(self, heading: Heading, reading: RowReading) -> Entry:
        """A stock correction; of a non-stock code, whose stock nobody keeps, a charge of zero."""
        if reading.sku.charge:
            return self._charge(heading, reading, reading.sku.charge)
        quantity, price, at = reading.quantity, reading.unit_price, reading.at
        if quantity == 0:
            self._add_fault(reading, "quantity", "zero-quantity", "The quantity is zero.")
        self._require(reading, "placed_at", at)
        self._require(reading, "sku", reading.sku.sku or None)
        if reading.faults or not quantity or price is None or at is None:
            return self._park(heading, reading, reading.faults)
        return StockAdjustmentEntry(
            invoice=heading.key,
            at=at.at,
            month=at.month,
            sku=reading.sku.sku,
            sku_given=reading.sku.given,
            quantity=quantity,
            unit_price=price,
            currency=heading.currency,
            reason=self._reason(reading.title),
            words=reading.title,
            source_line=reading.row.line,
        )

    def _reason(self, title: str) -> str:
        rule = self._preset.adjustments
        assert rule is not None, "only presets with a rule have corrections"
        words = title.lower()
        return next(
            (reason for word, reason in rule.reasons.items() if word in words), rule.otherwise
        )

    def _charge(self, heading: Heading, reading: RowReading, kind: ChargeKind) -> Entry:
        charge = self._lines.charge(reading, kind)
        if charge is None:
            return self._park(heading, reading, reading.faults)
        return self._alone(heading, reading, charge)

    def _alone(self, heading: Heading, reading: RowReading, charge: Charge) -> Entry:
        if reading.at is None:
            self._require(reading, "placed_at", None)
            return self._park(heading, reading, reading.faults)
        return ChargeEntry(
            invoice=heading.key,
            at=reading.at.at,
            currency=heading.currency,
            customer=heading.customer,
            country=heading.country,
            charge=charge,
        )

    def _require(self, reading: RowReading, field: str, value: object) -> None:
        if value is None and not reading.faults:
            self._add_fault(reading, field, "required", "The cell is empty.")

    def _add_fault(self, reading: RowReading, field: str, code: str, detail: str) -> None:
        reading.faults.append(self._rows.fault(reading.row, field, code, detail))

    def _park_all(
        self, heading: Heading, readings: Sequence[RowReading], faults: Sequence[RowFault]
    ) -> list[Entry]:
        """All rows of an order, each with its own faults, else the order's, else its fellows'."""
        first = next((reading.faults[0] for reading in readings if reading.faults), None)
        parked: list[Entry] = []
        for reading in readings:
            told = [*reading.faults, *faults]
            if not told:
                assert first is not None, "an order is parked for a reason"
                told = [
                    RowFault(reading.row.line, "", "order-waits", _WAITS.format(why=first.detail))
                ]
            parked.append(self._park(heading, reading, told))
        return parked

    def _park(self, heading: Heading, reading: RowReading, faults: Sequence[RowFault]) -> ParkedRow:
        row = reading.row
        return ParkedRow(
            source_line=row.line,
            reason=faults[0].code,
            words=" ".join(fault.detail for fault in faults[:FAULTS_TOLD_MAX]),
            month=reading.month,
            amount=self._rows.amount(reading),
            external_id=heading.external_id[:100],
            cells=dict(zip(self._names, row.cells, strict=False)),
            faults=tuple(faults),
        )


def _padded(rows: Iterable[Row], width: int) -> Iterator[Row]:
    """Rows of exactly `width` cells and one blank cell after, which unmapped fields read."""
    for row in rows:
        cells = row.cells
        if len(cells) != width:
            del cells[width:]
            cells.extend([""] * (width - len(cells)))
        cells.append("")
        yield row


def _has_prefix(key: str, prefix: str) -> bool:
    """Whether the key is the prefix followed by a digit, in whatever case."""
    size = len(prefix)
    return bool(prefix) and key[:size].upper() == prefix.upper() and key[size : size + 1].isdigit()


def _is_correction(reading: RowReading) -> bool:
    return (
        reading.unit_price == Decimal(0) and reading.quantity is not None and reading.quantity < 0
    )
