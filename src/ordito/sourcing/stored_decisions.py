"""Decisions as they are stored: the inputs of the reasons, not the sentences."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query
from ordito.sourcing.types import Decision

DecisionRow = tuple[str, int, datetime, str, int, str, msgspec.Raw]
"""order id, decision no, at, policy id, policy version, cause, body as JSON"""


class StoredDecision(msgspec.Struct, frozen=True):
    """A decision with the policy version that made it and what caused it."""

    order_id: UUID
    decision_no: int
    at: datetime
    policy_id: UUID
    policy_version: int
    cause: str
    body: Decision


def send_insert(tx: Tx, rows: Sequence[DecisionRow]) -> Any:
    return _INSERT.send(tx, rows)


_INSERT = bulk("""
    INSERT INTO sourcing.decision
        (order_id, decision_no, at, policy_id, policy_version, cause, body)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::timestamptz[], %s::uuid[], %s::int4[],
                         %s::text[], %s::jsonb[])
""")


def read_decisions(tx: Tx, order_id: UUID) -> list[StoredDecision]:
    """All decisions about an order, first to last."""
    return _READ.all(tx, order_id=order_id)


_READ = query(
    StoredDecision,
    """
    SELECT order_id, decision_no, at, policy_id, policy_version, cause, body
    FROM sourcing.decision
    WHERE order_id = %(order_id)s
    ORDER BY decision_no
    """,
)


def next_decision_no(tx: Tx, order_id: UUID) -> int:
    """The caller holds the order's lock."""
    return _NEXT.one(tx, order_id=order_id)


_NEXT = query(
    int,
    """
    SELECT coalesce(max(decision_no), 0) + 1
    FROM sourcing.decision
    WHERE order_id = %(order_id)s
    """,
)
