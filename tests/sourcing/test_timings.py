"""Work begins as late as keeps the day that was asked for, and never before a release."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from ordito.sourcing.plans import compile_policy
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.timings import Dates, TimedPart, time_parts
from ordito.sourcing.types import Allocation, Service
from tests.sourcing.make import X, place, policy, request, tariff, want, zone

MONDAY_TO_FRIDAY = 0b0011111
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Warsaw")).astimezone(UTC)
"""A Monday."""


def network() -> CompiledPolicy:
    """1 sends by a carrier that brings it on the second working day; of 2 nothing is known."""
    fields = {
        "working_days": MONDAY_TO_FRIDAY,
        "time_zone": "Europe/Warsaw",
        "opens": 8 * 60,
        "cut_off": 14 * 60,
        "pick_minutes": 60,
        "services": (Service("dpd", (17 * 60,)),),
    }
    places = [place(1, "WAW", **fields), place(2, "LDZ", time_zone="Europe/Warsaw")]  # type: ignore[arg-type]
    return compile_policy(policy(), places, tariffs={"dpd": tariff(zone(days=2))})


NETWORK = network()


def timed(no: int = 1, **days: date) -> TimedPart:
    dates = Dates(**days)
    found: Mapping[tuple[int, Dates], TimedPart] = time_parts(
        request(want(1, 2, X), at=NOW), NETWORK, [Allocation(1, no, 2)], {1: dates}, {}
    )
    return found[no, dates]


def begins(part: TimedPart) -> str | None:
    zone_ = ZoneInfo("Europe/Warsaw")
    return None if part.opens_at is None else f"{part.opens_at.astimezone(zone_):%a %d %H:%M}"


def test_without_a_day_to_wait_for_work_begins_at_once() -> None:
    soon = timed(latest_on=date(2026, 12, 24))
    assert (begins(soon), soon.arrives_on, soon.late) == (None, date(2026, 11, 25), False)
    same = timed(requested_on=date(2026, 11, 25))
    assert (begins(same), same.late) == (None, False)


def test_work_begins_as_late_as_keeps_the_day_that_is_wanted() -> None:
    part = timed(requested_on=date(2026, 12, 4))
    assert begins(part) == "Wed 02 08:00"
    assert (part.ships_on, part.arrives_on) == (date(2026, 12, 2), date(2026, 12, 4))
    # Nobody delivers on a Sunday: it comes on the Friday before.
    sunday = timed(requested_on=date(2026, 12, 6))
    assert (begins(sunday), sunday.arrives_on) == ("Wed 02 08:00", date(2026, 12, 4))
    # … unless that would be too early: then on the Monday after, which is too late for some.
    both = timed(requested_on=date(2026, 12, 6), not_before=date(2026, 12, 5))
    assert (both.arrives_on, both.late) == (date(2026, 12, 7), True)
    wide = timed(
        requested_on=date(2026, 12, 6), not_before=date(2026, 12, 5), latest_on=date(2026, 12, 8)
    )
    assert (wide.arrives_on, wide.late) == (date(2026, 12, 7), False)


def test_not_before_is_the_first_day_that_is_not_too_early() -> None:
    part = timed(not_before=date(2026, 12, 3))
    assert part.arrives_on == date(2026, 12, 3)
    assert begins(part) == "Tue 01 08:00"
    weekend = timed(not_before=date(2026, 12, 5))
    assert weekend.arrives_on == date(2026, 12, 7)


def test_what_cannot_be_kept_is_late_and_still_goes_at_once() -> None:
    part = timed(latest_on=date(2026, 11, 24))
    assert (begins(part), part.arrives_on, part.late) == (None, date(2026, 11, 25), True)


def test_nothing_leaves_before_its_release() -> None:
    part = timed(released_on=date(2026, 12, 1))
    assert (begins(part), part.ships_on) == ("Tue 01 08:00", date(2026, 12, 1))
    late = timed(released_on=date(2026, 12, 1), latest_on=date(2026, 12, 2))
    assert (late.arrives_on, late.late) == (date(2026, 12, 3), True)


def test_where_no_carrier_is_known_work_begins_on_the_day_itself() -> None:
    part = timed(2, requested_on=date(2026, 12, 4))
    assert (begins(part), part.promise, part.arrives_on) == (
        "Fri 04 00:00",
        None,
        date(2026, 12, 4),
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), st.integers(0, 12), st.sampled_from([1, 2]))
def test_the_chosen_moment_keeps_the_day_and_the_next_one_does_not(
    ahead: int, spare: int, no: int
) -> None:
    wanted = date.fromordinal(date(2026, 11, 25).toordinal() + ahead)
    part = timed(no, requested_on=wanted, latest_on=date.fromordinal(wanted.toordinal() + spare))
    assert part.arrives_on <= wanted
    assert not part.late
    if part.opens_at is not None and no == 1:
        assert (wanted - part.arrives_on).days <= 4, "early only for weekends and Christmas"
        later = timed(no, not_before=wanted)
        assert later.arrives_on >= wanted
