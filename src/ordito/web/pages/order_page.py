"""The order page, and everything that can be done on it."""

from urllib.parse import parse_qsl
from uuid import UUID

from ordito.api.answers import Answer
from ordito.flows.annotate_order import add_note, mark_order, see_mentions
from ordito.flows.assign_order import assign_order
from ordito.flows.complete_service import complete_service
from ordito.flows.hold_order import hold_order, release_hold
from ordito.flows.resource_order import source_order
from ordito.flows.tag_order import tag_order
from ordito.listings.order_page import read_order_page
from ordito.listings.order_rows import find_order_id
from ordito.listings.order_types import OrderPage
from ordito.listings.orders_list import find_neighbours
from ordito.listings.places import read_names
from ordito.orders.asks import (
    AddNote,
    AssignOrder,
    CompleteService,
    HoldOrder,
    MarkOrder,
    OwnedHold,
    ReleaseHold,
    SeeMentions,
    SourceOrder,
    TagOrder,
)
from ordito.orders.states import OrderState
from ordito.platform.accounts import list_assignable
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound, Problem
from ordito.platform.validation import convert
from ordito.sourcing.stored_tariffs import read_tariff_names
from ordito.web.pages.offered_choices import add_choice
from ordito.web.pages.order_actions import Reader
from ordito.web.pages.order_list_asks import read_list_ask, sort_fields
from ordito.web.pages.order_mails import add_mails, read_mails, with_letters
from ordito.web.pages.order_rows import order_address
from ordito.web.pages.order_view import TIMELINE_VIEWS, show_order
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext, reader_words
from ordito.web.view_context import Choice
from ordito.web.visits import Visit, own_path
from ordito.web.words import HOLD_REASONS, choices


def show(visit: Visit) -> Answer:
    """The order with its fulfillment, money and past."""
    page, reader = read_page(visit)
    mails = read_mails(visit, page)
    context = show_order(with_letters(page, mails), reader)
    add_mails(visit, page, mails, context)
    add_choice(visit, page, context)
    context |= _list_around(visit, page.id)
    if visit.by_script:
        return visit.fragment("orders/_order.html", **context)
    return visit.page("orders/show.html", **context)


def _list_around(visit: Visit, order_id: UUID) -> dict[str, str]:
    """Where the list that the order was opened from goes on, and the way back to it."""
    kept = visit.asked("list")
    if not kept or "orders.read" not in visit.actor.permissions:
        return {"previous_url": "", "next_url": "", "list_url": "/orders"}
    with visit.reading() as tx:
        asked = read_list_ask(visit, tx, parse_qsl(kept))
        found = find_neighbours(tx, asked.read(visit), order_id, **sort_fields(asked))
    return {
        "previous_url": order_address(found.previous, kept) if found.previous else "",
        "next_url": order_address(found.next, kept) if found.next else "",
        "list_url": f"/orders?{kept}",
    }


def read_page(visit: Visit) -> tuple[OrderPage, Reader]:
    """The order of the path as the reader may see it; raises NotFound."""
    visit.require_any("orders.read", "fulfillment.read")
    with visit.reading() as tx:
        page = read_order_page(tx, visit.number("number"), reader_words())
        places = {place.code: place.name for place in read_names(tx).locations.values()}
        today = tx.now.date()
        promises = [work.promise for work in page.fulfillment_orders if work.promise]
        named = any(promise.tariff for promise in promises)
        services = read_tariff_names(tx) if named else {}
    timeline = visit.asked("timeline", "all")
    if timeline not in TIMELINE_VIEWS:
        timeline = "all"
    kept, permissions = visit.asked("list"), visit.actor.permissions
    return page, Reader(permissions, today, timeline, places, kept, services)


def order_id_of(visit: Visit) -> UUID:
    """The id of the order of the path; raises NotFound."""
    with visit.reading() as tx:
        found = find_order_id(tx, visit.number("number"))
    if found is None:
        raise NotFound("There is no such order, or it is none of those you see.")
    return found


def order_url(visit: Visit) -> str:
    return f"/orders/{visit.number('number')}"


def note(visit: Visit) -> Answer:
    """Leave a note for colleagues."""
    text = visit.sent("text")
    if not text:
        raise InvalidInput(_("The note is empty. Write something first."))
    visit.act(add_note, convert(AddNote, {"order_id": order_id_of(visit), "body": text}))
    return visit.done(_("Note added."), order_url(visit))


def see_notes(visit: Visit) -> Answer:
    """The reader has seen the notes that name them."""
    visit.act(see_mentions, SeeMentions(order_id=order_id_of(visit)))
    return visit.done(_("Marked as seen."), "/home", go=True)


def hold_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    return _hold_form(visit, [])


def _hold_form(visit: Visit, faults: list[str]) -> Answer:
    reasons = [c for c in choices(HOLD_REASONS) if c.value not in ("address", "fraud", "payment")]
    return visit.form_page(
        "orders/_hold_form.html",
        faulty=bool(faults),
        url=f"{order_url(visit)}/hold",
        number=visit.number("number"),
        reasons=reasons,
        reason=visit.sent("reason"),
        words=visit.sent("words"),
        faults=faults,
    )


