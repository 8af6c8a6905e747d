"""The embedded database: a PostgreSQL of one's own in a data directory, without set-up.

`with lease(data_dir) as database: psycopg.connect(database.dsn())`. The first lease makes and
starts it, in the care of a supervisor process that is shared by all programs on that folder and
outlives them. Invariants: one supervisor and one postmaster per data directory; a killed program,
backend, postmaster or supervisor is made good within seconds while anyone holds a lease; nothing
is left running `ORDITO_EMBEDDED_IDLE_S` (30) seconds after the last lease is gone.
"""

from ordito.platform.embedded.databases import create_database, drop_database
from ordito.platform.embedded.leases import Lease, lease, stop
from ordito.platform.embedded.leases import read_status as status
from ordito.platform.embedded.problems import EmbeddedUnavailable, PostgresNotFound
from ordito.platform.embedded.statuses import Status

__all__ = [
    "EmbeddedUnavailable",
    "Lease",
    "PostgresNotFound",
    "Status",
    "create_database",
    "drop_database",
    "lease",
    "status",
    "stop",
]
