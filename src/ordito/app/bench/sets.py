"""Reference (ii): batches of 100 orders straight into PostgreSQL, with parameters ready-made.

The same statements that placing sends, recorded beforehand by a plan of our own orders, so that
while the clock runs nothing but PostgreSQL works. One connection: a second one slowed it here.
"""

import time
from typing import Any

import psycopg

from ordito.catalog.items import send_find_facts
from ordito.flows.order_drafts import Known, draft_order
from ordito.flows.order_rows import OrderRows
from ordito.flows.planned_orders import PlannedOrder
from ordito.flows.reference import reference
from ordito.inventory.ledger import LOCK, Ledger
from ordito.inventory.types import Cell, CellKey
from ordito.kernel.ids import new_id
from ordito.orders import orders
from ordito.orders.types import PlaceOrder
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import prepare
from ordito.sourcing.plans import plan

BATCH = 100

Batch = list[tuple[str, Any]]
"""Statements with their parameters, from BEGIN to COMMIT."""


class _Recorder:
    """Stands where the connection is, and notes what would have been sent."""

    def __init__(self) -> None:
        self.sent: Batch = []

    def execute(self, sql: str, parameters: Any = None) -> None:
        self.sent.append((sql, parameters))


def record_batches(db: Database, bodies: list[PlaceOrder], place_orders: Any) -> list[Batch]:
    """Plan orders against the stock as it is and record what writing them sends, batch by batch."""
    with db.transaction(SYSTEM) as tx:
        known = _read_known(tx, bodies)
        cells = _read_cells(tx, bodies)
        numbers = iter(orders.NUMBERS.all(tx, n=len(bodies)))
        ledger = Ledger(cells.values(), tx.now, SYSTEM.id, tx.now)
        places = known.reference.no_by_id
        free: dict[str, dict[int, int]] = {}
        for cell in cells.values():
            free.setdefault(str(cell.item_id), {})[places[str(cell.location_id)]] = cell.available
        batches = []
        for start in range(0, len(bodies), BATCH):
            recorder = _Recorder()
            recorded = Tx(recorder, SYSTEM, now=tx.now, memory={})  # type: ignore[arg-type]
            rows = OrderRows(recorded, known.reference, ledger, {})
            touched: set[CellKey] = set()
            for n, body in enumerate(bodies[start : start + BATCH]):
                request = prepare(SYSTEM, place_orders, body, key=f"set-{new_id()}")
                draft = draft_order(SYSTEM, body, known)
                network = known.reference.networks[draft.channel.policy_id]
                outcome = plan(draft.sourcing, network, free, {})
                order = PlannedOrder(n, request, draft, outcome, next(numbers), {})
                touched |= {
                    (str(part.item_id), known.reference.id_by_no[allocation.place])
                    for allocation in outcome.allocations
                    for part in draft.lines[allocation.line_no - 1].parts
                }
                rows.add(order)
            rows.send()
            lock = (LOCK.sql, LOCK.columns(sorted(touched)))
            batches.append([("BEGIN", None), lock, *recorder.sent, ("COMMIT", None)])
    return batches


def _read_known(tx: Tx, bodies: list[PlaceOrder]) -> Known:
    keys = {line.sku.lower() for body in bodies for line in body.lines}
    return Known(
        reference=reference(tx),
        items={item.sku_key: item for item in send_find_facts(tx, keys)},
        centroids={},
        now=tx.now,
    )


def _read_cells(tx: Tx, bodies: list[PlaceOrder]) -> dict[CellKey, Cell]:
    rows = tx.conn.execute(
        "SELECT item_id, location_id, on_hand, available, reserved, picked, quality_control,"
        " damaged, safety, incoming, in_transit, seq FROM inventory.stock"
        " WHERE item_id IN (SELECT id FROM catalog.item WHERE sku = ANY(%s))",
        ([line.sku for body in bodies for line in body.lines],),
    )
    cells = (Cell(*row) for row in rows)
    return {(str(cell.item_id), str(cell.location_id)): cell for cell in cells}


def run_batches(dsn: str, batches: list[Batch], *, seconds: float) -> tuple[float, int]:
    """Orders a second, and how many orders were written before the time was up."""
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=2) as conn:
        started = time.perf_counter()
        done = 0
        for batch in batches:
            with conn.pipeline():
                for sql, parameters in batch:
                    conn.execute(sql, parameters)
            done += BATCH
            if time.perf_counter() - started > seconds:
                break
        took = time.perf_counter() - started
    return done / took, done
