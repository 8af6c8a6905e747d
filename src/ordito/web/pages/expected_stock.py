"""Expected receipts: what suppliers will bring, the forms, and what became of each."""

from datetime import date
from typing import Any
from uuid import UUID

from ordito.api.answers import Answer
from ordito.catalog.tracked_items import read_tracked
from ordito.flows.expect_stock import (
    UNSEEN,
    change_expected,
    close_expected,
    expect_stock,
    read_expected_state,
    receive_expected,
    tell_expected,
)
from ordito.inventory.expected import list_ended, list_expected
from ordito.inventory.expected_asks import (
    ChangeExpected,
    CloseExpected,
    ExpectedStock,
    ExpectReceipt,
    ReceiveExpected,
)
from ordito.listings.histories import list_history
from ordito.listings.places import find_place, read_names
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.actions import Action
from ordito.web.edit_forms import Field, Form, Section, read_form, show_form, tell_faults
from ordito.web.histories import tell_history
from ordito.web.lot_lines import ask_for_lots, read_lot_lines
from ordito.web.pages.order_rows import midday
from ordito.web.problem_pages import fault_words
from ordito.web.readers import seen_places
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

LIST_URL = "/inventory/expected"
PAGE = 50
HISTORY = 50


def show_list(visit: Visit) -> Answer:
    """What is to come, soonest first; or what has come and what never did."""
    visit.require("inventory.read")
    ended = visit.asked("view") == "ended"
    with visit.reading() as tx:
        rows = _read_rows(visit, tx, ended=ended)
        told = tell_expected(tx, rows[:PAGE])
        places = {place.code: place.name for place in read_names(tx).locations.values()}
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    cursor = "" if last is None else f"{'' if ended else last.expected_on}~{last.id}"
    return visit.page(
        "inventory/expected.html",
        views=[
            {"label": label, "url": url, "current": current, "count": None, "act": False}
            for label, url, current in (
                (_("To come"), LIST_URL, not ended),
                (_("Done"), f"{LIST_URL}?view=ended", ended),
            )
        ],
        rows=[_row(one, places) for one in told],
        ended=ended,
        may_write="inventory.write" in visit.actor.permissions,
        older_url=visit.here(cursor=cursor) if cursor else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )


def _read_rows(visit: Visit, tx: Tx, *, ended: bool) -> list[Any]:
    code = visit.view().scope.location
    seen = visit.actor.location_ids
    places = None if seen is None else sorted(seen)
    if code:
        places = [find_place(tx, read_names(tx), code).id]
    day, _sign, id_ = visit.asked("cursor").partition("~")
    try:
        before = UUID(id_) if id_ else None
        after = (date.fromisoformat(day), UUID(id_)) if day else None
    except ValueError:
        before, after = None, None
    if ended:
        return list_ended(tx, location_ids=places, before=before, limit=PAGE + 1)
    return list_expected(tx, location_ids=places, after=after, limit=PAGE + 1)


def _row(one: ExpectedStock, places: dict[str, str]) -> dict[str, Any]:
    """See templates/inventory/expected.html."""
    return {
        "url": f"{LIST_URL}/{one.id}",
        "sku": one.sku,
        "name": one.name,
        "item_url": f"/inventory/{one.item_id}",
        "place": places[one.location],
        "state": "overdue" if one.overdue else one.state,
        "qty": one.qty,
        "received": one.received,
        "open": one.open,
        "over": one.over,
        "expected_at": midday(one.expected_on),
        "reference": one.reference,
        "ended_at": one.ended_at,
    }


def _find(visit: Visit, tx: Tx) -> ExpectedStock:
    try:
        expected_id = UUID(visit.params["expected"])
    except ValueError:
        raise NotFound(UNSEEN) from None
    return read_expected_state(tx, expected_id)


def show_one(visit: Visit) -> Answer:
    """One of them, with what happened to it."""
    visit.require("inventory.read")
    with visit.reading() as tx:
        one = _find(visit, tx)
        places = {place.code: place.name for place in read_names(tx).locations.values()}
        history = list_history(tx, one.id, limit=HISTORY)
    url = f"{LIST_URL}/{one.id}"
    offered = [
        Action("receive", _("Receive"), f"{url}/receive", "package-check", "page"),
        Action("change", _("Change"), f"{url}/edit", "pencil", "page"),
        Action("close", _("Nothing more comes"), f"{url}/close", "package-x", "dialog"),
    ]
    return visit.page(
        "inventory/expected_one.html",
        one=one,
        row=_row(one, places),
        actions=[action for action in offered if action.code in one.allowed_actions],
        history=tell_history(history, places | {str(one.item_id): one.sku}),
    )


def new_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return show_form(visit, _form(visit, tx, None))


