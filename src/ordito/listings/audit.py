"""The audit log: who did what when to what, from the event log; the newest first."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ordito.listings.cursors import read_cursor, write_cursor
from ordito.platform.access import Actor
from ordito.platform.database import Tx, query
from ordito.platform.problems import NotPermitted


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for. Without a thing: what people did, and all about users, roles and keys.

    person:   the user who acted.
    kinds:    kinds of events ("order.placed"), or of things ("order"); none: all.
    stream_id: the thing that it happened to.
    since, until: the period; its end is not part of it.
    """

    person: UUID | None = None
    kinds: tuple[str, ...] = ()
    stream_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditRow(msgspec.Struct, frozen=True):
    """An event. actor: the name of who acted; thing: number, SKU or name of what it happened to."""

    stream_id: UUID
    seq: int
    stream: str
    kind: str
    at: datetime
    actor_kind: str
    actor_id: UUID
    request_id: str | None
    body: dict[str, Any]
    actor: str
    thing: str


class AuditPage(msgspec.Struct, frozen=True):
    """`next`: the cursor of the page with older ones; None at the end."""

    items: list[AuditRow]
    next: str | None


class _Place(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    stream_id: UUID
    seq: int


def search_audit(
    tx: Tx, wanted: AuditFilter, *, cursor: str | None = None, limit: int = 50
) -> AuditPage:
    """A page of the log. Raises NotPermitted for who sees some channels or locations only."""
    require_whole_view(tx.actor)
    last = read_cursor(cursor, _Place) if cursor else None
    by = "thing" if wanted.stream_id else "person" if wanted.person else "all"
    found = _SEARCHES[by].all(
        tx,
        person=wanted.person,
        kinds=list(wanted.kinds) or None,
        stream_id=wanted.stream_id,
        since=wanted.since,
        until=wanted.until,
        last_at=last.at if last else None,
        last_stream=last.stream_id if last else None,
        last_seq=last.seq if last else None,
        limit=limit + 1,
    )
    rows = found[:limit]
    more = len(found) > limit
    end = rows[-1] if rows else None
    place = _Place(end.at, end.stream_id, end.seq) if more and end else None
    return AuditPage(rows, write_cursor(place) if place else None)


def require_whole_view(actor: Actor) -> None:
    """Raises NotPermitted: the log tells of every channel and location."""
    if actor.channel_ids is not None or actor.location_ids is not None:
        raise NotPermitted("The audit log tells of all channels and locations; you see some only.")


# Each condition is one that an index of its own serves.
_CONDITIONS = {
    "thing": """e.stream_id = %(stream_id)s
              AND (%(person)s::uuid IS NULL OR e.actor_id = %(person)s::uuid)""",
    "person": """e.actor_kind = 'user' AND e.actor_id = %(person)s
              AND %(stream_id)s::uuid IS NULL""",
    "all": """(e.actor_kind = 'user' OR e.stream IN ('user', 'key', 'role'))
              AND %(stream_id)s::uuid IS NULL AND %(person)s::uuid IS NULL""",
}

_SEARCHES = {
    name: query(
        AuditRow,
        f"""
        WITH found AS (
            SELECT e.stream_id, e.seq, e.stream, e.kind, e.at, e.actor_kind, e.actor_id,
                   e.request_id, e.body
            FROM platform.event AS e
            WHERE {condition}
              AND (%(kinds)s::text[] IS NULL OR e.kind = ANY(%(kinds)s::text[])
                   OR e.stream = ANY(%(kinds)s::text[]))
              AND (%(since)s::timestamptz IS NULL OR e.at >= %(since)s::timestamptz)
              AND (%(until)s::timestamptz IS NULL OR e.at < %(until)s::timestamptz)
              AND (%(last_at)s::timestamptz IS NULL
                   OR (e.at, e.stream_id, e.seq) <
                      (%(last_at)s::timestamptz, %(last_stream)s::uuid, %(last_seq)s::int8))
            ORDER BY e.at DESC, e.stream_id DESC, e.seq DESC
            LIMIT %(limit)s
        )
        SELECT e.stream_id, e.seq, e.stream, e.kind, e.at, e.actor_kind, e.actor_id,
               e.request_id, e.body,
               coalesce(u.name, k.name, CASE e.actor_kind WHEN 'system' THEN 'Ordito' ELSE '' END)
                   AS actor,
               coalesce(o.number::text, tu.name, tk.name, r.name, i.sku, l.name, c.name, p.name, '')
                   AS thing
        FROM found AS e
        LEFT JOIN platform.app_user AS u ON u.id = e.actor_id
        LEFT JOIN platform.api_key AS k ON k.id = e.actor_id
        LEFT JOIN orders.sales_order AS o ON o.id = e.stream_id
        LEFT JOIN platform.app_user AS tu ON tu.id = e.stream_id
        LEFT JOIN platform.api_key AS tk ON tk.id = e.stream_id
        LEFT JOIN platform.role AS r ON r.id = e.stream_id
        LEFT JOIN catalog.item AS i ON i.id = e.stream_id
        LEFT JOIN locations.location AS l ON l.id = e.stream_id
        LEFT JOIN channels.channel AS c ON c.id = e.stream_id
        LEFT JOIN sourcing.policy AS p ON p.id = e.stream_id
        ORDER BY e.at DESC, e.stream_id DESC, e.seq DESC
        """,  # noqa: S608 (constants of this module)
    )
    for name, condition in _CONDITIONS.items()
}


def find_order_id(tx: Tx, number: int) -> UUID | None:
    """The order with this number, to search for what happened to it."""
    return _ORDER.first(tx, number=number)


_ORDER = query(UUID, "SELECT id FROM orders.sales_order WHERE number = %(number)s")
