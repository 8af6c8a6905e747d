"""Papers in the reader's words: what the templates are filled with."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from ordito.adapters.papers.barcodes import code_128
from ordito.kernel.addresses import address_lines
from ordito.listings.local_rounds import Round, RoundStop
from ordito.listings.order_types import PlaceName
from ordito.listings.papers import PickRow, PickSheet, Slip


class Words(Protocol):
    """A language: a catalogue of messages."""

    def gettext(self, message: str, /) -> str: ...

    def ngettext(self, one: str, many: str, number: int, /) -> str: ...


class PaperReader(msgspec.Struct, frozen=True):
    """For whom a paper is printed. now: the day that stands on it."""

    words: Words
    locale: str
    zone: ZoneInfo
    now: datetime

    @property
    def rtl(self) -> bool:
        return bool(Locale.parse(self.locale).character_order == "right-to-left")

    def number(self, value: int) -> str:
        return str(format_decimal(value, locale=self.locale))

    def day(self, on: date) -> str:
        return str(format_date(on, "medium", locale=self.locale))

    def day_of(self, at: datetime) -> str:
        return self.day(at.astimezone(self.zone).date())

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The right form, with the number in it."""
        return self.words.ngettext(one, many, count) % {"num": self.number(count)}


def slip_sheets(slips: Sequence[Slip], reader: PaperReader) -> dict[str, Any]:
    """For packing_slips.typ."""
    _ = reader.words.gettext
    return {
        "lang": reader.locale.partition("_")[0],
        "rtl": reader.rtl,
        "words": {
            "title": _("Packing slip"),
            "promised": _("Promised for"),
            "pickup": _("Collected by"),
            "ship_to": _("Ship to"),
            "sender": _("Sent by"),
            "units": _("Units"),
            "item": _("Item"),
            "sku": _("SKU"),
        },
        "slips": [_slip(slip, reader) for slip in slips],
    }


def _for_whom(slip: Slip, reader: PaperReader) -> str:
    """Who collects at the shop what is sent to it; "" for what goes to the customer."""
    _ = reader.words.gettext
    if not slip.shop:
        return ""
    if not slip.customer:
        return _("To be collected there by its customer")
    return _("To be collected there by %(name)s") % {"name": isolate(slip.customer)}


def _slip(slip: Slip, reader: PaperReader) -> dict[str, Any]:
    units = sum(line.units for line in slip.lines)
    return {
        "number": slip.number,
        "barcode": code_128(str(slip.number)),
        "code": slip.code or "",
        "channel": isolate(slip.channel),
        "placed": reader.day_of(slip.placed_at),
        "promised": reader.day(slip.promised_on) if slip.promised_on else "",
        "pickup": slip.delivery == "pickup",
        "for": _for_whom(slip, reader),
        "to": [isolate(line) for line in (slip.shop, *address_lines(slip.to)) if line]
        if slip.to
        else [],
        "sender": [isolate(line) for line in (slip.sender, *address_lines(slip.sender_address))],
        "lines": [
            {
                "sku": line.sku,
                "title": isolate(line.title or line.sku),
                "units": reader.number(line.units),
                "parts": [isolate(f"{reader.number(qty)} × {sku}") for sku, qty in line.parts],
            }
            for line in slip.lines
        ],
        "total": reader.ngettext("%(num)s unit in all", "%(num)s units in all", units),
    }


def pick_sheet(sheet: PickSheet, reader: PaperReader) -> dict[str, Any]:
    """For pick_list.typ."""
    _ = reader.words.gettext
    pieces = sum(row.pieces for row in sheet.rows)
    return {
        "lang": reader.locale.partition("_")[0],
        "rtl": reader.rtl,
        "words": {
            "title": _("Pick list"),
            "bin": _("Bin"),
            "pieces": _("Take"),
            "item": _("Item"),
            "orders": _("Orders"),
            "code": _("SKU"),
        },
        "location": isolate(sheet.location.name),
        "printed": reader.day_of(reader.now),
        "summary": reader.ngettext("%(num)s piece", "%(num)s pieces", pieces)
        + " · "
        + reader.ngettext("%(num)s order", "%(num)s orders", len(sheet.orders)),
        "lines": [_pick(row, reader) for row in sheet.rows],
        "orders": [
            {
                "number": order.number,
                "barcode": code_128(str(order.number)),
                "words": reader.ngettext("%(num)s piece", "%(num)s pieces", order.pieces),
            }
            for order in sheet.orders
        ],
    }


_NAMED = 6
"""Orders that are named beside an item; the rest is told by its number."""


def _pick(row: PickRow, reader: PaperReader) -> dict[str, Any]:
    named = [
        isolate(f"#{no}: {reader.number(qty)}") for no, qty in list(row.per_order.items())[:_NAMED]
    ]
    more = len(row.per_order) - len(named)
    if more:
        named.append(reader.ngettext("and %(num)s more", "and %(num)s more", more))
    return {
        "bin": row.bin or "–",
        "pieces": reader.number(row.pieces),
        "title": isolate(row.name),
        "sku": row.sku,
        "orders": "\n".join(named),
        "lots": [
            isolate(
                f"{take.lot}: {reader.number(take.quantity)}"
                + (f" · {reader.day(take.expires_on)}" if take.expires_on else "")
            )
            for take in row.lots
        ],
        "barcode": code_128(row.sku),
    }


def round_sheet(place: PlaceName, rounds: Sequence[Round], reader: PaperReader) -> dict[str, Any]:
    """For round.typ: what is taken along in one slot, in the order in which to drive."""
    _ = reader.words.gettext
    zone = ZoneInfo(place.time_zone)
    stops = [stop for one in rounds for stop in one.stops]
    first = rounds[0]
    clocks = [format_time(at.astimezone(zone), "short", tzinfo=zone, locale=reader.locale)
              for at in (first.starts_at, first.ends_at)]  # fmt: skip
    return {
        "lang": reader.locale.partition("_")[0],
        "rtl": reader.rtl,
        "words": {
            "title": _("Delivery round"),
            "order": _("Order"),
            "to": _("To"),
            "units": _("Units"),
            "proof": _("Taken by, or left at"),
        },
        "location": isolate(place.name),
        "when": isolate(f"{reader.day(first.on)} · {first.slot} · {clocks[0]}–{clocks[1]}"),
        "summary": reader.ngettext("%(num)s stop", "%(num)s stops", len(stops)),
        "stops": [_round_stop(stop, reader) for stop in stops],
    }


def _round_stop(stop: RoundStop, reader: PaperReader) -> dict[str, Any]:
    lines = address_lines(stop.to)[:-1] if stop.to else []
    return {
        "place": reader.number(stop.place),
        "number": stop.number,
        "barcode": code_128(str(stop.number)),
        "to": [isolate(line) for line in lines],
        "phone": isolate(stop.phone) if stop.phone else "",
        "note": isolate(stop.note) if stop.note else "",
        "units": reader.number(stop.units),
    }


def isolate(text: str) -> str:
    """The text with a direction of its own: numbers and signs stay where its writer put them."""
    return f"\u2068{text}\u2069"
