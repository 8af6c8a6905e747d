"""The rows of watch lists and of their rules."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from ordito.desk.watch_types import DUE_HOURS, Watch, WatchKind, WatchRule
from ordito.kernel.ids import new_id
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream

WatchRow = tuple[Any, ...]
"""id, kind, subject id, part, order, channel, location, item, quantity, raised at, due at, owner"""

_COLUMNS = """id, kind, subject_id, part, order_id, channel_id, location_id, item_id, qty,
           raised_at, due_at, owner_id, escalated_at, closed_at, version"""


def insert_watches(tx: Tx, rows: Sequence[WatchRow]) -> None:
    """Write new entries; the first event makes their version 1."""
    _INSERT.run(tx, rows)


_INSERT = bulk("""
    INSERT INTO desk.watch
        (id, kind, subject_id, part, order_id, channel_id, location_id, item_id, qty, raised_at,
         due_at, owner_id)
    SELECT n.id, n.kind, n.subject_id, n.part, n.order_id, n.channel_id, n.location_id, n.item_id,
           n.qty, n.raised_at, n.due_at, n.owner_id
    FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::int4[], %s::uuid[], %s::uuid[],
                %s::uuid[], %s::uuid[], %s::int8[], %s::timestamptz[], %s::timestamptz[],
                %s::uuid[])
        AS n (id, kind, subject_id, part, order_id, channel_id, location_id, item_id, qty,
              raised_at, due_at, owner_id)
""")


def lock_watches(tx: Tx, ids: Iterable[UUID]) -> list[Watch]:
    """Lock the open ones of these entries, by id."""
    return _LOCK.all(tx, ids=uuids(sorted(ids)))


_LOCK = query(
    Watch,
    f"""
    SELECT {_COLUMNS}
    FROM desk.watch
    WHERE id = ANY(%(ids)s::uuid[]) AND closed_at IS NULL
    ORDER BY id
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def close_watches(tx: Tx, ids: Iterable[UUID]) -> None:
    """Close locked entries: their fact is gone."""
    _CLOSE.run(tx, [(id_, tx.now) for id_ in ids])


_CLOSE = bulk("""
    UPDATE desk.watch AS w
    SET closed_at = d.at
    FROM unnest(%s::uuid[], %s::timestamptz[]) AS d (id, at)
    WHERE w.id = d.id
""")


def give_watch(tx: Tx, watch_id: UUID, owner_id: UUID) -> None:
    """Give a locked entry to its new owner."""
    _GIVE.run(tx, id=watch_id, owner_id=owner_id)


_GIVE = statement("UPDATE desk.watch SET owner_id = %(owner_id)s WHERE id = %(id)s")


def escalate_overdue(tx: Tx, kind: WatchKind, owner_id: UUID | None, *, limit: int) -> list[UUID]:
    """Give entries that are overdue, and were not yet escalated, to this owner; None leaves it."""
    return _ESCALATE.all(tx, kind=kind, owner_id=owner_id, now=tx.now, limit=limit)


_ESCALATE = query(
    UUID,
    """
    UPDATE desk.watch
    SET escalated_at = %(now)s, owner_id = coalesce(%(owner_id)s::uuid, owner_id)
    WHERE id IN (
        SELECT id
        FROM desk.watch
        WHERE kind = %(kind)s AND closed_at IS NULL AND escalated_at IS NULL
          AND due_at <= %(now)s
        ORDER BY id
        LIMIT %(limit)s
        FOR NO KEY UPDATE SKIP LOCKED
    )
    RETURNING id
    """,
)


def read_rules(tx: Tx) -> dict[WatchKind, WatchRule]:
    """The rule of every list."""
    kept = {rule.kind: rule for rule in _RULES.all(tx)}
    return {kind: kept.get(kind, WatchRule(kind, hours)) for kind, hours in DUE_HOURS.items()}


_RULES = query(
    WatchRule, "SELECT kind, due_hours, owner_id, escalate_to FROM desk.watch_rule ORDER BY kind"
)


def write_rule(tx: Tx, rule: WatchRule) -> UUID:
    """Write the rule of a list; the id that its events are told of."""
    return _WRITE_RULE.one(
        tx,
        id=new_id(),
        kind=rule.kind,
        due_hours=rule.due_hours,
        owner_id=rule.owner_id,
        escalate_to=rule.escalate_to,
    )


_WRITE_RULE = query(
    UUID,
    """
    INSERT INTO desk.watch_rule (id, kind, due_hours, owner_id, escalate_to)
    VALUES (%(id)s, %(kind)s, %(due_hours)s, %(owner_id)s, %(escalate_to)s)
    ON CONFLICT (kind) DO UPDATE
    SET due_hours = excluded.due_hours, owner_id = excluded.owner_id,
        escalate_to = excluded.escalate_to
    RETURNING id
    """,
)

WATCH_RULE = Stream(
    "watch_rule",
    bulk_query(
        RaisedVersion,
        """
        UPDATE desk.watch_rule AS w
        SET version = w.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE w.id = d.id
        RETURNING w.id, w.version
        """,
    ),
)
"""The timeline of a list's rule."""

WATCH = Stream(
    "watch",
    bulk_query(
        RaisedVersion,
        """
        UPDATE desk.watch AS w
        SET version = w.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE w.id = d.id
        RETURNING w.id, w.version
        """,
    ),
)
"""The timeline of an entry."""
