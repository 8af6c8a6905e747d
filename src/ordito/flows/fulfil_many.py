"""Fulfil many in one step: for places that pick, pack and ship without scanning each act."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.catalog.tracked_items import TrackedItem, read_tracked
from ordito.flows.bulk_outcomes import tell_outcomes
from ordito.flows.document_lots import fit_day_at
from ordito.flows.opened_orders import OpenedOrder, open_orders, require_order, require_work
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_lots import refuse_unfit
from ordito.flows.reference import reference
from ordito.flows.sent_parcels import state_after, tell_left
from ordito.fulfillment.actions import WorkAction, refuse_work_action, require_work_action
from ordito.fulfillment.asks import BULK_MAX, WorkAsk
from ordito.fulfillment.line_lots import LineLot, read_line_lots
from ordito.fulfillment.parcels import insert_parcel, next_parcel_no, set_delivered
from ordito.fulfillment.types import FulfillmentOrder, Parcel, State, fo_id
from ordito.inventory.lots import Lot, read_lots
from ordito.inventory.problems import LotRequired
from ordito.kernel.asks import Ask
from ordito.kernel.moves import LineState
from ordito.orders.events import (
    UnitsDelivered,
    UnitsPacked,
    UnitsPicked,
    UnitsReleased,
)
from ordito.orders.orders import ORDER
from ordito.orders.states import BulkOutcome
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Problem


class FulfilOne(WorkAsk, frozen=True, kw_only=True):
    """All that is left to be done until it is shipped; `delivered` says that it arrived, too."""

    carrier: Annotated[str, Meta(min_length=1, max_length=60)]
    service: Annotated[str, Meta(max_length=60)] = ""
    tracking_number: Annotated[str, Meta(max_length=100)] = ""
    delivered: bool = False


class FulfilMany(Ask, frozen=True, kw_only=True):
    """Fulfillment orders to be shipped as they are; each succeeds or is refused alone."""

    asks: Annotated[tuple[FulfilOne, ...], Meta(min_length=1, max_length=BULK_MAX)]


_NEXT: dict[State, WorkAction] = {
    "open": "release",
    "released": "pick",
    "picking": "pick",
    "picked": "pack",
    "packed": "ship",
    "shipped": "deliver",
}
"""What would be done next by hand: it must be allowed, or all of it is refused."""


class _Stages(msgspec.Struct, frozen=True):
    """Units by line that are left at each stage of a fulfillment order."""

    unpicked: dict[int, int]
    unpacked: dict[int, int]
    unshipped: dict[int, int]


class OrderLots(msgspec.Struct, frozen=True):
    """What is known of the lots of all the orders: tracked items, lines' lots, the lots."""

    tracked: dict[str, TrackedItem]
    taken: list[LineLot]
    lots: dict[UUID, Lot]


@command(permission="fulfillment.write")
def fulfil_many(tx: Tx, ask: FulfilMany) -> BulkOutcome:
    """Take each fulfillment order from where it is to shipped; one that refuses stays as it was."""
    changes = OrderChanges(tx, open_orders(tx, {one.order_id for one in ask.asks}))
    lots = read_order_lots(tx, changes.opened)
    items: dict[str, tuple[UUID, Problem | None]] = {}
    for one in ask.asks:
        id_ = fo_id(one.order_id, one.fo_no)
        if id_ in items:
            continue
        try:
            _fulfil(changes, one, lots)
            items[id_] = (one.order_id, None)
        except Problem as problem:
            items[id_] = (one.order_id, problem)
    changes.write("shipped")
    return tell_outcomes(tx, items)


def read_order_lots(tx: Tx, opened: Mapping[UUID, OpenedOrder]) -> OrderLots:
    parts = {
        part.item_id for order in opened.values() for of in order.parts.values() for part in of
    }
    tracked = read_tracked(tx, parts) if parts else {}
    taken = read_line_lots(tx, opened) if tracked else []
    return OrderLots(tracked, taken, read_lots(tx, {row.lot_id for row in taken}) if taken else {})


def refuse_unnamed_lots(opened: OpenedOrder, stages: _Stages, known: OrderLots) -> None:
    """Raises LotRequired for what has lots that nobody named."""
    for line_no in stages.unpicked:
        for part in opened.parts[line_no]:
            item = known.tracked.get(str(part.item_id))
            if item is not None:
                raise LotRequired(
                    f"Line {line_no}: {item.sku} is kept by lots or serial numbers. Pick this order"
                    " by itself, naming them; then it can be shipped with others.",
                    extra={"line_no": line_no, "sku": item.sku},
                )


def refuse_unfit_lots(tx: Tx, fo: FulfillmentOrder, known: OrderLots) -> None:
    """Raises LotUnfit when what is in hand holds lots that are not to be sold."""
    place = reference(tx).locations_by_id[fo.location_id]
    for row in known.taken:
        item = known.tracked.get(str(row.item_id))
        if item is None or (row.order_id, row.fo_no) != (fo.order_id, fo.fo_no):
            continue
        fit_day = fit_day_at(tx, item, place)
        if row.picked > row.shipped and not known.lots[row.lot_id].is_fit(fit_day):
            raise refuse_unfit(item, [known.lots[row.lot_id]], fit_day)


