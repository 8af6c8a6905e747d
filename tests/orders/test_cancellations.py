"""The value of cancelled units: shares of whole minor units that sum to the whole."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ordito.orders.cancellations import value_cancelled
from ordito.orders.types import Line

_LINE = Line(
    order_id=UUID(int=1),
    line_no=1,
    item_id=None,
    sku="tea",
    title="Tea",
    item_kind="custom",
    unit_price=Decimal(1),
    gross_minor=0,
    discount_minor=0,
    net_minor=0,
    tax_minor=0,
    taxes=None,
    pinned_location_id=None,
    ordered=1,
    cancelled=0,
    open=0,
    backordered=0,
    reserved=0,
    released=0,
    picked=0,
    packed=0,
    shipped=0,
    completed=0,
    delivered=0,
    return_requested=0,
    returned=0,
    restocked=0,
    written_off=0,
)


def line(no: int, ordered: int, net: int, tax: int = 0, cancelled: int = 0) -> Line:
    return msgspec.structs.replace(
        _LINE, line_no=no, ordered=ordered, net_minor=net, tax_minor=tax, cancelled=cancelled
    )


def test_units_are_worth_their_share_with_tax() -> None:
    lines = [line(1, 3, 800, 200), line(2, 1, 500)]

    assert value_cancelled(1500, lines, {1: 1}) == 333
    assert value_cancelled(1500, [line(1, 3, 800, 200, cancelled=1), lines[1]], {1: 1}) == 334
    assert value_cancelled(1500, [line(1, 3, 800, 200, cancelled=2), lines[1]], {1: 1}) == 333


def test_shipping_goes_with_the_last_unit() -> None:
    lines = [line(1, 2, 1000)]

    assert value_cancelled(1499, lines, {1: 1}) == 500
    assert value_cancelled(1499, [line(1, 2, 1000, cancelled=1)], {1: 1}) == 999


def test_a_total_below_its_lines_is_never_overdrawn() -> None:
    lines = [line(1, 2, 1000), line(2, 1, 10)]

    assert value_cancelled(300, lines, {1: 1}) == 300
    assert value_cancelled(300, [line(1, 2, 1000, cancelled=1), lines[1]], {1: 1, 2: 1}) == 0


@st.composite
def orders(draw: st.DrawFn) -> tuple[int, list[Line], list[dict[int, int]]]:
    """A total, lines, and cancellations that together take every unit."""
    lines = [
        line(no, draw(st.integers(1, 9)), draw(st.integers(0, 10_000)), draw(st.integers(0, 2_000)))
        for no in range(1, draw(st.integers(1, 4)) + 1)
    ]
    total = sum(ln.net_minor + ln.tax_minor for ln in lines) + draw(st.integers(-500, 1_000))
    units = draw(st.permutations([ln.line_no for ln in lines for _ in range(ln.ordered)]))
    steps: list[dict[int, int]] = []
    while units:
        size = draw(st.integers(1, len(units)))
        step: dict[int, int] = {}
        for no in units[:size]:
            step[no] = step.get(no, 0) + 1
        steps.append(step)
        units = units[size:]
    return total, lines, steps


@given(orders())
def test_cancellations_sum_to_the_total_whatever_their_order(
    case: tuple[int, list[Line], list[dict[int, int]]],
) -> None:
    total, lines, steps = case

    values, left = _cancel_all(total, lines, steps)

    assert sum(values) == total
    if total >= 0:
        assert min(left) >= 0
        assert min(values) >= 0


def _cancel_all(
    total: int, lines: Sequence[Line], steps: Sequence[dict[int, int]]
) -> tuple[list[int], list[int]]:
    values, left = [], []
    rest = total
    now = list(lines)
    for step in steps:
        values.append(value_cancelled(total, now, step))
        rest -= values[-1]
        left.append(rest)
        now = [
            msgspec.structs.replace(ln, cancelled=ln.cancelled + step.get(ln.line_no, 0))
            for ln in now
        ]
    return values, left
