"""Rounds of local delivery: the stops of a day, starting a round, and what happens at the door."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ordito.adapters.papers.sheets import round_sheet
from ordito.adapters.papers.typesetting import typeset
from ordito.api.answers import Answer
from ordito.flows.local_rounds import arrange_round, start_round
from ordito.flows.reference import reference
from ordito.flows.stop_acts import allowed_stop_acts, deliver_stop, fail_stop, move_stop, try_again
from ordito.flows.tell_slots import FreeSlot, list_slots_of_stop
from ordito.fulfillment.problems import SlotUnavailable
from ordito.fulfillment.stop_asks import (
    ArrangeRound,
    DeliverStop,
    FailStop,
    MoveStop,
    StartRound,
    TryAgain,
)
from ordito.fulfillment.stop_types import StopAttempt
from ordito.kernel.addresses import address_lines
from ordito.listings.local_rounds import (
    DayRounds,
    Round,
    RoundStop,
    StopView,
    is_ready,
    read_day,
    read_stop,
)
from ordito.listings.places import find_place, read_names
from ordito.locations.local_areas import read_slots
from ordito.orders.problems import FileKindRefused
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.actions import Action
from ordito.web.local_words import FAIL_REASONS, MOVE_REASONS, slot_words
from ordito.web.pages.board import chosen_place
from ordito.web.pages.order_page import order_id_of
from ordito.web.pages.order_rows import midday
from ordito.web.pages.papers import paper_reader, pdf_answer
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import day_name, ngettext
from ordito.web.rendering import gettext as _
from ordito.web.routes import UPLOAD_MAX, Route
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import choices, word

_ROUND = "/fulfillment/rounds/{location:str}/{on:str}/{slot:str}"
_STOP = "/fulfillment/stops/{number:str}"


def show_rounds(visit: Visit) -> Answer:
    """The rounds of a location on a day, and where the slots of that day stand."""
    visit.require("fulfillment.read")
    with visit.reading() as tx:
        code, places = chosen_place(visit, tx, ("local",))
        zone = ZoneInfo(next(p.time_zone for p in read_names(tx).locations.values()
                             if p.code == code))  # fmt: skip
        today = visit.now.astimezone(zone).date()
        on = _day(visit.asked("on")) or today
        day = read_day(tx, code, on)
        brings = any(slot.location_id == day.location.id for slot in read_slots(tx))
    writes = "fulfillment.write" in visit.actor.permissions
    return visit.page(
        "fulfillment/rounds.html",
        location=code,
        places=places,
        on=on.isoformat(),
        day=_("Today") if on == today else day_name(midday(on)),
        before_url=visit.here(location=code, on=(on - timedelta(days=1)).isoformat()),
        after_url=visit.here(location=code, on=(on + timedelta(days=1)).isoformat()),
        here_url=visit.here(location=code, on=on.isoformat()),
        rounds=[_round(code, one, writes=writes) for one in day.rounds],
        earlier=_earlier(day),
        brings=brings,
        settings_url=f"/locations/{code}" if "settings.read" in visit.actor.permissions else "",
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NotFound("There is no such day.") from None


def _earlier(day: DayRounds) -> list[dict[str, Any]]:
    return [
        {
            "url": f"/fulfillment/rounds?location={quote(day.location.code)}"
            f"&on={one.on_day.isoformat()}",
            "words": ngettext(
                "%(day)s: %(num)s stop is not done", "%(day)s: %(num)s stops are not done",
                one.stops, day=day_name(midday(one.on_day)),
            ),
        }
        for one in day.earlier
    ]  # fmt: skip


def _round(code: str, one: Round, *, writes: bool) -> dict[str, Any]:
    url = f"/fulfillment/rounds/{quote(code)}/{one.on.isoformat()}/{quote(one.slot)}"
    ids = [stop.order_id for stop in one.stops]
    start = None
    if writes and one.ready:
        label = ngettext("Start round: %(num)s stop", "Start round: %(num)s stops", one.ready)
        start = Action("start", label, f"{url}/start", "truck")
    return {
        "slot": one.slot,
        "words": slot_words(one.starts_at, one.ends_at),
        "late": one.late,
        "count": len(one.stops),
        "done": one.done,
        "start": start,
        "print_url": f"{url}/list.pdf",
        "order_url": f"{url}/order" if writes else "",
        "stops": [_stop(stop, _swaps(ids, n)) for n, stop in enumerate(one.stops)],
    }


def _swaps(ids: Sequence[UUID], n: int) -> dict[str, str]:
    """The order of the round with stop n one place up, and one down; "" where there is none."""

    def swapped(a: int, b: int) -> str:
        if not 0 <= a < b < len(ids):
            return ""
        found = list(ids)
        found[a], found[b] = found[b], found[a]
        return ",".join(map(str, found))

    return {"up": swapped(n - 1, n), "down": swapped(n, n + 1)}


def _state(stop: RoundStop) -> str:
    """The state that a stop shows: before it leaves, how far its work is."""
    if stop.state != "planned":
        return stop.state
    if stop.held:
        return "held"
    return "packed" if is_ready(stop) else stop.readiness


def _stop(stop: RoundStop, swaps: dict[str, str]) -> dict[str, Any]:
    address = stop.to
    return {
        "place": stop.place,
        "number": stop.number,
        "url": f"/fulfillment/stops/{stop.number}",
        "name": (address.name or address.company) if address else "",
        "street": address.line1 if address else "",
        "town": f"{address.postal_code} {address.city}".strip() if address else "",
        "phone": stop.phone or "",
        "note": stop.note or "",
        "units": stop.units,
        "state": _state(stop),
        "attempts": stop.attempts,
        **swaps,
    }


def _round_of(visit: Visit) -> dict[str, Any]:
    on = _day(visit.params["on"])
    return {"location": visit.params["location"], "on": on, "slot": visit.params["slot"]}


def _rounds_url(visit: Visit) -> str:
    at = _round_of(visit)
    return f"/fulfillment/rounds?location={quote(at['location'])}&on={at['on']}"


def start(visit: Visit) -> Answer:
    """What is packed of a slot leaves."""
    left = visit.act(start_round, convert(StartRound, _round_of(visit)))
    text = ngettext("%(num)s stop is on its way.", "%(num)s stops are on their way.",
                    len(left.left))  # fmt: skip
    if left.stayed:
        stay = ngettext("%(num)s stays: it is not ready.", "%(num)s stay: they are not ready.",
                        len(left.stayed))  # fmt: skip
        return visit.done(f"{text} {stay}", _rounds_url(visit), tone="attention", go=True)
    return visit.done(text, _rounds_url(visit), go=True)


def arrange(visit: Visit) -> Answer:
    """Put the stops of a round into another order."""
    visit.require("fulfillment.write")
    with visit.reading() as tx:
        find_place(tx, read_names(tx), visit.params["location"])
    ids = [part for part in visit.sent("order_ids").split(",") if part]
    visit.act(arrange_round, convert(ArrangeRound, _round_of(visit) | {"order_ids": ids},
                                     strict=False))  # fmt: skip
    return visit.done(_("The round was put in order."), _rounds_url(visit), go=True)


def print_round(visit: Visit) -> Answer:
    """The stops of a round, to take along."""
    visit.require("fulfillment.read")
    at = _round_of(visit)
    with visit.reading() as tx:
        day = read_day(tx, at["location"], at["on"])
    found = [one for one in day.rounds if one.slot == at["slot"]]
    if not found:
        raise NotFound("There is nothing to print: nothing is booked in this slot on that day.")
    body = typeset("round", round_sheet(day.location, found, paper_reader(visit.view())))
    return pdf_answer(body, f"round-{at['location']}-{at['on']}-{at['slot']}")


def show_stop(visit: Visit) -> Answer:
    """One stop, made for a phone: where it goes, whom to call, and what happened."""
    visit.require("fulfillment.read")
    return _show_stop(visit, [], "")


def _show_stop(visit: Visit, faults: list[str], shown: str) -> Answer:
    """shown: which of the forms has faults: deliver or fail."""
    order_id = order_id_of(visit)
    with visit.reading() as tx:
        found = read_stop(tx, order_id)
    acts = allowed_stop_acts(found.stop.state)
    if "fulfillment.write" not in visit.actor.permissions:
        acts = ()
    return visit.page(
        "fulfillment/stop.html",
        status=422 if faults else 200,
        stop=_full(found),
        url=f"/fulfillment/stops/{found.stop.number}",
        rounds_url=f"/fulfillment/rounds?location={quote(found.location.code)}"
        f"&on={found.on.isoformat()}",
        may_deliver="deliver_stop" in acts,
        may_fail="fail_stop" in acts,
        again_url=f"/fulfillment/stops/{found.stop.number}/again" if "try_again" in acts else "",
        return_url=f"/orders/{found.stop.number}/return"
        if found.stop.state == "failed" and "orders.write" in visit.actor.permissions
        else "",
        reasons=choices(FAIL_REASONS),
        typed={name: visit.sent(name) for name in ("taken_by", "left_at", "note", "reason")},
        faults=faults,
        shown=shown,
    )


def _full(found: StopView) -> dict[str, Any]:
    stop = found.stop
    address = stop.to
    known = ""
    if address:
        parts = (address.line1, address.postal_code, address.city, address.country)
        known = " ".join(part for part in parts if part)
    return {
        **_stop(stop, {"up": "", "down": ""}),
        "lines": address_lines(address) if address else [],
        "map_url": f"https://www.openstreetmap.org/search?query={quote_plus(known)}"
        if known
        else "",
        "tel": "".join(ch for ch in stop.phone or "" if ch.isdigit() or ch == "+"),
        "slot": slot_words(found.starts_at, found.ends_at),
        "place_name": found.location.name,
        "tried": [_tried(stop.number, one) for one in found.tried],
    }


def _tried(number: int, one: StopAttempt) -> dict[str, Any]:
    if one.outcome == "failed":
        words = word(FAIL_REASONS, one.reason)
    elif one.taken_by:
        words = _("Taken by %(name)s", name=one.taken_by)
    elif one.left_at:
        words = _("Left: %(where)s", where=one.left_at)
    else:
        words = _("Delivered")
    return {
        "at": one.at,
        "failed": one.outcome == "failed",
        "words": words,
        "left_at": one.left_at if one.taken_by else "",
        "note": one.note,
        "photo_url": f"/orders/{number}/files/{one.file_no}/picture" if one.file_no else "",
    }


def _photo(visit: Visit) -> bytes | None:
    upload = visit.files.get("photo")
    return upload.body if upload is not None and upload.body else None


def deliver(visit: Visit) -> Answer:
    """Delivered, with proof."""
    visit.require("fulfillment.write")
    fields = {name: visit.sent(name) for name in ("taken_by", "left_at", "note")}
    try:
        ask = convert(DeliverStop, fields | {"order_id": order_id_of(visit)})
        visit.act(deliver_stop, msgspec.structs.replace(ask, photo=_photo(visit)))
    except (InvalidInput, FileKindRefused, ActionNotAllowed) as problem:
        return _show_stop(visit, _said(problem), "deliver")
    return visit.done(_("Delivered."), _back(visit), go=True)


def fail(visit: Visit) -> Answer:
    """Not delivered, and why."""
    visit.require("fulfillment.write")
    fields = {"order_id": order_id_of(visit), "note": visit.sent("note")}
    if not visit.sent("reason"):
        return _show_stop(visit, [_("Choose a reason.")], "fail")
    try:
        ask = convert(FailStop, fields | {"reason": visit.sent("reason")})
        visit.act(fail_stop, msgspec.structs.replace(ask, photo=_photo(visit)))
    except (InvalidInput, FileKindRefused, ActionNotAllowed) as problem:
        return _show_stop(visit, _said(problem), "fail")
    url = f"/fulfillment/stops/{visit.number('number')}"
    return visit.done(_("Kept. Choose when it is tried again."), url, tone="attention", go=True)


def _said(problem: Problem) -> list[str]:
    return fault_words(problem) or [problem_words(problem)]


def _back(visit: Visit) -> str:
    """To the round of the stop."""
    with visit.reading() as tx:
        found = read_stop(tx, order_id_of(visit))
    return f"/fulfillment/rounds?location={quote(found.location.code)}&on={found.on.isoformat()}"


def again_form(visit: Visit) -> Answer:
    visit.require("fulfillment.write")
    return _slot_form(visit, [])


def try_stop_again(visit: Visit) -> Answer:
    """After a failed attempt: another slot."""
    visit.require("fulfillment.write")
    return _move(visit, by_floor=True)


def move_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    return _slot_form(visit, [], reasons=True)


def move(visit: Visit) -> Answer:
    """Another slot, as agreed with the customer."""
    visit.require("orders.write")
    return _move(visit, by_floor=False)


def _slot_form(visit: Visit, faults: list[str], *, reasons: bool = False) -> Answer:
    order_id = order_id_of(visit)
    with visit.reading() as tx:
        found = read_stop(tx, order_id)
        free = list_slots_of_stop(tx, order_id, reference(tx))
    return visit.form_page(
        "fulfillment/_slot_form.html",
        faulty=bool(faults),
        url=visit.path,
        number=found.stop.number,
        now=slot_words(found.starts_at, found.ends_at),
        slots=[Choice(f"{one.on.isoformat()} {one.slot}", _slot_label(one)) for one in free[:60]],
        slot=visit.sent("slot"),
        reasons=choices(MOVE_REASONS) if reasons else (),
        reason=visit.sent("reason", "customer_request"),
        faults=faults,
    )


def _slot_label(one: FreeSlot) -> str:
    left = ngettext("%(num)s place left", "%(num)s places left", one.left)
    return f"{slot_words(one.starts_at, one.ends_at)} · {one.slot} · {left}"


def _move(visit: Visit, *, by_floor: bool) -> Answer:
    on, _sign, slot = visit.sent("slot").partition(" ")
    if not slot:
        return _slot_form(visit, [_("Choose a slot.")], reasons=not by_floor)
    fields: dict[str, Any] = {"order_id": order_id_of(visit), "slot": slot, "on": on}
    try:
        if by_floor:
            visit.act(try_again, convert(TryAgain, fields))
        else:
            reason = visit.sent("reason", "customer_request")
            visit.act(move_stop, convert(MoveStop, fields | {"reason": reason}))
    except (SlotUnavailable, InvalidInput, ActionNotAllowed) as problem:
        return _slot_form(visit, _said(problem), reasons=not by_floor)
    number = visit.number("number")
    url = f"/fulfillment/stops/{number}" if by_floor else f"/orders/{number}"
    return visit.done(_("It comes in another slot."), url, go=by_floor)


ROUTES = [
    Route("GET", "/fulfillment/rounds", show_rounds),
    Route("POST", _ROUND + "/start", start),
    Route("POST", _ROUND + "/order", arrange),
    Route("GET", _ROUND + "/list.pdf", print_round),
    Route("GET", _STOP, show_stop),
    Route("POST", _STOP + "/deliver", deliver, UPLOAD_MAX),
    Route("POST", _STOP + "/fail", fail, UPLOAD_MAX),
    Route("GET", _STOP + "/again", again_form),
    Route("POST", _STOP + "/again", try_stop_again),
    Route("GET", "/orders/{number:str}/slot", move_form),
    Route("POST", "/orders/{number:str}/slot", move),
]
