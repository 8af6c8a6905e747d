"""The fulfilment board of a location, its pick-up desk, its tasks."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from markupsafe import Markup

from ordito.api.answers import Answer
from ordito.catalog.items import read_items
from ordito.fulfillment.carriers import tracking_url
from ordito.fulfillment.tasks import read_open_tasks
from ordito.fulfillment.types import Delivery, State
from ordito.listings.arrivals import ArrivingParcel, list_arrivals, list_preparing
from ordito.listings.board import COUNT_MAX, Card, Column, list_cards, read_board
from ordito.listings.order_filter import OrderFilter
from ordito.listings.orders_list import count_capped, read_rows
from ordito.listings.partner_requests import count_to_answer, partner_places
from ordito.listings.pickups import LONG_AGO, Pickup, list_pickups
from ordito.listings.places import busiest_place, read_names
from ordito.locations.local_areas import read_slots
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound
from ordito.web.actions import Action
from ordito.web.pages.order_rows import midday
from ordito.web.readers import seen_places
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext, when
from ordito.web.statuses import N_, REQUEST
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import HOLD_REASONS, TASKS, word

CARDS = 25

_SERVICES: Mapping[Delivery, str] = {"pickup": N_("Pick-up"), "local": N_("Brought by us")}

COLUMNS: Mapping[str, tuple[str, str]] = {
    "scheduled": (N_("Scheduled"), N_("Nothing is planned for later.")),
    "open": (N_("To release"), N_("Everything is released.")),
    "released": (N_("To pick"), N_("Nothing waits to be picked.")),
    "picking": (N_("Being picked"), N_("Nobody is picking.")),
    "picked": (N_("To pack"), N_("Nothing waits to be packed.")),
    "packed": (N_("To ship"), N_("Nothing waits to be shipped.")),
    "ready": (N_("To collect"), N_("Nobody is expected.")),
}


def chosen_place(
    visit: Visit, tx: Tx, deliveries: Sequence[Delivery] = ("ship", "pickup", "local")
) -> tuple[str, tuple[Choice, ...]]:
    """The location that the page is about: asked for, of the scope, the busiest, or the first."""
    places = seen_places(read_names(tx), visit.actor)
    if not places:
        raise NotFound("You see no location. Ask whoever manages access.")
    known = [place.value for place in places]
    asked = visit.asked("location") or visit.view().scope.location
    if asked and asked not in known:
        raise NotFound("There is no such location, or it is none of those you see.")
    if asked or len(known) == 1:
        return asked or known[0], places
    busiest = read_names(tx).locations.get(busiest_place(tx, deliveries) or UUID(int=0))
    return busiest.code if busiest and busiest.code in known else known[0], places


def show_board(visit: Visit) -> Answer:
    """A location's work by state."""
    visit.require("fulfillment.read")
    with visit.reading() as tx:
        code, places = chosen_place(visit, tx)
        board = read_board(tx, code, limit=CARDS)
        figures = _figures(visit, tx, code, board.late)
        partners = partner_places(tx)
        if code in {place.code for place in partners}:
            waiting = count_to_answer(tx, location=code, cap=COUNT_MAX)
            words = ngettext("request to answer", "requests to answer", waiting)
            url = f"/fulfillment/requests?location={code}"
            figures.append(_figure(waiting, words, url, "attention"))
        brings = any(slot.location_id == board.location.id for slot in read_slots(tx))
        today = tx.now.date()
    columns = [
        _column(visit, code, column, today)
        for column in board.columns
        if column.count or column.state != "scheduled"
    ]
    return visit.page(
        "fulfillment/board.html",
        location_name=board.location.name,
        location=code,
        places=places,
        figures=figures,
        columns=columns,
        board_url=f"/fulfillment?location={code}",
        partners_url="/fulfillment/requests" if partners else "",
        rounds_url=f"/fulfillment/rounds?location={code}" if brings else "",
        may_replan="orders.write" in visit.actor.permissions
        and visit.actor.location_ids is None
        and visit.actor.channel_ids is None,
    )


