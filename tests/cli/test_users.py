"""`ordito users`: people come in with a password that works, and are locked out at once."""

import pytest

from ordito.flows.invite_people import LinkExpired, choose_password
from ordito.flows.sign_in import SignIn, sign_in
from ordito.platform.database import Database
from ordito.platform.problems import NotAuthenticated
from tests.cli.conftest import Ordito

ANNA = "anna@example.com"
BOSS = "boss@example.com"


def enters(db: Database, email: str, password: str) -> bool:
    try:
        sign_in(db, SignIn(email, password, "127.0.0.1"), absolute_s=60)
    except NotAuthenticated:
        return False
    return True


def test_a_created_user_signs_in_with_the_printed_password(ordito: Ordito, db: Database) -> None:
    made = ordito("users", "create", ANNA, "--json")

    assert made.code == 0
    assert made.json["email"] == ANNA
    assert enters(db, ANNA, made.json["password"])
    (listed,) = ordito("users", "list", "--json").json
    assert (listed["email"], listed["active"]) == (ANNA, True)
    assert "password" not in listed


def test_a_password_from_standard_input_is_not_printed(ordito: Ordito, db: Database) -> None:
    secret = "quietly-7-otters-sing"

    made = ordito("users", "create", ANNA, "--password-stdin", stdin=secret + "\n")

    assert made.code == 0
    assert secret not in made.out + made.err
    assert enters(db, ANNA, secret)


def test_a_new_password_replaces_the_old_one(ordito: Ordito, db: Database) -> None:
    old = ordito("users", "create", ANNA, "--json").json["password"]

    new = ordito("users", "set-password", ANNA, "--json").json["password"]

    assert enters(db, ANNA, new)
    assert not enters(db, ANNA, old)


def test_a_disabled_user_is_locked_out(ordito: Ordito, db: Database) -> None:
    ordito("users", "create", BOSS)
    password = ordito("users", "create", ANNA, "--json").json["password"]

    assert ordito("users", "disable", ANNA).code == 0

    assert not enters(db, ANNA, password)
    assert "disabled" in ordito("users", "list").out


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (("set-password", "nobody@example.com"), "", "nobody@example.com"),
        (("create", ANNA, "--password-stdin"), "short\n", "password"),
        (("create", ANNA, "-p", "orders.eat"), "", "orders.eat"),
        (("create", ANNA, "--location", "MOON"), "", "MOON"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_writes_nothing(
    ordito: Ordito, arguments: tuple[str, ...], stdin: str, words: str
) -> None:
    refused = ordito("users", *arguments, stdin=stdin)

    assert refused.code == 1
    assert refused.out == ""
    assert words in refused.err
    assert ordito("users", "list", "--json").json == []


def test_an_invited_user_chooses_a_password_with_the_printed_link(
    ordito: Ordito, db: Database
) -> None:
    ordito("users", "create", BOSS)
    made = ordito("users", "invite", ANNA, "-r", "viewer", "--json").json
    again = ordito("users", "invite", ANNA, "--json").json

    old, new = (url.partition("token=")[2] for url in (made["link"], again["link"]))
    with pytest.raises(LinkExpired):
        choose_password(db, old, "quietly-7-otters-sing")
    choose_password(db, new, "quietly-7-otters-sing")

    assert enters(db, ANNA, "quietly-7-otters-sing")
    assert ordito("users", "invite", ANNA, "-r", "admin").code == 1, "rights change by `change`"
    told = {one["email"]: one for one in ordito("users", "list", "--json").json}
    assert "orders.write" not in told[ANNA]["permissions"]


def test_rights_are_replaced_and_sessions_end(ordito: Ordito, db: Database) -> None:
    ordito("users", "create", BOSS)
    password = ordito("users", "create", ANNA, "-r", "viewer", "--json").json["password"]
    assert enters(db, ANNA, password)
    assert enters(db, ANNA, password)
    assert ordito("users", "sign-out", ANNA, "--json").json["ended"] == 2
    assert ordito("users", "sign-out", ANNA, "--json").json["ended"] == 0

    changed = ordito("users", "change", ANNA, "--no-role", "-p", "orders.read", "--json").json

    assert changed["permissions"] == ["orders.read"]
    assert changed["role_ids"] == []
    kinds = [row["kind"] for row in ordito("audit", "--kind", "user", "--json").json]
    assert kinds[:3] == ["user.changed", "user.signed_out", "user.signed_in"]
    assert ordito("users", "disable", ANNA).code == 0
    assert not enters(db, ANNA, password)
    assert ordito("users", "enable", ANNA).code == 0
    assert enters(db, ANNA, password)
    assert ordito("users", "remove-factor", ANNA).code == 0
    assert ordito("audit", "--person", "nobody@example.com").code == 1


def test_roles_are_made_changed_and_removed(ordito: Ordito) -> None:
    made = ordito("roles", "create", "desk", "-p", "orders.read", "--json").json
    assert (made["code"], made["permissions"], made["second_factor"]) == (
        "desk", ["orders.read"], False,
    )  # fmt: skip
    changed = ordito("roles", "change", "desk", "--second-factor", "--json").json
    assert (changed["permissions"], changed["second_factor"]) == (["orders.read"], True)
    assert "desk" in ordito("roles", "list").out
    ordito("users", "create", ANNA, "-r", "desk")
    assert ordito("roles", "remove", "desk").code == 1, "somebody has it"
    ordito("users", "change", ANNA, "--no-role")
    assert ordito("roles", "remove", "desk").code == 0
    assert ordito("roles", "remove", "desk").code == 1
    assert ordito("roles", "create", "x", "-p", "orders.eat").code == 1
    assert "orders.read" in ordito("roles", "permissions", "--json").json
