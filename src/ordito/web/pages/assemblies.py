"""Items made of others: the list of assemblies, one with its history, the acts, and recipes."""

from typing import Any
from uuid import UUID

from ordito.api.answers import Answer
from ordito.catalog.tracked_items import read_tracked
from ordito.flows.assemble import (
    book_made,
    cancel_assembly,
    change_assembly,
    close_assembly,
    draft_assembly,
    start_assembly,
)
from ordito.flows.assembly_states import read_assembly_state, tell_assemblies, tell_recipe
from ordito.flows.set_recipe import set_recipe
from ordito.inventory.assemblies import find_assembly, list_assemblies
from ordito.inventory.assembly_asks import (
    AssemblyAsk,
    AssemblyState,
    BookMade,
    ChangeAssembly,
    CloseAssembly,
    DraftAssembly,
    SetRecipe,
    StartAssembly,
    StockAssembly,
)
from ordito.listings.histories import list_history
from ordito.listings.places import find_place, read_names
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.actions import Action
from ordito.web.edit_forms import pairs_of, read_form, said, show_form, tell_faults
from ordito.web.histories import tell_history
from ordito.web.lot_lines import read_lot_lines
from ordito.web.pages.assembly_forms import URL, assembly_form, recipe_form
from ordito.web.pages.assembly_lots import (
    list_returnable,
    propose_lots,
    read_part_lots,
    tell_own_lot,
)
from ordito.web.problem_pages import fault_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.visits import Visit

PAGE = 50
HISTORY = 50

VIEWS: dict[str, tuple[str, tuple[AssemblyState, ...]]] = {
    "": (N_("Open"), ("draft", "started", "partly_made")),
    "under-way": (N_("Under way"), ("started", "partly_made")),
    "done": (N_("Done"), ("finished", "cancelled")),
}


