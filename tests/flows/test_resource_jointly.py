"""Planning open orders together: what is moved, what is refused, and what stays as it was."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ordito.adapters.highs import solve
from ordito.flows.open_scheduled import open_early
from ordito.flows.resource_jointly import (
    ApplyJointPlan,
    JointPlanReport,
    PlanJointly,
    SetJointSchedule,
    apply_plan,
    plan_open_orders,
    replan_when_due,
    set_joint_schedule,
)
from ordito.fulfillment.asks import OpenEarly
from ordito.listings.order_page import read_order_page
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.events import read_timeline
from ordito.platform.problems import NotPermitted
from ordito.sourcing.joint.stored_plans import SCHEDULE_ID
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows.acts import cancel, release
from tests.flows.invariants import assert_sound
from tests.flows.test_order_dates import day, place_lines

PLACES: dict[str, dict[str, Any]] = {
    "NEAR": {"latitude": 52.2, "longitude": 21.0},
    "FAR": {"latitude": 48.85, "longitude": 2.35},
}
"""Warsaw, where orders go, and Paris."""


def split_up(db: Database) -> tuple[make.Shop, Any, Any]:
    """Tea was scarce when the second order came, so it has two parcels; then NEAR got more."""
    shop = make.shop(
        db, stock={"NEAR": {"tea": 1, "cup": 5}, "FAR": {"tea": 5, "cup": 0}}, locations=PLACES
    )
    first = make.place(shop, {"tea": 1})
    second = make.place(shop, {"tea": 1, "cup": 1})
    return shop, first, second


def preview(shop: make.Shop) -> JointPlanReport:
    return plan_open_orders(shop.db, make.BOSS, solve, PlanJointly(seconds=5))


def apply(shop: make.Shop, made: JointPlanReport) -> JointPlanReport:
    try:
        return apply_plan(shop.db, make.BOSS, ApplyJointPlan(plan_no=made.plan.plan_no))
    finally:
        assert_sound(shop.db)


def where(shop: make.Shop, order_id: Any) -> dict[str, int]:
    """Units of an order's living parts by location code."""
    with shop.db.connection() as conn:
        rows = conn.execute(
            "SELECT l.code, sum(w.qty)::int FROM fulfillment.fulfillment_order f"
            " JOIN locations.location l ON l.id = f.location_id"
            " JOIN fulfillment.line w ON w.order_id = f.order_id AND w.fo_no = f.fo_no"
            " WHERE f.order_id = %s AND f.state <> 'cancelled' GROUP BY 1",
            (order_id,),
        ).fetchall()
    return dict(rows)


def test_two_orders_exchange_the_stock_that_one_of_them_needs_more(db: Database) -> None:
    shop, first, second = split_up(db)
    assert where(shop, first.id) == {"NEAR": 1}
    assert where(shop, second.id) == {"NEAR": 1, "FAR": 1}
    made = preview(shop)
    figures = made.plan.figures
    assert (figures.parcels_before, figures.parcels_after) == (3, 2)
    assert figures.cost_after < figures.cost_before
    assert figures.gap <= 0.001
    assert where(shop, second.id) == {"NEAR": 1, "FAR": 1}, "a preview moves nothing"
    done = apply(shop, made)
    assert done.plan.state == "applied"
    assert done.applied_saving == figures.cost_before - figures.cost_after
    assert [one.state for one in done.orders] == ["applied", "applied"]
    assert where(shop, first.id) == {"FAR": 1}
    assert where(shop, second.id) == {"NEAR": 2}
    assert make.free(shop, "tea") == {"NEAR": 0, "FAR": 4}
    with db.reading(make.BOSS) as tx:
        told = read_timeline(tx, first.id)[0]
    assert told.kind == "order.replanned"
    assert told.body["gives"] == {"NEAR": 1}
    assert told.body["takes"] == {"FAR": 1}
    again = apply(shop, made)
    assert again.orders == done.orders
    assert preview(shop).orders == [], "there is nothing left to gain"


@pytest.mark.parametrize("act", [release, cancel])
def test_a_group_is_refused_whole_when_one_of_its_orders_has_changed(
    db: Database, act: Any
) -> None:
    shop, first, second = split_up(db)
    made = preview(shop)
    act(shop, first.id)
    before = where(shop, second.id)
    done = apply(shop, made)
    assert {one.refusal for one in done.orders} == {"changed"}
    assert done.applied_saving == 0
    assert where(shop, second.id) == before


def test_released_work_is_never_moved(db: Database) -> None:
    shop, first, _ = split_up(db)
    release(shop, first.id)
    made = apply(shop, preview(shop))
    assert made.orders == []
    assert where(shop, first.id) == {"NEAR": 1}


