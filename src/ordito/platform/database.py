"""The one database: pool, transactions, and queries tied to the struct they fill."""

import types
import typing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
import psycopg
from psycopg import Connection, Cursor
from psycopg.pq import TransactionStatus
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout

from ordito.platform.access import Actor
from ordito.platform.problems import Busy, DatabaseUnavailable

Row = TypeVar("Row")

set_json_loads(msgspec.json.decode)
set_json_dumps(msgspec.json.encode)


class Tx:
    """An open transaction and who acts in it. `now` is the database's clock at its begin."""

    __slots__ = ("actor", "came_from", "conn", "events", "memory", "now", "request_id")

    def __init__(
        self,
        conn: Connection[Any],
        actor: Actor,
        *,
        now: datetime,
        memory: dict[str, Any],
        request_id: str = "",
    ) -> None:
        self.conn = conn
        self.actor = actor
        self.now = now
        self.memory = memory
        """What this process keeps of the database, each entry with the revision it was read at."""
        self.request_id = request_id
        self.events: list[tuple[Any, UUID, Any]] = []
        self.came_from = ""
        """The role from which a scoped reader stepped behind the wall; "" in front of it."""

    def acting_as(self, actor: Actor) -> "Tx":
        """The same transaction as another of a batch sees it; for reading only."""
        return Tx(self.conn, actor, now=self.now, memory=self.memory, request_id=self.request_id)

    def emit(self, stream: Any, stream_id: UUID, event: Any) -> None:
        """Append a fact to the aggregate's timeline; written with the transaction."""
        self.events.append((stream, stream_id, event))


class Query(Generic[Row]):
    """A SELECT (or RETURNING) with the row type it fills, columns in the order of its fields."""

    registered: typing.ClassVar[list["Query[Any]"]] = []

    def __init__(self, row: type[Row], sql: str) -> None:
        self.row = row
        self.sql = sql
        self._factory = _row_factory(row)
        Query.registered.append(self)

    def send(self, tx: Tx, **params: Any) -> Cursor[Row]:
        """Execute; inside a pipeline the rows may be fetched after the next sync."""
        cursor = tx.conn.cursor(row_factory=self._factory)
        cursor.execute(self.sql, params or None)
        return cursor

    def all(self, tx: Tx, **params: Any) -> list[Row]:
        return self.send(tx, **params).fetchall()

    def first(self, tx: Tx, **params: Any) -> Row | None:
        return self.send(tx, **params).fetchone()

    def one(self, tx: Tx, **params: Any) -> Row:
        """The single row; the caller knows that there is one."""
        row = self.send(tx, **params).fetchone()
        assert row is not None, f"no row from: {self.sql}"
        return row


class Statement:
    """An INSERT, UPDATE or DELETE without rows."""

    registered: typing.ClassVar[list["Statement"]] = []

    def __init__(self, sql: str) -> None:
        self.sql = sql
        Statement.registered.append(self)

    def send(self, tx: Tx, **params: Any) -> Cursor[Any]:
        return tx.conn.execute(self.sql, params or None)

    def run(self, tx: Tx, **params: Any) -> int:
        """Execute; returns the number of rows touched."""
        return self.send(tx, **params).rowcount


def query(row: type[Row], sql: str) -> Query[Row]:
    """Tie a text to its row type; every query is PREPAREd by a test against the real schema."""
    return Query(row, sql)


def statement(sql: str) -> Statement:
    return Statement(sql)


_PLAIN = (int, str, bool, float, bytes, UUID, Decimal, datetime, date, type(None), Any, object)


def _needs_conversion(kind: Any) -> bool:
    """True when psycopg's value is not yet of the field's type (structs and tuples in jsonb)."""
    if kind in _PLAIN:
        return False
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        return False
    if origin in (typing.Union, types.UnionType, typing.Annotated, list):
        return any(_needs_conversion(arg) for arg in typing.get_args(kind))
    return True


def _row_factory(row: type[Row]) -> Callable[[Cursor[Any]], Callable[[Sequence[Any]], Row]]:
    if not issubclass(row, msgspec.Struct):
        return lambda _cursor: lambda values: values[0]
    hints = typing.get_type_hints(row, include_extras=True)
    names = row.__struct_fields__
    converted = [(i, hints[name]) for i, name in enumerate(names) if _needs_conversion(hints[name])]

    def make(values: Sequence[Any]) -> Row:
        return row(*values)

    def convert(values: Sequence[Any]) -> Row:
        cells = list(values)
        for i, kind in converted:
            cells[i] = msgspec.convert(cells[i], kind)
        return row(*cells)

    build = convert if converted else make
    return lambda _cursor: build


