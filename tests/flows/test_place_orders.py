"""Placing orders: all or nothing, never more than there is."""

import threading
from typing import Any

import msgspec
import pytest

from ordito.flows.place_orders import place_orders
from ordito.inventory.problems import OutOfStock
from ordito.orders.types import PlacedOrder, PlaceOrder
from ordito.platform.database import Database
from ordito.platform.door import prepare, run, run_many
from ordito.platform.problems import (
    AlreadyExists,
    IdempotencyKeyReused,
    InvalidInput,
    NotPermitted,
    Problem,
)
from ordito.sourcing.policies import DEFAULT_POLICY
from tests import make


def counts(db: Database) -> dict[str, int]:
    """Rows per table that placing writes."""
    tables = (
        "orders.sales_order",
        "orders.line",
        "inventory.reservation",
        "inventory.posting",
        "fulfillment.fulfillment_order",
        "sourcing.decision",
        "platform.event",
        "platform.idempotency",
    )
    with db.connection() as conn:
        found = {}
        for table in tables:
            row = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert row is not None
            found[table] = int(row[0])
        return found


def asked(lines: dict[str, int], **fields: Any) -> PlaceOrder:
    return msgspec.convert(make.ask(lines, **fields), PlaceOrder)


def place_all(shop: make.Shop, asks: list[PlaceOrder]) -> list[PlacedOrder | Problem]:
    """Place asks as one batch."""
    requests = [prepare(make.BOSS, place_orders, ask) for ask in asks]
    return run_many(shop.db, place_orders, requests)


def test_an_order_is_placed_sourced_and_reserved_in_one_commit(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})

    placed = make.place(shop, {"tea": 2, "cup": 1}, external_id=17)

    assert placed.number == 1001
    assert placed.external_id == "17"
    assert placed.total_minor == 3000
    assert [line.reserved for line in placed.lines] == [2, 1]
    assert [part.location for part in placed.fulfillment_orders] == ["A"]
    assert make.free(shop, "tea") == {"A": 3}
    assert counts(db)["platform.event"] == placed.version == 2


def test_the_same_key_gives_the_same_answer_and_places_once(db: Database) -> None:
    make.shop(db, stock={"A": {"tea": 5}})
    ask = asked({"tea": 1})

    first = run(db, make.BOSS, place_orders, ask, key="k1")
    before = counts(db)
    again = run(db, make.BOSS, place_orders, ask, key="k1")

    assert again == first
    assert counts(db) == before


