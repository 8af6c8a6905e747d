"""Lots as lists and lines of orders show them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from ordito.listings.line_lots import LineLots, LotTake
from ordito.listings.lots import LotView
from ordito.web.pages.order_rows import midday
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext


def show_lot_row(lot: LotView, today: date) -> dict[str, Any]:
    """See templates/lots/list.html."""
    return {
        "url": f"/inventory/lots/{lot.id}",
        "lot": lot.lot,
        "sku": lot.sku,
        "title": lot.name,
        "item_url": f"/inventory/{lot.item_id}",
        "state": lot_state(lot, today),
        "expires_at": midday(lot.expires_on) if lot.expires_on else None,
        "sell_until_at": midday(lot.sell_until) if lot.sell_until else None,
        "made_at": midday(lot.made_on) if lot.made_on else None,
        "on_hand": lot.on_hand,
        "aside": sum(place.held_back for place in lot.places),
        "where": ", ".join(
            _("%(place)s %(n)s", place=place.location.name, n=place.on_hand)
            for place in lot.places
            if place.on_hand
        ),
    }


def lot_state(lot: LotView, today: date) -> str:
    """See statuses.LOT."""
    if lot.state == "blocked":
        return "blocked"
    if lot.sell_until is not None and lot.sell_until < today:
        return "too_old"
    return "free"


def tell_line_lots(line_no: int, of_part: Iterable[LineLots]) -> list[str]:
    """The lots of a line's units: what has left, what is in hand, what should be taken."""
    told = []
    for lots in of_part:
        if lots.line_no != line_no:
            continue
        for words, taken in (
            (_("Shipped of %(sku)s: %(lots)s"), lots.shipped),
            (_("Picked of %(sku)s: %(lots)s"), lots.in_hand),
            (_("To take of %(sku)s: %(lots)s"), lots.proposed),
        ):
            if taken:
                told.append(words % {"sku": lots.sku, "lots": lot_words(taken)})
        if lots.missing:
            told.append(
                ngettext(
                    "No lot of %(sku)s may be sold for %(num)s unit",
                    "No lot of %(sku)s may be sold for %(num)s units",
                    lots.missing,
                    sku=lots.sku,
                )
            )
    return told


def lot_words(taken: Iterable[LotTake]) -> str:
    """Lots with their pieces, as "A17 × 3, A18 × 1"."""
    return ", ".join(_("%(lot)s × %(n)s", lot=one.lot, n=one.quantity) for one in taken)
