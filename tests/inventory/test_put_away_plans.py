"""Where units go: bins that have them, bins where they belong, empty reserve."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ordito.inventory.put_away_plans import BinRoom, fitting_units, propose

PICK = BinRoom("P", "pick", True, 0, False, 10, None)
FULL = BinRoom("F", "pick", True, 4, False, 0, None)
RESERVE = BinRoom("R", "reserve", False, 3, False, None, 2_000)
EMPTY = BinRoom("E", "reserve", False, 0, False, None, None)
DOCK = BinRoom("D", "receiving", False, 9, False, None, None)


def told(rooms: list[BinRoom], units: int, unit_mm3: int | None = None) -> list[tuple[str, int]]:
    return [(one.bin, one.units) for one in propose(rooms, units, unit_mm3)]


def test_a_bin_that_takes_all_comes_before_others_of_its_kind() -> None:
    assert told([PICK, FULL, RESERVE, EMPTY, DOCK], 5) == [("R", 5)]
    assert told([PICK, FULL, RESERVE, EMPTY, DOCK], 5, 1_000) == [("R", 2), ("P", 3)]
    assert told([PICK, FULL, EMPTY], 14) == [("P", 10), ("E", 4)]
    assert told([FULL, DOCK], 3) == []
    assert fitting_units(RESERVE, 300) == 6
    assert fitting_units(RESERVE, None) is None


rooms = st.builds(
    BinRoom,
    bin=st.text("ABCDEFGH", min_size=2, max_size=3),
    purpose=st.sampled_from(("pick", "reserve", "receiving", "quality")),
    home=st.booleans(),
    here=st.integers(0, 5),
    others=st.booleans(),
    room=st.none() | st.integers(-3, 20),
    room_mm3=st.none() | st.integers(-100, 5_000),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(rooms, max_size=6, unique_by=lambda r: r.bin), st.integers(1, 40),
       st.none() | st.integers(1, 900))  # fmt: skip
def test_no_bin_gets_more_than_fits_and_no_unit_goes_twice(
    known: list[BinRoom], units: int, unit_mm3: int | None
) -> None:
    by_bin = {room.bin: room for room in known}
    found = propose(known, units, unit_mm3)
    assert sum(one.units for one in found) <= units
    assert len({one.bin for one in found}) == len(found)
    for one in found:
        most = fitting_units(by_bin[one.bin], unit_mm3)
        assert one.units > 0
        assert most is None or one.units <= most
        assert by_bin[one.bin].purpose in ("pick", "reserve")
