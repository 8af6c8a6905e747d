"""Cancel an order whole or in part: what was not shipped goes back on sale, and costs nothing."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.flows.bulk_outcomes import tell_outcomes
from ordito.flows.opened_orders import (
    OpenedOrder,
    by_line_no,
    open_order,
    open_orders,
    require_lines,
    require_order,
)
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_states import order_state
from ordito.flows.partner_requests import ask_cancellation
from ordito.fulfillment.types import BEGUN_BY_PARTNER, FulfillmentOrder
from ordito.kernel.moves import LineState
from ordito.orders.actions import refuse_order_action, require_order_action
from ordito.orders.asks import CancelOrder, CancelOrders
from ordito.orders.cancellations import value_cancelled
from ordito.orders.events import UnitsCancelled
from ordito.orders.marks import void_money
from ordito.orders.orders import ORDER
from ordito.orders.states import BulkOutcome, OrderState
from ordito.orders.types import Line
from ordito.payments.expectations import lower_expectation
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import NotPermitted, Problem

_LEAST_WORK_FIRST: tuple[LineState, ...] = (
    "backordered",
    "open",
    "reserved",
    "released",
    "picked",
    "packed",
    "sent",
)


class Cut(msgspec.Struct, frozen=True):
    """Units of a line to be cancelled, in the state and at the place where they are."""

    line_no: int
    state: LineState
    qty: int
    fo: FulfillmentOrder | None = None


@command(permission="orders.write")
def cancel_order(tx: Tx, ask: CancelOrder) -> OrderState:
    """Cancel units that were not shipped, those with the least work done first.

    A partner that has begun is asked to leave them out, and its answer decides.
    """
    opened = open_order(tx, ask.order_id, ask.version)
    cuts = _plan_cuts(tx, opened, ask.lines)
    changes = OrderChanges(tx, {ask.order_id: opened})
    cancel_or_ask(changes, opened, cuts, reason=ask.reason, note=ask.note)
    changes.write("cancelled")
    return order_state(tx, ask.order_id)


@command(permission="orders.write")
def cancel_orders(tx: Tx, ask: CancelOrders) -> BulkOutcome:
    """Cancel what was not shipped of many orders; each is cancelled or refused alone."""
    opened = open_orders(tx, ask.order_ids)
    changes = OrderChanges(tx, opened)
    items: dict[str, tuple[UUID, Problem | None]] = {}
    for order_id in dict.fromkeys(ask.order_ids):
        try:
            order = require_order(tx, opened, order_id)
            cuts = _plan_cuts(tx, order, None)
            cancel_or_ask(changes, order, cuts, reason=ask.reason)
            items[str(order_id)] = (order_id, None)
        except Problem as problem:
            items[str(order_id)] = (order_id, problem)
    changes.write("cancelled")
    return tell_outcomes(tx, items)


def _plan_cuts(tx: Tx, opened: OpenedOrder, lines: Mapping[str, int] | None) -> list[Cut]:
    """What is cancelled, where; raises the problems of cancelling before anything is changed."""
    require_order_action("cancel", opened.facts())
    cuts = choose_cuts(opened, _units_asked(opened, lines))
    if not all(cut.fo is None or _is_seen(tx, cut.fo) for cut in cuts):
        raise NotPermitted(
            "Units of this order are at locations that you don't see. Nothing was cancelled; ask"
            " someone who sees all of it, or cancel the lines that are yours."
        )
    return cuts


def _is_seen(tx: Tx, fo: FulfillmentOrder) -> bool:
    ends = (fo.location_id, fo.destination_id)
    return any(place is not None and tx.actor.sees_location(place) for place in ends)


def cancel_or_ask(
    changes: OrderChanges,
    opened: OpenedOrder,
    cuts: Sequence[Cut],
    *,
    reason: str,
    note: str = "",
) -> None:
    """Cancel what can be now; partners that have begun are asked about theirs."""
    begun = [
        cut
        for cut in cuts
        if cut.fo is not None and cut.fo.request in BEGUN_BY_PARTNER and cut.state != "sent"
    ]
    now = [cut for cut in cuts if cut not in begun]
    if now:
        cancel_units(changes, opened, now, reason=reason, note=note)
    for fo_no in sorted({cut.fo.fo_no for cut in begun if cut.fo is not None}):
        units: dict[int, int] = {}
        for cut in begun:
            if cut.fo is not None and cut.fo.fo_no == fo_no:
                units[cut.line_no] = units.get(cut.line_no, 0) + cut.qty
        ask_cancellation(changes, opened, opened.fos[fo_no], units, reason)


def cancel_units(
    changes: OrderChanges,
    opened: OpenedOrder,
    cuts: Sequence[Cut],
    *,
    reason: str,
    note: str = "",
) -> None:
    """Move units to cancelled, lower what is to be paid, ask for what was picked to be put back."""
    tx, order = changes.tx, opened.order
    units: dict[int, int] = {}
    for cut in cuts:
        units[cut.line_no] = units.get(cut.line_no, 0) + cut.qty
        if cut.state == "sent":
            # The goods are in a parcel: they become stock of the shop when that arrives.
            changes.move_past(opened, cut.line_no, cut.qty, ("sent", "cancelled"), cut.fo)
            continue
        changes.move(opened, cut.line_no, cut.qty, (cut.state, "cancelled"), cut.fo)
        if cut.fo is not None and cut.state in ("picked", "packed"):
            changes.tasks += [
                (
                    "put_back",
                    order.id,
                    cut.line_no,
                    cut.fo.location_id,
                    part.item_id,
                    cut.qty * part.per_unit,
                )
                for part in opened.parts[cut.line_no]
            ]
    value = value_cancelled(order.total_minor, opened.lines.values(), units)
    lower_expectation(tx, order.id, value)
    if all(
        line.cancelled + units.get(line.line_no, 0) == line.ordered
        for line in opened.lines.values()
    ):
        void_money(tx, order.id)
    tx.emit(ORDER, order.id, UnitsCancelled(units, reason, value, note))


def _units_asked(opened: OpenedOrder, asked: Mapping[str, int] | None) -> dict[int, int]:
    """Units to cancel by line; raises InvalidInput, or ActionNotAllowed when fewer are left."""
    left = {no: count_unshipped(line) for no, line in opened.lines.items()}
    if asked is None:
        return {no: units for no, units in left.items() if units}
    lines = by_line_no(asked)
    require_lines(opened, lines)
    too_many = {no: units for no, units in lines.items() if units > left[no]}
    if too_many:
        words = ", ".join(
            f"line {no}: asked {units}, left {left[no]}" for no, units in sorted(too_many.items())
        )
        raise refuse_order_action(
            f"More units are to be cancelled than are left unshipped ({words})."
            " What was shipped can come back as a return.",
            opened.facts(),
        )
    return lines


def count_unshipped(line: Line) -> int:
    """Units of a line that can still be cancelled."""
    return line.ordered - line.cancelled - line.shipped - line.completed


def choose_cuts(opened: OpenedOrder, units: Mapping[int, int]) -> list[Cut]:
    """Which units of lines (line no → unshipped units) are cancelled, least work first."""
    cuts = []
    for line_no, wanted in sorted(units.items()):
        left = wanted
        for cut in _cuttable(opened, line_no):
            qty = min(left, cut.qty)
            if qty:
                cuts.append(msgspec.structs.replace(cut, qty=qty))
                left -= qty
        assert left == 0, "the vector and the work at the locations agree"
    return cuts


def _cuttable(opened: OpenedOrder, line_no: int) -> list[Cut]:
    """All unshipped units of a line, least work first, then the youngest fulfillment order."""
    line = opened.lines[line_no]
    found = [Cut(line_no, "backordered", line.backordered), Cut(line_no, "open", line.open)]
    for fo_no, fo in sorted(opened.fos.items(), reverse=True):
        work = opened.work.get((fo_no, line_no))
        if work is not None:
            found += [
                Cut(line_no, unpicked_state(fo), work.qty - work.picked, fo),
                Cut(line_no, "picked", work.picked - work.packed, fo),
                Cut(line_no, "packed", work.packed - work.shipped, fo),
            ]
            if fo.destination_id is not None:
                found.append(Cut(line_no, "sent", work.shipped, fo))
    return sorted(found, key=lambda cut: _LEAST_WORK_FIRST.index(cut.state))


def unpicked_state(fo: FulfillmentOrder) -> LineState:
    """The state in which the units are that a fulfillment order has not picked."""
    return "reserved" if fo.state in ("scheduled", "open") else "released"
