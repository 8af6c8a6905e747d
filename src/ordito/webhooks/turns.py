"""Whose turn it is: endpoints with something to send, and the leases under which they are served.

A lease is a row and no lock: no connection is held while receivers are called. When a worker is
killed its lease runs out, and what it had not noted as sent is sent again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.platform.database import Tx, query, statement

LEASE_S = 60
"""Longer than any batch takes: the calls of one batch are made at the same time."""

WAITING_MAX = 1_000
"""Messages of one endpoint that may wait; the feed itself is the queue for what comes after."""


class Progress(msgspec.Struct, frozen=True):
    """How far an endpoint is, as its turn needs it."""

    endpoint_id: UUID
    position: int
    failures: int
    failing_since: datetime | None


def due_endpoints(tx: Tx) -> Sequence[UUID]:
    """Endpoints that have something to send now, or feed entries to look at; longest due first."""
    return _DUE.all(tx, waiting_max=WAITING_MAX)


_DUE = query(
    UUID,
    """
    SELECT p.endpoint_id
    FROM webhooks.progress AS p
    JOIN webhooks.endpoint AS e ON e.id = p.endpoint_id
    CROSS JOIN (SELECT coalesce(max(position), 0) AS newest FROM platform.feed) AS f
    WHERE e.active
      AND p.resume_at <= now()
      AND p.leased_until <= now()
      AND (EXISTS (SELECT 1
                   FROM webhooks.message AS m
                   WHERE m.endpoint_id = p.endpoint_id AND m.due_at <= now())
           OR (p.position < f.newest
               AND (SELECT count(*)
                    FROM webhooks.message AS m
                    WHERE m.endpoint_id = p.endpoint_id AND m.state = 'waiting')
                   < %(waiting_max)s::int8))
    ORDER BY greatest(p.resume_at, p.leased_until), p.endpoint_id
    LIMIT 1000
    """,
)


def take_turn(tx: Tx, endpoint_id: UUID, lease: UUID) -> Progress | None:
    """Begin a turn, or go on with it, and lock its row; None when it is not ours to take."""
    return _TAKE.first(tx, id=endpoint_id, lease=lease, lease_s=LEASE_S)


_TAKE = query(
    Progress,
    """
    UPDATE webhooks.progress
    SET lease = %(lease)s, leased_until = now() + make_interval(secs => %(lease_s)s::float8)
    WHERE endpoint_id = %(id)s
      AND (leased_until <= now() OR lease = %(lease)s)
      AND resume_at <= now()
    RETURNING endpoint_id, position, failures, failing_since
    """,
)


def end_turn(tx: Tx, endpoint_id: UUID, lease: UUID) -> None:
    """Let others have the endpoint."""
    _END.run(tx, id=endpoint_id, lease=lease)


_END = statement("""
    UPDATE webhooks.progress
    SET lease = NULL, leased_until = now()
    WHERE endpoint_id = %(id)s AND lease = %(lease)s
""")


def move_to(tx: Tx, endpoint_id: UUID, position: int) -> None:
    """The feed was looked through up to a position. Also back: to send again what came after."""
    _MOVE.run(tx, id=endpoint_id, position=position)


_MOVE = statement("""
    UPDATE webhooks.progress SET position = %(position)s WHERE endpoint_id = %(id)s
""")


def lock_position(tx: Tx, endpoint_id: UUID) -> int:
    """How far the endpoint is; locked, so that no turn moves it meanwhile."""
    return _LOCK_POSITION.one(tx, id=endpoint_id)


_LOCK_POSITION = query(
    int,
    "SELECT position FROM webhooks.progress WHERE endpoint_id = %(id)s FOR NO KEY UPDATE",
)


def note_success(tx: Tx, endpoint_id: UUID) -> None:
    """The endpoint took something: no failures in a row any more."""
    _WELL.run(tx, id=endpoint_id)


_WELL = statement("""
    UPDATE webhooks.progress
    SET failures = 0, failing_since = NULL
    WHERE endpoint_id = %(id)s AND failures > 0
""")


def note_failures(tx: Tx, endpoint_id: UUID, failures: int, rest_s: float) -> None:
    """So many tries in a row have failed; nothing is sent for `rest_s` seconds."""
    _ILL.run(tx, id=endpoint_id, failures=failures, rest_s=rest_s)


_ILL = statement("""
    UPDATE webhooks.progress
    SET failures = %(failures)s,
        failing_since = coalesce(failing_since, clock_timestamp()),
        resume_at = clock_timestamp() + make_interval(secs => %(rest_s)s::float8)
    WHERE endpoint_id = %(id)s
""")


def resume_now(tx: Tx, endpoint_id: UUID) -> None:
    """No rest any more, and a fresh count: what failed before was looked at by someone."""
    _RESUME.run(tx, id=endpoint_id)


_RESUME = statement("""
    UPDATE webhooks.progress
    SET failures = 0, failing_since = NULL, resume_at = '-infinity'
    WHERE endpoint_id = %(id)s
""")
