"""Other days for an order that is placed, with what becomes of its work and promise."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from ordito.api.answers import Answer
from ordito.flows.change_days import change_days
from ordito.flows.preview_days import DaysPreview, PartOutcome, preview_days
from ordito.listings.order_types import LineView, OrderPage
from ordito.orders.asks import ChangeDays
from ordito.orders.problems import DateUnkeepable
from ordito.platform.problems import ActionNotAllowed, InvalidInput
from ordito.platform.validation import convert
from ordito.web.pages.order_actions import Reader
from ordito.web.pages.order_page import order_url, read_page, said
from ordito.web.pages.order_terms import say_day
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext, when_name
from ordito.web.routes import Route
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

_ORDER = "/orders/{number:str}"
NAMES = ("requested_on", "not_before", "latest_on", "cancel_after")
ALL = "all"
_REFUSED = (ActionNotAllowed, InvalidInput, DateUnkeepable)


def days_form(visit: Visit) -> Answer:
    """The days as they are, of all lines together or of one."""
    visit.require("orders.write")
    page, reader = read_page(visit)
    return _form(visit, page, reader, [])


def _form(visit: Visit, page: OrderPage, reader: Reader, faults: list[str]) -> Answer:
    lines = _changeable(page)
    scope = _scope(lines, visit.sent("line") or visit.asked("line"))
    chosen = _of_scope(lines, scope)
    shown = {name: _common(chosen, name) for name in NAMES}
    sent = {name: visit.sent(f"{name}-{scope}") for name in NAMES} if faults else shown
    begun = sum(line.released + line.picked + line.packed for line in chosen)
    return visit.form_page(
        "orders/_days_form.html",
        faulty=bool(faults),
        url=f"{order_url(visit)}/days",
        preview_url=f"{order_url(visit)}/days/preview",
        number=page.number,
        faults=faults,
        scopes=[
            Choice(ALL, _("All lines")),
            *(Choice(str(line.line_no), line_label(line)) for line in lines),
        ],
        scope=scope,
        shown=shown,
        sent=sent,
        mixed={name for name in NAMES if len({getattr(line, name) for line in chosen}) > 1},
        begun=begun,
        leave=bool(visit.sent("leave")),
        effect=_tell_fields(visit, page, reader) if faults else None,
    )


def _changeable(page: OrderPage) -> list[LineView]:
    """Lines of which something is left to ship."""
    return [
        line
        for line in page.lines
        if line.ordered - line.cancelled - line.shipped - line.completed
        and line.item_kind in ("stocked", "kit")
    ]


def line_label(line: LineView) -> str:
    return _("%(title)s (%(sku)s)", title=line.title, sku=line.sku)


def _scope(lines: Sequence[LineView], wanted: str) -> str:
    """The number of the line that is meant, or all of them."""
    return wanted if wanted in {str(line.line_no) for line in lines} else ALL


def _of_scope(lines: Sequence[LineView], scope: str) -> list[LineView]:
    return [line for line in lines if scope in (ALL, str(line.line_no))]


def _common(lines: Sequence[LineView], name: str) -> str:
    """The day that all of the lines have; "" where they have none, or different ones."""
    days = {getattr(line, name) for line in lines}
    day: date | None = days.pop() if len(days) == 1 else None
    return day.isoformat() if day else ""


def _ask(page: OrderPage, fields: dict[str, str]) -> ChangeDays | None:
    """What a form asks for; None while it changes nothing. Raises InvalidInput for what is no day.

    A day that is as it was shown isn't asked for, so that days in which lines differ stay.
    """
    scope = fields.get("shown", ALL)
    days: dict[str, Any] = {}
    for name in NAMES:
        written = fields.get(f"{name}-{scope}", "").strip()
        if f"{name}-{scope}" in fields and written != fields.get(f"was-{name}-{scope}", ""):
            days[name] = _read_day(written)
    if not days:
        return None
    asked: dict[str, Any] = {"order_id": page.id, "leave_begun": bool(fields.get("leave"))}
    return convert(ChangeDays, asked | (days if scope == ALL else {"lines": {scope: days}}))


def _read_day(written: str) -> str | None:
    try:
        return date.fromisoformat(written).isoformat() if written else None
    except ValueError as fault:
        raise InvalidInput(_("“%(written)s” is no day.", written=written[:40])) from fault


def preview(visit: Visit) -> Answer:
    """What the days of the form would do; changes nothing."""
    visit.require("orders.write")
    page, reader = read_page(visit)
    effect = _tell_fields(visit, page, reader)
    return visit.fragment("orders/_days_effect.html", effect=effect)


def _tell_fields(visit: Visit, page: OrderPage, reader: Reader) -> dict[str, Any]:
    fields = dict(visit.form or visit.query)
    try:
        ask = _ask(page, fields)
        if ask is None:
            return {"rows": [], "said": [("", _("Nothing changes yet: choose other days."))]}
        with visit.reading() as tx:
            return _tell(preview_days(tx, ask), reader)
    except _REFUSED as problem:
        return {"rows": [], "said": [("critical", words) for words in said(problem)]}


def _tell(found: DaysPreview, reader: Reader) -> dict[str, Any]:
    """The effect in words: {rows: one per part, said: [(tone, sentence)]}."""
    told: list[tuple[str, str]] = []
    for line in found.lines:
        if line.late and line.earliest is not None:
            day = say_day(line.earliest)
            words = _("%(title)s can arrive on %(day)s at the earliest.", title=line.title, day=day)
            told.append(("attention", words))
        elif line.late:
            words = _("No day is known on which %(title)s could arrive.", title=line.title)
            told.append(("attention", words))
    if found.refused:
        told.append(("critical", _("The channel takes no days that can’t be kept.")))
    alone = sum(line.left_alone for line in found.lines)
    if alone:
        words = ngettext(
            "%(num)s unit that was begun goes on as it is.",
            "%(num)s units that were begun go on as they are.",
            alone,
        )
        told.append(("attention", words))
    told.append(("", _say_promise(found)))
    return {"rows": [_row(part, reader) for part in found.parts], "said": told}


def _say_promise(found: DaysPreview) -> str:
    now, before = found.promised_on, found.promised_before
    if now is None:
        return _("The order is promised for no day.")
    if before is None or before == now:
        return _("The order is promised for %(day)s.", day=say_day(now))
    return _(
        "The order is promised for %(day)s instead of %(before)s.",
        day=say_day(now),
        before=say_day(before),
    )


def _row(part: PartOutcome, reader: Reader) -> dict[str, str]:
    """A part with its times; `was` says when its work began before, where that is another time."""
    begins = when_name(part.begins_at) if part.begins_at else _("At once")
    before = when_name(part.begun_before) if part.begun_before else _("At once")
    return {
        "place": reader.places.get(part.location, part.location),
        "units": ngettext("%(num)s unit", "%(num)s units", sum(part.units.values())),
        "begins": begins,
        "was": "" if begins == before else _("before: %(when)s", when=before),
        "leaves": say_day(part.ships_on),
        "arrives": say_day(part.arrives_on) if part.arrives_on else _("not known"),
    }


def change(visit: Visit) -> Answer:
    """Change what the form says; another line than the one that is shown is shown first."""
    visit.require("orders.write")
    page, reader = read_page(visit)
    fields = dict(visit.form)
    lines = _changeable(page)
    if _scope(lines, fields.get("line", ALL)) != _scope(lines, fields.get("shown", ALL)):
        return _form(visit, page, reader, [])
    try:
        ask = _ask(page, fields)
        if ask is None:
            return _form(visit, page, reader, [_("Nothing changes yet: choose other days.")])
        visit.act(change_days, ask)
    except _REFUSED as problem:
        return _form(visit, page, reader, said(problem))
    return visit.done(_("The days were changed."), order_url(visit))


ROUTES = [
    Route("GET", _ORDER + "/days", days_form),
    Route("POST", _ORDER + "/days", change),
    Route("GET", _ORDER + "/days/preview", preview),
]
