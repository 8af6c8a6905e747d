"""F17: names change and locations close while orders are open; the orders end as they began."""

from typing import Any

import pytest

from ordito.catalog.types import CreateItem, UpdateItem
from ordito.flows.manage_items import create_item, update_item
from ordito.flows.manage_locations import update_location
from ordito.flows.move_open_work import move_open_work
from ordito.flows.pack_units import pack_units
from ordito.fulfillment.asks import PackUnits, Scan
from ordito.locations.types import UpdateLocation
from ordito.orders.asks import MoveOpenWork
from ordito.platform.database import Database
from ordito.platform.problems import Problem
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import acts

STOCK = {"A": {"tea": 5}, "B": {"tea": 5}}


@pytest.fixture
def shop(db: Database) -> make.Shop:
    return make.shop(db, stock=STOCK)


def change_item(shop: make.Shop, item: str, **fields: Any) -> None:
    acts.do(shop.db, update_item, UpdateItem(item_id=shop.items[item], **fields))


def scan(*codes: str) -> tuple[Scan, ...]:
    return tuple(map(Scan, codes))


def close(shop: make.Shop, code: str) -> None:
    acts.do(shop.db, update_location, UpdateLocation(code=code, active=False))


def test_an_order_ends_with_its_own_item_whatever_takes_the_old_name(shop: make.Shop) -> None:
    order_id = make.place(shop, {"tea": 2}).id
    place = acts.parts(acts.look(shop, order_id))[0][0]
    change_item(shop, "tea", sku="chai", barcodes=("5901234123457",))
    other = acts.do(shop.db, create_item, CreateItem(sku="tea", name="Another tea"))

    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    with pytest.raises(Problem, match="tea"):
        acts.do(
            shop.db, pack_units, PackUnits(order_id=order_id, fo_no=1, scans=scan("tea", "tea"))
        )
    scans = scan("5901234123457", "chai")
    acts.do(shop.db, pack_units, PackUnits(order_id=order_id, fo_no=1, scans=scans))
    state = acts.ship(shop, order_id)

    assert acts.vector(state) == {"shipped": 2}
    assert acts.level(shop, "tea", place) == {"on_hand": 3, "available": 3}
    with shop.db.connection() as conn:
        moved = conn.execute(
            "SELECT count(*) FROM inventory.posting WHERE item_id = %s", (other.id,)
        ).fetchone()
    assert moved == (0,)
    assert_well_now(shop.db)


def test_an_item_no_longer_sold_still_leaves_for_who_bought_it(shop: make.Shop) -> None:
    order_id = make.place(shop, {"tea": 2}).id
    change_item(shop, "tea", active=False)
    with pytest.raises(Problem):
        make.place(shop, {"tea": 1})

    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id)

    assert acts.vector(acts.ship(shop, order_id)) == {"shipped": 2}
    assert_well_now(shop.db)


def test_a_closed_location_ends_what_it_began_and_gives_the_rest_away(shop: make.Shop) -> None:
    begun, waiting = (make.place(shop, {"tea": 2}).id for _ in range(2))
    (place, _), *_ = acts.parts(acts.look(shop, begun))
    assert acts.parts(acts.look(shop, waiting)) == [(place, "open")]
    acts.release(shop, begun)
    acts.pick(shop, begun)
    close(shop, place)
    acts.do(shop.db, move_open_work, MoveOpenWork(location=place))

    acts.pack(shop, begun)
    assert acts.vector(acts.ship(shop, begun)) == {"shipped": 2}
    rest = acts.look(shop, waiting)
    assert acts.vector(rest) == {"reserved": 2}
    assert [part for part in acts.parts(rest) if part[1] == "open"] != [(place, "open")]
    assert acts.level(shop, "tea", place) == {"on_hand": 3, "available": 3}
    assert_well_now(shop.db)
