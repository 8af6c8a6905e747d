"""Cycle counts: the list, one with what is left and what waits, starting one, the limit."""

from typing import Any
from uuid import UUID

from ordito.api.answers import Answer
from ordito.flows.cycle_count import approve_difference, ask_recount, end_cycle_count
from ordito.flows.cycle_count_states import read_cycle_count
from ordito.flows.start_cycle_count import start_cycle_count
from ordito.fulfillment.tasks import read_asked_counts
from ordito.inventory.cycle_count_asks import (
    ApproveDifference,
    AskRecount,
    CycleCount,
    CycleCountItem,
    EndCycleCount,
    StartCycleCount,
)
from ordito.inventory.cycle_counts import SheetSummary, find_sheet, list_sheets
from ordito.listings.histories import list_history
from ordito.listings.places import find_place, read_names
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.actions import Action
from ordito.web.edit_forms import (
    Field,
    Form,
    Section,
    lines_of,
    read_form,
    show_form,
    tell_faults,
)
from ordito.web.histories import tell_history
from ordito.web.pages.count_floor import enter, show_floor
from ordito.web.readers import seen_places
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

LIST_URL = "/inventory/counts"
PAGE = 50
HISTORY = 50
ASKED_MAX = 200
VIEWS = {"": N_("Open"), "finished": N_("Finished")}


def show_counts(visit: Visit) -> Answer:
    """Counts where the reader sees stock, newest first."""
    visit.require("inventory.read")
    finished = visit.asked("view") == "finished"
    with visit.reading() as tx:
        names = read_names(tx)
        scope = visit.view().scope.location
        seen = visit.actor.location_ids
        rows = list_sheets(
            tx,
            location_ids=[find_place(tx, names, scope).id]
            if scope
            else (None if seen is None else sorted(seen)),
            state="finished" if finished else "open",
            before=_cursor(visit),
            limit=PAGE + 1,
        )
    return visit.page(
        "counts/list.html",
        views=[
            {
                "label": _(label),
                "url": f"{LIST_URL}?view={key}" if key else LIST_URL,
                "current": (key == "finished") == finished,
                "count": None,
                "act": False,
            }
            for key, label in VIEWS.items()
        ],
        rows=[_row(row, names.locations[row.location_id].name) for row in rows[:PAGE]],
        may_write="inventory.write" in visit.actor.permissions,
        older_url=visit.here(cursor=str(rows[PAGE - 1].id)) if len(rows) > PAGE else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )


def _cursor(visit: Visit) -> UUID | None:
    try:
        return UUID(visit.asked("cursor")) if visit.asked("cursor") else None
    except ValueError:
        return None


def _row(row: SheetSummary, place: str) -> dict[str, Any]:
    return {
        "url": f"{LIST_URL}/{row.number}",
        "number": row.number,
        "name": row.name,
        "place": place,
        "state": "waiting" if row.waiting else row.state,
        "lines": row.lines,
        "done": row.done,
        "waiting": row.waiting,
        "different": row.different,
        "created_at": row.created_at,
    }


def _find(visit: Visit, tx: Tx) -> CycleCount:
    id_ = find_sheet(tx, visit.number("count"))
    if id_ is None:
        raise NotFound("There is no such count, or you don't see its location.")
    return read_cycle_count(tx, id_)


def show_count(visit: Visit) -> Answer:
    """One count: what is done, what waits for approval, what happened."""
    visit.require("inventory.read")
    with visit.reading() as tx:
        count = _find(visit, tx)
        place = find_place(tx, read_names(tx), count.location)
        history = list_history(tx, count.id, limit=HISTORY)
    sku_of = {str(line.item_id): line.sku for line in count.lines}
    blind = count.blind and "inventory.approve" not in visit.actor.permissions
    entries = [e for e in history if not blind or e.kind != "cycle_count.recount_asked"]
    return visit.page(
        "counts/show.html",
        count=count,
        place=place.name,
        url=f"{LIST_URL}/{count.number}",
        waiting=[_waiting(visit, count, x) for x in count.lines if x.state == "waiting"],
        done=sum(line.state != "open" for line in count.lines),
        actions=_actions(count),
        history=tell_history(entries, sku_of | {count.location: place.name}),
    )


def _waiting(visit: Visit, count: CycleCount, line: CycleCountItem) -> dict[str, Any]:
    own = line.counted_by == visit.actor.id
    return {
        "line": line,
        "own": own,
        "may_approve": "approve" in count.allowed_actions and not own,
        "may_recount": "recount" in count.allowed_actions,
    }


