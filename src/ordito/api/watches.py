"""Watch lists over HTTP."""

from uuid import UUID

import msgspec

from ordito.api.endpoints import reading, writing
from ordito.api.paging import Page, PageParams
from ordito.desk.watch_types import WatchKind, WatchRule
from ordito.desk.watches import read_rules
from ordito.flows.sweep_watches import give_watch, set_watch_rule
from ordito.kernel.asks import Ask
from ordito.listings.watches import WatchView, list_watches, read_watch
from ordito.platform.database import Tx

TAG = "Order desk"


class WatchParams(PageParams, frozen=True, kw_only=True):
    """kind: one list, else all; owner_id: only what this user looks after."""

    kind: WatchKind | None = None
    owner_id: UUID | None = None


class WatchKey(Ask, frozen=True, kw_only=True):
    watch_id: UUID


class NoParams(Ask, frozen=True):
    """No parameters."""


class WatchRules(msgspec.Struct, frozen=True):
    items: list[WatchRule]


def list_watch_entries(tx: Tx, params: WatchParams) -> Page[WatchView]:
    """What is wrong now, those due first on top: short, oversold elsewhere, unservable, capacity
    full, promises about to be missed, large idle carts, items that run low at a location or over
    all of them, requests that partners don't answer, choices that customers don't make."""
    found = list_watches(
        tx, params.kind, owner_id=params.owner_id, cursor=params.cursor, limit=params.limit
    )
    return Page(list(found.items), found.next)


def get_watch_entry(tx: Tx, params: WatchKey) -> WatchView:
    """One open entry."""
    return read_watch(tx, params.watch_id)


def list_watch_rules(tx: Tx, params: NoParams) -> WatchRules:
    """Of each list: whose its entries are, and when they are due."""
    return WatchRules(list(read_rules(tx).values()))


_USER = "01990000-0000-7000-8000-0000000000aa"

ENDPOINTS = [
    reading("/watches", TAG, "List what is watched", list_watch_entries, "orders.read"),
    reading("/watches/{watch_id}", TAG, "Read an entry of a watch list", get_watch_entry,
            "orders.read"),
    writing("PUT", "/watches/{watch_id}/owner", TAG, "Give an entry to somebody", give_watch,
            example={"user_id": _USER}),
    reading("/watch-rules", TAG, "List the rules of the watch lists", list_watch_rules,
            "settings.read"),
    writing("PUT", "/watch-rules/{kind}", TAG, "Set the rule of a watch list", set_watch_rule,
            example={"due_hours": 4}),
]  # fmt: skip
