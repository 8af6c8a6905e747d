"""An order in which to drive to places: always to the nearest one that is left."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeVar

from ordito.locations.distances import Position, km_between

Key = TypeVar("Key")


def order_by_nearness(
    start: Position | None, stops: Mapping[Key, Position | None], tied: Mapping[Key, str]
) -> list[Key]:
    """Keys in the order of a round that begins at `start`, each stop the nearest to the one before.

    stops: where each is, None where that isn't known: those come last. tied: words by which stops
    at one spot (of one postal code, say) are put in order, such as the street.
    Good enough for a van's round, and nobody is surprised by it: staff move stops as they like.
    """
    left = sorted((key for key, spot in stops.items() if spot is not None), key=lambda k: tied[k])
    here, found = start, list[Key]()
    while left:
        near = left[0] if here is None else min(left, key=partial(_km, here, stops))
        left.remove(near)
        found.append(near)
        here = stops[near]
    unknown = sorted((key for key, spot in stops.items() if spot is None), key=lambda k: tied[k])
    return found + unknown


def _km(here: Position, stops: Mapping[Key, Position | None], key: Key) -> float:
    there = stops[key]
    assert there is not None, "only stops whose place is known are compared"
    return km_between(here, there)


def follow_positions(
    placed: Sequence[tuple[int, Key]],
    rest: Mapping[Key, Position | None],
    start: Position | None,
    tied: Mapping[Key, str],
) -> list[Key]:
    """Stops that staff put in order first, then the others, the nearest first from the last one."""
    first = [key for _position, key in sorted(placed, key=lambda pair: pair[0])]
    return first + order_by_nearness(start, rest, tied)
