"""What the rows of one order say about the order as a whole: who, where, when, how much."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

import msgspec

from ordito.intake.columns import ColumnMap
from ordito.intake.contacts import read_country, read_email, read_phone, read_postal_code
from ordito.intake.instants import Instant
from ordito.intake.presets import FIELDS, Preset
from ordito.intake.row_readings import RowReader, RowReading
from ordito.intake.types import (
    ChannelState,
    ChannelTotals,
    Customer,
    OrderDetails,
    OrderTax,
    RowFault,
)
from ordito.intake.values import (
    NOTE_CHARS_MAX,
    Unreadable,
    read_code,
    read_flag,
    read_money,
    read_text,
    shortened,
)
from ordito.kernel.addresses import Address, normal_email
from ordito.kernel.money import CURRENCIES

TAGS_MAX = 50

_FIRST_OF_ORDER = FIELDS.index("external_id")
_ORDER_FIELDS = FIELDS[_FIRST_OF_ORDER:]
_MUST_AGREE = ("external_id", "customer_number", "email", "currency")
_TAXES = range(1, 6)

T = TypeVar("T")


class Heading(msgspec.Struct):
    """What holds for all rows of an order. `at` is the earliest of its rows."""

    key: str
    external_id: str
    at: Instant | None
    currency: str
    customer: Customer
    country: str


class HeadingReader:
    """Reads order-level columns: the first cell that is not blank counts, differing ones are noted.

    Rows that name different customers, currencies or ids are a fault: nobody could say whose
    order it is.
    """

    def __init__(self, preset: Preset, columns: ColumnMap, rows: RowReader) -> None:
        self._preset = preset
        self._rows = rows
        self._in_file = tuple(field for field in _ORDER_FIELDS if columns.has(field))
        self.mapped = frozenset(self._in_file)

    def read(self, readings: Sequence[RowReading]) -> tuple[Heading, "Cells"]:
        """The heading of an order, and its order-level cells for what only orders need."""
        cells = Cells(self._rows, readings, self._in_file)
        key = self._key(cells)
        currency = cells.read("currency", self._read_currency, self._preset.currency)
        country = cells.read("country", read_country, "")
        country = cells.read("ship_country", read_country, "") or country
        heading = Heading(
            key=key,
            external_id=cells.read("external_id", read_code, "") or key,
            at=self._earliest(readings, cells),
            currency=currency,
            customer=self._customer(cells, country or self._preset.country),
            country=country,
        )
        if not currency:
            cells.fault("currency", "required", "The order has no currency.")
        return heading, cells

    def _key(self, cells: "Cells") -> str:
        key = cells.key()
        try:
            return read_code(key)
        except Unreadable as unreadable:
            cells.fault("order_key", unreadable.code, unreadable.detail)
            return key

    def _read_currency(self, text: str) -> str:
        currency = text.strip().upper()
        if currency not in CURRENCIES:
            raise Unreadable(
                "not-a-currency", f"'{shortened(text)}' is not a currency code such as EUR."
            )
        return currency

    def _customer(self, cells: "Cells", country: str) -> Customer:
        number = cells.read("customer_number", read_code, "")
        if self._preset.plain_numbers:
            number = number.removesuffix(".0")
        phone = ""
        for field in ("phone", "ship_phone", "bill_phone"):
            phone = phone or cells.read_or_note(field, lambda text: read_phone(text, country), "")
        name = ""
        for field in ("customer_name", "bill_name", "ship_name"):
            name = name or cells.read(field, read_text, "")
        return Customer(number, cells.read("email", read_email, ""), phone, name)

    def _earliest(self, readings: Sequence[RowReading], cells: "Cells") -> Instant | None:
        moments = [reading.at for reading in readings if reading.at]
        if not moments:
            return None
        first = min(moments, key=lambda moment: moment.at)
        if (max(moment.at for moment in moments) - first.at).days >= 1:
            cells.note("placed_at", "dates-differ", "The rows' dates differ by a day or more.")
        if first.note:
            cells.note("placed_at", "clock-change", first.note)
        return first

    def totals(self, cells: "Cells", currency: str) -> ChannelTotals:
        """The channel's own totals, as given."""

        def money(field: str) -> Decimal | None:
            return cells.read(field, lambda text: self._money(text, currency), None)

        taxes = []
        for n in _TAXES:
            amount = money(f"tax_{n}_amount")
            if amount is not None:
                taxes.append(OrderTax(cells.read(f"tax_{n}_name", read_text, ""), amount))
        return ChannelTotals(
            subtotal=money("subtotal"),
            discount=money("order_discount"),
            shipping=money("shipping"),
            tax=money("tax_total"),
            duties=money("duties"),
            total=money("total"),
            refunded=money("refunded"),
            outstanding=money("outstanding"),
            taxes=tuple(taxes),
        )

    def _money(self, text: str, currency: str) -> Decimal | None:
        # Without a currency, which is a fault already, amounts are judged by two decimals.
        return read_money(text, currency or "EUR", self._preset.decimal_mark)

    def tax_included(self, cells: "Cells", totals: ChannelTotals) -> bool:
        """Whether prices contain tax: the order's own word, the preset's, or what the totals say.

        By totals: with tax on top subtotal + shipping + tax reach the total, with tax inside they
        do without it; what comes nearer wins.
        """
        told = cells.read("tax_included", read_flag, None)
        if told is not None:
            return told
        if self._preset.tax != "by_totals":
            return self._preset.tax == "included"
        if totals.total is None or totals.subtotal is None or not totals.tax:
            return True
        gap = totals.total - totals.subtotal - (totals.shipping or 0) - (totals.duties or 0)
        return abs(gap) <= abs(gap - totals.tax)

    def details(self, cells: "Cells") -> OrderDetails:
        """Tags, note and the names of shipping, discount and payment."""
        tags = (tag.strip() for tag in cells.first("tags").split(","))
        return OrderDetails(
            tags=tuple(dict.fromkeys(tag[:100] for tag in tags if tag))[:TAGS_MAX],
            note=cells.read("note", lambda text: read_text(text, NOTE_CHARS_MAX), ""),
            discount_code=cells.read("discount_code", read_text, ""),
            shipping_method=cells.read("shipping_method", read_text, ""),
            payment_method=cells.read("payment_method", read_text, ""),
            payment_reference=cells.read("payment_reference", read_text, ""),
        )

    def state(self, cells: "Cells") -> ChannelState:
        """How far the channel says the order is."""
        moments = {}
        for field in ("paid_at", "fulfilled_at", "cancelled_at"):
            text = cells.first(field)
            moment = self._rows.instants[text]
            if unreadable := self._rows.instants.faults.get(text):
                cells.fault(field, unreadable.code, unreadable.detail)
            moments[field] = moment.at if moment else None
        return ChannelState(
            payment=cells.read("payment_status", read_text, "").casefold(),
            fulfilment=cells.read("fulfilment_status", read_text, "").casefold(),
            **moments,
        )

    def address(self, cells: "Cells", role: str) -> Address | None:
        """The address of a role, "ship" or "bill"; None where its columns are blank."""
        parts = {
            part: cells.read(f"{role}_{part}", read_text, "")
            for part in ("name", "company", "line1", "line2", "city", "region")
        }
        postal_code = cells.first(f"{role}_postal_code")
        phone = cells.read(f"{role}_phone", lambda text: read_text(text, 50), "")
        country = cells.read(f"{role}_country", read_country, "")
        if not country and not postal_code and not any(parts.values()):
            return None
        country = country or self._preset.country
        if not country:
            cells.fault(f"{role}_country", "required", "The address has no country.")
        return Address(
            country=country,
            postal_code=cells.read(
                f"{role}_postal_code", lambda text: read_postal_code(text, country), ""
            ),
            phone=phone.lstrip("'"),
            **parts,
        )


