"""Levels and holders: what is where, page by page, and who has it."""

from uuid import UUID

from ordito.inventory.levels import (
    Level,
    count_holders,
    find_kept,
    list_holders,
    list_levels,
    read_levels,
    read_open_work,
)
from ordito.platform.database import Database
from tests import make
from tests.flows import stock_acts as acts


def all_pages(
    shop: make.Shop, location_ids: list[UUID] | None, limit: int
) -> list[tuple[UUID, UUID]]:
    found: list[Level] = []
    with shop.db.reading(make.BOSS) as tx:
        while True:
            after = (found[-1].item_id, found[-1].location_id) if found else None
            page = list_levels(tx, location_ids=location_ids, after=after, limit=limit)
            found += page
            if len(page) < limit:
                return [(level.item_id, level.location_id) for level in found]


def test_pages_give_every_level_once_in_order(db: Database) -> None:
    stock = {code: {f"s{n}": 1 for n in range(7)} for code in "ABC"}
    shop = make.shop(db, stock=stock)
    cells = sorted((shop.items[sku], shop.locations[code]) for code in stock for sku in stock[code])

    for limit in (1, 2, 5, 21, 50):
        assert all_pages(shop, None, limit) == cells
    bound = [shop.locations["A"], shop.locations["C"]]
    for limit in (1, 4, 50):
        assert all_pages(shop, bound, limit) == [cell for cell in cells if cell[1] in bound]
    assert all_pages(shop, [], 10) == []


def test_a_level_tells_every_bucket(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}, "B": {"tea": 1}})
    acts.move(shop, "A", "tea", 1, "available", "damaged")
    acts.move(shop, "A", "tea", 2, "available", "safety")
    make.place(shop, {"tea": 3})

    with db.reading(make.BOSS) as tx:
        level, _ = read_levels(tx, [shop.items["tea"]])
        assert read_levels(tx, [shop.items["tea"]], location_ids=[]) == []
    assert (level.on_hand, level.available, level.reserved) == (10, 4, 3)
    assert (level.damaged, level.safety, level.picked) == (1, 2, 0)


def test_holders_are_listed_page_by_page_and_counted(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}, "B": {"tea": 10}})
    orders = [make.place(shop, {"tea": 2}) for _ in range(3)]
    held = acts.hold(shop, {"tea": 1})
    tea, a = shop.items["tea"], shop.locations["A"]

    with db.reading(make.BOSS) as tx:
        first = list_holders(tx, tea, limit=3)
        last = first[-1]
        second = list_holders(
            tx, tea, after=(last.location_id, last.holder_id, last.line_no), limit=3
        )
        assert list_holders(tx, tea, location_ids=[shop.locations["B"]]) == []
        counted = count_holders(tx, [(str(tea), str(a))])
        work = read_open_work(tx, a)
    assert {row.holder_id for row in first + second} == {o.id for o in orders} | {held.id}
    assert [row.holder_id for row in first + second if row.expires_at] == [held.id]
    count = counted[str(tea), str(a)]
    assert (count.qty, count.orders, count.holds) == (7, 3, 1)
    assert (work.reserved, work.holders, work.picked) == (7, 4, 0)


def test_an_item_whose_stock_is_used_up_was_kept_all_the_same(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1, "cup": 0}})
    acts.adjust(shop, "A", {"tea": -1}, "lost")

    with db.reading(make.BOSS) as tx:
        assert find_kept(tx, shop.items.values()) == {shop.items["tea"]}
