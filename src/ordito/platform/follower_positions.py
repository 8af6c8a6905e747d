"""How far each follower is in the feed, and what its next turn holds."""

from collections.abc import Callable, Collection
from typing import Literal

import msgspec

from ordito.platform import parking
from ordito.platform.database import Tx, query, statement
from ordito.platform.feed import FeedEntry, newest_position, read_feed

SCAN_MAX = 10_000
"""Feed positions looked through at a time by a follower of rare kinds."""


class Outlook(msgspec.Struct, frozen=True):
    """Where a follower and the feed are; due: whether a parked entry is to be tried again."""

    position: int
    newest: int
    due: bool


class FollowerState(msgspec.Struct, frozen=True):
    """How far a follower is. behind: feed entries it has not seen; parked: entries put aside."""

    name: str
    position: int
    behind: int
    parked: int


class PositionMoved(Exception):
    """Another process went on with this follower meanwhile: the lock on it was lost."""


class Turn(msgspec.Struct, frozen=True):
    """What a follower does next; `finish` and `fail` write the outcome in a given transaction.

    upto: the feed position that the turn leads to, or the position of the parked entry.
    fail: for turns of a single entry: parks it, or puts its next retry off.
    """

    entries: list[FeedEntry]
    upto: int
    finish: Callable[[Tx], None]
    fail: Callable[[Tx, str], None]


def look(tx: Tx, name: str, *, starts: Literal["beginning", "next"]) -> Outlook:
    """Whether there is anything to do; a new follower is registered where it starts."""
    outlook = _LOOK.first(tx, name=name)
    if outlook is None:
        position = 0 if starts == "beginning" else newest_position(tx)
        _REGISTER.run(tx, name=name, position=position)
        outlook = _LOOK.one(tx, name=name)
    return outlook


_LOOK = query(
    Outlook,
    """
    SELECT position,
           (SELECT coalesce(max(position), 0) FROM platform.feed) AS newest,
           EXISTS (SELECT 1
                   FROM platform.parked_event
                   WHERE follower = %(name)s AND retry_at <= now()) AS due
    FROM platform.follower
    WHERE name = %(name)s
    """,
)

_REGISTER = statement("""
    INSERT INTO platform.follower (name, position)
    VALUES (%(name)s, %(position)s)
    ON CONFLICT (name) DO NOTHING
""")


def next_in_feed(tx: Tx, name: str, *, kinds: Collection[str] | None, limit: int) -> Turn | None:
    """The wanted entries after the position; those of parked streams go behind them.

    None when there is nothing new. A turn may have no entries, and pass only what isn't wanted.
    """
    after, newest = _POSITION.one(tx, name=name), newest_position(tx)
    if after >= newest:
        return None
    # Positions have no gaps, and all of them up to the newest one are committed.
    end = min(newest, after + max(limit, SCAN_MAX))
    wanted = read_feed(tx, after, limit, upto=end, kinds=kinds)
    upto = wanted[-1].position if len(wanted) == limit else end
    parked = parking.parked_among(tx, name, [entry.stream_id for entry in wanted])
    entries = [entry for entry in wanted if entry.stream_id not in parked]
    behind = [entry for entry in wanted if entry.stream_id in parked]

    def finish(tx: Tx) -> None:
        parking.park_behind(tx, name, behind)
        _move(tx, name, after, upto)

    def fail(tx: Tx, error: str) -> None:
        parking.park(tx, name, entries[0], error)
        finish(tx)

    return Turn(entries, upto, finish, fail)


_POSITION = query(int, "SELECT position FROM platform.follower WHERE name = %(name)s")


def _move(tx: Tx, name: str, after: int, upto: int) -> None:
    if not _MOVE.run(tx, name=name, after=after, upto=upto):
        raise PositionMoved(f"“{name}” is no longer at {after}")


_MOVE = statement("""
    UPDATE platform.follower
    SET position = %(upto)s, updated_at = now()
    WHERE name = %(name)s AND position = %(after)s
""")


def next_parked(tx: Tx, name: str) -> Turn | None:
    """The parked entry that is due, alone."""
    found = parking.due_head(tx, name)
    if found is None:
        return None
    head, entry = found

    def finish(tx: Tx) -> None:
        if not parking.release(tx, name, entry):
            raise PositionMoved(f"entry {entry.position} of “{name}” is parked no more")

    def fail(tx: Tx, error: str) -> None:
        parking.put_off(tx, name, head, error)

    return Turn([entry], entry.position, finish, fail)


def read_followers(tx: Tx) -> list[FollowerState]:
    """How far each follower is, by name."""
    return _STATES.all(tx)


_STATES = query(
    FollowerState,
    """
    SELECT f.name,
           f.position,
           (SELECT coalesce(max(position), 0) FROM platform.feed) - f.position AS behind,
           (SELECT count(*) FROM platform.parked_event WHERE follower = f.name) AS parked
    FROM platform.follower AS f
    ORDER BY f.name
    LIMIT 1000
    """,
)
