"""Where an order's units ship from and until when, in words for its timeline."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from markupsafe import Markup

from ordito.web.rendering import day, ngettext
from ordito.web.rendering import gettext as _
from ordito.web.statuses import Tone

Told = tuple[str, Tone | str, str]
"""Icon, tone and sentence."""


def count_units(lines: Any) -> int:
    """Units of an event's lines (line no → units)."""
    return sum(int(n) for n in lines.values()) if isinstance(lines, dict) else 0


def name_place(body: Mapping[str, Any], places: Mapping[str, str]) -> str:
    """The name of the location that an event is about; its code when it has none any more."""
    code = str(body.get("location", ""))
    return places.get(code, code)


def _withdrawn(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    units = count_units(body["lines"])
    place = name_place(body, places)
    if body.get("why") == "location_closed":
        text = ngettext(
            "%(place)s was closed: %(num)s unit taken from it",
            "%(place)s was closed: %(num)s units taken from it",
            units,
            place=place,
        )
    elif body.get("why") == "unanswered":
        text = ngettext(
            "%(place)s did not answer: %(num)s unit taken from it",
            "%(place)s did not answer: %(num)s units taken from it",
            units,
            place=place,
        )
    else:
        text = ngettext(
            "%(num)s unit taken from %(place)s",
            "%(num)s units taken from %(place)s",
            units,
            place=place,
        )
    return ("undo-2", "attention", text)


def _pinned(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = _(
        "Line %(no)s ships only from %(place)s", no=body["line_no"], place=name_place(body, places)
    )
    return ("warehouse", "", text)


def _unpinned(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = _(
        "Line %(no)s may ship from elsewhere than %(place)s again",
        no=body["line_no"],
        place=name_place(body, places),
    )
    return ("warehouse", "", text)


def noon_of(on: str) -> datetime:
    """A day of an event as an instant that is on it wherever it is read."""
    return datetime.combine(date.fromisoformat(on), time(12), UTC)


def _deadlines(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    days = sorted({text for text in body["lines"].values() if text})
    nos = ", ".join(body["lines"])
    if not days:
        return ("calendar", "", _("No deadline any more (lines %(nos)s)", nos=nos))
    told = Markup(_("Cancelled unless shipped by %(days)s (lines %(nos)s)"))  # noqa: S704
    listed = Markup(", ").join(day(noon_of(text)) for text in days)
    return ("calendar", "", told % {"days": listed, "nos": nos})


def _delivery(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    if body["delivery"] == "ship":
        return ("truck", "", _("It is shipped to the customer from now on"))
    text = _("The customer collects it at %(place)s now", place=name_place(body, places))
    return ("shopping-bag", "", text)


SOURCING_TELLERS: dict[str, Any] = {
    "order.delivery_changed": _delivery,
    "order.part_withdrawn": _withdrawn,
    "order.line_pinned": _pinned,
    "order.line_unpinned": _unpinned,
    "order.deadlines_set": _deadlines,
}
