"""Where lines of an order ship from, and until when they may wait: set by staff."""

from datetime import date
from typing import Any

from ordito.api.answers import Answer
from ordito.flows.change_delivery import change_delivery
from ordito.flows.pin_line import pin_line
from ordito.flows.set_deadlines import set_deadlines
from ordito.listings.order_types import LineView, OrderPage
from ordito.listings.places import read_names
from ordito.orders.asks import ChangeDelivery, PinLine, SetDeadlines
from ordito.platform.problems import ActionNotAllowed, InvalidInput
from ordito.platform.validation import convert
from ordito.web.pages.order_page import order_url, read_page, said
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

_ORDER = "/orders/{number:str}"


def _unshipped(page: OrderPage) -> list[LineView]:
    """Lines of which something is left to ship."""
    return [
        line
        for line in page.lines
        if line.ordered - line.cancelled - line.shipped - line.completed
        and line.item_kind in ("stocked", "kit")
    ]


def pin_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    page, _reader = read_page(visit)
    return _pin_form(visit, page, [])


def _pin_form(visit: Visit, page: OrderPage, faults: list[str]) -> Answer:
    lines = _unshipped(page)
    with visit.reading() as tx:
        names = read_names(tx)
    places = sorted(
        (
            Choice(place.code, place.name)
            for place in names.locations.values()
            if place.active and place.kind != "history" and visit.actor.sees_location(place.id)
        ),
        key=lambda choice: choice.label,
    )
    chosen = visit.sent("line") or (str(lines[0].line_no) if lines else "")
    pinned = {str(line.line_no): line.pinned_location or "" for line in lines}
    return visit.form_page(
        "orders/_pin_form.html",
        faulty=bool(faults),
        url=f"{order_url(visit)}/pin",
        number=page.number,
        faults=faults,
        lines=[Choice(str(line.line_no), _line_label(line)) for line in lines],
        line=chosen,
        places=places,
        place=visit.sent("location") if faults else pinned.get(chosen, ""),
        wait=bool(visit.sent("wait")),
    )


def _line_label(line: LineView) -> str:
    return _("%(title)s (%(sku)s)", title=line.title, sku=line.sku)


def pin(visit: Visit) -> Answer:
    """Ship a line from one location only, or let any serve it again."""
    page, reader = read_page(visit)
    line_no = visit.sent_number("line")
    if line_no is None:
        return _pin_form(visit, page, [_("Choose a line.")])
    location = visit.sent("location") or None
    fields: dict[str, Any] = {"order_id": page.id, "line_no": line_no, "location": location}
    try:
        visit.act(pin_line, convert(PinLine, fields | {"wait": bool(visit.sent("wait"))}))
    except (ActionNotAllowed, InvalidInput) as problem:
        return _pin_form(visit, page, said(problem))
    if location is None:
        return visit.done(_("Any location may serve the line again."), order_url(visit))
    name = reader.places.get(location, location)
    return visit.done(_("The line ships from %(place)s.", place=name), order_url(visit))


def deadlines_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    page, _reader = read_page(visit)
    return _deadlines_form(visit, page, [])


def _deadlines_form(visit: Visit, page: OrderPage, faults: list[str]) -> Answer:
    lines = [
        {
            "name": f"day-{line.line_no}",
            "label": _line_label(line),
            "value": visit.sent(f"day-{line.line_no}")
            if faults
            else (line.cancel_after.isoformat() if line.cancel_after else ""),
        }
        for line in _unshipped(page)
    ]
    return visit.form_page(
        "orders/_deadlines_form.html",
        faulty=bool(faults),
        url=f"{order_url(visit)}/deadlines",
        number=page.number,
        faults=faults,
        lines=lines,
        every=visit.sent("all"),
    )


def deadlines(visit: Visit) -> Answer:
    """Say until when lines may wait; an empty day takes the deadline away."""
    page, _reader = read_page(visit)
    days: dict[str, date | None] = {}
    for line in _unshipped(page):
        name = f"day-{line.line_no}"
        if name not in dict(visit.form):
            continue
        written = visit.sent("all") or visit.sent(name)
        try:
            days[str(line.line_no)] = date.fromisoformat(written) if written else None
        except ValueError:
            fault = _("“%(written)s” is no day.", written=written[:40])
            return _deadlines_form(visit, page, [fault])
    if not days:
        return _deadlines_form(visit, page, [_("Nothing is left that could wait.")])
    try:
        visit.act(set_deadlines, SetDeadlines(order_id=page.id, lines=days))
    except (ActionNotAllowed, InvalidInput) as problem:
        return _deadlines_form(visit, page, said(problem))
    return visit.done(_("The deadlines were saved."), order_url(visit))


def delivery_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    page, _reader = read_page(visit)
    return _delivery_form(visit, page, [])


def _delivery_form(visit: Visit, page: OrderPage, faults: list[str]) -> Answer:
    with visit.reading() as tx:
        names = read_names(tx)
    shops = sorted(
        (
            Choice(place.code, _("Collected at %(place)s", place=place.name))
            for place in names.locations.values()
            if place.active
            and place.can_pickup
            and place.kind != "history"
            and visit.actor.sees_location(place.id)
        ),
        key=lambda choice: choice.label,
    )
    collected = page.pickup_location if page.delivery == "pickup" else None
    now = collected.code if collected else ""
    return visit.form_page(
        "orders/_delivery_form.html",
        faulty=bool(faults),
        url=f"{order_url(visit)}/delivery",
        number=page.number,
        faults=faults,
        ways=[Choice("", _("Shipped to the customer")), *shops],
        way=visit.sent("location") if faults else now,
    )


def delivery(visit: Visit) -> Answer:
    """Have the order collected elsewhere, or shipped: the customer has agreed."""
    page, reader = read_page(visit)
    location = visit.sent("location") or None
    fields = {"order_id": page.id, "delivery": "pickup" if location else "ship"}
    try:
        visit.act(change_delivery, convert(ChangeDelivery, fields | {"location": location}))
    except (ActionNotAllowed, InvalidInput) as problem:
        return _delivery_form(visit, page, said(problem))
    if location is None:
        return visit.done(_("The order is shipped to the customer."), order_url(visit))
    name = reader.places.get(location, location)
    return visit.done(_("The customer collects it at %(place)s.", place=name), order_url(visit))


ROUTES = [
    Route("GET", _ORDER + "/delivery", delivery_form),
    Route("POST", _ORDER + "/delivery", delivery),
    Route("GET", _ORDER + "/pin", pin_form),
    Route("POST", _ORDER + "/pin", pin),
    Route("GET", _ORDER + "/deadlines", deadlines_form),
    Route("POST", _ORDER + "/deadlines", deadlines),
]