def _figures(visit: Visit, tx: Tx, code: str, late: int) -> list[dict[str, Any]]:
    """What of the location's work is in trouble."""
    # Late cards are the first of each column, so the board itself shows what the figure counts.
    figures = [_figure(late, _("late"), f"/fulfillment?location={code}", "critical")]
    if "orders.read" in visit.actor.permissions:
        held = count_capped(tx, OrderFilter(held=True, locations=(code,)), cap=COUNT_MAX)
        url = f"/orders?view=held&location={code}"
        figures.append(_figure(held, _("on hold"), url, "attention"))
    location_id = next(p.id for p in read_names(tx).locations.values() if p.code == code)
    tasks = [task for task in read_open_tasks(tx) if task.location_id == location_id]
    url = f"/fulfillment/tasks?location={code}"
    figures.append(_figure(len(tasks), ngettext("task", "tasks", len(tasks)), url, "attention"))
    return figures


def _figure(count: int, words: str, url: str, tone: str) -> dict[str, Any]:
    return {"count": count, "words": words, "url": url, "tone": tone if count else ""}


def _column(visit: Visit, code: str, column: Column, today: date) -> dict[str, Any]:
    title, empty = COLUMNS[column.state]
    action = None
    writes = "fulfillment.write" in visit.actor.permissions
    if column.state == "open" and column.count and writes:
        label = ngettext("Release %(num)s", "Release %(num)s", min(column.count, 200))
        action = Action("release", label, f"/fulfillment/release?location={code}")
    if column.state == "ready" and column.count:
        url = f"/fulfillment/pickups?location={code}"
        action = Action("pickups", _("Hand over"), url, "shopping-bag", "page")
    cards = [show_card(card, today, writes=writes) for card in column.cards.items]
    more = f"/fulfillment/column/{column.state}?location={code}"
    return {
        "key": column.state,
        "title": _(title),
        "count": column.count,
        "action": action,
        "empty": _(empty),
        "cards": cards,
        "more_url": more,
        "more_count": max(0, column.count - len(cards)),
    }


def show_card(card: Card, today: date, *, writes: bool) -> dict[str, Any]:
    """See templates/fulfillment/board.html."""
    late = card.late
    state = "late" if late else ("due" if card.promised_on == today else "on_time")
    note, tone = _note(card)
    return {
        "id": f"{card.number}-{card.fo_no}",
        "url": card_url(card, writes=writes),
        "order_number": card.number,
        "words": card.channel.name,
        "code": card.code or "",
        "country": card.country,
        "units": card.units,
        "lines": card.lines,
        "promise_at": midday(card.promised_on) if card.promised_on else None,
        "promise_state": state,
        "service": _service(card),
        "note": note,
        "tone": tone,
    }


def _service(card: Card) -> str:
    if card.destination is not None:
        return _("To %(shop)s", shop=card.destination.name)
    return _(_SERVICES[card.delivery]) if card.delivery in _SERVICES else ""


def card_url(card: Card, *, writes: bool) -> str:
    """Where the card's next step is done; for those who only look, the order."""
    floor = f"/fulfillment/{card.number}/{card.fo_no}"
    if writes and not card.holds:
        if "pick" in card.allowed_actions:
            return f"{floor}/pick"
        if "pack" in card.allowed_actions or "ship" in card.allowed_actions:
            return f"{floor}/pack"
    return f"/orders/{card.number}"


def _note(card: Card) -> tuple[str, str]:
    if card.holds:
        reasons = ", ".join(word(HOLD_REASONS, reason) for reason in card.holds)
        return _("On hold: %(reasons)s", reasons=reasons), "attention"
    if card.request in ("submitted", "cancellation_requested"):
        return _(REQUEST[card.request].label), "attention"
    if card.opens_at is not None:
        text = Markup(_("Begins %(when)s"))  # noqa: S704 (our own words)
        return text % {"when": when(card.opens_at)}, ""
    if card.state == "picking":
        return _("%(done)s of %(whole)s picked", done=card.picked, whole=card.units), ""
    return "", ""


