"""Saved views and bulk jobs as they are."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

BulkAct = Literal[
    "tag",
    "untag",
    "hold",
    "release_hold",
    "release_to_pick",
    "cancel",
    "assign",
    "export",
    "print",
]
JobState = Literal["running", "stopped", "failed", "finished"]
Outcome = Literal["done", "refused"]


class Look(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a saved view shows: the filter's fields, the sort, and the columns (none: the usual)."""

    filter: dict[str, Any] = {}
    sort: str = "placed_at"
    descending: bool = True
    columns: tuple[str, ...] = ()


class SavedView(msgspec.Struct, frozen=True):
    """A view that somebody saved; shared ones are seen by everybody who sees orders."""

    id: UUID
    owner_id: UUID
    shared: bool
    name: str
    look: Look
    version: int


class Arrangement(msgspec.Struct, frozen=True):
    """The keys of tabs in one person's order, and the one that opens first ("" is the first)."""

    tabs: list[str] = []
    first_tab: str = ""


class BulkJob(msgspec.Struct, frozen=True):
    """A job over many orders. ask: what the act needs beside the orders, such as the tag.

    problem: why all of it failed, when it did. again_of: the job whose refused orders these are.
    """

    id: UUID
    actor_kind: Literal["user", "key", "system"]
    actor_id: UUID
    act: BulkAct
    ask: dict[str, Any]
    state: JobState
    total: int
    done: int
    refused: int
    chunks_done: int
    problem: dict[str, Any] | None
    again_of: UUID | None
    started_at: datetime
    ended_at: datetime | None
    version: int


class JobItem(msgspec.Struct, frozen=True):
    """One order of a job and what became of it; outcome is None until then."""

    n: int
    order_id: UUID
    outcome: Outcome | None
    problem: dict[str, Any] | None
