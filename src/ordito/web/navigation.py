"""The rail: where one can go, in the order of the day's work."""

import msgspec

from ordito.web.statuses import N_
from ordito.web.view_context import ViewContext


class Place(msgspec.Struct, frozen=True):
    """A page of the rail. `label` is a msgid, `key` is also what `g` and a letter jump to.

    permission: "" for a page for all who may see anything.
    floor: on a phone, shown in the bottom bar before the others.
    """

    key: str
    label: str
    url: str
    icon: str
    permission: str
    jump: str
    floor: bool = False


BAR_MAX = 4
"""Places that fit side by side at a phone's bottom, beside "More" with the others."""

PLACES: tuple[Place, ...] = (
    Place("home", N_("Home"), "/home", "house", "", "h"),
    Place("orders", N_("Orders"), "/orders", "inbox", "orders.read", "o"),
    Place(
        "fulfillment",
        N_("Fulfillment"),
        "/fulfillment",
        "package-check",
        "fulfillment.read",
        "f",
        floor=True,
    ),
    Place("inventory", N_("Inventory"), "/inventory", "boxes", "inventory.read", "i", floor=True),
    Place("customers", N_("Customers"), "/customers", "users", "orders.read", "c"),
    Place("products", N_("Products"), "/products", "tag", "catalog.read", "p"),
    Place("locations", N_("Locations"), "/locations", "warehouse", "settings.read", "l"),
    Place("inbox", N_("Inbox"), "/inbox", "mail", "intake.read", "m"),
    Place("settings", N_("Settings"), "/settings", "settings", "settings.read", "s"),
)


class Entry(msgspec.Struct, frozen=True):
    """A place as one reader sees it."""

    place: Place
    current: bool
    count: int


def entries(view: ViewContext) -> list[Entry]:
    """The places that the reader may open."""
    return [
        Entry(place, _is_current(place.url, view.path), view.counts.get(place.key, 0))
        for place in PLACES
        if (view.may(place.permission) if place.permission else view.permissions)
    ]


def floor_first(found: list[Entry]) -> list[Entry]:
    """The same, with the floor's tasks first: the order of a phone's bottom bar."""
    return sorted(found, key=lambda entry: not entry.place.floor)


def _is_current(url: str, path: str) -> bool:
    return path == url or path.startswith(url + "/")