def show_column(visit: Visit) -> Answer:
    """All cards of one column, page by page."""
    visit.require("fulfillment.read")
    state = visit.params["column"]
    if state not in COLUMNS:
        raise NotFound("There is no such column.")
    with visit.reading() as tx:
        code, _places = chosen_place(visit, tx)
        cursor = visit.asked("cursor") or None
        page = list_cards(tx, code, state, cursor=cursor, limit=60)  # type: ignore[arg-type]
        name = read_names(tx)
        place = next(p.name for p in name.locations.values() if p.code == code)
        today = tx.now.date()
    writes = "fulfillment.write" in visit.actor.permissions
    return visit.page(
        "fulfillment/column.html",
        title=_(COLUMNS[state][0]),
        location_name=place,
        board_url=f"/fulfillment?location={code}",
        cards=[show_card(card, today, writes=writes) for card in page.items],
        empty_words=_(COLUMNS[state][1]),
        older_url=visit.here(cursor=page.next) if page.next else "",
    )


_DESK: Mapping[str, tuple[str, tuple[State, ...]]] = {
    "arriving": (N_("On their way here"), ()),
    "prepare": (N_("To prepare"), ("open", "released", "picking", "picked")),
    "ready": (N_("To collect"), ("packed", "ready")),
    "collected": (N_("Collected"), ("handed_over",)),
}
"""What the counter of a shop looks at: key → its name and the states in it."""
_COLLECTED_FOR = timedelta(hours=24)


def show_pickups(visit: Visit) -> Answer:
    """The counter of a shop: what customers come for, what to prepare, what was collected."""
    visit.require("fulfillment.read")
    shown = visit.asked("show", "ready")
    shown = shown if shown in _DESK else "ready"
    if shown == "arriving":
        return show_arrivals(visit)
    with visit.reading() as tx:
        code, places = chosen_place(visit, tx, ("pickup",))
        page = list_pickups(
            tx,
            code,
            states=_DESK[shown][1],
            words=visit.asked("q")[:100],
            since=tx.now - _COLLECTED_FOR if shown == "collected" else LONG_AGO,
            cursor=visit.asked("cursor") or None,
        )
    writes = "fulfillment.write" in visit.actor.permissions
    return visit.page(
        "fulfillment/pickups.html",
        location=code,
        places=places,
        search=visit.asked("q"),
        show=shown,
        views=_desk_views(visit, code, shown),
        may_sell="orders.write" in visit.actor.permissions,
        pickups=[_pickup(pickup, writes=writes) for pickup in page.items],
        older_url=visit.here(cursor=page.next) if page.next else "",
    )


def _desk_views(visit: Visit, code: str, shown: str) -> list[dict[str, Any]]:
    return [
        {
            "label": _(name),
            "url": visit.here(show=key, cursor=None, location=code),
            "current": key == shown,
        }
        for key, (name, _states) in _DESK.items()
    ]


def show_arrivals(visit: Visit) -> Answer:
    """The counter of a shop: what other locations send to it for its customers."""
    with visit.reading() as tx:
        code, places = chosen_place(visit, tx, ("pickup",))
        words = visit.asked("q")[:100]
        page = list_arrivals(tx, code, words=words, cursor=visit.asked("cursor") or None)
        preparing = [] if words or visit.asked("cursor") else list_preparing(tx, code)
        today = tx.now.date()
    writes = "fulfillment.write" in visit.actor.permissions
    return visit.page(
        "fulfillment/arrivals.html",
        location=code,
        places=places,
        search=visit.asked("q"),
        views=_desk_views(visit, code, "arriving"),
        parcels=[_parcel(parcel, today, writes=writes) for parcel in page.items],
        preparing=[
            {
                "number": one.number,
                "url": f"/orders/{one.number}",
                "sender": one.sender.name,
                "state": one.state,
                "units": one.units,
                "leaves_at": midday(one.promised_on) if one.promised_on else None,
            }
            for one in preparing
        ],
        older_url=visit.here(cursor=page.next) if page.next else "",
    )


