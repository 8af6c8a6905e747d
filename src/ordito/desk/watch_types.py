"""Watch lists as they are kept and asked for."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.kernel.asks import Ask

WatchKind = Literal[
    "short",
    "oversold",
    "unservable",
    "capacity",
    "promise",
    "cart",
    "rollout",
    "low",
    "low_total",
    "unanswered",
    "undecided",
    "stop",
]

DUE_HOURS: dict[WatchKind, int] = {
    "short": 24,
    "oversold": 4,
    "unservable": 4,
    "capacity": 8,
    "promise": 8,
    "cart": 2,
    "rollout": 8,
    "low": 48,
    "low_total": 48,
    "unanswered": 8,
    "undecided": 8,
    "stop": 4,
}
"""Hours until an entry is due where no rule says otherwise."""


class Fact(msgspec.Struct, frozen=True):
    """Something that is wrong. subject_id, part: what with: an order and its line, a location, a
    cart, a roll-out, an item and a location's number. due_at: when it is too late, where the fact
    itself says so."""

    subject_id: UUID
    part: int
    order_id: UUID | None
    channel_id: UUID | None
    location_id: UUID | None
    item_id: UUID | None
    qty: int | None
    assignee_id: UUID | None
    due_at: datetime | None


class Watch(msgspec.Struct, frozen=True):
    """An entry: a fact with its owner and the time by which it is to be dealt with."""

    id: UUID
    kind: WatchKind
    subject_id: UUID
    part: int
    order_id: UUID | None
    channel_id: UUID | None
    location_id: UUID | None
    item_id: UUID | None
    qty: int | None
    raised_at: datetime
    due_at: datetime
    owner_id: UUID | None
    escalated_at: datetime | None
    closed_at: datetime | None
    version: int


class WatchRule(msgspec.Struct, frozen=True):
    """Of a list: whose new entries are, when they are due, whose they are after that.

    owner_id:    None is who the order is assigned to, else the first who may change settings.
    escalate_to: None is the first who may change settings.
    """

    kind: WatchKind
    due_hours: int
    owner_id: UUID | None = None
    escalate_to: UUID | None = None


class GiveWatch(Ask, frozen=True, kw_only=True):
    """Who looks after an entry from now on."""

    watch_id: UUID
    user_id: UUID


class SetWatchRule(Ask, frozen=True, kw_only=True):
    """The rule of a list, whole; open entries keep their owner and time."""

    kind: WatchKind
    due_hours: Annotated[int, Meta(ge=1, le=720)]
    owner_id: UUID | None = None
    escalate_to: UUID | None = None


class SweepWatches(Ask, frozen=True, kw_only=True):
    """Look what is wrong now, in one list."""

    kind: WatchKind


class WatchesSwept(msgspec.Struct, frozen=True):
    raised: int
    closed: int
    escalated: int