def test_orders_with_days_are_moved_where_the_day_is_kept(db: Database) -> None:
    shop = make.shop(
        db, stock={"NEAR": {"tea": 1, "cup": 5}, "FAR": {"tea": 5, "cup": 0}}, locations=PLACES
    )
    lines = [
        {"sku": "cup", "quantity": 1},
        {"sku": "tea", "quantity": 1, "requested_on": day(9), "latest_on": day(9)},
    ]
    first = place_lines(shop, lines)
    second = make.place(shop, {"tea": 1, "cup": 1})
    assert where(shop, first.id) == {"NEAR": 2}
    assert where(shop, second.id) == {"NEAR": 1, "FAR": 1}
    made = preview(shop)
    figures = made.plan.figures
    assert (figures.orders, figures.parcels_before, figures.parcels_after) == (2, 4, 3)

    close(shop, day(9))
    assert {one.refusal for one in apply(shop, made).orders} == {"days"}, "it was kept, and isn't"
    assert where(shop, first.id) == {"NEAR": 2}
    assert preview(shop).orders == [], "FAR is closed on the day: nothing is moved there"
    close(shop)

    done = apply(shop, preview(shop))
    assert [one.state for one in done.orders] == ["applied", "applied"]
    assert where(shop, first.id) == {"NEAR": 1, "FAR": 1}
    assert where(shop, second.id) == {"NEAR": 2}
    with db.reading(make.BOSS) as tx:
        works = [
            (work.location.code, work.state, work.opens_at)
            for work in read_order_page(tx, first.id).fulfillment_orders
        ]
    (plain, gone, moved) = works
    assert (plain[:2], gone[:2]) == (("NEAR", "open"), ("NEAR", "cancelled"))
    assert moved[:2] == ("FAR", "scheduled")
    assert moved[2] is not None
    assert moved[2].astimezone(ZoneInfo("Europe/Warsaw")).date().isoformat() == day(9)
    assert_well(db)


def test_what_staff_began_early_is_not_put_off_again(db: Database) -> None:
    shop = make.shop(
        db, stock={"NEAR": {"tea": 1, "cup": 5}, "FAR": {"tea": 5, "cup": 0}}, locations=PLACES
    )
    first = make.place(shop, {"tea": 1}, requested_on=day(9))
    make.place(shop, {"tea": 1, "cup": 1})
    run(db, make.BOSS, open_early, OpenEarly(order_id=first.id, fo_no=1))
    assert preview(shop).orders == []


def close(shop: make.Shop, *days: str) -> None:
    """FAR is closed on these days, and on no others."""
    with shop.db.connection() as conn:
        conn.execute("UPDATE locations.location SET holidays = %s::date[] WHERE code = 'FAR'",
                     (list(days),))  # fmt: skip
        conn.execute("UPDATE platform.revision SET n = n + 1")


def test_what_waits_for_stock_gets_what_has_come(db: Database) -> None:
    shop = make.shop(db, stock={"NEAR": {"tea": 1}, "FAR": {"tea": 1}}, locations=PLACES)
    first = make.place(shop, {"tea": 1})
    with db.connection() as conn:
        conn.execute("UPDATE locations.location SET can_ship = false WHERE code = 'FAR'")
        conn.execute("UPDATE platform.revision SET n = n + 1")
    waiting = make.place(shop, {"tea": 1})
    assert where(shop, waiting.id) == {}
    assert preview(shop).orders == []
    make.receive(shop, {"NEAR": {"tea": 1}})
    done = apply(shop, preview(shop))
    assert done.applied_units == 1
    assert where(shop, waiting.id) == {"NEAR": 1}
    assert where(shop, first.id) == {"NEAR": 1}


def test_who_sees_a_part_only_may_not_plan(db: Database) -> None:
    shop, _, _ = split_up(db)
    part = msgspec.structs.replace(make.BOSS, location_ids=frozenset([shop.locations["NEAR"]]))
    with pytest.raises(NotPermitted):
        plan_open_orders(db, part, solve, PlanJointly())


def test_the_worker_plans_by_itself_only_when_told_to(db: Database) -> None:
    shop, first, _ = split_up(db)
    assert replan_when_due(solve, db) == 0
    run(db, make.BOSS, set_joint_schedule, SetJointSchedule(every_minutes=60))
    assert replan_when_due(solve, db) == 2
    assert_sound(db)
    assert where(shop, first.id) == {"FAR": 1}
    assert replan_when_due(solve, db) == 0, "not before the hour is over"
    run(db, make.BOSS, set_joint_schedule, SetJointSchedule(every_minutes=60))
    run(db, make.BOSS, set_joint_schedule, SetJointSchedule(every_minutes=None))
    with db.reading(make.BOSS) as tx:
        told = [(entry.seq, entry.body) for entry in read_timeline(tx, SCHEDULE_ID)]
    assert told == [
        (2, {"before": 60, "every_minutes": None}),
        (1, {"before": None, "every_minutes": 60}),
    ]
