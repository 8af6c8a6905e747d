"""What can still be moved, read in one moment: orders, what they hold, and what is free."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.flows.buyers import buyers_of_orders
from ordito.flows.joint_days import may_move
from ordito.flows.kept_stock import send_kept_of
from ordito.flows.opened_dates import read_line_dates
from ordito.flows.opened_orders import OpenedOrder, look_at_orders
from ordito.flows.reference import Reference, reference
from ordito.flows.stock_searches import Search, make_requests
from ordito.fulfillment import load
from ordito.fulfillment.fulfillment_orders import find_movable
from ordito.fulfillment.types import FulfillmentOrder, State
from ordito.inventory.kept import Buyer, may_take
from ordito.inventory.stock import send_free
from ordito.orders.backorders import find_all_waiting
from ordito.platform.database import Tx
from ordito.sourcing.joint.types import JointOrder, Snapshot
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.timings import Dates
from ordito.sourcing.types import Allocation, SourcingRequest

MOVABLE: frozenset[State] = frozenset(("scheduled", "open"))
"""States of a fulfillment order of which nobody has begun anything."""

_GAVE_BACK: frozenset[State] = frozenset(("rejected", "short"))
_OVER: frozenset[State] = frozenset(("cancelled", "rejected", "short", "not_collected"))


class ReadSnapshot(msgspec.Struct, frozen=True):
    """The snapshot, and the orders as they were read."""

    snapshot: Snapshot
    opened: Mapping[UUID, OpenedOrder]
    policy_versions: Mapping[UUID, int]


def read_snapshot(tx: Tx, *, orders_max: int) -> ReadSnapshot:
    """Open orders to be shipped with units that nobody works on yet, oldest promise first."""
    known = reference(tx)
    ids = {*find_movable(tx, limit=orders_max), *find_all_waiting(tx, limit=orders_max)}
    dates = read_line_dates(tx, ids)
    opened = {
        id_: one
        for id_, one in look_at_orders(tx, ids).items()
        if one.order.life == "open" and one.order.delivery == "ship"
    }
    chosen = sorted(opened.values(), key=_by_promise)[:orders_max]
    searches = [search_movable(one, known) for one in chosen]
    guides = known.guides.of_orders(tx, [one.order for one in chosen])
    orders: list[JointOrder] = []
    for one, request in zip(chosen, make_requests(tx, searches, known), strict=True):
        wanted = dates.get(one.order.id, {})
        if request is not None:
            network = guides[one.order.id].network
            order = joint_order(one, request, known, network, wanted)
            if not wanted or may_move(one, order, known):
                orders.append(order)
    return ReadSnapshot(
        Snapshot(orders, _read_stock(tx, orders, chosen, known), read_load(tx, known)),
        {one.order.id: one for one in chosen},
        {one.order.id: guides[one.order.id].network.version for one in chosen},
    )


def _by_promise(opened: OpenedOrder) -> tuple[str, str, int]:
    order = opened.order
    promised = order.promised_on.isoformat() if order.promised_on else "9999"
    return promised, order.placed_at.isoformat(), order.number


def movable_fos(opened: OpenedOrder) -> list[FulfillmentOrder]:
    """The parts of an order that nobody has begun, first to last."""
    return [fo for fo in opened.fos.values() if fo.state in MOVABLE]


def search_movable(opened: OpenedOrder, known: Reference) -> Search:
    """A search for all units that may be moved or wait for stock.

    Places that gave units of this order back, or were short of them, aren't asked again.
    """
    return Search(
        opened,
        {
            no: units
            for no, line in opened.lines.items()
            if opened.parts[no] and (units := line.reserved + line.open + line.backordered)
        },
        "joint_plan",
        {no: line.backordered for no, line in opened.lines.items() if line.backordered},
        excluded=frozenset(
            str(fo.location_id) for fo in opened.fos.values() if fo.state in _GAVE_BACK
        ),
    )


def joint_order(
    opened: OpenedOrder,
    request: SourcingRequest,
    known: Reference,
    network: CompiledPolicy,
    dates: Mapping[int, Dates],
) -> JointOrder:
    """An order as it is planned together with others. dates: by line, of all that have any."""
    movable = {fo.fo_no: known.no_by_id[str(fo.location_id)] for fo in movable_fos(opened)}
    return JointOrder(
        id=str(opened.order.id),
        request=request,
        network=network,
        present=[
            Allocation(line_no, movable[fo_no], work.qty)
            for (fo_no, line_no), work in sorted(opened.work.items())
            if fo_no in movable and work.qty
        ],
        parcels=sum(fo.state not in MOVABLE | _OVER for fo in opened.fos.values()),
        ready_by=opened.order.promised_on,
        dates={want.line_no: dates[want.line_no] for want in request.wants if want.line_no in dates}
        if dates
        else {},
    )


def read_free(tx: Tx, orders: Iterable[JointOrder], known: Reference) -> dict[str, dict[int, int]]:
    """Free pieces of everything that the orders want, by item and place."""
    items = _items_of(orders)
    rows = send_free(tx, items, known.no_by_id) if items else ()
    return {row.item_id: dict(zip(row.places, row.units, strict=True)) for row in rows}


def _read_stock(
    tx: Tx, orders: Sequence[JointOrder], opened: Sequence[OpenedOrder], known: Reference
) -> dict[str, dict[int, int]]:
    """What is free, with what is kept where every order that wants the item may have it.

    An exchange knows one stock for all. Where some may not have what is kept, it isn't planned on:
    placing, receipts and a new search still give it to those it is for.
    """
    free = read_free(tx, orders, known)
    buyers = buyers_of_orders(tx, known.keeping, [one.order for one in opened])
    wanting: defaultdict[str, set[Buyer | None]] = defaultdict(set)
    for one in orders:
        for item_id in _items_of([one]):
            wanting[item_id].add(buyers.get(UUID(one.id)))
    found = send_kept_of(tx, known, set(buyers.values()), wanting)
    for row in found or ():
        if all(buyer is not None and may_take(row, buyer) for buyer in wanting[row.item_id]):
            units, place = free.setdefault(row.item_id, {}), known.no_by_id[row.location_id]
            units[place] = units.get(place, 0) + row.qty
    return free


def _items_of(orders: Iterable[JointOrder]) -> set[str]:
    return {
        str(part.item_id) for one in orders for want in one.request.wants for part in want.parts
    }


def read_load(tx: Tx, known: Reference) -> dict[int, int]:
    """Work accepted today by place, each in what its capacity is counted in."""
    return known.count_accepted(load.send_read(tx, known.capacity_days(tx.now)))