class Database:
    """A pool of autocommit connections; transactions are opened by `transaction` and the door."""

    def __init__(self, dsn: str, *, size_max: int = 12, name: str = "ordito") -> None:
        self.dsn = dsn
        self.memory: dict[str, Any] = {}
        self.clock: Callable[[Connection[Any]], datetime] = read_clock
        """Tells `tx.now`; the demo plays its past with another one."""
        self.after_commit: Callable[[], None] = _nothing
        """Called by the door after a commit, to wake who works on what was written."""
        self.pool: ConnectionPool[Connection[Any]] = ConnectionPool(
            dsn,
            min_size=0,
            max_size=size_max,
            open=False,
            timeout=5,
            max_waiting=500,
            # The pool's own pauses between tries grow up to this: with 4 s it is back within 3 s.
            reconnect_timeout=4,
            check=ConnectionPool.check_connection,
            configure=_configure,
            kwargs={"autocommit": True, "prepare_threshold": 2, "application_name": name},
        )

    def open(self) -> "Database":
        self.pool.open(wait=False)
        return self

    def close(self) -> None:
        self.pool.close(timeout=5)

    @contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """A connection of the pool. Busy when none is free, DatabaseUnavailable when none lives."""
        try:
            with self.pool.connection() as conn:
                yield conn
        except PoolTimeout as fault:
            raise Busy("No database connection was free within 5 seconds.") from fault
        except psycopg.OperationalError as fault:
            if fault.sqlstate is None or fault.sqlstate.startswith(("57P", "08", "53")):
                raise DatabaseUnavailable("Nothing is known to have been written.") from fault
            raise

    @contextmanager
    def transaction(self, actor: Actor, *, request_id: str = "") -> Iterator[Tx]:
        """A writing transaction for the door, migrations and tests; commits unless it raises."""
        with self.connection() as conn, conn.transaction():
            yield self.tx(conn, actor, request_id)

    def tx(self, conn: Connection[Any], actor: Actor, request_id: str = "") -> Tx:
        """A Tx over a connection whose transaction the caller opens and closes."""
        return Tx(conn, actor, now=self.clock(conn), memory=self.memory, request_id=request_id)

    @contextmanager
    def reading(self, actor: Actor) -> Iterator[Tx]:
        """One read-only snapshot: what a page or an answer shows is true at one moment.

        Whoever sees a part reads as a role that is shown only this part (see walls): a query that
        forgot to ask for the scope leaks nothing.
        """
        with self.connection() as conn, conn.transaction():
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            came_from = ""
            if actor.channel_ids is not None or actor.location_ids is not None:
                came_from = _step_behind_wall(conn, actor)
            tx = self.tx(conn, actor)
            tx.came_from = came_from
            yield tx


def _nothing() -> None:
    """Nobody to wake."""


def read_clock(conn: Connection[Any]) -> datetime:
    row = conn.execute("SELECT now()").fetchone()
    assert row is not None, "SELECT now() has one row"
    now: datetime = row[0]
    return now


def _step_behind_wall(conn: Connection[Any], actor: Actor) -> str:
    """For the rest of the transaction the connection sees only what is in the actor's scope.

    Returns the role it had, "" where there is no wall.
    """
    scope = {"channels": _scope(actor.channel_ids), "locations": _scope(actor.location_ids)}
    row = conn.execute(_STEP_BEHIND_WALL, scope).fetchone()
    return str(row[0]) if row is not None else ""


# No row where the walls could not be raised: `ordito doctor` tells of it.
_STEP_BEHIND_WALL = """
    SELECT current_setting('role'),
           set_config('ordito.channel_ids', %(channels)s, true),
           set_config('ordito.location_ids', %(locations)s, true),
           set_config('role', r.rolname, true)
    FROM pg_roles AS r
    CROSS JOIN pg_namespace AS n
    WHERE r.rolname = 'ordito_read' AND n.nspname = 'platform'
      AND pg_has_role(session_user, r.oid, 'SET')
      AND has_schema_privilege(r.oid, n.oid, 'USAGE')
"""


@contextmanager
def beyond_scope(tx: Tx) -> Iterator[None]:
    """Look past the reader's scope, as placing does: orders are planned over all places.

    The caller tells the reader no more than what he may see of it.
    """
    if not tx.came_from:
        yield
        return
    tx.conn.execute("SELECT set_config('role', %(role)s, true)", {"role": tx.came_from})
    # One inside another ends with the outer one.
    came_from, tx.came_from = tx.came_from, ""
    try:
        yield
    finally:
        tx.came_from = came_from
        # A fault of the database ends the transaction, and the role with it.
        if tx.conn.info.transaction_status is TransactionStatus.INTRANS:
            tx.conn.execute("SELECT set_config('role', 'ordito_read', true)")


def _scope(ids: frozenset[UUID] | None) -> str:
    """Ids as the policies read them; "*" is all."""
    return "*" if ids is None else "{" + ",".join(sorted(map(str, ids))) + "}"


def _configure(conn: Connection[Any]) -> None:
    conn.execute(
        "SELECT set_config('lock_timeout', '3s', false),"
        " set_config('statement_timeout', '60s', false),"
        " set_config('idle_in_transaction_session_timeout', '30s', false),"
        " set_config('TimeZone', 'UTC', false),"
        " set_config('jit', 'off', false)"
    )
    conn.execute(_TAKE_ROLE)


# The program works as a role that changes rows and no tables, where its login may take that on
# and this database has been upgraded for it.
_TAKE_ROLE = """
    SELECT set_config('role', r.rolname, false)
    FROM pg_roles AS r
    CROSS JOIN pg_namespace AS n
    WHERE r.rolname = 'ordito_app' AND n.nspname = 'platform'
      AND pg_has_role(session_user, r.oid, 'SET')
      AND has_schema_privilege(r.oid, n.oid, 'USAGE')
"""
