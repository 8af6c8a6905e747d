"""Bars that add up."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from ordito.web.quantity_bar import WIDTH_MIN, line_segments, stock_segments

STATES = (
    "cancelled",
    "open",
    "backordered",
    "reserved",
    "released",
    "picked",
    "packed",
    "shipped",
    "completed",
)
BUCKETS = ("available", "reserved", "picked", "quality_control", "safety", "damaged")


def line(**quantities: int) -> SimpleNamespace:
    vector = dict.fromkeys((*STATES, "delivered", "returned"), 0)
    return SimpleNamespace(**vector | quantities)


def test_units_are_shown_once_although_delivered_and_returned_are_parts_of_shipped() -> None:
    parts = line_segments(line(shipped=5, delivered=3, returned=2, backordered=1))
    assert [(part.state, part.quantity) for part in parts] == [
        ("delivered", 3),
        ("backordered", 1),
        ("returned", 2),
    ]


def test_returned_units_whose_delivery_was_never_reported_leave_the_way() -> None:
    parts = line_segments(line(shipped=3, returned=1))
    assert [(part.state, part.quantity) for part in parts] == [("shipped", 2), ("returned", 1)]


def test_one_unit_of_thousands_is_still_seen() -> None:
    shipped, backordered = line_segments(line(shipped=5000, backordered=1))
    assert backordered.width == WIDTH_MIN
    assert shipped.width == 100 - WIDTH_MIN


def test_nothing_ordered_is_no_bar() -> None:
    assert line_segments(line()) == []


def test_oversold_stock_takes_no_room() -> None:
    stock = SimpleNamespace(**dict.fromkeys(BUCKETS, 0) | {"available": -3, "reserved": 30})
    assert [part.state for part in stock_segments(stock)] == ["reserved"]


@given(st.fixed_dictionaries({state: st.integers(0, 10**9) for state in STATES}), st.data())
def test_a_bar_is_full_and_has_no_gap(quantities: dict[str, int], data: st.DataObject) -> None:
    delivered = data.draw(st.integers(0, quantities["shipped"]))
    returned = data.draw(st.integers(0, quantities["shipped"]))
    parts = line_segments(line(**quantities, delivered=delivered, returned=returned))
    assert sum(part.quantity for part in parts) == sum(quantities.values())
    end = 0.0
    for part in parts:
        assert abs(part.start - end) < 0.01
        assert part.width > 0
        end = part.start + part.width
    assert not parts or abs(end - 100) < 0.01