def _fulfil(changes: OrderChanges, ask: FulfilOne, lots: OrderLots) -> None:
    """Check first, then change: a refusal leaves nothing behind."""
    tx = changes.tx
    opened = require_order(tx, changes.opened, ask.order_id)
    fo = require_work(tx, opened, ask.fo_no, ask.version)
    facts = opened.work_facts(fo.fo_no)
    require_work_action("deliver" if fo.delivery != "ship" else _NEXT.get(fo.state, "ship"), facts)
    if ask.delivered and facts.bound:
        raise refuse_work_action("It goes to a shop, which says when it has arrived.", facts)
    if fo.state == "shipped":
        _deliver_under_way(changes, opened, fo)
        return
    stages = _stages_of(opened, fo)
    refuse_unnamed_lots(opened, stages, lots)
    refuse_unfit_lots(tx, fo, lots)
    location = reference(tx).locations_by_id[fo.location_id].code
    was: LineState = "reserved" if fo.state in ("scheduled", "open") else "released"
    ways: list[tuple[dict[int, int], LineState]] = [
        (stages.unpicked, was),
        (stages.unpacked, "picked"),
        (stages.unshipped, "packed"),
    ]
    for units, from_ in ways:
        for line_no, qty in units.items():
            changes.move(opened, line_no, qty, (from_, state_after(fo)), fo)
    _tell_steps(tx, fo, stages, location, newly=was == "reserved")
    parcel, shipped = _add_parcel(tx, opened, fo, ask, stages)
    changes.send_in(fo, parcel.parcel_no)
    tx.emit(ORDER, fo.order_id, tell_left(tx, fo, parcel, shipped))
    if ask.delivered:
        _deliver(changes, fo, {parcel.parcel_no: shipped})


def _stages_of(opened: OpenedOrder, fo: FulfillmentOrder) -> _Stages:
    work = opened.work_of(fo.fo_no)
    return _Stages(
        unpicked={w.line_no: w.qty - w.picked for w in work if w.qty > w.picked},
        unpacked={w.line_no: w.picked - w.packed for w in work if w.picked > w.packed},
        unshipped={w.line_no: w.packed - w.shipped for w in work if w.packed > w.shipped},
    )


def _tell_steps(
    tx: Tx, fo: FulfillmentOrder, stages: _Stages, location: str, *, newly: bool
) -> None:
    """The timeline has each step, as if it had been done by itself."""
    if newly:
        units = sum(stages.unpicked.values())
        tx.emit(ORDER, fo.order_id, UnitsReleased(fo.fo_no, location, units))
    if stages.unpicked:
        tx.emit(ORDER, fo.order_id, UnitsPicked(fo.fo_no, location, stages.unpicked))
    packed = _sum(stages.unpicked, stages.unpacked)
    if packed:
        tx.emit(ORDER, fo.order_id, UnitsPacked(fo.fo_no, location, packed))


def _add_parcel(
    tx: Tx, opened: OpenedOrder, fo: FulfillmentOrder, ask: FulfilOne, stages: _Stages
) -> tuple[Parcel, dict[int, int]]:
    """One parcel with all that was still here, and its units by line."""
    shipped = _sum(stages.unpicked, stages.unpacked, stages.unshipped)
    parcel = Parcel(
        order_id=fo.order_id,
        fo_no=fo.fo_no,
        parcel_no=next_parcel_no(tx, fo.order_id, fo.fo_no),
        carrier=ask.carrier,
        service=ask.service,
        tracking_number=ask.tracking_number.strip(),
        weight_g=None,
        shipped_at=tx.now,
        delivered_at=None,
        destination_id=fo.destination_id,
    )
    pieces = [
        (line_no, part.item_id, qty * part.per_unit)
        for line_no, qty in sorted(shipped.items())
        for part in opened.parts[line_no]
    ]
    insert_parcel(tx, parcel, pieces)
    return parcel, shipped


def _deliver_under_way(changes: OrderChanges, opened: OpenedOrder, fo: FulfillmentOrder) -> None:
    parcels: dict[int, dict[int, int]] = {}
    for row in opened.under_way:
        if row.fo_no == fo.fo_no:
            parcels.setdefault(row.parcel_no, {})[row.line_no] = row.units
    _deliver(changes, fo, parcels)


def _deliver(
    changes: OrderChanges, fo: FulfillmentOrder, parcels: Mapping[int, dict[int, int]]
) -> None:
    set_delivered(changes.tx, [(fo.order_id, fo.fo_no, no) for no in parcels])
    for parcel_no, units in parcels.items():
        changes.deliver(fo, units)
        changes.tx.emit(ORDER, fo.order_id, UnitsDelivered(fo.fo_no, units, parcel_no))


def _sum(*counts: Mapping[int, int]) -> dict[int, int]:
    total: dict[int, int] = {}
    for count in counts:
        for line_no, qty in count.items():
            total[line_no] = total.get(line_no, 0) + qty
    return dict(sorted(total.items()))
