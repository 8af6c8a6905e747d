"""Acts on orders for tests: one short call each, through the door, checked afterwards."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from ordito.flows.answer_requests import accept_request
from ordito.flows.answer_requests import answer_cancellation as answer_cancellation_
from ordito.flows.answer_requests import ship_accepted as ship_accepted_
from ordito.flows.cancel_order import cancel_order
from ordito.flows.hand_over import close_not_collected, hand_over, make_ready
from ordito.flows.order_states import order_state
from ordito.flows.pack_units import pack_units
from ordito.flows.pick_units import pick_units, start_picking, unpick_units
from ordito.flows.pin_line import pin_line
from ordito.flows.receive_brought import receive_brought
from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.flows.release_to_pick import release_to_pick
from ordito.flows.report_short import report_short
from ordito.flows.resource_order import source_order
from ordito.flows.return_units import return_units
from ordito.flows.ship_units import deliver_units, ship_units
from ordito.flows.withdraw_requests import withdraw_request
from ordito.fulfillment import asks as work_asks
from ordito.fulfillment.types import Task
from ordito.orders import asks
from ordito.orders.states import OrderState
from ordito.platform.access import EVERYTHING, SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.events import read_timeline
from ordito.platform.problems import Problem
from tests import make
from tests.flows.invariants import assert_sound


def do(db: Database, function: Callable[..., Any], ask: Any, actor: Actor = make.BOSS) -> Any:
    """Carry out a command through the door; whatever comes of it, the database is sound."""
    try:
        return run(db, actor, function, ask)
    finally:
        assert_sound(db)


def keyed(lines: dict[int, int] | None) -> Any:
    """Units by line as asks have them: keys are text, as in JSON."""
    return lines if lines is None else {str(no): units for no, units in lines.items()}


def cancel(shop: make.Shop, order_id: UUID, lines: dict[int, int] | None = None) -> OrderState:
    ask = asks.CancelOrder(order_id=order_id, lines=keyed(lines), reason="customer_request")
    state: OrderState = do(shop.db, cancel_order, ask)
    return state


def release(shop: make.Shop, order_id: UUID, fo_no: int = 1) -> OrderState:
    ask = work_asks.ReleaseToPick(order_id=order_id, fo_no=fo_no)
    state: OrderState = do(shop.db, release_to_pick, ask)
    return state


def start(shop: make.Shop, order_id: UUID, fo_no: int = 1) -> OrderState:
    ask = work_asks.StartPicking(order_id=order_id, fo_no=fo_no)
    state: OrderState = do(shop.db, start_picking, ask)
    return state


def pick(
    shop: make.Shop, order_id: UUID, lines: dict[int, int] | None = None, fo_no: int = 1
) -> OrderState:
    ask = work_asks.PickUnits(order_id=order_id, fo_no=fo_no, lines=keyed(lines))
    state: OrderState = do(shop.db, pick_units, ask)
    return state


def unpick(
    shop: make.Shop, order_id: UUID, lines: dict[int, int] | None = None, fo_no: int = 1
) -> OrderState:
    ask = work_asks.UnpickUnits(order_id=order_id, fo_no=fo_no, lines=keyed(lines))
    state: OrderState = do(shop.db, unpick_units, ask)
    return state


def pack(
    shop: make.Shop, order_id: UUID, lines: dict[int, int] | None = None, fo_no: int = 1
) -> OrderState:
    """Pack without scans."""
    ask = work_asks.PackUnits(order_id=order_id, fo_no=fo_no, lines=keyed(lines), unchecked=True)
    state: OrderState = do(shop.db, pack_units, ask)
    return state


def ship(
    shop: make.Shop,
    order_id: UUID,
    lines: dict[int, int] | None = None,
    fo_no: int = 1,
    **fields: Any,
) -> OrderState:
    fields = {"carrier": "DHL"} | fields
    ask = work_asks.ShipUnits(order_id=order_id, fo_no=fo_no, lines=keyed(lines), **fields)
    state: OrderState = do(shop.db, ship_units, ask)
    return state


def deliver(
    shop: make.Shop, order_id: UUID, fo_no: int = 1, parcel_no: int | None = None
) -> OrderState:
    ask = work_asks.DeliverUnits(order_id=order_id, fo_no=fo_no, parcel_no=parcel_no)
    state: OrderState = do(shop.db, deliver_units, ask)
    return state


def short(
    shop: make.Shop, order_id: UUID, lines: dict[int, int], fo_no: int = 1, **fields: Any
) -> OrderState:
    ask = work_asks.ReportShort(order_id=order_id, fo_no=fo_no, lines=keyed(lines), **fields)
    state: OrderState = do(shop.db, report_short, ask)
    return state


def reject(shop: make.Shop, order_id: UUID, fo_no: int = 1, reason: str = "too_busy") -> OrderState:
    ask = work_asks.RejectFulfillmentOrder(order_id=order_id, fo_no=fo_no, reason=reason)
    state: OrderState = do(shop.db, reject_fulfillment_order, ask)
    return state


def accept(shop: make.Shop, order_id: UUID, fo_no: int = 1, **fields: Any) -> OrderState:
    ask = work_asks.AcceptRequest(order_id=order_id, fo_no=fo_no, **fields)
    state: OrderState = do(shop.db, accept_request, ask)
    return state


def ship_accepted(
    shop: make.Shop,
    order_id: UUID,
    lines: dict[int, int] | None = None,
    fo_no: int = 1,
    **fields: Any,
) -> OrderState:
    fields = {"carrier": "DHL"} | fields
    ask = work_asks.ShipAccepted(order_id=order_id, fo_no=fo_no, lines=keyed(lines), **fields)
    state: OrderState = do(shop.db, ship_accepted_, ask)
    return state


def answer_cancellation(shop: make.Shop, order_id: UUID, *, accepted: bool) -> OrderState:
    ask = work_asks.AnswerCancellation(order_id=order_id, fo_no=1, accepted=accepted)
    state: OrderState = do(shop.db, answer_cancellation_, ask)
    return state


def withdraw(shop: make.Shop, order_id: UUID, fo_no: int = 1) -> OrderState:
    ask = work_asks.WithdrawRequest(order_id=order_id, fo_no=fo_no)
    state: OrderState = do(shop.db, withdraw_request, ask)
    return state


def requests(state: OrderState) -> list[str | None]:
    """Where the hand-shake with each fulfillment order's partner is."""
    return [part.request for part in state.fulfillment_orders]


