"""Adjusting and moving: every difference has a reason, and nothing goes below zero."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ordito.flows.adjust_stock import adjust_any_number, adjust_many, adjust_stock, move_stock
from ordito.inventory.asks import AdjustMany, AdjustStock, MoveStock
from ordito.inventory.history import list_postings
from ordito.inventory.problems import OutOfStock
from ordito.inventory.reasons import read_reasons
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import InvalidInput
from tests import make
from tests.flows import stock_acts as acts
from tests.flows.invariants import assert_sound


def test_differences_are_booked_with_their_reasons(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})
    lines = [
        {"sku": "tea", "quantity": -2},
        {"sku": "cup", "quantity": 1, "reason": "found"},
        {"sku": "cup", "quantity": -3, "reason": "damaged"},
    ]
    body = {"location": "A", "reason": "lost", "lines": lines, "note": "After the move"}

    changed = acts.do(db, adjust_stock, msgspec.convert(body, AdjustStock))

    assert [(line.sku, line.on_hand) for line in changed.lines] == [
        ("tea", 3),
        ("cup", 3),
        ("cup", 3),
    ]
    tea, cup = str(shop.items["tea"]), str(shop.items["cup"])
    (entry,) = acts.timeline(db, changed.id)
    assert entry.stream == "adjustment"
    assert entry.body == {
        "location": "A",
        "note": "After the move",
        "lines": [
            [tea, "available", -2, "lost"],
            [cup, "available", 1, "found"],
            [cup, "available", -3, "damaged"],
        ],
        "items": {},
    }
    with db.reading(make.BOSS) as tx:
        found = [
            (p.from_bucket, p.to_bucket, p.qty, p.reason, p.source_id, p.source_line)
            for p in list_postings(tx, shop.items["cup"], limit=2)
        ]
    assert found == [
        ("available", "scrapped", 3, "damaged", changed.id, 3),
        ("adjustment", "available", 1, "found", changed.id, 2),
    ]


def test_a_difference_can_be_in_what_is_set_aside(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    acts.move(shop, "A", "tea", 2, "available", "damaged")

    body = {
        "location": "A",
        "reason": "damaged",
        "lines": [{"sku": "tea", "quantity": -2, "bucket": "damaged"}],
    }
    acts.do(db, adjust_stock, msgspec.convert(body, AdjustStock))

    assert acts.buckets(shop, "tea", "A") == {"available": 3}


def test_more_than_is_free_is_refused_and_names_who_holds_the_rest(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 6, "cup": 1}})
    make.place(shop, {"tea": 2})
    make.place(shop, {"tea": 1})
    acts.hold(shop, {"tea": 1})
    before = acts.postings(db)

    with pytest.raises(OutOfStock) as caught:
        acts.adjust(shop, "A", {"cup": -1, "tea": -3})

    assert caught.value.extra["shortages"] == [
        {
            "sku": "tea",
            "location": "A",
            "bucket": "available",
            "asked": 3,
            "free": 2,
            "reserved": 4,
            "picked": 0,
            "orders": 2,
            "holds": 1,
        }
    ]
    assert "4 reserved by 2 order(s) and 1 hold(s)" in caught.value.detail
    assert acts.postings(db) == before
    assert make.free(shop, "cup") == {"A": 1}


def test_lines_of_the_same_cell_are_added_up(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}})
    lines = [{"sku": "tea", "quantity": -2}, {"sku": "TEA", "quantity": -2}]
    body = {"location": "A", "reason": "lost", "lines": lines}

    with pytest.raises(OutOfStock) as caught:
        acts.do(db, adjust_stock, msgspec.convert(body, AdjustStock))

    assert [(s["asked"], s["free"]) for s in caught.value.extra["shortages"]] == [(4, 3)]
    assert make.free(shop, "tea") == {"A": 3}


def test_each_reason_goes_its_way_only(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 50}})
    units = 50
    with db.reading(SYSTEM) as tx:
        reasons = read_reasons(tx)
    assert len(reasons) == 15
    for reason, rule in reasons.items():
        for quantity, side in ((-1, rule.fewer_to), (1, rule.more_from)):
            if side is None:
                with pytest.raises(InvalidInput) as caught:
                    acts.adjust(shop, "A", {"tea": quantity}, reason, note="why")
                assert [fault.code for fault in caught.value.errors] == ["wrong-sign"]
            else:
                acts.adjust(shop, "A", {"tea": quantity}, reason, note="why")
                units += quantity
            assert make.free(shop, "tea") == {"A": units}


def test_all_faults_are_told_at_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}})

    with pytest.raises(InvalidInput) as caught:
        acts.adjust(
            shop,
            "A",
            {"tea": 0, "nothing": 1},
            "other",
            occurred_at=acts.clock(db) + timedelta(days=1),
        )

    assert sorted({(fault.pointer, fault.code) for fault in caught.value.errors}) == [
        ("/lines/0/quantity", "zero"),
        ("/lines/1/sku", "unknown-sku"),
        ("/note", "required"),
        ("/occurred_at", "in-future"),
    ]


def test_stock_of_a_closed_location_can_still_be_lost(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}}, locations={"A": {"active": False}})

    acts.adjust(shop, "A", {"tea": -3}, "to_supplier")

    assert make.free(shop, "tea") == {"A": 0}


def test_of_many_adjustments_each_sees_what_the_earlier_ones_left(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}, "B": {"tea": 1}})
    listed = [
        {"location": location, "reason": "lost", "lines": [{"sku": "tea", "quantity": qty}]}
        for location, qty in (("A", -2), ("A", -2), ("A", -1), ("B", -1), ("Z", -1), ("B", 1))
    ]

    outcome = acts.do(db, adjust_many, msgspec.convert({"adjustments": listed}, AdjustMany))

    slugs = [r.problem["type"].split("/")[-1] if r.problem else "" for r in outcome.results]
    assert slugs == ["", "out-of-stock", "", "", "invalid-input", "invalid-input"]
    assert make.free(shop, "tea") == {"A": 0, "B": 0}


def test_units_are_set_aside_and_released_for_sale(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})

    aside = acts.move(shop, "A", "tea", 3, "available", "quality_control")
    acts.move(shop, "A", "tea", 1, "quality_control", "damaged")
    back = acts.move(shop, "A", "tea", 2, "quality_control", "available")

    assert acts.buckets(shop, "tea", "A") == {"available": 4, "damaged": 1}
    tea = str(shop.items["tea"])
    (entry,) = acts.timeline(db, aside.id)
    assert entry.body["lines"] == [[tea, "available", "quality_control", 3]]
    assert entry.body["items"] == {}
    (entry,) = acts.timeline(db, back.id)
    assert entry.body["items"] == {tea: 2}


def test_a_move_can_use_what_an_earlier_line_brought(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2}})
    lines = [
        {"sku": "tea", "quantity": 2, "from_bucket": "available", "to_bucket": "safety"},
        {"sku": "tea", "quantity": 1, "from_bucket": "safety", "to_bucket": "damaged"},
    ]
    body: dict[str, Any] = {"location": "A", "lines": lines}
    acts.do(db, move_stock, msgspec.convert(body, MoveStock))
    assert acts.buckets(shop, "tea", "A") == {"safety": 1, "damaged": 1}

    with pytest.raises(OutOfStock, match="safety 1"):
        acts.move(shop, "A", "tea", 2, "safety", "available")
    with pytest.raises(InvalidInput) as caught:
        acts.move(shop, "A", "tea", 1, "safety", "safety")
    assert [fault.code for fault in caught.value.errors] == ["same-bucket"]


def test_a_message_sent_twice_is_booked_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    body = {"location": "A", "reason": "lost", "lines": [{"sku": "tea", "quantity": -2}]}
    ask = msgspec.convert(body, AdjustStock)

    outcomes = acts.race([lambda: run(db, make.BOSS, adjust_stock, ask, key="wms-1")] * 8)

    assert outcomes == ["done"] * 8
    assert make.free(shop, "tea") == {"A": 3}


def test_opposite_cells_never_stop_each_other_for_good(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 100, "cup": 100}})

    outcomes = acts.race(
        [lambda: acts.adjust(shop, "A", {"tea": -1, "cup": -1}, "lost")] * 8
        + [lambda: acts.adjust(shop, "A", {"cup": -1, "tea": -1}, "lost")] * 8
        + [lambda: make.place(shop, {"cup": 1, "tea": 1})] * 8
    )

    assert outcomes == ["done"] * 24
    assert make.free(shop, "tea") == make.free(shop, "cup") == {"A": 76}
    assert_sound(db)


def test_any_number_of_adjustments_is_booked_in_order(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1500}})
    body = {"location": "A", "reason": "lost", "lines": [{"sku": "tea", "quantity": -1}]}
    ask = msgspec.convert(body, AdjustStock)

    results = adjust_any_number(db, make.BOSS, [ask] * 1502, key="feed")

    assert [result.problem is None for result in results] == [True] * 1500 + [False] * 2
    assert make.free(shop, "tea") == {"A": 0}
    acts.assert_stock_sound(db)
