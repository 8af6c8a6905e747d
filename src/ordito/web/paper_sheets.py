"""Papers in the reader's words: what the templates of ordito.adapters.papers are filled with."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from babel.dates import format_date

from ordito.adapters.papers.barcodes import code_128
from ordito.listings.papers import PickRow, PickSheet, Slip
from ordito.web.pages.order_sides import address_lines
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext, number
from ordito.web.view_context import ViewContext


def slip_sheets(slips: Sequence[Slip], view: ViewContext) -> dict[str, Any]:
    """For packing_slips.typ."""
    return {
        "lang": view.language.partition("-")[0],
        "rtl": view.direction == "rtl",
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
        "slips": [_slip(slip, view) for slip in slips],
    }


def _slip(slip: Slip, view: ViewContext) -> dict[str, Any]:
    units = sum(line.units for line in slip.lines)
    return {
        "number": slip.number,
        "barcode": code_128(str(slip.number)),
        "code": slip.code or "",
        "channel": isolate(slip.channel),
        "placed": _day(slip.placed_at.astimezone(view.zone).date(), view),
        "promised": _day(slip.promised_on, view) if slip.promised_on else "",
        "pickup": slip.delivery == "pickup",
        "to": [isolate(line) for line in address_lines(slip.to)] if slip.to else [],
        "sender": [isolate(line) for line in (slip.sender, *address_lines(slip.sender_address))],
        "lines": [
            {
                "sku": line.sku,
                "title": isolate(line.title or line.sku),
                "units": number(line.units),
                "parts": [isolate(f"{number(qty)} × {sku}") for sku, qty in line.parts],
            }
            for line in slip.lines
        ],
        "total": ngettext("%(num)s unit in all", "%(num)s units in all", units),
    }


def pick_sheet(sheet: PickSheet, view: ViewContext) -> dict[str, Any]:
    """For pick_list.typ."""
    pieces = sum(row.pieces for row in sheet.rows)
    return {
        "lang": view.language.partition("-")[0],
        "rtl": view.direction == "rtl",
        "words": {
            "title": _("Pick list"),
            "bin": _("Bin"),
            "pieces": _("Take"),
            "item": _("Item"),
            "orders": _("Orders"),
            "code": _("SKU"),
        },
        "location": isolate(sheet.location.name),
        "printed": _day(view.now.astimezone(view.zone).date(), view),
        "summary": ngettext("%(num)s piece", "%(num)s pieces", pieces)
        + " · "
        + ngettext("%(num)s order", "%(num)s orders", len(sheet.orders)),
        "lines": [_pick(row) for row in sheet.rows],
        "orders": [
            {
                "number": order.number,
                "barcode": code_128(str(order.number)),
                "words": ngettext("%(num)s piece", "%(num)s pieces", order.pieces),
            }
            for order in sheet.orders
        ],
    }


_NAMED = 6
"""Orders that are named beside an item; the rest is told by its number."""


def _pick(row: PickRow) -> dict[str, Any]:
    named = [isolate(f"#{no}: {number(qty)}") for no, qty in list(row.per_order.items())[:_NAMED]]
    more = len(row.per_order) - len(named)
    if more:
        named.append(ngettext("and %(num)s more", "and %(num)s more", more))
    return {
        "bin": row.bin or "–",
        "pieces": number(row.pieces),
        "title": isolate(row.name),
        "sku": row.sku,
        "orders": "\n".join(named),
        "barcode": code_128(row.sku),
    }


def isolate(text: str) -> str:
    """The text with a direction of its own: numbers and signs stay where its writer put them."""
    return f"\u2068{text}\u2069"


def _day(day: date, view: ViewContext) -> str:
    return format_date(day, "medium", locale=view.locale)
