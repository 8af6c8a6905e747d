"""An order's page as its template asks for it: values in, values out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup

from ordito.fulfillment.carriers import tracking_url
from ordito.listings.order_types import (
    DecisionView,
    LineView,
    OrderPage,
    ParcelView,
    TaskRow,
    WorkLine,
    WorkView,
)
from ordito.web.actions import Action
from ordito.web.pages.lot_rows import tell_line_lots
from ordito.web.pages.order_actions import Reader, next_action, order_actions, work_actions
from ordito.web.pages.order_rows import midday, promise_state
from ordito.web.pages.order_sides import (
    base_note,
    customer,
    party,
    show_files,
    statement,
    stop_side,
)
from ordito.web.pages.order_terms import date_terms, expected_terms, expected_words
from ordito.web.promise_words import Promised, tell_promise
from ordito.web.rendering import day_name, ngettext, number, postal_lines, when
from ordito.web.rendering import gettext as _
from ordito.web.timeline_words import Entry, tell_event
from ordito.web.words import HOLD_REASONS, REJECT_REASONS, TASKS, word

STATES = (
    "cancelled", "open", "backordered", "reserved", "released", "picked", "packed", "shipped",
    "completed", "delivered", "returned",
)  # fmt: skip

TIMELINE_VIEWS = ("all", "people", "system", "notes")


class Quantities(msgspec.Struct, frozen=True):
    """A quantity vector for a bar."""

    cancelled: int = 0
    open: int = 0
    backordered: int = 0
    reserved: int = 0
    released: int = 0
    picked: int = 0
    packed: int = 0
    shipped: int = 0
    completed: int = 0
    delivered: int = 0
    returned: int = 0


def show_order(page: OrderPage, reader: Reader) -> dict[str, Any]:
    """The context of orders/_order.html."""
    url = f"/orders/{page.number}"
    actions = order_actions(page, reader)
    groups = [*_works(page, reader), *_rests(page, reader)]
    return {
        "order": {
            "id": str(page.id),
            "url": _address(page, reader, reader.timeline),
            "number": page.number,
            "external_number": page.external_id or "",
            "channel_name": page.channel.name,
            "placed_at": page.placed_at,
            "placed_by": _placed_by(page),
            "life": page.life,
            "fulfilment": page.fulfilment,
            "money": page.money,
            "return_state": page.return_state,
            "special_code": page.code or "",
            "currency": page.totals.currency,
            "tags": list(page.tags),
            "assignee": page.assignee.name if page.assignee else "",
            "can_tag": "orders.write" in reader.permissions,
            "held": page.held,
            "late": page.late,
        },
        "next_action": next_action(page, reader),
        "actions": actions,
        "needs": _needs(page, reader),
        "groups": groups,
        "statement": statement(page),
        "base_note": base_note(page),
        "customer": customer(page),
        "ship_to": party(page),
        "stop": stop_side(page),
        "bill_to": {"lines": postal_lines(page.bill_to.address)} if page.bill_to else None,
        "holds": _holds(page, reader),
        "refusals": [
            {
                "place": reader.places.get(row.location, row.location),
                "reason": word(REJECT_REASONS, row.reason),
                "at": row.at,
            }
            for row in page.refusals
        ],
        "files": show_files(page, reader.permissions),
        "timeline": _timeline(page, reader),
        "timeline_views": [
            {
                "label": label,
                "url": _address(page, reader, key),
                "current": key == reader.timeline,
            }
            for key, label in (
                ("all", _("All")),
                ("people", _("People")),
                ("system", _("System")),
                ("notes", _("Notes")),
            )
        ],
        "note_url": f"{url}/note",
        "can_note": "orders.write" in reader.permissions,
    }


def _address(page: OrderPage, reader: Reader, timeline: str) -> str:
    """This page's address with one view of the timeline, still within its list."""
    asked = {"timeline": timeline if timeline != "all" else "", "list": reader.kept}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/orders/{page.number}?{query}" if query else f"/orders/{page.number}"


