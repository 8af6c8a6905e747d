"""The walls in the database: what the program's role may do there, and what a scoped reader sees.

Three roles. The owner makes and changes tables, and may do everything. `ordito_app` reads and
writes rows, changes no table, and can't change what is only added to. `ordito_read` reads, and of
what belongs to channels and locations only the rows of the scope that its transaction names. They
can't sign in; the program takes them on. Raised after each upgrade, from the lists in `scopes`.
"""

import hashlib
import time
from typing import Any

import psycopg
import structlog
from psycopg import Connection, sql

from ordito.platform.scopes import APPEND_ONLY, POLICIES, SECRETS

log = structlog.get_logger(__name__)

APP, READER = "ordito_app", "ordito_read"

_ATTEMPTS = 10


def raise_walls(conn: Connection[Any], version: int) -> bool:
    """Make roles, grants and policies as this program wants them; returns whether they stand.

    conn: the owner's, autocommit. version: of the schema, whose tables the grants are for.
    False where the owner may not make roles and nobody has made them.
    """
    if not make_roles(conn):
        return False
    fingerprint = _fingerprint(version)
    row = conn.execute("SELECT fingerprint FROM platform.wall").fetchone()
    if row is not None and row[0] == fingerprint:
        return True
    with conn.transaction():
        for schema in _schemas(conn):
            _grant(conn, schema)
        _take_away(conn)
    for table, seen in POLICIES.items():
        _patiently(conn, table, seen)
    conn.execute(_REMEMBER, {"fingerprint": fingerprint})
    return True


_REMEMBER = """
    INSERT INTO platform.wall (fingerprint)
    VALUES (%(fingerprint)s)
    ON CONFLICT (one) DO UPDATE SET fingerprint = excluded.fingerprint
"""


def _fingerprint(version: int) -> str:
    told = repr((version, sorted(POLICIES.items()), sorted(APPEND_ONLY), sorted(SECRETS)))
    return hashlib.sha256(told.encode()).hexdigest()


def make_roles(conn: Connection[Any]) -> bool:
    """Make the two roles where they are missing; False when this may not be done here.

    Roles belong to the server: another database of it may have made them already.
    """
    try:
        for role in (APP, READER):
            known = conn.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
            if known is None:
                _make_role(conn, role)
        _let_become(conn, READER, APP)
        _let_become(conn, APP, None)
    except psycopg.errors.InsufficientPrivilege as fault:
        log.warning("walls_not_raised", reason=str(fault).strip())
        return False
    return True


def has_walls(conn: Connection[Any]) -> bool:
    """Whether this connection of the program has given up what it doesn't need."""
    row = conn.execute(
        "SELECT current_user = %(app)s AND EXISTS (SELECT FROM pg_roles WHERE rolname = %(reader)s"
        " AND pg_has_role(session_user, oid, 'SET'))",
        {"app": APP, "reader": READER},
    ).fetchone()
    return row is not None and bool(row[0])


def _make_role(conn: Connection[Any], role: str) -> None:
    try:
        with conn.transaction():
            conn.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        log.debug("role_made_by_another", role=role)


def _let_become(conn: Connection[Any], role: str, member: str | None) -> None:
    """Let a role (None: the owner) take on another, without having its rights all the time."""
    row = conn.execute(
        "SELECT pg_has_role(coalesce(%(member)s::text, session_user::text), %(role)s, 'SET')",
        {"member": member, "role": role},
    ).fetchone()
    if row is not None and row[0]:
        return
    who = sql.Identifier(member) if member else sql.SQL("CURRENT_USER")
    text = sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE")
    try:
        with conn.transaction():
            conn.execute(text.format(sql.Identifier(role), who))
    except psycopg.errors.InternalError as fault:
        # “tuple concurrently updated”: an upgrade of another database of this server was first.
        log.debug("granted_by_another", role=role, reason=str(fault))


def _schemas(conn: Connection[Any]) -> list[str]:
    rows = conn.execute(
        "SELECT nspname::text FROM pg_namespace"
        " WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> 'public'"
        " ORDER BY nspname"
    ).fetchall()
    return [name for (name,) in rows]


_GRANTS = (
    "GRANT USAGE ON SCHEMA {schema} TO ordito_app, ordito_read",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO ordito_app",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO ordito_app",
    "GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO ordito_read",
)


def _grant(conn: Connection[Any], schema: str) -> None:
    for text in _GRANTS:
        conn.execute(sql.SQL(text).format(schema=sql.Identifier(schema)))


def _take_away(conn: Connection[Any]) -> None:
    conn.execute("GRANT SELECT ON public.ordito_migration TO ordito_app, ordito_read")
    for table in sorted(APPEND_ONLY):
        text = sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM ordito_app")
        conn.execute(text.format(_name(table)))
    for table in sorted(SECRETS):
        conn.execute(sql.SQL("REVOKE ALL ON {} FROM ordito_read").format(_name(table)))


def _patiently(conn: Connection[Any], table: str, seen: str) -> None:
    """Each table for itself, so that whoever works meanwhile waits for one at a time."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with conn.transaction():
                _fence(conn, table, seen)
            return
        except psycopg.errors.LockNotAvailable:
            if attempt == _ATTEMPTS:
                raise
            time.sleep(attempt)


# The program's own role has a policy that is always true: the planner drops it, and it costs
# nothing. A role that passes by all policies could only be made by a superuser.
_FENCE = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "DROP POLICY IF EXISTS app ON {table}",
    "DROP POLICY IF EXISTS seen ON {table}",
    "CREATE POLICY app ON {table} TO ordito_app USING (true) WITH CHECK (true)",
)


def _fence(conn: Connection[Any], table: str, seen: str) -> None:
    for text in _FENCE:
        conn.execute(sql.SQL(text).format(table=_name(table)))
    policy = sql.SQL("CREATE POLICY seen ON {table} FOR SELECT TO ordito_read USING ({seen})")
    # A constant of ours, like every other SQL text.
    conn.execute(policy.format(table=_name(table), seen=sql.SQL(seen)))


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))
