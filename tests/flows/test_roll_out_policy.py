"""A policy on a share of real orders: drawn for good, compared, raised, taken back in one step."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from ordito.channels.types import UpdateChannel
from ordito.flows.manage_channels import update_channel
from ordito.flows.manage_policies import create_policy, update_policy
from ordito.flows.reference import reference
from ordito.flows.resource_order import source_order
from ordito.flows.roll_out_policy import (
    RolloutTold,
    adopt_rollout,
    guard_rollouts,
    report_rollout,
    roll_back_rollout,
    set_rollout_share,
    start_rollout,
)
from ordito.flows.sweep_watches import sweep_watches
from ordito.inventory.problems import OutOfStock
from ordito.kernel.text import normal_code
from ordito.listings.rollouts import list_policy_rollouts
from ordito.listings.watches import list_watches
from ordito.orders.asks import SourceOrder
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.events import read_timeline
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    InvalidInput,
    NotFound,
    NotPermitted,
    VersionConflict,
)
from ordito.sourcing.policies import Objective, OwnerRule, Policy
from ordito.sourcing.rollouts import is_drawn
from ordito.sourcing.stored_decisions import read_decisions
from ordito.sourcing.stored_policies import CreatePolicy, UpdatePolicy
from ordito.sourcing.stored_rollouts import EndRollout, SetRolloutShare, StartRollout
from tests import make
from tests.doctor.wellness import assert_well_now

PLACES: dict[str, dict[str, Any]] = {
    "NEAR": {"latitude": 52.2, "longitude": 21.0, "priority": 2, "owner": "own"},
    "FAR": {"latitude": 48.85, "longitude": 2.35, "priority": 1},
}
"""Warsaw, where orders go, and Paris."""
BY_PRIORITY = Policy(objective=Objective(priority_step=100_000))
BY_DISTANCE = Policy(objective=Objective(parcel=4000, per_100_km=1000, priority_step=0))


def opened(db: Database, candidate: Policy = BY_DISTANCE) -> make.Shop:
    """A shop that ships from Paris, and a policy `near` that would from Warsaw."""
    shop = make.shop(
        db,
        stock={"NEAR": {"tea": 500}, "FAR": {"tea": 500}},
        locations=PLACES,
        policy=BY_PRIORITY,
    )
    run(db, make.BOSS, create_policy, CreatePolicy(code="near", name="Near", policy=candidate))
    return shop


def start(db: Database, percent: int = 50, **fields: Any) -> RolloutTold:
    asked: dict[str, Any] = {"channel": "web", "policy": "near", "percent": percent} | fields
    return run(db, make.BOSS, start_rollout, StartRollout(**asked))


def decided(db: Database, order_id: UUID) -> list[tuple[str, int]]:
    """By which policy and version, decision by decision."""
    with db.reading(SYSTEM) as tx:
        codes = {one.id: one.code for one in reference(tx).policies.values()}
        found = read_decisions(tx, order_id)
    return [(codes[one.policy_id], one.policy_version) for one in found]


def place_named(shop: make.Shop, count: int, first: int = 0) -> dict[str, Any]:
    """Orders by what the channel calls them."""
    return {
        f"W-{n}": make.place(shop, {"tea": 1}, external_id=f"W-{n}")
        for n in range(first, first + count)
    }


def test_a_share_is_drawn_compared_raised_and_rolled_back(db: Database) -> None:
    shop = opened(db)
    before = make.place(shop, {"tea": 1})
    told = start(db, 50)
    assert (told.state, told.percent, told.version) == ("running", 50, 1)

    placed = place_named(shop, 40)
    ways = {key: decided(db, one.id) for key, one in placed.items()}
    expected = {
        key: [("near", 1)] if is_drawn(told.id, normal_code(key), 50) else [("default", 1)]
        for key in placed
    }
    assert ways == expected
    count = Counter(way[0][0] for way in ways.values())
    assert min(count.values()) > 8, "both sides have orders"
    unnamed = make.place(shop, {"tea": 1})
    draws = is_drawn(told.id, f"#{unnamed.number}", 50)
    assert decided(db, unnamed.id) == [("near", 1) if draws else ("default", 1)]

    with db.reading(make.BOSS) as tx:
        report = report_rollout(tx, told.id)
    assert report.candidate.orders == count["near"] + draws
    assert report.in_force.orders == count["default"] + (not draws)
    rows = {row.measure: row for row in report.compared}
    assert (rows["km"].candidate, rows["km"].in_force) == (132, 1238)
    assert rows["cost"].candidate > 100_000 > rows["cost"].in_force, "by the policy in force"
    assert (rows["parcels"].low, rows["parcels"].high) == (0.0, 0.0)
    assert not rows["cost"].enough

    # What was drawn stays, also where the share has moved past it; what was before, too.
    drawn = next(key for key, way in ways.items() if way == [("near", 1)])
    missed = next(key for key, way in ways.items() if way == [("default", 1)])
    waiting = make.place(shop, {"tea": 2000}, external_id=drawn + "x").id
    raised = run(db, make.BOSS, set_rollout_share, SetRolloutShare(rollout_id=told.id, percent=100))
    assert (raised.percent, raised.version) == (100, 2)
    assert {way for one in place_named(shop, 5, 50).values() for way in decided(db, one.id)} == {
        ("near", 1)
    }
    again = [before.id, placed[drawn].id, placed[missed].id, waiting]
    first = [decided(db, id_)[0] for id_ in again]
    make.receive(shop, {"FAR": {"tea": 5000}})
    run(db, make.BOSS, source_order, SourceOrder(order_id=waiting))
    assert decided(db, waiting) == [first[3]] * 2
    assert first[:3] == [("default", 1), ("near", 1), ("default", 1)]

    ask = SetRolloutShare(rollout_id=told.id, percent=10, version=1)
    with pytest.raises(VersionConflict):
        run(db, make.BOSS, set_rollout_share, ask)
    over = run(db, make.BOSS, roll_back_rollout, EndRollout(rollout_id=told.id, version=2))
    assert (over.state, over.percent, over.allowed_actions) == ("rolled_back", 0, [])
    assert {way for one in place_named(shop, 5, 60).values() for way in decided(db, one.id)} == {
        ("default", 1)
    }
    for command in (roll_back_rollout, adopt_rollout):
        with pytest.raises(ActionNotAllowed):
            run(db, make.BOSS, command, EndRollout(rollout_id=told.id))
    with db.reading(make.BOSS) as tx:
        kinds = [entry.kind for entry in read_timeline(tx, told.id)]
        policies = {one.code: one.id for one in reference(tx).policies.values()}
        shown = {
            code: [entry.kind for entry in list_policy_rollouts(tx, id_)]
            for code, id_ in policies.items()
        }
    assert kinds == ["rollout.rolled_back", "rollout.share_set", "rollout.started"]
    assert shown == {"default": kinds, "near": kinds}, "told on both policies' pages"
    assert_well_now(db)


def test_what_makes_no_sense_is_refused_and_nothing_is_begun(db: Database) -> None:
    opened(db)
    faulty: dict[str, dict[str, Any]] = {
        "/channel": {"channel": "moon"},
        "/policy": {"policy": "moon"},
        "/policy_version": {"policy_version": 9},
    }
    for pointer, fields in faulty.items():
        with pytest.raises(InvalidInput) as wrong:
            start(db, **fields)
        assert [fault.pointer for fault in wrong.value.errors] == [pointer]
    with pytest.raises(InvalidInput, match="name another policy"):
        start(db, policy="default")
    part = Actor("user", UUID(int=9), "P", make.BOSS.permissions, location_ids=frozenset())
    with pytest.raises(NotPermitted):
        run(db, part, start_rollout, StartRollout(channel="web", policy="near", percent=5))
    told = start(db)
    with pytest.raises(AlreadyExists):
        start(db)
    other = Actor("user", UUID(int=9), "O", make.BOSS.permissions, channel_ids=frozenset())
    for actor in (part, other):
        with pytest.raises(NotFound):
            run(db, actor, roll_back_rollout, EndRollout(rollout_id=told.id))
    with db.connection() as conn:
        assert conn.execute("SELECT count(*) FROM sourcing.rollout").fetchone() == (1,)


def test_adopting_makes_the_candidate_the_policy(db: Database) -> None:
    shop = opened(db)
    # Another policy becomes the channel's, unless it has moved on since it was tried.
    told = start(db, 5)
    run(db, make.BOSS, update_policy, UpdatePolicy(code="near", policy=BY_PRIORITY))
    with pytest.raises(ActionNotAllowed, match="at version 2"):
        run(db, make.BOSS, adopt_rollout, EndRollout(rollout_id=told.id))
    run(db, make.BOSS, roll_back_rollout, EndRollout(rollout_id=told.id))
    run(db, make.BOSS, update_policy, UpdatePolicy(code="near", policy=BY_DISTANCE))
    told = start(db, 5)
    adopted = run(db, make.BOSS, adopt_rollout, EndRollout(rollout_id=told.id))
    assert (adopted.state, adopted.percent) == ("adopted", 5)
    assert decided(db, make.place(shop, {"tea": 1}).id) == [("near", 3)]

    # An earlier version of the channel's own policy is put in force again as a new one.
    told = start(db, 100, policy_version=2)
    assert decided(db, make.place(shop, {"tea": 1}).id) == [("near", 2)]
    run(db, make.BOSS, adopt_rollout, EndRollout(rollout_id=told.id))
    assert decided(db, make.place(shop, {"tea": 1}).id) == [("near", 4)]
    assert_well_now(db)


def test_it_stops_by_itself_when_orders_go_unserved(db: Database) -> None:
    shop = opened(db, Policy(rules=(OwnerRule(allowed=("own",)),)))
    with db.connection() as conn:
        conn.execute("UPDATE inventory.stock SET available = 0, on_hand = 0 WHERE location_id = %s",
                     (shop.locations["NEAR"],))  # fmt: skip
    run(db, make.BOSS, update_channel, UpdateChannel(code="web", shortage="refuse"))
    told = start(db, 50)
    refused = 0
    for n in range(40):
        try:
            make.place(shop, {"tea": 1}, external_id=f"S-{n}")
        except OutOfStock:
            refused += 1
            with pytest.raises(OutOfStock):
                make.place(shop, {"tea": 1}, external_id=f"S-{n}")
    with db.reading(make.BOSS) as tx:
        report = report_rollout(tx, told.id)
    assert (report.candidate.orders, report.candidate.refused) == (0, refused), "each once"
    assert report.in_force.orders == 40 - refused > 4

    assert guard_rollouts(db) == 1
    assert guard_rollouts(db) == 0, "it is over"
    make.place(shop, {"tea": 1}, external_id="S-0again")
    with db.reading(SYSTEM) as tx:
        stopped = read_timeline(tx, told.id)[0]
    assert stopped.kind == "rollout.stopped"
    assert stopped.body["unserved_candidate"] == stopped.body["orders_candidate"] == refused
    assert stopped.body["chance"] < 0.001

    sweep_watches(db)
    with db.reading(make.BOSS) as tx:
        assert [one.subject_id for one in list_watches(tx, "rollout").items] == [told.id]
    seen = run(db, make.BOSS, roll_back_rollout, EndRollout(rollout_id=told.id))
    assert seen.state == "rolled_back"
    sweep_watches(db)
    with db.reading(make.BOSS) as tx:
        assert list_watches(tx, "rollout").items == ()
