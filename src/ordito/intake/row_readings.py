"""One row's cells into values, each fault beside the others; no row is judged here."""

from decimal import Context, Decimal
from typing import Any
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


_ROW_FIELDS = ("sku", "title", "quantity", "unit_price", "placed_at")

_SHIFTED = frozenset(("too-few-cells", "too-many-cells", "stray-quote", "line-too-long"))

_NO_SKU = SkuReading("", "", None)


class RowReader:
    """Reads the rows of one table by one preset; equal cells are read once."""

    def __init__(self, preset: Preset, columns: ColumnMap) -> None:
        self._preset = preset
        self._columns = columns
        self.places = columns.places
        mark = preset.decimal_mark
        zone = ZoneInfo(preset.timezone)
        kinds = {code.upper(): kind for code, kind in preset.non_stock.items()}
        self._exact = {code: kind for code, kind in kinds.items() if not code.endswith("*")}
        self._prefixes = {code[:-1]: kind for code, kind in kinds.items() if code.endswith("*")}
        self.instants = Memo(lambda text: read_instant(text, preset.date_formats, zone))
        self._skus = Memo(self._read_sku)
        self._titles = Memo(read_text)
        self._quantities = Memo(lambda text: read_quantity(text, mark))
        self._prices = Memo(lambda text: read_price(text, mark))
        self._memos: tuple[Memo[Any], ...] = (
            self._skus,
            self._titles,
            self._quantities,
            self._prices,
            self.instants,
        )
        self._places = tuple(columns.places[field] for field in _ROW_FIELDS)

    def has(self, field: str) -> bool:
        """Whether the file has a column for the field."""
        return self._columns.has(field)

    def read(self, row: Row, order_date: str) -> RowReading:
        """The row's values. `order_date` stands in where the row's own date is blank."""
        cells = row.cells
        sku_at, title_at, quantity_at, price_at, date_at = self._places
        sku = self._skus[cells[sku_at]]
        title = self._titles[cells[title_at]]
        quantity = self._quantities[cells[quantity_at]]
        price = self._prices[cells[price_at]]
        at = self.instants[cells[date_at] or order_date]
        reading = RowReading(row, sku or _NO_SKU, title or "", quantity, price, at, [])
        if (
            sku is None
            or title is None
            or quantity is None
            or price is None
            or at is None
            or row.fault_code
        ):
            self._explain(reading, order_date)
        return reading

    def _explain(self, reading: RowReading, order_date: str) -> None:
        """Add why a row's cells are blank or unreadable where they must not be."""
        row = reading.row
        if row.fault_code:
            reading.faults.append(RowFault(row.line, "", row.fault_code, row.fault_detail))
        for field, place, memo in zip(_ROW_FIELDS, self._places, self._memos, strict=True):
            text = row.cells[place]
            if field == "placed_at":
                text = text or order_date
            unreadable = memo.faults.get(text)
            if unreadable:
                reading.faults.append(self.fault(row, field, unreadable.code, unreadable.detail))
            elif memo[text] is None and (field == "quantity" or field in self._preset.filled):
                reading.faults.append(self.fault(row, field, "required", "The cell is empty."))

    def fault(self, row: Row, field: str, code: str, detail: str) -> RowFault:
        """A fault of the row's cell in the field's column."""
        heading = self._columns.headings.get(field, "")
        where = f"Line {row.line}, column {heading}: " if heading else f"Line {row.line}: "
        return RowFault(row.line, heading, code, where + detail)

    def _read_sku(self, text: str) -> SkuReading:
        given = read_code(text)
        upper = given.upper()
        sku = upper if self._preset.sku_case == "upper" else given
        return SkuReading(sku, given, self._charge_kind(upper))

    def _charge_kind(self, upper: str) -> ChargeKind | None:
        if upper in self._exact:
            return self._exact[upper]
        prefixes = self._prefixes.items()
        return next((kind for prefix, kind in prefixes if upper.startswith(prefix)), None)

    def amount(self, reading: RowReading) -> Decimal | None:
        """Quantity × price as far as both are numbers at all, even beyond what can be booked.

        None for a row whose cells may stand in the wrong columns.
        """
        if reading.row.fault_code in _SHIFTED:
            return None
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
