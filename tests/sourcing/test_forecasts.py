"""Promises by history: as sure as they say, from few observations careful, else by calendar."""

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ordito.sourcing.delays import Delays, make_spread, observations_needed
from ordito.sourcing.learning import Arrival, Learning, Sending, learn
from ordito.sourcing.parcels import promise_parcel
from ordito.sourcing.plans import compile_policy
from ordito.sourcing.promises import Hop, Promise, find_delivery, next_open
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.types import Place, Service
from tests.sourcing.make import X, place, policy, request, tariff, want, zone

SINCE = date(2026, 1, 5)
WEEKS_LEARNED, WEEKS_SCORED = 16, 12
PARTS = 25
"""Of each place, before and after the cut-off, on each day."""
TARIFFS = {"dpd": tariff(zone(days=2))}


def somewhere(no: int, **more: object) -> Place:
    fields = {
        "working_days": 0b0011111,
        "time_zone": "Europe/Warsaw",
        "calendar": "PL",
        "opens": 8 * 60,
        "cut_off": 14 * 60,
        "services": (Service("dpd", (17 * 60,)),),
    }
    return place(no, f"P{no}", **(fields | more))  # type: ignore[arg-type]


class Habits(NamedTuple):
    """How a location and its carrier are late: chance of a day more, and most extra days."""

    late: float
    extra: int


@lru_cache(None)
def delivered(sent_on: date, days: int) -> date:
    arrived_on = find_delivery(Hop(0, days, 0b0011111), "PL", sent_on)
    assert arrived_on is not None
    return arrived_on


class Simulated:
    """A shop with a past: parts that leave and arrive as its habits say, seeded."""

    def __init__(self, seed: int, habits: dict[int, Habits]) -> None:
        self.dice = random.Random(seed)
        self.habits = habits
        self.places = {no: somewhere(no) for no in habits}
        self.sendings: Counter[tuple[int, date, date, date]] = Counter()
        self.arrivals: Counter[tuple[int, date, date, date, date]] = Counter()
        self.calendar = self.network(None)

    def network(self, delays: Delays | None) -> CompiledPolicy:
        return compile_policy(policy(), list(self.places.values()), 1, TARIFFS, delays)

    def happen(self, no: int, due: Promise) -> tuple[date, date]:
        """When a part that was due then left and arrived."""
        habits = self.habits[no]
        sent_on: date | None = due.ships_on
        while sent_on and self.dice.random() < habits.late:
            sent_on = next_open(self.places[no], sent_on)
        assert sent_on is not None
        planned = TARIFFS["dpd"].zones[0].transit_days
        return sent_on, delivered(sent_on, planned + self.dice.randint(0, habits.extra))

    def moments(self, week: int) -> list[tuple[int, datetime]]:
        """When orders come to the places in a week: before and after the cut-off."""
        monday = datetime.combine(SINCE + timedelta(weeks=week), time(), UTC)
        hours = [24 * day + hour for day in range(7) for hour in (8, 15)]
        return [(no, monday + timedelta(hours=hour)) for no in self.places for hour in hours]

    def live(self) -> None:
        """The weeks that are learned from."""
        for week in range(WEEKS_LEARNED):
            for no, at in self.moments(week):
                due = promised(self.calendar, no, at, 90)
                for _ in range(PARTS):
                    sent_on, arrived_on = self.happen(no, due)
                    self.sendings[no, due.ships_on, at.date(), sent_on] += 1
                    self.arrivals[no, due.ships_on, due.delivers_on, sent_on, arrived_on] += 1

    def learn(self) -> Delays:
        until = SINCE + timedelta(weeks=WEEKS_LEARNED + 30)
        learning = Learning(self.places, TARIFFS, SINCE - timedelta(days=10), until)
        sendings = [
            Sending(no, "dpd", due_on, placed_on, late=False, sent_on=sent_on, parts=parts)
            for (no, due_on, placed_on, sent_on), parts in self.sendings.items()
        ]
        arrivals = [
            Arrival(no, "dpd", "PL", from_on, to_on, sent_on, arrived_on, parts)
            for (no, from_on, to_on, sent_on, arrived_on), parts in self.arrivals.items()
        ]
        groups = {
            key: make_spread(group.first, group.counts, group.observations)
            for key, group in learn(learning, sendings, arrivals).items()
        }
        return Delays(1, datetime.now(UTC), groups)

    def score(self, delays: Delays, level: int) -> tuple[float, float]:
        """Shares of promises in held-out weeks: kept, and stated on average."""
        network = self.network(delays)
        kept = stated = total = 0.0
        for week in range(WEEKS_LEARNED, WEEKS_LEARNED + WEEKS_SCORED):
            for no, at in self.moments(week):
                due = promised(self.calendar, no, at, level)
                told = promised(network, no, at, level)
                assert told.basis is not None
                assert told.basis.probability is not None
                stated += PARTS * told.basis.probability / 1000
                total += PARTS
                kept += sum(self.happen(no, due)[1] <= told.delivers_on for _ in range(PARTS))
        return kept / total, stated / total


def promised(network: CompiledPolicy, no: int, at: datetime, level: int) -> Promise:
    found = promise_parcel(request(want(1, 1, X), at=at, level=level), network, no, 500, {})
    assert found is not None
    return found


