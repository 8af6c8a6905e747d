"""One at a time over all processes: PostgreSQL advisory locks by name, gone with their holder."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx, query


def lock_id(kind: str, name: str) -> int:
    """The number of a named lock: 64 bits, the same in every process and version."""
    digest = hashlib.sha256(f"{kind}:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def try_lock(tx: Tx, kind: str, name: str) -> bool:
    """Take the lock until the transaction ends; False at once when someone else has it."""
    return _TRY_LOCK.one(tx, id=lock_id(kind, name))


_TRY_LOCK = query(bool, "SELECT pg_try_advisory_xact_lock(%(id)s::int8)")


def wait_lock(tx: Tx, kind: str, name: str) -> None:
    """Take the lock until the transaction ends, after those who have it. Before any row's lock."""
    _WAIT_LOCK.one(tx, id=lock_id(kind, name))


_WAIT_LOCK = query(bool, "SELECT pg_advisory_xact_lock(%(id)s::int8) IS NOT NULL")


@contextmanager
def holding(db: Database, kind: str, name: str) -> Iterator[Connection[Any] | None]:
    """Hold the lock outside any transaction, for work that no transaction may wait for.

    Gives the connection that holds it (autocommit, free for other statements), or None at once
    when someone else has the lock. A process that dies, or loses the connection, loses the lock.
    """
    with db.connection() as conn:
        tx = db.tx(conn, SYSTEM)
        key = lock_id(kind, name)
        if not _TRY_HOLD.one(tx, id=key):
            yield None
            return
        try:
            yield conn
        finally:
            if not conn.closed:
                _LET_GO.one(tx, id=key)


_TRY_HOLD = query(bool, "SELECT pg_try_advisory_lock(%(id)s::int8)")

_LET_GO = query(bool, "SELECT pg_advisory_unlock(%(id)s::int8)")