def show_assemblies(visit: Visit) -> Answer:
    """Assemblies at what the reader sees, newest first."""
    visit.require("inventory.read")
    view = visit.asked("view") if visit.asked("view") in VIEWS else ""
    with visit.reading() as tx:
        rows = list_assemblies(
            tx,
            location_ids=_scope(visit, tx),
            states=VIEWS[view][1],
            before=_cursor(visit),
            limit=PAGE + 1,
        )
        told = tell_assemblies(tx, rows[:PAGE])
        places = {place.code: place.name for place in read_names(tx).locations.values()}
    return visit.page(
        "assemblies/list.html",
        views=[
            {
                "label": _(label),
                "url": f"{URL}?view={key}" if key else URL,
                "current": key == view,
                "count": None,
                "act": False,
            }
            for key, (label, _states) in VIEWS.items()
        ],
        rows=[_row(assembly, places) for assembly in told],
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


def _row(assembly: StockAssembly, places: dict[str, str]) -> dict[str, Any]:
    return {
        "url": f"{URL}/{assembly.number}",
        "told": assembly,
        "place_name": places[assembly.location],
    }


def _find(visit: Visit, tx: Tx) -> StockAssembly:
    id_ = find_assembly(tx, visit.number("assembly"))
    if id_ is None:
        raise NotFound("There is no such assembly, or you don't see its location.")
    return read_assembly_state(tx, id_)


def show_assembly(visit: Visit) -> Answer:
    """One assembly: what is made of what, how far it is, and what happened."""
    visit.require("inventory.read")
    with visit.reading() as tx:
        assembly = _find(visit, tx)
        places = {place.code: place.name for place in read_names(tx).locations.values()}
        history = list_history(tx, assembly.id, limit=HISTORY)
        choose = bool(read_tracked(tx, [part.item_id for part in assembly.parts]))
    sku_of = {str(part.item_id): part.sku for part in assembly.parts}
    names = places | sku_of | {str(assembly.item_id): assembly.sku}
    return visit.page(
        "assemblies/show.html",
        assembly=assembly,
        place_name=places[assembly.location],
        actions=_actions(assembly, choose=choose),
        history=tell_history(history, names),
    )


def _actions(assembly: StockAssembly, *, choose: bool) -> list[Action]:
    url = f"{URL}/{assembly.number}"
    offered = {
        "start": _start_action(url, choose=choose),
        "book": Action("book", _("Book what is made"), f"{url}/book", "package-check", "dialog"),
        "change": Action("change", _("Change"), f"{url}/edit", "pencil", "page"),
        "close": Action("close", _("Make no more"), f"{url}/close", "package-x", "dialog"),
        "cancel": Action("cancel", _("Cancel assembly"), f"{url}/cancel", "ban", danger=True),
    }
    return [action for code, action in offered.items() if code in assembly.allowed_actions]


def _start_action(url: str, *, choose: bool) -> Action:
    """Where a part is kept by lots, a form says first which ones are taken."""
    words = _("Take parts and start")
    if choose:
        return Action("start", words, f"{url}/start", "play", "dialog")
    return Action("start", words, f"{url}/start", "play")


def new_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return show_form(visit, assembly_form(visit, tx, None))


def create(visit: Visit) -> Answer:
    """Draft an assembly, or show all that is wrong."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        form = assembly_form(visit, tx, None)
    try:
        made = visit.act(
            draft_assembly, convert(DraftAssembly, read_form(visit, form), strict=False)
        )
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    text = _("Assembly %(number)s was drafted.", number=made.number)
    return visit.done(text, f"{URL}/{made.number}", go=True)


def edit_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return show_form(visit, assembly_form(visit, tx, _find(visit, tx)))


def edit(visit: Visit) -> Answer:
    """Change an assembly, or show all that is wrong."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        assembly = _find(visit, tx)
        form = assembly_form(visit, tx, assembly)
    try:
        ask = read_form(visit, form) | {"assembly_id": str(assembly.id)}
        visit.act(change_assembly, convert(ChangeAssembly, ask, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return _done(visit, assembly, _("Saved."))


def start_form(visit: Visit) -> Answer:
    """Which lots are taken of the parts that have any: at first what ends first."""
    return _start_form(visit, _require(visit), [])


def _start_form(visit: Visit, assembly: StockAssembly, faults: list[str]) -> Answer:
    with visit.reading() as tx:
        proposed = propose_lots(tx, assembly)
    for row in proposed:
        row["value"] = visit.sent(row["name"], row["value"])
    return visit.form_page(
        "assemblies/_start_form.html",
        faulty=bool(faults),
        url=f"{URL}/{assembly.number}/start",
        assembly=assembly,
        rows=proposed,
        faults=faults,
    )


def start(visit: Visit) -> Answer:
    """Take the parts; those with lots by the lots that were typed."""
    assembly = _require(visit)
    with visit.reading() as tx:
        choose = bool(read_tracked(tx, [part.item_id for part in assembly.parts]))
    try:
        lots = read_part_lots(visit, assembly, lambda part: part.needed)
        body = {"assembly_id": str(assembly.id), "lots": lots}
        visit.act(start_assembly, convert(StartAssembly, body))
    except Problem as problem:
        if not choose:
            raise
        return _start_form(visit, assembly, _said(problem))
    return _done(visit, assembly, _("The parts were taken; what is made of them is on its way."))


def cancel(visit: Visit) -> Answer:
    assembly = _require(visit)
    visit.act(cancel_assembly, AssemblyAsk(assembly_id=assembly.id))
    return _done(visit, assembly, _("The assembly was cancelled. No stock had moved."))


def book_form(visit: Visit) -> Answer:
    return _book_form(visit, _require(visit), [])


def _book_form(visit: Visit, assembly: StockAssembly, faults: list[str]) -> Answer:
    with visit.reading() as tx:
        tracked = read_tracked(tx, [assembly.item_id]).get(str(assembly.item_id))
    return visit.form_page(
        "assemblies/_book_form.html",
        faulty=bool(faults),
        url=f"{URL}/{assembly.number}/book",
        assembly=assembly,
        made=visit.sent("made") or str(assembly.open),
        spoiled=visit.sent("spoiled") or "0",
        tracking=tracked.tracking if tracked else "none",
        expires=bool(tracked and tracked.expires),
        lots=visit.sent("lots"),
        own=tell_own_lot(assembly),
        faults=faults,
    )


def book(visit: Visit) -> Answer:
    """Book units that are done."""
    assembly = _require(visit)
    made, spoiled = visit.sent_number("made") or 0, visit.sent_number("spoiled") or 0
    lots, faults = read_lot_lines(visit.sent("lots"), whole=made)
    if faults:
        return _book_form(visit, assembly, faults)
    try:
        body = {"assembly_id": str(assembly.id), "quantity": made, "spoiled": spoiled,
                "lots": lots}  # fmt: skip
        visit.act(book_made, convert(BookMade, body))
    except Problem as problem:
        return _book_form(visit, assembly, _said(problem))
    text = ngettext("%(num)s unit can be sold now.", "%(num)s units can be sold now.", made)
    return _done(visit, assembly, text)


def close_form(visit: Visit) -> Answer:
    """What would go back on the shelf, before it does."""
    return _close_form(visit, _require(visit), [])


def _close_form(visit: Visit, assembly: StockAssembly, faults: list[str]) -> Answer:
    return visit.form_page(
        "assemblies/_close_form.html",
        faulty=bool(faults),
        url=f"{URL}/{assembly.number}/close",
        assembly=assembly,
        lost=visit.sent("lost"),
        rows=[row | {"value": visit.sent(row["name"])} for row in list_returnable(assembly)],
        words=visit.sent("words"),
        faults=faults,
    )


def close(visit: Visit) -> Answer:
    """Make no more of it."""
    assembly = _require(visit)
    lost = [{"sku": sku, "quantity": int(qty or 1)} for sku, qty in pairs_of(visit.sent("lost"))]
    body = {"assembly_id": str(assembly.id), "lost": lost, "note": visit.sent("words")[:500]}
    try:
        body["lots"] = read_part_lots(visit, assembly, lambda part: part.open)
        visit.act(close_assembly, convert(CloseAssembly, body))
    except Problem as problem:
        return _close_form(visit, assembly, _said(problem))
    return _done(visit, assembly, _("Closed. The parts that were left can be sold again."))


def recipe_page(visit: Visit) -> Answer:
    visit.require("catalog.write")
    with visit.reading() as tx:
        return show_form(visit, recipe_form(tell_recipe(tx, _item_id(visit))))


def save_recipe(visit: Visit) -> Answer:
    """Write what an item is made of, or show all that is wrong."""
    visit.require("catalog.write")
    item_id = _item_id(visit)
    with visit.reading() as tx:
        form = recipe_form(tell_recipe(tx, item_id))
    try:
        ask = {"parts": []} | read_form(visit, form) | {"item_id": str(item_id)}
        visit.act(set_recipe, convert(SetRecipe, ask))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"/products/{item_id}", go=True)


def _item_id(visit: Visit) -> UUID:
    try:
        return UUID(visit.params["item"])
    except ValueError as fault:
        raise NotFound("There is no such item.") from fault


def _require(visit: Visit) -> StockAssembly:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return _find(visit, tx)


def _said(problem: Problem) -> list[str]:
    return fault_words(problem) or [said(problem)]


def _done(visit: Visit, assembly: StockAssembly, text: str) -> Answer:
    return visit.done(text, f"{URL}/{assembly.number}", go=True)


_ONE = URL + "/{assembly:str}"

ROUTES = [
    Route("GET", URL, show_assemblies),
    Route("GET", URL + "/new", new_form),
    Route("POST", URL + "/new", create),
    Route("GET", _ONE, show_assembly),
    Route("GET", _ONE + "/edit", edit_form),
    Route("POST", _ONE + "/edit", edit),
    Route("GET", _ONE + "/start", start_form),
    Route("POST", _ONE + "/start", start),
    Route("POST", _ONE + "/cancel", cancel),
    Route("GET", _ONE + "/book", book_form),
    Route("POST", _ONE + "/book", book),
    Route("GET", _ONE + "/close", close_form),
    Route("POST", _ONE + "/close", close),
    Route("GET", "/products/{item:str}/recipe", recipe_page),
    Route("POST", "/products/{item:str}/recipe", save_recipe),
]
