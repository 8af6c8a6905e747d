"""Acts on one fulfillment order, from the order page, the board and the pick-up desk."""

from typing import Any
from uuid import UUID

from ordito.api.answers import Answer
from ordito.flows.close_task import close_task
from ordito.flows.hand_over import close_not_collected, hand_over, make_ready
from ordito.flows.open_scheduled import open_early
from ordito.flows.pick_units import unpick_units
from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.flows.release_to_pick import release_fulfillment_orders, release_to_pick
from ordito.flows.ship_units import deliver_units, ship_units
from ordito.fulfillment.asks import (
    CloseNotCollected,
    CloseTask,
    DeliverUnits,
    HandOver,
    MakeReady,
    OpenEarly,
    RejectFulfillmentOrder,
    ReleaseManyToPick,
    ReleaseToPick,
    ShipUnits,
    UnpickUnits,
)
from ordito.fulfillment.problems import PickupCodeWrong
from ordito.listings.board import list_cards
from ordito.listings.partner_requests import RequestLine, read_requests
from ordito.listings.pick_list import PickList, read_pick_list
from ordito.listings.places import read_names
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound
from ordito.platform.validation import convert
from ordito.web.pages.order_page import order_id_of
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import REJECT_REASONS, choices

RELEASED_AT_ONCE = 200

CARRIERS = ("DHL", "DPD", "GLS", "InPost", "Royal Mail", "UPS", "FedEx", "PostNL", "La Poste")
"""What is suggested to write; any carrier can be named."""


def read_work(visit: Visit) -> PickList:
    """The fulfillment order of the path; raises NotFound."""
    order_id = order_id_of(visit)
    with visit.reading() as tx:
        return read_pick_list(tx, order_id, visit.number("fo"))


def _key(visit: Visit) -> dict[str, Any]:
    return {"order_id": order_id_of(visit), "fo_no": visit.number("fo")}


def _order_url(visit: Visit) -> str:
    return f"/orders/{visit.number('number')}"


def begin_early(visit: Visit) -> Answer:
    """Begin with what is scheduled for later."""
    visit.act(open_early, OpenEarly(**_key(visit)))
    return visit.done(_("It can be released to picking now."), _order_url(visit))


def release(visit: Visit) -> Answer:
    """Let the location begin."""
    visit.act(release_to_pick, ReleaseToPick(**_key(visit)))
    return visit.done(_("Released to picking."), _order_url(visit))


def unpick(visit: Visit) -> Answer:
    """Put everything back on the shelf."""
    visit.act(unpick_units, UnpickUnits(**_key(visit)))
    return visit.done(
        _("The units are back on the shelf, still for this order."), _order_url(visit)
    )


def deliver(visit: Visit) -> Answer:
    """All parcels that are under way arrived."""
    visit.act(deliver_units, DeliverUnits(**_key(visit)))
    return visit.done(_("Marked as delivered."), _order_url(visit))


def ready(visit: Visit) -> Answer:
    """The box waits for the customer."""
    visit.act(make_ready, MakeReady(**_key(visit)))
    return visit.done(_("Ready for pick-up. The customer is asked for a code."), _back(visit))


def _back(visit: Visit) -> str:
    """To the pick-up desk or the requests where the form was, else to the order."""
    referer = visit.headers.get(b"referer", b"").decode("latin-1")
    lists = ("/fulfillment/pickups", "/fulfillment/requests")
    return next((url for url in lists if url in referer), _order_url(visit))


def hand_over_form(visit: Visit) -> Answer:
    visit.require("fulfillment.write")
    return _hand_over_form(visit, [])


def _hand_over_form(visit: Visit, faults: list[str]) -> Answer:
    return visit.form_page(
        "fulfillment/_hand_over_form.html",
        faulty=bool(faults),
        url=visit.path,
        number=visit.number("number"),
        code=visit.sent("code"),
        id_checked=bool(visit.sent("id_checked")),
        faults=faults,
    )


def hand_over_units(visit: Visit) -> Answer:
    """The customer took the goods, with the code or an identity document."""
    fields = _key(visit) | {"id_checked": bool(visit.sent("id_checked"))}
    if visit.sent("code"):
        fields["code"] = visit.sent("code")
    try:
        visit.act(hand_over, convert(HandOver, fields))
    except PickupCodeWrong:
        return _hand_over_form(visit, [_("This is not the code that the customer was told.")])
    except (InvalidInput, ActionNotAllowed) as problem:
        return _hand_over_form(visit, fault_words(problem) or [problem_words(problem)])
    return visit.done(_("Handed over."), _back(visit))


def not_collected_form(visit: Visit) -> Answer:
    visit.require("fulfillment.write")
    work = read_work(visit)
    with visit.reading() as tx:
        channel = read_names(tx).channels[work.card.channel.id]
    return visit.form_page(
        "fulfillment/_not_collected_form.html",
        url=visit.path,
        number=visit.number("number"),
        kept=channel.uncollected == "keep",
    )


def not_collected(visit: Visit) -> Answer:
    """The customer did not come."""
    visit.act(close_not_collected, CloseNotCollected(**_key(visit)))
    return visit.done(_("Closed. The units are free again."), _back(visit))