def _placed_by(page: OrderPage) -> str:
    first = next((item for item in page.timeline if item.kind == "order.placed"), None)
    if first is None or first.actor_kind == "system":
        return (
            _("Pick-up in %(place)s", place=page.pickup_location.name)
            if (page.pickup_location and page.delivery == "pickup")
            else ""
        )
    if first.actor_kind == "key":
        return _("by API key “%(name)s”", name=first.actor)
    return _("by %(name)s", name=first.actor)


def _works(page: OrderPage, reader: Reader) -> Iterable[dict[str, Any]]:
    lines = {line.line_no: line for line in page.lines}
    gone = ("cancelled", "rejected", "short", "delivered")
    for work in page.fulfillment_orders:
        empty = not any(line.units for line in work.lines)
        # What was brought to the shop is the shop's part; its parcels are still told of.
        if work.state in gone and empty and not work.parcels:
            continue
        actions = work_actions(page.number, work, reader)
        open_ = work.state in (
            "scheduled",
            "open",
            "released",
            "picking",
            "picked",
            "packed",
            "ready",
        )
        yield {
            "id": work.fo_no,
            "number": f"{page.number}-{work.fo_no}",
            "location_name": work.location.name,
            "shop": work.destination.name if work.destination else "",
            "state": "held" if work.held and open_ else _state_of(work),
            "request": work.request or "",
            "promise_at": midday(work.promised_on) if work.promised_on and open_ else None,
            "promise_state": promise_state(work.promised_on, late=work.late, today=reader.today),
            "opens_at": work.opens_at,
            "why": work.why or _("No decision was kept for this."),
            "promised": _promised(work, reader),
            "places": _places(page.decisions, work.decision_no),
            "lines": [
                _line(reader, lines[part.line_no], part, work) for part in work.lines if part.units
            ],
            "parcels": [_parcel(work.fo_no, parcel) for parcel in work.parcels],
            "actions": actions,
        }


def _state_of(work: WorkView) -> str:
    """The state as it is shown: what goes to a shop is on its way to it, then there."""
    if work.destination is None:
        return work.state
    return {"shipped": "to_shop", "delivered": "at_shop"}.get(work.state, work.state)


def _promised(work: WorkView, reader: Reader) -> dict[str, Any] | None:
    """What was promised for the part, in words, while it isn't over; then whether it was kept."""
    promise = work.promise
    if promise is None:
        return None
    return tell_promise(
        Promised(
            delivery=work.delivery,
            shop=work.destination.name if work.destination else "",
            ready_at=promise.ready_at,
            ships_at=promise.ships_at,
            ships_on=promise.ships_on,
            delivers_on=promise.delivers_on,
            calendar_on=promise.calendar_on,
            calendar_delivers_on=promise.calendar_delivers_on,
            service=reader.services.get(promise.tariff, promise.tariff),
            cut_off=promise.cut_off or "",
            begins_later=promise.begins_later,
            queue_minutes=promise.queue_minutes,
            probability=promise.probability,
            observations=promise.observations,
        ),
        promise.outcome,
    )


def _places(decisions: Sequence[DecisionView], decision_no: int) -> list[dict[str, Any]]:
    for decision in decisions:
        if decision.decision_no == decision_no:
            return [
                {"name": r.name, "chosen": r.chosen, "km": r.km, "words": r.words}
                for r in decision.reasons
            ]
    return []


def _line(reader: Reader, line: LineView, part: WorkLine, work: WorkView) -> dict[str, Any]:
    """A line's part at one location. Its price is that of its share of the line."""
    before = "released" if work.released_at and work.state != "open" else "reserved"
    delivered = _delivered(part, work)
    whole = part.units == line.ordered
    amounts = Quantities(
        **{before: part.units - part.picked},
        picked=part.picked - part.packed,
        # What is on its way to the shop is packed: it is shipped once it was handed over.
        packed=part.packed - (0 if work.destination else part.shipped),
        shipped=0 if work.destination else part.shipped,
        delivered=0 if work.destination else delivered,
        returned=min(line.returned, part.shipped) if whole or len(line.places) == 1 else 0,
    )
    return _shown_line(reader, line, part.units, amounts) | {
        "lots": tell_line_lots(part.line_no, work.lots)
    }


