"""Bodies of events as somebody sees them who is bound to some locations."""

from collections.abc import Collection
from typing import Any

from ordito.listings.places import Names
from ordito.platform.access import Actor

_BY_LOCATION = frozenset({"reserved", "places"})
"""Fields that hold units by the code of a location."""

_BY_LOCATION_OF_HOLDS = frozenset({"units"})


def hidden_codes(names: Names, actor: Actor) -> frozenset[str]:
    """Codes of the locations that the actor doesn't see."""
    return frozenset(
        location.code
        for location in names.locations.values()
        if not actor.sees_location(location.id)
    )


def seen_body(kind: str, body: dict[str, Any], hidden: Collection[str]) -> dict[str, Any] | None:
    """The event's body without hidden locations; None when it is about one of them."""
    if not hidden:
        return body
    if body.get("location") in hidden:
        return None
    trimmed = _BY_LOCATION_OF_HOLDS if kind.startswith("hold.") else _BY_LOCATION
    return {
        name: {code: n for code, n in value.items() if code not in hidden}
        if name in trimmed and isinstance(value, dict)
        else value
        for name, value in body.items()
    }
