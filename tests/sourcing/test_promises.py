"""Promises around cut-offs, closed days, holidays and daylight saving."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from ordito.sourcing.calendars import is_calendar, is_holiday, is_open
from ordito.sourcing.parcels import promise_parcels
from ordito.sourcing.plans import compile_policy
from ordito.sourcing.promises import (
    Hop,
    find_delivery,
    find_ready,
    local_instant,
    promise_collection,
    promise_hops,
)
from ordito.sourcing.types import Allocation, Place, Service
from tests.sourcing.make import X, Y, Z, place, policy, request, want

MINUTE = timedelta(minutes=1)
MONDAY_TO_FRIDAY = 0b0011111
DPD = Service("dpd", (11 * 60, 17 * 60 + 30))


def warsaw(**more: object) -> Place:
    fields = {
        "working_days": MONDAY_TO_FRIDAY,
        "calendar": "PL",
        "time_zone": "Europe/Warsaw",
        "opens": 8 * 60,
        "cut_off": 14 * 60,
        "pick_minutes": 60,
        "services": (DPD,),
    }
    return place(1, "WAW", **(fields | more))  # type: ignore[arg-type]


def at(text: str, zone: str = "Europe/Warsaw") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def promised(when: str, days: int = 1, waiting: int = 0, **more: object) -> tuple[str, str]:
    """When the parcel leaves (local time) and the day it arrives, in Poland."""
    here = warsaw(**more)
    hop = Hop(0, days, MONDAY_TO_FRIDAY)
    (found,) = promise_hops(here, [hop], "PL", at(when), waiting)
    assert found is not None
    leaves = found.ships_at.astimezone(ZoneInfo(here.time_zone))
    assert found.ships_on == leaves.date()
    return f"{leaves:%a %d.%m %H:%M}", f"{found.delivers_on:%a %d.%m}"


def test_the_cut_off_decides_which_day_the_work_belongs_to() -> None:
    assert promised("2026-11-24T09:30") == ("Tue 24.11 11:00", "Wed 25.11")
    assert promised("2026-11-24T10:01") == ("Tue 24.11 17:30", "Wed 25.11")
    assert promised("2026-11-24T14:00") == ("Tue 24.11 17:30", "Wed 25.11")
    assert promised("2026-11-24T14:01") == ("Wed 25.11 11:00", "Thu 26.11")
    assert promised("2026-11-24T03:00") == ("Tue 24.11 11:00", "Wed 25.11"), "opens at 8"
    assert promised("2026-11-27T14:01") == ("Mon 30.11 11:00", "Tue 01.12"), "over a weekend"


def test_public_holidays_close_the_place_and_stop_the_carrier() -> None:
    # 11 November 2026, a Wednesday, is Independence Day.
    assert promised("2026-11-10T15:00") == ("Thu 12.11 11:00", "Fri 13.11")
    assert promised("2026-11-10T09:00") == ("Tue 10.11 11:00", "Thu 12.11")
    assert promised("2026-12-23T15:00", days=2)[1] == "Wed 30.12", "Christmas Eve to Sunday off"
    assert promised("2026-11-24T09:00", holidays=("2026-11-24",))[0] == "Wed 25.11 11:00"
    assert is_holiday("DE-BY", date(2026, 1, 6))
    assert not is_holiday("DE-NI", date(2026, 1, 6))
    assert (is_calendar("DE-BY"), is_calendar("DE-XX"), is_calendar("ZZ")) == (True, False, False)


def test_work_that_waits_takes_whole_days_of_the_capacity() -> None:
    assert promised("2026-11-24T09:00", waiting=39, capacity_daily=40)[0] == "Tue 24.11 11:00"
    assert promised("2026-11-24T09:00", waiting=40, capacity_daily=40)[0] == "Wed 25.11 11:00"
    assert promised("2026-11-24T09:00", waiting=130, capacity_daily=40)[0] == "Fri 27.11 11:00"
    assert promised("2026-11-24T09:00", waiting=999)[0] == "Tue 24.11 11:00", "without a limit"


def test_local_times_stay_when_the_clock_changes() -> None:
    # In 2026 Poland leaves summer time on 25 October and enters it on 29 March, both Sundays.
    assert promised("2026-10-23T15:00")[0] == "Mon 26.10 11:00"
    winter = local_instant(warsaw(), date(2026, 10, 26), 660)
    summer = local_instant(warsaw(), date(2026, 10, 23), 660)
    assert winter == datetime(2026, 10, 26, 10, tzinfo=UTC)
    assert summer == datetime(2026, 10, 23, 9, tzinfo=UTC)
    skipped = local_instant(warsaw(), date(2026, 3, 29), 2 * 60 + 30)
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "03:30 in summer time"
    twice = local_instant(warsaw(), date(2026, 10, 25), 2 * 60 + 30)
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "the first of the two"


def test_a_place_that_never_opens_promises_nothing() -> None:
    closed = warsaw(working_days=0)
    assert find_ready(closed, at("2026-11-24T09:00")) is None
    assert promise_hops(closed, [Hop(0, 1, 31)], "PL", at("2026-11-24T09:00")) == [None]
    never = warsaw(services=(Service("dpd", (660,), 0b1100000),))
    assert promise_hops(never, [Hop(0, 1, 31)], "PL", at("2026-11-24T09:00")) == [None]


def test_what_is_collected_is_ready_after_picking() -> None:
    found = promise_collection(warsaw(), at("2026-11-24T09:30"))
    assert found is not None
    assert found.ready_at == found.ships_at == at("2026-11-24T10:30")
    assert (found.delivers_on, found.tariff) == (date(2026, 11, 24), "")


def test_a_place_begins_later_with_what_it_gets_first() -> None:
    here = warsaw(lead_days=((str(X), 3), (str(Y), 1)))
    network = compile_policy(policy(), [here])

    def ready(*items: UUID) -> str:
        wants = [want(n, 1, item) for n, item in enumerate(items, start=1)]
        asked = request(*wants, pickup_place=1, at=at("2026-11-24T09:00"))
        taken = [Allocation(one.line_no, 1, 1) for one in wants]
        found = promise_parcels(asked, network, taken, {})[1].ready_at
        return f"{found.astimezone(ZoneInfo('Europe/Warsaw')):%a %d.%m %H:%M}"

    assert ready(Z) == "Tue 24.11 10:00"
    assert ready(Y) == "Wed 25.11 10:00"
    assert ready(Z, X, Y) == "Fri 27.11 10:00", "the slowest counts"


def test_no_days_on_the_way_is_the_day_itself_if_the_carrier_works() -> None:
    hop = Hop(0, 0, MONDAY_TO_FRIDAY)
    assert find_delivery(hop, "PL", date(2026, 11, 24)) == date(2026, 11, 24)
    assert find_delivery(hop, "PL", date(2026, 11, 28)) == date(2026, 11, 30)
    assert find_delivery(Hop(0, 2, 0b1111111), "ZZ", date(2026, 11, 28)) == date(2026, 11, 30)


ZONES = ["Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
CALENDARS = ["", "PL", "US", "AU-NSW", "DE-BY"]
PLACES = st.builds(
    lambda zone, calendar, days, opens, cut_off, minutes, capacity, pickups: warsaw(
        time_zone=zone,
        calendar=calendar,
        working_days=days,
        opens=opens,
        cut_off=cut_off,
        pick_minutes=minutes,
        capacity_daily=capacity,
        services=(Service("any", tuple(sorted(pickups)), 0b1111111),),
    ),
    st.sampled_from(ZONES),
    st.sampled_from(CALENDARS),
    st.integers(1, 127),
    st.integers(0, 12 * 60),
    st.one_of(st.none(), st.integers(0, 1439)),
    st.integers(0, 3000),
    st.one_of(st.none(), st.integers(1, 50)),
    st.sets(st.integers(0, 1439), min_size=1, max_size=3),
)
# Around the changes of the clock and the holidays of the year's end.
INSTANTS = st.one_of(
    st.integers(0, 730 * 1440).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + n * MINUTE),
    st.integers(0, 10 * 1440).map(lambda n: datetime(2026, 3, 28, tzinfo=UTC) + n * MINUTE),
    st.integers(0, 10 * 1440).map(lambda n: datetime(2026, 10, 24, tzinfo=UTC) + n * MINUTE),
)


@settings(max_examples=200, deadline=None)
@given(PLACES, INSTANTS, st.integers(0, 200), st.integers(0, 5), st.integers(1, 127))
def test_promises_are_kept_by_clock_and_calendar(
    here: Place, moment: datetime, waiting: int, days: int, delivery_days: int
) -> None:
    hop = Hop(0, days, delivery_days)
    (found,) = promise_hops(here, [hop], "PL", moment, waiting)
    assert found is not None
    zone = ZoneInfo(here.time_zone)
    assert moment + timedelta(minutes=here.pick_minutes) <= found.ready_at <= found.ships_at
    leaves = found.ships_at.astimezone(zone)
    assert is_open(here, leaves.weekday(), leaves.date().isoformat())
    wall = {local_instant(here, leaves.date(), minute) for minute in here.services[0].pickups}
    assert found.ships_at in wall, "the carrier comes at its time by the local clock"
    assert found.ships_on <= found.delivers_on
    assert delivery_days >> found.delivers_on.weekday() & 1
    assert not is_holiday("PL", found.delivers_on)
    later = promise_hops(here, [hop], "PL", moment + timedelta(hours=7), waiting)[0]
    assert later is not None
    assert later.ready_at >= found.ready_at
    assert later.delivers_on >= found.delivers_on
    busier = promise_hops(here, [hop], "PL", moment, waiting + 30)[0]
    assert busier is not None
    assert busier.ships_at >= found.ships_at


def queued(when: str, pieces: int | None, **more: object) -> str | None:
    here = warsaw(**({"closes": 18 * 60, "units_hourly": 60, "pick_minutes": 0} | more))
    found = find_ready(here, at(when), 99, pieces)
    return None if found is None else f"{found.astimezone(ZoneInfo(here.time_zone)):%a %d.%m %H:%M}"


def test_what_waits_is_worked_off_in_the_hours_of_the_place() -> None:
    # Open from 8 to 18, 60 pieces an hour; Monday to Friday.
    assert queued("2026-11-24T09:30", 0) == "Tue 24.11 09:30"
    assert queued("2026-11-24T09:30", 90) == "Tue 24.11 11:00"
    assert queued("2026-11-24T09:30", 510) == "Tue 24.11 18:00"
    assert queued("2026-11-24T09:30", 511) == "Wed 25.11 08:01"
    assert queued("2026-11-27T14:30", 60) == "Mon 30.11 09:00", "after the cut-off, over a weekend"
    assert queued("2026-11-24T09:30", 10 * 600) == "Tue 08.12 09:30"
    assert queued("2026-11-24T09:30", 90, closes=None) == "Tue 24.11 11:00"
    assert queued("2026-11-24T09:30", 10, working_days=0) is None
    assert queued("2026-11-24T09:30", 10**9, holidays=()) is None, "nobody waits so long"
    slow = queued("2026-11-24T09:30", None, capacity_daily=50)
    assert slow == "Wed 25.11 08:00", "without a queue the day's capacity tells"
