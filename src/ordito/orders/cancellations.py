"""What cancelled units would have cost: shares of whole minor units that sum to the whole."""

from collections.abc import Iterable, Mapping

from ordito.orders.types import Line


def value_cancelled(total_minor: int, lines: Iterable[Line], more: Mapping[int, int]) -> int:
    """Value in minor units of cancelling `more` (line no → units) of an order.

    total_minor: what the whole order costs, shipping, fees and rounding included.

    The first n units of a line are worth their rounded share of its amount, and what comes on top
    is the difference: so several cancellations sum to the same as one, to the last minor unit.
    Shipping, fees and rounding go with the last unit, when nothing of the order is left.
    """
    known = list(lines)
    before = {line.line_no: line.cancelled for line in known}
    after = {no: units + more.get(no, 0) for no, units in before.items()}
    return _value(total_minor, known, after) - _value(total_minor, known, before)


def _value(total_minor: int, lines: list[Line], cancelled: Mapping[int, int]) -> int:
    if all(cancelled[line.line_no] == line.ordered for line in lines):
        return total_minor
    # A total that the channel gave may be less than its lines: never more than all is taken off.
    whole = sum(
        _share(line.net_minor + line.tax_minor, cancelled[line.line_no], line.ordered)
        for line in lines
    )
    return max(0, min(whole, total_minor))


def _share(amount: int, units: int, of: int) -> int:
    """The amount of the first `units`, rounded half up."""
    return (2 * amount * units + of) // (2 * of)
