"""Adjusting, receiving, counting and setting aside an item's stock by forms."""

from typing import Any

from ordito.api.answers import Answer
from ordito.flows.adjust_stock import adjust_stock, move_stock
from ordito.flows.count_stock import count_stock
from ordito.flows.receive_stock import receive_stock
from ordito.inventory.asks import AdjustStock, CountStock, MoveStock, ReceiveStock
from ordito.listings.item_stock import read_item_stock
from ordito.listings.lots import LotFilter, list_lots
from ordito.listings.places import read_names
from ordito.platform.problems import Problem
from ordito.platform.validation import convert
from ordito.web.lot_lines import read_lot_lines, write_lot_lines
from ordito.web.pages.inventory import item_id_of
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.readers import seen_places
from ordito.web.reason_words import difference_choices, move_choices
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import BUCKETS, word

LOTS_MAX = 200
"""Lots that a form to count an item is filled with."""
SHELF = ("available", "quality_control", "damaged", "safety")


def _form(visit: Visit, template: str, faults: dict[str, list[str]], **more: Any) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        stock = read_item_stock(tx, item_id_of(visit))
        places = seen_places(read_names(tx), visit.actor)
    first = visit.view().scope.location
    held = next((c.location.code for c in stock.cells if c.on_hand), "")
    location = visit.sent("location") or visit.asked("location") or first or held
    on_hand = {cell.location.code: cell.on_hand for cell in stock.cells}
    return visit.form_page(
        template,
        faulty=bool(faults),
        url=visit.path,
        title=f"{stock.item.sku} · {stock.item.name}",
        locations=[
            Choice(p.value, _("%(name)s (%(n)s on hand)", name=p.label, n=on_hand.get(p.value, 0)))
            for p in places
        ],
        location=location,
        quantity=visit.sent("quantity"),
        words=visit.sent("words"),
        faults=faults,
        tracking=stock.item.tracking,
        expires=stock.item.expires,
        **({"lots": visit.sent("lots")} | more),
    )


def _read_lots(
    visit: Visit, quantity: int, *, units: str = "quantity"
) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """The lots that were typed, as an ask has them, and the faults of the form."""
    lots, faults = read_lot_lines(visit.sent("lots"), whole=abs(quantity), units=units)
    return lots, {"lots": faults} if faults else {}


def adjust_form(visit: Visit) -> Answer:
    return _adjust_form(visit, {})


def _adjust_form(visit: Visit, faults: dict[str, list[str]]) -> Answer:
    with visit.reading() as tx:
        reasons = difference_choices(tx)
    reason = visit.sent("reason", "correction")
    return _form(
        visit,
        "inventory/_adjust_form.html",
        faults,
        reasons=reasons,
        reason=reason,
        buckets=_buckets(),
        bucket=visit.sent("bucket", "available"),
    )


def _buckets() -> list[Choice]:
    """Where units lie on hand, but for those that are promised or in somebody's hands."""
    return [Choice(name, word(BUCKETS, name)) for name in SHELF]


def move_form(visit: Visit) -> Answer:
    """Units are set aside, or released for sale."""
    return _move_form(visit, {})


def _move_form(visit: Visit, faults: dict[str, list[str]]) -> Answer:
    with visit.reading() as tx:
        reasons = move_choices(tx)
    return _form(
        visit,
        "inventory/_move_form.html",
        faults,
        reasons=reasons,
        reason=visit.sent("reason"),
        buckets=_buckets(),
        from_bucket=visit.sent("from_bucket", "available"),
        to_bucket=visit.sent("to_bucket") or visit.asked("to_bucket", "quality_control"),
    )


def move(visit: Visit) -> Answer:
    """Set units aside as damaged, to be checked or for safety, or release them for sale."""
    visit.require("inventory.write")
    quantity = visit.sent_number("quantity")
    if quantity is None or quantity < 1:
        return _move_form(visit, {"quantity": [_("Say how many.")]})
    lots, faults = _read_lots(visit, quantity)
    if faults:
        return _move_form(visit, faults)
    line = {
        "sku": _read_sku(visit),
        "quantity": quantity,
        "from_bucket": visit.sent("from_bucket"),
        "to_bucket": visit.sent("to_bucket"),
        "lots": lots,
    }
    ask = {"location": visit.sent("location"), "lines": [line], "note": visit.sent("words")[:500]}
    if visit.sent("reason"):
        ask["reason"] = visit.sent("reason")
    try:
        changed = visit.act(move_stock, convert(MoveStock, ask))
    except Problem as problem:
        return _move_form(visit, {"": _said(problem)})
    return _done(visit, _("Moved. %(n)s are free now.", n=changed.lines[0].available))


