"""A parcel arrives at the shop where it will be collected: what came is put by for its customer."""

from collections.abc import Mapping
from uuid import UUID

from ordito.flows.brought_goods import Arrival, read_arrival
from ordito.flows.hand_over import put_out
from ordito.flows.named_lots import find_named_lots
from ordito.flows.opened_orders import open_order
from ordito.flows.opened_work import OpenedWork
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_states import order_state
from ordito.flows.reference import reference
from ordito.flows.resource_order import source_units
from ordito.flows.side_postings import Carried
from ordito.flows.stock_searches import Search
from ordito.fulfillment.actions import refuse_work_action, require_work_action
from ordito.fulfillment.asks import ReceiveBrought
from ordito.fulfillment.line_lots import change_line_lots
from ordito.fulfillment.parcels import set_delivered
from ordito.fulfillment.types import FulfillmentOrder, State
from ordito.kernel.moves import Bucket
from ordito.orders.events import UnitsBrought
from ordito.orders.orders import ORDER
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import NotFound
from ordito.platform.versions import check_version

_JOINED: frozenset[State] = frozenset(("released", "picking", "picked", "packed"))
"""Work of the shop on the same order that what is brought goes into: one box for the customer."""


@command(permission="fulfillment.write")
def receive_brought(tx: Tx, ask: ReceiveBrought) -> OrderState:
    """What arrived is packed for its customer, and told to them once all of the order is there.

    What was cancelled on the way becomes stock of the shop. What is missing or damaged is looked
    for anew, as after a short pick.
    """
    work, shop = _open(tx, ask)
    if not any(row.fo_no == ask.fo_no and row.parcel_no == ask.parcel_no
               for row in work.opened.under_way):  # fmt: skip
        raise refuse_work_action(f"Parcel {ask.parcel_no} is not on its way.", work.facts)
    named = find_named_lots(tx, work, ask.lots).lots
    arrival = read_arrival(tx, work, ask, named)
    set_delivered(tx, [(ask.order_id, ask.fo_no, ask.parcel_no)])
    box = _put_by(work, shop, arrival.kept)
    for line_no, qty in arrival.lost.items():
        work.changes.move_past(work.opened, line_no, qty, ("sent", "open"), work.fo)
    _post(work, shop, arrival)
    work.changes.mark(work.fo, _done(work.fo, arrival))
    _tell(work, shop, box, arrival)
    _write(work, box, arrival)
    return order_state(tx, ask.order_id)


def _open(tx: Tx, ask: ReceiveBrought) -> tuple[OpenedWork, UUID]:
    """The sender's part, opened by the shop it goes to, and which shop that is.

    Raises NotFound, VersionConflict, ActionNotAllowed.
    """
    opened = open_order(tx, ask.order_id)
    fo = opened.fos.get(ask.fo_no)
    shop = fo.destination_id if fo is not None else None
    if fo is None or not tx.actor.sees_location(shop or fo.location_id):
        raise NotFound("There is no such fulfillment order, or its location is none you see.")
    check_version("fulfillment order", fo.version, ask.version)
    require_work_action("receive", opened.work_facts(ask.fo_no))
    assert shop is not None, "only what goes to a shop is received"
    code = reference(tx).locations_by_id[fo.location_id].code
    return OpenedWork(opened, fo, OrderChanges(tx, {ask.order_id: opened}), code), shop


def _put_by(work: OpenedWork, shop: UUID, kept: Mapping[int, int]) -> FulfillmentOrder | None:
    """Move what came for the customer into the shop's box; None when nothing did."""
    if not kept:
        return None
    opened, changes = work.opened, work.changes
    joined = [
        fo
        for fo in opened.fos.values()
        if fo.location_id == shop
        and fo.delivery == "pickup"
        and fo.state in _JOINED
        and fo.request is None
    ]
    box = joined[-1] if joined else changes.receive_at(opened, work.fo)
    for line_no, qty in kept.items():
        changes.move_past(opened, line_no, qty, ("sent", "open"), work.fo)
        changes.move_past(opened, line_no, qty, ("open", "packed"), box)
    return box


