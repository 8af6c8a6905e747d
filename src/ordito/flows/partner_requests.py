"""What partners are asked: to do the work of a fulfillment order, and to leave units out again."""

from collections.abc import Mapping
from datetime import timedelta

from ordito.flows.opened_orders import OpenedOrder
from ordito.flows.opened_work import OpenedWork
from ordito.flows.order_changes import OrderChanges
from ordito.flows.reference import reference
from ordito.fulfillment.requests import (
    Request,
    add_rejected,
    find_cancellation_ask,
    insert_request,
    put_cancellation_ask,
    write_answer,
)
from ordito.fulfillment.types import FulfillmentOrder
from ordito.locations.types import Location
from ordito.orders.events import CancellationAsked, RequestSubmitted
from ordito.orders.orders import ORDER


def submit_request(
    changes: OrderChanges, fo: FulfillmentOrder, location: Location, lines: Mapping[int, int]
) -> None:
    """Ask the location's partner to do the work (line no → units)."""
    tx = changes.tx
    assert location.answer_hours is not None, "caller asks partners only"
    answer_by = tx.now + timedelta(hours=location.answer_hours)
    request = Request(
        order_id=fo.order_id,
        fo_no=fo.fo_no,
        location_id=fo.location_id,
        units=sum(lines.values()),
        submitted_at=tx.now,
        answer_by=answer_by,
        withdraw_at=answer_by + timedelta(hours=location.withdraw_hours),
    )
    insert_request(tx, request)
    changes.mark_request(fo, "submitted")
    event = RequestSubmitted(fo.fo_no, location.code, dict(lines), answer_by)
    tx.emit(ORDER, fo.order_id, event)


def note_rejected(work: OpenedWork, units: int, *, whole: bool, reason: str) -> None:
    """The partner said no to units; whole: to all that it was still asked for."""
    tx, fo = work.changes.tx, work.fo
    add_rejected(tx, fo.order_id, fo.fo_no, units)
    if whole:
        write_answer(tx, fo.order_id, fo.fo_no, "rejected", reason=reason)
        work.changes.mark_request(fo, "rejected")


def ask_cancellation(
    changes: OrderChanges,
    opened: OpenedOrder,
    fo: FulfillmentOrder,
    units: Mapping[int, int],
    reason: str,
) -> None:
    """Ask a partner that has begun to leave units (line no → units) out.

    What it was asked before and has not answered is added to, up to what it still has: asked twice
    is asked once.
    """
    tx = changes.tx
    before = find_cancellation_ask(tx, fo.order_id, fo.fo_no)
    asked = before.units if before is not None else {}
    left = {work.line_no: work.qty - work.shipped for work in opened.work_of(fo.fo_no)}
    wanted = {
        no: min(left[no], asked.get(no, 0) + units.get(no, 0))
        for no in {*asked, *units}
        if left[no]
    }
    if wanted == asked:
        return
    put_cancellation_ask(tx, fo.order_id, fo.fo_no, wanted, reason)
    changes.mark_request(fo, "cancellation_requested")
    location = reference(tx).locations_by_id[fo.location_id].code
    event = CancellationAsked(fo.fo_no, location, wanted, reason)
    tx.emit(ORDER, fo.order_id, event)
