"""Items, stock and locations from tables: taken row by row, refused with the line."""

import pytest

from ordito.flows.import_tables import import_items, import_locations, import_stock
from ordito.platform.database import Database
from ordito.platform.problems import InvalidInput
from tests import make
from tests.flows.order_files import rows, source
from tests.make import BOSS


def test_items_are_made_and_changed_by_sku(db: Database) -> None:
    text = "SKU,Name,Weight g,Barcode,price_EUR\nA-1,Cup,300,4006381333931|123,9.50\nA-2,Tea,x,,\n"
    report = import_items(db, BOSS, source(text.encode()))
    assert report.taken == {"created": 1}
    assert [(row.line, row.reason) for row in report.refused] == [(3, "invalid-row")]
    assert rows(db, "SELECT sku, name, weight_g, prices FROM catalog.item") == [
        ("A-1", "Cup", 300, {"EUR": "9.50"})
    ]
    assert rows(db, "SELECT count(*) FROM catalog.barcode") == [(2,)]
    again = import_items(db, BOSS, source(b"sku,name\nA-1,Mug\n"))
    assert again.taken == {"changed": 1}


def test_the_same_stock_file_is_received_once(db: Database) -> None:
    shop = make.shop(db)
    content = source(b"location;sku;quantity\nA;tea;5\nA;nothing;5\nB;cup;0\n")
    reports = [import_stock(db, BOSS, content) for _ in range(2)]
    assert reports[0] == reports[1]
    assert reports[0].taken == {"received": 1}
    assert [row.line for row in reports[0].refused] == [3, 4]
    assert make.free(shop, "tea") == {"A": 15, "B": 10}


def test_locations_are_made_once(db: Database) -> None:
    text = (
        "code,name,kind,time_zone,country,city,postal_code\n"
        "WAW,Warsaw,warehouse,Europe/Warsaw,PL,Warszawa,00-950\n"
    )
    assert import_locations(db, BOSS, source(text.encode())).taken == {"created": 1}
    again = import_locations(db, BOSS, source(text.encode()))
    assert [(row.line, row.reason) for row in again.refused] == [(2, "already-exists")]


def test_a_missing_column_is_named(db: Database) -> None:
    with pytest.raises(InvalidInput) as refused:
        import_stock(db, BOSS, source(b"sku,quantity\ntea,1\n"))
    assert refused.value.errors[0].detail == "There is no column “location”."
