"""Parked streams: what one follower could not handle, and what waits behind it, in order.

Of each parked stream the first entry is tried again with growing pauses; the later ones follow
when it went well. After the last pause the stream is given up: it stays, for staff to retry.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement
from ordito.platform.feed import FeedEntry, read_feed
from ordito.platform.problems import NotFound
from ordito.platform.retries import pause_s


class ParkedStream(msgspec.Struct, frozen=True):
    """A stream that one follower can't get on with: its first entry, and how many wait with it.

    waiting:  entries of the stream that are not handled yet, the first one included.
    retry_at: when it is tried again; None after it was given up.
    """

    follower: str
    stream_id: UUID
    stream: str
    kind: str
    position: int
    waiting: int
    attempts: int
    retry_at: datetime | None
    gave_up: bool
    error: str


class DueHead(msgspec.Struct, frozen=True):
    """The first entry of a parked stream whose time to be tried again has come."""

    position: int
    attempts: int


def parked_among(tx: Tx, follower: str, stream_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the streams that are parked for the follower."""
    return set(_PARKED_AMONG.all(tx, follower=follower, stream_ids=list(stream_ids)))


_PARKED_AMONG = query(
    UUID,
    """
    SELECT DISTINCT stream_id
    FROM platform.parked_event
    WHERE follower = %(follower)s
      AND stream_id = ANY (%(stream_ids)s::uuid[])
    """,
)


def park_behind(tx: Tx, follower: str, entries: Sequence[FeedEntry]) -> None:
    """Put entries behind the earlier ones of their streams, which are parked."""
    _PARK_BEHIND.send(tx, [(follower, e.position, str(e.stream_id)) for e in entries])


_PARK_BEHIND = bulk("""
    INSERT INTO platform.parked_event (follower, position, stream_id)
    SELECT *
    FROM unnest(%s::text[], %s::int8[], %s::uuid[])
""")


def park(tx: Tx, follower: str, entry: FeedEntry, error: str) -> None:
    """Park the stream of an entry that failed for the first time."""
    _PARK.run(
        tx,
        follower=follower,
        position=entry.position,
        stream_id=entry.stream_id,
        pause_s=pause_s(1),
        error=error,
    )


_PARK = statement("""
    INSERT INTO platform.parked_event
        (follower, position, stream_id, attempts, retry_at, error)
    VALUES (%(follower)s, %(position)s, %(stream_id)s, 1,
            clock_timestamp() + make_interval(secs => %(pause_s)s::float8), %(error)s)
""")


def due_head(tx: Tx, follower: str) -> tuple[DueHead, FeedEntry] | None:
    """The parked entry that has been due for longest, None when none is."""
    head = _DUE_HEAD.first(tx, follower=follower)
    if head is None:
        return None
    entry = read_feed(tx, head.position - 1, 1, upto=head.position)[0]
    return head, entry


_DUE_HEAD = query(
    DueHead,
    """
    SELECT position, attempts
    FROM platform.parked_event
    WHERE follower = %(follower)s
      AND retry_at <= now()
    ORDER BY retry_at, position
    LIMIT 1
    """,
)


def release(tx: Tx, follower: str, entry: FeedEntry) -> bool:
    """Take a handled entry out and make the next one of its stream due at once.

    Returns False when it was no longer there.
    """
    if not _RELEASE.run(tx, follower=follower, position=entry.position):
        return False
    _MAKE_NEXT_DUE.run(tx, follower=follower, stream_id=entry.stream_id)
    return True


_RELEASE = statement("""
    DELETE FROM platform.parked_event
    WHERE follower = %(follower)s AND position = %(position)s
""")

_MAKE_NEXT_DUE = statement("""
    UPDATE platform.parked_event
    SET retry_at = now()
    WHERE follower = %(follower)s
      AND position = (
          SELECT min(position)
          FROM platform.parked_event
          WHERE follower = %(follower)s AND stream_id = %(stream_id)s
      )
""")


def put_off(tx: Tx, follower: str, head: DueHead, error: str) -> None:
    """Note that a parked entry failed again: try later, or give up after the last pause."""
    _PUT_OFF.run(
        tx,
        follower=follower,
        position=head.position,
        attempts=head.attempts,
        pause_s=pause_s(head.attempts + 1),
        error=error,
    )


# make_interval is strict: without a pause retry_at becomes null.
_PUT_OFF = statement("""
    UPDATE platform.parked_event
    SET attempts = attempts + 1,
        retry_at = clock_timestamp() + make_interval(secs => %(pause_s)s::float8),
        gave_up = %(pause_s)s::float8 IS NULL,
        error = %(error)s
    WHERE follower = %(follower)s
      AND position = %(position)s
      AND attempts = %(attempts)s
""")


def list_parked(
    tx: Tx, *, follower: str | None = None, after: tuple[int, str] = (0, ""), limit: int = 100
) -> list[ParkedStream]:
    """Parked streams, of one follower or of all, by the position of their first entry.

    after: position and follower of the last one of the page before.
    """
    position, name = after
    return _LIST.all(tx, follower=follower, position=position, name=name, limit=limit)


_LIST = query(
    ParkedStream,
    """
    SELECT p.follower, p.stream_id, e.stream, f.kind, p.position, heads.waiting, p.attempts,
           p.retry_at, p.gave_up, p.error
    FROM (
        SELECT follower, min(position) AS position, count(*) AS waiting
        FROM platform.parked_event
        WHERE %(follower)s::text IS NULL OR follower = %(follower)s::text
        GROUP BY follower, stream_id
    ) AS heads
    JOIN platform.parked_event AS p USING (follower, position)
    JOIN platform.feed AS f USING (position)
    JOIN platform.event AS e ON e.stream_id = f.stream_id AND e.seq = f.seq
    WHERE (p.position, p.follower) > (%(position)s::int8, %(name)s::text COLLATE "C")
    ORDER BY p.position, p.follower
    LIMIT %(limit)s
    """,
)


def retry_parked(tx: Tx, follower: str, stream_id: UUID | None = None) -> int:
    """Try parked streams again now, with all pauses before them; returns how many.

    stream_id: None means all of the follower's. Raises NotFound when that stream isn't parked.
    """
    streams = _RETRY.run(tx, follower=follower, stream_id=stream_id)
    if stream_id is not None and not streams:
        raise NotFound(f"Nothing of this stream is parked for the follower “{follower}”.")
    return streams


_RETRY = statement("""
    UPDATE platform.parked_event AS p
    SET attempts = 0, retry_at = now(), gave_up = false
    FROM (
        SELECT min(position) AS position
        FROM platform.parked_event
        WHERE follower = %(follower)s
          AND (%(stream_id)s::uuid IS NULL OR stream_id = %(stream_id)s::uuid)
        GROUP BY stream_id
    ) AS heads
    WHERE p.follower = %(follower)s AND p.position = heads.position
""")