def hold(visit: Visit) -> Answer:
    """Put the order on hold."""
    if not visit.sent("reason"):
        return _hold_form(visit, [_("Choose a reason.")])
    kept = OwnedHold(reason=visit.sent("reason"), note=visit.sent("words")[:500])
    try:
        visit.act(hold_order, HoldOrder(order_id=order_id_of(visit), holds=(kept,)))
    except (ActionNotAllowed, InvalidInput) as problem:
        return _hold_form(visit, said(problem))
    undo = f"{order_url(visit)}/release-hold"
    return visit.done(_("The order is on hold."), order_url(visit), undo_url=undo)


def release_holds(visit: Visit) -> Answer:
    """Let go of one hold, or of all."""
    chosen = visit.asked("hold")
    nos = (int(chosen),) if chosen.isdigit() and len(chosen) < 9 else None
    visit.act(release_hold, ReleaseHold(order_id=order_id_of(visit), hold_nos=nos))
    return visit.done(_("The hold was released."), order_url(visit))


def source(visit: Visit) -> Answer:
    """Look for stock again."""
    state = visit.act(source_order, SourceOrder(order_id=order_id_of(visit)))
    left = sum(line.open + line.backordered for line in state.lines)
    if left:
        text = ngettext(
            "%(num)s unit still waits for stock.", "%(num)s units still wait for stock.", left
        )
        return visit.done(text, order_url(visit), tone="attention")
    return visit.done(_("Stock was found for everything."), order_url(visit))


def complete(visit: Visit) -> Answer:
    """Services were rendered."""
    visit.act(complete_service, CompleteService(order_id=order_id_of(visit)))
    return visit.done(_("The services are done."), order_url(visit))


def tags_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    page, _reader = read_page(visit)
    return _tags_form(visit, ", ".join(page.tags), [])


def _tags_form(visit: Visit, value: str, faults: list[str]) -> Answer:
    return visit.form_page(
        "orders/_tags_form.html",
        faulty=bool(faults),
        url=f"{order_url(visit)}/tags",
        number=visit.number("number"),
        value=value,
        faults=faults,
    )


def tags(visit: Visit) -> Answer:
    """The order has these tags from now on."""
    page, _reader = read_page(visit)
    text = visit.sent("tags")
    wanted = list(dict.fromkeys(tag.strip() for tag in text.split(",") if tag.strip()))
    add = [tag for tag in wanted if tag not in page.tags]
    remove = [tag for tag in page.tags if tag not in wanted]
    if not add and not remove:
        return visit.done(_("The tags are as they were."), order_url(visit), tone="info")
    try:
        ask = convert(TagOrder, {"order_id": page.id, "add": add, "remove": remove})
        visit.act(tag_order, ask)
    except InvalidInput as problem:
        return _tags_form(visit, text, said(problem))
    return visit.done(_("The tags were changed."), order_url(visit))


def assign_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    page, _reader = read_page(visit)
    with visit.reading() as tx:
        people = [Choice(str(user.id), user.name) for user in list_assignable(tx)]
    return visit.form_page(
        "orders/_assign_form.html",
        url=f"{order_url(visit)}/assign",
        number=visit.number("number"),
        people=people,
        value=str(page.assignee.id if page.assignee else visit.actor.id),
    )


def assign(visit: Visit) -> Answer:
    """Somebody looks after the order, or nobody."""
    ask = {"order_id": order_id_of(visit), "user_id": visit.sent("user_id") or None}
    visit.act(assign_order, convert(AssignOrder, ask))
    done = _("The order was assigned.") if ask["user_id"] else _("Nobody has the order now.")
    back = own_path(visit.asked("back"), "")
    return visit.done(done, back or order_url(visit), go=bool(back))


def mark_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    page, _reader = read_page(visit)
    return _mark_form(visit, page.kind, page.code or "", [])


def _mark_form(visit: Visit, kind: str, code: str, faults: list[str]) -> Answer:
    return visit.form_page(
        "orders/_mark_form.html",
        faulty=bool(faults),
        url=f"{order_url(visit)}/mark",
        number=visit.number("number"),
        kind=kind,
        code=code,
        faults=faults,
    )


def mark(visit: Visit) -> Answer:
    """Give the order a kind and a special code, or take the code away."""
    kind, code = visit.sent("kind"), visit.sent("code")
    try:
        ask = convert(
            MarkOrder, {"order_id": order_id_of(visit), "kind": kind, "code": code or None}
        )
        visit.act(mark_order, ask)
    except InvalidInput as problem:
        return _mark_form(visit, kind, code, said(problem))
    return visit.done(_("The order was marked."), order_url(visit))


def said(problem: Problem) -> list[str]:
    return fault_words(problem) or [problem_words(problem)]


def state_of(state: OrderState, fo_no: int) -> str:
    """The state of a fulfillment order in a command's answer."""
    return next(
        (part.state for part in state.fulfillment_orders if part.id.endswith(f".{fo_no}")), ""
    )
