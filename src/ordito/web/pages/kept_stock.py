"""Stock kept for channels and groups: the list, the form that keeps more, and giving it back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from ordito.api.answers import Answer
from ordito.customers.groups import list_groups
from ordito.flows.hold_stock import release_hold_of_stock
from ordito.flows.keep_for_channel import keep_for_channel, tell_kept
from ordito.inventory.asks import KeepForChannel, ReleaseHold
from ordito.inventory.kept import KeptStock
from ordito.listings.places import find_place, read_names
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, read_form, said, show_form, tell_faults
from ordito.web.readers import seen_places
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

_URL = "/inventory/kept"
PAGE = 50


def show_kept(visit: Visit) -> Answer:
    """What is kept for channels at what the reader sees, newest first."""
    visit.require("inventory.read")
    with visit.reading() as tx:
        names = read_names(tx)
        code = visit.view().scope.location
        places = [find_place(tx, names, code).id] if code else visit.actor.location_ids
        rows = tell_kept(
            tx,
            channel_ids=visit.actor.channel_ids,
            location_ids=places,
            before=_cursor(visit),
            limit=PAGE + 1,
        )
    place_names = {place.code: place for place in names.locations.values()}
    channels = {channel.code: channel.name for channel in names.channels.values()}
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    older = f"{last.hold_id}~{place_names[last.location].id}" if last else ""
    return visit.page(
        "inventory/kept.html",
        rows=_rows(rows[:PAGE], channels, {p.code: p.name for p in names.locations.values()}),
        may_write="inventory.write" in visit.actor.permissions,
        older_url=visit.here(cursor=older) if older else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )


def _cursor(visit: Visit) -> tuple[UUID, UUID] | None:
    hold_id, _sign, location_id = visit.asked("cursor").partition("~")
    try:
        return UUID(hold_id), UUID(location_id)
    except ValueError:
        return None


def _rows(
    rows: Sequence[KeptStock], channels: Mapping[str, str], places: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Rows for the page; what is given back together has its button in its first row."""
    of_hold = Counter(row.hold_id for row in rows)
    shown = []
    for row in rows:
        count = of_hold.pop(row.hold_id, 0)
        channel = channels[row.channel] if row.channel else _("Any channel")
        shown.append(_row(row, channel, places[row.location]) | {"places": count})
    return shown


def _row(row: KeptStock, channel: str, place: str) -> dict[str, Any]:
    """See templates/inventory/kept.html."""
    return {
        "hold_id": str(row.hold_id),
        "item_url": f"/inventory/{row.item_id}",
        "sku": row.sku,
        "name": row.name,
        "channel": channel,
        "group": row.group,
        "place": place,
        "quantity": row.qty,
        "reason": "" if row.reason == "kept" else row.reason,
        "created_at": row.created_at,
        "until": row.until,
    }


def new_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return show_form(visit, _form(visit, tx))


def keep(visit: Visit) -> Answer:
    """Keep units for a channel or a group, or show what is wrong."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        form = _form(visit, tx)
    try:
        ask = read_form(visit, form)
        ask["until"] = _end_of(ask["until"], visit)
        kept = visit.act(keep_for_channel, convert(KeepForChannel, ask, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    count = sum(unit.qty for unit in kept.units)
    text = ngettext("%(num)s unit is kept.", "%(num)s units are kept.", count)
    return visit.done(text, _URL, go=True)


def _end_of(day: str | None, visit: Visit) -> str | None:
    """The end of a day as the reader's clock has it; what is no day stays, and is refused."""
    try:
        begins = date.fromisoformat(day or "")
    except ValueError:
        return day
    zone = visit.view().zone
    after = datetime.combine(begins + timedelta(days=1), time(), zone)
    return after.astimezone(UTC).isoformat()


def release(visit: Visit) -> Answer:
    """Give back what a hold keeps, at all its locations."""
    visit.require("inventory.write")
    try:
        hold_id = UUID(visit.params["hold"])
    except ValueError:
        raise NotFound("Nothing of that kind is kept.") from None
    try:
        visit.act(release_hold_of_stock, ReleaseHold(hold_id=hold_id))
    except NotFound:
        raise
    except Problem as problem:
        return visit.done(said(problem), _URL, go=True)
    return visit.done(_("It is free for all again."), _URL, go=True)


def _form(visit: Visit, tx: Tx) -> Form:
    names = read_names(tx)
    channels = [
        Choice(channel.code, channel.name)
        for channel in names.channels.values()
        if channel.active and visit.actor.sees_channel(channel.id)
    ]
    if visit.actor.channel_ids is None:
        channels.append(Choice("", _("Any channel, for the group alone")))
    groups = [
        Choice(
            one.code,
            ngettext(
                "%(code)s, %(num)s customer",
                "%(code)s, %(num)s customers",
                one.customers,
                code=one.code,
            ),
        )
        for one in list_groups(tx)
    ]
    places = [Choice("", _("Wherever it can be sent from")), *seen_places(names, visit.actor)]
    return Form(
        title=_("Keep stock"),
        url=f"{_URL}/new",
        back_url=_URL,
        submit=_("Keep it"),
        crumbs=[(_("Inventory"), "/inventory"), (_("Kept stock"), _URL)],
        sections=[
            Section(
                _("What"),
                [
                    Field(name="sku", label=_("SKU"), value=visit.asked("sku")),
                    Field(name="quantity", label=_("Units"), kind="number", minimum=1),
                    Field(name="location", label=_("Location"), kind="select", choices=places,
                          value=visit.view().scope.location, blank="none"),
                ],
                hint=_("Units that are free now; they count as reserved from then on."),
            ),
            Section(
                _("For whom"),
                [
                    Field(name="channel", label=_("Channel"), kind="select", choices=channels,
                          blank="none", value=channels[0].value if channels else ""),
                    Field(name="group", label=_("Group of customers"), kind="select",
                          choices=[Choice("", _("All customers")), *groups], blank="none",
                          optional=True,
                          hint=_("Customers are put into groups on their own pages.")),
                    Field(name="until", label=_("Until the end of"), kind="date", optional=True,
                          blank="none",
                          hint=_("Without a day it is kept until it is sold or given back.")),
                    Field(name="reason", label=_("Reason"), optional=True, blank="omit",
                          hint=_("Such as the campaign that it is for.")),
                ],
                hint=_("Only their orders and carts take it; each makes it less."),
            ),
        ],
    )  # fmt: skip


ROUTES = [
    Route("GET", _URL, show_kept),
    Route("GET", _URL + "/new", new_form),
    Route("POST", _URL + "/new", keep),
    Route("POST", _URL + "/{hold:str}/release", release),
]
