"""What a count takes missing pieces from."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ordito.inventory.counts import Takes, split_missing
from ordito.inventory.types import Cell

_NAMES = ("available", "reserved", "picked", "quality_control", "damaged", "safety")


def cell(**buckets: int) -> Cell:
    counters = dict.fromkeys(_NAMES, 0) | buckets
    return Cell(
        UUID(int=1),
        UUID(int=2),
        on_hand=sum(counters.values()),
        **counters,
        incoming=0,
        in_transit=0,
        seq=1,
    )


def test_free_pieces_go_first_then_safety_then_promises_then_what_is_aside() -> None:
    there = cell(available=1, safety=2, reserved=3, quality_control=4, damaged=5, picked=6)

    assert split_missing(there, 0) == Takes()
    assert split_missing(there, 3) == Takes(available=1, safety=2)
    assert split_missing(there, 5) == Takes(available=1, safety=2, reserved=2)
    assert split_missing(there, 16) == Takes(1, 2, 3, 4, 5, picked=1)


@given(st.tuples(*[st.integers(0, 50)] * 6), st.data())
def test_what_is_taken_is_what_is_missing(counts: tuple[int, ...], data: st.DataObject) -> None:
    there = cell(**dict(zip(_NAMES, counts, strict=True)))
    missing = data.draw(st.integers(0, there.on_hand))

    takes = split_missing(there, missing)

    assert sum(getattr(takes, name) for name in _NAMES) == missing
    assert all(0 <= getattr(takes, name) <= getattr(there, name) for name in _NAMES)
    if takes.reserved:
        assert (takes.available, takes.safety) == (there.available, there.safety)
