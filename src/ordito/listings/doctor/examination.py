"""Asking all checks at one moment, in a read-only snapshot: no false alarms while others write."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import Connection

from ordito.listings.doctor import (
    bin_checks,
    desk_checks,
    event_checks,
    import_checks,
    local_checks,
    lot_checks,
    money_checks,
    order_checks,
    reference_checks,
    setting_checks,
    shop_checks,
    stock_checks,
    stockwork_checks,
    system_checks,
    wall_checks,
    webhook_checks,
    work_checks,
)
from ordito.listings.doctor.questions import SAMPLES_MAX, ask_everything, ask_some, parameters
from ordito.listings.doctor.types import Check, CheckTime, Finding, Report, Scope
from ordito.platform.arrays import ints, uuids
from ordito.platform.database import Database

CHECKS: tuple[Check, ...] = (
    *stock_checks.CHECKS,
    *stockwork_checks.CHECKS,
    *lot_checks.CHECKS,
    *bin_checks.CHECKS,
    *order_checks.CHECKS,
    *work_checks.CHECKS,
    *local_checks.CHECKS,
    *money_checks.CHECKS,
    *event_checks.CHECKS,
    *reference_checks.CHECKS,
    *setting_checks.CHECKS,
    *desk_checks.CHECKS,
    *import_checks.CHECKS,
    *shop_checks.CHECKS,
    *system_checks.CHECKS,
    *wall_checks.CHECKS,
    *webhook_checks.CHECKS,
)

SCOPED: tuple[Check, ...] = tuple(check for check in CHECKS if check.reach != "everything")

_SOME = ask_some(SCOPED)


def examine(
    db: Database,
    *,
    only: Scope | None = None,
    checks: Sequence[Check] = CHECKS,
    on_check: Callable[[Check], None] = lambda check: None,
) -> Report:
    """Ask the checks of everything, or those that can be of some orders and cells.

    only:     a few orders and cells: milliseconds, in one statement.
    on_check: called before each check of everything, to show progress.

    A check that can't be asked (a table is missing, it takes more than ten minutes) is a finding.
    """
    began = time.perf_counter()
    with db.connection() as conn, conn.transaction():
        if only is not None:
            return Report(len(SCOPED), _ask_some(conn, only), _since(began))
        findings, times = _ask_everything(conn, checks, on_check)
    return Report(len(checks), findings, _since(began), times)


_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


def _ask_some(conn: Connection[Any], only: Scope) -> list[Finding]:
    with conn.pipeline():
        conn.execute(_SNAPSHOT)
        # Planning costs many times what answering does: plan once per connection.
        conn.execute(
            "SELECT set_config('statement_timeout', '10s', true),"
            " set_config('plan_cache_mode', 'force_generic_plan', true)"
        )
        cursor = conn.execute(_SOME.encode(), parameters(only), prepare=True)
    rows: defaultdict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for id_, count, sample in cursor.fetchall():
        rows[id_].append((count, sample))
    return [_finding(check, rows[check.id]) for check in SCOPED if check.id in rows]


def _ask_everything(
    conn: Connection[Any], checks: Sequence[Check], on_check: Callable[[Check], None]
) -> tuple[list[Finding], list[CheckTime]]:
    conn.execute(_SNAPSHOT)
    conn.execute(
        "SELECT set_config('statement_timeout', '10min', true),"
        " set_config('work_mem', '64MB', true)"
    )
    findings, times = [], []
    for check in checks:
        on_check(check)
        began = time.perf_counter()
        finding = ask(conn, check)
        if finding is not None:
            findings.append(finding)
        times.append(CheckTime(check.id, _since(began)))
    return findings, times


def ask(
    conn: Connection[Any], check: Check, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Finding | None:
    """Ask one check of everything, in the caller's transaction. now: this machine's clock."""
    try:
        with conn.transaction():
            if check.shape is not None:
                return _ask_shapes(conn, check)
            cursor = conn.execute(ask_everything(check).encode(), {"now": now()})
            rows = cursor.fetchall()
    except (psycopg.DataError, psycopg.ProgrammingError, psycopg.errors.QueryCanceled) as fault:
        return _finding(check, [(1, {"could_not_be_checked": str(fault)})])
    return _finding(check, rows) if rows else None


def _ask_shapes(conn: Connection[Any], check: Check) -> Finding | None:
    """Convert the bodies of all rows; those that don't convert are wrong."""
    wrong = []
    for (row,) in conn.execute(f"SELECT to_jsonb(v) FROM ({check.sql}) AS v".encode()):  # noqa: S608
        body = row.pop("body")
        try:
            msgspec.convert(body, check.shape)
        except (msgspec.ValidationError, ValueError) as fault:
            wrong.append(row | {"fault": str(fault)})
    return _finding(check, [(len(wrong), row) for row in wrong]) if wrong else None


def _finding(check: Check, rows: Sequence[tuple[int, dict[str, Any]]]) -> Finding:
    return Finding(
        id=check.id,
        title=check.title,
        severity=check.severity,
        hint=check.hint,
        count=rows[0][0],
        samples=[sample for _, sample in rows[:SAMPLES_MAX]],
    )


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)


def scope_of_orders(db: Database, numbers: Sequence[int]) -> tuple[Scope, list[int]]:
    """Orders by number with the cells they touch; and the numbers that no order has."""
    with db.connection() as conn:
        found = conn.execute(
            "SELECT id, number FROM orders.sales_order WHERE number = ANY(%s::int8[])",
            [ints(numbers)],
        ).fetchall()
        ids = [row[0] for row in found]
        cells = conn.execute(_CELLS, {"order_ids": uuids(ids)}).fetchall()
    known = {row[1] for row in found}
    return Scope(tuple(ids), tuple(cells)), [n for n in numbers if n not in known]


_CELLS = """
    SELECT r.item_id, r.location_id
    FROM inventory.reservation AS r
    WHERE r.holder_id = ANY(%(order_ids)s::uuid[])
    UNION
    SELECT l.item_id, f.location_id
    FROM fulfillment.line AS l
    JOIN fulfillment.fulfillment_order AS f ON f.order_id = l.order_id AND f.fo_no = l.fo_no
    WHERE l.order_id = ANY(%(order_ids)s::uuid[])
"""


def everything_in(db: Database) -> Scope:
    """All orders, holds and cells of a small database, to be examined as a scope."""
    with db.connection() as conn:
        ids: list[tuple[UUID]] = conn.execute(
            "SELECT id FROM orders.sales_order UNION ALL SELECT id FROM inventory.stock_hold"
        ).fetchall()
        cells = conn.execute("SELECT item_id, location_id FROM inventory.stock").fetchall()
    return Scope(tuple(row[0] for row in ids), tuple(cells))
