"""The laboratory from the browser: ask, read what came of it, switch, go back; and what ifs."""

from datetime import UTC, datetime

import pytest

from ordito.flows.replay_policy import run_open_replays, start_replay
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import NotFound, NotPermitted
from ordito.web.pages import laboratory, policies
from tests import make
from tests.flows.test_replay_policy import DISTANCE_FIRST, ask, played
from tests.web.acts import get, location_of, post

PAGE = "/settings/laboratory"


def test_a_trial_is_asked_for_read_and_put_in_force_and_back(db: Database) -> None:
    played(db)
    assert "Nothing tried yet" in get(laboratory.list_trials, db, PAGE)
    assert "Try a policy on past orders" in get(laboratory.new_trial, db, f"{PAGE}/-new")
    today = datetime.now(UTC).date().isoformat()
    typed = {"policy": "default", "try": "default", "since": today, "until": today}
    wrong = post(
        laboratory.create_trial,
        db,
        f"{PAGE}/-new",
        form=typed | {"without": "NEAR", "capacities": "MID 3\nMOON 1"},
    )
    assert wrong.status == 422
    assert "Line 2: There is no location “MOON”." in wrong.body.decode()
    done = post(laboratory.create_trial, db, f"{PAGE}/-new", form=typed | {"without": "NEAR"})
    assert location_of(done) == f"{PAGE}/1"
    assert "Waiting" in get(laboratory.show_trial, db, f"{PAGE}/1", replay="1")

    run_open_replays(db)
    told = get(laboratory.show_trial, db, f"{PAGE}/1", replay="1")
    assert "NEAR switched off" in told
    assert "9 of 9 orders come out exactly as they did" in told
    assert "This policy is in force now" in told, "only a location was tried differently"
    assert "Switch to this policy" not in told
    assert "Trial 1" in get(laboratory.list_trials, db, PAGE)

    # Another policy, put in force and taken back: every act makes a new version, none is lost.
    run(db, make.BOSS, start_replay, ask(draft=DISTANCE_FIRST))
    run_open_replays(db)
    told = get(laboratory.show_trial, db, f"{PAGE}/2", replay="2")
    assert "Switch to this policy" in told
    assert "a policy that is not saved" in told
    switched = post(laboratory.switch, db, f"{PAGE}/2/switch", replay="2", form={"version": "1"})
    assert location_of(switched) == "/settings/policies/default"
    page = "/settings/policies/default"
    assert "Go back to this version" in get(policies.show_policy, db, page, code="default")
    with pytest.raises(NotFound):
        post(laboratory.restore, db, page, code="default", form={"restore": "7"})
    post(laboratory.restore, db, page, code="default", form={"restore": "1", "version": "2"})
    assert "Version 3" in get(policies.show_policy, db, page, code="default")


def test_an_order_tells_what_it_would_take_elsewhere(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}, "B": {"tea": 1}})
    placed = make.place(shop, {"tea": 2})
    path = f"/orders/{placed.number}/what-ifs"
    told = get(laboratory.show_whatifs, db, path, number=str(placed.number))
    assert "ships already" in told
    assert "1 more of tea free there" in told
    assert "Things have changed since" not in told
    with pytest.raises(NotFound):
        get(laboratory.show_whatifs, db, "/orders/1/what-ifs", number="1")


def test_trying_needs_the_permission_to_write_settings(db: Database) -> None:
    make.shop(db)
    with pytest.raises(NotPermitted):
        post(laboratory.create_trial, db, f"{PAGE}/-new", permissions=["settings.read"])
