"""A roll-out in the browser: begun by a form, compared, raised, adopted, told on the policy."""

from typing import Any

import pytest

from ordito.platform.database import Database
from ordito.platform.problems import NotFound
from ordito.web.pages import policies, rollouts
from tests.flows.test_roll_out_policy import opened, place_named
from tests.web.acts import get, location_of, post, text_of

PAGE = "/settings/rollouts"


def test_a_policy_is_rolled_out_step_by_step(db: Database) -> None:
    shop = opened(db)
    assert "Nothing rolled out yet" in get(rollouts.show_rollouts, db, PAGE)
    assert "Share of new orders" in get(rollouts.new_form, db, PAGE + "/-new?policy=near")
    form: dict[str, Any] = {"channel": "web", "percent": "50", "policy": "near",
                            "policy_version": ""}  # fmt: skip
    wrong = post(rollouts.create, db, PAGE + "/-new", form=form | {"policy_version": "7"})
    assert wrong.status == 422
    assert "There is no version 7" in text_of(wrong)

    url = location_of(post(rollouts.create, db, PAGE + "/-new", form=form))
    no = url.rpartition("/")[2]
    place_named(shop, 20)
    page = get(rollouts.show, db, url, rollout=no)
    assert "too few to tell" in page
    assert "Not served whole, of 100 orders" in page
    assert "50%" in get(rollouts.show_rollouts, db, PAGE)
    told = get(policies.show_policy, db, "/settings/policies/near", code="near")
    assert "Roll-out on web begun: near, version 1, sources 50% of new orders" in told

    share = {"percent": "75", "version": "1"}
    assert location_of(post(rollouts.set_share, db, url + "/share", form=share, rollout=no)) == url
    seen = get(rollouts.show, db, url, rollout=no)
    assert "from 50% to 75% of new orders" in seen
    assert "Roll back" in seen
    read = get(rollouts.show, db, url, rollout=no, permissions=("settings.read",))
    assert "Roll back" not in read
    post(rollouts.adopt, db, url + "/adopt", form={"version": "2"}, rollout=no)
    assert "s policy now" in get(rollouts.show, db, url, rollout=no)
    with pytest.raises(NotFound):
        get(rollouts.show, db, PAGE + "/x", rollout="x")
