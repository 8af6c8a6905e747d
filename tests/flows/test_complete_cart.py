"""A cart becomes an order on the stock that was kept for it; shoppers keep only so much."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.channels.types import UpdateChannel
from ordito.flows.complete_cart import complete_cart
from ordito.flows.hold_stock import expire_holds, hold_stock, read_hold_state
from ordito.flows.manage_channels import update_channel
from ordito.flows.place_orders import place_orders
from ordito.inventory.asks import HoldStock
from ordito.inventory.problems import CartFull, HoldOver, OutOfStock
from ordito.listings.carts import list_carts, read_cart
from ordito.orders.asks import CompleteCart
from ordito.orders.types import PlaceOrder
from ordito.platform.access import EVERYTHING, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, AlreadyExists, InvalidInput, NotFound
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import stock_acts as acts

WARSAW = {"country": "PL", "city": "Warszawa", "postal_code": "00-950"}


def complete(shop: make.Shop, hold_id: UUID, **fields: Any) -> Any:
    body = {"hold_id": str(hold_id), "ship_to": WARSAW} | fields
    return run(shop.db, make.BOSS, complete_cart, msgspec.convert(body, CompleteCart))


def cart(shop: make.Shop, units: dict[str, int], **fields: Any) -> Any:
    lines = [{"sku": sku, "quantity": qty} for sku, qty in units.items()]
    ask = msgspec.convert({"channel": "web", "lines": lines} | fields, HoldStock)
    return run(shop.db, make.BOSS, hold_stock, ask)


def change_channel(shop: make.Shop, **fields: Any) -> None:
    ask = msgspec.convert({"code": "web"} | fields, UpdateChannel)
    run(shop.db, make.BOSS, update_channel, ask)


def reserved(shop: make.Shop, holder_id: UUID) -> list[tuple[int, str, str, int]]:
    sku_of = {id_: sku for sku, id_ in shop.items.items()}
    code_of = {id_: code for code, id_ in shop.locations.items()}
    with shop.db.connection() as conn:
        rows = conn.execute(
            "SELECT line_no, item_id, location_id, qty FROM inventory.reservation"
            " WHERE holder_id = %s",
            (holder_id,),
        ).fetchall()
    return sorted((no, sku_of[item], code_of[place], qty) for no, item, place, qty in rows)


def test_a_cart_becomes_an_order_where_its_stock_is_kept(db: Database) -> None:
    """Nothing else is free: any gap between the hold and the order would lose the units."""
    shop = make.shop(
        db,
        stock={"A": {"tea": 2, "cup": 2}, "B": {"tea": 3, "cup": 1}},
        kits={"set": {"tea": 1, "cup": 1}},
        services=["wrap"],
        shortage="refuse",
        locations={"A": {"priority": 9}},
    )
    held = cart(shop, {"set": 3, "wrap": 1, "tea": 2})
    was = reserved(shop, held.id)
    assert make.free(shop, "tea") == {"A": 0, "B": 0}

    placed = complete(shop, held.id, note="Rang us up", external_id="C-1")

    assert [(line.sku, line.reserved, line.open) for line in placed.lines] == [
        ("set", 3, 0),
        ("wrap", 0, 1),
        ("tea", 2, 0),
    ]
    assert reserved(shop, placed.id) == was
    assert reserved(shop, held.id) == []
    with db.reading(make.BOSS) as tx:
        state = read_hold_state(tx, held.id)
        assert (state.ended_why, state.order_id) == ("completed", placed.id)
        assert state.allowed_actions == []
        assert read_cart(tx, held.id).order_number == placed.number
        assert [c.id for c in list_carts(tx, "completed").items] == [held.id]
    for again in (complete, acts.release):
        with pytest.raises(HoldOver):
            again(shop, held.id)
    assert_well_now(db)


def test_a_place_that_the_policy_forbids_is_replaced_and_its_units_are_freed(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}, "B": {"tea": 5}}, locations={"B": {"priority": 2}})
    held = cart(shop, {"tea": 2})
    assert reserved(shop, held.id) == [(1, "tea", "A", 2)]
    with db.connection() as conn:
        conn.execute("UPDATE locations.location SET can_ship = false WHERE code = 'A'")
        conn.execute("UPDATE platform.revision SET n = n + 1")

    placed = complete(shop, held.id)

    assert reserved(shop, placed.id) == [(1, "tea", "B", 2)]
    assert make.free(shop, "tea") == {"A": 5, "B": 3}
    (*_, ended) = acts.timeline(db, held.id)
    assert ended.body["items"] == {str(shop.items["tea"]): 2}
    assert_well_now(db)


def test_what_is_no_cart_or_another_order_is_not_completed(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    held, other = cart(shop, {"tea": 2}), cart(shop, {"tea": 1})
    complete(shop, other.id, external_id="C-9")
    before = acts.postings(db)

    with pytest.raises(InvalidInput, match="2 × tea"):
        complete(shop, held.id, lines=[{"sku": "tea", "quantity": 3}])
    with pytest.raises(AlreadyExists):
        complete(shop, held.id, external_id="C-9")
    narrow = Actor("user", UUID(int=9), "N", EVERYTHING, channel_ids=frozenset())
    ask = msgspec.convert({"hold_id": str(held.id), "ship_to": WARSAW}, CompleteCart)
    with pytest.raises(NotFound):
        run(db, narrow, complete_cart, ask)
    with db.connection() as conn:
        conn.execute("UPDATE inventory.stock_hold SET lines = '[]' WHERE id = %s", (held.id,))
    with pytest.raises(ActionNotAllowed):
        complete(shop, held.id)
    acts.let_time_pass(shop, held.id)
    with pytest.raises(HoldOver):
        complete(shop, held.id)
    assert acts.postings(db) == before
    priced = cart(shop, {"tea": 1})
    order = complete(shop, priced.id, lines=[{"sku": "tea", "quantity": 1, "unit_price": "3.50"}])
    assert order.total_minor == 350


def test_a_cart_is_completed_once_however_many_try_while_it_expires(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2}}, shortage="refuse")
    held = cart(shop, {"tea": 2})

    outcomes = acts.race([lambda: complete(shop, held.id)] * 4 + [lambda: expire_holds(db)])

    assert sorted(outcomes) == ["done", "done", "hold-ended", "hold-ended", "hold-ended"]
    with db.reading(make.BOSS) as tx:
        order_id = read_hold_state(tx, held.id).order_id
    assert order_id is not None
    assert reserved(shop, order_id) == [(1, "tea", "A", 2)]
    assert_well_now(db)


def test_complaint_10_a_shopper_keeps_only_so_much_at_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 50}})
    change_channel(shop, cart_units_max=5, cart_minutes=30)
    first = cart(shop, {"tea": 3}, shopper="ann")
    assert (first.expires_at - first.created_at).seconds == 1800

    with pytest.raises(CartFull) as refused:
        cart(shop, {"tea": 3}, shopper=" ann ")
    assert refused.value.extra == {"limit": 5, "kept": 3, "asked": 3}
    with pytest.raises(CartFull):
        cart(shop, {"tea": 6})
    cart(shop, {"tea": 5}, shopper="bob")
    acts.release(shop, first.id)

    outcomes = acts.race([lambda: cart(shop, {"tea": 2}, shopper="ann")] * 5)

    assert sorted(outcomes) == ["cart-full", "cart-full", "cart-full", "done", "done"]
    assert make.free(shop, "tea") == {"A": 41}


def test_complaint_11_a_refusal_names_who_holds_the_stock_and_what_would_free_it(
    db: Database,
) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}}, kits={"set": {"tea": 2}}, shortage="refuse")
    placed = make.place(shop, {"tea": 2})
    held = cart(shop, {"tea": 2})

    attempts: list[Callable[..., Any]] = [cart, make.place]
    for attempt in attempts:
        with pytest.raises(OutOfStock) as refused:
            attempt(shop, {"set": 2})
        told = {h["kind"]: h for h in refused.value.extra["holders"]}
        assert told["order"]["number"] == placed.number
        assert told["order"]["releases"] == ["cancel", "source"]
        assert (told["hold"]["id"], told["hold"]["quantity"]) == (str(held.id), 2)
        assert told["hold"]["releases"] == ["release"]
    writer = Actor("key", UUID(int=9), "Shop", frozenset(["orders.write"]))
    ask = msgspec.convert(make.ask({"tea": 2}), PlaceOrder)
    with pytest.raises(OutOfStock) as refused:
        run(db, writer, place_orders, ask)
    assert "holders" not in refused.value.extra


def test_carts_that_ran_out_are_abandoned(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    held = cart(shop, {"tea": 2}, contact="ann@example.com")
    with db.reading(make.BOSS) as tx:
        (shown,) = list_carts(tx, "open").items
        assert (shown.units, shown.contact, shown.state) == (2, "ann@example.com", "open")
    acts.let_time_pass(shop, held.id)
    assert expire_holds(db) == 1
    with db.reading(make.BOSS) as tx:
        assert list_carts(tx, "open").items == ()
        (shown,) = list_carts(tx, "abandoned").items
        assert (shown.id, shown.state) == (held.id, "abandoned")
        assert list_carts(tx, "completed").items == list_carts(tx, "released").items == ()
