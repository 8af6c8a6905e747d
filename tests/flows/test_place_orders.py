"""Placing orders: all or nothing, never more than there is."""

from ordito.platform.database import Database
from tests import make


def test_an_order_is_placed_sourced_and_reserved_in_one_commit(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})

    placed = make.place(shop, {"tea": 2, "cup": 1}, external_id=17)

    assert placed.number == 1001
    assert placed.total_minor == 3000
    assert [line.reserved for line in placed.lines] == [2, 1]
    assert [part.location for part in placed.fulfillment_orders] == ["A"]
    assert make.free(shop, "tea") == {"A": 3}
