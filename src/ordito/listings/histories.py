"""What happened to a thing that is managed (an item, a location, a channel), and who did it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ordito.platform.database import Tx, query


class HistoryEntry(msgspec.Struct, frozen=True):
    """One event of a timeline. actor: the name of who did it, "" when nobody has it any more.

    file_name: of the import that did it, "" for what came another way.
    """

    seq: int
    at: datetime
    kind: str
    actor_kind: str
    actor: str
    body: dict[str, Any]
    file_name: str


def list_history(
    tx: Tx, stream_id: UUID, *, before: int | None = None, limit: int = 50
) -> list[HistoryEntry]:
    """The newest events of one thing, newest first; the next page is `before` the last one's seq.

    The caller has looked whether the reader may see the thing.
    """
    return _HISTORY.all(tx, stream_id=stream_id, before=before, limit=limit)


_HISTORY = query(
    HistoryEntry,
    """
    SELECT e.seq, e.at, e.kind, e.actor_kind,
           coalesce(u.name, k.name, CASE e.actor_kind WHEN 'system' THEN 'Ordito' ELSE '' END)
               AS actor,
           e.body, coalesce(j.file_name, '') AS file_name
    FROM platform.event AS e
    LEFT JOIN platform.app_user AS u ON u.id = e.actor_id
    LEFT JOIN platform.api_key AS k ON k.id = e.actor_id
    -- What imports write has their id in the request id; programs choose theirs freely.
    LEFT JOIN uploads.job AS j ON j.id = CASE
        WHEN e.request_id ~ '^import-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        THEN substr(e.request_id, 8)::uuid END
    WHERE e.stream_id = %(stream_id)s
      AND (%(before)s::int8 IS NULL OR e.seq < %(before)s::int8)
    ORDER BY e.seq DESC
    LIMIT %(limit)s
    """,
)
