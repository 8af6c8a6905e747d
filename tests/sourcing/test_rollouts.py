"""A share is drawn the same way for everybody, and the figures of both sides are told honestly."""

from uuid import UUID

import msgspec
import pytest

from ordito.listings.rollouts import NOBODY
from ordito.sourcing.rollouts import (
    STOPS_BELOW,
    Means,
    chance_of_worse,
    compare_arms,
    find_harm,
    is_drawn,
    newcombe_interval,
    welch_interval,
)

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_the_same_order_draws_the_same_and_a_larger_share_has_the_smaller_one() -> None:
    drawn = {p: {n for n in range(4000) if is_drawn(ONE, f"#{n}", p)} for p in (1, 10, 50, 100)}

    assert drawn[1] < drawn[10] < drawn[50] < drawn[100]
    assert len(drawn[100]) == 4000
    assert 330 < len(drawn[10]) < 470, "a tenth, within four standard deviations"
    again = {n for n in range(4000) if is_drawn(OTHER, f"#{n}", 10)}
    assert len(again & drawn[10]) < 80, "the next roll-out draws others"


def test_intervals_are_those_of_the_textbooks() -> None:
    # Newcombe (1998), table II, example (a), method 10: 56/70 and 48/80.
    low, high = newcombe_interval((48, 80), (56, 70))
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
    # Means 20.82 and 23.71 of 15 each, variances 4.3 and 16.9: 20.6 degrees of freedom.
    found = welch_interval(Means(15, 20.82, 4.3), Means(15, 23.71, 16.9))
    assert found == pytest.approx((0.412, 5.368), abs=0.02)
    assert welch_interval(Means(1, 1.0, None), Means(15, 2.0, 1.0)) is None
    assert welch_interval(Means(2, 1.0, 0.0), Means(2, 2.0, 0.0)) == (1.0, 1.0)


def test_the_guard_needs_more_than_chance() -> None:
    # The lady tasting tea: all four of four right by luck, one of 70.
    assert chance_of_worse((0, 4), (4, 4)) == pytest.approx(1 / 70)
    assert chance_of_worse((0, 0), (4, 4)) == 1.0
    assert chance_of_worse((5, 5), (0, 5)) == pytest.approx(1.0)
    good = msgspec.structs.replace(NOBODY, orders=900, unserved=9)
    bad = msgspec.structs.replace(NOBODY, orders=80, unserved=6, refused=2)

    harm = find_harm(good, bad)
    assert harm is not None
    assert (harm.unserved_candidate, harm.orders_candidate) == (8, 82)
    assert harm.chance < STOPS_BELOW
    assert find_harm(bad, good) is None, "it is better"
    assert find_harm(good, msgspec.structs.replace(NOBODY, orders=10, unserved=1)) is None
    assert find_harm(NOBODY, bad) is None, "nothing to compare with"


def test_too_few_orders_are_called_too_few() -> None:
    few = msgspec.structs.replace(NOBODY, orders=3, timed=2, late=1, cost=Means(3, 5000.0, 100.0))
    many = msgspec.structs.replace(NOBODY, orders=60, timed=50, cost=Means(60, 4000.0, 100.0))

    rows = {row.measure: row for row in compare_arms(many, few)}

    assert list(rows) == ["cost", "late", "unserved", "rejected"], "days and km aren't known"
    assert (rows["cost"].difference, rows["cost"].enough) == (1000.0, False)
    assert (rows["late"].in_force, rows["late"].candidate) == (0.0, 0.5)
    assert all(row.enough for row in compare_arms(many, many))
