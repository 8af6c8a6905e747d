"""One row's cells into values, each fault beside the others; no row is judged here."""

from decimal import Context, Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from ordito.intake.columns import ColumnMap
from ordito.intake.instants import Instant, read_instant
from ordito.intake.presets import Preset
from ordito.intake.types import UNDATED, ChargeKind, Row, RowFault
from ordito.intake.values import (
    Memo,
    Unreadable,
    read_code,
    read_decimal,
    read_flag,
    read_price,
    read_quantity,
    read_text,
)

EXACT = Context(prec=400)
"""Wide enough for products and sums of any numbers that are read, so that none is ever rounded."""


class SkuReading(msgspec.Struct, frozen=True, gc=False):
    """A SKU as it is matched, as it was given, and the kind of charge it stands for, if any."""

    sku: str
    given: str
    charge: ChargeKind | None


class RowReading(msgspec.Struct, gc=False):
    """A row's values; what couldn't be read is blank or None and has a fault."""

    row: Row
    sku: SkuReading
    title: str
    quantity: int | None
    unit_price: Decimal | None
    at: Instant | None
    faults: list[RowFault]

    @property
    def month(self) -> str:
        return self.at.month if self.at else UNDATED


V = TypeVar("V")

_NO_SKU = SkuReading("", "", None)


class RowReader:
    """Reads the rows of one table by one preset; equal cells are read once."""

    def __init__(self, preset: Preset, columns: ColumnMap) -> None:
        self._preset = preset
        self._columns = columns
        self.places = columns.places
        mark = preset.decimal_mark
        zone = ZoneInfo(preset.timezone)
        self._exact = {code for code in preset.non_stock if not code.endswith("*")}
        self._prefixes = [code[:-1] for code in preset.non_stock if code.endswith("*")]
        self.quantities = Memo(lambda text: read_quantity(text, mark))
        self.prices = Memo(lambda text: read_price(text, mark))
        self.instants = Memo(lambda text: read_instant(text, preset.date_formats, zone))
        self.skus = Memo(self._read_sku)
        self.titles = Memo(read_text)

    def has(self, field: str) -> bool:
        """Whether the file has a column for the field."""
        return self._columns.has(field)

    def read(self, row: Row, order_date: str) -> RowReading:
        """The row's values. `order_date` stands in where the row's own date is blank."""
        places, cells, value = self.places, row.cells, self._value
        faults: list[RowFault] = []
        sku = value(self.skus, cells[places["sku"]], "sku", row, faults) or _NO_SKU
        title = value(self.titles, cells[places["title"]], "title", row, faults) or ""
        quantity = value(self.quantities, cells[places["quantity"]], "quantity", row, faults)
        text = cells[places["unit_price"]]
        price = value(self.prices, text, "unit_price", row, faults) if text else None
        text = cells[places["placed_at"]] or order_date
        at = value(self.instants, text, "placed_at", row, faults) if text else None
        reading = RowReading(row, sku, title, quantity, price, at, faults)
        if row.fault_code:
            faults.insert(0, RowFault(row.line, "", row.fault_code, row.fault_detail))
        elif at is None or price is None or not sku.sku:
            self._require_filled(reading)
        return reading

    def _value(
        self, memo: Memo[V], text: str, field: str, row: Row, faults: list[RowFault]
    ) -> V | None:
        value = memo[text]
        if isinstance(value, Unreadable):
            faults.append(self.fault(row, field, value.code, value.detail))
            return None
        return value

    def fault(self, row: Row, field: str, code: str, detail: str) -> RowFault:
        """A fault of the row's cell in the field's column."""
        heading = self._columns.headings.get(field, "")
        where = f"Line {row.line}, column {heading}: " if heading else f"Line {row.line}: "
        return RowFault(row.line, heading, code, where + detail)

    def _require_filled(self, reading: RowReading) -> None:
        """Add a fault for each cell of the row that is blank and must not be."""
        filled, row = self._preset.filled, reading.row
        named = {fault.column for fault in reading.faults}
        for field, value in (
            ("sku", reading.sku.sku),
            ("unit_price", reading.unit_price),
            ("placed_at", reading.at),
        ):
            blank = value is None or value == ""
            if blank and field in filled and self._columns.headings.get(field) not in named:
                reading.faults.append(self.fault(row, field, "required", "The cell is empty."))

    def _read_sku(self, text: str) -> SkuReading:
        given = read_code(text)
        upper = given.upper()
        sku = upper if self._preset.sku_case == "upper" else given
        return SkuReading(sku, given, self._charge_kind(upper))

    def _charge_kind(self, upper: str) -> ChargeKind | None:
        if upper in self._exact:
            return self._preset.non_stock[upper]
        for prefix in self._prefixes:
            if upper.startswith(prefix):
                return self._preset.non_stock[prefix + "*"]
        return None

    def amount(self, reading: RowReading) -> Decimal | None:
        """Quantity × price as far as both are numbers at all, even beyond what can be booked."""
        if reading.quantity is not None and reading.unit_price is not None:
            return EXACT.multiply(reading.unit_price, reading.quantity)
        cells, places = reading.row.cells, self.places
        try:
            numbers = [
                read_decimal(cells[places[field]], self._preset.decimal_mark)
                for field in ("quantity", "unit_price")
            ]
        except Unreadable:
            return None
        return EXACT.multiply(numbers[0], numbers[1])

    def needs_shipping(self, row: Row) -> bool | None:
        """What the row says of shipping; None where it says nothing that is understood."""
        text = row.cells[self.places["requires_shipping"]]
        try:
            return read_flag(text) if text.strip() else None
        except Unreadable:
            return None


def pad(row: Row, width: int) -> Row:
    """The row with exactly `width` cells and one blank cell after, which unmapped fields read."""
    cells = row.cells
    if len(cells) != width:
        del cells[width:]
        cells.extend([""] * (width - len(cells)))
    cells.append("")
    return row
