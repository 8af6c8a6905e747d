"""Products: what the pages show of items, and what their forms write."""

import re
from typing import Any
from uuid import UUID

import pytest

from ordito.catalog.types import Item
from ordito.listings.item_stock import find_item
from ordito.platform.database import Database
from ordito.platform.problems import NotPermitted
from ordito.web.pages import products
from tests import make
from tests.doctor.wellness import assert_well
from tests.listings.test_follower import catch_up
from tests.web.acts import get, location_of, post, text_of, visit

NEW = {
    "sku": "TEA-100",
    "name": "Green tea, 100 g",
    "kind": "stocked",
    "barcodes": "5901234123457\n\n15901234123454\n",
    "active": "yes",
    "weight_g": "120",
    "length_mm": "",
    "width_mm": "",
    "height_mm": "",
    "price_EUR": "6,90",
    "other_currency": "chf",
    "other_price": "7.20",
    "parts": "",
}


def read(db: Database, key: str | UUID) -> Item:
    with db.reading(make.BOSS) as tx:
        return find_item(tx, key)


def count(db: Database) -> Any:
    with db.connection() as conn:
        return conn.execute("SELECT count(*) FROM catalog.item").fetchone()


def test_the_form_makes_an_item_with_all_it_says(db: Database) -> None:
    make.shop(db)

    answer = post(products.create, db, "/products/new", form=NEW)

    item = read(db, "TEA-100")
    assert location_of(answer) == f"/products/{item.id}"
    assert (item.kind, item.weight_g, item.length_mm, item.active) == ("stocked", 120, None, True)
    assert item.barcodes == ["15901234123454", "5901234123457"]
    assert {code: str(price) for code, price in item.prices.items()} == {
        "EUR": "6.90",
        "CHF": "7.20",
    }
    assert_well(db)


def test_all_faults_stand_beside_their_fields_and_nothing_is_written(db: Database) -> None:
    make.shop(db)
    before = count(db)
    form = NEW | {"sku": "", "weight_g": "heavy", "price_EUR": "six"}

    answer = post(products.create, db, "/products/new", form=form)

    html = answer.body.decode()
    assert answer.status == 422
    for name in ("sku", "weight_g", "price_EUR"):
        assert f'id="field-{name}-fault"' in html, name
    assert 'value="six"' in html
    assert count(db) == before


def test_a_currency_that_is_none_or_has_no_price_is_told_beside_it(db: Database) -> None:
    make.shop(db)

    for changed in ({"other_currency": "XXZ"}, {"other_price": ""}):
        answer = post(products.create, db, "/products/new", form=NEW | changed)
        assert answer.status == 422
        assert 'id="field-other_price-fault"' in answer.body.decode(), changed


def test_a_part_that_nobody_knows_is_named_with_its_line(db: Database) -> None:
    make.shop(db)
    form = NEW | {"kind": "kit", "parts": "tea 2\nnothing 1"}

    answer = post(products.create, db, "/products/new", form=form)

    assert answer.status == 422
    assert "Line 2: There is no item “nothing”" in text_of(answer)


def test_a_barcode_of_another_item_is_refused_beside_the_barcodes(db: Database) -> None:
    make.shop(db)
    post(products.create, db, "/products/new", form=NEW)

    answer = post(products.create, db, "/products/new", form=NEW | {"sku": "TEA-200"})

    assert answer.status == 422
    assert "others have: 15901234123454 to TEA-100" in text_of(answer)
    assert 'id="field-barcodes-fault"' in answer.body.decode()


def test_an_edit_changes_what_was_changed_and_the_history_says_so(db: Database) -> None:
    make.shop(db)
    post(products.create, db, "/products/new", form=NEW)
    item = read(db, "TEA-100")
    changed = NEW | {"weight_g": "", "price_EUR": "", "version": "1", "other_currency": ""}
    path = f"/products/{item.id}"

    post(products.edit, db, f"{path}/edit", form=changed | {"price_CHF": "7.20"}, item=str(item.id))

    after = read(db, item.id)
    assert after.weight_g is None
    assert set(after.prices) == {"CHF"}
    shown = get(products.show_product, db, path, item=str(item.id))
    assert "Weight in g: 120 → none" in shown
    assert "Prices: CHF 7.20, EUR 6.90 → CHF 7.20" in shown


def test_an_edit_of_what_changed_meanwhile_is_refused(db: Database) -> None:
    shop = make.shop(db)
    id_ = str(shop.items["tea"])
    post(products.set_sale, db, f"/products/{id_}/sale?on=", item=id_)
    version = read(db, "tea").version
    form = NEW | {"sku": "tea", "version": str(version - 1)}

    answer = post(products.edit, db, f"/products/{id_}/edit", form=form, item=id_)

    assert answer.status == 422
    assert "Read it again and decide anew" in text_of(answer)
    assert read(db, "tea").version == version


def test_an_item_shows_its_stock_and_the_open_orders_with_it(db: Database) -> None:
    shop = make.shop(db, kits={"set": {"tea": 2}})
    order = make.place(shop, {"tea": 3})
    catch_up(db)
    id_ = str(shop.items["tea"])

    shown = get(products.show_product, db, f"/products/{id_}", item=id_)

    assert f"#{order.number}" in shown
    assert "In 2 locations" in shown
    assert re.search(r"Free 17 ", shown)
    assert re.search(r"Reserved 3 ", shown)
    assert re.search(r"In kits set × 2", shown)


def test_the_list_finds_by_name_and_leaves_pages_to_the_next(db: Database) -> None:
    make.shop(db, stock={"A": {f"item-{n:03}": 1 for n in range(60)}})

    first = products.show_products(visit(db, "GET", "/products?q=item-0")).body.decode()

    assert first.count("data-row-link") == 50
    assert "after=item-049" in first
    second = get(products.show_products, db, "/products?q=item-0&after=item-049")
    assert "10 items" in second
    assert "item-050" in second


def test_who_may_only_read_gets_no_form(db: Database) -> None:
    shop = make.shop(db)
    id_ = str(shop.items["tea"])
    reader = {"catalog.read"}

    shown = get(products.show_product, db, f"/products/{id_}", item=id_, permissions=reader)

    assert "Edit" not in shown
    assert "Open orders" not in shown
    assert "On hand" not in shown
    with pytest.raises(NotPermitted):
        post(products.create, db, "/products/new", form=NEW, permissions=reader)
    with pytest.raises(NotPermitted):
        products.set_sale(visit(db, "POST", "/x?on=", item=id_, permissions=reader))
    assert read(db, "tea").active
