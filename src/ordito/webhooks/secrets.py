"""What messages are signed with. Never in an answer, an event or a log but when it is made."""

from datetime import datetime, timedelta
from uuid import UUID

from ordito.platform.database import Tx, query, statement

OVERLAP = timedelta(hours=24)
"""How long a replaced secret still signs, beside the new one."""


def insert_secret(tx: Tx, endpoint_id: UUID, secret: bytes) -> None:
    _INSERT.run(tx, id=endpoint_id, secret=secret)


_INSERT = statement("""
    INSERT INTO webhooks.endpoint_secret (endpoint_id, secret) VALUES (%(id)s, %(secret)s)
""")


def replace_secret(tx: Tx, endpoint_id: UUID, secret: bytes) -> datetime:
    """Sign with a new secret from now; returns when the one before stops to sign.

    Ones that were replaced earlier stop at once: two signatures are enough. The caller holds the
    endpoint's lock.
    """
    ends_at = tx.now + OVERLAP
    _DROP_OLDER.run(tx, id=endpoint_id)
    _END.run(tx, id=endpoint_id, ends_at=ends_at)
    insert_secret(tx, endpoint_id, secret)
    return ends_at


_DROP_OLDER = statement("""
    DELETE FROM webhooks.endpoint_secret WHERE endpoint_id = %(id)s AND ends_at IS NOT NULL
""")

_END = statement("""
    UPDATE webhooks.endpoint_secret SET ends_at = %(ends_at)s WHERE endpoint_id = %(id)s
""")


def read_secrets(tx: Tx, endpoint_id: UUID) -> list[bytes]:
    """The secrets that sign now, the newest first."""
    return _READ.all(tx, id=endpoint_id)


_READ = query(
    bytes,
    """
    SELECT secret
    FROM webhooks.endpoint_secret
    WHERE endpoint_id = %(id)s AND (ends_at IS NULL OR ends_at > now())
    ORDER BY ends_at DESC NULLS FIRST
    LIMIT 2
    """,
)


def drop_secrets(tx: Tx, endpoint_id: UUID) -> None:
    """Forget all secrets of an endpoint."""
    _DROP.run(tx, id=endpoint_id)


_DROP = statement("DELETE FROM webhooks.endpoint_secret WHERE endpoint_id = %(id)s")
