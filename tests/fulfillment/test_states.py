"""The state of a fulfillment order follows from its lines and from what was done."""

import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordito.fulfillment.states import WorkSums, count_work, derive_state, sum_work
from ordito.fulfillment.types import Delivery, FulfillmentLine, State
from ordito.kernel.ids import new_id

STATES: tuple[State, ...] = typing.get_args(State)


@pytest.mark.parametrize(
    ("done", "delivery", "sums", "state"),
    [
        ("open", "ship", WorkSums(3), "open"),
        ("scheduled", "ship", WorkSums(3), "scheduled"),
        ("released", "ship", WorkSums(3), "released"),
        ("picking", "ship", WorkSums(3), "picking"),
        ("picking", "ship", WorkSums(3, 1), "picking"),
        ("picking", "ship", WorkSums(3, 3), "picked"),
        ("picking", "ship", WorkSums(3, 3, 1), "picked"),
        ("picking", "ship", WorkSums(3, 3, 3), "packed"),
        ("packed", "ship", WorkSums(3, 3, 3, 1, 1), "packed"),
        ("packed", "ship", WorkSums(3, 3, 3, 3, 3), "shipped"),
        ("shipped", "ship", WorkSums(3, 3, 3, 3, 0), "delivered"),
        ("ready", "pickup", WorkSums(3, 3, 3), "ready"),
        ("ready", "pickup", WorkSums(3, 3, 3, 3), "handed_over"),
        ("rejected", "ship", WorkSums(), "rejected"),
        ("rejected", "ship", WorkSums(1, 1), "picked"),
        ("short", "ship", WorkSums(), "short"),
        ("short", "ship", WorkSums(2), "picking"),
        ("packed", "ship", WorkSums(), "cancelled"),
        ("not_collected", "pickup", WorkSums(), "not_collected"),
    ],
)
def test_the_state_follows(done: State, delivery: Delivery, sums: WorkSums, state: State) -> None:
    assert derive_state(done, delivery, sums) == state


@given(
    st.sampled_from(STATES),
    st.sampled_from(["ship", "pickup"]),
    st.lists(st.integers(0, 4), min_size=5, max_size=5),
)
def test_deriving_again_changes_nothing(done: State, delivery: Delivery, n: list[int]) -> None:
    shipped, more, further, rest, away = n
    packed = shipped + more
    sums = WorkSums(packed + further + rest, packed + further, packed, shipped, min(away, shipped))

    state = derive_state(done, delivery, sums)

    assert derive_state(state, delivery, sums) == state


def test_kits_are_counted_whole() -> None:
    order_id = new_id()
    rows = [
        FulfillmentLine(order_id, 1, 1, new_id(), 6, 3, 3, 3, 0),
        FulfillmentLine(order_id, 1, 1, new_id(), 2, 1, 1, 1, 0),
        FulfillmentLine(order_id, 1, 2, new_id(), 5, 1, 0, 0, 0),
    ]

    work = count_work(rows)

    assert sum_work(work.values(), 0) == WorkSums(7, 1, 1, 0, 0)
