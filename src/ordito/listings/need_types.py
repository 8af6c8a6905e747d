"""What a need is, and how kinds of needs are read: the first ones, and how many there are."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from ordito.listings.home_scope import HomeScope
from ordito.listings.order_types import ChannelName, PlaceName
from ordito.listings.places import Names
from ordito.platform.database import Query, Tx, query

COUNT_MAX = 99
"""Kinds count up to this; one more means “more than”."""
MAILS_KEPT = timedelta(days=14)
"""How long a mail that failed is asked after."""
WAITS_MAX = timedelta(days=3)
"""How long a box may wait for its customer before someone has to ask."""

NeedKind = Literal[
    "mention",
    "late",
    "unsourced",
    "backorder",
    "hold",
    "message",
    "shortage",
    "count",
    "put_back",
    "pickup",
    "mail",
    "webhook",
    "shop",
    "parked",
]


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that waits for someone.

    id: of the task, message or order; part: the fulfillment order or the hold.
    detail: the reason of a hold or of a message, as a code. qty: units, pieces for tasks.
    since: when it began to wait; for late orders the promise says more.
    owner: who looks after it, by name, of a mention who wrote it; None when nobody was named.
    title: of an item; of a mention the beginning of the note (personal data).
    """

    id: UUID
    since: datetime
    number: int | None = None
    part: int | None = None
    detail: str = ""
    channel: ChannelName | None = None
    location: PlaceName | None = None
    item_id: UUID | None = None
    sku: str = ""
    title: str = ""
    qty: int | None = None
    promised_on: date | None = None
    owner: str | None = None


class NeedGroup(msgspec.Struct, frozen=True):
    """Needs of one kind, most urgent first. count goes up to COUNT_MAX + 1."""

    kind: NeedKind
    count: int
    items: tuple[Need, ...]


class NeedRow(msgspec.Struct, frozen=True):
    id: UUID
    since: datetime
    number: int | None
    part: int | None
    detail: str
    channel_id: UUID | None
    location_id: UUID | None
    item_id: UUID | None
    sku: str
    title: str
    qty: int | None
    promised_on: date | None
    owner: str | None


def asking(rows: Query[NeedRow], count: Query[int]) -> Callable[..., NeedGroup]:
    def read(tx: Tx, names: Names, scope: HomeScope, kind: NeedKind, each: int) -> NeedGroup:
        given = {
            "kind": kind,
            "channel_ids": scope.channel_ids,
            "location_ids": scope.location_ids,
            "before": tx.now - WAITS_MAX,
            "mails_from": tx.now - MAILS_KEPT,
            "reader_id": tx.actor.id,
        }
        found = rows.all(tx, **given, limit=each)
        whole = len(found) < each
        n = len(found) if whole else count.one(tx, **given, limit=COUNT_MAX + 1)
        return NeedGroup(kind, n, tuple(_need(row, names) for row in found))

    return read


def _need(row: NeedRow, names: Names) -> Need:
    known = {name: getattr(row, name) for name in Need.__struct_fields__ if hasattr(row, name)}
    return Need(
        **known,
        channel=names.channel(row.channel_id) if row.channel_id else None,
        location=names.place(row.location_id) if row.location_id else None,
    )


def pair(columns: str, rest: str, order: str) -> tuple[Query[NeedRow], Query[int]]:
    """The same rows, to read the first ones of and to count."""
    rows = query(NeedRow, f"SELECT {columns} {rest} ORDER BY {order} LIMIT %(limit)s")
    count = query(
        int,
        f"SELECT count(*) FROM (SELECT {rest} LIMIT %(limit)s) AS counted",  # noqa: S608
    )
    return rows, count
