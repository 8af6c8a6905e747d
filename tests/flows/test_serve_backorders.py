"""Stock that came in goes to the orders that wait for it, oldest promise first."""

from typing import Any

from ordito.flows.serve_backorders import BackordersServed, serve_backorders
from ordito.orders.asks import ServeBackorders
from ordito.platform.database import Database
from tests import make
from tests.flows import acts


def serve(shop: make.Shop, *skus: str, **fields: Any) -> BackordersServed:
    ask = ServeBackorders(item_ids=tuple(shop.items[sku] for sku in skus), **fields)
    served: BackordersServed = acts.do(shop.db, serve_backorders, ask)
    return served


def test_the_oldest_promise_is_kept_first(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 0}})
    later = make.place(shop, {"tea": 2}, promised_on="2026-12-24").id
    sooner = make.place(shop, {"tea": 2}, promised_on="2026-12-01").id
    same_day = make.place(shop, {"tea": 2}, promised_on="2026-12-01").id
    make.receive(shop, {"A": {"tea": 5}})

    served = serve(shop, "tea")

    assert served == BackordersServed(orders=3, units=5, after=None)
    assert acts.timeline(shop, sooner) == ["placed", "sourced", "sourced"]
    assert acts.last_event(shop, sooner) == {
        "decision_no": 2,
        "cause": "stock_came",
        "reserved": {"A": 2},
    }
    assert acts.last_event(shop, same_day)["reserved"] == {"A": 2}
    assert acts.last_event(shop, later) == {
        "decision_no": 2,
        "cause": "stock_came",
        "reserved": {"A": 1},
        "backordered": 1,
    }


def test_who_gets_nothing_is_not_touched(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 0}})
    first = make.place(shop, {"tea": 1}, promised_on="2026-12-01").id
    second = make.place(shop, {"tea": 1}, promised_on="2026-12-02").id
    make.receive(shop, {"A": {"tea": 1}})

    assert serve(shop, "tea") == BackordersServed(1, 1, None)
    assert serve(shop, "tea") == BackordersServed(0, 0, None)

    assert acts.timeline(shop, first) == ["placed", "sourced", "sourced"]
    assert acts.timeline(shop, second) == ["placed", "sourced"]


def test_rounds_go_on_where_the_last_one_stopped(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 0}})
    orders = [make.place(shop, {"tea": 1}, promised_on="2026-12-01").id for _ in range(3)]
    make.receive(shop, {"A": {"tea": 9}})

    first = serve(shop, "tea", orders_max=2)
    second = serve(shop, "tea", orders_max=2, after=first.after)

    assert first == BackordersServed(2, 2, orders[1])
    assert second == BackordersServed(1, 1, None)


def test_kits_that_wait_for_a_part_are_served(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 0}}, kits={"set": {"tea": 3, "cup": 1}})
    order_id = make.place(shop, {"set": 2}).id
    make.receive(shop, {"A": {"cup": 1}})

    assert serve(shop, "cup") == BackordersServed(1, 1, None)
    assert acts.last_event(shop, order_id)["backordered"] == 1


def test_a_shortage_is_no_task_any_more_once_it_is_served(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.reject(shop, order_id, reason="out_of_stock")
    assert ("shortage", 1, 2) in acts.open_tasks(shop)

    # What was rejected lies free at A, but A said that it isn't there.
    assert serve(shop, "tea") == BackordersServed(0, 0, None)
    assert serve(shop, "tea", location="A") == BackordersServed(1, 2, None)

    assert acts.open_tasks(shop) == [("count", 1, 2)]


def test_cancelled_units_are_not_served(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 0}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.cancel(shop, order_id)
    make.receive(shop, {"A": {"tea": 2}})

    assert serve(shop, "tea") == BackordersServed(0, 0, None)
    assert make.free(shop, "tea") == {"A": 2}


def test_other_items_change_nothing(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 0, "cup": 1}})
    make.place(shop, {"tea": 2})
    make.receive(shop, {"A": {"tea": 2}})

    assert serve(shop, "cup") == BackordersServed(0, 0, None)
