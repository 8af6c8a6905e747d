"""Comparisons order by order: costs of given allocations, and intervals of differences."""

import pytest

from ordito.sourcing.comparisons import (
    Figures,
    compare_figures,
    count_cost,
    measure_plan,
    paired_interval,
    student_quantile,
)
from ordito.sourcing.plans import compile_policy
from ordito.sourcing.types import Allocation
from tests.sourcing.make import X, Y, place, policy, request, want


def test_students_quantile_is_that_of_the_tables() -> None:
    for freedom, told in ((1, 12.706), (4, 2.776), (9, 2.262), (29, 2.045), (1000, 1.962)):
        assert student_quantile(freedom) == pytest.approx(told, rel=3e-3)


def test_the_interval_of_paired_differences_is_students() -> None:
    # Mean 2, standard deviation 1, n = 3: 2 ± 4.303 / √3.
    low, high = paired_interval([1, 2, 3])
    assert (low, high) == pytest.approx((2 - 2.4843, 2 + 2.4843), abs=1e-3)
    assert paired_interval([5]) == (5, 5)


def test_unknown_days_are_left_out_on_both_sides() -> None:
    one = Figures(1000, 1, 10, 0, None, None)
    other = Figures(3000, 2, 30, 1, 2, 0)
    rows = {row.measure: row for row in compare_figures([one, other], [other, other])}
    assert rows["cost"].difference == 1000
    assert (rows["days"].orders, rows["days"].before) == (1, 2)


def test_cost_is_that_of_exactly_the_allocations() -> None:
    places = [place(1), place(2, city="lodz")]
    network = compile_policy(policy(parcel=5_000, per_100_km=1_000, handling=10), places)
    asked = request(want(1, 3, X), want(2, 1, Y, pinned=1))
    split = [Allocation(1, 1, 2), Allocation(1, 2, 1), Allocation(2, 2, 1)]
    assert count_cost(asked, network, split, {}) == 2 * 5_000 + 1_190 + 4 * 10
    assert count_cost(asked, network, [], {}) == 0
    told = measure_plan(asked, network, network, split[:2], {}, None)
    assert (told.parcels, told.km, told.missing, told.days) == (2, 119, 1, None)
