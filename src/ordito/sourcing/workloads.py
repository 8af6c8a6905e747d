"""How much work plans give to places, in what the capacity of each is counted in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal

CapacityUnit = Literal["orders", "lines", "units"]
"""Fulfillment orders, lines of orders in them, or units of those lines (kits count as one)."""

UnitOf = Mapping[int, CapacityUnit]
"""place -> what its capacity counts; places that count orders may be left out."""


def count_work(unit: CapacityUnit, lines: int, units: int) -> int:
    """What one fulfillment order with so many lines and units is of a day's capacity."""
    if unit == "lines":
        return lines
    return units if unit == "units" else 1


def sum_work(takes: Iterable[tuple[int, int, int]], unit_of: UnitOf) -> dict[int, int]:
    """What one order's new parts are of the capacity of each place.

    takes: (line no, place, units), each line and place once.
    """
    lines: defaultdict[int, int] = defaultdict(int)
    units: defaultdict[int, int] = defaultdict(int)
    for _line_no, place, qty in takes:
        lines[place] += 1
        units[place] += qty
    return {
        place: count_work(unit_of.get(place, "orders"), count, units[place])
        for place, count in lines.items()
    }
