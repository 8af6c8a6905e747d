"""The list of orders: exact under any filters, whole under any paging."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordito.listings.order_entries import refresh_entries
from ordito.listings.order_filter import OrderFilter, match
from ordito.listings.order_search import Reach, Span, find_entries
from ordito.listings.orders_list import (
    count_capped,
    find_neighbours,
    list_orders,
    recall_count,
)
from ordito.listings.places import read_names
from ordito.listings.term_reach import narrow
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.problems import InvalidInput
from tests import make
from tests.listings import worlds
from tests.listings.worlds import Made

REACHES = (
    Reach(),
    Reach(walk=1, fetch=1, rare=-1, probe=1),
    Reach(walk=2, fetch=3, probe=2),
    Reach(walk=1, fetch=20),
)


def order(minutes: int, **fields: Any) -> Made:
    plain = {
        "life": "open",
        "fulfilment": "unfulfilled",
        "money": "paid",
        "country": "PL",
        "location": "A",
        "sku": "tea",
        "tag": "",
        "hold": "",
        "kind": "standard",
        "code": None,
        "name": "Jan Nowak",
        "total": 100,
        "currency": "EUR",
        "backordered": False,
        "promised_in": None,
    }
    return Made(minutes=minutes, **(plain | fields))


def page_through(
    db: Database, asked: OrderFilter, actor: Actor = make.BOSS, **how: Any
) -> list[UUID]:
    """All ids of a list, read page by page."""
    ids: list[UUID] = []
    cursor = None
    while True:
        with db.reading(actor) as tx:
            page = list_orders(tx, asked, cursor=cursor, **how)
        ids += [row.id for row in page.items]
        cursor = page.older
        if cursor is None:
            return ids


def newest_first(orders: list[Made]) -> list[UUID]:
    return [o.id for o in sorted(orders, key=lambda o: (o.placed_at, o.id), reverse=True)]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_filters_together_mean_what_they_mean_one_by_one(db: Database, data: Any) -> None:
    shop = _shop(db)
    orders = data.draw(worlds.ORDERS)
    worlds.empty(db)
    worlds.write(shop, orders)
    for _ in range(6):
        asked = data.draw(worlds.FILTERS)
        wanted = newest_first([o for o in orders if worlds.fits(o, asked)])
        with db.reading(make.BOSS) as tx:
            matching = match(asked, read_names(tx), tx.actor, worlds.TODAY)
            for reach in REACHES:
                span = Span("placed_at", False, None, 100)
                found = [entry.order_id for entry in find_entries(tx, matching, span, reach)]
                assert found == wanted, (asked, reach)


def test_a_search_begins_where_its_terms_were_last_seen(db: Database) -> None:
    shop = make.shop(db)
    old, new = order(0, country="DE", tag="gift"), order(20_000, country="PL")
    worlds.write(shop, [old, new])
    with db.reading(make.BOSS) as tx:
        names = read_names(tx)

        def reach(asked: OrderFilter) -> tuple[date, date] | None:
            matching = narrow(tx, match(asked, names, tx.actor, worlds.TODAY))
            if matching is None:
                return None
            assert matching.placed_from
            assert matching.placed_before
            return matching.placed_from.date(), matching.placed_before.date()

        day = timedelta(days=1)
        first, last = old.placed_at.date(), new.placed_at.date()
        assert reach(OrderFilter(countries=("DE",))) == (first, first + day)
        assert reach(OrderFilter(countries=("DE", "PL"))) == (first, last + day)
        assert reach(OrderFilter(countries=("PL",), tags=("gift",))) is None
        assert reach(OrderFilter(tags=("unheard of",))) is None


def test_an_order_that_changes_is_within_the_reach_of_its_new_terms(db: Database) -> None:
    shop = make.shop(db)
    old, new = order(0, tag="gift"), order(20_000)
    worlds.write(shop, [old, new])
    with db.transaction(make.BOSS) as tx:
        tx.conn.execute("INSERT INTO orders.tag (order_id, tag) VALUES (%s, 'gift')", (new.id,))
        refresh_entries(tx, [new.id])
    assert page_through(db, OrderFilter(tags=("gift",))) == [new.id, old.id]


_shops: dict[str, make.Shop] = {}


def _shop(db: Database) -> make.Shop:
    if db.dsn not in _shops:
        _shops[db.dsn] = make.shop(db)
    return _shops[db.dsn]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_pages_in_both_directions_have_every_order_once(db: Database, data: Any) -> None:
    shop = _shop(db)
    orders = data.draw(worlds.ORDERS)
    worlds.empty(db)
    worlds.write(shop, orders)
    sort = data.draw(st.sampled_from(["placed_at", "promised_on", "number", "total"]))
    descending = data.draw(st.booleans())
    asked = msgspec.structs.replace(data.draw(worlds.FILTERS), currency="EUR")
    how = {"sort": sort, "descending": descending}
    ids = page_through(db, asked, limit=2, **how)

    assert sorted(ids) == sorted(o.id for o in orders if worlds.fits(o, asked))
    with db.reading(make.BOSS) as tx:
        whole = list_orders(tx, asked, limit=200, **how)
        back = list(_walk_back(tx, asked, how))
    assert [row.id for row in whole.items] == ids
    assert back == ids


def _walk_back(tx: Any, asked: OrderFilter, how: dict[str, Any]) -> list[UUID]:
    """To the end of the list and back to its beginning, by “newer”."""
    page = list_orders(tx, asked, limit=3, **how)
    while page.older:
        page = list_orders(tx, asked, limit=3, cursor=page.older, **how)
    ids = [row.id for row in page.items]
    while page.newer:
        page = list_orders(tx, asked, limit=3, cursor=page.newer, **how)
        ids = [row.id for row in page.items] + ids
    return ids


def test_paging_misses_and_repeats_nothing_while_orders_come_in(db: Database) -> None:
    shop = make.shop(db)
    old = [order(minute, tag="gift") for minute in range(20)]
    worlds.write(shop, old)
    asked, seen, cursor = OrderFilter(tags=("gift",)), [], None
    for n in range(20):
        with db.reading(make.BOSS) as tx:
            page = list_orders(tx, asked, cursor=cursor, limit=1)
        seen += [row.id for row in page.items]
        worlds.write(shop, [order(100 + n, tag="gift")])
        cursor = page.older
        if cursor is None:
            break

    assert seen == newest_first(old)


def test_first_page_has_nothing_newer_and_last_nothing_older(db: Database) -> None:
    shop = make.shop(db)
    orders = [order(minute) for minute in range(4)]
    worlds.write(shop, orders)
    with db.reading(make.BOSS) as tx:
        first = list_orders(tx, OrderFilter(), limit=2)
        last = list_orders(tx, OrderFilter(), limit=2, cursor=first.older)
        again = list_orders(tx, OrderFilter(), limit=2, cursor=last.newer)

    assert (first.newer, last.older) == (None, None)
    assert again.items == first.items
    assert again.newer is None


def test_reader_bound_to_a_location_sees_its_orders_only(db: Database) -> None:
    shop = make.shop(db)
    here, there = order(1, location="A"), order(2, location="B")
    worlds.write(shop, [here, there])
    reader = msgspec.structs.replace(make.BOSS, location_ids=frozenset([shop.locations["A"]]))

    assert page_through(db, OrderFilter(), reader) == [here.id]
    assert page_through(db, OrderFilter(locations=("B",)), reader) == []


def test_reader_bound_to_no_channel_sees_nothing(db: Database) -> None:
    shop = make.shop(db)
    worlds.write(shop, [order(1)])
    reader = msgspec.structs.replace(make.BOSS, channel_ids=frozenset())

    assert page_through(db, OrderFilter(), reader) == []
    assert page_through(db, OrderFilter(channels=("web",)), reader) == []


def test_reader_without_orders_permission_is_not_told_names(db: Database) -> None:
    shop = make.shop(db)
    worlds.write(shop, [order(1)])
    floor = msgspec.structs.replace(make.BOSS, permissions=frozenset(["fulfillment.read"]))
    with db.reading(floor) as tx:
        (row,) = list_orders(tx, OrderFilter()).items

    assert (row.customer, row.city) == (None, None)


def test_amounts_without_a_currency_are_refused(db: Database) -> None:
    make.shop(db)
    with db.reading(make.BOSS) as tx:
        with pytest.raises(InvalidInput) as refused:
            list_orders(tx, OrderFilter(total_min_minor=5))
        with pytest.raises(InvalidInput):
            list_orders(tx, OrderFilter(), sort="total")

    assert refused.value.errors[0].pointer == "/currency"


@pytest.mark.parametrize("cursor", ["", "x", "W10", "WzFd", "ÄÖ", "e30", "A" * 2000])
def test_foreign_cursor_is_refused(db: Database, cursor: str) -> None:
    make.shop(db)
    with db.reading(make.BOSS) as tx, pytest.raises(InvalidInput) as refused:
        list_orders(tx, OrderFilter(), cursor=cursor)

    assert refused.value.errors[0].pointer == "/cursor"


def test_cursor_of_another_order_is_refused(db: Database) -> None:
    shop = make.shop(db)
    worlds.write(shop, [order(1), order(2)])
    with db.reading(make.BOSS) as tx:
        page = list_orders(tx, OrderFilter(), limit=1)
        with pytest.raises(InvalidInput):
            list_orders(tx, OrderFilter(), limit=1, sort="number", cursor=page.older)


def test_count_stops_at_the_cap(db: Database) -> None:
    shop = make.shop(db)
    worlds.write(shop, [order(minute) for minute in range(5)])
    with db.reading(make.BOSS) as tx:
        assert count_capped(tx, OrderFilter(life=("open",)), cap=3) == 4
        assert count_capped(tx, OrderFilter(life=("open",)), cap=9) == 5
        assert count_capped(tx, OrderFilter(life=("closed",)), cap=9) == 0


@pytest.fixture(autouse=True)
def _forget_shops() -> Iterator[None]:
    yield
    _shops.clear()


def test_counts_of_many_are_recalled_for_a_moment_and_never_for_another_reader(
    db: Database,
) -> None:
    shop = make.shop(db)
    worlds.write(shop, [order(n) for n in range(120)])
    stranger = msgspec.structs.replace(make.BOSS, channel_ids=frozenset())
    with db.reading(make.BOSS) as tx:
        assert recall_count(tx, OrderFilter()) == 120
    worlds.write(shop, [order(500, tag="gift")])
    with db.reading(make.BOSS) as tx:
        assert recall_count(tx, OrderFilter(tags=("gift",))) == 1
        tx.memory["listings.counts"] = {
            key: msgspec.structs.replace(counted, good_until=0.0)
            for key, counted in tx.memory["listings.counts"].items()
        }
        assert recall_count(tx, OrderFilter()) == 121
    with db.reading(stranger) as tx:
        assert recall_count(tx, OrderFilter()) == 0


def test_neighbours_are_those_of_the_list(db: Database) -> None:
    world = [order(0, total=3), order(5, total=1, tag="gift"), order(9, total=2)]
    shop = make.shop(db)
    worlds.empty(db)
    worlds.write(shop, world)
    first, second, third = (made.id for made in world)

    def around(order_id: UUID, asked: OrderFilter, **how: Any) -> tuple[UUID | None, UUID | None]:
        with db.reading(make.BOSS) as tx:
            found = find_neighbours(tx, asked, order_id, **how)
            rows = tx.conn.execute("SELECT number, id FROM orders.sales_order").fetchall()
        ids = dict(rows)
        return ids.get(found.previous), ids.get(found.next)

    assert around(second, OrderFilter()) == (third, first)
    assert around(third, OrderFilter()) == (None, second)
    assert around(second, OrderFilter(), descending=False) == (first, third)
    totals = OrderFilter(currency="EUR")
    assert around(third, totals, sort="total") == (first, second)
    left = OrderFilter(tags=("gift",))
    assert around(first, left) == (second, None), "it has left the list, which goes on from it"
    assert around(UUID(int=1), OrderFilter()) == (None, None)
