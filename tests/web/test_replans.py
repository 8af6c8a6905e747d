"""Re-planning open orders from the browser: preview, proof, carrying it out, the schedule."""

import re

import pytest

from ordito.platform.database import Database
from ordito.platform.problems import NotPermitted
from ordito.web.pages import replans
from tests import make
from tests.flows.test_resource_jointly import split_up, where
from tests.web.acts import get, location_of, post

PAGE = "/fulfillment/replans"


def test_a_plan_is_previewed_carried_out_and_told(db: Database) -> None:
    shop, first, second = split_up(db)
    assert "No plan yet" in get(replans.show_replans, db, PAGE)
    assert location_of(post(replans.make_replan, db, PAGE)) == f"{PAGE}/1"
    preview = get(replans.show_replan, db, f"{PAGE}/1", plan="1")
    assert "This is a preview: nothing was moved yet" in preview
    assert "3 without the plan" in preview
    assert f"#{first.number}" in preview
    assert re.search(r"cheaper by more than 0(\.0\d)?%", preview)
    assert where(shop, first.id) == {"NEAR": 1}
    post(replans.apply_replan, db, f"{PAGE}/1/apply", plan="1")
    assert where(shop, first.id) == {"FAR": 1}
    assert where(shop, second.id) == {"NEAR": 2}
    told = get(replans.show_replan, db, f"{PAGE}/1", plan="1")
    assert "2 orders were moved" in told
    assert "Carry it out" not in told


def test_the_schedule_is_kept_and_can_be_taken_back(db: Database) -> None:
    make.shop(db)
    post(replans.set_schedule, db, f"{PAGE}/schedule", form={"every_minutes": "45"})
    assert "Every 45 minutes" in get(replans.show_replans, db, PAGE)
    post(replans.set_schedule, db, f"{PAGE}/schedule", form={"every_minutes": ""})
    assert "Every 45 minutes" not in get(replans.show_replans, db, PAGE)


def test_planning_needs_the_permission_to_write_orders(db: Database) -> None:
    with pytest.raises(NotPermitted):
        post(replans.make_replan, db, PAGE, permissions=["orders.read"])
