"""Sourcing policies: a change is a new version, and the old ones stay readable."""

from typing import Any

import msgspec
import pytest

from ordito.flows.manage_policies import create_policy, update_policy
from ordito.flows.reference import reference
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.events import read_timeline
from ordito.platform.problems import AlreadyExists, InvalidInput, NotFound, VersionConflict
from ordito.sourcing.stored_policies import (
    CreatePolicy,
    StoredPolicy,
    UpdatePolicy,
    read_versions,
)
from tests import make


def create(db: Database, code: str, policy: dict[str, Any]) -> StoredPolicy:
    ask = msgspec.convert({"code": code, "name": code, "policy": policy}, CreatePolicy)
    return run(db, make.BOSS, create_policy, ask)


def update(db: Database, code: str, **fields: Any) -> StoredPolicy:
    ask = msgspec.convert({"code": code} | fields, UpdatePolicy)
    return run(db, make.BOSS, update_policy, ask)


def test_the_first_policy_is_made_before_there_are_places(db: Database) -> None:
    made = create(db, "near", {"rules": [{"rule": "distance", "max_km": 50}]})

    assert made.version == 1
    with db.reading(make.BOSS) as tx:
        (version,) = read_versions(tx, "near")
        assert [entry.kind for entry in read_timeline(tx, made.id)] == ["policy.created"]
        row = tx.conn.execute("SELECT body FROM sourcing.policy_version").fetchone()
    assert version.body == made.body
    assert row is not None
    assert row[0]["objective"]["parcel"] == 5000, "defaults are written out"


def test_a_change_is_a_new_version_and_the_old_one_stays(db: Database) -> None:
    shop = make.shop(db)
    first = make.place(shop, {"tea": 1})

    changed = update(db, "default", policy={"objective": {"parcel": 1}}, version=1)

    assert changed.version == 2
    second = make.place(shop, {"tea": 1})
    with db.reading(make.BOSS) as tx:
        assert [version.version for version in read_versions(tx, "default")] == [2, 1]
        assert reference(tx).policies[changed.id].body.objective.parcel == 1
        rows = tx.conn.execute(
            "SELECT order_id, policy_version FROM sourcing.decision ORDER BY order_id"
        ).fetchall()
    assert rows == [(first.id, 1), (second.id, 2)]


def test_a_policy_that_stays_the_same_gets_no_version(db: Database) -> None:
    create(db, "near", {})

    assert update(db, "near", policy={}, name="near").version == 1
    assert update(db, "near", name="Nearest").version == 2
    with db.reading(make.BOSS) as tx:
        assert len(read_versions(tx, "near")) == 2


def test_faults_point_into_the_policy(db: Database) -> None:
    make.shop(db)

    with pytest.raises(InvalidInput) as caught:
        update(
            db,
            "default",
            policy={
                "rules": [{"rule": "kind"}, {"rule": "owner", "excluded": ["nobody"]}],
                "objective": {"handling_by_place": {"Z/1": 5}},
            },
        )

    assert [(fault.pointer, fault.code) for fault in caught.value.errors] == [
        ("/policy/rules/0/kinds", "required"),
        ("/policy/rules/1/excluded/0", "unknown-owner"),
        ("/policy/objective/handling_by_place/Z~11", "unknown-place"),
    ]
    with db.reading(make.BOSS) as tx:
        assert len(read_versions(tx, "default")) == 1


def test_codes_and_versions_are_kept_apart(db: Database) -> None:
    create(db, "near", {})

    with pytest.raises(AlreadyExists):
        create(db, "near", {})
    with pytest.raises(NotFound):
        update(db, "far", name="Far")
    update(db, "near", name="Nearer")
    with pytest.raises(VersionConflict):
        update(db, "near", name="Nearest", version=1)
