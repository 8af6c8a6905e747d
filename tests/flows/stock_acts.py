"""Acts on stock for tests: one short call each, through the door, checked afterwards."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ordito.flows.adjust_stock import adjust_stock, move_stock
from ordito.flows.count_stock import count_stock
from ordito.flows.hold_stock import extend_hold, hold_stock, release_hold_of_stock
from ordito.flows.receive_stock import receive_stock
from ordito.inventory.asks import (
    AdjustStock,
    CountStock,
    ExtendHold,
    HoldState,
    HoldStock,
    MoveStock,
    ReceiveStock,
    ReleaseHold,
    StockChanged,
    StockCounted,
)
from ordito.inventory.levels import read_levels
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.events import TimelineEntry, read_timeline
from ordito.platform.problems import Problem
from tests import make

BUCKETS = ("available", "reserved", "picked", "quality_control", "damaged", "safety")


def do(db: Database, function: Callable[..., Any], ask: Any, actor: Actor = make.BOSS) -> Any:
    """Carry out a command through the door; whatever comes of it, the stock is sound."""
    try:
        return run(db, actor, function, ask)
    finally:
        assert_stock_sound(db)


def receive(shop: make.Shop, location: str, units: dict[str, int], **fields: Any) -> StockChanged:
    lines = [{"sku": sku, "quantity": qty} for sku, qty in units.items()]
    body = {"location": location, "lines": lines} | fields
    changed: StockChanged = do(shop.db, receive_stock, msgspec.convert(body, ReceiveStock))
    return changed


def adjust(
    shop: make.Shop, location: str, units: dict[str, int], reason: str = "correction", **fields: Any
) -> StockChanged:
    lines = [{"sku": sku, "quantity": qty} for sku, qty in units.items()]
    body = {"location": location, "reason": reason, "lines": lines} | fields
    changed: StockChanged = do(shop.db, adjust_stock, msgspec.convert(body, AdjustStock))
    return changed


def move(shop: make.Shop, location: str, sku: str, qty: int, from_: str, to: str) -> StockChanged:
    line = {"sku": sku, "quantity": qty, "from_bucket": from_, "to_bucket": to}
    ask = msgspec.convert({"location": location, "lines": [line]}, MoveStock)
    changed: StockChanged = do(shop.db, move_stock, ask)
    return changed


def count(
    shop: make.Shop,
    location: str,
    counted: dict[str, int],
    expected: dict[str, int] | None = None,
) -> StockCounted:
    """Count items; without `expected` the check is left out."""
    lines = [
        {"sku": sku, "counted": qty, "expected": (expected or {}).get(sku)}
        for sku, qty in counted.items()
    ]
    ask = msgspec.convert({"location": location, "lines": lines}, CountStock)
    outcome: StockCounted = do(shop.db, count_stock, ask)
    return outcome


def hold(shop: make.Shop, units: dict[str, int], minutes: int = 15) -> HoldState:
    lines = [{"sku": sku, "quantity": qty} for sku, qty in units.items()]
    ask = msgspec.convert({"channel": "web", "lines": lines, "minutes": minutes}, HoldStock)
    state: HoldState = do(shop.db, hold_stock, ask)
    return state


def extend(shop: make.Shop, hold_id: UUID, minutes: int = 15) -> HoldState:
    state: HoldState = do(shop.db, extend_hold, ExtendHold(hold_id=hold_id, minutes=minutes))
    return state


def release(shop: make.Shop, hold_id: UUID) -> HoldState:
    state: HoldState = do(shop.db, release_hold_of_stock, ReleaseHold(hold_id=hold_id))
    return state


def let_time_pass(shop: make.Shop, hold_id: UUID) -> None:
    """Make a hold one whose time is over since an hour."""
    with shop.db.connection() as conn, conn.transaction():
        for table, column in (("stock_hold", "id"), ("reservation", "holder_id")):
            conn.execute(
                f"UPDATE inventory.{table} SET expires_at = now() - interval '1 hour'"
                f" WHERE {column} = %s",
                (hold_id,),
            )


def buckets(shop: make.Shop, sku: str, location: str) -> dict[str, int]:
    """What lies in each bucket of a cell; empty ones are left out."""
    with shop.db.reading(SYSTEM) as tx:
        for level in read_levels(tx, [shop.items[sku]]):
            if level.location_id == shop.locations[location]:
                return {name: qty for name in BUCKETS if (qty := getattr(level, name))}
    return {}


def timeline(db: Database, stream_id: UUID) -> list[TimelineEntry]:
    """The events of a stream, first to last."""
    with db.reading(SYSTEM) as tx:
        return read_timeline(tx, stream_id)[::-1]


def postings(db: Database) -> int:
    with db.connection() as conn:
        row = conn.execute("SELECT count(*) FROM inventory.posting").fetchone()
    assert row is not None
    return int(row[0])


def clock(db: Database) -> datetime:
    with db.connection() as conn:
        row = conn.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    now: datetime = row[0]
    return now


def race(acts: Sequence[Callable[[], Any]]) -> list[str]:
    """Do everything at once; "done" or the problem's slug of each, in any order."""
    outcomes: list[str] = []
    barrier = threading.Barrier(len(acts))

    def attempt(act: Callable[[], Any]) -> None:
        barrier.wait(timeout=30)
        try:
            act()
            outcomes.append("done")
        except Problem as problem:
            outcomes.append(problem.slug)

    threads = [threading.Thread(target=attempt, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(outcomes) == len(acts), "an act failed otherwise than with a problem"
    return outcomes


def assert_stock_sound(db: Database) -> None:
    """Counters equal postings; what is reserved is held by orders or by holds that are open."""
    with db.reading(SYSTEM) as tx:
        for claim, sql in _CLAIMS.items():
            rows = tx.conn.execute(sql).fetchall()
            assert rows == [], f"{claim}: {rows[:5]}"


_CLAIMS = {
    "a counter equals the sum of its postings": " UNION ALL ".join(
        f"""
        SELECT s.item_id, s.location_id, '{bucket}', s.{bucket}
        FROM inventory.stock AS s
        WHERE s.{bucket} <> (
            SELECT coalesce(sum(CASE WHEN p.to_bucket = '{bucket}' THEN p.qty
                                     WHEN p.from_bucket = '{bucket}' THEN -p.qty
                                     ELSE 0 END), 0)
            FROM inventory.posting AS p
            WHERE p.item_id = s.item_id AND p.location_id = s.location_id)
        """
        for bucket in BUCKETS
    ),
    "postings are numbered without gaps and end with the counters": """
        SELECT s.item_id, s.location_id
        FROM inventory.stock AS s
        LEFT JOIN LATERAL (
            SELECT count(*) AS n, max(seq) AS seq
            FROM inventory.posting AS p
            WHERE p.item_id = s.item_id AND p.location_id = s.location_id
        ) AS p ON true
        LEFT JOIN inventory.posting AS l
          ON l.item_id = s.item_id AND l.location_id = s.location_id AND l.seq = s.seq
        WHERE p.n <> s.seq OR coalesce(p.seq, 0) <> s.seq
           OR coalesce(l.on_hand_after, 0) <> s.on_hand
           OR coalesce(l.available_after, 0) <> s.available
           OR coalesce(l.reserved_after, 0) <> s.reserved
           OR coalesce(l.picked_after, 0) <> s.picked
    """,
    "reserved equals the reservations of the cell": """
        SELECT s.item_id, s.location_id, s.reserved, sum(r.qty)
        FROM inventory.stock AS s
        LEFT JOIN inventory.reservation AS r USING (item_id, location_id)
        GROUP BY s.item_id, s.location_id, s.reserved
        HAVING s.reserved <> coalesce(sum(r.qty), 0)
    """,
    "times never run backwards in a cell": """
        SELECT a.item_id, a.location_id, a.seq
        FROM inventory.posting AS a
        JOIN inventory.posting AS b
          ON b.item_id = a.item_id AND b.location_id = a.location_id AND b.seq = a.seq + 1
        WHERE b.at < a.at
    """,
    "what expires belongs to a hold that is open": """
        SELECT r.holder_id
        FROM inventory.reservation AS r
        LEFT JOIN inventory.stock_hold AS h ON h.id = r.holder_id
        WHERE (r.expires_at IS NULL) <> (h.id IS NULL)
           OR h.expires_at <> r.expires_at OR h.ended_at IS NOT NULL
    """,
    "a timeline of a hold or receipt has no gaps and ends with the version": """
        SELECT s.id, s.version, count(e.seq), max(e.seq)
        FROM (SELECT id, version FROM inventory.stock_hold
              UNION ALL SELECT id, version FROM inventory.receipt) AS s
        LEFT JOIN platform.event AS e ON e.stream_id = s.id
        GROUP BY s.id, s.version
        HAVING count(e.seq) <> s.version OR max(e.seq) <> s.version
    """,
}
