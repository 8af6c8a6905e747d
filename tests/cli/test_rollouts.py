"""A roll-out on the command line, and stock kept for a group of customers."""

from ordito.platform.database import Database
from tests import make
from tests.cli.conftest import Ordito
from tests.flows.test_roll_out_policy import opened


def test_a_roll_out_and_a_group_are_handled_without_a_browser(ordito: Ordito, db: Database) -> None:
    shop = opened(db)
    work = ("rollouts",)

    begun = ordito(*work, "start", "web", "near", "100", "--json").json
    made = str(begun["id"])
    assert ordito(*work, "start", "web", "near", "10").code == 1, "one at a time"
    make.place(shop, {"tea": 1})
    told = ordito(*work, "show", made)
    assert "Fewer than 30 orders" in told.out
    assert ordito(*work, "show", made, "--json").json["candidate"]["orders"] == 1
    assert "25 % of new orders" in ordito(*work, "share", made, "25").out
    assert "100" not in ordito(*work, "list").out
    assert ordito(*work, "adopt", made, "--json").json["state"] == "adopted"
    assert ordito(*work, "roll-back", made).code == 1, "it is over"
    assert ordito(*work, "list", "--json").json[0]["percent"] == 25

    number = ordito("customers", "create", "--email", "a@example.com", "--group", "vip",
                    "--json").json["number"]  # fmt: skip
    assert ordito("stock", "kept", "keep", "-", "tea", "3", "--group", "vip").code == 0
    (kept,) = ordito("stock", "kept", "list", "--json").json
    assert (kept["channel"], kept["group"], kept["qty"]) == ("", "vip", 3)
    changed = ordito("customers", "change", str(number), "--no-groups", "--json").json
    assert changed["changed"] == ["groups"]
    assert ordito("customers", "show", str(number), "--json").json["groups"] == []
