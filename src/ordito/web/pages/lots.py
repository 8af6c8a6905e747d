"""Lots and serial numbers: the list, one with where it is and where it went, block and free."""

from typing import Any
from uuid import UUID

from ordito.api.answers import Answer
from ordito.flows.manage_lots import block_lot, change_lot, unblock_lot
from ordito.inventory.lot_asks import BlockLot, ChangeLot, UnblockLot
from ordito.listings.histories import list_history
from ordito.listings.item_stock import find_item
from ordito.listings.lot_makings import read_makings
from ordito.listings.lot_traces import LotUseRow, list_lot_movements, list_lot_uses
from ordito.listings.lots import LotFilter, LotView, list_lots, read_lot
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.actions import Action
from ordito.web.edit_forms import Field, Form, Section, read_form, said, show_form, tell_faults
from ordito.web.histories import tell_history
from ordito.web.pages.lot_rows import show_lot_row
from ordito.web.problem_pages import fault_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.visits import Visit
from ordito.web.words import BUCKETS, LEDGER_REASONS, STOCK_REASONS, word

LIST_URL = "/inventory/lots"
PAGE = 50
USES = 50
MOVEMENTS = 30
HISTORY = 30

VIEWS: dict[str, tuple[str, dict[str, Any]]] = {
    "": (N_("In stock"), {"in_stock": True}),
    "blocked": (N_("Blocked"), {"state": "blocked"}),
    "all": (N_("All"), {}),
}


def show_lots(visit: Visit) -> Answer:
    """Lots at what the reader sees, those that end first at the top."""
    visit.require("inventory.read")
    view = visit.asked("view") if visit.asked("view") in VIEWS else ""
    with visit.reading() as tx:
        item = find_item(tx, _uuid(visit.asked("item"))) if visit.asked("item") else None
        wanted = LotFilter(
            item_id=item.id if item else None,
            location=visit.view().scope.location or None,
            code=visit.asked("q").strip()[:60],
            **VIEWS[view][1],
        )
        page = list_lots(tx, wanted, cursor=visit.asked("cursor") or None, limit=PAGE)
        today = tx.now.date()
    kept = [(key, value) for key, value in visit.query if key in ("view", "item") and value]
    return visit.page(
        "lots/list.html",
        views=[
            {"label": _(label), "url": visit.here(view=key or None, cursor=None),
             "current": key == view, "count": None, "act": False}
            for key, (label, _filter) in VIEWS.items()
        ],
        item=item and {"sku": item.sku, "title": item.name, "url": f"/inventory/{item.id}"},
        search=visit.asked("q"),
        kept=kept,
        rows=[show_lot_row(lot, today) for lot in page.items],
        older_url=visit.here(cursor=page.next) if page.next else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )  # fmt: skip


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such item.") from None


def _lot_id(visit: Visit) -> UUID:
    try:
        return UUID(visit.params["lot"])
    except ValueError:
        raise NotFound("There is no such lot.") from None


def _url(visit: Visit) -> str:
    return f"{LIST_URL}/{_lot_id(visit)}"


def show_lot(visit: Visit) -> Answer:
    """One lot: where it is, which orders took of it, what moved, what happened."""
    visit.require("inventory.read")
    with visit.reading() as tx:
        lot = read_lot(tx, _lot_id(visit))
        uses = list_lot_uses(tx, lot.id, cursor=visit.asked("cursor") or None, limit=USES)
        movements = list_lot_movements(tx, lot.id, limit=MOVEMENTS)
        makings = read_makings(tx, lot.id)
        history = list_history(tx, lot.id, limit=HISTORY)
        today = tx.now.date()
    may_open = "orders.read" in visit.actor.permissions
    return visit.page(
        "lots/show.html",
        lot=lot,
        row=show_lot_row(lot, today),
        places=[
            {"name": place.location.name, "shelf": place.shelf, "picked": place.picked,
             "quality_control": place.quality_control, "damaged": place.damaged,
             "on_hand": place.on_hand, "in_transit": place.in_transit}
            for place in lot.places
        ],
        makings=makings,
        uses=[_use(use, lot, may_open=may_open) for use in uses.items],
        shipped=ngettext(
            "%(num)s order", "%(num)s orders", len({use.order_id for use in uses.items})
        ),
        uses_older_url=visit.here(cursor=uses.next) if uses.next else "",
        uses_newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
        movements=[
            {"at": row.occurred_at, "place": row.location.name,
             "from_bucket": word(BUCKETS, row.from_bucket),
             "to_bucket": word(BUCKETS, row.to_bucket), "quantity": row.qty,
             "reason": _reason(row.reason), "order": row.order, "receipt": row.receipt,
             "assembly": row.assembly}
            for row in movements.items
        ],
        movements_more=movements.next is not None,
        history=tell_history(history),
        actions=_actions(visit, lot),
    )  # fmt: skip


