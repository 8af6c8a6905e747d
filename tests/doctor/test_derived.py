"""The SQL twins of derived states say what the pure functions say, for all small numbers."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from ordito.fulfillment.states import WorkSums, derive_state
from ordito.listings.doctor.derived import (
    CANCELLED_SHARE,
    FULFILMENT,
    LIFE,
    RETURN_STATE,
    WORK_STATE,
)
from ordito.orders import cancellations
from ordito.orders.statuses import Sums, derive

NOBODY = UUID(int=0)
LIVES: tuple[Any, ...] = ("draft", "open", "cancelled", "closed")
STATES: tuple[Any, ...] = (
    "scheduled",
    "open",
    "released",
    "picking",
    "picked",
    "packed",
    "ready",
    "shipped",
    "delivered",
    "handed_over",
    "cancelled",
    "rejected",
    "short",
    "not_collected",
)
COUNTED = (
    "cancelled",
    "open",
    "backordered",
    "reserved",
    "released",
    "picked",
    "packed",
    "shipped",
    "completed",
    "delivered",
    "return_requested",
    "returned",
)


def rows_of_sums() -> Iterable[dict[str, Any]]:
    """Every order of up to two units, in all states they can be in."""
    vectors = [v for v in itertools.product((0, 1, 2), repeat=9) if 0 < sum(v) <= 2]
    for life, vector, held in itertools.product(LIVES, vectors, (False, True)):
        counts = dict(zip(COUNTED, vector, strict=False))
        shipped = counts["shipped"]
        for after in itertools.product(range(shipped + 1), repeat=3):
            more = dict(zip(COUNTED[9:], after, strict=True))
            yield {"life": life, "held": held, "ordered": sum(vector)} | counts | more


def evaluate(
    conn: psycopg.Connection[Any], expressions: dict[str, str], rows: list[dict[str, Any]]
) -> list[tuple[Any, ...]]:
    names = list(rows[0])
    kinds = {str: "text", bool: "bool", int: "int8"}
    columns = ", ".join(f"%s::{kinds[type(rows[0][name])]}[]" for name in names)
    told = ", ".join(expressions.values())
    return conn.execute(
        f"SELECT {told} FROM unnest({columns}) WITH ORDINALITY AS t ({', '.join(names)}, n)"
        " ORDER BY n",
        [[row[name] for row in rows] for name in names],
    ).fetchall()


@pytest.fixture
def conn(dsn: str) -> Iterable[psycopg.Connection[Any]]:
    with psycopg.connect(dsn) as connection:
        yield connection


def test_statuses_of_orders(conn: psycopg.Connection[Any]) -> None:
    rows = list(rows_of_sums())
    twins = {"life": LIFE, "fulfilment": FULFILMENT, "return": RETURN_STATE}
    told = evaluate(conn, twins, rows)
    assert len(rows) > 500
    for row, twin in zip(rows, told, strict=True):
        axes = derive(Sums(NOBODY, **row))
        assert twin == (axes.life, axes.fulfilment, axes.return_state), row


def test_states_of_fulfillment_orders(conn: psycopg.Connection[Any]) -> None:
    rows = [
        {
            "state": state,
            "delivery": delivery,
            "qty": qty,
            "picked": picked,
            "packed": packed,
            "shipped": shipped,
            "under_way": under_way,
        }
        for state, delivery in itertools.product(STATES, ("ship", "pickup"))
        for qty in range(3)
        for picked in range(qty + 1)
        for packed in range(picked + 1)
        for shipped in range(packed + 1)
        for under_way in range(shipped + 1)
    ]
    told = evaluate(conn, {"state": WORK_STATE}, rows)
    for row, (twin,) in zip(rows, told, strict=True):
        counts = {name: row[name] for name in WorkSums.__struct_fields__}
        assert twin == derive_state(row["state"], row["delivery"], WorkSums(**counts)), row


def test_values_of_cancelled_units(conn: psycopg.Connection[Any]) -> None:
    share: Callable[[int, int, int], int] = cancellations._share
    rows = [
        {"net_minor": net, "tax_minor": tax, "cancelled": cancelled, "ordered": ordered}
        for ordered in (1, 2, 3, 7, 12)
        for cancelled in range(ordered + 1)
        for net in (0, 1, 5, 99, 100, 10**15)
        for tax in (0, 1, 23)
    ]
    told = evaluate(conn, {"value": CANCELLED_SHARE}, rows)
    for row, (twin,) in zip(rows, told, strict=True):
        amount = row["net_minor"] + row["tax_minor"]
        assert twin == share(amount, row["cancelled"], row["ordered"]), row
