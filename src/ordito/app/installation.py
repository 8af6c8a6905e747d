"""The database that the settings name: the embedded one, started if need be, or a server's."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from ordito.platform import embedded
from ordito.platform.database import Database
from ordito.platform.embedded import Lease
from ordito.platform.migrations import upgrade
from ordito.platform.settings import Settings


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


@contextmanager
def opened(settings: Settings, *, size_max: int = 6) -> Iterator[Database]:
    """A pool on the installation's database, for as long as a command runs."""
    installation = open_installation(settings)
    try:
        database = Database(installation.dsn, size_max=size_max).open()
        try:
            yield database
        finally:
            database.close()
    finally:
        installation.close()
