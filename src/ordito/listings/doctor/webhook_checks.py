"""Webhooks: nothing that waits is forgotten, and every endpoint can be served."""

from ordito.listings.doctor.types import Check

CHECKS = (
    Check(
        id="H1",
        title="Of each stream that waits for a webhook, a message has a time to be sent",
        hint="Send the message again from the webhook's page: its stream goes on.",
        sql="""
            SELECT m.endpoint_id, m.stream_id, min(m.position) AS position, count(*) AS waiting
            FROM webhooks.message AS m
            WHERE m.state = 'waiting'
            GROUP BY m.endpoint_id, m.stream_id
            HAVING count(m.due_at) = 0
        """,
    ),
    Check(
        id="H2",
        title="A webhook has a secret without an end, and a place in the feed that exists",
        hint="Rotate its secret; send again since the moment from which messages are missing.",
        sql="""
            SELECT e.id AS endpoint_id, p.position, s.endpoint_id IS NOT NULL AS has_secret
            FROM webhooks.endpoint AS e
            LEFT JOIN webhooks.progress AS p ON p.endpoint_id = e.id
            LEFT JOIN webhooks.endpoint_secret AS s
              ON s.endpoint_id = e.id AND s.ends_at IS NULL
            WHERE e.deleted_at IS NULL
              AND (p.position IS NULL
                   OR s.endpoint_id IS NULL
                   OR p.position > (SELECT coalesce(max(position), 0) FROM platform.feed))
        """,
    ),
)
