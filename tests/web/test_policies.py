"""Sourcing policies: the editor writes versions, and trying one writes nothing."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from ordito.api.answers import Answer
from ordito.flows.manage_policies import create_policy
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import NotPermitted
from ordito.platform.validation import convert
from ordito.sourcing.policies import CountryRule, DistanceRule
from ordito.sourcing.stored_policies import CreatePolicy, StoredPolicy, read_current
from ordito.web.pages import policies
from tests import make
from tests.doctor.wellness import assert_well
from tests.web.acts import get, location_of, post, text_of, visit

EDIT = "/settings/policies/near/edit"


def made(db: Database, **policy: Any) -> None:
    ask = convert(CreatePolicy, {"code": "near", "name": "Near", "policy": policy})
    run(db, make.BOSS, create_policy, ask)


def read(db: Database, code: str = "near") -> StoredPolicy:
    with db.reading(make.BOSS) as tx:
        return next(policy for policy in read_current(tx) if policy.code == code)


def form_of(answer: Answer) -> list[tuple[str, str]]:
    """What a browser would send of a form: its fields as they stand."""
    html = answer.body.decode()
    found = []
    for tag in re.findall(r"<input[^>]*>", html):
        named = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in named and (named.get("type") != "checkbox" or "checked" in tag):
            found.append((named["name"], named.get("value", "")))
    for name, body in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        found.append((name, chosen[1] if chosen else ""))
    areas = r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>'
    return found + [(name, body) for name, body in re.findall(areas, html, re.S)]


def send(db: Database, form: list[tuple[str, str]], act: str, **changes: str) -> Answer:
    kept = [pair for pair in form if pair[0] not in {*changes, "act", "_key"}]
    sent = [*kept, *changes.items(), ("act", act)]
    return post(policies.edit, db, EDIT, form=sent, code="near")


def opened(db: Database) -> list[tuple[str, str]]:
    return form_of(policies.edit_form(visit(db, "GET", EDIT, code="near")))


RULES: Mapping[str, Any] = {
    "rules": [
        {"rule": "capacity", "percent": 80, "channels": ["web"]},
        {"rule": "country", "same": True, "excluded": ["GB"], "kinds": ["store"]},
        {"rule": "distance", "max_km": 300, "when_unknown": "allow", "destinations": ["PL"]},
        {"rule": "owner", "excluded": ["Kasia"]},
        {"rule": "protect", "keep": 2, "deliveries": ["ship", "pickup"]},
        {"rule": "minimum_stock", "units": 3},
        {"rule": "kind", "kinds": ["3pl"]},
        {"rule": "market"},
        {"rule": "calendar"},
    ],
    "objective": {
        "parcel": 4_250,
        "load": 0,
        "handling_by_kind": {"store": 500},
        "handling_by_place": {"A": 1_001},
    },
    "limits": {"max_parcels": 2, "line_split": False},
}


def test_a_policy_that_is_saved_as_it_was_opened_stays_the_same(db: Database) -> None:
    make.shop(db, locations={"A": {"owner": "Kasia"}})
    made(db, **RULES)
    before = read(db)

    answer = send(db, opened(db), "save")

    assert location_of(answer) == "/settings/policies/near", text_of(answer)
    assert read(db) == before


def test_a_save_makes_a_version_that_is_told_in_words(db: Database) -> None:
    make.shop(db)
    made(db, rules=[{"rule": "distance", "max_km": 300}], objective={"parcel": 5_000})

    send(db, opened(db), "save", r0_max_km="120", parcel="7,5")

    after = read(db)
    assert after.version == 2
    assert after.body.rules == (DistanceRule(max_km=120),)
    assert after.body.objective.parcel == 7_500
    shown = get(policies.show_policy, db, "/settings/policies/near", code="near")
    assert "Rule: Only locations within 300 km" in shown
    assert "Each parcel: 5 → 7.5" in shown
    assert_well(db)


def test_rules_are_added_moved_and_taken_away_before_anything_is_saved(db: Database) -> None:
    make.shop(db)
    made(db, rules=[{"rule": "distance", "max_km": 300}, {"rule": "capacity"}])

    added = send(db, opened(db), "add", add_kind="country", r0_max_km="90")
    moved = send(db, form_of(added), "up-2")
    left = send(db, form_of(moved), "remove-1")
    assert read(db).version == 1
    send(db, form_of(left), "save", r2_excluded="gb", r2_same="yes")

    assert read(db).body.rules == (
        DistanceRule(max_km=90),
        CountryRule(same=True, excluded=("GB",)),
    )


def test_all_faults_stand_beside_their_fields_and_no_version_is_made(db: Database) -> None:
    make.shop(db)
    made(db, rules=[{"rule": "distance", "max_km": 300}, {"rule": "capacity"}])

    answer = send(db, opened(db), "save", r0_max_km="far", r1_percent="0", parcel="")

    html = answer.body.decode()
    assert answer.status == 422
    for name in ("r0_max_km", "r1_percent", "parcel"):
        assert f'id="field-{name}-fault"' in html, name
    assert read(db).version == 1


def test_trying_an_order_shows_both_plans_and_writes_nothing(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 10}, "B": {"tea": 10}},
        locations={"B": {"country": "DE", "priority": 2}},
    )
    made(db, rules=[{"rule": "capacity"}])
    order = make.place(shop, {"tea": 3})
    before = written(db)

    answer = send(
        db, opened(db), "try", rules="5:country", r5_allowed="DE", r5_excluded="",
        r5_deliveries="ship", try_number=str(order.number),
    )  # fmt: skip

    told = text_of(answer)
    assert answer.status == 200
    assert "As edited 3 of 3 units · 1 parcel" in told
    assert "As it is now 3 of 3 units · 1 parcel" in told
    assert "Not eligible: orders like this are not served from PL." in told
    assert written(db) == before


def test_an_order_made_up_is_tried_too_and_its_faults_are_told(db: Database) -> None:
    make.shop(db, kits={"set": {"tea": 2, "cup": 1}})
    made(db, rules=[])
    form = opened(db)

    good = send(db, form, "try", try_country="pl", try_postal_code="00-950", try_lines="set 4")
    bad = send(db, form, "try", try_country="Poland", try_lines="tea 1\nnothing 2")
    worse = send(db, form, "try", try_country="PL", try_lines="nothing 2")

    assert "4 of 4 units" in text_of(good)
    assert bad.status == 422
    assert 'id="field-try_country-fault"' in bad.body.decode()
    assert "Line 1: There is no item “nothing”" in text_of(worse)


def test_what_an_order_holds_itself_counts_as_free_when_it_is_tried(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}})
    made(db, rules=[{"rule": "capacity"}])
    order = make.place(shop, {"tea": 3})

    answer = send(db, opened(db), "try", try_number=str(order.number))

    assert "As edited 3 of 3 units" in text_of(answer)


def test_who_may_only_read_can_not_even_open_the_editor(db: Database) -> None:
    make.shop(db)
    made(db, rules=[])

    with pytest.raises(NotPermitted):
        post(policies.edit, db, EDIT, code="near", permissions={"settings.read"})

    assert read(db).version == 1


def written(db: Database) -> Any:
    with db.connection() as conn:
        return conn.execute(
            "SELECT (SELECT count(*) FROM platform.event),"
            " (SELECT count(*) FROM sourcing.decision),"
            " (SELECT count(*) FROM sourcing.policy_version),"
            " (SELECT sum(available) FROM inventory.stock)"
        ).fetchone()
