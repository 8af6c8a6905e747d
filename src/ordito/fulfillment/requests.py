"""Requests to partners as rows: when they were asked, reminded, and what they answered.

Where a request is says the column `request` of its fulfillment order.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from ordito.fulfillment.types import RequestState
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement

Answer = Literal["accepted", "rejected", "withdrawn"]

SETTLED: frozenset[RequestState | None] = frozenset(
    ("rejected", "withdrawn", "cancellation_accepted", "closed")
)
"""Nothing is left to be asked or answered."""


class Request(msgspec.Struct, frozen=True):
    """What a partner was asked, and what it said. units: those it was asked for at first.

    answer_by:   then it is reminded; withdraw_at: then it is taken back.
    reference:   the partner's own number of the work.
    """

    order_id: UUID
    fo_no: int
    location_id: UUID
    units: int
    submitted_at: datetime
    answer_by: datetime
    withdraw_at: datetime
    chased_at: datetime | None = None
    answered_at: datetime | None = None
    answer: Answer | None = None
    reason: str = ""
    rejected_units: int = 0
    reference: str = ""
    ship_by: datetime | None = None
    closed_at: datetime | None = None


def insert_request(tx: Tx, request: Request) -> None:
    """Write a request that was submitted now; the caller holds the order's lock."""
    _INSERT.run(
        tx,
        order_id=request.order_id,
        fo_no=request.fo_no,
        location_id=request.location_id,
        units=request.units,
        submitted_at=request.submitted_at,
        answer_by=request.answer_by,
        withdraw_at=request.withdraw_at,
    )


_INSERT = statement("""
    INSERT INTO fulfillment.request
        (order_id, fo_no, location_id, units, submitted_at, answer_by, withdraw_at)
    VALUES (%(order_id)s, %(fo_no)s, %(location_id)s, %(units)s, %(submitted_at)s, %(answer_by)s,
            %(withdraw_at)s)
""")


def read_request(tx: Tx, order_id: UUID, fo_no: int) -> Request | None:
    """What a partner was asked and said; None where nobody was asked."""
    return _READ.first(tx, order_id=order_id, fo_no=fo_no)


_READ = query(
    Request,
    """
    SELECT order_id, fo_no, location_id, units, submitted_at, answer_by, withdraw_at, chased_at,
           answered_at, answer, reason, rejected_units, reference, ship_by, closed_at
    FROM fulfillment.request
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s
    """,
)


def write_answer(
    tx: Tx,
    order_id: UUID,
    fo_no: int,
    answer: Answer,
    *,
    reason: str = "",
    reference: str = "",
    ship_by: datetime | None = None,
) -> None:
    """What was answered now; the caller holds the order's lock and has seen that nothing was."""
    _ANSWER.run(
        tx,
        order_id=order_id,
        fo_no=fo_no,
        answer=answer,
        reason=reason,
        reference=reference,
        ship_by=ship_by,
        now=tx.now,
    )


_ANSWER = statement("""
    UPDATE fulfillment.request
    SET answer = %(answer)s, answered_at = %(now)s, reason = %(reason)s,
        reference = %(reference)s, ship_by = %(ship_by)s
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s AND answered_at IS NULL
""")


def add_rejected(tx: Tx, order_id: UUID, fo_no: int, units: int) -> None:
    """So many units more are none that the partner will do."""
    _REJECTED.run(tx, order_id=order_id, fo_no=fo_no, units=units)


_REJECTED = statement("""
    UPDATE fulfillment.request
    SET rejected_units = rejected_units + %(units)s
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s
""")


def write_chased(tx: Tx, order_id: UUID, fo_no: int) -> bool:
    """The partner is reminded now; False when it was before, or has answered."""
    return _CHASED.first(tx, order_id=order_id, fo_no=fo_no, now=tx.now) is not None


_CHASED = query(
    int,
    """
    UPDATE fulfillment.request
    SET chased_at = %(now)s
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s AND chased_at IS NULL
      AND answered_at IS NULL
    RETURNING fo_no
    """,
)


def settle(tx: Tx, keys: Sequence[tuple[UUID, int]]) -> None:
    """Requests (order id, fo no) of which nothing is left: what was unanswered is withdrawn, what
    was still asked about cancelling has left or is gone."""
    if not keys:
        return
    _SETTLE.run(tx, [(*key, tx.now) for key in keys])
    _SETTLE_ASKS.run(tx, [(*key, tx.now) for key in keys])


