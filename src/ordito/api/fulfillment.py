"""Fulfillment orders and tasks over HTTP. An id is “<order id>.<number>”."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.endpoints import Endpoint, reading, writing
from ordito.api.paging import PageParams
from ordito.flows.close_task import close_task
from ordito.flows.fulfil_many import fulfil_many
from ordito.flows.hand_over import close_not_collected, hand_over, make_ready
from ordito.flows.open_scheduled import open_early
from ordito.flows.pack_units import pack_units
from ordito.flows.pick_units import pick_units, start_picking, unpick_units
from ordito.flows.receive_brought import receive_brought
from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.flows.release_to_pick import release_fulfillment_orders, release_to_pick
from ordito.flows.report_short import report_short
from ordito.flows.ship_units import deliver_units, ship_units
from ordito.fulfillment.asks import LineNo
from ordito.fulfillment.tasks import read_open_tasks
from ordito.fulfillment.types import Delivery, Task
from ordito.kernel.asks import Ask, Code
from ordito.listings.arrivals import ArrivalPage, list_arrivals
from ordito.listings.board import Board, CardPage, WorkState, list_cards, read_board
from ordito.listings.order_page import read_order_page
from ordito.listings.order_types import WorkView
from ordito.listings.pick_list import PickList, read_pick_list
from ordito.listings.pickups import PickupPage, list_pickups
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

TAG = "Fulfillment"
_WORK = "/fulfillment-orders/{fulfillment_order_id}"
_LINES = {"lines": {"1": 1}}


class WorkKey(Ask, frozen=True, kw_only=True):
    order_id: UUID
    fo_no: LineNo


class Nothing(Ask, frozen=True):
    """No parameters."""


class WorkParams(PageParams, frozen=True, kw_only=True):
    """Fulfillment orders of a location in one state."""

    location: Code
    state: WorkState
    delivery: Delivery | None = None


class BoardParams(Ask, frozen=True, kw_only=True):
    code: Code
    delivery: Delivery | None = None


class PickupParams(PageParams, frozen=True, kw_only=True):
    """number: only of that order, as the customer says it."""

    code: Code
    number: Annotated[int, Meta(ge=1, le=2**62)] | None = None


class OpenTasks(msgspec.Struct, frozen=True):
    """What people must look at, oldest first; at most 200."""

    items: list[Task]


def get_fulfillment_order(tx: Tx, params: WorkKey) -> WorkView:
    """What one location has to do of an order, why there, and what may be done with it."""
    order = read_order_page(tx, params.order_id)
    for work in order.fulfillment_orders:
        if work.fo_no == params.fo_no:
            return work
    raise NotFound("There is no such fulfillment order, or its location is none you see.")


def list_fulfillment_orders(tx: Tx, params: WorkParams) -> CardPage:
    """What a location has to do, by promise, then age."""
    return list_cards(
        tx,
        params.location,
        params.state,
        delivery=params.delivery,
        cursor=params.cursor,
        limit=params.limit,
    )


def get_board(tx: Tx, params: BoardParams) -> Board:
    """The first fulfillment orders of each state at a location."""
    return read_board(tx, params.code, delivery=params.delivery)


def get_pick_list(tx: Tx, params: WorkKey) -> PickList:
    """What to take from which bin, in the order of the walk."""
    return read_pick_list(tx, params.order_id, params.fo_no)


def list_location_pickups(tx: Tx, params: PickupParams) -> PickupPage:
    """What lies ready, or nearly, to be collected; longest waiting first."""
    return list_pickups(
        tx,
        params.code,
        words="" if params.number is None else str(params.number),
        cursor=params.cursor,
        limit=params.limit,
    )


class ArrivalParams(PageParams, frozen=True, kw_only=True):
    """number: only of that order. tracking_number: only the parcel with it."""

    code: Code
    number: Annotated[int, Meta(ge=1, le=2**62)] | None = None
    tracking_number: Annotated[str, Meta(max_length=100)] = ""


def list_location_arrivals(tx: Tx, params: ArrivalParams) -> ArrivalPage:
    """Parcels that other locations sent here for pick-ups; those that left first at the top."""
    words = params.tracking_number if params.number is None else str(params.number)
    return list_arrivals(tx, params.code, words=words, cursor=params.cursor, limit=params.limit)


def list_tasks(tx: Tx, params: Nothing) -> OpenTasks:
    """Open tasks at locations that the caller sees."""
    actor = tx.actor
    return OpenTasks(
        [
            task
            for task in read_open_tasks(tx)
            if task.location_id is None or actor.sees_location(task.location_id)
        ]
    )


_LOTS = ("lot-required", "lot-short", "lot-unfit")


def _act(
    action: str,
    summary: str,
    command: Callable[..., Any],
    example: Any = None,
    problems: tuple[str, ...] = (),
) -> Endpoint:
    """An act on one fulfillment order."""
    return writing(
        "POST",
        f"{_WORK}/{action}",
        TAG,
        summary,
        command,
        example=example or {},
        problems=("action-not-allowed", *problems),
    )


ENDPOINTS = [
    reading("/fulfillment-orders", TAG, "List fulfillment orders", list_fulfillment_orders,
            "fulfillment.read"),
    reading("/locations/{code}/board", TAG, "Read a location's board", get_board,
            "fulfillment.read"),
    reading("/locations/{code}/pickups", TAG, "List what customers come for",
            list_location_pickups, "fulfillment.read"),
    reading("/locations/{code}/arrivals", TAG, "List parcels on their way to a shop",
            list_location_arrivals, "fulfillment.read"),
    reading(f"{_WORK}/pick-list", TAG, "Read a pick list", get_pick_list, "fulfillment.read"),
    reading(_WORK, TAG, "Read a fulfillment order", get_fulfillment_order, "fulfillment.read"),
    _act("open-early", "Begin before the scheduled time", open_early),
    _act("release", "Release to the floor", release_to_pick),
    _act("start", "Start picking", start_picking),
    _act("pick", "Pick units", pick_units,
         _LINES | {"lots": [{"line": 1, "lot": "A2026-11"}]}, _LOTS),
    _act("unpick", "Put units back on the shelf", unpick_units, _LINES, _LOTS),
    _act("report-short", "Report units as missing", report_short, _LINES | {"reason": "missing"},
         _LOTS),
    _act("reject", "Say no: source it elsewhere", reject_fulfillment_order, {"reason": "closed"}),
    _act("pack", "Pack units, checked by scans", pack_units,
         {"scans": [{"code": "TEA-100", "qty": 2}]}),
    _act("ship", "Ship a parcel", ship_units,
         {"carrier": "DPD", "service": "classic", "tracking_number": "JJD000390007827"}, _LOTS),
    _act("deliver", "Mark parcels as delivered", deliver_units),
    _act("receive", "Receive a parcel at the shop", receive_brought,
         {"parcel_no": 1, "items": [{"sku": "TEA-100", "quantity": 2}]}, _LOTS),
    _act("ready", "Put the box out for pick-up", make_ready),
    _act("hand-over", "Hand over to the customer", hand_over, {"code": "123456"}),
    _act("not-collected", "Close what nobody collected", close_not_collected),
    writing("POST", "/fulfillment-orders/release", TAG, "Release many",
            release_fulfillment_orders,
            example={"asks": [{"order_id": "019a7f3c-5c1e-7c3a-9b1f-2f6f3a1d8e90", "fo_no": 1}]}),
    writing("POST", "/fulfillment-orders/fulfil", TAG, "Take many through to shipped",
            fulfil_many,
            example={"asks": [{"order_id": "019a7f3c-5c1e-7c3a-9b1f-2f6f3a1d8e90", "fo_no": 1,
                               "carrier": "DPD"}]}),
    reading("/tasks", TAG, "List open tasks", list_tasks, "fulfillment.read"),
    writing("POST", "/tasks/{task_id}/close", TAG, "Close a task", close_task, example={}),
]  # fmt: skip
