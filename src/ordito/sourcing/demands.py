"""What an order asks of stock, and what places could give of it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat

from ordito.sourcing.admissions import Admission
from ordito.sourcing.types import FreeStock, ItemKey, Want

_NOTHING: Mapping[int, int] = {}
_ZEROS = repeat(0)


class Demand:
    """Lines in groups: those that take the same parts are one want, so that stock that two lines
    share is counted once.

    heads:   one want per group, with the sum of its lines' quantities.
    members: the lines of each group.
    units:   units of all groups.
    shared:  whether an item still is in more than one group (a kit and one of its parts).
    """

    __slots__ = ("heads", "members", "shared", "units")

    def __init__(
        self, heads: Sequence[Want], members: Sequence[Sequence[Want]], *, shared: bool
    ) -> None:
        self.heads = heads
        self.members = members
        self.shared = shared
        self.units = sum([head.qty for head in heads])


def gather(wants: Sequence[Want], *, merge: bool) -> Demand:
    """Groups of wants. merge: lines of the same parts may be divided and so become one group."""
    assert all(want.qty > 0 and want.parts for want in wants), "caller drops what takes nothing"
    keys = [part.item_id for want in wants for part in want.parts]
    items = set(keys)
    if len(items) == len(keys):
        return Demand(wants, [(want,) for want in wants], shared=False)
    for want in wants:
        assert len({part.item_id for part in want.parts}) == len(want.parts), "each item once"
    if not merge:
        return Demand(wants, [(want,) for want in wants], shared=True)
    groups: dict[tuple[object, ...], list[Want]] = {}
    for want in wants:
        groups.setdefault((want.parts, want.pinned_place), []).append(want)
    heads = [
        Want(
            members[0].line_no,
            sum(member.qty for member in members),
            members[0].parts,
            members[0].pinned_place,
            members[0].tags,
            members[0].weight_g,
            # The least of them: a parcel is worth at least what is counted.
            _least_value(members),
        )
        for members in groups.values()
    ]
    shared = len(items) < sum(len(head.parts) for head in heads)
    return Demand(heads, list(groups.values()), shared=shared)


def _least_value(members: Iterable[Want]) -> int | None:
    values = [member.value for member in members]
    known = [value for value in values if value is not None]
    return min(known) if len(known) == len(values) else None


def count_servable(
    head: Want, nos: Sequence[int], free: FreeStock, admission: Admission
) -> list[int]:
    """Units of the want that each place could serve if nothing else were asked of it."""
    if len(head.parts) == 1:
        column = _count_part(head, 0, nos, free, admission)
    else:
        parts = [_count_part(head, index, nos, free, admission) for index in range(len(head.parts))]
        column = list(map(min, zip(*parts, strict=True)))
    pinned = head.pinned_place
    if pinned is not None:
        column = [have if no == pinned else 0 for no, have in zip(nos, column, strict=True)]
    if admission.bars:
        barred = find_barred(head, admission)
        if barred:
            column = [0 if no in barred else have for no, have in zip(nos, column, strict=True)]
    return column


def find_barred(head: Want, admission: Admission) -> frozenset[int]:
    """Places that don't send what the want is made of."""
    found = [bar.places for bar in admission.bars if bar.is_about(head.tags, head.weight_g)]
    return frozenset().union(*found)


def _count_part(
    head: Want, index: int, nos: Sequence[int], free: FreeStock, admission: Admission
) -> list[int]:
    part, qty = head.parts[index], head.qty
    stock = free.get(part.item_id)
    if not stock:
        return [0] * len(nos)
    have: Iterable[int] = map(stock.get, nos, _ZEROS)
    if admission.keep or admission.least or admission.tagged:
        keep = keep_of([head], admission)
        have = map(usable, have, nos, repeat(keep), repeat(admission.least))
    if part.per_unit != 1:
        have = [pieces // part.per_unit for pieces in have]
    # Negative stock is somebody's mistake at that place; it takes nothing from the others.
    return [qty if units >= qty else units if units > 0 else 0 for units in have]


def usable(pieces: int, no: int, keep: Mapping[int, int], least: Mapping[int, int]) -> int:
    """Free pieces at a place less those that a rule keeps there."""
    if pieces < least.get(no, 0):
        return 0
    return pieces - keep.get(no, 0)


def keep_of(heads: Iterable[Want], admission: Admission) -> Mapping[int, int]:
    """Pieces of an item that places keep, whichever of the wants takes it."""
    if not admission.tagged:
        return admission.keep
    keep = dict(admission.keep)
    tags = {tag for head in heads for tag in head.tags}
    for rule in admission.tagged:
        if not rule.tags.isdisjoint(tags):
            for no, pieces in rule.keep.items():
                keep[no] = max(pieces, keep.get(no, 0))
    return keep


def count_pieces(
    item: ItemKey,
    nos: Sequence[int],
    free: FreeStock,
    admission: Admission,
    heads: Sequence[Want] = (),
) -> list[int]:
    """Pieces of one item that an order may take at each place; never negative.

    heads: all wants: a piece that any of them may not take stays, though another might.
    """
    have: Iterable[int] = map(free.get(item, _NOTHING).get, nos, _ZEROS)
    if admission.keep or admission.least or admission.tagged:
        takers = [head for head in heads if any(part.item_id == item for part in head.parts)]
        keep = keep_of(takers, admission)
        have = map(usable, have, nos, repeat(keep), repeat(admission.least))
    return [pieces if pieces > 0 else 0 for pieces in have]


def total_demand(wants: Iterable[Want]) -> dict[ItemKey, int]:
    """Pieces per item, summed over all wants."""
    total: dict[ItemKey, int] = {}
    for want in wants:
        for part in want.parts:
            total[part.item_id] = total.get(part.item_id, 0) + part.per_unit * want.qty
    return total