_SETTLE = bulk("""
    UPDATE fulfillment.request AS r
    SET closed_at = d.at, answered_at = coalesce(r.answered_at, d.at),
        answer = coalesce(r.answer, 'withdrawn')
    FROM unnest(%s::uuid[], %s::int4[], %s::timestamptz[]) AS d (order_id, fo_no, at)
    WHERE r.order_id = d.order_id AND r.fo_no = d.fo_no
""")

_SETTLE_ASKS = bulk("""
    UPDATE fulfillment.cancellation_ask AS c
    SET answered_at = d.at, answer = 'shipped'
    FROM unnest(%s::uuid[], %s::int4[], %s::timestamptz[]) AS d (order_id, fo_no, at)
    WHERE c.order_id = d.order_id AND c.fo_no = d.fo_no AND c.answered_at IS NULL
""")


class CancellationAsk(msgspec.Struct, frozen=True):
    """Units (line no, as text → units) that a partner is asked to leave out."""

    order_id: UUID
    fo_no: int
    ask_no: int
    lines: dict[str, int]
    reason: str
    asked_at: datetime

    @property
    def units(self) -> dict[int, int]:
        return {int(no): qty for no, qty in self.lines.items()}


def find_cancellation_ask(tx: Tx, order_id: UUID, fo_no: int) -> CancellationAsk | None:
    """What is asked and not answered; None when nothing is."""
    return _OPEN_ASK.first(tx, order_id=order_id, fo_no=fo_no)


_OPEN_ASK = query(
    CancellationAsk,
    """
    SELECT order_id, fo_no, ask_no, lines, reason, asked_at
    FROM fulfillment.cancellation_ask
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s AND answered_at IS NULL
    """,
)


def put_cancellation_ask(
    tx: Tx, order_id: UUID, fo_no: int, lines: Mapping[int, int], reason: str
) -> None:
    """Ask about these units, all of them; an ask that is open is widened."""
    _PUT_ASK.run(
        tx,
        order_id=order_id,
        fo_no=fo_no,
        lines=Jsonb({str(no): qty for no, qty in lines.items()}),
        reason=reason,
        now=tx.now,
    )


_PUT_ASK = statement("""
    INSERT INTO fulfillment.cancellation_ask AS c
        (order_id, fo_no, ask_no, lines, reason, asked_at)
    SELECT %(order_id)s, %(fo_no)s, coalesce(max(ask_no), 0) + 1, %(lines)s::jsonb, %(reason)s,
           %(now)s
    FROM fulfillment.cancellation_ask
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s
    ON CONFLICT (order_id, fo_no) WHERE answered_at IS NULL DO UPDATE
    SET lines = excluded.lines
""")


def answer_cancellation_ask(
    tx: Tx, order_id: UUID, fo_no: int, answer: Literal["accepted", "rejected"]
) -> None:
    """The open ask is answered now."""
    _ANSWER_ASK.run(tx, order_id=order_id, fo_no=fo_no, answer=answer, now=tx.now)


_ANSWER_ASK = statement("""
    UPDATE fulfillment.cancellation_ask
    SET answered_at = %(now)s, answer = %(answer)s
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s AND answered_at IS NULL
""")


class Due(msgspec.Struct, frozen=True):
    """A request whose time is over."""

    order_id: UUID
    fo_no: int


def find_unchased(tx: Tx, *, limit: int) -> list[Due]:
    """Unanswered past their time and not reminded, the longest past first."""
    return _UNCHASED.all(tx, now=tx.now, limit=limit)


_UNCHASED = query(
    Due,
    """
    SELECT order_id, fo_no
    FROM fulfillment.request
    WHERE answered_at IS NULL AND chased_at IS NULL AND answer_by <= %(now)s
    ORDER BY answer_by, order_id, fo_no
    LIMIT %(limit)s
    """,
)


def find_unanswered(tx: Tx, *, limit: int) -> list[Due]:
    """Unanswered for so long that they are to be taken back, the longest past first."""
    return _UNANSWERED.all(tx, now=tx.now, limit=limit)


_UNANSWERED = query(
    Due,
    """
    SELECT order_id, fo_no
    FROM fulfillment.request
    WHERE answered_at IS NULL AND withdraw_at <= %(now)s
    ORDER BY withdraw_at, order_id, fo_no
    LIMIT %(limit)s
    """,
)
