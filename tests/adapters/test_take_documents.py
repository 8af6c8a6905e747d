"""What shops send is taken once, in any order, and whatever can't be done waits with a reason."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ordito.adapters.shopify.signatures import is_signed, sign
from ordito.adapters.shops import SHOPS
from ordito.flows.sweep_shops import sweep_shops
from ordito.flows.take_documents import replay_document, take_waiting
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.problems import NotAuthenticated
from tests import make
from tests.adapters import connected
from tests.adapters.connected import ORDER, Connected, line, order, refund
from tests.adapters.shopify_fake import shopify
from tests.doctor.wellness import assert_well
from tests.flows import acts


@pytest.fixture
def web(db: Database) -> Iterator[Connected]:
    with shopify() as fake:
        yield connected.connect(db, fake)


def ship(web: Connected, order_id: Any) -> None:
    for step in (acts.release, acts.pick, acts.pack, acts.ship):
        step(web.shop, order_id)


def test_an_order_is_placed_as_the_shop_has_it(web: Connected) -> None:
    message = web.take(
        "orders/create",
        order(
            {"tea": 2, "cup": 1},
            tags="vip, gift",
            note="Ring twice",
            total_price="37.50",
            total_tip_received="2.50",
            shipping_lines=[{"title": "Courier", "price": "7.00", "discounted_price": "5.00",
                             "discount_allocations": [{"amount": "2.00"}]}],
            payment_gateway_names=["visa"],
        ),
    )  # fmt: skip
    assert (message.state, message.reason) == ("done", "")
    (order_id,) = web.order_ids()
    assert message.results == {"order": [str(order_id)]}
    found = web.rows(
        "SELECT external_id, total_minor, shipping_minor, fees_minor, rounding_minor, currency"
        " FROM orders.sales_order"
    )
    assert found == [(str(ORDER), 3750, 500, 250, 0, "EUR")]
    assert web.rows("SELECT tag FROM orders.tag ORDER BY 1") == [("gift",), ("vip",)]
    assert web.rows("SELECT body FROM orders.note") == [("Ring twice",)]
    assert [(row.sku, row.reserved) for row in web.lines(order_id)] == [("tea", 2), ("cup", 1)]
    assert_well(web.db)


def test_ids_that_no_double_holds_stay_exact(web: Connected) -> None:
    web.take("orders/create", order({"tea": 1}))
    assert web.rows("SELECT external_key FROM orders.external_id") == [(str(ORDER),)]
    assert web.rows("SELECT lines FROM channels.order_link") == [({str(ORDER + 1): 1},)]


def test_a_webhook_sent_again_is_kept_once(web: Connected) -> None:
    document = order({"tea": 1})
    assert web.send("orders/create", document, id_="w1").id is not None
    assert web.send("orders/create", document, id_="w1").id is None
    take_waiting(web.shops, web.db)
    assert len(web.order_ids()) == 1
    again = web.take("orders/create", document, id_="w2")
    assert again.state == "done"
    assert len(web.order_ids()) == 1


@pytest.mark.parametrize(
    "signature",
    ["", "nonsense", "ź", sign(b"{}", "another-secret"), sign(b"{} ", connected.SECRET)],
)
def test_what_is_not_signed_is_not_kept(web: Connected, signature: str) -> None:
    headers = {
        "x-shopify-hmac-sha256": signature,
        "x-shopify-topic": "orders/create",
        "x-shopify-shop-domain": connected.DOMAIN,
    }
    from ordito.flows.connect_shop import receive_webhook

    for code in ("web", "nowhere"):
        with pytest.raises(NotAuthenticated):
            receive_webhook(web.shops["shopify"], web.db, code, headers, b"{}")
    assert web.rows("SELECT id FROM intake.message") == []


def test_the_signature_of_another_shop_does_not_count(web: Connected) -> None:
    from ordito.flows.connect_shop import receive_webhook

    headers = {
        "x-shopify-hmac-sha256": sign(b"{}", connected.SECRET),
        "x-shopify-topic": "orders/create",
        "x-shopify-shop-domain": "coffee.myshopify.com",
    }
    with pytest.raises(NotAuthenticated):
        receive_webhook(web.shops["shopify"], web.db, "web", headers, b"{}")
    assert web.rows("SELECT id FROM intake.message") == []


def test_one_of_several_secrets_is_enough() -> None:
    body = "{“ż”}".encode()
    assert is_signed(body, sign(body, "old"), ["new", "old"])
    assert is_signed(body, sign(body, "new"), ["new", "old"])
    assert not is_signed(body, sign(body, "older"), ["new", "old"])
    assert not is_signed(body, sign(body, "new"), [])


def test_older_news_move_nothing_back(web: Connected) -> None:
    web.take("orders/create", order({"tea": 1}))
    web.take("orders/updated", order({"tea": 1}, at="12:00:00", tags="new"))
    late = web.take("orders/updated", order({"tea": 1}, at="11:00:00", tags="old"))
    assert (late.state, late.words[:11]) == ("done", "It is older")
    assert web.rows("SELECT tag FROM orders.tag") == [("new",)]


def test_tags_of_ours_stay_when_the_shop_changes_its_own(web: Connected) -> None:
    from ordito.flows.tag_order import tag_order
    from ordito.orders.asks import TagOrder

    web.take("orders/create", order({"tea": 1}, tags="a, b"))
    acts.do(web.db, tag_order, TagOrder(order_id=web.order_ids()[0], add=("ours",)))
    web.take("orders/updated", order({"tea": 1}, at="12:00:00", tags="b, c"))
    assert web.rows("SELECT tag FROM orders.tag ORDER BY 1") == [("b",), ("c",), ("ours",)]


def test_an_update_before_the_create_places_the_order_once(web: Connected) -> None:
    web.take("orders/updated", order({"tea": 1}, at="12:00:00", tags="late"))
    web.take("orders/create", order({"tea": 1}))
    assert len(web.order_ids()) == 1
    assert web.rows("SELECT tag FROM orders.tag") == [("late",)]


def test_a_cancellation_before_the_create_places_nothing(web: Connected) -> None:
    gone = order({"tea": 1}, at="12:00:00", cancelled_at="2026-03-01T12:00:00+01:00")
    assert web.take("orders/cancelled", gone).state == "done"
    assert web.take("orders/create", order({"tea": 1})).state == "done"
    assert web.order_ids() == []


def test_a_cancellation_cancels_what_has_not_left(web: Connected) -> None:
    web.take("orders/create", order({"tea": 2}))
    gone = order({"tea": 2}, at="12:00:00", cancelled_at="2026-03-01T12:00:00+01:00")
    assert web.take("orders/cancelled", gone).state == "done"
    assert web.rows("SELECT life FROM orders.sales_order") == [("cancelled",)]
    assert make.free(web.shop, "tea") == {"A": 10, "B": 10}
    assert_well(web.db)


def test_a_cancellation_after_shipping_waits_for_someone(web: Connected) -> None:
    web.take("orders/create", order({"tea": 2}))
    ship(web, web.order_ids()[0])
    gone = order({"tea": 2}, at="12:00:00", cancelled_at="2026-03-01T12:00:00+01:00")
    message = web.take("orders/cancelled", gone)
    assert (message.state, message.reason) == ("parked", "shipped-before-cancel")
    assert web.lines(web.order_ids()[0])[0].shipped == 2


def test_a_refund_cancels_units_once_whichever_message_tells_it(web: Connected) -> None:
    web.take("orders/create", order({"tea": 3}))
    lines = [line("tea", 3, 1, current_quantity=2)]
    told = refund(501, {1: 1})
    both = order({}, at="12:00:00", total_price="30.00", line_items=lines, refunds=[told])
    web.take("orders/updated", both)
    web.take("refunds/create", told)
    assert web.lines(web.order_ids()[0])[0].cancelled == 1
    web.take("refunds/create", refund(502, {1: 1}))
    lines = [line("tea", 3, 1, current_quantity=1)]
    refunds = [told, refund(502, {1: 1})]
    both = order({}, at="13:00:00", total_price="30.00", line_items=lines, refunds=refunds)
    web.take("orders/updated", both)
    assert web.lines(web.order_ids()[0])[0].cancelled == 2
    assert_well(web.db)


def test_a_refund_with_restock_takes_back_what_was_shipped(web: Connected) -> None:
    web.take("orders/create", order({"tea": 2}))
    ship(web, web.order_ids()[0])
    assert web.take("refunds/create", refund(501, {1: 1}, "return")).state == "done"
    assert web.lines(web.order_ids()[0])[0].restocked == 1
    assert web.take("refunds/create", refund(502, {1: 1}, "no_restock")).state == "done"
    assert web.lines(web.order_ids()[0])[0].returned == 1
    late = web.take("refunds/create", refund(503, {1: 1}, "cancel"))
    assert (late.state, late.reason) == ("parked", "shipped-before-refund")
    assert_well(web.db)


def test_a_refund_finds_its_order_by_its_lines_when_the_number_was_rounded(web: Connected) -> None:
    web.take("orders/create", order({"tea": 2}))
    rounded = refund(501, {1: 1}, order_id=round(ORDER, -3))
    assert web.take("refunds/create", rounded).state == "done"
    assert web.lines(web.order_ids()[0])[0].cancelled == 1


def test_a_refund_of_an_unknown_order_waits(web: Connected) -> None:
    message = web.take("refunds/create", refund(501, {1: 1}))
    assert (message.state, message.reason) == ("parked", "unknown-order")


def test_edits_take_units_off_and_added_lines_wait(web: Connected) -> None:
    web.take("orders/create", order({"tea": 3}))
    lines = [line("tea", 3, 1, current_quantity=1), line("cup", 1, 2)]
    edited = order({}, at="12:00:00", total_price="20.00", line_items=lines)
    message = web.take("orders/updated", edited)
    assert (message.state, message.reason) == ("parked", "lines-added")
    assert web.lines(web.order_ids()[0])[0].cancelled == 2
    replay_document(web.shops, web.db, make.BOSS, message.id, create_items=False)
    assert web.lines(web.order_ids()[0])[0].cancelled == 2


def test_a_changed_address_holds_the_order(web: Connected) -> None:
    web.take("orders/create", order({"tea": 1}))
    moved = order({"tea": 1}, at="12:00:00")
    moved["shipping_address"]["address1"] = "Krzywa 2"
    message = web.take("orders/updated", moved)
    assert (message.state, message.reason) == ("parked", "address-changed")
    assert web.rows("SELECT reason FROM orders.hold") == [("address_changed",)]


def test_an_order_sent_elsewhere_is_held(web: Connected) -> None:
    web.take("orders/create", order({"tea": 1}))
    sent = order({"tea": 1}, at="12:00:00", fulfillment_status="fulfilled")
    assert web.take("orders/updated", sent).reason == "fulfilled-elsewhere"
    assert web.rows("SELECT reason FROM orders.hold") == [("fulfilled_elsewhere",)]


def test_an_unknown_sku_waits_and_is_placed_once_the_item_is_there(web: Connected) -> None:
    message = web.take("orders/create", order({"spoon": 1}))
    assert (message.state, message.reason) == ("parked", "unknown-sku")
    assert web.order_ids() == []
    booked = replay_document(web.shops, web.db, make.BOSS, message.id, create_items=True)
    assert booked.state == "done"
    assert len(web.order_ids()) == 1
    assert web.message(message.id).attempts == 2


def test_a_line_without_sku_is_found_by_its_variant_or_waits(web: Connected) -> None:
    bare = order({"tea": 1}, line_items=[line("", 1, 1, variant_id=ORDER + 50)])
    first = web.take("orders/create", bare, id_="a")
    assert (first.state, first.reason) == ("parked", "no-sku")
    product = {"variants": [{"admin_graphql_api_id": f"gid://shopify/ProductVariant/{ORDER + 50}",
                             "sku": "tea", "inventory_item_id": 7}]}  # fmt: skip
    assert web.take("products/update", product).state == "done"
    replay_document(web.shops, web.db, make.BOSS, first.id, create_items=False)
    assert [row.sku for row in web.lines(web.order_ids()[0])] == ["tea"]


def test_gift_cards_are_charged_and_not_sent(web: Connected) -> None:
    card = line("", 1, 2, gift_card=True, requires_shipping=False)
    both = order({}, total_price="20.00", line_items=[line("tea", 1, 1), card])
    assert web.take("orders/create", both, id_="a").state == "done"
    assert web.rows("SELECT fees_minor, total_minor FROM orders.sales_order") == [(1000, 2000)]
    only = order({}, id_=ORDER + 500, total_price="10.00", line_items=[card])
    assert web.take("orders/create", only, id_="b").state == "done"
    assert len(web.order_ids()) == 1


def test_a_pickup_finds_its_place_by_name_or_waits(web: Connected) -> None:
    there = [{"title": "B", "code": "B", "price": "0.00", "delivery_category": "pickup"}]
    web.take("orders/create", order({"tea": 1}, shipping_lines=there))
    assert web.rows("SELECT delivery FROM orders.sales_order") == [("pickup",)]
    nowhere = [{"code": "Moon", "price": "0.00", "delivery_category": "pickup"}]
    message = web.take("orders/create", order({"tea": 1}, id_=ORDER + 9, shipping_lines=nowhere))
    assert (message.state, message.reason) == ("parked", "unknown-pickup-place")


def test_an_order_without_a_country_waits(web: Connected) -> None:
    message = web.take("orders/create", order({"tea": 1}, shipping_address=None))
    assert (message.state, message.reason) == ("parked", "no-address")


def test_test_orders_are_kept_and_not_placed(web: Connected) -> None:
    assert web.take("orders/create", order({"tea": 1}, test=True)).state == "done"
    assert web.order_ids() == []


POISON = [
    b"",
    b"[]",
    b"{",
    b'{"id": 9.007199254740993e18}',
    b'{"id": "NaN", "created_at": "yesterday"}',
    b'{"id": 1, "created_at": "2026-03-01T10:00:00Z", "line_items": [1]}',
    b'{"id": 1, "created_at": "2026-03-01T10:00:00Z", "line_items": [{"quantity": "two"}]}',
    b'{"id": 1, "created_at": "2026-03-01T10:00:00Z", "total_price": "NaN"}',
    b'{"id": 1, "created_at": "2026-03-01T10:00:00Z", "currency": "ZZZ", "line_items": '
    b'[{"id": 2, "sku": "tea", "quantity": 1, "price": "1"}]}',
    b'{"id": 1, "created_at": "2026-03-01T10:00:00Z", "currency": "EUR", "shipping_address": '
    b'{"country_code": "Poland"}, "line_items": [{"id":2,"sku":"tea","quantity":1,"price":"1"}]}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"id": "\\u0000", "note": "\x00"}',
]


def test_poison_waits_and_keeps_nobody_waiting(web: Connected) -> None:
    sent = [web.send("orders/create", body, id_=str(n)).id for n, body in enumerate(POISON)]
    good = web.send("orders/create", order({"tea": 1})).id
    assert take_waiting(web.shops, web.db) == len(POISON) + 1
    for id_ in sent:
        assert id_ is not None
        message = web.message(id_)
        assert message.state == "parked", (message.source, message.words)
        assert message.words
    assert good is not None
    assert web.message(good).state == "done"
    assert len(web.order_ids()) == 1


def test_unknown_topics_are_kept_and_change_nothing(web: Connected) -> None:
    message = web.take("checkouts/delete", {"id": 1})
    assert (message.state, message.kind) == ("done", "other")


def test_what_webhooks_lost_the_sweep_finds_once(web: Connected) -> None:
    for n in range(5):
        web.fake.add_order(str(ORDER + n * 100), {str(ORDER + n * 100 + 1): ("tea", 1)},
                           updatedAt="2099-03-01T10:00:00Z")  # fmt: skip
    web.take("orders/create", order({"tea": 1}, updated_at="2099-03-01T10:00:00+00:00"))
    assert sweep_shops(web.shops, web.db) == 4
    assert sweep_shops(web.shops, web.db) == 0
    take_waiting(web.shops, web.db)
    assert sweep_shops(web.shops, web.db) == 0
    assert len(web.order_ids()) == 5
    assert_well(web.db)


def test_a_sweep_that_is_cut_off_tells_why_and_goes_on_later(web: Connected) -> None:
    for n in range(5):
        web.fake.add_order(str(100 + n), {str(200 + n): ("tea", 1)},
                           updatedAt=f"2099-03-01T1{n}:00:00Z")  # fmt: skip
    web.fake.troubles = ["throttled", "throttled"]
    web.fake.page = 100
    assert sweep_shops(web.shops, web.db) == 5
    assert len(web.slept) == 2
    web.fake.troubles = ["status_401"]
    assert sweep_shops(web.shops, web.db) == 0
    (error,) = web.rows("SELECT sweep_error FROM channels.connection")[0]
    assert "401" in error
    sweep_shops(web.shops, web.db)
    assert web.rows("SELECT sweep_error FROM channels.connection") == [("",)]


def test_webhook_and_sweep_at_the_same_moment_make_one_order(web: Connected) -> None:
    at = "2099-03-01T10:00:00Z"
    for n in range(6):
        id_ = ORDER + n * 100
        web.fake.add_order(str(id_), {str(id_ + 1): ("tea", 1)}, updatedAt=at)
        web.send("orders/create", order({"tea": 1}, id_=id_, updated_at=at), id_=str(n))
    sweep_shops(web.shops, web.db)
    threads = [threading.Thread(target=take_waiting, args=(web.shops, web.db)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    take_waiting(web.shops, web.db)
    assert len(web.order_ids()) == 6
    assert web.rows("SELECT DISTINCT state FROM intake.message") == [("done",)]
    assert_well(web.db)


def test_a_death_between_placing_and_booking_is_made_up_for(web: Connected) -> None:
    from ordito.flows.place_orders import place_orders
    from ordito.flows.shop_asks import ask_of_order
    from ordito.platform.door import run

    document = order({"tea": 1})
    web.send("orders/create", document)
    read: Any = web.shops["shopify"].read("orders/create", msgspec.json.encode(document))
    run(web.db, SYSTEM, place_orders, ask_of_order(read, "web", {}, []))
    take_waiting(web.shops, web.db)
    assert len(web.order_ids()) == 1
    assert web.rows("SELECT order_id FROM channels.order_link") == [(web.order_ids()[0],)]


SAMPLES = "shopify-webhook-samples/metadatas/*/*/*.json"


@pytest.mark.shared_data
def test_every_sample_of_shopify_passes_through(db: Database, shared_data: Path) -> None:
    with shopify() as fake:
        web = connected.connect(db, fake, test_orders=True)
        sent = {}
        for path in sorted(shared_data.glob(SAMPLES)):
            document = msgspec.json.decode(path.read_bytes()).get("response")
            topic = f"{path.parent.name}/{path.stem}"
            kept = web.send(topic, document, id_=str(path))
            sent[str(path.relative_to(shared_data))] = kept.id
        while take_waiting(web.shops, web.db):
            pass
        outcomes = {name: web.message(id_) for name, id_ in sent.items() if id_}
    assert len(outcomes) > 200
    failed = {name: m.words for name, m in outcomes.items() if m.reason == "failed"}
    assert failed == {}
    waiting = {m.state for m in outcomes.values()} - {"done", "parked"}
    assert waiting == set()
    orders = {name: m for name, m in outcomes.items() if m.kind == "order"}
    assert {m.external_key for m in orders.values()} >= {"820982911946154508"}
    assert_well(db)


@pytest.mark.shared_data
def test_orders_of_the_python_library_are_read(shared_data: Path) -> None:
    folder = shared_data / "shopify-python-api" / "test" / "fixtures"
    found = [msgspec.json.decode((folder / "order.json").read_bytes())["order"]]
    found += msgspec.json.decode((folder / "orders.json").read_bytes())["orders"]
    for document in found:
        read: Any = SHOPS["shopify"].read("orders/create", msgspec.json.encode(document))
        assert read.id == str(document["id"])
        assert len(read.lines) == len(document.get("line_items", []))
        assert str(read.total) == document.get("total_price", "0")
