"""What an order should bring in, by what means, until when."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement


class Expectation(msgspec.Struct, frozen=True):
    order_id: UUID
    method: str
    currency: str
    amount_minor: int
    due_on: date | None
    state: Literal["expected", "settled", "dropped"]


ExpectationRow = tuple[str, str, str, int, date | None]
"""order id, method, currency, amount in minor units, due on"""


def send_insert(tx: Tx, rows: Sequence[ExpectationRow]) -> None:
    _INSERT.send(tx, rows)


_INSERT = bulk("""
    INSERT INTO payments.expectation (order_id, method, currency, amount_minor, due_on, state)
    SELECT *, 'expected'
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int8[], %s::date[])
""")


def read_expectation(tx: Tx, order_id: UUID) -> Expectation | None:
    return _READ.first(tx, order_id=order_id)


_READ = query(
    Expectation,
    """
    SELECT order_id, method, currency, amount_minor, due_on, state
    FROM payments.expectation
    WHERE order_id = %(order_id)s
    """,
)


def lower_expectation(tx: Tx, order_id: UUID, by_minor: int) -> None:
    """Expect less, after a cancellation; an order cancelled whole is expected to bring nothing."""
    _LOWER.run(tx, order_id=order_id, by_minor=by_minor)


_LOWER = statement("""
    UPDATE payments.expectation
    SET amount_minor = amount_minor - %(by_minor)s,
        state = CASE WHEN amount_minor = %(by_minor)s THEN 'dropped' ELSE state END
    WHERE order_id = %(order_id)s AND state = 'expected'
""")
