"""Shops are told of what happened once, in order, and whatever goes wrong is seen and mended."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from ordito.flows import tell_shops
from ordito.flows.ship_units import ship_units
from ordito.flows.tell_shops import WriteBackKey, retry_write_back, tell_stock
from ordito.fulfillment.asks import ShipUnits
from ordito.platform.database import Database
from ordito.platform.feed import move_pending
from ordito.platform.followers import follow
from ordito.platform.problems import ActionNotAllowed, NotFound
from tests import make
from tests.adapters import connected
from tests.adapters.connected import ORDER, Connected, order
from tests.adapters.shopify_fake import shopify
from tests.doctor.wellness import assert_well
from tests.flows import acts


@pytest.fixture
def web(db: Database) -> Iterator[Connected]:
    with shopify() as fake:
        made = connected.connect(db, fake)
        note(made)
        yield made


def note(web: Connected) -> None:
    """Let the follower see all that has happened."""
    with web.db.transaction(make.BOSS) as tx:
        while move_pending(tx):
            pass
    while follow(web.db, tell_shops.FOLLOWER):
        pass


def tell(web: Connected) -> int:
    note(web)
    with web.db.connection() as conn:
        conn.execute("UPDATE channels.write_back SET due_at = now() WHERE settled_at IS NULL")
    return tell_shops.tell_shops(web.shops, web.db)


def placed(web: Connected, units: int = 2) -> UUID:
    """An order that the fake has too."""
    web.fake.add_order(str(ORDER), {str(ORDER + 1): ("tea", units)})
    web.take("orders/create", order({"tea": units}))
    return web.order_ids()[0]


def pack(web: Connected, order_id: UUID) -> None:
    for step in (acts.release, acts.pick, acts.pack):
        step(web.shop, order_id)


def ship(web: Connected, order_id: UUID, units: int, number: str = "") -> None:
    ask = ShipUnits(
        order_id=order_id, fo_no=1, lines={"1": units}, carrier="DPD", tracking_number=number
    )
    acts.do(web.db, ship_units, ask)


def states(web: Connected) -> list[Any]:
    return web.rows("SELECT kind, state, attempts FROM channels.write_back ORDER BY no")


def sent(web: Connected) -> list[tuple[str, dict[str, int]]]:
    return [(one["number"], one["lines"]) for one in web.fake.fulfilments[str(ORDER)]]


def test_a_parcel_is_told_with_its_number(web: Connected) -> None:
    order_id = placed(web)
    pack(web, order_id)
    ship(web, order_id, 2, "T1")
    assert tell(web) == 1
    assert sent(web) == [("T1", {str(ORDER + 1): 2})]
    assert states(web) == [("fulfilment", "done", 1)]
    told = "SELECT body->>'what' FROM platform.event WHERE kind = 'order.channel_told'"
    assert web.rows(told) == [("fulfilment",)]
    assert tell(web) == 0
    assert_well(web.db)


def test_parcels_of_an_order_are_told_in_their_order(web: Connected) -> None:
    order_id = placed(web, 3)
    pack(web, order_id)
    for n in range(3):
        ship(web, order_id, 1, f"T{n}")
    web.fake.troubles = ["status_500"]
    assert [tell(web) for _ in range(5)] == [1, 1, 1, 1, 0]
    assert [number for number, _ in sent(web)] == ["T0", "T1", "T2"]


@pytest.mark.parametrize("trouble", ["drop_before", "drop_after", "status_500", "no_json"])
@pytest.mark.parametrize("number", ["T1", ""])
def test_a_call_that_broke_off_is_told_once(web: Connected, trouble: Any, number: str) -> None:
    order_id = placed(web)
    pack(web, order_id)
    ship(web, order_id, 1, number)
    ship(web, order_id, 1, number)
    assert tell(web) == 1
    # The second call's query of the shop's work passes; the mutation is what breaks off.
    answered = web.fake.answer

    def break_off(text: str, variables: dict[str, Any]) -> dict[str, Any]:
        if "fulfillmentOrders" in text and not web.fake.troubles:
            web.fake.troubles.append(trouble)
            web.fake.answer = answered  # type: ignore[method-assign]
        return answered(text, variables)

    web.fake.answer = break_off  # type: ignore[method-assign]
    assert tell(web) == 1
    assert states(web)[1][:2] == ("fulfilment", "calling")
    assert tell(web) == 1
    assert sent(web) == [(number, {str(ORDER + 1): 1})] * 2
    assert states(web) == [("fulfilment", "done", 1), ("fulfilment", "done", 2)]


def test_a_death_between_call_and_outcome_is_told_once(web: Connected) -> None:
    order_id = placed(web)
    pack(web, order_id)
    ship(web, order_id, 2, "T1")
    assert tell(web) == 1
    with web.db.connection() as conn:
        conn.execute(
            "UPDATE channels.write_back SET state = 'calling', settled_at = NULL, remote_id = ''"
        )
    assert tell(web) == 1
    assert sent(web) == [("T1", {str(ORDER + 1): 2})]
    assert states(web) == [("fulfilment", "done", 2)]


def test_a_refusal_is_shown_and_can_be_tried_again(web: Connected) -> None:
    order_id = placed(web)
    pack(web, order_id)
    web.fake.orders[str(ORDER)]["lineItems"][0]["quantity"] = 0
    ship(web, order_id, 2)
    assert tell(web) == 1
    assert states(web) == [("fulfilment", "failed", 1)]
    ((id_, error),) = web.rows("SELECT id, error FROM channels.write_back")
    assert "no longer open" in error
    assert tell(web) == 0
    web.fake.orders[str(ORDER)]["lineItems"][0]["quantity"] = 2
    acts.do(web.db, retry_write_back, WriteBackKey(write_back_id=id_))
    assert tell(web) == 1
    assert states(web)[0][1] == "done"
    with pytest.raises(ActionNotAllowed):
        acts.do(web.db, retry_write_back, WriteBackKey(write_back_id=id_))
    with pytest.raises(NotFound):
        acts.do(web.db, retry_write_back, WriteBackKey(write_back_id=order_id))


def test_a_shop_that_is_away_gives_up_in_the_end(web: Connected) -> None:
    order_id = placed(web)
    pack(web, order_id)
    ship(web, order_id, 2)
    for _ in range(9):
        web.fake.troubles = ["status_500"]
        tell(web)
    assert states(web) == [("fulfilment", "failed", 9)]
    assert sent(web) == []


def test_a_cancellation_of_ours_is_told_and_one_of_the_shop_is_not(web: Connected) -> None:
    order_id = placed(web)
    acts.cancel(web.shop, order_id, {1: 1})
    assert tell(web) == 0
    acts.cancel(web.shop, order_id)
    assert tell(web) == 1
    assert web.fake.orders[str(ORDER)]["cancelledAt"]
    assert states(web) == [("cancellation", "done", 1)]
    other = order({"tea": 1}, id_=ORDER + 100)
    web.take("orders/create", other)
    gone = other | {"cancelled_at": other["updated_at"]}
    web.take("orders/cancelled", gone)
    assert tell(web) == 0


def test_orders_of_other_channels_tell_nobody(web: Connected) -> None:
    order_id = make.place(web.shop, {"tea": 1}).id
    pack(web, order_id)
    acts.ship(web.shop, order_id)
    assert tell(web) == 0
    assert states(web) == []


@pytest.fixture
def stocked(db: Database) -> Iterator[Connected]:
    with shopify() as fake:
        made = connected.connect(db, fake, stock_location="55")
        for n, sku in enumerate(("tea", "cup")):
            variant = {"id": 300 + n, "sku": sku, "inventory_item_id": 400 + n}
            made.take("products/create", {"variants": [variant]})
        fake.stock = {"400": 3, "401": 20}
        yield made


def test_stock_is_set_where_it_differs(stocked: Connected) -> None:
    assert tell_stock(stocked.shops, stocked.db) == 1
    assert stocked.fake.stock == {"400": 20, "401": 20}
    calls = len(stocked.fake.calls)
    assert tell_stock(stocked.shops, stocked.db) == 0
    assert len(stocked.fake.calls) == calls


def test_stock_that_changed_at_the_shop_is_looked_at_before_it_is_set(stocked: Connected) -> None:
    tell_stock(stocked.shops, stocked.db)
    stocked.fake.stock["400"] = 19
    stocked.take("orders/create", order({"tea": 1}))
    calls = len(stocked.fake.calls)
    tell_stock(stocked.shops, stocked.db)
    assert stocked.fake.stock["400"] == 19
    assert stocked.fake.calls[calls:] == ["inventorySetQuantities", "inventoryLevel"]


def test_stock_that_cannot_be_told_says_why(stocked: Connected) -> None:
    stocked.fake.troubles = ["status_401"]
    assert tell_stock(stocked.shops, stocked.db) == 0
    ((error,),) = stocked.rows("SELECT stock_error FROM channels.connection")
    assert "401" in error
    assert tell_stock(stocked.shops, stocked.db) == 1
    assert stocked.rows("SELECT stock_error FROM channels.connection") == [("",)]


def test_the_shops_own_stock_is_believed(stocked: Connected) -> None:
    tell_stock(stocked.shops, stocked.db)
    stocked.fake.stock["400"] = 7
    told = {"inventory_item_id": 400, "location_id": 55, "available": 7}
    stocked.take("inventory_levels/update", told)
    assert tell_stock(stocked.shops, stocked.db) == 1
    assert stocked.fake.stock["400"] == 20
