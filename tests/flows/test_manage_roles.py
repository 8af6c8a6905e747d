"""Roles: what they give, to whom, and who may change them."""

import pytest

from ordito.flows.manage_access import ChangeUser, CreateUser, change_user, create_user
from ordito.flows.manage_roles import (
    ChangeRole,
    CreateRole,
    RemoveRole,
    change_role,
    create_role,
    remove_role,
)
from ordito.platform.access import EVERYTHING, PERMISSIONS, SYSTEM, permission_set
from ordito.platform.accounts import User, actor_of_user, read_user
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    InvalidInput,
    NotPermitted,
    VersionConflict,
)
from ordito.platform.roles import Role, list_roles
from tests import make
from tests.doctor.wellness import assert_well


def add(db: Database, *roles: str, **fields: object) -> User:
    name = str(len(fields) + sum(map(len, roles)))
    ask = {"email": f"{name}@example.com", "name": "Ann", "roles": roles} | fields
    return run(db, SYSTEM, create_user, CreateUser(**ask))  # type: ignore[arg-type]


def role(db: Database, code: str) -> Role:
    with db.reading(SYSTEM) as tx:
        return next(one for one in list_roles(tx) if one.code == code)


def read(db: Database, user: User) -> User:
    with db.reading(SYSTEM) as tx:
        found = read_user(tx, user.id)
    assert found
    return found


def test_roles_that_come_with_ordito_name_known_permissions(db: Database) -> None:
    with db.reading(SYSTEM) as tx:
        roles = list_roles(tx)
    assert [one.code for one in roles] == [
        "admin", "order-desk", "warehouse", "store", "viewer", "warehouse-lead",
        "partner"]  # fmt: skip
    for one in roles[1:]:
        assert set(one.permissions) <= set(PERMISSIONS)
    assert permission_set(roles[0].permissions) == EVERYTHING


def test_someone_may_do_what_all_roles_and_the_extra_permissions_give(db: Database) -> None:
    user = add(db, "store", "viewer", permissions=("audit.read",))
    expected = {*role(db, "store").permissions, *role(db, "viewer").permissions, "audit.read"}
    assert set(user.permissions) == expected
    fewer = run(db, SYSTEM, change_user, ChangeUser(user_id=user.id, roles=("viewer",)))
    assert set(fewer.permissions) == {*role(db, "viewer").permissions, "audit.read"}
    assert_well(db)


def test_an_administrator_may_do_everything(db: Database) -> None:
    assert actor_of_user(add(db, "admin")).permissions == EVERYTHING


def test_changing_a_role_changes_what_its_holders_may_do(db: Database) -> None:
    made = run(
        db, SYSTEM, create_role, CreateRole(code="desk", name="Desk", permissions=("orders.read",))
    )
    user = add(db, "desk", permissions=("audit.read",))
    ask = ChangeRole(role_id=made.id, permissions=("orders.read", "orders.write"))
    changed = run(db, SYSTEM, change_role, ask)
    assert changed.version == 2
    assert read(db, user).permissions == ["audit.read", "orders.read", "orders.write"]
    with pytest.raises(VersionConflict):
        run(db, SYSTEM, change_role, ChangeRole(role_id=made.id, version=1, name="x"))
    assert_well(db)


def test_a_role_that_comes_with_ordito_keeps_its_permissions(db: Database) -> None:
    viewer = role(db, "viewer")
    with pytest.raises(ActionNotAllowed):
        run(db, SYSTEM, change_role, ChangeRole(role_id=viewer.id, permissions=()))
    with pytest.raises(ActionNotAllowed):
        run(db, SYSTEM, remove_role, RemoveRole(role_id=viewer.id))
    assert role(db, "viewer") == viewer
    ask = ChangeRole(role_id=viewer.id, second_factor=True)
    assert run(db, SYSTEM, change_role, ask).second_factor


def test_a_role_is_removed_once_nobody_has_it(db: Database) -> None:
    ask = CreateRole(code="desk", name="Desk", permissions=("orders.read",))
    made = run(db, SYSTEM, create_role, ask)
    with pytest.raises(AlreadyExists):
        run(db, SYSTEM, create_role, ask)
    user = add(db, "desk")
    with pytest.raises(ActionNotAllowed):
        run(db, SYSTEM, remove_role, RemoveRole(role_id=made.id))
    run(db, SYSTEM, change_user, ChangeUser(user_id=user.id, roles=()))
    run(db, SYSTEM, remove_role, RemoveRole(role_id=made.id))
    assert run(db, SYSTEM, create_role, ask).id != made.id
    assert_well(db)


def test_nobody_is_left_without_someone_who_manages_access(db: Database) -> None:
    ask = CreateRole(code="keeper", name="Keeper", permissions=tuple(sorted(EVERYTHING)))
    made = run(db, SYSTEM, create_role, ask)
    keeper = actor_of_user(add(db, "keeper"))
    with pytest.raises(ActionNotAllowed):
        run(db, keeper, change_role, ChangeRole(role_id=made.id, permissions=("orders.read",)))
    assert role(db, "keeper").permissions == sorted(EVERYTHING)


def test_nobody_gives_or_makes_roles_beyond_their_own(db: Database) -> None:
    shop = make.shop(db)
    keeper = actor_of_user(add(db, permissions=("access.write", "orders.read")))
    with pytest.raises(NotPermitted):
        run(db, keeper, create_role, CreateRole(code="x", name="x", permissions=("orders.write",)))
    with pytest.raises(NotPermitted):
        run(db, keeper, change_role, ChangeRole(role_id=role(db, "admin").id, second_factor=True))
    with pytest.raises(NotPermitted):
        run(db, keeper, create_user, CreateUser(email="b@c.de", name="B", roles=("admin",)))
    with pytest.raises(InvalidInput):
        run(db, keeper, create_user, CreateUser(email="b@c.de", name="B", permissions=("*",)))
    scoped = add(db, permissions=("access.write", "orders.read"), locations=("A",))
    with pytest.raises(NotPermitted):
        run(
            db,
            actor_of_user(scoped),
            create_role,
            CreateRole(code="x", name="x", permissions=("orders.read",)),
        )
    assert len(shop.locations) == 3
    with db.reading(SYSTEM) as tx:
        assert len(list_roles(tx)) == 7
