"""Orders that are best served by themselves, and groups of those that aren't."""

from collections import defaultdict
from collections.abc import Sequence

from ordito.sourcing.joint.stocks import Asked, Limits, Pieces, most_wanted
from ordito.sourcing.joint.types import Candidate, Units


def settle_uncontended(
    asked: Sequence[Asked], limits: Limits, loaded: frozenset[int]
) -> tuple[list[tuple[Asked, Units]], list[Asked]]:
    """Orders with their best allocation, as far as no other order can be in the way; the others.

    loaded: places whose parcels are limited, or cost more the more there are.

    An order is settled at a place p if p can serve all of it, no plan for the order alone costs
    less (p has its lowest parcel cost plus its lowest handling cost), and at p there is enough of
    its items for everybody who could want them. Then some best plan for all orders serves it from
    p alone. Proof: take any best plan P, and give the order to p instead of what P does with it.
    Its cost doesn't rise, and it is served whole. Every other order keeps what it has in P: at p
    there are pieces enough for the most that all of them may take together, elsewhere pieces only
    become free. So the new plan is possible and costs no more than P. What is left is the same
    problem without the order and without its pieces, so that orders can be settled one after the
    other; one that is settled wants nothing any more, which may leave enough for another.
    """
    wanted = most_wanted(asked)
    open_ = list(asked)
    settled: list[tuple[Asked, Units]] = []
    while True:
        left: list[Asked] = []
        for one in open_:
            place = _find_undisputed(one, wanted, limits, loaded)
            if place is None:
                left.append(one)
                continue
            whole = {(want.line_no, place): want.qty for want in one.order.request.wants}
            settled.append((one, whole))
            _withdraw(one, whole, wanted)
        if len(left) == len(open_):
            return settled, left
        open_ = left


def _find_undisputed(
    one: Asked, wanted: Pieces, limits: Limits, loaded: frozenset[int]
) -> int | None:
    wants = one.order.request.wants
    if not one.candidates or one.order.parcels:
        return None
    units = sum(want.qty for want in wants)
    least = least_cost(one)
    for candidate in one.candidates:
        if candidate.fixed > least:
            break
        whole = all(able == want.qty for able, want in zip(candidate.able, wants, strict=True))
        if (
            whole
            and candidate.fixed + units * candidate.unit == least
            and candidate.place not in loaded
            and _is_enough(one, candidate, wanted, limits)
        ):
            return candidate.place
    return None


def least_cost(one: Asked) -> int:
    """No allocation that serves all units of the order costs less."""
    if not one.candidates:
        return 0
    units = sum(want.qty for want in one.order.request.wants)
    return min(c.fixed for c in one.candidates) + units * min(c.unit for c in one.candidates)


def _is_enough(one: Asked, candidate: Candidate, wanted: Pieces, limits: Limits) -> bool:
    """Whether all who could want the order's items at the place could have them."""
    for want in one.order.request.wants:
        for part in want.parts:
            cell = (part.item_id, candidate.place)
            # All of them counted as if for each as much had to be kept as for the strictest.
            if wanted[cell] > limits.strictest(cell):
                return False
    return True


def _withdraw(one: Asked, taken: Units, wanted: Pieces) -> None:
    """The settled order wants nothing elsewhere any more; what it takes stays counted."""
    for cell, pieces in one.most.items():
        wanted[cell] -= pieces
    for cell, pieces in one.pieces_of(taken).items():
        wanted[cell] += pieces


def group_contending(
    asked: Sequence[Asked], wanted: Pieces, limits: Limits, loaded: frozenset[int]
) -> list[list[Asked]]:
    """Orders that may be in each other's way, by cell or by place, together; smallest group first.

    wanted: the most that all orders, settled ones included, may take.
    """
    parent = list(range(len(asked)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    first: dict[object, int] = {}
    for n, one in enumerate(asked):
        disputed: list[object] = [
            cell for cell in one.most if wanted[cell] > limits.strictest(cell)
        ]
        disputed += [c.place for c in one.candidates if c.place in loaded and not c.present]
        for thing in disputed:
            parent[root(n)] = root(first.setdefault(thing, n))
    groups: defaultdict[int, list[Asked]] = defaultdict(list)
    for n, one in enumerate(asked):
        groups[root(n)].append(one)
    return sorted(groups.values(), key=len)
