"""Transfers between locations: the list, one with its history, and the acts on it."""

from typing import Any
from uuid import UUID

from ordito.api.answers import Answer
from ordito.flows.receive_transfer import close_transfer
from ordito.flows.transfer_states import read_transfer_state, tell_transfers
from ordito.flows.transfer_stock import (
    cancel_transfer,
    change_transfer,
    draft_transfer,
    request_transfer,
)
from ordito.inventory.transfer_asks import (
    ChangeTransfer,
    CloseTransfer,
    DraftTransfer,
    StockTransfer,
    TransferAsk,
    TransferState,
)
from ordito.inventory.transfers import find_transfer, list_transfers
from ordito.listings.histories import list_history
from ordito.listings.places import find_place, read_names
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.actions import Action
from ordito.web.edit_forms import read_form, show_form, tell_faults
from ordito.web.histories import tell_history
from ordito.web.pages.transfer_arrivals import receive, receive_form, ship, ship_form
from ordito.web.pages.transfer_forms import transfer_form
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.visits import Visit

LIST_URL = "/inventory/transfers"
PAGE = 50
HISTORY = 50

_OPEN: tuple[TransferState, ...] = ("draft", "requested", "shipped", "partly_received")
VIEWS: dict[str, tuple[str, tuple[TransferState, ...]]] = {
    "": (N_("Open"), _OPEN),
    "to-send": (N_("To send"), ("draft", "requested")),
    "coming": (N_("On their way"), ("shipped", "partly_received")),
    "done": (N_("Done"), ("received", "cancelled")),
}


def show_transfers(visit: Visit) -> Answer:
    """Transfers from or to what the reader sees, newest first."""
    visit.require("inventory.read")
    view = visit.asked("view") if visit.asked("view") in VIEWS else ""
    with visit.reading() as tx:
        rows = list_transfers(
            tx,
            location_ids=_scope(visit, tx),
            states=VIEWS[view][1],
            before=_cursor(visit),
            limit=PAGE + 1,
        )
        told = tell_transfers(tx, rows[:PAGE])
        places = {place.code: place.name for place in read_names(tx).locations.values()}
    return visit.page(
        "transfers/list.html",
        views=[
            {
                "label": _(label),
                "url": f"{LIST_URL}?view={key}" if key else LIST_URL,
                "current": key == view,
                "count": None,
                "act": False,
            }
            for key, (label, _states) in VIEWS.items()
        ],
        rows=[_row(transfer, places) for transfer in told],
        may_write="inventory.write" in visit.actor.permissions,
        older_url=visit.here(cursor=str(rows[PAGE - 1].id)) if len(rows) > PAGE else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )


def _scope(visit: Visit, tx: Tx) -> list[UUID] | None:
    code = visit.view().scope.location
    if code:
        return [find_place(tx, read_names(tx), code).id]
    seen = visit.actor.location_ids
    return None if seen is None else sorted(seen)


def _cursor(visit: Visit) -> UUID | None:
    try:
        return UUID(visit.asked("cursor")) if visit.asked("cursor") else None
    except ValueError:
        return None


def _row(transfer: StockTransfer, places: dict[str, str]) -> dict[str, Any]:
    left = transfer.state not in ("draft", "requested", "cancelled")
    lines = transfer.lines
    return {
        "url": f"{LIST_URL}/{transfer.number}",
        "number": transfer.number,
        "state": transfer.state,
        "from_name": places[transfer.from_location],
        "to_name": places[transfer.to_location],
        "items": len(lines),
        "units": sum(line.shipped if left else line.requested for line in lines),
        "open": sum(line.open for line in lines),
        "wrong": sum(line.damaged + line.missing + line.surplus for line in lines),
        "expected_on": transfer.expected_on,
        "created_at": transfer.created_at,
        "reference": transfer.reference,
    }


def _find(visit: Visit, tx: Tx) -> StockTransfer:
    id_ = find_transfer(tx, visit.number("transfer"))
    if id_ is None:
        raise NotFound("There is no such transfer, or you see neither of its locations.")
    return read_transfer_state(tx, id_)


def show_transfer(visit: Visit) -> Answer:
    """One transfer: what was asked for, left, arrived and is wrong, and what happened."""
    visit.require("inventory.read")
    with visit.reading() as tx:
        transfer = _find(visit, tx)
        places = {place.code: place.name for place in read_names(tx).locations.values()}
        history = list_history(tx, transfer.id, limit=HISTORY)
    sku_of = {str(line.item_id): line.sku for line in transfer.lines}
    return visit.page(
        "transfers/show.html",
        transfer=transfer,
        row=_row(transfer, places),
        actions=_actions(transfer),
        history=tell_history(history, places | sku_of),
    )


