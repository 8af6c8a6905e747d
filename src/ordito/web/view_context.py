"""Who looks at a page, and how: what every template may know beside its own data."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale

from ordito.listings.outside import Outside
from ordito.platform.translations import Pseudo

Theme = Literal["auto", "light", "dark", "contrast"]
Direction = Literal["ltr", "rtl"]


class Choice(msgspec.Struct, frozen=True):
    """One entry of a select: `value` is sent, `label` is read."""

    value: str
    label: str


class Scope(msgspec.Struct, frozen=True):
    """What the top bar narrows every page to; "" means all. Empty choices hide the select."""

    locations: tuple[Choice, ...] = ()
    channels: tuple[Choice, ...] = ()
    location: str = ""
    channel: str = ""


class Toast(msgspec.Struct, frozen=True):
    """A message to show once. `undo_url` is posted to when the reader takes the act back."""

    text: str
    tone: Literal["info", "success", "attention", "critical"] = "success"
    undo_url: str = ""


class ViewContext(msgspec.Struct, frozen=True, kw_only=True):
    """One request's reader and surroundings. The handler makes it, templates read it as `view`.

    now:     the request's instant, aware; "Today" and ages are told from it.
    counts:  by navigation key, how many things need someone there; 0 or absent shows nothing.
    outside: what a demo is connected to beyond this machine, if anything.
    live:    whether this page listens to the event stream.
    pseudo:  a pretend language in place of the locale's words, for development.
    path:    the request path without the query, for the current entry of the navigation.
    """

    now: datetime
    user_name: str = ""
    user_email: str = ""
    permissions: frozenset[str] = frozenset()
    locale: str = "en_GB"
    pseudo: Pseudo = ""
    timezone: str = "UTC"
    theme: Theme = "auto"
    narrow_rail: bool = False
    compact: bool = False
    csrf_token: str = ""
    demo: bool = False
    outside: Outside | None = None
    counts: Mapping[str, int] = msgspec.field(default_factory=dict)
    scope: Scope = Scope()
    toasts: tuple[Toast, ...] = ()
    path: str = "/"
    live: bool = True

    @property
    def direction(self) -> Direction:
        """Which way the reader's script runs."""
        if self.pseudo == "mirrored":
            return "rtl"
        return "rtl" if Locale.parse(self.locale).character_order == "right-to-left" else "ltr"

    @property
    def language(self) -> str:
        """The locale as HTML and browsers write it: en-GB, not en_GB."""
        return self.locale.replace("_", "-")

    @property
    def zone(self) -> ZoneInfo:
        """The reader's time zone; the caller has checked that it exists."""
        return ZoneInfo(self.timezone)

    def may(self, permission: str) -> bool:
        """Whether the reader holds the permission."""
        return permission in self.permissions


NOBODY = ViewContext(now=datetime(1970, 1, 1, tzinfo=UTC), live=False)
"""The reader when none was set, such as for a macro that is rendered by itself."""
