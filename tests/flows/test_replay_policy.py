"""The policy laboratory: history comes out as it was, and another policy beside it."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from ordito.flows.past_orders import PastStock, read_past_orders
from ordito.flows.place_orders import place_orders
from ordito.flows.reference import reference
from ordito.flows.replay_policy import (
    RestorePolicy,
    SwitchPolicy,
    restore_policy,
    run_open_replays,
    start_replay,
    switch_policy,
)
from ordito.flows.tell_whatifs import tell_whatifs
from ordito.orders.types import PlaceOrder
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import prepare, run, run_many
from ordito.platform.problems import InvalidInput, NotFound, NotPermitted, VersionConflict
from ordito.sourcing.plans import plan
from ordito.sourcing.policies import CapacityRule, Objective, Policy, ProtectRule
from ordito.sourcing.stored_decisions import is_same
from ordito.sourcing.stored_replays import (
    PlaceChange,
    Replay,
    StartReplay,
    list_replays,
    read_replay,
)
from tests import make
from tests.flows.acts import cancel, release

PLACES: dict[str, dict[str, Any]] = {
    "NEAR": {"latitude": 52.2, "longitude": 21.0, "capacity_daily": 3},
    "MID": {"latitude": 51.75, "longitude": 19.45},
    "FAR": {"latitude": 48.85, "longitude": 2.35, "priority": 2},
}
"""Warsaw, where orders go, Łódź and Paris."""

DISTANCE_FIRST = Policy(objective=Objective(parcel=0, per_100_km=1_000, load=0))


def played(db: Database) -> make.Shop:
    """A day with everything in it: kits, full places, a batch, a cancellation, a receipt."""
    shop = make.shop(
        db,
        stock={
            "NEAR": {"tea": 4, "cup": 1, "pot": 0},
            "MID": {"tea": 2, "cup": 6, "pot": 3},
            "FAR": {"tea": 9, "cup": 9, "pot": 9},
        },
        kits={"set": {"pot": 1, "cup": 2}},
        locations=PLACES,
        policy=Policy(
            rules=(CapacityRule(), ProtectRule(keep=1)), objective=Objective(per_100_km=300)
        ),
    )
    first = make.place(shop, {"tea": 2})
    make.place(shop, {"tea": 1, "cup": 2})
    make.place(shop, {"set": 2})
    cancel(shop, first.id)
    make.place(shop, {"tea": 3, "pot": 1})
    release(shop, make.place(shop, {"tea": 1}).id)
    make.place(shop, {"cup": 4})
    make.place(shop, {"tea": 1})
    make.place(shop, {"tea": 50})
    make.place(shop, {"cup": 1, "tea": 1})
    return shop


def order_ids(db: Database) -> list[Any]:
    with db.connection() as conn:
        return [row[0] for row in conn.execute("SELECT id FROM orders.sales_order").fetchall()]


def ask(**more: Any) -> StartReplay:
    today = datetime.now(UTC).date()
    return StartReplay(policy="default", since=today, until=today, **more)


def replayed(shop: make.Shop, asked: StartReplay) -> Replay:
    made = run(shop.db, make.BOSS, start_replay, asked)
    assert (made.state, made.done) == ("waiting", 0)
    run_open_replays(shop.db)
    with shop.db.reading(SYSTEM) as tx:
        found = read_replay(tx, made.replay_no)
    assert found is not None
    return found


def test_sourcing_history_anew_gives_every_decision_as_it_was(db: Database) -> None:
    played(db)
    with db.reading(SYSTEM) as tx:
        known = reference(tx)
        orders = read_past_orders(tx, order_ids(db), known)
        stock = PastStock(tx, orders, known)
    assert len(orders) == 9
    (network,) = known.networks.values()
    for order in orders:
        load = stock.go_to(order)
        found = plan(order.request, network, stock.free, load)
        assert is_same(found.decision, order.decision.body)
        stock.take(order)


@pytest.mark.parametrize(
    ("unit", "words"), [("orders", "order"), ("lines", "order line"), ("units", "unit")]
)
def test_a_batch_is_sourced_anew_in_its_order(db: Database, unit: str, words: str) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 3}, "B": {"tea": 9}},
        locations={"A": {"capacity_daily": 2, "capacity_unit": unit}},
        policy=Policy(rules=(CapacityRule(),), objective=Objective(load=0)),
    )
    asks = [msgspec.convert(make.ask({"tea": 1}), PlaceOrder) for _ in range(6)]
    run_many(db, place_orders, [prepare(make.BOSS, place_orders, one) for one in asks])
    with db.reading(SYSTEM) as tx:
        # The page of one order knows what the earlier ones of its batch took.
        for number in range(1001, 1007):
            told = tell_whatifs(tx, number)
            assert told.exact
        assert [(place.location, place.standing) for place in told.places] == [
            ("B", "chosen"),
            ("A", "not_eligible"),
        ]
        assert [way.words for way in told.places[1].ways] == [(f"room for 1 more {words} a day",)]
    found = replayed(shop, ask())
    assert found.result is not None
    assert (found.result.orders, found.result.reproduced) == (6, 6)


def test_the_policy_in_force_changes_nothing_and_says_so(db: Database) -> None:
    result = replayed(played(db), ask()).result
    assert result is not None
    assert (result.orders, result.reproduced, result.changed) == (9, 9, 0)
    assert all((one.difference, one.low, one.high) == (0, 0, 0) for one in result.figures)
    assert all(one.before == one.after for one in result.locations)
    assert [day.orders for day in result.days] == [9]


def test_another_policy_is_compared_order_by_order_then_put_in_force_and_back(
    db: Database,
) -> None:
    shop = played(db)
    before = order_ids(db)
    found = replayed(shop, ask(draft=DISTANCE_FIRST))
    result = found.result
    assert result is not None
    by_measure = {one.measure: one for one in result.figures}
    km = by_measure["km"]
    assert km.after < km.before, "parcels cost nothing there, kilometres do"
    assert km.low <= km.difference <= km.high
    assert by_measure["parcels"].after >= by_measure["parcels"].before
    assert result.changed == len(result.examples) > 0
    assert order_ids(db) == before, "nothing is moved"

    # One step to switch, one to go back; every version is kept.
    made = run(db, make.BOSS, switch_policy, SwitchPolicy(replay_no=found.replay_no, version=1))
    assert (made.version, made.body) == (2, DISTANCE_FIRST)
    with pytest.raises(VersionConflict):
        run(db, make.BOSS, switch_policy, SwitchPolicy(replay_no=found.replay_no, version=1))
    back = run(db, make.BOSS, restore_policy, RestorePolicy(code="default", restore=1, version=2))
    assert back.version == 3
    assert back.body.rules == (CapacityRule(), ProtectRule(keep=1))
    with pytest.raises(NotFound):
        run(db, make.BOSS, restore_policy, RestorePolicy(code="default", restore=9))


def test_a_location_switched_off_sends_nothing(db: Database) -> None:
    result = replayed(played(db), ask(places=(PlaceChange(location="NEAR", active=False),))).result
    assert result is not None
    loads = {one.location: (one.before, one.after) for one in result.locations}
    assert loads["NEAR"][0] > 0
    assert loads["NEAR"][1] == 0


def test_what_cannot_be_asked_is_refused_and_nothing_is_kept(db: Database) -> None:
    played(db)
    today = datetime.now(UTC).date()
    wrong = StartReplay(
        policy="nope",
        since=today,
        until=today.replace(year=today.year - 1),
        places=(PlaceChange(location="MOON", active=False),),
    )
    with pytest.raises(InvalidInput) as caught:
        run(db, make.BOSS, start_replay, wrong)
    assert {fault.pointer for fault in caught.value.errors} == {
        "/policy",
        "/until",
        "/places/0/location",
    }
    with pytest.raises(InvalidInput):
        run(db, make.BOSS, start_replay, ask(try_version=7))
    narrow = Actor("user", make.BOSS.id, "Narrow", make.BOSS.permissions, channel_ids=frozenset())
    with pytest.raises(NotPermitted):
        run(db, narrow, start_replay, ask())
    with db.reading(SYSTEM) as tx:
        assert list_replays(tx, before=None, limit=5) == []


def test_a_period_without_orders_fails_with_its_reason(db: Database) -> None:
    shop = make.shop(db)
    found = replayed(shop, ask())
    assert (found.state, found.failure, found.result) == ("failed", "none", None)
