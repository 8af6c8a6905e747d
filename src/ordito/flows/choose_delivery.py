"""A pick-up that its shop can't serve: the customer is asked, and what they choose is done."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from ordito.flows.cancel_order import cancel_order
from ordito.flows.change_delivery import change_delivery
from ordito.flows.delivery_options import DeliveryOption, find_options, is_to_be_chosen
from ordito.flows.opened_orders import OpenedOrder, look_at_orders, open_order, require_order
from ordito.flows.order_states import order_state
from ordito.flows.reference import reference
from ordito.flows.resource_order import search_unsourced
from ordito.orders.actions import refuse_order_action
from ordito.orders.asks import CancelOrder, ChangeDelivery, ChooseDelivery, OfferChoice
from ordito.orders.choices import decide_choice, find_choice, put_choice
from ordito.orders.events import ChoiceMade, ChoiceOffered
from ordito.orders.orders import ORDER
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput

REASON = "customer_request"


class DeliveryChoice(msgspec.Struct, frozen=True):
    """What a customer is asked, and what they could choose now.

    location: code of the shop that can't serve it, None where nobody is asked. options: also what
    staff could do then.
    """

    location: str | None
    cause: str
    offered_at: datetime | None
    expires_at: datetime | None
    options: tuple[DeliveryOption, ...]


@command(permission="orders.write")
def offer_choice(tx: Tx, ask: OfferChoice) -> OrderState:
    """Ask the customer what becomes of a pick-up that lacks units; refused where none lack.

    Who is asked already isn't asked again before the time is over.
    """
    opened = open_order(tx, ask.order_id, ask.version)
    if not is_to_be_chosen(opened):
        raise refuse_order_action(
            "There is nothing to choose: it is no pick-up, or its shop has everything.",
            opened.facts(),
        )
    known = find_choice(tx, ask.order_id)
    if known is not None and known.expires_at > tx.now:
        return order_state(tx, ask.order_id)
    order = opened.order
    assert order.pickup_location_id is not None, "a pick-up has a shop"
    hours = reference(tx).channels_by_id[order.channel_id].choice_hours
    cause = _find_cause(opened)
    expires_at = tx.now + timedelta(hours=hours)
    choice = put_choice(tx, order.id, order.pickup_location_id, cause, expires_at)
    shop = reference(tx).locations_by_id[order.pickup_location_id].code
    tx.emit(ORDER, order.id, ChoiceOffered(choice.choice_no, shop, cause, expires_at))
    return order_state(tx, ask.order_id)


def _find_cause(opened: OpenedOrder) -> str:
    """Why the shop can't: what became of the last work there."""
    last = max(opened.fos.values(), key=lambda fo: fo.fo_no, default=None)
    if last is None or last.state not in ("rejected", "short"):
        return "unsourced"
    return last.state


@command(permission="orders.write")
def choose_delivery(tx: Tx, ask: ChooseDelivery) -> OrderState:
    """Do what the customer chose, or what somebody chooses for them; once.

    Refused when it was chosen before, and when what is chosen is not to be had any more: nothing
    is changed then, and something else can be chosen.
    """
    opened = open_order(tx, ask.order_id, ask.version)
    choice = find_choice(tx, ask.order_id)
    by_customer = tx.actor.kind == "system"
    if choice is None or not is_to_be_chosen(opened):
        raise refuse_order_action("There is nothing left to choose.", opened.facts())
    if by_customer and choice.expires_at <= tx.now:
        raise refuse_order_action("The time to choose is over.", opened.facts())
    if (ask.choice == "pickup") != (ask.location is not None):
        detail = "Name the shop for “pickup”, and none otherwise."
        raise InvalidInput(
            "Nothing was changed.", errors=[Fault("/location", "shop-or-none", detail)]
        )
    _require_elsewhere(tx, opened, ask)
    if by_customer:
        _require_option(tx, opened, ask)
    location_id = _carry_out(tx, opened, ask)
    decide_choice(tx, ask.order_id, ask.choice, location_id)
    event = ChoiceMade(choice.choice_no, ask.choice, ask.location, by_customer)
    tx.emit(ORDER, ask.order_id, event)
    return order_state(tx, ask.order_id)


def _require_elsewhere(tx: Tx, opened: OpenedOrder, ask: ChooseDelivery) -> None:
    """The shop that can't serve it is no choice; raises InvalidInput."""
    place = reference(tx).locations.get(ask.location or "")
    if place is not None and place.id == opened.order.pickup_location_id:
        detail = f"{place.code} is the shop that can't serve it. Look for stock again instead."
        raise InvalidInput("Nothing was changed.", errors=[Fault("/location", "same", detail)])


def _require_option(tx: Tx, opened: OpenedOrder, ask: ChooseDelivery) -> None:
    """Customers choose among what they are shown: not a shop that said no, say."""
    options = find_options(tx, opened)
    if not any((o.choice, o.location) == (ask.choice, ask.location) for o in options):
        raise refuse_order_action("This can't be had any more.", opened.facts())


def _carry_out(tx: Tx, opened: OpenedOrder, ask: ChooseDelivery) -> UUID | None:
    """By the commands that staff have for it; the id of the shop that was chosen."""
    if ask.choice in ("pickup", "ship"):
        wanted = ChangeDelivery(
            order_id=ask.order_id,
            delivery="pickup" if ask.choice == "pickup" else "ship",
            location=ask.location,
        )
        change_delivery(tx, wanted)
        return reference(tx).locations[ask.location].id if ask.location else None
    missing = search_unsourced(opened, "asked").units
    lines = (
        {str(no): qty for no, qty in missing.items()} if ask.choice == "cancel_missing" else None
    )
    cancel_order(tx, CancelOrder(order_id=ask.order_id, reason=REASON, lines=lines))
    return None


def read_choice(tx: Tx, order_id: UUID) -> DeliveryChoice:
    """What the customer of an order is asked, and what could be chosen now; raises NotFound."""
    opened = require_order(tx, look_at_orders(tx, [order_id]), order_id)
    choice = find_choice(tx, order_id)
    options = tuple(find_options(tx, opened))
    if choice is None or not options:
        return DeliveryChoice(None, "", None, None, options)
    return DeliveryChoice(
        location=reference(tx).locations_by_id[choice.location_id].code,
        cause=choice.cause,
        offered_at=choice.offered_at,
        expires_at=choice.expires_at,
        options=options,
    )
