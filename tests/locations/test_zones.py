"""Zones by codes, beginnings, ranges and distance; rounds always to the nearest stop left."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordito.kernel.ids import new_id
from ordito.locations.distances import Position, km_between
from ordito.locations.local_types import Zone
from ordito.locations.routes import follow_positions, order_by_nearness
from ordito.locations.zones import find_entry_fault, holds_address, is_listed

HOME = Position(52.0, 21.0)


@pytest.mark.parametrize(
    ("entry", "held", "others"),
    [
        ("80331", ["80331", " 80 331"], ["80332", "8033", ""]),
        ("803*", ["80331", "80399"], ["80431", "80"]),
        ("80331..80339", ["80331", "80335", "80339"], ["80330", "80340", "8033"]),
        ("00-950..00-999", ["00-950", "00960"], ["00-949", "01-000"]),
        ("sw1a*", ["SW1A 1AA"], ["SW1B 1AA"]),
    ],
)
def test_an_entry_holds_what_it_says(entry: str, held: list[str], others: list[str]) -> None:
    assert [is_listed([entry], code) for code in held] == [True] * len(held)
    assert [is_listed([entry], code) for code in others] == [False] * len(others)
    assert find_entry_fault(entry) is None


@pytest.mark.parametrize("entry", ["", "*", "80?31", "80339..80331", "803..80339", "..80339"])
def test_what_is_no_entry_is_told(entry: str) -> None:
    assert find_entry_fault(entry) is not None


def test_a_zone_holds_by_code_or_by_distance_and_only_while_it_is_on() -> None:
    zone = Zone(new_id(), "Near", "PL", [], 10, True)
    near, far = Position(52.05, 21.0), Position(52.2, 21.0)

    def holds(one: Zone, there: Position | None, country: str = "PL") -> bool:
        return holds_address(one, country, "00-950", here=HOME, there=there)

    assert (holds(zone, near), holds(zone, far), holds(zone, None)) == (True, False, False)
    assert not holds(zone, Position(52.0, 21.0, exact=False)), "the middle of a country"
    assert not holds(zone, near, "DE")
    assert not holds(Zone(zone.location_id, "Near", "PL", [], 10, False), near)
    assert holds(Zone(zone.location_id, "Codes", "PL", ["00-9*"], 10, True), far)


SPOTS = st.dictionaries(
    st.integers(0, 30),
    st.tuples(st.integers(-50, 50), st.integers(-50, 50)) | st.none(),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(SPOTS)
def test_each_stop_is_the_nearest_that_is_left(found: dict[int, tuple[int, int] | None]) -> None:
    stops = {
        key: None if spot is None else Position(52 + spot[0] / 100, 21 + spot[1] / 100)
        for key, spot in found.items()
    }
    tied = {key: f"{key:03}" for key in stops}
    order = order_by_nearness(HOME, stops, tied)
    assert sorted(order) == sorted(stops)
    known = [key for key in order if stops[key] is not None]
    assert order[: len(known)] == known, "what is nowhere comes last"
    here = HOME
    for n, key in enumerate(known):
        spot = stops[key]
        assert spot is not None
        rest = [stops[other] for other in known[n:]]
        assert km_between(here, spot) == min(km_between(here, one) for one in rest if one)
        here = spot


def test_what_staff_put_in_order_comes_first() -> None:
    rest = {"near": Position(52.01, 21.0), "far": Position(52.5, 21.0)}
    tied = dict.fromkeys(("near", "far", "x", "y"), "")
    assert follow_positions([(2, "y"), (1, "x")], rest, HOME, tied) == ["x", "y", "near", "far"]
