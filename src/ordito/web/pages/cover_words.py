"""Cover in words: what there is, how fast it sells, when it runs out, from when on it is low."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from ordito.listings.places import Names
from ordito.listings.stock_cover import WINDOW_DAYS, Cover, suggest_supply
from ordito.web.pages.order_rows import midday
from ordito.web.rendering import day_name, ngettext
from ordito.web.rendering import gettext as _


def stock_words(cover: Cover) -> str:
    """What there is: "4 free, 2 on the way"."""
    if cover.coming:
        return _("%(n)s free, %(more)s on the way", n=cover.available, more=cover.coming)
    return _("%(n)s free", n=cover.available)


def sold_words(cover: Cover) -> str:
    """How fast it sells."""
    if not cover.sold:
        return _("None sold in %(days)s days", days=WINDOW_DAYS)
    return _("%(n)s sold in %(days)s days", n=cover.sold, days=WINDOW_DAYS)


def lasts_words(cover: Cover, today: date) -> str:
    """Until when it lasts; "" where nothing sells."""
    if cover.there <= 0:
        return _("nothing left")
    if not cover.sold:
        return ""
    ends = cover.runs_out_on(today)
    if ends is None:
        return _("lasts for years")
    if ends == today:
        return _("runs out today")
    left = ngettext("%(num)s day", "%(num)s days", cover.days_left or 0)
    return _("lasts %(left)s (%(day)s)", left=left, day=day_name(midday(ends)))


def limit_words(low_by: str | None, low_at: int | None) -> str:
    """From when on it is low."""
    if low_by == "units":
        return ngettext("%(num)s unit or fewer", "%(num)s units or fewer", low_at or 0)
    if low_by == "days":
        return ngettext(
            "enough for %(num)s day or less", "enough for %(num)s days or less", low_at or 0
        )
    return _("never") if low_by == "off" else ""


def cover_rows(
    names: Names, covers: Sequence[Cover], sku: str, today: date, *, may: bool
) -> list[dict[str, Any]]:
    """How long an item lasts at each location: rows of inventory/_cover.html. may: set limits."""
    rows = []
    for cover in covers:
        assert cover.location_id is not None, "covers at locations were asked for"
        place = names.locations[cover.location_id]
        asked = {"sku": sku, "location": place.code}
        limit = limit_words(cover.low_by, cover.low_at)
        rows.append(
            {
                "place": place.name,
                "stock": stock_words(cover),
                "sold": sold_words(cover),
                "lasts": lasts_words(cover, today),
                "limit": limit or _("none"),
                "low": cover.is_low,
                "limit_url": f"/inventory/limits/set?{urlencode(asked)}" if may else "",
            }
        )
    return rows


def transfer_url(names: Names, ends: tuple[UUID, UUID], sku: str, quantity: int) -> str:
    """The form of a new transfer, filled in."""
    asked = {
        "from_location": names.code(ends[0]),
        "to_location": names.code(ends[1]),
        "sku": f"{sku} {quantity}",
    }
    return f"/inventory/transfers/new?{urlencode(asked)}"


def supply_acts(
    names: Names, place: tuple[UUID, UUID], sku: str, covers: Mapping[UUID, Sequence[Cover]]
) -> list[tuple[str, str]]:
    """What can be done about an item that runs low at a location: words and addresses.

    place: item and location.
    """
    item_id, location_id = place
    code = names.code(location_id)
    found = suggest_supply(covers.get(item_id, ()), location_id)
    acts = []
    if found is not None:
        words = _(
            "Move %(n)s from %(place)s",
            n=found.quantity,
            place=names.locations[found.from_id].name,
        )
        ends = (found.from_id, location_id)
        acts.append((words, transfer_url(names, ends, sku, found.quantity)))
    acts.append((_("Count"), f"/inventory/{item_id}/count?{urlencode({'location': code})}"))
    aside = {"location": code, "to_bucket": "safety"}
    acts.append((_("Keep some back"), f"/inventory/{item_id}/move?{urlencode(aside)}"))
    return acts