def reject_form(visit: Visit) -> Answer:
    visit.require("fulfillment.write")
    return _reject_form(visit, [])


def _reject_form(visit: Visit, faults: list[str]) -> Answer:
    work = read_work(visit)
    return visit.form_page(
        "fulfillment/_reject_form.html",
        faulty=bool(faults),
        url=visit.path,
        number=work.card.number,
        location_name=work.location.name,
        reasons=choices(REJECT_REASONS),
        lines=_rejectable(visit),
        reason=visit.sent("reason"),
        faults=faults,
    )


def _rejectable(visit: Visit) -> list[RequestLine]:
    """The lines of a request, of which a partner may reject a part; none for other work."""
    with visit.reading() as tx:
        found = read_requests(tx, [(order_id_of(visit), visit.number("fo"))])
    return [line for request in found for line in request.lines]


def reject(visit: Visit) -> Answer:
    """The location says no; the units are looked for elsewhere."""
    if not visit.sent("reason"):
        return _reject_form(visit, [_("Choose a reason.")])
    fields = _key(visit) | {"reason": visit.sent("reason")}
    lines = {
        name.removeprefix("line-"): visit.sent_number(name) or 0
        for name, _text in visit.form
        if name.startswith("line-")
    }
    if lines:
        fields["lines"] = {no: units for no, units in lines.items() if units}
        if not fields["lines"]:
            return _reject_form(visit, [_("Choose at least one unit.")])
    try:
        visit.act(reject_fulfillment_order, convert(RejectFulfillmentOrder, fields))
    except (InvalidInput, ActionNotAllowed) as problem:
        return _reject_form(visit, fault_words(problem) or [problem.detail])
    return visit.done(_("Rejected. The units were looked for elsewhere."), _back(visit))


def ship_form(visit: Visit) -> Answer:
    visit.require("fulfillment.write")
    return _ship_form(visit, {})


def _ship_form(visit: Visit, faults: dict[str, list[str]]) -> Answer:
    work = read_work(visit)
    return visit.form_page(
        "fulfillment/_ship_form.html",
        faulty=bool(faults),
        url=visit.path,
        number=work.card.number,
        units=work.card.packed - work.card.shipped,
        **parcel_fields(visit, faults),
    )


def parcel_fields(visit: Visit, faults: dict[str, list[str]]) -> dict[str, Any]:
    """What the form of a parcel shows: what was typed before, and what was wrong with it."""
    return {
        "parcel": {
            "carriers": [Choice(name, name) for name in CARRIERS],
            "carrier": visit.sent("carrier"),
            "service": visit.sent("service"),
            "weight_g": visit.sent("weight_g"),
            "tracking_number": visit.sent("tracking_number"),
            "faults": faults,
        }
    }


def read_parcel(visit: Visit) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The parcel's fields as an ask has them, and the faults by field."""
    faults: dict[str, list[str]] = {}
    fields: dict[str, Any] = {
        "carrier": visit.sent("carrier"),
        "service": visit.sent("service"),
        "tracking_number": visit.sent("tracking_number"),
    }
    if not fields["carrier"]:
        faults["carrier"] = [_("Name the carrier.")]
    if visit.sent("weight_g"):
        weight = visit.sent_number("weight_g")
        if weight is None or weight < 1:
            faults["weight_g"] = [_("Give the weight in whole grams.")]
        else:
            fields["weight_g"] = weight
    return fields, faults


def ship(visit: Visit) -> Answer:
    """What is packed leaves as a parcel."""
    fields, faults = read_parcel(visit)
    if faults:
        return _ship_form(visit, faults)
    try:
        visit.act(ship_units, convert(ShipUnits, _key(visit) | fields))
    except (InvalidInput, ActionNotAllowed) as problem:
        return _ship_form(visit, {"carrier": fault_words(problem) or [problem_words(problem)]})
    return visit.done(_("The parcel is on its way."), _order_url(visit))


def release_many(visit: Visit) -> Answer:
    """Release what is open at a location, the most urgent first."""
    visit.require("fulfillment.write")
    location = visit.asked("location")
    with visit.reading() as tx:
        cards = list_cards(tx, location, "open", limit=RELEASED_AT_ONCE).items
    asks = tuple(
        ReleaseToPick(order_id=card.order_id, fo_no=card.fo_no)
        for card in cards
        if "release" in card.allowed_actions
    )
    url = f"/fulfillment?location={location}"
    if not asks:
        return visit.done(_("Nothing is left to release."), url, tone="info")
    outcome = visit.act(release_fulfillment_orders, ReleaseManyToPick(asks=asks))
    done = sum(1 for item in outcome.items if item.problem is None)
    text = ngettext(
        "%(num)s order released to picking.", "%(num)s orders released to picking.", done
    )
    return visit.done(text, url)


def close(visit: Visit) -> Answer:
    """A task was done."""
    try:
        task_id = UUID(visit.params["task"])
    except ValueError:
        raise NotFound("There is no such task.") from None
    visit.act(close_task, CloseTask(task_id=task_id))
    return visit.done(_("Done."), "/fulfillment/tasks", go=True)