def adjust(visit: Visit) -> Answer:
    """Book a difference with its reason."""
    quantity = visit.sent_number("quantity")
    if not quantity:
        fault = _("Say how many, such as 3, or −2 to take two away.")
        return _adjust_form(visit, {"quantity": [fault]})
    lots, faults = _read_lots(visit, quantity)
    if faults:
        return _adjust_form(visit, faults)
    bucket = visit.sent("bucket", "available")
    line = {"sku": _read_sku(visit), "quantity": quantity, "bucket": bucket, "lots": lots}
    ask = {
        "location": visit.sent("location"),
        "reason": visit.sent("reason", "correction"),
        "lines": [line],
        "note": visit.sent("words")[:500],
    }
    try:
        changed = visit.act(adjust_stock, convert(AdjustStock, ask))
    except Problem as problem:
        return _adjust_form(visit, {"": _said(problem)})
    return _done(visit, _("Booked. %(n)s are on hand now.", n=changed.lines[0].on_hand))


def receive_form(visit: Visit) -> Answer:
    return _form(visit, "inventory/_receive_form.html", {}, reference=visit.sent("reference"))


def receive(visit: Visit) -> Answer:
    """Units came in from a supplier."""
    quantity = visit.sent_number("quantity")
    reference = visit.sent("reference")
    if quantity is None or quantity < 1:
        faults = {"quantity": [_("Say how many came in.")]}
        return _form(visit, "inventory/_receive_form.html", faults, reference=reference)
    lots, faults = _read_lots(visit, quantity)
    if faults:
        return _form(visit, "inventory/_receive_form.html", faults, reference=reference)
    ask = {
        "location": visit.sent("location"),
        "lines": [{"sku": _read_sku(visit), "quantity": quantity, "lots": lots}],
        "reference": reference,
    }
    try:
        changed = visit.act(receive_stock, convert(ReceiveStock, ask))
    except Problem as problem:
        faults = {"": _said(problem)}
        return _form(visit, "inventory/_receive_form.html", faults, reference=reference)
    return _done(visit, _("Received. %(n)s are on hand now.", n=changed.lines[0].on_hand))


def count_form(visit: Visit) -> Answer:
    return _form(visit, "inventory/_count_form.html", {}, lots=_lots_on_record(visit))


def _lots_on_record(visit: Visit) -> str:
    """The lots that should be there, to be corrected to what is; "" where the item has none."""
    with visit.reading() as tx:
        stock = read_item_stock(tx, item_id_of(visit))
        if stock.item.tracking == "none":
            return ""
        first = visit.asked("location") or visit.view().scope.location
        location = first or next((c.location.code for c in stock.cells if c.on_hand), None)
        wanted = LotFilter(item_id=stock.item.id, location=location, in_stock=True)
        page = list_lots(tx, wanted, limit=LOTS_MAX)
    return write_lot_lines([(lot.lot, lot.on_hand, None) for lot in page.items if lot.on_hand])


def count(visit: Visit) -> Answer:
    """All units of the item at a location were counted."""
    counted = visit.sent_number("quantity")
    if counted is None or counted < 0:
        faults = {"quantity": [_("Say how many you counted; 0 if there are none.")]}
        return _form(visit, "inventory/_count_form.html", faults)
    lots, faults = _read_lots(visit, counted, units="counted")
    if faults:
        return _form(visit, "inventory/_count_form.html", faults)
    line = {"sku": _read_sku(visit), "counted": counted, "expected": None, "lots": lots}
    ask = {
        "location": visit.sent("location"),
        "lines": [line],
        "note": visit.sent("words")[:500],
    }
    try:
        outcome = visit.act(count_stock, convert(CountStock, ask))
    except Problem as problem:
        return _form(visit, "inventory/_count_form.html", {"": _said(problem)})
    text = _("Counted. %(n)s are free now.", n=outcome.lines[0].available)
    if outcome.shortened:
        text += " " + ngettext(
            "%(num)s order lost units and was looked for elsewhere.",
            "%(num)s orders lost units and were looked for elsewhere.",
            len(outcome.shortened),
        )
    return _done(visit, text)


def _read_sku(visit: Visit) -> str:
    with visit.reading() as tx:
        return read_item_stock(tx, item_id_of(visit)).item.sku


def _done(visit: Visit, text: str) -> Answer:
    return visit.done(text, f"/inventory/{item_id_of(visit)}", go=True)


def _said(problem: Problem) -> list[str]:
    return fault_words(problem) or [problem_words(problem)]
