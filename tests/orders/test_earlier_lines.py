"""What a cancellation takes from earlier lines: the latest first, all of it or nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ordito.orders.earlier_lines import EarlierLine, take_back

DAY = datetime(2010, 12, 1, tzinfo=UTC)
NOBODY = UUID(int=0)


def line(day: int, unshipped: int, shipped: int) -> EarlierLine:
    at = DAY + timedelta(days=day)
    return EarlierLine(NOBODY, day, NOBODY, NOBODY, NOBODY, "history", at, unshipped, shipped)


def test_unshipped_units_of_a_line_go_before_shipped_ones() -> None:
    lines = [line(2, 1, 1), line(1, 0, 5)]
    taken = take_back(lines, 3, DAY + timedelta(days=2))
    assert taken is not None
    assert [(t.line.line_no, t.unshipped, t.shipped) for t in taken] == [(2, 1, 1), (1, 0, 1)]
    assert [(row.unshipped, row.shipped) for row in lines] == [(0, 0), (0, 4)]


def test_lines_placed_after_are_not_touched() -> None:
    assert take_back([line(2, 0, 5)], 1, DAY + timedelta(days=1)) is None


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 4)), max_size=6),
    st.integers(1, 20),
    st.integers(0, 5),
)
def test_what_is_taken_is_what_was_asked_or_nothing(
    drawn: list[tuple[int, int, int]], qty: int, day: int
) -> None:
    lines = [line(*numbers) for numbers in sorted(drawn, reverse=True)]
    before = [(row.unshipped, row.shipped) for row in lines]
    left = sum(
        row.unshipped + row.shipped for row in lines if row.placed_at <= DAY + timedelta(day)
    )
    taken = take_back(lines, qty, DAY + timedelta(days=day))
    after = [(row.unshipped, row.shipped) for row in lines]
    if taken is None:
        assert left < qty
        assert after == before
    else:
        assert sum(part.unshipped + part.shipped for part in taken) == qty
        assert sum(map(sum, before)) - sum(map(sum, after)) == qty
        assert all(min(pair) >= 0 for pair in after)