def pin(
    shop: make.Shop, order_id: UUID, location: str | None, line_no: int = 1, **fields: Any
) -> OrderState:
    ask = asks.PinLine(order_id=order_id, line_no=line_no, location=location, **fields)
    state: OrderState = do(shop.db, pin_line, ask)
    return state


def ready(shop: make.Shop, order_id: UUID, fo_no: int = 1) -> OrderState:
    ask = work_asks.MakeReady(order_id=order_id, fo_no=fo_no)
    state: OrderState = do(shop.db, make_ready, ask)
    return state


def brought(
    shop: make.Shop, order_id: UUID, fo_no: int, parcel_no: int = 1, **fields: Any
) -> OrderState:
    """A parcel arrived at the shop. items: SKU → pieces, or (pieces, damaged ones)."""
    items = fields.pop("items", None)
    if items is not None:
        pairs = {sku: n if isinstance(n, tuple) else (n, 0) for sku, n in items.items()}
        fields["items"] = tuple(
            work_asks.ArrivedItem(sku=sku, quantity=good, damaged=bad)
            for sku, (good, bad) in pairs.items()
        )
    ask = work_asks.ReceiveBrought(order_id=order_id, fo_no=fo_no, parcel_no=parcel_no, **fields)
    state: OrderState = do(shop.db, receive_brought, ask)
    return state


def hand(shop: make.Shop, order_id: UUID, fo_no: int = 1, **fields: Any) -> OrderState:
    ask = work_asks.HandOver(order_id=order_id, fo_no=fo_no, **fields)
    state: OrderState = do(shop.db, hand_over, ask)
    return state


def not_collected(shop: make.Shop, order_id: UUID, fo_no: int = 1) -> OrderState:
    ask = work_asks.CloseNotCollected(order_id=order_id, fo_no=fo_no)
    state: OrderState = do(shop.db, close_not_collected, ask)
    return state


def take_back(shop: make.Shop, order_id: UUID, lines: dict[int, int], **fields: Any) -> OrderState:
    ask = asks.ReturnUnits(order_id=order_id, lines=keyed(lines), reason="unwanted", **fields)
    state: OrderState = do(shop.db, return_units, ask)
    return state