def create(visit: Visit) -> Answer:
    """Expect units, or show all that is wrong."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        form = _form(visit, tx, None)
    try:
        ask = convert(ExpectReceipt, read_form(visit, form), strict=False)
        made = visit.act(expect_stock, ask)
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    text = ngettext("%(num)s unit is expected.", "%(num)s units are expected.", made.qty)
    return visit.done(text, f"{LIST_URL}/{made.id}", go=True)


def edit_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return show_form(visit, _form(visit, tx, _find(visit, tx)))


def edit(visit: Visit) -> Answer:
    """Another day, quantity or reference, or all that is wrong with it."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        one = _find(visit, tx)
        form = _form(visit, tx, one)
    try:
        ask = read_form(visit, form) | {"expected_id": str(one.id)}
        visit.act(change_expected, convert(ChangeExpected, ask, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"{LIST_URL}/{one.id}", go=True)


def _form(visit: Visit, tx: Tx, one: ExpectedStock | None) -> Form:
    names = read_names(tx)
    open_ = {p.code for p in names.locations.values() if p.active and p.kind != "history"}
    choices = [c for c in seen_places(names, visit.actor) if c.value in open_ or one]
    url = f"{LIST_URL}/{one.id}" if one else LIST_URL
    return Form(
        title=_("Change what is expected") if one else _("Expect a receipt"),
        url=f"{url}/edit" if one else f"{url}/new",
        back_url=url,
        submit=_("Save changes") if one else _("Expect it"),
        crumbs=[(_("Inventory"), "/inventory"), (_("Expected"), LIST_URL)],
        version=one.version if one else None,
        sections=[
            Section(
                _("What"),
                [
                    Field(name="sku", label=_("SKU"), fixed=one is not None,
                          value=one.sku if one else visit.asked("sku")),
                    Field(name="quantity", label=_("Units"), kind="number", minimum=1,
                          value=str(one.qty) if one else "",
                          hint=_("All of it, with what has come already.") if one else ""),
                    Field(name="location", label=_("Location"), kind="select",
                          fixed=one is not None,
                          choices=[Choice("", _("Choose a location")), *choices],
                          value=one.location if one else visit.view().scope.location),
                ],
                hint=_("They count as incoming until they are received."),
            ),
            Section(
                _("When"),
                [
                    Field(name="expected_on", label=_("Expected on"), kind="date",
                          value=one.expected_on.isoformat() if one else "",
                          hint=_("Orders that wait for it are promised it from that day.")),
                    Field(name="reference", label=_("Reference"), optional=True,
                          value=one.reference if one else "",
                          hint=_("Such as the number of your purchase.")),
                ],
            ),
        ],
    )  # fmt: skip


def receive_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return show_form(visit, _receive_form(tx, _find(visit, tx)))


def receive(visit: Visit) -> Answer:
    """Book what came, or show all that is wrong."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        one = _find(visit, tx)
        form = _receive_form(tx, one)
    ask = read_form(visit, form) | {"expected_id": str(one.id)}
    if not _read_lots(form, ask):
        return show_form(visit, form)
    try:
        now = visit.act(receive_expected, convert(ReceiveExpected, ask, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    count = now.received - one.received
    text = ngettext("%(num)s unit was received.", "%(num)s units were received.", count)
    return visit.done(text, f"{LIST_URL}/{one.id}", go=True)


def _read_lots(form: Form, ask: dict[str, Any]) -> bool:
    """Put the lots that were typed in place of their texts; False when some can't be read."""
    for field in form.fields:
        units = _UNITS_OF.get(field.name)
        if units is not None:
            count = ask[units]
            whole = int(count) if count.isascii() and count.isdigit() else None
            ask[field.name], field.faults = read_lot_lines(ask[field.name], whole=whole)
    return not any(field.faults for field in form.fields)


_UNITS_OF = {"lots": "quantity", "damaged_lots": "damaged"}
"""Field of lots → of the units that they are."""


def _receive_form(tx: Tx, one: ExpectedStock) -> Form:
    url = f"{LIST_URL}/{one.id}"
    tracked = read_tracked(tx, [one.item_id]).get(str(one.item_id))
    came = [
        Field(name="quantity", label=_("Fit for sale"), kind="number", minimum=0,
              value=str(one.open)),
        Field(name="damaged", label=_("Damaged, beside them"), kind="number", minimum=0,
              value="0"),
    ]  # fmt: skip
    if tracked is not None:
        label, hint = ask_for_lots(tracked)
        which = _("Which of them are damaged")
        came.insert(1, Field(name="lots", label=label, kind="area", hint=hint))
        came.append(Field(name="damaged_lots", label=which, kind="area", optional=True))
    return Form(
        title=_("Receive %(sku)s", sku=one.sku),
        url=f"{url}/receive",
        back_url=url,
        submit=_("Book what came"),
        crumbs=[(_("Inventory"), "/inventory"), (_("Expected"), LIST_URL), (one.sku, url)],
        note=_("%(n)s more are expected. If more came, say so; it is booked too.", n=one.open),
        version=one.version,
        sections=[
            Section(
                _("What came"),
                [
                    *came,
                    Field(name="last", label=_("Nothing more of it comes"), kind="check"),
                    Field(name="reference", label=_("Delivery note"), optional=True,
                          value=one.reference),
                ],
            )
        ],
    )  # fmt: skip


def close_form(visit: Visit) -> Answer:
    """What would not be expected any more, before it is so."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        return _close_form(visit, _find(visit, tx), [])


def _close_form(visit: Visit, one: ExpectedStock, faults: list[str]) -> Answer:
    return visit.form_page(
        "inventory/_close_expected_form.html",
        faulty=bool(faults),
        url=f"{LIST_URL}/{one.id}/close",
        one=one,
        words=visit.sent("words"),
        faults=faults,
    )


def close(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        one = _find(visit, tx)
    ask = CloseExpected(expected_id=one.id, note=visit.sent("words")[:500])
    try:
        visit.act(close_expected, ask)
    except Problem as problem:
        return _close_form(visit, one, fault_words(problem) or [problem.detail])
    text = _("Closed. What was promised of it moves on.")
    return visit.done(text, f"{LIST_URL}/{one.id}", go=True)


_ONE = LIST_URL + "/{expected:str}"

ROUTES = [
    Route("GET", LIST_URL, show_list),
    Route("GET", LIST_URL + "/new", new_form),
    Route("POST", LIST_URL + "/new", create),
    Route("GET", _ONE, show_one),
    Route("GET", _ONE + "/edit", edit_form),
    Route("POST", _ONE + "/edit", edit),
    Route("GET", _ONE + "/receive", receive_form),
    Route("POST", _ONE + "/receive", receive),
    Route("GET", _ONE + "/close", close_form),
    Route("POST", _ONE + "/close", close),
]
