"""Where units of an item go: the bins with room, the best first. No database, no clock."""

from collections.abc import Iterable, Sequence

import msgspec


class BinRoom(msgspec.Struct, frozen=True):
    """A bin as it is for an item.

    here:   units of the item in it. others: whether other items lie there too.
    room:   units that fit in yet, room_mm3: the same as a volume; None is no limit. Below zero it
            holds more than it should.
    """

    bin: str
    purpose: str
    home: bool
    here: int
    others: bool
    room: int | None
    room_mm3: int | None


class Proposal(msgspec.Struct, frozen=True):
    """So many units fit into a bin. why: lies-here, home, or empty."""

    bin: str
    purpose: str
    units: int
    why: str


def fitting_units(room: BinRoom, unit_mm3: int | None) -> int | None:
    """Units that fit in yet, at least 0; None is no limit. unit_mm3: of one, if it is known."""
    limits = [] if room.room is None else [room.room]
    if room.room_mm3 is not None and unit_mm3:
        limits.append(room.room_mm3 // unit_mm3)
    return max(0, min(limits)) if limits else None


def propose(rooms: Sequence[BinRoom], units: int, unit_mm3: int | None) -> list[Proposal]:
    """Bins for so many units: where the item lies already, else where it belongs, else an empty
    reserve bin; a bin that takes them all comes before others of its kind, and what doesn't fit
    into one goes on to the next. Empty when nothing has room."""
    found: list[Proposal] = []
    left = units
    for why, of_kind in _by_kind(rooms):
        fits = [(room, _capped(fitting_units(room, unit_mm3), left)) for room in of_kind]
        fits = [(room, n) for room, n in fits if n]
        whole = [pair for pair in fits if pair[1] >= left]
        for room, n in whole[:1] or fits:
            taken = min(n, left)
            if taken:
                found.append(Proposal(room.bin, room.purpose, taken, why))
                left -= taken
        if not left:
            break
    return found


def _capped(fitting: int | None, units: int) -> int:
    return units if fitting is None else min(fitting, units)


def _by_kind(rooms: Sequence[BinRoom]) -> Iterable[tuple[str, list[BinRoom]]]:
    stock = [room for room in rooms if room.purpose in ("pick", "reserve")]
    yield "lies-here", [room for room in stock if room.here]
    yield "home", [room for room in stock if room.home and not room.here]
    yield (
        "empty",
        [
            room
            for room in stock
            if room.purpose == "reserve" and not (room.here or room.home or room.others)
        ],
    )