def _actions(transfer: StockTransfer) -> list[Action]:
    url = f"{LIST_URL}/{transfer.number}"
    offered = {
        "receive": Action("receive", _("Receive"), f"{url}/receive", "package-check", "page"),
        "ship": Action("ship", _("Send"), f"{url}/ship", "truck", "page"),
        "request": Action("request", _("Ask to send"), f"{url}/request", "hand"),
        "change": Action("change", _("Change"), f"{url}/edit", "pencil", "page"),
        "close": Action("close", _("Nothing more comes"), f"{url}/close", "package-x", "dialog"),
        "cancel": Action("cancel", _("Cancel transfer"), f"{url}/cancel", "ban", danger=True),
    }
    return [action for code, action in offered.items() if code in transfer.allowed_actions]


def new_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return show_form(visit, transfer_form(visit, tx, None))


def create(visit: Visit) -> Answer:
    """Draft a transfer, or show all that is wrong."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        form = transfer_form(visit, tx, None)
    try:
        made = visit.act(draft_transfer, convert(DraftTransfer, read_form(visit, form)))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    text = _("Transfer %(number)s was drafted.", number=made.number)
    return visit.done(text, f"{LIST_URL}/{made.number}", go=True)


def edit_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return show_form(visit, transfer_form(visit, tx, _find(visit, tx)))


def edit(visit: Visit) -> Answer:
    """Change a transfer that hasn't left, or show all that is wrong."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        transfer = _find(visit, tx)
        form = transfer_form(visit, tx, transfer)
    try:
        ask = read_form(visit, form) | {"transfer_id": str(transfer.id)}
        visit.act(change_transfer, convert(ChangeTransfer, ask))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"{LIST_URL}/{transfer.number}", go=True)


def request(visit: Visit) -> Answer:
    transfer = _require(visit)
    visit.act(request_transfer, TransferAsk(transfer_id=transfer.id))
    return _done(visit, transfer, _("The source is asked to send it."))


def cancel(visit: Visit) -> Answer:
    transfer = _require(visit)
    visit.act(cancel_transfer, TransferAsk(transfer_id=transfer.id))
    return _done(visit, transfer, _("The transfer was cancelled. No stock had moved."))


def close_form(visit: Visit) -> Answer:
    """What would be written off, before it is."""
    return _close_form(visit, _require(visit), [])


def _close_form(visit: Visit, transfer: StockTransfer, faults: list[str]) -> Answer:
    return visit.form_page(
        "transfers/_close_form.html",
        faulty=bool(faults),
        url=f"{LIST_URL}/{transfer.number}/close",
        lines=[line for line in transfer.lines if line.open],
        words=visit.sent("words"),
        faults=faults,
    )


def close(visit: Visit) -> Answer:
    transfer = _require(visit)
    ask = CloseTransfer(transfer_id=transfer.id, note=visit.sent("words")[:500])
    try:
        visit.act(close_transfer, ask)
    except Problem as problem:
        return _close_form(visit, transfer, fault_words(problem) or [problem_words(problem)])
    gone = sum(line.open for line in transfer.lines)
    text = ngettext(
        "Closed. %(num)s unit is written off as missing; the source is asked to count.",
        "Closed. %(num)s units are written off as missing; the source is asked to count.",
        gone,
    )
    return _done(visit, transfer, text)


def _require(visit: Visit) -> StockTransfer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return _find(visit, tx)


def _done(visit: Visit, transfer: StockTransfer, text: str) -> Answer:
    return visit.done(text, f"{LIST_URL}/{transfer.number}", go=True)


_ONE = LIST_URL + "/{transfer:str}"

ROUTES = [
    Route("GET", LIST_URL, show_transfers),
    Route("GET", LIST_URL + "/new", new_form),
    Route("POST", LIST_URL + "/new", create),
    Route("GET", _ONE, show_transfer),
    Route("GET", _ONE + "/edit", edit_form),
    Route("POST", _ONE + "/edit", edit),
    Route("POST", _ONE + "/request", request),
    Route("POST", _ONE + "/cancel", cancel),
    Route("GET", _ONE + "/ship", ship_form),
    Route("POST", _ONE + "/ship", ship),
    Route("GET", _ONE + "/receive", receive_form),
    Route("POST", _ONE + "/receive", receive),
    Route("GET", _ONE + "/close", close_form),
    Route("POST", _ONE + "/close", close),
]