def _actions(count: CycleCount) -> list[Action]:
    url = f"{LIST_URL}/{count.number}"
    offered = {
        "enter": Action("enter", _("Count"), f"{url}/floor", "scan-barcode", "page"),
        "end": Action("end", _("Leave out the rest"), f"{url}/end", "ban"),
    }
    return [action for code, action in offered.items() if code in count.allowed_actions]


def approve(visit: Visit) -> Answer:
    visit.require("inventory.approve")
    with visit.reading() as tx:
        count = _find(visit, tx)
    visit.act(approve_difference, ApproveDifference(count_id=count.id, sku=visit.sent("sku")))
    return _done(visit, count, _("The difference is booked."))


def recount(visit: Visit) -> Answer:
    visit.require("inventory.approve")
    with visit.reading() as tx:
        count = _find(visit, tx)
    visit.act(ask_recount, AskRecount(count_id=count.id, sku=visit.sent("sku")))
    return _done(visit, count, _("It is on the list again."))


def end(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        count = _find(visit, tx)
    visit.act(end_cycle_count, EndCycleCount(count_id=count.id))
    left = sum(line.state == "open" for line in count.lines)
    text = ngettext("%(num)s item was left out.", "%(num)s items were left out.", left)
    return _done(visit, count, text)


def _done(visit: Visit, count: CycleCount, text: str) -> Answer:
    return visit.done(text, f"{LIST_URL}/{count.number}", go=True)


def new_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return show_form(visit, _form(visit, tx))


def start(visit: Visit) -> Answer:
    """Make the list of what is to be counted, or show all that is wrong."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        form = _form(visit, tx)
    try:
        made = visit.act(start_cycle_count, convert(StartCycleCount, read_form(visit, form)))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    text = ngettext("%(num)s item to count.", "%(num)s items to count.", len(made.lines))
    return visit.done(text, f"{LIST_URL}/{made.number}", go=True)


def _form(visit: Visit, tx: Tx) -> Form:
    names = read_names(tx)
    places = seen_places(names, visit.actor)
    place = visit.asked("location") or visit.view().scope.location
    asked = 0
    if place:
        asked = len(read_asked_counts(tx, find_place(tx, names, place).id, limit=ASKED_MAX))
    hint = ngettext("%(num)s is asked for now.", "%(num)s are asked for now.", asked)
    return Form(
        title=_("New count"),
        url=f"{LIST_URL}/new",
        back_url=LIST_URL,
        submit=_("Make the list"),
        crumbs=[(_("Inventory"), "/inventory"), (_("Counts"), LIST_URL)],
        sections=[
            Section(_("Where"), _where(places, place)),
            Section(_("What"), _what(visit, hint if place else ""),
                    hint=_("Leave all of it empty to count everything that is kept there.")),
        ],
        note=_("Picking, receiving and shipping can go on."),
    )  # fmt: skip


def _where(places: tuple[Choice, ...], place: str) -> list[Field]:
    return [
        Field(name="location", label=_("Location"), kind="select", value=place,
              choices=[Choice("", _("Choose a location")), *places]),
        Field(name="name", label=_("Name"), optional=True,
              hint=_("Such as Aisle 3, or Christmas.")),
        Field(name="blind", label=_("Count blindly"), kind="check", value="yes",
              hint=_("Who counts is not told what the record says.")),
    ]  # fmt: skip


def _what(visit: Visit, asked: str) -> list[Field]:
    return [
        Field(name="asked", label=_("What somebody was asked to count"), kind="check",
              value=visit.asked("asked"), hint=asked),
        Field(name="bins", label=_("Bins"), kind="area", optional=True, read=lines_of,
              hint=_("One per line: all items that lie in them.")),
        Field(name="skus", label=_("Items"), kind="area", optional=True, read=lines_of,
              value=visit.asked("sku"), hint=_("One SKU per line.")),
    ]  # fmt: skip


_ONE = LIST_URL + "/{count:str}"

ROUTES = [
    Route("GET", LIST_URL, show_counts),
    Route("GET", LIST_URL + "/new", new_form),
    Route("POST", LIST_URL + "/new", start),
    Route("GET", _ONE, show_count),
    Route("GET", _ONE + "/floor", show_floor),
    Route("POST", _ONE + "/floor", enter),
    Route("POST", _ONE + "/approve", approve),
    Route("POST", _ONE + "/recount", recount),
    Route("POST", _ONE + "/end", end),
]
