"""Acts of local delivery for tests: a zone, a slot every day, and rounds."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from ordito.flows.local_rounds import RoundLeft, start_round
from ordito.flows.manage_local_delivery import set_local_delivery
from ordito.flows.order_states import order_state
from ordito.fulfillment.stop_asks import StartRound
from ordito.fulfillment.stop_types import Stop
from ordito.fulfillment.stops import read_stops
from ordito.listings.doctor.local_checks import CHECKS
from ordito.listings.doctor.questions import ask_everything
from ordito.locations.local_types import SetLocalDelivery
from ordito.orders.states import OrderState
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from tests import make
from tests.flows import acts

DAILY = {"code": "DAY", "weekdays": "mon-sun", "starts": "23:00", "ends": "23:59",
         "cut_off_minutes": 0}  # fmt: skip
"""A slot that can be chosen at whatever time a test runs."""


def areas(location: str, *, places: int = 3, **more: Any) -> dict[str, Any]:
    """Zone “City” around Warsaw's 00-9…, and slot DAY."""
    zone = {"name": "City", "country": "PL", "postal_codes": ["00-9*"]}
    return {"location": location, "zones": [zone], "slots": [DAILY | {"places": places}]} | more


def set_areas(shop: make.Shop, location: str, **more: Any) -> None:
    ask = msgspec.convert(areas(location, **more), SetLocalDelivery)
    run(shop.db, make.BOSS, set_local_delivery, ask)


def place(shop: make.Shop, lines: Mapping[str, int], **fields: Any) -> UUID:
    """An order to be brought to Warsaw in the next free slot, or the one given."""
    placed: UUID = make.place(shop, lines, delivery="local", **fields).id
    return placed


def pack(shop: make.Shop, order_id: UUID) -> None:
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id)


def stop_of(shop: make.Shop, order_id: UUID) -> Stop:
    with shop.db.reading(SYSTEM) as tx:
        return read_stops(tx, [order_id])[order_id]


def start(shop: make.Shop, order_id: UUID) -> RoundLeft:
    """Start the round that an order is in."""
    stop = stop_of(shop, order_id)
    code = next(code for code, id_ in shop.locations.items() if id_ == stop.location_id)
    ask = StartRound(location=code, on=stop.on_day, slot=stop.slot)
    left: RoundLeft = acts.do(shop.db, start_round, ask)
    return left


def booked(shop: make.Shop) -> dict[tuple[str, date], int]:
    """What is taken: (slot, day) → places."""
    with shop.db.connection() as conn:
        rows = conn.execute("SELECT slot, on_day, booked FROM fulfillment.slot_day").fetchall()
    return {(slot, on_day): n for slot, on_day, n in rows if n}


def attempts(shop: make.Shop) -> list[tuple[str, str, str, str]]:
    """What happened at doors: outcome, who took it, where it was left, why it failed."""
    with shop.db.connection() as conn:
        return conn.execute(
            "SELECT outcome, taken_by, left_at, reason FROM fulfillment.stop_attempt"
            " ORDER BY order_id, attempt_no"
        ).fetchall()


def state(shop: make.Shop, order_id: UUID) -> OrderState:
    """How an order stands."""
    with shop.db.reading(make.BOSS) as tx:
        return order_state(tx, order_id)


def assert_counted(db: Database) -> None:
    """What is taken of slots is the number of their stops, and orders have the stops they need."""
    with db.connection() as conn:
        for check in CHECKS:
            assert conn.execute(ask_everything(check)).fetchall() == [], check.title