@settings(max_examples=2, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_promises_at_ninety_percent_are_kept_by_88_to_92_percent(seed: int) -> None:
    # Days that scatter widely: no single day decides a share of the promises.
    shop = Simulated(seed, {1: Habits(0.6, 55), 2: Habits(0.5, 58), 3: Habits(0.7, 50)})
    shop.live()
    kept, stated = shop.score(shop.learn(), 90)
    assert 0.88 <= kept <= 0.92, (kept, stated)


@settings(max_examples=2, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), level=st.sampled_from([80, 90, 95]))
def test_what_is_stated_is_what_is_kept_with_carriers_as_they_are(seed: int, level: int) -> None:
    # A day more is a tenth of the parcels here: promises are surer than asked, and say so.
    shop = Simulated(seed, {1: Habits(0.2, 1), 2: Habits(0.05, 3)})
    shop.live()
    kept, stated = shop.score(shop.learn(), level)
    assert stated >= level / 100
    assert abs(kept - stated) <= 0.02, (kept, stated)


def learned(*, observations: int = 100) -> Delays:
    """Nine of ten leave on time, the others a day late; the carrier needs a day more for half."""
    sent = make_spread(0, [observations * 9 // 10, observations - observations * 9 // 10],
                       observations)  # fmt: skip
    arrived = make_spread(0, [observations // 2, observations - observations // 2], observations)
    groups = {
        ("dispatch", 1, None, None): sent,
        ("transit", None, "dpd", "PL"): arrived,
    }
    return Delays(7, datetime(2026, 11, 1, tzinfo=UTC), groups)  # type: ignore[arg-type]


def told(at: str, level: int | None, delays: Delays | None, **more: object) -> Promise:
    network = compile_policy(policy(), [somewhere(1, **more)], 1, TARIFFS, delays)
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    found = promise_parcel(request(want(1, 1, X), at=moment, level=level), network, 1, 500, {})
    assert found is not None
    return found


def test_days_and_probability_follow_from_both_delays() -> None:
    # By calendar: Tuesday, two working days. The first day that nine of ten leave is Wednesday,
    # since of 100 observed the 90th is not enough for 101.
    calm = told("2026-11-24T09:00", None, learned())
    assert (calm.ships_on, calm.delivers_on, calm.basis) == (
        date(2026, 11, 24), date(2026, 11, 26), None,
    )  # fmt: skip
    sure = told("2026-11-24T09:00", 90, learned())
    assert (sure.ships_on, sure.delivers_on) == (date(2026, 11, 25), date(2026, 11, 27))
    assert sure.basis is not None
    # Friday: 90 leave on time and all of them arrive, of the 10 late ones half do.
    assert sure.basis.probability == int(1000 * (90 * 100 + 10 * 50) / 101**2) == 931
    assert (sure.basis.level, sure.basis.model, sure.basis.observations) == (90, 7, 100)
    assert (sure.basis.calendar_on, sure.basis.calendar_delivers_on) == (
        calm.ships_on, calm.delivers_on,
    )  # fmt: skip
    relaxed = told("2026-11-24T09:00", 50, learned())
    assert (relaxed.ships_on, relaxed.delivers_on) == (date(2026, 11, 24), date(2026, 11, 27))


def test_too_few_observations_leave_the_calendar() -> None:
    assert observations_needed(90) == 30
    assert observations_needed(99) == 198
    few = told("2026-11-24T09:00", 90, learned(observations=29))
    assert few.basis is None
    assert told("2026-11-24T09:00", 99, learned()).basis is None, "100 can't say so much"


def test_a_place_without_carriers_is_promised_from_history() -> None:
    groups = {
        ("dispatch", None, None, None): make_spread(0, [95, 5], 100),
        ("transit", 1, "", "PL"): make_spread(2, [60, 40], 100),
    }
    delays = Delays(3, datetime(2026, 11, 1, tzinfo=UTC), groups)  # type: ignore[arg-type]
    bare = {"services": (), "cut_off": None, "opens": 0, "calendar": ""}
    found = told("2026-11-27T09:00", 90, delays, **bare)
    assert (found.ships_on, found.delivers_on, found.tariff) == (
        date(2026, 11, 27), date(2026, 12, 2), "",
    ), "Friday, and three working days"  # fmt: skip
    assert found.ships_at >= found.ready_at


def test_delays_are_counted_in_working_days() -> None:
    here = somewhere(1)
    learning = Learning({1: here}, TARIFFS, date(2026, 10, 1), date(2026, 12, 31))
    friday, monday, tuesday = date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)
    thursday = date(2026, 11, 26)
    sendings = [
        Sending(1, "dpd", friday, friday, late=False, sent_on=monday, parts=20),
        Sending(1, "dpd", None, friday, late=True, sent_on=monday, parts=10),
        Sending(1, "dpd", friday, friday, late=False, sent_on=None, parts=5),
        Sending(9, "dpd", friday, friday, late=False, sent_on=monday, parts=50),
    ]
    arrivals = [
        Arrival(1, "dpd", "PL", friday, tuesday, friday, tuesday, 25),
        Arrival(1, "dpd", "PL", friday, tuesday, monday, thursday, 15),
        Arrival(1, "", "PL", None, None, friday, tuesday, 30),
    ]
    groups = learn(learning, sendings, arrivals)
    dispatch = groups["dispatch", 1, "dpd", None]
    assert (dispatch.counts, dispatch.observations) == ((10, 20), 35), "five wait still"
    transit = groups["transit", 1, "dpd", "PL"]
    assert (transit.first, transit.counts, transit.observations) == (0, (25, 15), 40)
    bare = groups["transit", None, "", "PL"]
    assert (bare.first, bare.counts) == (2, (30,)), "without a plan all days count"
    assert ("dispatch", 9, None, None) not in groups
