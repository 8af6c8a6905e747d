"""Events to follow, and a database that goes away: for the tests of feed, followers, worker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ordito.kernel.ids import new_id
from ordito.orders.events import NoteAdded
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.events import Event, event_row, send_events
from ordito.platform.feed import FeedEntry, move_pending, read_feed
from tests import make


def streams(count: int) -> list[UUID]:
    return [new_id() for _ in range(count)]


def append(tx: Tx, *events: tuple[UUID, int], event: Event | None = None) -> None:
    """Write events (stream, seq) as one transaction does; a note with the same number each."""
    rows = [
        event_row(tx, "order", str(stream), seq, event or NoteAdded(note_no=seq))
        for stream, seq in events
    ]
    send_events(tx, rows)


def commit(db: Database, *events: tuple[UUID, int], event: Event | None = None) -> None:
    with db.transaction(SYSTEM) as tx:
        append(tx, *events, event=event)


def sequence(db: Database) -> int:
    """Move one batch to the feed."""
    with db.transaction(SYSTEM) as tx:
        return move_pending(tx)


def feed(db: Database, *events: tuple[UUID, int], event: Event | None = None) -> None:
    """Commit events and move them to the feed."""
    commit(db, *events, event=event)
    sequence(db)


def entries(db: Database) -> list[FeedEntry]:
    with db.reading(SYSTEM) as tx:
        return read_feed(tx, 0, 1_000_000)


def in_feed(db: Database) -> list[tuple[int, UUID, int]]:
    """The feed as (position, stream, seq)."""
    return [(entry.position, entry.stream_id, entry.seq) for entry in entries(db)]


def rows(db: Database, text: str, *params: Any) -> list[tuple[Any, ...]]:
    with db.connection() as conn:
        return list(conn.execute(text.encode(), params or None).fetchall())


def do(db: Database, text: str, *params: Any) -> None:
    with make.owner(db) as conn:
        conn.execute(text.encode(), params or None)


@contextmanager
def database_away(cluster: Callable[[str], str], dsn: str) -> Iterator[None]:
    """The test's database ends all its connections and takes no new ones."""
    name = str(conninfo_to_dict(dsn)["dbname"])
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        try:
            yield
        finally:
            conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
