"""What shops are to be told: intents that are called, tried again, settled; in order per order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement

WriteBackState = Literal["waiting", "calling", "done", "failed"]
WriteBackKind = Literal["fulfilment", "cancellation"]


class WriteBack(msgspec.Struct, frozen=True):
    """Something that a shop is to be told.

    no:        the seq of the order's event that it follows; they are told in this order.
    body:      of a fulfilment: lines (our line no → units), carrier, tracking_number.
    state:     calling means that a call was begun: whether it took effect may be unknown.
    remote_id: the shop's own id of what was told.
    """

    id: UUID
    channel_id: UUID
    order_id: UUID
    no: int
    kind: WriteBackKind
    body: dict[str, Any]
    state: WriteBackState
    attempts: int
    due_at: datetime
    error: str
    remote_id: str
    made_at: datetime
    settled_at: datetime | None


_COLUMNS = """
           id, channel_id, order_id, no, kind, body, state, attempts, due_at, error, remote_id,
           made_at, settled_at"""


def insert_write_backs(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write intents: (id, channel id, order id, no, kind, body); due at once."""
    _INSERT.run(tx, [(*row, tx.now) for row in rows])


_INSERT = bulk("""
    INSERT INTO channels.write_back
        (id, channel_id, order_id, no, kind, body, state, due_at, made_at)
    SELECT id, channel_id, order_id, no, kind, body, 'waiting', at, at
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::int8[], %s::text[], %s::jsonb[],
                %s::timestamptz[])
        AS new (id, channel_id, order_id, no, kind, body, at)
    ON CONFLICT (order_id, no) DO NOTHING
""")


def read_due(tx: Tx, *, limit: int = 50) -> list[WriteBack]:
    """The first open intent of each order, if it is due; of channels that are connected."""
    return _DUE.all(tx, limit=limit)


_DUE = query(
    WriteBack,
    f"""
    SELECT {_COLUMNS}
    FROM (
        SELECT DISTINCT ON (order_id) *
        FROM channels.write_back
        WHERE state IN ('waiting', 'calling')
        ORDER BY order_id, no
    ) AS first
    WHERE due_at <= now()
      AND channel_id IN (SELECT c.channel_id FROM channels.connection AS c WHERE c.active)
    ORDER BY due_at
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def begin_call(tx: Tx, write_back_id: UUID, due_at: datetime) -> None:
    """Say that the call is made now; if nobody says how it ended, it is due again then."""
    _BEGIN.run(tx, id=write_back_id, due_at=due_at)


_BEGIN = statement("""
    UPDATE channels.write_back
    SET state = 'calling', attempts = attempts + 1, due_at = %(due_at)s
    WHERE id = %(id)s AND state IN ('waiting', 'calling')
""")


def settle(tx: Tx, write_back_id: UUID, *, remote_id: str = "", error: str = "") -> None:
    """It is told, or (error) it won't be unless someone tries it again."""
    _SETTLE.run(
        tx,
        id=write_back_id,
        state="failed" if error else "done",
        remote_id=remote_id,
        error=error,
        now=tx.now,
    )


_SETTLE = statement("""
    UPDATE channels.write_back
    SET state = %(state)s, remote_id = %(remote_id)s, error = %(error)s, settled_at = %(now)s
    WHERE id = %(id)s
""")


def note_failure(tx: Tx, write_back_id: UUID, error: str) -> None:
    """The call failed; it stays due when `begin_call` said."""
    _FAILURE.run(tx, id=write_back_id, error=error)


_FAILURE = statement("""
    UPDATE channels.write_back
    SET error = %(error)s
    WHERE id = %(id)s
""")


def retry(tx: Tx, write_back_id: UUID) -> WriteBack | None:
    """Try one that failed again, as soon as may be; None when there is none to try."""
    return _RETRY.first(tx, id=write_back_id, now=tx.now)


_RETRY = query(
    WriteBack,
    f"""
    UPDATE channels.write_back
    SET state = 'calling', attempts = 0, due_at = %(now)s, settled_at = NULL
    WHERE id = %(id)s AND state = 'failed'
    RETURNING {_COLUMNS}
    """,  # noqa: S608 (a constant of this module)
)


def read_write_back(tx: Tx, write_back_id: UUID) -> WriteBack | None:
    return _READ.first(tx, id=write_back_id)


_READ = query(
    WriteBack,
    f"""
    SELECT {_COLUMNS}
    FROM channels.write_back
    WHERE id = %(id)s
    """,  # noqa: S608 (a constant of this module)
)


def list_write_backs(
    tx: Tx,
    channel_id: UUID,
    *,
    state: WriteBackState = "failed",
    before: UUID | None = None,
    limit: int = 50,
) -> list[WriteBack]:
    """Of a channel and state, newest first."""
    return _LIST.all(tx, channel_id=channel_id, state=state, before=before, limit=limit)


_LIST = query(
    WriteBack,
    f"""
    SELECT {_COLUMNS}
    FROM channels.write_back
    WHERE channel_id = %(channel_id)s AND state = %(state)s
      AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
    ORDER BY id DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def read_remote_ids(tx: Tx, order_id: UUID) -> list[str]:
    """The shop's ids of what it was told of an order."""
    return _REMOTE.all(tx, order_id=order_id)


_REMOTE = query(
    str,
    """
    SELECT remote_id
    FROM channels.write_back
    WHERE order_id = %(order_id)s AND remote_id <> ''
    ORDER BY no
    """,
)


class WaitingCounts(msgspec.Struct, frozen=True):
    """How much of a channel waits to be told, and how much failed; counted up to 1,000 each."""

    waiting: int
    failed: int


def count_write_backs(tx: Tx, channel_id: UUID) -> WaitingCounts:
    return _COUNTS.one(tx, channel_id=channel_id)


_COUNTS = query(
    WaitingCounts,
    """
    SELECT (SELECT count(*) FROM (
                SELECT FROM channels.write_back
                WHERE channel_id = %(channel_id)s AND state IN ('waiting', 'calling')
                LIMIT 1000) AS w) AS waiting,
           (SELECT count(*) FROM (
                SELECT FROM channels.write_back
                WHERE channel_id = %(channel_id)s AND state = 'failed'
                LIMIT 1000) AS f) AS failed
    """,
)
