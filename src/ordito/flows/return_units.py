"""Take back shipped units: counted on their lines, and in stock where they came back."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

import msgspec

from ordito.flows.opened_orders import OpenedOrder, by_line_no, open_order, require_lines
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_states import order_state
from ordito.flows.reference import reference
from ordito.flows.returned_lots import Returned, choose_returned_lots
from ordito.flows.slot_returns import close_failed_stop
from ordito.inventory.ledger import lock_cells
from ordito.inventory.types import CellKey
from ordito.kernel.moves import Bucket
from ordito.orders.actions import refuse_order_action, require_order_action
from ordito.orders.asks import ReturnUnits
from ordito.orders.events import UnitsReturned
from ordito.orders.orders import ORDER
from ordito.orders.quantities import add_returned
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput

_BUCKET: dict[str, Bucket] = {"restock": "available", "damaged": "damaged", "scrap": "scrapped"}


class _Back(msgspec.Struct, frozen=True):
    """Units of a line that came back to a place; None where the line takes no stock."""

    line_no: int
    location_id: UUID | None
    qty: int


@command(permission="orders.write")
def return_units(tx: Tx, ask: ReturnUnits) -> OrderState:
    """Shipped units came back and are on sale again, kept apart as damaged, or written off."""
    opened = open_order(tx, ask.order_id, ask.version)
    require_order_action("return", opened.facts())
    units = by_line_no(ask.lines)
    _require_returnable(opened, units)
    backs = _find_places(tx, opened, units, ask.location)
    add_returned(
        tx,
        [
            (
                ask.order_id,
                line_no,
                qty,
                qty if ask.disposition == "restock" else 0,
                qty if ask.disposition == "scrap" else 0,
            )
            for line_no, qty in sorted(units.items())
        ],
    )
    _post(tx, opened, backs, ask)
    known = reference(tx).locations_by_id
    places: Counter[str] = Counter()
    for back in backs:
        if back.location_id is not None:
            places[known[back.location_id].code] += back.qty
    event = UnitsReturned(units, ask.reason, ask.external_id, ask.disposition, dict(places))
    tx.emit(ORDER, ask.order_id, event)
    changes = OrderChanges(tx, {ask.order_id: opened})
    changes.touch(ask.order_id)
    changes.write("return")
    if opened.order.delivery == "local":
        close_failed_stop(tx, opened, units)
    return order_state(tx, ask.order_id)


def _require_returnable(opened: OpenedOrder, units: Mapping[int, int]) -> None:
    require_lines(opened, units)
    for line_no, qty in units.items():
        line = opened.lines[line_no]
        left = line.shipped - line.returned
        if qty > left:
            raise refuse_order_action(
                f"Of line {line_no}, {left} shipped units have not come back yet; {qty} can't.",
                opened.facts(),
            )


def _find_places(
    tx: Tx, opened: OpenedOrder, units: Mapping[int, int], code: str | None
) -> list[_Back]:
    """Where the units went into stock: the place named, else those that shipped them."""
    if code is not None:
        location = reference(tx).locations.get(code)
        if location is None or not tx.actor.sees_location(location.id):
            raise InvalidInput(
                "Nothing was returned.",
                errors=[Fault("/location", "unknown-location", f"No location “{code[:60]}”.")],
            )
        return [
            _Back(no, location.id if opened.parts[no] else None, qty)
            for no, qty in sorted(units.items())
        ]
    backs = []
    for line_no, qty in sorted(units.items()):
        backs += _back_to_shippers(opened, line_no, qty)
    for back in backs:
        if back.location_id is not None:
            tx.actor.require_location(back.location_id)
    return backs


def _back_to_shippers(opened: OpenedOrder, line_no: int, qty: int) -> list[_Back]:
    """Spread units over the places that shipped the line, the last one first."""
    if not opened.parts[line_no]:
        return [_Back(line_no, None, qty)]
    backs = []
    # Earlier returns took the first units in the same order.
    gone, left = opened.lines[line_no].returned, qty
    for fo_no, fo in sorted(opened.fos.items(), reverse=True):
        work = opened.work.get((fo_no, line_no))
        here = work.shipped if work else 0
        skipped = min(gone, here)
        gone -= skipped
        taken = min(left, here - skipped)
        left -= taken
        if taken:
            backs.append(_Back(line_no, fo.location_id, taken))
    assert left == 0, "what was shipped was shipped by a fulfillment order"
    return backs


def _post(tx: Tx, opened: OpenedOrder, backs: list[_Back], ask: ReturnUnits) -> None:
    pieces: list[tuple[CellKey, int, int]] = [
        (
            (str(part.item_id), str(back.location_id)),
            back.qty * part.per_unit,
            back.line_no,
        )
        for back in backs
        for part in opened.parts[back.line_no]
    ]
    if not pieces:
        return
    ledger = lock_cells(tx, [cell for cell, _, _ in pieces])
    returned = [Returned(line_no, cell, qty) for cell, qty, line_no in pieces]
    choose_returned_lots(tx, ledger, opened, returned, (_BUCKET[ask.disposition], ask.lots))
    for cell, qty, line_no in pieces:
        ledger.post(
            cell,
            "customer",
            _BUCKET[ask.disposition],
            qty,
            reason="return",
            source=(str(ask.order_id), line_no),
            occurred_at=ask.returned_at,
        )
    ledger.send(tx)
