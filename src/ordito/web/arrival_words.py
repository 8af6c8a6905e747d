"""What was sent to a shop for a pick-up, and what came of it, as entries of a timeline."""

from collections.abc import Mapping
from typing import Any

from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.sourcing_words import Told, count_units, name_place


def _sent_to_shop(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = ngettext(
        "%(num)s unit left %(place)s for %(shop)s, to be collected there",
        "%(num)s units left %(place)s for %(shop)s, to be collected there",
        count_units(body["lines"]),
        place=name_place(body, places),
        shop=places.get(str(body["shop"]), str(body["shop"])),
    )
    number = " ".join(part for part in (body.get("carrier"), body.get("tracking_number")) if part)
    return ("truck", "", f"{text} · {number}" if number else text)


def _brought(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    """What came for the customer, then what became stock of the shop, then what is missing."""
    names = {
        "place": name_place(body, places),
        "sender": places.get(str(body["sender"]), str(body["sender"])),
    }
    came, lost = count_units(body["lines"]), count_units(body["lost"])
    parts = []
    if came:
        parts.append(
            ngettext(
                "%(num)s unit from %(sender)s arrived in %(place)s",
                "%(num)s units from %(sender)s arrived in %(place)s",
                came,
                **names,
            )
        )
    if body["to_shelf"]:
        parts.append(
            ngettext(
                "%(num)s piece that nobody waits for any more became stock of %(place)s",
                "%(num)s pieces that nobody waits for any more became stock of %(place)s",
                int(body["to_shelf"]),
                **names,
            )
        )
    if lost:
        parts.append(
            ngettext(
                "%(num)s unit from %(sender)s is missing or damaged",
                "%(num)s units from %(sender)s are missing or damaged",
                lost,
                **names,
            )
        )
    if not parts:
        parts.append(_("Nothing of the parcel from %(sender)s arrived in %(place)s", **names))
    return ("package-check", "critical" if lost else "", ". ".join(parts))


ARRIVAL_TELLERS = {
    "order.units_sent_to_shop": _sent_to_shop,
    "order.units_brought": _brought,
}
