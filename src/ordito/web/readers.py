"""The reader's surroundings: language, zone, scope and preferences, from session and cookies."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from ordito.listings.outside import Outside, read_outside
from ordito.listings.places import Names, read_names
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database, Tx, query
from ordito.platform.translations import PSEUDO_TAGS
from ordito.web.view_context import Choice, Scope, Theme, ViewContext

if TYPE_CHECKING:
    from ordito.web.visits import Visit

LOCATION_COOKIE = "ordito_location"
CHANNEL_COOKIE = "ordito_channel"

_THEMES: dict[str, Theme] = {
    "auto": "auto",
    "light": "light",
    "dark": "dark",
    "contrast": "contrast",
}


def make_view(visit: "Visit") -> ViewContext:
    """What every template may know of the reader."""
    user = visit.session.user
    return ViewContext(
        now=visit.now,
        user_name=user.name,
        user_email=user.email,
        permissions=visit.actor.permissions,
        locale=known_locale(user.locale),
        pseudo=PSEUDO_TAGS.get(user.locale, "") if visit.settings.pseudo_languages else "",
        timezone=known_zone(user.time_zone),
        csrf_token=visit.session.csrf_token,
        demo=is_demo(visit.db),
        outside=look_outside(visit.db),
        scope=read_scope(visit.db, visit.actor, visit.cookies),
        path=visit.path,
        **preferences(visit.cookies),  # type: ignore[arg-type]
    )


def preferences(cookies: Mapping[str, str]) -> dict[str, object]:
    """Theme, rail and density, as scripts wrote them down."""
    return {
        "theme": _THEMES.get(cookies.get("ordito_theme", ""), "auto"),
        "narrow_rail": cookies.get("ordito_rail") == "narrow",
        "compact": cookies.get("ordito_density") == "compact",
    }


@lru_cache(maxsize=100)
def known_locale(name: str) -> str:
    """The locale as Babel knows it; plain English is that of Europe, with 24 hours."""
    text = name.replace("-", "_")
    try:
        return "en_GB" if text == "en" else str(Locale.parse(text))
    except (ValueError, UnknownLocaleError):
        return "en_GB"


@lru_cache(maxsize=600)
def known_zone(name: str) -> str:
    """The time zone when there is one of this name, else UTC."""
    try:
        return ZoneInfo(name).key
    # Names of no zone raise ZoneInfoNotFoundError, a KeyError; names of folders an OSError.
    except (KeyError, ValueError, OSError):
        return "UTC"


def read_scope(db: Database, actor: Actor, cookies: Mapping[str, str]) -> Scope:
    """What the top bar narrows pages to; a location or channel out of reach counts as none."""
    with db.reading(actor) as tx:
        names = read_names(tx)
    places = seen_places(names, actor)
    channels = seen_channels(names, actor)
    location = cookies.get(LOCATION_COOKIE, "")
    channel = cookies.get(CHANNEL_COOKIE, "")
    return Scope(
        locations=places if len(places) > 1 else (),
        channels=channels if len(channels) > 1 else (),
        location=location if location in {place.value for place in places} else "",
        channel=channel if channel in {choice.value for choice in channels} else "",
    )


def seen_places(names: Names, actor: Actor) -> tuple[Choice, ...]:
    """Locations that the reader may choose, by name; the place of the past is none."""
    return tuple(
        Choice(place.code, place.name)
        for place in sorted(names.locations.values(), key=lambda place: place.name)
        if place.kind != "history" and actor.sees_location(place.id)
    )


def seen_channels(names: Names, actor: Actor) -> tuple[Choice, ...]:
    return tuple(
        Choice(channel.code, channel.name)
        for channel in sorted(names.channels.values(), key=lambda channel: channel.name)
        if actor.sees_channel(channel.id)
    )


def is_demo(db: Database) -> bool:
    """Whether the database was made as a demo: its pages say so."""
    if "web.demo" not in db.memory:
        with db.reading(SYSTEM) as tx:
            db.memory["web.demo"] = _read_kind(tx) == "demo"
    return bool(db.memory["web.demo"])


SENDS_MAIL = "web.sends_mail"
"""In the memory of the database: whether mails go out to a server."""


def look_outside(db: Database) -> Outside | None:
    """What a demo was connected to by hand; None where it is nothing, and where nobody asks."""
    if not is_demo(db):
        return None
    with db.reading(SYSTEM) as tx:
        found = read_outside(tx, mail=bool(db.memory.get(SENDS_MAIL)))
    return found if found.mail or found.webhooks or found.shops else None


def _read_kind(tx: Tx) -> str | None:
    return _KIND.first(tx)


_KIND = query(str, "SELECT kind FROM platform.installation")
