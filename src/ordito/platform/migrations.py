"""Migrations: plain SQL files, one numbered sequence, checksummed, under an advisory lock."""

import hashlib
import re
import time
from importlib.resources import files
from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from ordito.platform.problems import Problem
from ordito.platform.walls import raise_walls

LOCK_ID = 0x07D170
"""Advisory lock held while migrating: two programs that start at once migrate once."""

SCHEMA_RANGE = (1, 99)
"""Schema versions this code can run with: its own, and the additive ones that come after it."""

_NO_TRANSACTION = "-- no transaction"


class Migration(msgspec.Struct, frozen=True):
    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


class MigrationChanged(Problem):
    """A migration that was applied to this database reads differently now.

    Install the version that the database was made with, or a released one that comes after it.
    """

    slug = "migration-changed"
    title = "The database was made by another line of versions"
    status = 503


def read_migrations() -> list[Migration]:
    """The migrations shipped with the program, in order, without gaps."""
    found = []
    for file in files("ordito.migrations").iterdir():
        match = re.fullmatch(r"(\d{4})_(\w+)\.sql", file.name)
        if match:
            found.append(Migration(int(match[1]), match[2], file.read_text("utf-8")))
    found.sort(key=lambda migration: migration.version)
    assert [m.version for m in found] == list(range(1, len(found) + 1)), "a number is missing"
    return found


def upgrade(dsn: str, *, kind: str = "production") -> list[str]:
    """Bring the database to the newest schema; returns the names of what was applied.

    kind: written when the database is new (production, demo, bench, test); never changed after.
    Raises MigrationChanged when a file was edited after it had been applied.
    """
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("SELECT set_config('lock_timeout', '120s', false)")
        conn.execute("SELECT pg_advisory_lock(%s)", (LOCK_ID,))
        conn.execute("SELECT set_config('lock_timeout', '3s', false)")
        conn.execute(_CREATE_TABLE)
        applied = _check_applied(conn)
        done = []
        for migration in read_migrations():
            if migration.version not in applied:
                _apply(conn, migration)
                done.append(f"{migration.version:04d}_{migration.name}")
        conn.execute(_INSERT_INSTALLATION, {"kind": kind})
        raise_walls(conn, schema_version(conn))
        return done


def schema_version(conn: Connection[Any]) -> int:
    """The newest applied migration; 0 for an empty database."""
    row = conn.execute("SELECT to_regclass('public.ordito_migration') IS NOT NULL").fetchone()
    if not row or not row[0]:
        return 0
    row = conn.execute("SELECT coalesce(max(version), 0) FROM public.ordito_migration").fetchone()
    return int(row[0]) if row else 0


def _check_applied(conn: Connection[Any]) -> set[int]:
    """The numbers of what was applied already."""
    rows = conn.execute(
        "SELECT version, checksum FROM public.ordito_migration ORDER BY version"
    ).fetchall()
    known = {migration.version: migration for migration in read_migrations()}
    for version, checksum in rows:
        if version in known and known[version].checksum != checksum:
            raise MigrationChanged(
                f"Migration {version:04d}_{known[version].name} was changed after it had been"
                " applied. Restore the file; write the change as a new migration."
            )
    return {version for version, _checksum in rows}


def _apply(conn: Connection[Any], migration: Migration) -> None:
    attempts = 10
    for attempt in range(1, attempts + 1):
        try:
            if migration.sql.startswith(_NO_TRANSACTION):
                conn.execute(migration.sql.encode())
                conn.execute(_INSERT_MIGRATION, _row(migration))
            else:
                with conn.transaction():
                    conn.execute(migration.sql.encode())
                    conn.execute(_INSERT_MIGRATION, _row(migration))
            return
        except psycopg.errors.LockNotAvailable:
            # Someone's long transaction is in the way; queueing behind it would stop all others.
            if attempt == attempts:
                raise
            time.sleep(attempt)


def _row(migration: Migration) -> dict[str, Any]:
    return {
        "version": migration.version,
        "name": migration.name,
        "checksum": migration.checksum,
    }


_CREATE_TABLE = """
    CREATE TABLE IF NOT EXISTS public.ordito_migration (
        version integer PRIMARY KEY,
        name text NOT NULL,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""

_INSERT_MIGRATION = """
    INSERT INTO public.ordito_migration (version, name, checksum)
    VALUES (%(version)s, %(name)s, %(checksum)s)
"""

_INSERT_INSTALLATION = """
    INSERT INTO platform.installation (id, kind)
    VALUES (gen_random_uuid(), %(kind)s)
    ON CONFLICT DO NOTHING
"""
