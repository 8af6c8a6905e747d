"""One row of an order into a line of goods or a charge, judged by what can be sold."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from ordito.intake.instants import read_instant
from ordito.intake.presets import Preset
from ordito.intake.row_readings import EXACT, RowReader, RowReading
from ordito.intake.types import Charge, ChargeKind, OrderLine
from ordito.intake.values import (
    Unreadable,
    read_code,
    read_flag,
    read_money,
    read_rate,
)

_EXTRAS = (
    "barcode",
    "line_discount",
    "tax_rate",
    "line_tax",
    "requires_shipping",
    "line_fulfilment",
    "not_before",
    "requested_on",
    "latest_on",
    "cancel_after",
)

_TOO_DEEP = "The discount is larger than the line's quantity × price."
_NOT_SOLD = {
    False: ("zero-quantity", "The quantity is zero: nothing was sold."),
    True: (
        "negative-quantity",
        "The quantity is below zero, but the row is no cancellation and no stock correction.",
    ),
}

T = TypeVar("T")


class LineReader:
    """Makes lines and charges; what is wrong with a row goes into the row's own faults."""

    def __init__(self, preset: Preset, rows: RowReader) -> None:
        self._preset = preset
        self._rows = rows
        self._has_extras = any(rows.has(field) for field in _EXTRAS)

    def kind_without_sku(self, reading: RowReading) -> ChargeKind | None:
        """A row without SKU that needs no shipping (a tip, gift wrapping) is a service charge."""
        needs_shipping = self._rows.needs_shipping(reading.row)
        return "service" if reading.title and needs_shipping is False else None

    def line(self, reading: RowReading, currency: str) -> OrderLine | None:
        """The row as a line of goods; None, with faults added to the row, where it can't be one."""
        quantity, price, sku = reading.quantity, reading.unit_price, reading.sku
        if not sku.sku and not reading.faults:
            self._add_fault(reading, "sku", "sku-missing", "The SKU is missing.")
        if quantity is not None and quantity <= 0:
            self._add_fault(reading, "quantity", *_NOT_SOLD[quantity < 0])
        if price is not None and price < 0:
            self._add_fault(
                reading, "unit_price", "negative-price", f"Price {price} is below zero."
            )
        if reading.faults or quantity is None:
            return None
        if not self._has_extras:
            return OrderLine(
                reading.row.line, reading.month, sku.sku, sku.given, reading.title, quantity, price
            )
        line = self._line_with_extras(reading, quantity, currency)
        return None if reading.faults else line

    def _line_with_extras(self, reading: RowReading, quantity: int, currency: str) -> OrderLine:
        mark, sku = self._preset.decimal_mark, reading.sku

        def money(text: str) -> Decimal:
            amount = read_money(text, currency or "EUR", mark)
            if amount < 0:
                raise Unreadable("negative-amount", f"Amount {amount} is below zero.")
            return amount

        discount = self._extra(reading, "line_discount", money)
        price = reading.unit_price
        if discount and price is not None and discount > price * quantity:
            self._add_fault(reading, "line_discount", "discount-too-large", _TOO_DEEP)
        status = reading.row.cells[self._rows.places["line_fulfilment"]].strip().casefold()
        shipping = self._extra(reading, "requires_shipping", read_flag)
        return OrderLine(
            source_line=reading.row.line,
            month=reading.month,
            sku=sku.sku,
            sku_given=sku.given,
            title=reading.title,
            quantity=quantity,
            unit_price=price,
            discount=discount,
            tax_rate=self._extra(reading, "tax_rate", lambda text: read_rate(text, mark)),
            tax_amount=self._extra(reading, "line_tax", money),
            barcode=self._extra(reading, "barcode", read_code) or "",
            requires_shipping=shipping is not False,
            fulfilled=None if not status else self._preset.fulfilment.get(status) == "done",
            not_before=self._extra(reading, "not_before", self._day),
            requested_on=self._extra(reading, "requested_on", self._day),
            latest_on=self._extra(reading, "latest_on", self._day),
            cancel_after=self._extra(reading, "cancel_after", self._day),
        )

    def _day(self, text: str) -> date:
        return read_instant(text, self._preset.date_formats, ZoneInfo("UTC")).at.date()

    def _extra(self, reading: RowReading, field: str, how: Callable[[str], T]) -> T | None:
        text = reading.row.cells[self._rows.places[field]]
        if not text.strip():
            return None
        try:
            return how(text)
        except Unreadable as unreadable:
            self._add_fault(reading, field, unreadable.code, unreadable.detail)
            return None

    def _add_fault(self, reading: RowReading, field: str, code: str, detail: str) -> None:
        reading.faults.append(self._rows.fault(reading.row, field, code, detail))

    def charge(self, reading: RowReading, kind: ChargeKind) -> Charge | None:
        """The row as a charge; None, with faults added to the row, where it can't be one."""
        quantity, price = reading.quantity, reading.unit_price
        if price is None and not reading.faults:
            self._add_fault(reading, "unit_price", "required", "A charge needs its price.")
        if reading.faults or quantity is None or price is None:
            return None
        return Charge(
            kind=kind,
            code=reading.sku.sku,
            title=reading.title,
            amount=EXACT.multiply(price, quantity),
            month=reading.month,
            source_line=reading.row.line,
            quantity=quantity,
            unit_price=price,
        )
