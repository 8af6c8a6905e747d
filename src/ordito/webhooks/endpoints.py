"""Webhook endpoints: few rows. Their secrets and their progress are in tables of their own."""

from typing import Any
from uuid import UUID

from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream
from ordito.webhooks.types import Webhook, WebhookHealth

ENDPOINTS_MAX = 200
"""Endpoints at most: each has a place of its own in the feed."""

_COLUMNS = """
           id, url, description, kinds, channel_ids, active, off_reason, version, created_at"""


def list_webhooks(tx: Tx) -> list[Webhook]:
    """All endpoints, in the order in which they were made."""
    return _LIST.all(tx)


_LIST = query(
    Webhook,
    f"""
    SELECT {_COLUMNS}
    FROM webhooks.endpoint
    WHERE deleted_at IS NULL
    ORDER BY id
    LIMIT 1000
    """,  # noqa: S608 (a constant of this module)
)


def find_webhook(tx: Tx, endpoint_id: UUID) -> Webhook | None:
    return _FIND.first(tx, id=endpoint_id)


_FIND = query(
    Webhook,
    f"""
    SELECT {_COLUMNS}
    FROM webhooks.endpoint
    WHERE id = %(id)s AND deleted_at IS NULL
    """,  # noqa: S608 (a constant of this module)
)


def lock_webhook(tx: Tx, endpoint_id: UUID) -> Webhook | None:
    return _LOCK.first(tx, id=endpoint_id)


_LOCK = query(
    Webhook,
    f"""
    SELECT {_COLUMNS}
    FROM webhooks.endpoint
    WHERE id = %(id)s AND deleted_at IS NULL
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def insert_webhook(tx: Tx, webhook: Webhook, *, position: int) -> None:
    """Store an endpoint that begins after a position of the feed. Its first event makes it 1."""
    _INSERT.run(tx, **_values(webhook))
    _INSERT_PROGRESS.run(tx, id=webhook.id, position=position)


_INSERT = statement("""
    INSERT INTO webhooks.endpoint
        (id, url, description, kinds, channel_ids, active, off_reason, version, created_at)
    VALUES (%(id)s, %(url)s, %(description)s, %(kinds)s::text[], %(channel_ids)s::uuid[],
            %(active)s, %(off_reason)s, 0, %(created_at)s)
""")

_INSERT_PROGRESS = statement("""
    INSERT INTO webhooks.progress (endpoint_id, position) VALUES (%(id)s, %(position)s)
""")


def write_webhook(tx: Tx, webhook: Webhook) -> None:
    """Write a changed endpoint; the caller holds its lock."""
    _UPDATE.run(tx, **_values(webhook))


_UPDATE = statement("""
    UPDATE webhooks.endpoint
    SET url = %(url)s, description = %(description)s, kinds = %(kinds)s::text[],
        channel_ids = %(channel_ids)s::uuid[], active = %(active)s, off_reason = %(off_reason)s
    WHERE id = %(id)s
""")


def _values(webhook: Webhook) -> dict[str, Any]:
    return {name: getattr(webhook, name) for name in webhook.__struct_fields__}


def delete_rows(tx: Tx, endpoint_id: UUID) -> None:
    """The endpoint is no more; its log goes later, in small deletes (see messages.prune)."""
    _DELETE.run(tx, id=endpoint_id)


_DELETE = statement("""
    UPDATE webhooks.endpoint
    SET deleted_at = now(), active = false, off_reason = 'person'
    WHERE id = %(id)s
""")


def failing_endpoints(tx: Tx) -> int:
    """Endpoints that someone must look at: switched off by Ordito, or failing in a row."""
    return _FAILING.one(tx)


_FAILING = query(
    int,
    """
    SELECT count(*)
    FROM webhooks.endpoint AS e
    JOIN webhooks.progress AS p ON p.endpoint_id = e.id
    WHERE e.deleted_at IS NULL
      AND (e.off_reason IN ('gone', 'failing') OR (e.active AND p.failures >= 3))
    """,
)


def read_health(tx: Tx) -> dict[UUID, WebhookHealth]:
    """How each endpoint fares."""
    return {row.endpoint_id: row for row in _HEALTH.all(tx)}


_HEALTH = query(
    WebhookHealth,
    """
    SELECT p.endpoint_id,
           (SELECT coalesce(max(position), 0) FROM platform.feed) - p.position AS behind,
           (SELECT count(*)
            FROM webhooks.message AS m
            WHERE m.endpoint_id = p.endpoint_id AND m.state = 'waiting') AS waiting,
           p.failures, p.failing_since,
           CASE WHEN p.resume_at > now() THEN p.resume_at END AS paused_until
    FROM webhooks.progress AS p
    JOIN webhooks.endpoint AS e ON e.id = p.endpoint_id
    WHERE e.deleted_at IS NULL
    ORDER BY p.endpoint_id
    LIMIT 1000
    """,
)


WEBHOOK = Stream(
    "webhook",
    bulk_query(
        RaisedVersion,
        """
        UPDATE webhooks.endpoint AS e
        SET version = e.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE e.id = d.id
        RETURNING e.id, e.version
        """,
    ),
)
"""The timeline of an endpoint."""