def test_a_key_with_another_body_is_refused(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    run(db, make.BOSS, place_orders, asked({"tea": 1}), key="k1")

    with pytest.raises(IdempotencyKeyReused):
        run(db, make.BOSS, place_orders, asked({"tea": 2}), key="k1")
    assert make.free(shop, "tea") == {"A": 4}


def test_one_key_sixteen_times_at_once_places_one_order(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 50}})
    ask = asked({"tea": 1})
    answers: list[Any] = []

    def client() -> None:
        answers.append(run(db, make.BOSS, place_orders, ask, key="same"))

    threads = [threading.Thread(target=client) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({answer.id for answer in answers}) == 1
    assert len(answers) == 16
    assert counts(db)["orders.sales_order"] == 1
    assert make.free(shop, "tea") == {"A": 49}


def test_the_channels_own_id_makes_one_order_whatever_its_case_and_blanks(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    placed = make.place(shop, {"tea": 1}, external_id="Order-7")

    with pytest.raises(AlreadyExists) as refusal:
        make.place(shop, {"tea": 1}, external_id=" ORDER-7 ")

    assert refusal.value.extra["existing"] == {"id": str(placed.id), "number": placed.number}
    assert counts(db)["orders.sales_order"] == 1


def test_two_asks_with_one_external_id_in_a_batch_make_one_order(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})

    first, second = place_all(shop, [asked({"tea": 1}, external_id="7")] * 2)

    assert isinstance(first, PlacedOrder)
    assert isinstance(second, AlreadyExists)
    assert make.free(shop, "tea") == {"A": 4}


def test_every_fault_of_an_ask_is_told_at_once_and_nothing_is_written(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    before = counts(db)
    wrong = asked({"tea": 1, "no-such": 2}, currency="EUR", ship_to=None)

    with pytest.raises(InvalidInput) as refusal:
        run(db, make.BOSS, place_orders, wrong)

    assert [(fault.pointer, fault.code) for fault in refusal.value.errors] == [
        ("/lines/1/sku", "unknown-sku"),
        ("/ship_to", "required"),
    ]
    assert counts(db) == before
    assert make.free(shop, "tea") == {"A": 5}


def test_one_bad_ask_leaves_the_others_of_its_batch_alone(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})

    good, bad, also_good = place_all(
        shop, [asked({"tea": 1}), asked({"no-such": 1}), asked({"tea": 1})]
    )

    assert isinstance(good, PlacedOrder)
    assert isinstance(bad, InvalidInput)
    assert isinstance(also_good, PlacedOrder)
    assert make.free(shop, "tea") == {"A": 3}


def test_a_batch_never_promises_more_than_there_is(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}}, shortage="refuse")

    answers = place_all(shop, [asked({"tea": 2}), asked({"tea": 2}), asked({"tea": 1})])

    assert [type(answer) for answer in answers] == [PlacedOrder, OutOfStock, PlacedOrder]
    assert make.free(shop, "tea") == {"A": 0}


def test_what_is_missing_is_backordered_where_the_channel_says_so(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}})

    placed = make.place(shop, {"tea": 5})

    assert (placed.lines[0].reserved, placed.lines[0].backordered) == (3, 2)
    assert placed.backordered
    assert make.free(shop, "tea") == {"A": 0}


def test_a_refused_order_says_what_is_missing_and_writes_nothing(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}}, shortage="refuse")
    before = counts(db)

    with pytest.raises(OutOfStock) as refusal:
        make.place(shop, {"tea": 5})

    assert refusal.value.extra["shortages"] == [{"sku": "tea", "asked": 5, "free": 3}]
    assert counts(db) == before
    assert make.free(shop, "tea") == {"A": 3}


def test_complaint_1_a_kit_and_its_part_share_one_unit_so_the_second_is_refused(
    db: Database,
) -> None:
    shop = make.shop(db, stock={"A": {"cup": 1}}, kits={"set": {"cup": 1}}, shortage="refuse")

    with pytest.raises(OutOfStock):
        make.place(shop, {"set": 1, "cup": 1})

    assert make.free(shop, "cup") == {"A": 1}


def test_complaint_15_one_unit_here_and_one_there_make_two_fulfillment_orders(
    db: Database,
) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"tea": 1}})

    placed = make.place(shop, {"tea": 2})

    assert sorted(part.location for part in placed.fulfillment_orders) == ["A", "B"]
    assert make.free(shop, "tea") == {"A": 0, "B": 0}


def test_a_kit_reserves_its_parts_and_counts_kits(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"cup": 6, "tea": 3}}, kits={"set": {"cup": 2, "tea": 1}})

    placed = make.place(shop, {"set": 2})

    assert placed.lines[0].reserved == 2
    assert make.free(shop, "cup") == {"A": 2}
    assert make.free(shop, "tea") == {"A": 1}


def test_a_service_takes_no_stock_and_stays_open(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}}, services=["wrapping"])

    placed = make.place(shop, {"wrapping": 1, "tea": 1})

    assert (placed.lines[0].open, placed.lines[0].reserved) == (1, 0)
    assert placed.lines[1].reserved == 1