def _parcel(parcel: ArrivingParcel, today: date, *, writes: bool) -> dict[str, Any]:
    url = f"/fulfillment/{parcel.number}/{parcel.fo_no}/arrival/{parcel.parcel_no}"
    late = parcel.expected_on is not None and parcel.expected_on < today
    return {
        "number": parcel.number,
        "url": f"/orders/{parcel.number}",
        "name": parcel.name or "",
        "sender": parcel.sender.name,
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "tracking_url": tracking_url(parcel.carrier, parcel.tracking_number),
        "units": parcel.units,
        "shipped_at": parcel.shipped_at,
        "expected_at": midday(parcel.expected_on) if parcel.expected_on else None,
        "expected_state": "late" if late else "on_time",
        "action": Action("receive", _("Receive"), url, "package-check", "page") if writes else None,
    }


def _pickup(pickup: Pickup, *, writes: bool) -> dict[str, Any]:
    url = f"/orders/{pickup.number}/work/{pickup.fo_no}"
    action = None
    if writes and pickup.state == "ready":
        action = Action("hand_over", _("Hand over"), f"{url}/hand-over", "hand", "dialog")
    elif writes and pickup.state == "packed":
        action = Action("ready", _("Ready for pick-up"), f"{url}/ready", "shopping-bag")
    elif writes and pickup.state == "open":
        action = Action("release", _("Release to picking"), f"{url}/release", "play")
    elif writes and pickup.state in ("released", "picking"):
        floor = f"/fulfillment/{pickup.number}/{pickup.fo_no}"
        action = Action("pick", _("Pick"), f"{floor}/pick", "scan-barcode", "page")
    elif writes and pickup.state == "picked":
        floor = f"/fulfillment/{pickup.number}/{pickup.fo_no}"
        action = Action("pack", _("Pack"), f"{floor}/pack", "package", "page")
    return {
        "number": pickup.number,
        "url": f"/orders/{pickup.number}",
        "name": pickup.name or "",
        "state": pickup.state,
        "units": pickup.units,
        "since": pickup.since,
        "collect_by": midday(pickup.collect_by) if pickup.collect_by else None,
        "promise_at": midday(pickup.promised_on) if pickup.promised_on else None,
        "action": action,
    }


def show_tasks(visit: Visit) -> Answer:
    """What the system asks people to look at."""
    visit.require("fulfillment.read")
    with visit.reading() as tx:
        names = read_names(tx)
        codes = {place.id: place for place in names.locations.values()}
        wanted = visit.asked("location") or visit.view().scope.location
        tasks = [
            task
            for task in read_open_tasks(tx)
            if (task.location_id is None or visit.actor.sees_location(task.location_id))
            and (not wanted or (task.location_id and codes[task.location_id].code == wanted))
        ]
        items = read_items(tx, {task.item_id for task in tasks if task.item_id})
        ids = [task.order_id for task in tasks if task.order_id]
        orders = {row.id: row.number for row in read_rows(tx, ids)}
    may = "fulfillment.write" in visit.actor.permissions
    shown = []
    for task in tasks:
        item = items.get(task.item_id) if task.item_id else None
        number = orders.get(task.order_id) if task.order_id else None
        place = codes.get(task.location_id) if task.location_id else None
        shown.append(
            {
                "id": str(task.id),
                "kind": task.kind,
                "words": word(TASKS, task.kind),
                "sku": item.sku if item else "",
                "title": item.name if item else "",
                "item_url": f"/inventory/{item.id}" if item else "",
                "qty": task.qty or 0,
                "location_name": place.name if place else "",
                "number": number or 0,
                "raised_at": task.raised_at,
                "close": Action("close", _("Done"), f"/fulfillment/tasks/{task.id}/close", "check")
                if may
                else None,
            }
        )
    return visit.page("fulfillment/tasks.html", tasks=shown)
