"""A lot as lists show it."""

from datetime import date
from typing import Any

from ordito.listings.lots import LotView
from ordito.web.pages.order_rows import midday
from ordito.web.rendering import gettext as _


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
