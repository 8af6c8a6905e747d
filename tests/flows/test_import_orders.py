"""Importing order files: live and past, twice, cut off, at the same time as the API."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from ordito.flows.import_orders import import_orders, preview_import
from ordito.flows.place_orders import place_orders
from ordito.intake.presets import shipped_preset
from ordito.intake.problems import ColumnsNotUsable
from ordito.orders.types import PlaceOrder
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import AlreadyExists, NotFound
from tests import make
from tests.flows.invariants import assert_sound
from tests.flows.order_files import body, counts, everything, rows, settings, source, take

DAY = "2010-12-01"
ORDER = ("536365", "TEA", 3, DAY, "2.55", "17850.0")
OTHER = ("536366", "CUP", 1, DAY, "1.85", "17851.0")


def test_a_past_order_is_received_and_shipped_on_its_own_day(db: Database) -> None:
    report = take(db, body(ORDER, ("536365", "POST", 1, DAY, "18.00", "17850.0")))
    assert counts(report) == {"order": 1, "line": 1, "charge": 1}
    assert report.tallies["line"].months == {"2010-12": "7.65"}
    assert report.tallies["charge"].months == {"2010-12": "18.00"}
    assert report.channel_created
    order = rows(
        db,
        "SELECT mode, life, fulfilment, money, total_minor, shipping_minor, placed_at::text,"
        " promised_on, version, country FROM orders.sales_order",
    )
    assert order == [
        (
            "history",
            "closed",
            "fulfilled",
            "paid",
            2565,
            1800,
            "2010-12-01 10:00:00+00",
            None,
            3,
            "GB",
        )
    ]
    assert rows(
        db,
        "SELECT from_bucket::text, to_bucket::text, qty, occurred_at::text, l.code"
        " FROM inventory.posting JOIN locations.location AS l ON l.id = location_id ORDER BY seq",
    ) == [
        ("supplier", "available", 3, "2010-12-01 10:00:00+00", "HISTORY"),
        ("available", "customer", 3, "2010-12-01 10:00:00+00", "HISTORY"),
    ]
    assert rows(db, "SELECT ordered, shipped, delivered FROM orders.line") == [(3, 3, 3)]
    assert rows(db, "SELECT count(*) FROM sourcing.decision") == [(0,)]
    assert_sound(db)


def test_the_same_file_twice_changes_nothing(db: Database) -> None:
    content = body(ORDER, OTHER, ("A1", "B", 1, DAY, "9.00", ""))
    first = take(db, content)
    before = everything(db)
    again = take(db, content)
    assert again.repeated
    assert again.tallies == first.tallies
    assert everything(db) == before


def test_a_file_that_overlaps_another_adds_only_what_is_new(db: Database) -> None:
    correction = ("536370", "TEA", -2, DAY, "0.00", "")
    back = ("C536371", "TEA", -1, "2010-12-02", "2.55", "17850.0")
    take(db, body(ORDER, correction, back))
    report = take(db, body(ORDER, OTHER, correction, back))
    assert counts(report) == {"order": 2, "line": 2, "return": 1, "adjustment": 1}
    assert report.duplicates == 3
    assert rows(db, "SELECT count(*) FROM orders.sales_order") == [(2,)]
    assert rows(db, "SELECT sum(returned) FROM orders.line") == [(1,)]
    assert rows(db, "SELECT sum(qty) FROM inventory.posting WHERE to_bucket = 'adjustment'") == [
        (2,)
    ]
    assert_sound(db)


def test_the_same_rows_in_two_files_of_one_import_count_twice_and_are_booked_once(
    db: Database,
) -> None:
    rows_ = (ORDER, ("536370", "TEA", 5, DAY, "0.00", ""), ("A9", "B", 1, DAY, "9.00", ""))
    report = take(db, body(*rows_), body(*rows_))
    assert counts(report) == {"order": 2, "line": 2, "adjustment": 2, "charge": 2}
    assert rows(db, "SELECT count(*) FROM orders.sales_order") == [(1,)]
    assert rows(db, "SELECT count(*) FROM intake.charge") == [(1,)]
    assert_sound(db)


def test_two_equal_corrections_of_a_file_are_two(db: Database) -> None:
    correction = ("536370", "TEA", 5, DAY, "0.00", "")
    other = ("536371", "CUP", 5, DAY, "0.00", "")
    report = take(db, body(correction, other, correction))
    assert counts(report) == {"adjustment": 3}
    assert rows(db, "SELECT sum(available) FROM inventory.stock") == [(15,)]


def test_stock_lost_that_the_past_never_had_is_received_first(db: Database) -> None:
    take(db, body(("536370", "TEA", -4, DAY, "0.00", "")))
    assert rows(db, "SELECT reason, qty FROM inventory.posting ORDER BY seq") == [
        ("history_balance", 4),
        ("unexplained", 4),
    ]
    assert_sound(db)


def test_an_import_that_was_cut_off_goes_on_where_it_was(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ordito.flows.import_orders.ENTRIES_PER_CHUNK", 5)
    sold = [(f"6{n:05}", "TEA", 2, DAY, "2.00", "17850.0") for n in range(23)]
    back = [(f"C7{n:05}", "TEA", -1, "2010-12-02", "2.00", "17850.0") for n in range(12)]
    content = source(body(*sold, *back))
    whole = len(body(*sold, *back))

    class CutOff(Exception):
        pass

    seen = 0

    def tell(_done: int, told: int) -> None:
        nonlocal seen
        assert told == whole
        seen += 1
        if seen == 13:
            raise CutOff

    with pytest.raises(CutOff):
        import_orders(db, make.BOSS, settings(), [content], tell=tell)
    assert rows(db, "SELECT count(*) FROM orders.sales_order") == [(10,)]
    report = import_orders(db, make.BOSS, settings(), [content])
    assert counts(report) == {"order": 23, "line": 23, "return": 12}
    assert report.duplicates == 0
    assert rows(db, "SELECT count(*), sum(returned)::int8 FROM orders.line") == [(23, 12)]
    assert_sound(db)


def test_a_preview_tells_the_same_and_writes_nothing(db: Database) -> None:
    content = body(ORDER, ("C536371", "TEA", -1, "2010-12-02", "2.55", "17850.0"))
    before = everything(db)
    seen = preview_import(db, make.BOSS, settings(), [source(content)])
    assert everything(db) == before
    assert seen.state == "preview"
    assert seen.files[0].columns["sku"] == "StockCode"
    assert counts(seen) == counts(take(db, content)) == {"order": 1, "line": 1, "return": 1}


def test_a_bad_row_parks_its_order_and_no_other(db: Database) -> None:
    report = take(db, body(ORDER, ("536367", "TEA", 0, DAY, "2.00", "17850.0"), OTHER))
    assert counts(report) == {"order": 2, "line": 2, "parked": 1}
    (parked,) = report.first_parked
    assert (parked.source, parked.lines, parked.reason) == ("1.csv", [3], "zero-quantity")
    raw = rows(db, "SELECT body -> 'rows' -> 0 -> 1 ->> 0 FROM intake.message WHERE reason <> ''")
    assert raw == [("536367",)]


def test_a_file_that_is_no_order_file_is_refused_before_anything_is_written(db: Database) -> None:
    before = everything(db)
    with pytest.raises(ColumnsNotUsable):
        take(db, body(ORDER), b"a,b,c\n1,2,3\n")
    assert everything(db) == before


def test_a_live_import_into_an_unknown_channel_says_how_to_make_it(db: Database) -> None:
    with pytest.raises(NotFound, match="--create-channel"):
        take(db, body(ORDER), mode="live", channel="nowhere")


def test_live_orders_are_promised_on_stock_like_any_other(db: Database) -> None:
    shop = make.shop(db)
    report = take(db, body(ORDER, OTHER, ("A1", "B", 1, DAY, "9.00", "")), mode="live")
    assert counts(report) == {"order": 2, "line": 2, "charge": 1}
    assert sum(make.free(shop, "tea").values()) == 17
    assert (
        rows(db, "SELECT mode, life, currency FROM orders.sales_order")
        == [("live", "open", "GBP")] * 2
    )
    assert_sound(db)


def test_live_orders_of_unknown_items_are_parked_unless_items_are_made(db: Database) -> None:
    make.shop(db)
    content = body(ORDER, ("536399", "NEW", 1, DAY, "4.00", "17850.0"))
    report = take(db, content, mode="live")
    assert counts(report) == {"order": 1, "line": 1, "parked": 1}
    assert report.first_parked[0].reason == "unknown-sku"
    # Another file with the same order: it is tried again.
    later = take(db, content + b"\n", mode="live", create_items=True)
    assert counts(later) == {"order": 2, "line": 2}
    assert rows(db, "SELECT state FROM intake.message") == [("done",), ("done",)]


def test_a_live_cancellation_before_shipping_cancels(db: Database) -> None:
    shop = make.shop(db)
    back = ("C536371", "TEA", -2, "2010-12-02", "2.55", "17850.0")
    report = take(db, body(ORDER, back), mode="live")
    assert counts(report) == {"order": 1, "line": 1, "cancellation": 1}
    assert rows(db, "SELECT ordered, cancelled, reserved FROM orders.line") == [(3, 2, 1)]
    assert sum(make.free(shop, "tea").values()) == 19
    assert_sound(db)


def test_live_stock_corrections_need_a_place(db: Database) -> None:
    shop = make.shop(db)
    content = body(("536370", "TEA", -4, DAY, "0.00", ""))
    assert counts(take(db, content, mode="live")) == {"parked": 1}
    report = take(db, content + b"\n", mode="live", location="A")
    assert counts(report) == {"adjustment": 1}
    assert make.free(shop, "tea")["A"] == 6


def test_the_same_order_by_file_and_api_at_once_is_one_order(db: Database) -> None:
    make.shop(db)
    content = body(ORDER)
    fields = make.ask({}, external_id=" 536365 ", currency="GBP")
    fields["lines"] = [{"sku": "tea", "quantity": 3, "unit_price": "2.55"}]
    ask = msgspec.convert(fields, PlaceOrder)

    def by_api() -> Any:
        try:
            answer: Any = run(db, make.BOSS, place_orders, ask)
            return answer.id
        except AlreadyExists as problem:
            return problem.extra["existing"]["id"]

    def by_file(ending: bytes) -> Any:
        return take(db, content + ending, mode="live")

    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(by_api) for _ in range(4)]
        calls += [pool.submit(by_file, b"\n" * n) for n in range(4)]
        for call in calls:
            call.result()
    assert rows(db, "SELECT count(*) FROM orders.sales_order") == [(1,)]
    assert rows(db, "SELECT count(*) FROM intake.message") == [(1,)]
    assert_sound(db)


def test_charges_are_kept_once_also_when_the_order_came_by_another_way(db: Database) -> None:
    make.shop(db)
    fields = make.ask({}, external_id="536365", currency="GBP")
    fields["lines"] = [{"sku": "tea", "quantity": 3, "unit_price": "2.55"}]
    run(db, make.BOSS, place_orders, msgspec.convert(fields, PlaceOrder))
    postage = ("536365", "POST", 1, DAY, "18.00", "17850.0")
    for ending in (b"", b"\n"):
        report = take(db, body(ORDER, postage) + ending, mode="live")
        assert counts(report) == {"order": 1, "line": 1, "charge": 1}
        assert report.duplicates == 1
    assert rows(db, "SELECT kind, amount::text FROM intake.charge") == [("shipping", "18.000000")]
    assert rows(db, "SELECT state FROM intake.message") == [("duplicate",)]


def test_charges_discounts_and_taxes_of_an_order_become_its_amounts(db: Database) -> None:
    make.shop(db)
    preset = shipped_preset("ordito")
    content = (
        b"order,placed_at,email,country,sku,quantity,unit_price,shipping,order_discount,tax_total,"
        b"total,payment_method,tags,note\n"
        b"7,2026-01-02T10:00:00Z,a@example.com,PL,tea,2,10.00,4.99,2.00,4.30,22.99,card,vip,"
        b"card 4111 1111 1111 1111\n"
        b"7,,,,cup,1,0.00,,,,,,,\n"
    )
    ask = settings("live", preset=preset)
    report = import_orders(db, make.BOSS, ask, [source(content)])
    assert counts(report) == {"order": 1, "line": 2}
    assert rows(
        db,
        "SELECT currency, items_minor, discount_minor, shipping_minor, tax_minor, rounding_minor,"
        " total_minor FROM orders.sales_order",
    ) == [("EUR", 2000, 200, 499, 430, 0, 2299)]
    assert rows(db, "SELECT body FROM orders.note") == [("card 411111******1111",)]
    assert rows(db, "SELECT method, amount_minor FROM payments.expectation") == [("card", 2299)]
    assert_sound(db)