def _post(work: OpenedWork, shop: UUID, arrival: Arrival) -> None:
    """What the ledger is told at both ends, and who is to count."""
    sender, changes = work.fo.location_id, work.changes
    gone: Bucket = "adjustment"
    if reference(changes.tx).locations_by_id[sender].kind == "supplier":
        gone = "supplier"  # Until it arrives it is the supplier's.
    for piece in arrival.pieces:
        ways: list[tuple[str, UUID, Bucket, Bucket, str]] = [
            ("came", sender, "in_transit", "transfer", "brought"),
            ("kept", shop, "transfer", "picked", "brought"),
            ("shelved", shop, "transfer", "available", "brought"),
            ("damaged", shop, "transfer", "damaged", "brought_damaged"),
            ("missing", sender, "in_transit", gone, "brought_missing"),
        ]
        for part, place, from_, to, reason in ways:
            qty = getattr(piece, part)
            if qty:
                changes.carried.append(
                    Carried(
                        work.fo.order_id,
                        piece.line_no,
                        piece.item_id,
                        place,
                        from_,
                        to,
                        qty,
                        reason,
                        piece.lots_of(part),
                    )
                )
        # When nothing came at all, the carrier lost it: the sender's shelf is as it should be.
        if piece.missing and arrival.came:
            changes.tasks.append(
                ("count", work.fo.order_id, piece.line_no, sender, piece.item_id, piece.missing)
            )


def _done(fo: FulfillmentOrder, arrival: Arrival) -> State:
    """What became of the sender's part, should nothing be left of it."""
    if arrival.kept:
        return "delivered"
    return "short" if arrival.lost else fo.state


def _tell(work: OpenedWork, shop: UUID, box: FulfillmentOrder | None, arrival: Arrival) -> None:
    changes, order_id = work.changes, work.fo.order_id
    code = reference(changes.tx).locations_by_id[shop].code
    shelved = sum(piece.shelved for piece in arrival.pieces)
    event = UnitsBrought(
        fo_no=work.fo.fo_no,
        location=code,
        sender=work.location,
        parcel_no=arrival.parcel_no,
        lines=dict(arrival.kept),
        lost=dict(arrival.lost),
        to_shelf=shelved,
        shop_fo_no=box.fo_no if box else 0,
    )
    changes.tx.emit(ORDER, order_id, event)
    if box is not None and _is_complete(work, box, arrival):
        changes.tx.emit(ORDER, order_id, put_out(changes, work.opened, box))


def _is_complete(work: OpenedWork, box: FulfillmentOrder, arrival: Arrival) -> bool:
    """Whether the customer can be told to come: all of the order is in this box."""
    opened = work.opened
    awaited = opened.count_awaited(box.location_id) - sum(arrival.kept.values())
    if arrival.lost or awaited or opened.holds:
        return False
    others = [
        fo
        for fo in opened.fos.values()
        if fo.location_id == box.location_id and fo.delivery == "pickup" and fo.fo_no != box.fo_no
    ]
    if any(fo.state in ("scheduled", "open", *_JOINED) for fo in others):
        return False
    facts = opened.work_facts(box.fo_no) if box.fo_no in opened.fos else None
    return facts is None or facts.unpicked + facts.unpacked == 0


def _write(work: OpenedWork, box: FulfillmentOrder | None, arrival: Arrival) -> None:
    """Write it all; what was lost on the way is looked for at once."""
    changes = work.changes
    if arrival.lost:
        search = Search(work.opened, dict(arrival.lost), "lost_on_way", promised=True)
        source_units(changes, [search], reason="brought")
    else:
        changes.write("brought")
    if box is not None:
        taken = {
            ((box.order_id, box.fo_no, piece.line_no, piece.item_id), lot_id): (pieces, 0, 0)
            for piece in arrival.pieces
            for lot_id, pieces in piece.lots_of("kept")
        }
        if taken:
            change_line_lots(changes.tx, taken)
