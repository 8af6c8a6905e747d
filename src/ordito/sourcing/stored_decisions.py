"""Decisions as they are stored: the inputs of the reasons, not the sentences."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ordito.platform.arrays import ints, uuids
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


def is_same(one: Decision, other: Decision) -> bool:
    """Whether two decisions say the same, one of them perhaps read back from the database."""
    return msgspec.json.encode(one) == msgspec.json.encode(other)


class PlacingDecision(msgspec.Struct, frozen=True):
    """The first decision about an order, with what else the order was sourced by."""

    order_id: UUID
    at: datetime
    policy_id: UUID
    policy_version: int
    body: Decision


def read_placing(tx: Tx, order_ids: Iterable[UUID]) -> list[PlacingDecision]:
    """How orders were sourced when they were placed; those that took no stock have none."""
    return _PLACING.all(tx, order_ids=uuids(order_ids))


_PLACING = query(
    PlacingDecision,
    """
    SELECT order_id, at, policy_id, policy_version, body
    FROM sourcing.decision
    WHERE order_id = ANY(%(order_ids)s::uuid[]) AND decision_no = 1 AND cause = 'placed'
    """,
)


class PastLoad(msgspec.Struct, frozen=True):
    """A place that a decision gave units of order lines to."""

    at: datetime
    order_id: UUID
    decision_no: int
    place: int
    units: int


def read_past_load(
    tx: Tx, places: Iterable[int], since: datetime, until: datetime
) -> list[PastLoad]:
    """Work that decisions gave to the places, by their numbers, in order of time."""
    return _PAST_LOAD.all(tx, places=ints(places), since=since, until=until)


_PAST_LOAD = query(
    PastLoad,
    """
    SELECT d.at, d.order_id, d.decision_no, p.place, told.taken::int8 AS units
    FROM sourcing.decision AS d
    CROSS JOIN LATERAL ROWS FROM (
        jsonb_array_elements_text(
            (d.body -> 'places') || coalesce(d.body #> '{brought,places}', '[]')),
        jsonb_array_elements_text(
            (d.body -> 'taken') || coalesce(d.body #> '{brought,taken}', '[]'))
    ) AS told (place, taken)
    CROSS JOIN LATERAL (SELECT told.place::int4 AS place) AS p
    WHERE d.at BETWEEN %(since)s AND %(until)s
      AND told.taken <> '0'
      AND p.place = ANY(%(places)s::int4[])
    ORDER BY d.at, d.order_id
    """,
)
