"""`ordito keys`: a key is printed once, listed without itself, and revoked for good."""

from uuid import UUID

from tests.cli.conftest import Ordito


def test_a_key_is_shown_once_and_revoked(ordito: Ordito) -> None:
    made = ordito("keys", "create", "Shop", "-p", "orders.read", "--json").json

    listed = ordito("keys", "list", "--json")
    (key,) = listed.json
    assert (key["id"], key["name"], key["permissions"]) == (made["id"], "Shop", ["orders.read"])
    assert made["token"] not in listed.out
    assert made["token"] not in ordito("keys", "list").out

    assert ordito("keys", "revoke", made["id"]).code == 0

    assert "revoked" in ordito("keys", "list").out


def test_without_permissions_a_key_may_do_everything(ordito: Ordito) -> None:
    made = ordito("keys", "create", "Root")

    assert made.code == 0
    assert "key (shown once): " in made.out
    assert "everything" in ordito("keys", "list").out


def test_an_unknown_key_is_a_problem_and_no_id_at_all_is_a_wrong_use(ordito: Ordito) -> None:
    assert ordito("keys", "revoke", str(UUID(int=1))).code == 1
    assert ordito("keys", "revoke", "first").code == 2
