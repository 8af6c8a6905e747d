"""Receiving: what came in can be sold, once, whatever is sent twice."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.flows.receive_stock import receive_any_number, receive_many, receive_stock
from ordito.inventory.asks import ReceiveMany, ReceiveStock
from ordito.inventory.receipts import list_receipts, read_receipt
from ordito.platform.access import EVERYTHING, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import IdempotencyKeyReused, InvalidInput
from tests import make
from tests.flows import stock_acts as acts


def test_what_came_in_is_free_and_written_down(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 0}})

    changed = acts.receive(shop, "A", {"tea": 3, "CUP": 2}, reference="DN 17")

    assert [(line.sku, line.on_hand, line.available) for line in changed.lines] == [
        ("tea", 8, 8),
        ("cup", 2, 2),
    ]
    with db.reading(make.BOSS) as tx:
        receipt = read_receipt(tx, changed.id)
        assert list_receipts(tx) == [receipt]
        assert list_receipts(tx, location_ids=[shop.locations["HIST"]]) == []
    assert receipt is not None
    assert receipt.reference == "DN 17"
    assert [(line.line_no, line.item_id, line.qty) for line in receipt.lines] == [
        (1, shop.items["tea"], 3),
        (2, shop.items["cup"], 2),
    ]
    (entry,) = acts.timeline(db, changed.id)
    assert (entry.kind, entry.seq) == ("stock.received", 1)
    assert entry.body == {
        "location": "A",
        "reference": "DN 17",
        "items": {str(shop.items["tea"]): 3, str(shop.items["cup"]): 2},
        "aside": {},
    }


def test_what_has_to_be_looked_at_is_set_aside(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    lines = [
        {"sku": "tea", "quantity": 2, "bucket": "quality_control"},
        {"sku": "tea", "quantity": 1, "bucket": "damaged"},
        {"sku": "tea", "quantity": 4},
    ]
    ask = msgspec.convert({"location": "A", "lines": lines}, ReceiveStock)

    changed = acts.do(db, receive_stock, ask)

    assert acts.buckets(shop, "tea", "A") == {"available": 9, "quality_control": 2, "damaged": 1}
    (entry,) = acts.timeline(db, changed.id)
    tea = str(shop.items["tea"])
    assert (entry.body["items"], entry.body["aside"]) == ({tea: 4}, {tea: 3})


def test_the_same_key_again_receives_nothing_more(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 0}})
    ask = msgspec.convert({"location": "A", "lines": [{"sku": "tea", "quantity": 3}]}, ReceiveStock)

    first = run(db, make.BOSS, receive_stock, ask, key="delivery-17")
    outcomes = acts.race([lambda: run(db, make.BOSS, receive_stock, ask, key="delivery-17")] * 16)

    assert outcomes == ["done"] * 16
    assert run(db, make.BOSS, receive_stock, ask, key="delivery-17") == first
    assert acts.buckets(shop, "tea", "A") == {"available": 3}
    other = msgspec.structs.replace(ask, reference="other")
    with pytest.raises(IdempotencyKeyReused):
        run(db, make.BOSS, receive_stock, other, key="delivery-17")


def test_all_faults_are_told_and_nothing_is_received(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}}, kits={"set": {"tea": 2}}, services=["wrap"])
    late = acts.clock(db) + timedelta(hours=1)

    with pytest.raises(InvalidInput) as caught:
        acts.receive(shop, "Z", {"nothing": 1, "set": 1, "wrap": 1, "tea": 1}, received_at=late)

    assert [(fault.pointer, fault.code) for fault in caught.value.errors] == [
        ("/location", "unknown-location"),
        ("/lines/0/sku", "unknown-sku"),
        ("/lines/1/sku", "not-stocked"),
        ("/lines/2/sku", "not-stocked"),
        ("/received_at", "in-future"),
    ]
    assert acts.postings(db) == 1


def test_nothing_comes_into_a_closed_or_a_foreign_location(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}}, locations={"B": {"active": False}})
    bound = Actor("user", UUID(int=9), "Bound", EVERYTHING, location_ids=frozenset())
    ask = msgspec.convert({"location": "A", "lines": [{"sku": "tea", "quantity": 3}]}, ReceiveStock)

    with pytest.raises(InvalidInput) as caught:
        acts.receive(shop, "B", {"tea": 1})
    assert [fault.code for fault in caught.value.errors] == ["closed"]
    with pytest.raises(InvalidInput) as caught:
        acts.do(db, receive_stock, ask, bound)
    assert [fault.code for fault in caught.value.errors] == ["unknown-location"]


def test_of_many_receipts_each_is_booked_or_refused_alone(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}, "B": {"tea": 5}})
    receipts: list[dict[str, Any]] = [
        {"location": "A", "lines": [{"sku": "tea", "quantity": 1}]},
        {"location": "A", "lines": [{"sku": "nothing", "quantity": 1}]},
        {"location": "B", "lines": [{"sku": "tea", "quantity": 2}, {"sku": "tea", "quantity": 3}]},
    ]

    outcome = acts.do(db, receive_many, msgspec.convert({"receipts": receipts}, ReceiveMany))

    assert [result.problem is None for result in outcome.results] == [True, False, True]
    assert outcome.results[1].problem["type"] == "/problems/invalid-input"
    assert make.free(shop, "tea") == {"A": 6, "B": 10}


def test_a_thousand_lines_are_one_transaction_of_a_few_statements(db: Database) -> None:
    stock = {"A": {f"s{n}": 0 for n in range(1000)}}
    shop = make.shop(db, stock=stock)

    changed = acts.receive(shop, "A", {f"s{n}": n + 1 for n in range(1000)})

    assert [line.available for line in changed.lines] == list(range(1, 1001))


def test_any_number_of_lines_goes_in_by_the_thousand_and_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {f"s{n}": 0 for n in range(300)}})
    lines = [{"sku": f"s{n}", "quantity": 1} for n in range(300)]
    receipts = [
        msgspec.convert({"location": "A", "lines": lines, "reference": f"{n}"}, ReceiveStock)
        for n in range(7)
    ]
    wrong = msgspec.structs.replace(receipts[0], location="Z")

    results = receive_any_number(db, make.BOSS, [*receipts[:5], wrong, *receipts[5:]], key="feed")
    again = receive_any_number(db, make.BOSS, [*receipts[:5], wrong, *receipts[5:]], key="feed")

    assert [result.id is not None for result in results] == [True] * 5 + [False] + [True] * 2
    assert again == results
    assert make.free(shop, "s299") == {"A": 7}
    with db.connection() as conn:
        keys = conn.execute("SELECT key FROM platform.idempotency WHERE key ~ 'feed'").fetchall()
    assert sorted(key for (key,) in keys) == ["feed/0", "feed/1", "feed/2"]
    with pytest.raises(InvalidInput) as caught:
        run(db, make.BOSS, receive_many, ReceiveMany(receipts=tuple(receipts * 5)))
    assert [fault.code for fault in caught.value.errors] == ["too-many"]
