"""One order, whole."""

import json

import msgspec

from ordito.flows.annotate_order import add_note
from ordito.listings.order_page import read_order_page
from ordito.platform.database import Database
from tests import make


def test_page_tells_where_units_are_and_why(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}, "B": {"cup": 5}})
    placed = make.place(shop, {"tea": 2, "cup": 1}, note="leave at the door", tags=["gift"])

    with db.reading(make.BOSS) as tx:
        page = read_order_page(tx, placed.id)
    print(json.dumps(msgspec.to_builtins(page), indent=1))
    assert page.tags == ("gift",)
