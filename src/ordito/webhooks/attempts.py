"""The log of tries: what was sent when, and what the receiver said."""

from collections.abc import Sequence
from uuid import UUID

from ordito.kernel.ids import new_id
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query
from ordito.webhooks.calls import Outcome
from ordito.webhooks.types import Attempt


def add_attempts(tx: Tx, endpoint_id: UUID, tries: Sequence[tuple[int, int, Outcome]]) -> None:
    """Log tries: (position, number of the try, what came of it) each."""
    _ADD.send(
        tx,
        [
            (str(endpoint_id), str(new_id()), position, attempt, o.status, o.ms, o.answer, o.error)
            for position, attempt, o in tries
        ],
    )


_ADD = bulk("""
    INSERT INTO webhooks.attempt
        (endpoint_id, id, position, attempt, status, ms, answer, error)
    SELECT *
    FROM unnest(%s::uuid[], %s::uuid[], %s::int8[], %s::int4[], %s::int4[], %s::int4[],
                %s::text[], %s::text[])
""")


def list_attempts(
    tx: Tx, endpoint_id: UUID, *, failed: bool = False, before: UUID | None = None, limit: int = 50
) -> list[Attempt]:
    """Tries, newest first. failed: only those that failed. before: the last one seen."""
    return _LIST.all(tx, id=endpoint_id, failed=failed, before=before, limit=limit)


_LIST = query(
    Attempt,
    """
    SELECT a.id, a.position, m.kind, m.stream_id, a.attempt, a.at, a.status, a.ms, a.answer,
           a.error, m.state,
           CASE WHEN m.attempts = a.attempt THEN m.due_at END AS retry_at
    FROM webhooks.attempt AS a
    JOIN webhooks.message AS m ON m.endpoint_id = a.endpoint_id AND m.position = a.position
    WHERE a.endpoint_id = %(id)s
      AND (%(before)s::uuid IS NULL OR a.id < %(before)s::uuid)
      AND (NOT %(failed)s::bool OR a.error <> '')
    ORDER BY a.id DESC
    LIMIT %(limit)s
    """,
)