class Cells:
    """The order-level cells of one order's rows, with the faults and notes found in them."""

    def __init__(
        self, rows: RowReader, readings: Sequence[RowReading], mapped: Sequence[str]
    ) -> None:
        self._rows = rows
        self._row = readings[0].row
        self._first: dict[str, str] = {}
        self.source_lines = tuple(reading.row.line for reading in readings)
        self.faults: list[RowFault] = []
        self.notes: list[RowFault] = []
        table = [reading.row.cells for reading in readings]
        for field in mapped:
            place = rows.places[field]
            texts = {cells[place] for cells in table}
            if len(texts) == 1:
                self._first[field] = texts.pop()
            else:
                self._settle(field, place, readings)

    def _settle(self, field: str, place: int, readings: Sequence[RowReading]) -> None:
        """Several cells of one field: the first counts, and a different one is told of."""
        rows = {text: r.row for r in reversed(readings) if (text := r.row.cells[place].strip())}
        if not rows:
            return
        first = self._first[field] = min(rows, key=lambda text: rows[text].line)
        form = normal_email if field == "email" else str.upper
        others = [text for text in rows if form(text) != form(first)]
        if not others:
            return
        other = min(others, key=lambda text: rows[text].line)
        told = f"'{shortened(other)}' differs from '{shortened(first)}' in the order's first row"
        if field in _MUST_AGREE:
            fault = self._rows.fault(rows[other], field, "rows-disagree", f"{told}.")
            self.faults.append(fault)
        else:
            note = self._rows.fault(rows[other], field, "rows-differ", f"{told}, which counts.")
            self.notes.append(note)

    def key(self) -> str:
        """The order's key as its first row writes it."""
        return self._row.cells[self._rows.places["order_key"]].strip()

    def first(self, field: str) -> str:
        """The first cell of the field that is not blank, or ""."""
        return self._first.get(field, "").strip()

    def read(self, field: str, how: Callable[[str], T], blank: T) -> T:
        """The field's value; `blank` where there is none or, with a fault, where unreadable."""
        text = self.first(field)
        if not text:
            return blank
        try:
            return how(text)
        except Unreadable as fault:
            self.fault(field, fault.code, fault.detail)
            return blank

    def read_or_note(self, field: str, how: Callable[[str], T], blank: T) -> T:
        """As `read`, for what an order can do without: unreadable is a note, not a fault."""
        text = self.first(field)
        if not text:
            return blank
        try:
            return how(text)
        except Unreadable as fault:
            self.note(field, fault.code, fault.detail)
            return blank

    def fault(self, field: str, code: str, detail: str) -> None:
        fault = self._rows.fault(self._row, field, code, detail)
        if fault not in self.faults:
            self.faults.append(fault)

    def note(self, field: str, code: str, detail: str) -> None:
        note = self._rows.fault(self._row, field, code, detail)
        if note not in self.notes:
            self.notes.append(note)
