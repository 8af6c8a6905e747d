"""Orders opened for change: locked with their work, read whole, ready for an act to decide."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from ordito.fulfillment import parcels
from ordito.fulfillment.actions import WorkFacts
from ordito.fulfillment.fulfillment_orders import lock_by_order, read_by_order
from ordito.fulfillment.fulfillment_orders import read_lines as read_work_lines
from ordito.fulfillment.parcels import UnderWay
from ordito.fulfillment.states import LineWork, WorkSums, count_work, sum_work
from ordito.fulfillment.types import FulfillmentLine, FulfillmentOrder
from ordito.kernel.moves import Part
from ordito.orders.actions import SERVED_BY_HAND, OrderFacts, facts_of
from ordito.orders.holds import read_holds
from ordito.orders.orders import (
    Component,
    lock_orders,
    read_components,
    read_lines,
    read_orders,
)
from ordito.orders.types import Hold, Line, Order
from ordito.platform.access import Actor
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput, NotFound
from ordito.platform.versions import check_version


class OpenedOrder(msgspec.Struct, frozen=True):
    """An order with everything that an act on it looks at."""

    order: Order
    lines: dict[int, Line]
    parts: dict[int, tuple[Part, ...]]
    """What one unit of each line takes from stock; nothing for services."""
    fos: dict[int, FulfillmentOrder]
    work: dict[tuple[int, int], LineWork]
    """By (fo no, line no), in units of the line."""
    under_way: list[UnderWay]
    holds: list[Hold]
    """Those that are open."""
    holds_made: int
    """All holds there ever were."""

    def facts(self) -> OrderFacts:
        return facts_of(self.order.life, self.lines.values(), len(self.holds))

    def work_of(self, fo_no: int) -> list[LineWork]:
        return [work for (no, _), work in self.work.items() if no == fo_no]

    def sums_of(self, fo_no: int) -> WorkSums:
        under_way = sum(row.units for row in self.under_way if row.fo_no == fo_no)
        return sum_work(self.work_of(fo_no), under_way)

    def work_facts(self, fo_no: int) -> WorkFacts:
        fo, sums = self.fos[fo_no], self.sums_of(fo_no)
        return WorkFacts(
            state=fo.state,
            delivery=fo.delivery,
            held=bool(self.holds),
            unpicked=sums.qty - sums.picked,
            unpacked=sums.picked - sums.packed,
            unshipped=sums.packed - sums.shipped,
            under_way=sums.under_way,
            request=fo.request,
            bound=fo.destination_id is not None,
            awaited=self.count_awaited(fo.location_id) if fo.delivery == "pickup" else 0,
        )

    def is_any_gone(self) -> bool:
        """Whether units have left, to the customer or to the shop where they are collected."""
        return any(work.shipped for work in self.work.values())

    def count_awaited(self, shop_id: UUID) -> int:
        """Units that are to be brought to a shop and are not there yet, wherever they are."""
        senders = [fo.fo_no for fo in self.fos.values() if fo.destination_id == shop_id]
        return sum(work.qty for fo_no in senders for work in self.work_of(fo_no))

    def is_seen_by(self, actor: Actor) -> bool:
        """Whoever is bound to locations sees the orders that these have a part in."""
        if not actor.sees_channel(self.order.channel_id):
            return False
        if actor.location_ids is None:
            return True
        return any(
            fo.location_id in actor.location_ids or fo.destination_id in actor.location_ids
            for fo in self.fos.values()
        )


def open_orders(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, OpenedOrder]:
    """Lock orders by id, then their fulfillment orders; unknown ids are absent."""
    orders = lock_orders(tx, order_ids)
    return _read_around(tx, orders, lock_by_order(tx, orders))


def look_at_orders(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, OpenedOrder]:
    """The same without locks, to be shown only."""
    orders = read_orders(tx, order_ids)
    return _read_around(tx, orders, read_by_order(tx, orders))


def _read_around(
    tx: Tx, orders: Mapping[UUID, Order], fos: Mapping[UUID, list[FulfillmentOrder]]
) -> dict[UUID, OpenedOrder]:
    lines = read_lines(tx, orders)
    components: dict[UUID, list[Component]] = {}
    for component in read_components(tx, orders):
        components.setdefault(component.order_id, []).append(component)
    work: dict[UUID, list[FulfillmentLine]] = {}
    for row in read_work_lines(tx, orders):
        work.setdefault(row.order_id, []).append(row)
    under_way: dict[UUID, list[UnderWay]] = {}
    for parcel in parcels.read_under_way(tx, orders):
        under_way.setdefault(parcel.order_id, []).append(parcel)
    holds = read_holds(tx, orders)
    return {
        id_: OpenedOrder(
            order=order,
            lines={line.line_no: line for line in lines.get(id_, ())},
            parts=_parts(lines.get(id_, ()), components.get(id_, ())),
            fos={fo.fo_no: fo for fo in fos.get(id_, ())},
            work=count_work(work.get(id_, ())),
            under_way=under_way.get(id_, []),
            holds=[hold for hold in holds.get(id_, ()) if hold.released_at is None],
            holds_made=len(holds.get(id_, ())),
        )
        for id_, order in orders.items()
    }


def _parts(lines: Iterable[Line], components: Iterable[Component]) -> dict[int, tuple[Part, ...]]:
    parts: dict[int, tuple[Part, ...]] = {}
    for line in lines:
        takes_stock = line.item_id is not None and line.item_kind not in SERVED_BY_HAND
        if takes_stock and line.item_kind != "kit":
            assert line.item_id is not None, "what takes stock is an item"
            parts[line.line_no] = (Part(line.item_id, 1),)
        else:
            parts[line.line_no] = ()
    for component in components:
        parts[component.line_no] += (Part(component.item_id, component.per_kit),)
    return parts


def open_order(tx: Tx, order_id: UUID, version: int | None = None) -> OpenedOrder:
    """Lock one order that the actor may see; raises NotFound, VersionConflict.

    version: the one the caller read (If-Match); None takes whatever it is now.
    """
    return require_order(tx, open_orders(tx, [order_id]), order_id, version)


def require_order(
    tx: Tx, opened: Mapping[UUID, OpenedOrder], order_id: UUID, version: int | None = None
) -> OpenedOrder:
    """One of the opened orders, if the actor may see it; raises NotFound, VersionConflict."""
    found = opened.get(order_id)
    if found is None or not found.is_seen_by(tx.actor):
        raise NotFound("There is no such order, or it is none of those you see.")
    check_version("order", found.order.version, version)
    return found


def require_work(
    tx: Tx, opened: OpenedOrder, fo_no: int, version: int | None = None
) -> FulfillmentOrder:
    """A fulfillment order at a location the actor may see; raises NotFound, VersionConflict."""
    fo = opened.fos.get(fo_no)
    if fo is None or not tx.actor.sees_location(fo.location_id):
        raise NotFound("There is no such fulfillment order, or its location is none you see.")
    check_version("fulfillment order", fo.version, version)
    return fo


def by_line_no(lines: Mapping[str, int]) -> dict[int, int]:
    """Units by line number, of an ask, whose keys are text as in JSON."""
    return {int(no): units for no, units in lines.items()}


def require_lines(opened: OpenedOrder, lines: Iterable[int]) -> None:
    """Raises InvalidInput with a fault for each line that the order doesn't have."""
    unknown = [no for no in lines if no not in opened.lines]
    if unknown:
        raise InvalidInput(
            "Nothing was changed.",
            errors=[
                Fault(f"/lines/{no}", "unknown-line", f"The order has no line {no}.")
                for no in unknown
            ],
        )
