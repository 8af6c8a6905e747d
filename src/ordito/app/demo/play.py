"""Plays the month day by day to the present: placed, shipped, delivered; today is still open."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog

from ordito.app.demo.arrivals import bring_to_bristol
from ordito.app.demo.orders import Asks, dice
from ordito.app.demo.setup import ask
from ordito.app.demo.world import CARRIERS
from ordito.flows.annotate_order import add_note
from ordito.flows.answer_requests import accept_request
from ordito.flows.fulfil_many import FulfilMany, fulfil_many
from ordito.flows.hand_over import hand_over, make_ready
from ordito.flows.hold_order import hold_order
from ordito.flows.learn_promises import LearnPromises, learn_promises
from ordito.flows.manage_locations import update_location
from ordito.flows.pack_units import pack_units
from ordito.flows.pick_units import pick_units, start_picking
from ordito.flows.place_orders import place_orders
from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.flows.release_to_pick import release_to_pick
from ordito.flows.report_short import report_short
from ordito.flows.ship_units import ship_units
from ordito.fulfillment.asks import (
    BULK_MAX,
    AcceptRequest,
    HandOver,
    MakeReady,
    PackUnits,
    PickUnits,
    RejectFulfillmentOrder,
    ReleaseToPick,
    ReportShort,
    ShipUnits,
    StartPicking,
)
from ordito.intake.types import OrderEntry
from ordito.locations.types import UpdateLocation
from ordito.orders.asks import AddNote, HoldOrder
from ordito.orders.types import PlacedOrder
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import prepare, run, run_many
from ordito.platform.problems import Problem

log = structlog.get_logger(__name__)

PLACED_AT_ONCE = 128
Report = Callable[[float, str], None]


class Part(msgspec.Struct, frozen=True):
    """A fulfillment order on its way: whose, where, and since when."""

    order_id: UUID
    fo_no: int
    country: str
    pickup: bool
    placed_at: datetime


class Player:
    """The staff of the demo. `db.clock` tells them what time it is."""

    def __init__(self, db: Database, asks: Asks, now: datetime) -> None:
        self._db = db
        self._asks = asks
        self._now = now
        self._clock = now
        self._waiting: list[Part] = []
        self._sent: list[tuple[datetime, Part]] = []
        db.clock = lambda _conn: self._clock

    def play(self, entries: Sequence[OrderEntry], report: Report) -> None:
        """All days up to now; the last two are left in the middle of the work."""
        by_day: dict[Any, list[OrderEntry]] = {}
        for entry in entries:
            by_day.setdefault(self._asks.placed_at(entry).date(), []).append(entry)
        days = sorted(by_day)
        for n, day in enumerate(days):
            orders = sorted(by_day[day], key=self._asks.placed_at)
            report(n / len(days), f"{day:%d %B}: {len(orders)} orders")
            self._morning(orders[0])
            self._place(orders)
        self._clock = self._now
        run(self._db, SYSTEM, learn_promises, LearnPromises())
        self._today()

    def _morning(self, first: OrderEntry) -> None:
        """Before the first order of a day: ship what waits, deliver what has arrived."""
        self._clock = self._asks.placed_at(first) - timedelta(minutes=30)
        ripe = [part for part in self._waiting if self._now - part.placed_at > timedelta(days=2)]
        self._ship(ripe)
        self._waiting = [part for part in self._waiting if part not in set(ripe)]
        arrived = [p for at, p in self._sent if self._clock - at > timedelta(days=2)]
        self._sent = [(at, p) for at, p in self._sent if self._clock - at <= timedelta(days=2)]
        self._fulfil(arrived, delivered=True)

    def _place(self, entries: Sequence[OrderEntry]) -> None:
        for start in range(0, len(entries), PLACED_AT_ONCE):
            chunk = entries[start : start + PLACED_AT_ONCE]
            self._clock = self._asks.placed_at(chunk[-1])
            bodies = [self._asks.ask(entry) for entry in chunk]
            requests = [prepare(SYSTEM, place_orders, body) for body in bodies]
            answers = run_many(self._db, place_orders, requests)
            for body, answer in zip(bodies, answers, strict=True):
                if isinstance(answer, PlacedOrder):
                    self._note_parts(body, answer)
                else:
                    log.warning("demo_order_refused", problem=str(answer))

    def _note_parts(self, body: Any, placed: PlacedOrder) -> None:
        country = body.ship_to.country if body.ship_to else "GB"
        for n in range(1, len(placed.fulfillment_orders) + 1):
            part = Part(placed.id, n, country, body.delivery == "pickup", body.placed_at)
            self._waiting.append(part)

    def _ship(self, parts: Sequence[Part]) -> None:
        shipped = [part for part in parts if not part.pickup]
        self._fulfil(shipped)
        self._sent += [(self._clock, part) for part in shipped]
        for part in parts:
            if part.pickup:
                self._pick_up(part)

    def _fulfil(self, parts: Sequence[Part], **fields: bool) -> None:
        for start in range(0, len(parts), BULK_MAX):
            asks = [
                {"order_id": p.order_id, "fo_no": p.fo_no, **_parcel(p), **fields}
                for p in parts[start : start + BULK_MAX]
            ]
            ask(self._db, fulfil_many, FulfilMany, {"asks": asks})

    def _pick_up(self, part: Part) -> None:
        steps: list[tuple[Any, Any, dict[str, Any]]] = [
            (release_to_pick, ReleaseToPick, {}),
            (pick_units, PickUnits, {}),
            (pack_units, PackUnits, {"unchecked": True}),
            (make_ready, MakeReady, {}),
        ]
        if dice("collected", part.order_id) % 3:
            steps.append((hand_over, HandOver, {"id_checked": True}))
        for command, kind, fields in steps:
            if not self._do(command, kind, part, **fields):
                return

    def _today(self) -> None:
        """The present: some released, some picked, packed or just shipped, one short, holds.

        Since this morning Leipzig is asked and answers, a store couldn't serve a pick-up, and what
        others lack is brought to them.
        """
        partner = {"code": "LEJ", "answer_hours": 4, "partner_email": "desk@leipzig.example"}
        ask(self._db, update_location, UpdateLocation, partner)
        lost = next((part for part in self._waiting if part.pickup), None)
        if lost is not None:
            self._do(reject_fulfillment_order, RejectFulfillmentOrder, lost, reason="damaged")
        for n, part in enumerate(self._waiting):
            turn = n % 10
            if turn == 9:
                self._hold(part, n)
            elif turn <= 5 and self._do(release_to_pick, ReleaseToPick, part):
                self._work(part, turn)
        bring_to_bristol(self._db)

    def _work(self, part: Part, turn: int) -> None:
        if turn == 1:
            self._do(start_picking, StartPicking, part)
        if turn == 2:
            self._do(report_short, ReportShort, part, lines={self._first_line(part): 1})
        if turn in (4, 5) and self._at_partner(part):
            self._do(accept_request, AcceptRequest, part, reference=f"L-{dice('ref', part) % 9999}")
        if turn in (3, 4, 5) and self._do(pick_units, PickUnits, part) and turn >= 4:
            packed = self._do(pack_units, PackUnits, part, unchecked=True)
            if packed and turn == 5 and not part.pickup:
                self._do(ship_units, ShipUnits, part, **_parcel(part))
            elif packed and part.pickup:
                self._do(make_ready, MakeReady, part)

    def _hold(self, part: Part, n: int) -> None:
        reason, note = [
            ("address", "The postcode doesn't fit the city: ask the customer."),
            ("payment", "Bank transfer not seen yet."),
            ("fraud", "Third large order from the same address today."),
        ][n // 10 % 3]
        body = {"order_id": part.order_id, "holds": [{"reason": reason, "note": note}]}
        ask(self._db, hold_order, HoldOrder, body)
        note_body = {"order_id": part.order_id, "body": "Called the customer, will call again."}
        ask(self._db, add_note, AddNote, note_body)

    def _at_partner(self, part: Part) -> bool:
        with self._db.connection() as conn:
            row = conn.execute(
                "SELECT request FROM fulfillment.fulfillment_order"
                " WHERE order_id = %s AND fo_no = %s",
                (part.order_id, part.fo_no),
            ).fetchone()
        return bool(row and row[0])

    def _first_line(self, part: Part) -> int:
        with self._db.connection() as conn:
            row = conn.execute(
                "SELECT min(line_no) FROM fulfillment.line WHERE order_id = %s AND fo_no = %s",
                (part.order_id, part.fo_no),
            ).fetchone()
        return int(row[0]) if row else 1

    def _do(self, command: Any, kind: Any, part: Part, **fields: Any) -> bool:
        """One step; False when the state of things doesn't allow it any more."""
        try:
            body = {"order_id": part.order_id, "fo_no": part.fo_no, **fields}
            ask(self._db, command, kind, body)
        except Problem as problem:
            log.info("demo_step_refused", command=command.__name__, problem=str(problem))
            return False
        return True


def _parcel(part: Part) -> dict[str, Any]:
    carrier, service, prefix = CARRIERS.get(part.country, CARRIERS[""])
    number = dice("track", part.order_id, part.fo_no) % 10**10
    return {
        "carrier": carrier,
        "service": service,
        "tracking_number": f"{prefix}{number:010d}{part.country}",
    }
