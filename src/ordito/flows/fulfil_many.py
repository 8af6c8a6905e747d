"""Fulfil many in one step: for places that pick, pack and ship without scanning each act."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from ordito.flows.bulk_outcomes import tell_outcomes
from ordito.flows.pack_units import pack_units
from ordito.flows.pick_units import pick_units
from ordito.flows.release_to_pick import release_to_pick
from ordito.flows.ship_units import deliver_units, ship_units
from ordito.fulfillment.asks import (
    BULK_MAX,
    DeliverUnits,
    PackUnits,
    PickUnits,
    ReleaseToPick,
    ShipUnits,
    WorkAsk,
)
from ordito.fulfillment.fulfillment_orders import lock, read_by_order, read_lines
from ordito.fulfillment.types import fo_id
from ordito.inventory.ledger import lock_cells
from ordito.kernel.asks import Ask
from ordito.orders.orders import lock_orders
from ordito.orders.states import BulkOutcome
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Problem, VersionConflict


class FulfilOne(WorkAsk, frozen=True, kw_only=True):
    """All that is left to be done until it is shipped; `delivered` says that it arrived, too."""

    carrier: Annotated[str, Meta(min_length=1, max_length=60)]
    service: Annotated[str, Meta(max_length=60)] = ""
    tracking_number: Annotated[str, Meta(max_length=100)] = ""
    delivered: bool = False


class FulfilMany(Ask, frozen=True, kw_only=True):
    """Fulfillment orders to be shipped as they are; each succeeds or is refused alone."""

    asks: Annotated[tuple[FulfilOne, ...], Meta(min_length=1, max_length=BULK_MAX)]


@command(permission="fulfillment.write")
def fulfil_many(tx: Tx, ask: FulfilMany) -> BulkOutcome:
    """Take each fulfillment order from where it is to shipped; one that refuses stays as it was."""
    _lock(tx, ask)
    items: dict[str, tuple[UUID, Problem | None]] = {}
    for one in ask.asks:
        refusal = _try(tx, one)
        items[fo_id(one.order_id, one.fo_no)] = (one.order_id, refusal)
    return tell_outcomes(tx, items)


def _lock(tx: Tx, ask: FulfilMany) -> None:
    """All orders, then all cells that any of them touches: one by one they would cross others."""
    order_ids = {one.order_id for one in ask.asks}
    lock_orders(tx, order_ids)
    asked = {(one.order_id, one.fo_no) for one in ask.asks}
    place_of = {
        (fo.order_id, fo.fo_no): fo.location_id
        for of_order in read_by_order(tx, order_ids).values()
        for fo in of_order
    }
    lock_cells(
        tx,
        {
            (str(line.item_id), str(place_of[line.order_id, line.fo_no]))
            for line in read_lines(tx, order_ids)
            if (line.order_id, line.fo_no) in asked
        },
    )


def _try(tx: Tx, ask: FulfilOne) -> Problem | None:
    """All steps of one, or none of them: a savepoint around it."""
    emitted = len(tx.events)
    try:
        with tx.conn.transaction():
            _fulfil(tx, ask)
    except Problem as problem:
        del tx.events[emitted:]
        return problem
    return None


def _fulfil(tx: Tx, ask: FulfilOne) -> None:
    """The steps that are left, from the state in which the fulfillment order is."""
    where: dict[str, Any] = {"order_id": ask.order_id, "fo_no": ask.fo_no}
    parcel: dict[str, Any] = {
        "carrier": ask.carrier,
        "service": ask.service,
        "tracking_number": ask.tracking_number,
    }
    steps: list[tuple[str, Callable[..., Any], WorkAsk]] = [
        ("open", release_to_pick, ReleaseToPick(**where)),
        ("released", pick_units, PickUnits(**where)),
        ("picked", pack_units, PackUnits(**where, unchecked=True)),
        ("packed", ship_units, ShipUnits(**where, **parcel)),
    ]
    if ask.delivered:
        steps.append(("shipped", deliver_units, DeliverUnits(**where)))
    fo = lock(tx, ask.order_id, ask.fo_no)
    if fo is not None and ask.version is not None and fo.version != ask.version:
        raise VersionConflict(
            f"You read version {ask.version}; it is at version {fo.version} now.",
            extra={"version": fo.version},
        )
    state = "released" if fo and fo.state == "picking" else fo.state if fo else "open"
    names = [name for name, _step, _ask in steps]
    for _name, step, step_ask in steps[names.index(state) if state in names else 0 :]:
        step(tx, step_ask)
