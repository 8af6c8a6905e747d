"""Which supply each waiting unit gets: the oldest promise first, the soonest supply first."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec


class Coming(msgspec.Struct, frozen=True):
    """Pieces of an item that are to come to a place."""

    item_id: UUID
    location_id: UUID
    expected_on: date
    pieces: int
    reference: str


class Waiting(msgspec.Struct, frozen=True):
    """A line that waits: so many units, each of so many pieces of some items.

    locations: those that may serve it; None is all.
    """

    key: Hashable
    units: int
    parts: tuple[tuple[UUID, int], ...]
    locations: frozenset[UUID] | None = None


class Allotted(msgspec.Struct, frozen=True):
    """Units of a line that come on a day. reference, location_id: of what brings the last piece of
    them, and to where."""

    units: int
    expected_on: date
    reference: str
    location_id: UUID


def allot(
    waiting: Iterable[Waiting], coming: Iterable[Coming], free: Mapping[UUID, int] | None = None
) -> tuple[dict[Hashable, list[Allotted]], list[Coming]]:
    """What each line gets, by its key, and what is left for who orders next.

    waiting: oldest promise first.
    free:    pieces on shelves, that parts of kits can have at once; a line of one item waits
             since it can't have them.
    A kit comes on the day of its last part, as many of it as all parts suffice for. Lines that
    nothing is left for are absent; units beyond what is allotted have no day.
    """
    left: dict[UUID, list[_Rest]] = {}
    for one in sorted(coming, key=lambda c: (c.expected_on, str(c.location_id), c.reference)):
        left.setdefault(one.item_id, []).append(_Rest(one, one.pieces))
    shelves = dict(free or {})
    found: dict[Hashable, list[Allotted]] = {}
    for line in waiting:
        given = _give(line, left, shelves if len(line.parts) > 1 else {})
        if given:
            found[line.key] = given
    rest = [
        msgspec.structs.replace(row.coming, pieces=row.pieces)
        for rows in left.values()
        for row in rows
        if row.pieces
    ]
    return found, rest


class _Rest(msgspec.Struct):
    """What is left of a supply."""

    coming: Coming
    pieces: int


class _Taken(msgspec.Struct, frozen=True):
    """Pieces of a part, with all before them; from the shelf when there is no supply."""

    total: int
    pieces: int
    rest: _Rest | None


def _give(line: Waiting, left: dict[UUID, list[_Rest]], shelves: dict[UUID, int]) -> list[Allotted]:
    """Take what the line can have; whole units only."""
    taken = [
        _reach(line, item_id, per_unit * line.units, left, shelves)
        for item_id, per_unit in line.parts
    ]
    pers = [per_unit for _item_id, per_unit in line.parts]
    units = min(
        (rows[-1].total if rows else 0) // per for rows, per in zip(taken, pers, strict=True)
    )
    if not units:
        return []
    for (item_id, per_unit), rows in zip(line.parts, taken, strict=True):
        _take(item_id, units * per_unit, rows, shelves)
    steps = sorted(
        {
            min(row.total // per, units)
            for rows, per in zip(taken, pers, strict=True)
            for row in rows
        }
        - {0}
    )
    given: list[Allotted] = []
    before = 0
    for step in steps:
        last = _last_of(step, taken, pers)
        if last is not None:
            given.append(
                Allotted(step - before, last.expected_on, last.reference, last.location_id)
            )
            before = step
    return _joined(given)


def _reach(
    line: Waiting,
    item_id: UUID,
    pieces: int,
    left: Mapping[UUID, list[_Rest]],
    shelves: Mapping[UUID, int],
) -> list[_Taken]:
    """Where so many pieces would come from, soonest first; nothing is taken yet."""
    rows: list[_Taken] = []
    total = 0
    here = min(pieces, shelves.get(item_id, 0))
    if here:
        total = here
        rows.append(_Taken(total, here, None))
    for rest in left.get(item_id, ()):
        if total == pieces:
            break
        usable = line.locations is None or rest.coming.location_id in line.locations
        part = min(rest.pieces, pieces - total) if usable else 0
        if part:
            total += part
            rows.append(_Taken(total, part, rest))
    return rows


def _take(item_id: UUID, pieces: int, rows: Sequence[_Taken], shelves: dict[UUID, int]) -> None:
    for row in rows:
        part = min(row.pieces, pieces)
        pieces -= part
        if row.rest is None:
            shelves[item_id] -= part
        else:
            row.rest.pieces -= part


def _last_of(step: int, taken: Sequence[Sequence[_Taken]], pers: Sequence[int]) -> Coming | None:
    """What brings the last piece of that many units; None when they are all on the shelf."""
    comings = []
    for rows, per in zip(taken, pers, strict=True):
        row = next(row for row in rows if row.total >= step * per)
        if row.rest is not None:
            comings.append(row.rest.coming)
    return max(comings, key=lambda one: one.expected_on, default=None)


def _joined(given: Sequence[Allotted]) -> list[Allotted]:
    """Neighbours that come together are one."""
    joined: list[Allotted] = []
    for one in given:
        last = joined[-1] if joined else None
        if last is not None and last == msgspec.structs.replace(one, units=last.units):
            joined[-1] = msgspec.structs.replace(last, units=last.units + one.units)
        else:
            joined.append(one)
    return joined
