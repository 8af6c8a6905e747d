"""Watch lists as people read them: what is wrong, whose it is, until when."""

from datetime import datetime
from uuid import UUID

import msgspec

from ordito.desk.watch_types import WatchKind
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_types import ChannelName, PlaceName
from ordito.listings.places import Names, read_names
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query
from ordito.platform.problems import NotFound

COUNT_MAX = 99
"""Lists count up to this; one more means “more than”."""


class WatchView(msgspec.Struct, frozen=True):
    """An entry. number: of the order; part: its line; qty: units, of `capacity` work accepted.

    overdue: it was due by now, and is the one's whom the rule of the list names.
    """

    id: UUID
    kind: WatchKind
    subject_id: UUID
    part: int
    number: int | None
    channel: ChannelName | None
    location: PlaceName | None
    item_id: UUID | None
    sku: str
    title: str
    qty: int | None
    raised_at: datetime
    due_at: datetime
    overdue: bool
    owner_id: UUID | None
    owner: str | None


class WatchPage(msgspec.Struct, frozen=True):
    """Entries, those due first on top. next: the cursor of what follows."""

    items: tuple[WatchView, ...]
    next: str | None


class WatchCount(msgspec.Struct, frozen=True):
    """How many entries a list has, up to COUNT_MAX + 1, and how many of these are overdue."""

    kind: WatchKind
    count: int
    overdue: int


class _Place(msgspec.Struct, frozen=True, array_like=True):
    due_at: datetime
    id: UUID


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    kind: WatchKind
    subject_id: UUID
    part: int
    number: int | None
    channel_id: UUID | None
    location_id: UUID | None
    item_id: UUID | None
    sku: str
    title: str
    qty: int | None
    raised_at: datetime
    due_at: datetime
    overdue: bool
    owner_id: UUID | None
    owner: str | None


_SHARED = set(WatchView.__struct_fields__) & set(_Row.__struct_fields__)


def list_watches(
    tx: Tx,
    kind: WatchKind | None = None,
    *,
    owner_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> WatchPage:
    """Open entries of a list, or of all, in scope; raises InvalidInput for a foreign cursor.

    owner_id: only those of one person.
    """
    after = read_cursor(cursor, _Place) if cursor else None
    rows = _LIST.all(
        tx,
        kind=kind,
        owner_id=owner_id,
        due_at=after.due_at if after else None,
        id=after.id if after else None,
        limit=limit + 1,
        **_scope(tx),
    )
    names = read_names(tx)
    items = tuple(_view(row, names) for row in rows[:limit])
    if len(rows) <= limit:
        return WatchPage(items, None)
    last = rows[limit - 1]
    return WatchPage(items, write_cursor(_Place(last.due_at, last.id)))


def read_watch(tx: Tx, watch_id: UUID) -> WatchView:
    """One open entry; raises NotFound."""
    row = _READ.first(tx, id=watch_id, **_scope(tx))
    if row is None:
        raise NotFound("There is no such open entry, or it is none you see.")
    return _view(row, read_names(tx))


def _view(row: _Row, names: Names) -> WatchView:
    return WatchView(
        **{name: getattr(row, name) for name in _SHARED},
        channel=names.channel(row.channel_id) if row.channel_id else None,
        location=names.place(row.location_id) if row.location_id else None,
    )


def count_watches(tx: Tx) -> dict[WatchKind, WatchCount]:
    """How many open entries each list has; those without any are absent."""
    found = _COUNT.all(tx, limit=COUNT_MAX + 1, **_scope(tx))
    return {row.kind: row for row in found if row.count}


def _scope(tx: Tx) -> dict[str, str | None]:
    actor = tx.actor
    return {
        "channel_ids": None if actor.channel_ids is None else uuids(sorted(actor.channel_ids)),
        "location_ids": None if actor.location_ids is None else uuids(sorted(actor.location_ids)),
    }


_SEEN = """
      AND (%(channel_ids)s::uuid[] IS NULL OR w.channel_id IS NULL
           OR w.channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (%(location_ids)s::uuid[] IS NULL OR w.location_id = ANY(%(location_ids)s::uuid[]))"""

_ENTRY = """
    SELECT w.id, w.kind, w.subject_id, w.part, o.number, w.channel_id, w.location_id, w.item_id,
           coalesce(i.sku, '') AS sku, coalesce(i.name, '') AS title, w.qty, w.raised_at, w.due_at,
           w.escalated_at IS NOT NULL AS overdue, w.owner_id, u.name AS owner
    FROM desk.watch AS w
    LEFT JOIN orders.sales_order AS o ON o.id = w.order_id
    LEFT JOIN catalog.item AS i ON i.id = w.item_id
    LEFT JOIN platform.app_user AS u ON u.id = w.owner_id
    WHERE w.closed_at IS NULL"""

_READ = query(_Row, f"{_ENTRY} AND w.id = %(id)s {_SEEN}")

_LIST = query(
    _Row,
    f"""{_ENTRY}
      AND (%(kind)s::text IS NULL OR w.kind = %(kind)s::text COLLATE "C")
      AND (%(owner_id)s::uuid IS NULL OR w.owner_id = %(owner_id)s::uuid)
      AND (%(due_at)s::timestamptz IS NULL
           OR (w.due_at, w.id) > (%(due_at)s::timestamptz, %(id)s::uuid)) {_SEEN}
    ORDER BY w.due_at, w.id
    LIMIT %(limit)s
    """,
)

_COUNT = query(
    WatchCount,
    f"""
    SELECT k.kind, n.count, n.overdue
    FROM (VALUES ('short'), ('oversold'), ('unservable'), ('capacity'), ('promise'), ('cart'),
                 ('rollout'), ('low'), ('low_total'), ('unanswered'), ('undecided'),
                 ('stop'))
        AS k (kind)
    CROSS JOIN LATERAL (
        SELECT count(*) AS count, count(*) FILTER (WHERE c.escalated_at IS NOT NULL) AS overdue
        FROM (
            SELECT w.escalated_at
            FROM desk.watch AS w
            WHERE w.closed_at IS NULL AND w.kind = k.kind COLLATE "C" {_SEEN}
            ORDER BY w.due_at, w.id
            LIMIT %(limit)s
        ) AS c
    ) AS n
    """,  # noqa: S608 (a constant of this module)
)
