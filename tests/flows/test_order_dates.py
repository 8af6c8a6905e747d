"""Orders with days of arrival: worked on in time, refused or marked when that can't be."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.channels.types import UpdateChannel
from ordito.flows.cancel_order import cancel_order
from ordito.flows.expect_stock import expect_stock
from ordito.flows.import_orders import ImportOrders, import_orders
from ordito.flows.joint_snapshots import read_snapshot
from ordito.flows.manage_channels import update_channel
from ordito.flows.open_scheduled import open_all_scheduled, open_early
from ordito.flows.place_orders import place_orders
from ordito.flows.preview_order import preview_order
from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.flows.release_to_pick import release_orders
from ordito.fulfillment.asks import OpenEarly, RejectFulfillmentOrder
from ordito.intake.presets import shipped_preset
from ordito.inventory.expected_asks import ExpectReceipt
from ordito.listings.board import list_cards
from ordito.listings.order_page import read_order_page
from ordito.listings.order_types import OrderPage
from ordito.orders.asks import CancelOrder, ReleaseOrders
from ordito.orders.problems import DateUnkeepable
from ordito.orders.types import PlaceOrder
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows import acts
from tests.flows.order_files import counts, source

TODAY = datetime.now(UTC).date()


def day(n: int) -> str:
    return (TODAY + timedelta(days=n)).isoformat()


def place_lines(shop: make.Shop, lines: list[dict[str, Any]], **fields: Any) -> Any:
    """Place an order of lines as the API takes them."""
    body = make.ask({}) | {"lines": lines} | fields
    return run(shop.db, make.BOSS, place_orders, msgspec.convert(body, PlaceOrder))


def page(db: Database, order_id: UUID) -> OrderPage:
    with db.reading(make.BOSS) as tx:
        return read_order_page(tx, order_id)


def works(db: Database, order_id: UUID) -> list[tuple[str, str | None, list[int]]]:
    """(state, day on which it begins, line numbers) of each part of an order."""
    return [
        (
            work.state,
            work.opens_at.astimezone().date().isoformat() if work.opens_at else None,
            [line.line_no for line in work.lines if line.units],
        )
        for work in page(db, order_id).fulfillment_orders
    ]


def pass_time(db: Database) -> None:
    """Let everything that is scheduled be due."""
    with db.connection() as conn:
        conn.execute("UPDATE fulfillment.schedule SET opens_at = now() - interval '1 second'")


def kinds(db: Database, order_id: UUID) -> list[str]:
    return [item.kind for item in reversed(page(db, order_id).timeline)]


def test_lines_wanted_on_different_days_are_worked_on_apart(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 9, "pot": 9}})
    order = place_lines(
        shop,
        [
            {"sku": "tea", "quantity": 1},
            {"sku": "cup", "quantity": 1, "requested_on": day(10), "latest_on": day(12)},
            {"sku": "pot", "quantity": 2, "not_before": day(20), "cancel_after": day(30)},
            {"sku": "tea", "quantity": 1, "requested_on": day(10), "latest_on": day(12)},
        ],
        latest_on=day(40),
        cancel_after=day(25),
    )
    parts = works(db, order.id)
    assert [(state, lines) for state, _day, lines in parts] == [
        ("open", [1]),
        ("scheduled", [2, 4]),
        ("scheduled", [3]),
    ]
    assert [part.location for part in order.fulfillment_orders] == ["A", "A", "A"]
    shown = page(db, order.id).lines
    assert [str(line.latest_on) for line in shown] == [day(40), day(12), "None", day(12)]
    assert [str(line.cancel_after) for line in shown] == [day(25), day(25), day(30), day(25)]
    assert not any(line.unkept for line in shown)
    assert kinds(db, order.id)[:4] == [
        "order.placed",
        "order.sourced",
        "order.dates_asked",
        "order.deadlines_set",
    ]
    with db.reading(make.BOSS) as tx:
        (card, _other) = list_cards(tx, "A", "scheduled").items
    assert card.opens_at is not None
    assert card.allowed_actions == ("open_early", "reject")

    released = run(db, make.BOSS, release_orders, ReleaseOrders(order_ids=(order.id,)))
    assert released.items[0].problem is None
    assert [state for state, _day, _lines in works(db, order.id)] == [
        "released",
        "scheduled",
        "scheduled",
    ]
    state = acts.do(db, open_early, OpenEarly(order_id=order.id, fo_no=2))
    assert [part.state for part in state.fulfillment_orders] == ["released", "open", "scheduled"]
    with pytest.raises(ActionNotAllowed):
        acts.do(db, open_early, OpenEarly(order_id=order.id, fo_no=2))
    assert open_all_scheduled(db) == 0, "the time has not come"
    pass_time(db)
    assert (open_all_scheduled(db), open_all_scheduled(db)) == (1, 0)
    assert kinds(db, order.id).count("order.part_opened") == 2
    assert_well(db)


def test_dates_are_kept_when_the_order_is_sourced_anew(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}, "B": {"tea": 5, "cup": 5}})
    order = make.place(shop, {"tea": 2, "cup": 1}, requested_on=day(10))
    before = works(db, order.id)
    assert before == [("scheduled", before[0][1], [1, 2])]
    ask = RejectFulfillmentOrder(order_id=order.id, fo_no=1, reason="too_busy")
    acts.do(db, reject_fulfillment_order, ask)
    again = [part for part in works(db, order.id) if part[0] != "rejected"]
    assert again == before, "another location, the same days"
    with db.reading(SYSTEM) as tx:
        (planned,) = read_snapshot(tx, orders_max=10).snapshot.orders
    assert sorted(planned.dates) == [1, 2], "days are planned with"
    acts.do(db, cancel_order, CancelOrder(order_id=order.id, reason="late"))
    pass_time(db)
    assert open_all_scheduled(db) == 0, "what was cancelled never opens"
    assert_well(db)


def test_days_that_cannot_be_kept_are_marked_or_refused(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    late = make.place(shop, {"tea": 1}, latest_on=day(-1))
    assert [line.late for line in late.lines] == [True]
    assert [(line.unkept, str(line.latest_on)) for line in page(db, late.id).lines] == [
        (True, day(-1))
    ]
    waits = make.place(shop, {"tea": 9}, requested_on=day(9))
    assert (waits.backordered, waits.lines[0].late) == (True, True), "no day is known"

    ask = UpdateChannel(code="web", unkept_dates="refuse")
    assert run(db, make.BOSS, update_channel, ask).unkept_dates == "refuse"
    supply = {"location": "A", "sku": "tea", "quantity": 9, "expected_on": day(20)}
    run(db, make.BOSS, expect_stock, msgspec.convert(supply, ExpectReceipt))
    with pytest.raises(DateUnkeepable) as refused:
        make.place(shop, {"tea": 3}, requested_on=day(9))
    assert refused.value.extra["lines"] == [
        {"line_no": 1, "sku": "tea", "asked": day(9), "earliest": day(20)}
    ], "five of nine come for who waited before, four for this one"
    body = msgspec.convert(make.ask({"tea": 3}, requested_on=day(9)), PlaceOrder)
    with db.reading(make.BOSS) as tx:
        preview = preview_order(tx, body)
    assert (preview.refused, preview.lines[0].late, str(preview.lines[0].earliest)) == (
        True,
        True,
        day(20),
    )
    with pytest.raises(DateUnkeepable) as refused:
        make.place(shop, {"tea": 30}, latest_on=day(90))
    assert refused.value.extra["lines"][0]["earliest"] is None
    placed = make.place(shop, {"tea": 3}, requested_on=day(22))
    assert [line.late for line in placed.lines] == [False]
    assert str(page(db, placed.id).promised_on) == day(20)
    with db.connection() as conn:
        assert conn.execute("SELECT count(*) FROM orders.sales_order").fetchone() == (3,)
    assert_well(db)


def test_days_that_make_no_sense_are_refused_with_the_field(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}}, services=("wrap",))
    line = {"sku": "tea", "quantity": 1}
    with pytest.raises(InvalidInput) as refused:
        place_lines(
            shop,
            [
                line | {"not_before": day(9), "requested_on": day(3)},
                line | {"latest_on": day(2000)},
                line | {"cancel_after": day(-2)},
                {"sku": "wrap", "quantity": 1, "latest_on": day(-2), "cancel_after": day(-2)},
            ],
        )
    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [
        ("/lines/0/requested_on", "dates-cross"),
        ("/lines/1/latest_on", "too-far"),
        ("/lines/2/cancel_after", "past"),
    ]
    assert isinstance(make.place(shop, {"wrap": 1}, latest_on=day(-2)).number, int)
    assert date.fromisoformat(day(0)) == TODAY


def test_an_order_file_says_days_too(db: Database) -> None:
    make.shop(db, stock={"A": {"tea": 5}})
    content = (
        "external_id,sku,quantity,country,requested_on,latest_on,cancel_after\n"
        f"1,tea,2,PL,{day(9)},{day(11)},{day(30)}\n"
        "2,tea,1,PL,,soon,\n"
    )
    ask = ImportOrders(preset=shipped_preset("ordito"), channel="web")
    report = import_orders(db, make.BOSS, ask, [source(content.encode())])
    assert counts(report) == {"order": 1, "line": 1, "parked": 1}
    with db.connection() as conn:
        rows = conn.execute(
            "SELECT d.requested_on::text, d.latest_on::text, c.cancel_after::text, f.state"
            " FROM orders.line_date AS d JOIN orders.line_deadline AS c USING (order_id, line_no)"
            " JOIN fulfillment.fulfillment_order AS f USING (order_id)"
        ).fetchall()
    assert rows == [(day(9), day(11), day(30), "scheduled")]
    assert_well(db)
