"""The database that the settings name: the embedded one, started if need be, or a server's."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import psycopg

from ordito.platform import embedded
from ordito.platform.database import Database
from ordito.platform.embedded import Lease
from ordito.platform.migrations import read_migrations, schema_version, upgrade
from ordito.platform.problems import DatabaseUnavailable, Problem
from ordito.platform.settings import Settings


class SchemaOutdated(Problem):
    """The database is older than this program, or empty. Run `ordito db upgrade`.

    A server's database is upgraded only when somebody says so: others may be using it.
    """

    slug = "schema-outdated"
    title = "The database has to be upgraded"
    status = 503


class Installation(msgspec.Struct, frozen=True):
    """Where the data is. `lease` is held while the embedded database is in use; None otherwise."""

    settings: Settings
    dsn: str
    lease: Lease | None

    def close(self) -> None:
        if self.lease is not None:
            self.lease.close()


def open_installation(
    settings: Settings, *, kind: str = "production", migrate: bool = True
) -> Installation:
    """Reach the database; an embedded one is brought to the newest schema unless told otherwise.

    kind: what a new database is made as (production, demo, bench, test).
    Raises EmbeddedUnavailable, PostgresNotFound, MigrationChanged.
    """
    if settings.database_url:
        return Installation(settings, settings.database_url, None)
    lease = embedded.lease(settings.data_folder)
    try:
        if migrate:
            upgrade(lease.dsn(), kind=kind)
    except BaseException:
        lease.close()
        raise
    return Installation(settings, lease.dsn(), lease)


class Outlook(msgspec.Struct, frozen=True):
    """What a first look at a database tells. schema: 0 for an empty one."""

    schema: int
    needed: int
    kind: str
    has_users: bool

    def require_schema(self) -> None:
        """Raise SchemaOutdated unless this program can work with it."""
        if self.schema < self.needed:
            found = f"is at version {self.schema}" if self.schema else "is empty"
            raise SchemaOutdated(
                f"The database {found}, and this program needs version {self.needed}:"
                " run `ordito db upgrade`."
            )


def look(dsn: str) -> Outlook:
    """Look at the database without changing it. Raises DatabaseUnavailable."""
    needed = read_migrations()[-1].version
    with reaching(), psycopg.connect(dsn, connect_timeout=CONNECT_TIMEOUT_S) as conn:
        schema = schema_version(conn)
        if schema < needed:
            return Outlook(schema, needed, "", has_users=False)
        row = conn.execute(_LOOK).fetchone()
        return Outlook(schema, needed, *(row or ("", False)))


CONNECT_TIMEOUT_S = 10

_LOOK = """
    SELECT coalesce((SELECT kind FROM platform.installation), ''),
           EXISTS (SELECT FROM platform.app_user)
"""


@contextmanager
def reaching() -> Iterator[None]:
    """Tells of a server that can't be reached as DatabaseUnavailable, with what it said."""
    try:
        yield
    except psycopg.OperationalError as fault:
        if fault.sqlstate is None or fault.sqlstate.startswith(("08", "28", "3D", "57P")):
            raise DatabaseUnavailable(str(fault).strip()) from fault
        raise


@contextmanager
def opened(settings: Settings, *, size_max: int = 6) -> Iterator[Database]:
    """A pool on the installation's database, for as long as a command runs.

    Raises DatabaseUnavailable, SchemaOutdated, and what open_installation raises.
    """
    installation = open_installation(settings)
    try:
        look(installation.dsn).require_schema()
        database = Database(installation.dsn, size_max=size_max).open()
        try:
            yield database
        finally:
            database.close()
    finally:
        installation.close()
