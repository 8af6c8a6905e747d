"""Watch lists, carts, limits, overstock, reasons and losses on the command line."""

from ordito.flows.sweep_watches import sweep_watches
from ordito.platform.database import Database
from tests import make
from tests.cli.conftest import Ordito
from tests.flows import stock_acts as stock
from tests.flows.test_complete_cart import cart
from tests.flows.test_limit_stock import sold_shop
from tests.flows.test_sweep_watches import user


def test_watch_lists_and_carts_are_worked_on(ordito: Ordito, db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}})
    user(db, "keeper")
    user(db, "ann")
    make.place(shop, {"tea": 4})
    sweep_watches(db)
    work = ("stock", "watches")
    (entry,) = ordito(*work, "list", "--kind", "short", "--json").json["items"]
    id_ = entry["id"]
    assert "tea" in ordito(*work, "show", id_).out
    assert ordito(*work, "give", id_, "nobody@example.com").code == 1
    assert "ann@example.com looks after it" in ordito(*work, "give", id_, "ann@example.com").out
    assert ordito(*work, "list", "--owner", "keeper@example.com", "--json").json["items"] == []
    assert "ann" in ordito(*work, "list").out
    assert ordito(*work, "show", id_, "--json").json["owner"] == "ann"
    refused = ordito(*work, "close", id_)
    assert (refused.code, "still there" in refused.err) == (1, True)
    with db.connection() as conn:
        conn.execute("UPDATE orders.line SET backordered = 0, cancelled = 1")
    assert "it is closed" in ordito(*work, "close", id_).out
    assert ordito(*work, "show", id_).code == 1

    stock.receive(shop, "A", {"tea": 9})
    held = cart(shop, {"tea": 2}, contact="ann@example.com")
    carts = ("stock", "carts")
    (row,) = ordito(*carts, "list", "--json").json["items"]
    assert (row["id"], row["consent"]) == (str(held.id), False)
    assert "Carts" in ordito(*carts, "list").out
    assert "Carts" in ordito(*carts, "show", str(held.id)).out
    assert ordito(*carts, "show", str(held.id), "--json").json["state"] == "open"
    assert ordito(*carts, "give-back", str(held.id)).code == 0
    assert ordito(*carts, "give-back", str(held.id)).code == 1


def test_limits_cover_overstock_and_losses_are_told(ordito: Ordito, db: Database) -> None:
    shop = sold_shop(db)
    work = ("stock", "limits")
    asked = ("--sku", "tea", "--location", "B", "--low-by", "units", "--low-at", "9")
    assert ordito(*work, "set", *asked, "--over-days", "2", "--json").json == {"changed": 1}
    assert "It was so before" in ordito(*work, "set", *asked, "--over-days", "2").out
    assert ordito(*work, "set", "--sku", "no", "--low-by", "off").code == 1
    (row,) = ordito(*work, "list", "TEA", "--json").json
    assert (row["location"], row["low_at"], row["over_days"]) == ("B", 9, 2)
    assert "each" in ordito(*work, "list").out
    cover = {one["location"]: one for one in ordito("stock", "cover", "tea", "--json").json}
    assert (cover["B"]["days_left"], cover["B"]["low"], cover["together"]["days_left"]) == (
        16,
        True,
        80,
    )
    assert "low" in ordito("stock", "cover", "tea").out
    assert ordito("stock", "cover", "no").code == 1

    with make.owner(db) as conn:
        conn.execute("UPDATE inventory.posting SET at = at - interval '40 days' WHERE seq = 1")
    found = ordito("stock", "overstock", "--json").json["items"]
    assert [(one["sku"], one["location"]["code"], one["excess"]) for one in found] == [
        ("tea", "C", 30),
        ("tea", "B", 3),
    ]
    assert "tea" in ordito("stock", "overstock", "--days", "9").out

    stock.adjust(shop, "C", {"tea": -3}, "lost")
    assert "scrapped" in ordito("stock", "reasons").out
    assert len(ordito("stock", "reasons", "--json").json) == 15
    (lost,) = ordito("stock", "losses", "--json").json
    assert (lost["reason"], lost["lost"], lost["value_minor"]) == ("lost", 3, 3_000)
    assert "lost" in ordito("stock", "losses").out
    assert ordito("stock", "losses", "--since", "March").code == 1
