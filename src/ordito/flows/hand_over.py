"""Pick-up in a store: made ready and told, then handed over, or not collected in time."""

import contextlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from ordito.flows.cancel_order import Cut, cancel_units
from ordito.flows.opened_orders import OpenedOrder
from ordito.flows.opened_work import OpenedWork, open_work
from ordito.flows.order_changes import OrderChanges
from ordito.flows.reference import reference
from ordito.fulfillment.asks import CloseNotCollected, HandOver, MakeReady
from ordito.fulfillment.fulfillment_orders import Uncollected, find_uncollected
from ordito.fulfillment.problems import PickupCodeWrong
from ordito.fulfillment.types import FulfillmentOrder
from ordito.locations.types import Location
from ordito.orders.events import PickupNotCollected, PickupReady, UnitsHandedOver
from ordito.orders.states import OrderState
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput, VersionConflict

_CODE_DIGITS = 6
FURTHEST_AHEAD = timedelta(hours=14)
"""The day begins nowhere earlier than so long before it does in UTC."""
AT_ONCE = 500
"""Boxes that one run of the job looks at."""


@command(permission="fulfillment.write")
def make_ready(tx: Tx, ask: MakeReady) -> OrderState:
    """The box waits for the customer, who will be asked for a code that only they are told."""
    work = open_work(tx, ask, "make_ready")
    return work.finish(put_out(work.changes, work.opened, work.fo), "ready")


def put_out(changes: OrderChanges, opened: OpenedOrder, fo: FulfillmentOrder) -> PickupReady:
    """Have a packed box wait for its customer; what is to be told of it."""
    location = reference(changes.tx).locations_by_id[fo.location_id]
    code = fo.pickup_code or f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}}"
    collect_by = _last_day(changes.tx, opened, location)
    changes.mark_ready(fo, code, collect_by)
    return PickupReady(fo.fo_no, location.code, collect_by)


def _last_day(tx: Tx, opened: OpenedOrder, location: Location) -> date | None:
    """The day by whose end the box must be collected, where the channel says how long it waits."""
    days = reference(tx).channels_by_id[opened.order.channel_id].pickup_days
    return None if days is None else _today(tx, location) + timedelta(days=days)


def _today(tx: Tx, location: Location) -> date:
    return tx.now.astimezone(ZoneInfo(location.time_zone)).date()


@command(permission="fulfillment.write")
def hand_over(tx: Tx, ask: HandOver) -> OrderState:
    """The customer took the goods; they showed the code, or who they are."""
    work = open_work(tx, ask, "hand_over")
    if ask.code is None and not ask.id_checked:
        detail = "Ask for the code, or check an identity document and send `id_checked`."
        raise InvalidInput("Nothing was handed over.", errors=[Fault("/code", "required", detail)])
    if ask.code is not None and not _matches(ask.code, work.fo.pickup_code or ""):
        raise PickupCodeWrong(
            "It is not the code that this customer was told. Nothing was changed."
        )
    units = work.choose_units(None, "unshipped")
    for line_no, qty in units.items():
        work.changes.move(work.opened, line_no, qty, ("packed", "shipped"), work.fo)
    work.changes.mark(work.fo, "handed_over")
    work.changes.deliver(work.fo, units)
    return work.finish(UnitsHandedOver(ask.fo_no, work.location, units), "handed_over")


def _matches(code: str, stored: str) -> bool:
    digits = "".join(ch for ch in code if not ch.isspace())
    return hmac.compare_digest(digits.encode(), stored.encode())


@command(permission="fulfillment.write")
def close_not_collected(tx: Tx, ask: CloseNotCollected) -> OrderState:
    """The customer did not come: the units go back on sale.

    As the channel has it, they are cancelled and cost nothing, or stay in the order without stock
    until somebody decides.
    """
    work = open_work(tx, ask, "not_collected")
    units = work.choose_units(None, "unshipped")
    channel = reference(tx).channels_by_id[work.opened.order.channel_id]
    if channel.uncollected == "cancel":
        cuts = [Cut(line_no, "packed", qty, work.fo) for line_no, qty in units.items()]
        cancel_units(work.changes, work.opened, cuts, reason="not_collected")
    else:
        _keep_waiting(work, units)
    work.changes.mark(work.fo, "not_collected")
    event = PickupNotCollected(ask.fo_no, work.location, units)
    return work.finish(event, "not_collected")


def _keep_waiting(work: OpenedWork, units: Mapping[int, int]) -> None:
    """The units are in the order still, without stock; the goods are put back on the shelf."""
    for line_no, qty in units.items():
        work.changes.move(work.opened, line_no, qty, ("packed", "open"), work.fo)
    work.changes.tasks += [
        ("put_back", work.fo.order_id, line_no, work.fo.location_id, item_id, pieces)
        for line_no, item_id, pieces in work.pieces(units)
    ]


def close_all_uncollected(db: Database) -> int:
    """The scheduled job: close what nobody collected by its day; returns how many boxes.

    Whoever is served at the desk in this moment is faster: the box has another version then.
    """
    total = 0
    with db.reading(SYSTEM) as tx:
        places = reference(tx).locations_by_id
        found = find_uncollected(tx, (tx.now + FURTHEST_AHEAD).date(), limit=AT_ONCE)
        due = [box for box in found if _is_past(tx, box, places[box.location_id])]
    for box in due:
        ask = CloseNotCollected(order_id=box.order_id, fo_no=box.fo_no, version=box.version)
        with contextlib.suppress(ActionNotAllowed, VersionConflict):
            run(db, SYSTEM, close_not_collected, ask)
            total += 1
    return total


def _is_past(tx: Tx, box: Uncollected, location: Location) -> bool:
    return box.collect_by is not None and box.collect_by < _today(tx, location)