def _delivered(part: WorkLine, work: WorkView) -> int:
    if work.state in ("delivered", "handed_over"):
        return part.shipped
    arrived = [parcel for parcel in work.parcels if parcel.delivered_at]
    return sum(
        units.units for parcel in arrived for units in parcel.lines if units.line_no == part.line_no
    )


def _shown_line(reader: Reader, line: LineView, units: int, amounts: Quantities) -> dict[str, Any]:
    return {
        "title": line.title,
        "sku": line.sku,
        "item_url": f"/inventory/{line.item_id}" if line.item_id else "",
        "options": _options(line),
        "terms": _terms(line, reader.places),
        "picture_url": "",
        "quantity": units,
        "ordered": line.ordered,
        "unit_price": line.unit_price.normalize(),
        "discount_minor": line.discount_minor * units // line.ordered if line.ordered else 0,
        "total_minor": line.net_minor * units // line.ordered if line.ordered else 0,
        "quantities": amounts,
        "lots": [],
    }


def _terms(line: LineView, places: Mapping[str, str]) -> list[str]:
    """What was settled for a line: where it ships from, until when it may wait."""
    terms = []
    if line.pinned_location is not None:
        name = places.get(line.pinned_location, line.pinned_location)
        terms.append(_("Only from %(place)s", place=name))
    if line.cancel_after is not None:
        terms.append(_("Cancelled unless shipped by %(day)s", day=_day(line.cancel_after)))
    return [*terms, *date_terms(line)]


def _options(line: LineView) -> str:
    if line.parts:
        return ", ".join(f"{part.per_unit} × {part.sku}" for part in line.parts)
    return ""


def _rests(page: OrderPage, reader: Reader) -> Iterable[dict[str, Any]]:
    """What no location has: waiting for stock, to be done by hand, or cancelled."""
    waiting, services, cancelled = [], [], []
    for line in page.lines:
        by_hand = line.item_kind in ("service", "custom")
        open_ = line.open + line.backordered
        if by_hand and (line.open or line.completed):
            amounts = Quantities(open=line.open, completed=line.completed)
            services.append(_shown_line(reader, line, line.open + line.completed, amounts))
        elif open_:
            amounts = Quantities(open=line.open, backordered=line.backordered)
            shown = _shown_line(reader, line, open_, amounts)
            shown["terms"] += expected_terms(line)
            waiting.append(shown)
        if line.cancelled:
            amounts = Quantities(cancelled=line.cancelled)
            cancelled.append(_shown_line(reader, line, line.cancelled, amounts))
    actions = {action.code: action for action in order_actions(page, reader)}
    if waiting:
        summary = page.decisions[-1].summary if page.decisions else ()
        why = " ".join(summary) or _("No location has these units now.")
        found = [actions[code] for code in ("source",) if code in actions]
        yield _rest("waiting", _("Waiting for stock"), why, waiting, found)
    if services:
        found = [actions[code] for code in ("complete_service",) if code in actions]
        yield _rest("services", _("Done by hand"), _("Takes no stock."), services, found)
    if cancelled:
        why = _("These units are not sent. Their stock is free again.")
        yield _rest("cancelled", _("Cancelled"), why, cancelled, [])


def _rest(
    id_: str, title: str, why: str, lines: list[dict[str, Any]], actions: list[Action]
) -> dict[str, Any]:
    return {
        "id": id_, "number": "", "location_name": "", "shop": "", "title": title,
        "state": "", "request": "",
        "promise_at": None, "promise_state": "", "opens_at": None, "why": why, "promised": None,
        "places": [],
        "lines": lines,
        "parcels": [], "actions": actions,
    }  # fmt: skip


