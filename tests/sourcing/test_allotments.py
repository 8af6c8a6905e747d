"""Who waits gets what is to come: the oldest promise first, and never more than comes."""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from ordito.sourcing.allotments import Allotted, Coming, Waiting, allot

TEA, CUP = UUID(int=1), UUID(int=2)
HERE, THERE = UUID(int=11), UUID(int=12)
DAY = date(2026, 12, 1)


def coming(n: int, pieces: int, item: UUID = TEA, place: UUID = HERE) -> Coming:
    return Coming(item, place, DAY + timedelta(days=n), pieces, f"PO-{n}")


def line(key: str, units: int, place: UUID | None = None) -> Waiting:
    return Waiting(key, units, ((TEA, 1),), frozenset((place,)) if place else None)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def test_the_oldest_promise_gets_what_comes_first() -> None:
    found, rest = allot([line("old", 5), line("new", 4)], [coming(7, 6), coming(2, 3)])
    assert found["old"] == [Allotted(3, day(2), "PO-2", HERE), Allotted(2, day(7), "PO-7", HERE)]
    assert found["new"] == [Allotted(4, day(7), "PO-7", HERE)]
    assert rest == []


def test_what_comes_elsewhere_is_left_for_who_may_have_it() -> None:
    supply = [coming(1, 5, place=THERE), coming(9, 2)]
    found, rest = allot([line("bound", 3, HERE), line("free", 3)], supply)
    assert found["bound"] == [Allotted(2, day(9), "PO-9", HERE)], "one unit has no day"
    assert found["free"] == [Allotted(3, day(1), "PO-1", THERE)]
    assert [(one.pieces, one.reference) for one in rest] == [(2, "PO-1")]


def test_a_kit_comes_with_its_last_part_and_takes_the_shelf_first() -> None:
    kit = Waiting("kit", 3, ((TEA, 1), (CUP, 2)))
    supply = [coming(1, 4, CUP), coming(5, 9, CUP), coming(3, 2)]
    found, rest = allot([kit], supply, {TEA: 1})
    assert found["kit"] == [
        Allotted(1, day(1), "PO-1", HERE),
        Allotted(1, day(3), "PO-3", HERE),
        Allotted(1, day(5), "PO-5", HERE),
    ]
    assert [(one.item_id, one.pieces) for one in rest] == [(CUP, 7)]
    half, untouched = allot([kit], [coming(1, 1, CUP)], {TEA: 3})
    assert (half, [one.pieces for one in untouched]) == ({}, [1]), "no whole kit, nothing taken"


PLACES = st.sampled_from([HERE, THERE])
SUPPLIES = st.lists(
    st.builds(coming, st.integers(0, 9), st.integers(1, 9), st.sampled_from([TEA, CUP]), PLACES),
    max_size=8,
)
QUEUES = st.lists(
    st.builds(
        Waiting,
        st.uuids(),
        st.integers(1, 6),
        st.sampled_from([((TEA, 1),), ((CUP, 2),), ((TEA, 2), (CUP, 1))]),
        st.none() | st.builds(lambda place: frozenset((place,)), PLACES),
    ),
    max_size=8,
    unique_by=lambda one: one.key,
)


@settings(max_examples=30, deadline=None)
@given(QUEUES, SUPPLIES, st.integers(0, 4))
def test_pieces_are_neither_lost_nor_made(
    queue: list[Waiting], supply: list[Coming], shelf: int
) -> None:
    found, rest = allot(queue, supply, {TEA: shelf})
    came = Counter[UUID]()
    for one in supply:
        came[one.item_id] += one.pieces
    left = Counter[UUID]()
    for one in rest:
        left[one.item_id] += one.pieces
    given_ = Counter[UUID]()
    kits = 0
    for waiting in queue:
        units = sum(one.units for one in found.get(waiting.key, ()))
        assert units <= waiting.units
        days = [one.expected_on for one in found.get(waiting.key, ())]
        assert days == sorted(days)
        for item_id, per_unit in waiting.parts:
            given_[item_id] += units * per_unit
        kits += units * (len(waiting.parts) > 1)
    assert given_[CUP] == came[CUP] - left[CUP]
    from_shelf = given_[TEA] - (came[TEA] - left[TEA])
    assert 0 <= from_shelf <= min(shelf, 2 * kits), "the shelf is for kits alone"
