"""Where an order's units ship from and until when, in words for its timeline."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from markupsafe import Markup, escape

from ordito.web.rendering import day, ngettext, when
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


def _dates_asked(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    days = sorted({text for one in body["lines"].values() for text in one if text})
    listed = Markup(", ").join(day(noon_of(text)) for text in days)
    nos = ", ".join(body["lines"])
    told = Markup(_("To arrive: %(days)s (lines %(nos)s)")) % {"days": listed, "nos": nos}  # noqa: S704
    if body["late"]:
        late = _("That can’t be kept for lines %(nos)s", nos=", ".join(map(str, body["late"])))
        return ("calendar", "attention", told + Markup(". ") + late)
    return ("calendar", "", told)


def _released_on(body: Mapping[str, Any]) -> Markup:
    days = sorted(set(body["lines"].values()))
    return Markup(", ").join(day(noon_of(text)) for text in days)


def _preordered(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    told = Markup(_("Pre-order, sold from %(days)s (lines %(nos)s)"))  # noqa: S704
    nos = ", ".join(body["lines"])
    return ("calendar", "", told % {"days": _released_on(body), "nos": nos})


def _release_moved(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    told = Markup(_("The release is on %(days)s now (lines %(nos)s)"))  # noqa: S704
    nos = ", ".join(body["lines"])
    return ("calendar", "", told % {"days": _released_on(body), "nos": nos})


def _part_opened(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    place = name_place(body, places)
    if body["early"]:
        return ("play", "", _("%(place)s begins before the scheduled time", place=place))
    return ("play", "", _("The time has come: %(place)s can begin", place=place))


def _supply_dated(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    known = {no: text for no, text in body["lines"].items() if text}
    if not known:
        nos = ", ".join(body["lines"])
        return ("clock", "attention", _("No day is known any more for lines %(nos)s", nos=nos))
    listed = Markup(", ").join(day(noon_of(text)) for text in sorted(set(known.values())))
    told = Markup(_("Waiting units are expected by %(days)s (lines %(nos)s)"))  # noqa: S704
    tone = "attention" if body["later"] else ""
    return ("clock", tone, told % {"days": listed, "nos": ", ".join(known)})


def _days_changed(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    nos_of: dict[tuple[str, str | None, str | None], list[str]] = {}
    for no, changed in body["lines"].items():
        for name, (before, after) in changed.items():
            nos_of.setdefault((name, before, after), []).append(no)
    said = [
        _say_change(name, before, after, ", ".join(nos))
        for (name, before, after), nos in nos_of.items()
    ]
    before, after = body["promised"]
    if after is not None and after != before:
        told = Markup(_("Promised for %(day)s"))  # noqa: S704
        said.append(told % {"day": day(noon_of(after))})
    if body["late"]:
        nos = ", ".join(map(str, body["late"]))
        said.append(escape(_("That can’t be kept for lines %(nos)s", nos=nos)))
    return ("calendar", "attention" if body["late"] else "", Markup(". ").join(said))


def _say_change(name: str, before: str | None, after: str | None, nos: str) -> Markup:
    """One day of lines that is another one, that is new, or that nobody asks for any more."""
    now, changed, gone = {
        "not_before": (
            _("To arrive not before %(day)s (lines %(nos)s)"),
            _("To arrive not before %(day)s instead of %(before)s (lines %(nos)s)"),
            _("It may arrive before %(before)s (lines %(nos)s)"),
        ),
        "requested_on": (
            _("Wanted on %(day)s (lines %(nos)s)"),
            _("Wanted on %(day)s instead of %(before)s (lines %(nos)s)"),
            _("No longer wanted on %(before)s (lines %(nos)s)"),
        ),
        "latest_on": (
            _("To arrive by %(day)s at the latest (lines %(nos)s)"),
            _("To arrive by %(day)s at the latest instead of %(before)s (lines %(nos)s)"),
            _("It may arrive after %(before)s (lines %(nos)s)"),
        ),
    }[name]
    told = gone if after is None else now if before is None else changed
    days = {key: day(noon_of(on)) for key, on in (("day", after), ("before", before)) if on}
    return Markup(told) % {"nos": nos, **days}  # noqa: S704


def _part_scheduled(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    told = Markup(_("%(place)s: work begins %(when)s"))  # noqa: S704
    begins = when(datetime.fromisoformat(body["opens_at"]))
    return ("clock", "", told % {"place": name_place(body, places), "when": begins})


SOURCING_TELLERS: dict[str, Any] = {
    "order.delivery_changed": _delivery,
    "order.part_withdrawn": _withdrawn,
    "order.line_pinned": _pinned,
    "order.line_unpinned": _unpinned,
    "order.deadlines_set": _deadlines,
    "order.dates_asked": _dates_asked,
    "order.days_changed": _days_changed,
    "order.part_scheduled": _part_scheduled,
    "order.preordered": _preordered,
    "order.release_moved": _release_moved,
    "order.part_opened": _part_opened,
    "order.supply_dated": _supply_dated,
}