def shipped(shop: make.Shop, lines: dict[str, int], **fields: Any) -> OrderState:
    """An order whose first fulfillment order has left, whole."""
    order_id = make.place(shop, lines, **fields).id
    release(shop, order_id)
    pick(shop, order_id)
    pack(shop, order_id)
    return ship(shop, order_id)


def look_again(shop: make.Shop, order_id: UUID) -> OrderState:
    """Look for stock once more for what has none."""
    state: OrderState = do(shop.db, source_order, asks.SourceOrder(order_id=order_id))
    return state


def look(shop: make.Shop, order_id: UUID) -> OrderState:
    """How an order stands."""
    with shop.db.reading(SYSTEM) as tx:
        return order_state(tx, order_id)


def vector(state: OrderState, line_no: int = 1) -> dict[str, int]:
    """The parts of a line's vector that are not zero."""
    line = state.lines[line_no - 1]
    names = [name for name in line.__struct_fields__ if name not in ("line_no", "sku", "ordered")]
    return {name: getattr(line, name) for name in names if getattr(line, name)}


def parts(state: OrderState) -> list[tuple[str, str]]:
    """Location and state of each fulfillment order."""
    return [(part.location, part.state) for part in state.fulfillment_orders]


def timeline(shop: make.Shop, order_id: UUID) -> list[str]:
    """The kinds of an order's events, oldest first, without “order.”."""
    with shop.db.reading(SYSTEM) as tx:
        entries = read_timeline(tx, order_id)
    return [entry.kind.removeprefix("order.") for entry in reversed(entries)]


def last_event(shop: make.Shop, order_id: UUID) -> dict[str, Any]:
    with shop.db.reading(SYSTEM) as tx:
        return read_timeline(tx, order_id, limit=1)[0].body


def event(shop: make.Shop, order_id: UUID, kind: str) -> dict[str, Any]:
    """The body of the newest event of a kind."""
    with shop.db.reading(SYSTEM) as tx:
        entries = read_timeline(tx, order_id)
    return next(entry.body for entry in entries if entry.kind == f"order.{kind}")


def level(shop: make.Shop, sku: str, code: str) -> dict[str, int]:
    """The counters of a cell that are not zero."""
    names = ("on_hand", "available", "reserved", "picked", "damaged", "in_transit")
    with shop.db.connection() as conn:
        row = conn.execute(
            f"SELECT {', '.join(names)} FROM inventory.stock"
            " WHERE item_id = %s AND location_id = %s",
            (shop.items[sku], shop.locations[code]),
        ).fetchone()
    assert row is not None
    return {name: units for name, units in zip(names, row, strict=True) if units}


def open_tasks(shop: make.Shop) -> list[tuple[str, int | None, int | None]]:
    """Kind, line and quantity of the open tasks, oldest first."""
    return [(task.kind, task.line_no, task.qty) for task in read_tasks(shop)]


def read_tasks(shop: make.Shop) -> list[Task]:
    from ordito.fulfillment.tasks import read_open_tasks

    with shop.db.reading(SYSTEM) as tx:
        return read_open_tasks(tx)


def refusal(shop: make.Shop, act: Callable[[], Any]) -> Problem:
    """The problem that an act is refused with; nothing at all was written."""
    before = _read_everything(shop)
    try:
        act()
    except Problem as problem:
        assert _read_everything(shop) == before
        return problem
    raise AssertionError("the act was not refused")


def _read_everything(shop: make.Shop) -> list[tuple[str, str]]:
    """Every row that an act might write."""
    with shop.db.connection() as conn:
        tables = conn.execute(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
            " WHERE table_schema IN ('orders', 'fulfillment', 'inventory', 'payments', 'sourcing')"
            " OR (table_schema = 'platform' AND table_name IN ('event', 'pending', 'idempotency'))"
            " ORDER BY 1"
        ).fetchall()
        return [
            (table, row[0])
            for (table,) in tables
            for row in conn.execute(f"SELECT t::text FROM {table} AS t ORDER BY 1").fetchall()
        ]


def clerk(shop: make.Shop, *codes: str) -> Actor:
    """Someone bound to locations."""
    places = frozenset(shop.locations[code] for code in codes)
    return Actor("user", UUID(int=8), "Clerk", EVERYTHING, location_ids=places)