def test_a_pickup_is_served_by_the_shop_alone(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}, "B": {"tea": 1}})

    placed = make.place(shop, {"tea": 2}, delivery="pickup", pickup_location="B", ship_to=None)

    assert [part.location for part in placed.fulfillment_orders] == ["B"]
    assert (placed.lines[0].reserved, placed.lines[0].backordered) == (1, 1)
    assert make.free(shop, "tea") == {"A": 9, "B": 0}


def test_a_pinned_line_comes_from_its_location(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}, "B": {"tea": 9}})

    ask = make.ask({}) | {"lines": [{"sku": "tea", "quantity": 1, "location": "B"}]}
    placed: Any = run(shop.db, make.BOSS, place_orders, msgspec.convert(ask, PlaceOrder))

    assert [part.location for part in placed.fulfillment_orders] == ["B"]


def test_a_daily_capacity_is_counted_and_kept(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 9}, "B": {"tea": 9}},
        locations={"A": {"capacity_daily": 1}, "B": {"priority": 5}},
        policy=DEFAULT_POLICY,
    )

    placed = [make.place(shop, {"tea": 1}) for _ in range(3)]

    assert [order.fulfillment_orders[0].location for order in placed] == ["A", "B", "B"]


def test_a_customer_is_found_again_by_mail_whatever_its_case(db: Database) -> None:
    shop = make.shop(db)

    make.place(shop, {"tea": 1}, customer={"email": "Ala@Example.com", "name": "Ala"})
    make.place(shop, {"tea": 1}, customer={"email": " ala@example.COM "})

    with db.connection() as conn:
        row = conn.execute(
            "SELECT count(*), count(DISTINCT o.customer_id)"
            " FROM customers.customer, orders.sales_order AS o"
        ).fetchone()
    assert row == (2, 1)


def test_the_channels_totals_are_kept_and_the_difference_is_a_rounding_line(
    db: Database,
) -> None:
    shop = make.shop(db)

    placed = make.place(shop, {"tea": 1}, totals={"total_minor": 999})

    assert placed.total_minor == 999
    with db.connection() as conn:
        rows = conn.execute("SELECT kind, amount_minor FROM orders.adjustment").fetchall()
    assert rows == [("rounding", -1)]


def test_a_key_without_the_permission_may_not_place(db: Database) -> None:
    shop = make.shop(db)
    reader = msgspec.structs.replace(make.BOSS, permissions=frozenset({"orders.read"}))

    with pytest.raises(NotPermitted):
        run(db, reader, place_orders, asked({"tea": 1}))
    assert make.free(shop, "tea") == {"A": 10, "B": 10}


def test_a_channel_out_of_scope_looks_as_if_it_did_not_exist(db: Database) -> None:
    make.shop(db)
    elsewhere = msgspec.structs.replace(make.BOSS, channel_ids=frozenset())

    with pytest.raises(InvalidInput) as refusal:
        run(db, elsewhere, place_orders, asked({"tea": 1}))
    assert refusal.value.errors[0].code == "unknown-channel"


def test_among_many_locations_a_far_one_serves_what_the_near_ones_lack(db: Database) -> None:
    near = {f"N{n:03d}": {"latitude": 52.2, "longitude": 21.0} for n in range(130)}
    far = {"FAR": {"latitude": 38.7, "longitude": -9.1}}
    stock = {"N000": {"tea": 1}, "N001": {"tea": 1}, "FAR": {"tea": 2, "cup": 2}}
    shop = make.shop(db, stock=stock, locations=near | far)

    answers = place_all(shop, [asked({"tea": 1}), asked({"cup": 2}), asked({"tea": 2})])

    placed = [answer for answer in answers if isinstance(answer, PlacedOrder)]
    assert [[part.location for part in order.fulfillment_orders] for order in placed] == [
        ["N000"],
        ["FAR"],
        ["FAR"],
    ]
    assert [order.number for order in placed] == sorted(order.number for order in placed)
    assert make.free(shop, "tea") == {"N000": 0, "N001": 1, "FAR": 0}
    assert make.free(shop, "cup") == {"FAR": 0}
