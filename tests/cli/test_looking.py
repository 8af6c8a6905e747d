"""What the command line shows and does beside files: orders, stock, policies, webhooks, mails."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from ordito.platform.database import Database
from tests import make
from tests.cli.conftest import Ordito
from tests.listings.test_follower import catch_up

ANNA = {"customer": {"name": "Anna Kowalska", "email": "anna@example.com"}}


def test_orders_and_stock_are_told_to_people_and_programs(ordito: Ordito, db: Database) -> None:
    shop = make.shop(db)
    placed = make.place(shop, {"tea": 2}, **ANNA)
    catch_up(db)
    sku = "tea"

    listed = ordito("orders", "list", "kowalska", "--json").json["items"]
    shown = ordito("orders", "show", str(placed.number), "--json").json
    stock = ordito("stock", "show", sku, "--json").json

    assert [row["number"] for row in listed] == [placed.number]
    assert (shown["id"], shown["lines"][0]["reserved"]) == (str(placed.id), 2)
    assert stock["totals"]["reserved"] == 2
    assert "2 reserved" in ordito("orders", "show", str(placed.number)).out
    assert "Kowalska" in ordito("orders", "list").out
    assert "total" in ordito("stock", "show", sku).out
    assert [row["sku"] for row in ordito("stock", "list", sku, "--json").json["items"]] == [sku]
    ledger = ordito("stock", "ledger", sku, "--json").json
    assert (ledger[0]["to_bucket"], ledger[0]["qty"]) == ("reserved", 2)
    assert ordito("stock", "list").code == ordito("stock", "ledger", sku).code == 0
    assert ordito("orders", "show", "999999").code == 1
    assert ordito("stock", "show", "no-such").code == 1
    audit = ordito("audit", "--order", str(placed.number), "--json").json
    assert [row["kind"] for row in audit][-1] == "order.placed"
    assert "order.placed" in ordito("audit", "--order", str(placed.number)).out


def test_customers_are_found_made_and_corrected(ordito: Ordito, db: Database) -> None:
    make.place(make.shop(db), {"tea": 1}, **ANNA)

    made = ordito("customers", "create", "--phone", "+48600", "--json").json
    assert ordito("customers", "create", "--phone", "+48 600").code == 1
    changed = ordito("customers", "change", "1", "--name", "Anna Nowak", "--json").json

    assert (made["number"], changed["changed"]) == (2, ["name"])
    found = ordito("customers", "list", "nowak", "--json").json["items"]
    assert [(one["number"], one["email"]) for one in found] == [(1, "anna@example.com")]
    assert "Anna Nowak" in ordito("customers", "show", "1").out
    assert ordito("customers", "show", "1", "--json").json["spent"][0]["orders"] == 1
    assert "Anna Nowak" in ordito("customers", "list").out


def test_places_are_listed_and_switched(ordito: Ordito, db: Database) -> None:
    make.shop(db)
    codes = [one["location"]["code"] for one in ordito("locations", "list", "--json").json]
    assert {"A", "B"} <= set(codes)
    assert ordito("locations", "switch", "A", "off").code == 0
    switched = {one["location"]["code"]: one["location"]["active"]
                for one in ordito("locations", "list", "--json").json}  # fmt: skip
    assert switched["A"] is False
    assert ordito("channels", "switch", "web", "off", "--json").json["active"] is False
    assert ordito("channels", "switch", "moon", "off").code == 1
    for what in (("channels", "list"), ("channels", "markets"), ("channels", "rates"),
                 ("locations", "list")):  # fmt: skip
        assert ordito(*what).code == 0
        assert isinstance(ordito(*what, "--json").json, list)


def test_a_policy_is_checked_tried_and_put_in_force(
    ordito: Ordito, db: Database, tmp_path: Path
) -> None:
    shop = make.shop(db)
    placed = make.place(shop, {"tea": 1})
    (stored,) = ordito("policies", "list", "--json").json
    code = stored["code"]
    body: dict[str, Any] = msgspec.json.decode(ordito("policies", "show", code).out)
    file = tmp_path / "policy.json"
    file.write_bytes(msgspec.json.encode(body))

    assert ordito("policies", "check", str(file)).code == 0
    tried = ordito("policies", "try", code, "--order", str(placed.number), "--draft", str(file),
                   "--json").json  # fmt: skip
    assert [(one["policy"], one["plan"]["served"]) for one in tried] == [(code, 1), ("", 1)]
    made_up = ("--channel", "web", "--country", "PL", "--line", "tea", "2")
    assert "2 of 2 units" in ordito("policies", "try", *made_up).out
    assert ordito("policies", "try").code == 1
    assert ordito("policies", "try", "no-such", *made_up).code == 1
    assert ordito("policies", "put", "second", str(file), "--json").json["version"] == 1
    assert (
        ordito("policies", "put", "second", str(file), "--name", "B", "--json").json["version"] == 2
    )

    file.write_text('{"rules": [{"nonsense": 1}]}')
    assert ordito("policies", "check", str(file)).code == 1
    assert ordito("policies", "put", "third", str(file)).code == 1
    assert len(ordito("policies", "list", "--json").json) == 2


def test_webhooks_are_made_rotated_tried_and_deleted(ordito: Ordito, db: Database) -> None:
    make.shop(db)
    made = ordito("webhooks", "create", "https://hooks.example.com/x", "--kind", "order.*",
                  "--json").json  # fmt: skip
    assert made["secret"].startswith("whsec_")
    rotated = ordito("webhooks", "rotate", made["id"])
    assert "whsec_" in rotated.out
    assert made["secret"] not in rotated.out
    for act in ("test", "replay", "off", "on"):
        assert ordito("webhooks", act, made["id"]).code == 0, act
    listed = ordito("webhooks", "list")
    assert "whsec_" not in listed.out
    assert ordito("webhooks", "deliveries", made["id"], "--json").json == []
    assert ordito("webhooks", "deliveries", made["id"]).code == 0
    (state,) = ordito("webhooks", "list", "--json").json
    assert (state["id"], state["webhook"]["active"]) == (made["id"], True)
    assert ordito("webhooks", "delete", made["id"]).code == 0
    assert ordito("webhooks", "delete", made["id"]).code == 1
    assert ordito("webhooks", "create", "http://127.0.0.1/", "--kind", "order.*").code == 1
    assert ordito("webhooks", "list", "--json").json == []


def test_a_mail_goes_to_a_user_only_and_texts_are_sound(
    ordito: Ordito, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = make.place(make.shop(db), {"tea": 1}, **ANNA)
    ordito("users", "create", "boss@example.com")
    assert ordito("mails", "test", "boss@example.com").code == 1, "no server is set up"
    monkeypatch.setenv("ORDITO_SMTP_URL", "smtp://localhost:2525")
    monkeypatch.setenv("ORDITO_MAIL_FROM", "shop@example.com")

    sent = ordito("mails", "test", "boss@example.com", "--order", str(placed.number), "--json")

    assert sent.code == 0
    assert ordito("mails", "test", "stranger@example.com").code == 1
    failed = ordito("mails", "failed", "--json").json
    assert (failed["items"], failed["waiting"]) == ([], 1)
    assert ordito("mails", "failed").code == 0
    texts = ordito("mails", "templates", "--json")
    assert texts.code == 0
    assert {one["template"]["locale"] for one in texts.json} == {"en", "pl", "de"}
    assert "confirmed" in ordito("mails", "templates").out
    assert ordito("mails", "send-again", sent.json["id"]).code == 1, "it did not fail"