def _parcel(fo_no: int, parcel: ParcelView) -> dict[str, Any]:
    units = sum(line.units for line in parcel.lines)
    counted = ngettext("%(num)s unit", "%(num)s units", units)
    if parcel.delivered_at:
        text, at = Markup(_("%(units)s · delivered %(when)s")), parcel.delivered_at  # noqa: S704
    else:
        text, at = Markup(_("%(units)s · left %(when)s")), parcel.shipped_at  # noqa: S704
    return {
        "number": _("Parcel %(no)s", no=f"{fo_no}.{parcel.parcel_no}"),
        "carrier": parcel.carrier,
        "service": parcel.service,
        "tracking_number": parcel.tracking_number,
        "tracking_url": tracking_url(parcel.carrier, parcel.tracking_number),
        "units": units,
        "words": text % {"units": counted, "when": when(at)},
    }


def _needs(page: OrderPage, reader: Reader) -> list[dict[str, Any]]:
    """What somebody must look at, the worst first."""
    needs: list[dict[str, Any]] = []
    actions = {action.code: action for action in order_actions(page, reader)}
    if page.held:
        reasons = [h for h in page.holds if h.released_at is None]
        title = _(
            "On hold: %(reasons)s", reasons=", ".join(word(HOLD_REASONS, h.reason) for h in reasons)
        )
        detail = " ".join(h.note for h in reasons if h.note)
        needs.append(_need(title, "attention", detail))
    if page.late and page.promised_on:
        needs.append(
            _need(
                _("Late: it was promised for %(day)s.", day=_day(page.promised_on)),
                "critical",
                "",
            )
        )
    short = sum(line.backordered for line in page.lines)
    if short:
        title = ngettext("%(num)s unit is backordered.", "%(num)s units are backordered.", short)
        found = [actions["source"]] if "source" in actions else []
        needs.append(_need(title, "attention", expected_words(page), found))
    if any(line.unkept and line.cancelled < line.ordered for line in page.lines):
        title = _("The days it was ordered for can’t be kept.")
        needs.append(_need(title, "attention", _("It was known when they were asked for.")))
    needs += [_task(task, reader) for task in page.tasks if task.kind != "shortage"]
    return needs


def _need(title: str, tone: str, detail: str, actions: Sequence[Action] = ()) -> dict[str, Any]:
    return {"title": title, "tone": tone, "detail": detail, "actions": list(actions)}


def _task(task: TaskRow, reader: Reader) -> dict[str, Any]:
    place = reader.places.get(task.location or "", task.location or "")
    title = _(
        "%(task)s: %(qty)s × %(sku)s in %(place)s",
        task=word(TASKS, task.kind), qty=number(task.qty or 0), sku=task.sku or "", place=place,
    )  # fmt: skip
    actions = []
    if "fulfillment.write" in reader.permissions:
        actions = [Action("close", _("Done"), f"/fulfillment/tasks/{task.id}/close", "check")]
    return _need(title, "attention", "", actions)


def _day(on: date) -> str:
    return day_name(midday(on))


def _holds(page: OrderPage, reader: Reader) -> list[dict[str, Any]]:
    url = f"/orders/{page.number}/release-hold"
    return [
        {
            "reason": word(HOLD_REASONS, hold.reason),
            "note": hold.note,
            "by": hold.owner or _("nobody yet"),
            "at": hold.placed_at,
            "release": Action("release", _("Release hold"), f"{url}?hold={hold.hold_no}", "play")
            if "orders.write" in reader.permissions
            else None,
        }
        for hold in page.holds
        if hold.released_at is None
    ]


def _timeline(page: OrderPage, reader: Reader) -> list[Entry]:
    currency = page.totals.currency
    told = (tell_event(item, reader.places, currency) for item in page.timeline)
    return [entry for entry in told if reader.timeline in ("all", entry.group)]