def _reason(code: str) -> str:
    return word(STOCK_REASONS if code in STOCK_REASONS else LEDGER_REASONS, code)


def _use(use: LotUseRow, lot: LotView, *, may_open: bool) -> dict[str, Any]:
    made = use.lot_id != lot.id
    return {
        "made": {"lot": use.lot, "sku": use.sku, "url": f"{LIST_URL}/{use.lot_id}"} if made else {},
        "number": use.number,
        "url": f"/orders/{use.number}" if may_open else "",
        "place": use.location.name,
        "customer": use.customer or "",
        "email": use.email or "",
        "in_hand": use.picked - use.shipped,
        "shipped": use.shipped,
        "returned": use.returned,
        "shipped_at": use.shipped_at,
    }


def _actions(visit: Visit, lot: LotView) -> list[Action]:
    if "inventory.write" not in visit.actor.permissions:
        return []
    url = f"{LIST_URL}/{lot.id}"
    block = Action("block", _("Block"), f"{url}/block", "ban", "dialog")
    free = Action("unblock", _("Unblock"), f"{url}/unblock", "play")
    edit = Action("edit", _("Correct"), f"{url}/edit", "pencil", "page")
    return [free if lot.state == "blocked" else block, edit]


def block_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    return _block_form(visit, [])


def _block_form(visit: Visit, faults: list[str]) -> Answer:
    with visit.reading() as tx:
        lot = read_lot(tx, _lot_id(visit))
    return visit.form_page(
        "lots/_block_form.html",
        faulty=bool(faults),
        url=visit.path,
        lot=lot,
        reason=visit.sent("reason"),
        faults=faults,
    )


def block(visit: Visit) -> Answer:
    """Nobody picks or ships it any more."""
    fields = {"lot_id": _lot_id(visit), "reason": visit.sent("reason")}
    if not fields["reason"]:
        return _block_form(visit, [_("Say why it is blocked.")])
    try:
        lot = visit.act(block_lot, convert(BlockLot, fields))
    except (InvalidInput, ActionNotAllowed) as problem:
        return _block_form(visit, fault_words(problem) or [problem.detail])
    text = _("%(lot)s is blocked. What lies on shelves is being set aside.", lot=lot.lot)
    return visit.done(text, _url(visit), go=True)


def unblock(visit: Visit) -> Answer:
    """It may be sold again."""
    try:
        lot = visit.act(unblock_lot, UnblockLot(lot_id=_lot_id(visit)))
    except ActionNotAllowed as problem:
        return visit.done(said(problem), _url(visit), go=True, tone="info")
    text = _("%(lot)s may be sold again. What was set aside is being put back.", lot=lot.lot)
    return visit.done(text, _url(visit), go=True)


def edit_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return show_form(visit, _form(read_lot(tx, _lot_id(visit))))


def edit(visit: Visit) -> Answer:
    """Correct what is said of a lot, or show all that is wrong."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        lot = read_lot(tx, _lot_id(visit))
    form = _form(lot)
    try:
        ask = read_form(visit, form) | {"lot_id": str(lot.id)}
        visit.act(change_lot, convert(ChangeLot, ask))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), _url(visit), go=True)


def _form(lot: LotView) -> Form:
    url = f"{LIST_URL}/{lot.id}"
    fields = [
        Field(name="expires_on", label=_("Last day"), kind="date", optional=True, blank="none",
              value=lot.expires_on.isoformat() if lot.expires_on else "",
              hint=_("The last day on which it may be used.")),
        Field(name="made_on", label=_("Made on"), kind="date", optional=True, blank="none",
              value=lot.made_on.isoformat() if lot.made_on else ""),
        Field(name="supplier_reference", label=_("Supplier’s reference"), optional=True,
              value=lot.supplier_reference),
    ]  # fmt: skip
    return Form(
        title=_("Correct %(lot)s", lot=lot.lot),
        url=f"{url}/edit",
        back_url=url,
        submit=_("Save changes"),
        sections=[Section(_("On the label"), fields)],
        crumbs=[(_("Inventory"), "/inventory"), (_("Lots"), LIST_URL), (lot.lot, url)],
        version=lot.version or None,
    )


_ONE = LIST_URL + "/{lot:str}"

ROUTES = [
    Route("GET", LIST_URL, show_lots),
    Route("GET", _ONE, show_lot),
    Route("GET", _ONE + "/block", block_form),
    Route("POST", _ONE + "/block", block),
    Route("POST", _ONE + "/unblock", unblock),
    Route("GET", _ONE + "/edit", edit_form),
    Route("POST", _ONE + "/edit", edit),
]
