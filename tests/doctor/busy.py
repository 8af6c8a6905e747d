"""A shop where everything has happened at least once: nothing of it is wrong."""

import typing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from ordito.app.duties import JOBS
from ordito.flows.buffer_items import set_item_buffers
from ordito.flows.choose_delivery import offer_choice
from ordito.flows.complete_cart import complete_cart
from ordito.flows.complete_service import complete_service
from ordito.flows.expect_stock import close_expected, expect_stock, receive_expected
from ordito.flows.fill_pick_bins import raise_replenishments, set_pick_level
from ordito.flows.hold_order import release_hold
from ordito.flows.hold_stock import hold_stock
from ordito.flows.manage_access import create_user
from ordito.flows.manage_channels import create_channel, set_rates, update_channel
from ordito.flows.manage_items import upsert_items
from ordito.flows.manage_keys import CreateKey, issue_key
from ordito.flows.manage_local_delivery import set_local_delivery
from ordito.flows.manage_locations import set_bins, set_item_bins
from ordito.flows.manage_lots import block_lot, settle_lots
from ordito.flows.manage_mails import set_channel_mails
from ordito.flows.manage_policies import create_policy
from ordito.flows.pick_units import pick_units
from ordito.flows.place_orders import place_orders
from ordito.flows.put_away import put_away
from ordito.flows.receive_stock import receive_stock
from ordito.flows.release_items import set_release
from ordito.flows.return_units import return_units
from ordito.flows.roll_out_policy import start_rollout
from ordito.flows.stop_acts import deliver_stop, fail_stop
from ordito.flows.sweep_watches import sweep_watches
from ordito.flows.switch_bin_stock import switch_bin_stock
from ordito.flows.transfer_stock import ship_transfer
from ordito.flows.write_to_customer import write_to_customer
from ordito.listings.follower import ORDER_LISTINGS
from ordito.listings.lots import LotFilter, list_lots
from ordito.orders.asks import CompleteService, ReleaseHold
from ordito.orders.types import PlaceOrder
from ordito.platform.access import EVERYTHING, SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.feed import move_pending
from ordito.platform.followers import follow
from ordito.platform.schedules import add_jobs
from ordito.sourcing.policies import DEFAULT_POLICY
from ordito.sourcing.stored_policies import CreatePolicy
from tests import make
from tests.flows import acts, bin_acts, local_acts, order_files, stock_acts
from tests.flows import assembly_acts as making
from tests.flows import cycle_count_acts as counting
from tests.flows import transfer_acts as goods

CARD = {"method": "card"}


def busy_shop(db: Database) -> make.Shop:
    """Orders in every state, at several places, with kits, taxes, returns, holds and a past."""
    shop = make.shop(
        db,
        stock={
            "A": {"tea": 60, "cup": 60, "pot": 4},
            "B": {"tea": 40, "cup": 40, "pot": 4},
            "C": {"tea": 20, "cup": 20},
            "P": {"jug": 20},
        },
        kits={"set": {"tea": 1, "cup": 2}},
        services=("wrap",),
        locations={
            "A": {"capacity_daily": 500},
            "C": {"latitude": 52.2, "longitude": 21.0},
            "P": {"kind": "3pl", "answer_hours": 24},
        },
    )
    _settings(shop)
    _orders(shop)
    _lots(shop)
    _brought(shop)
    _stock(shop)
    _past(shop)
    _feed(shop)
    return shop


def _settings(shop: make.Shop) -> None:
    rate = {"base_currency": "EUR", "currency": "PLN", "valid_on": "2020-01-01", "rate": "0.25"}
    do(shop, set_rates, {"rates": [rate]})
    market = {"code": "shop", "name": "Shop", "kind": "api", "currency": "EUR", "policy": "default"}
    do(shop, create_channel, market | {"locations": ["A"], "time_zone": "Europe/Warsaw"})
    do(shop, set_item_buffers, {"code": "web", "buffers": [{"sku": "tea", "units": 1}]})
    do(shop, set_bins, {"location": "A", "bins": [{"code": "A-1", "walk_order": 1}]})
    do(shop, set_item_bins, {"location": "A", "items": [{"sku": "tea", "bins": ["A-1"]}]})
    other = CreatePolicy(code="other", name="Other", policy=DEFAULT_POLICY)
    run(shop.db, make.BOSS, create_policy, other)
    do(shop, start_rollout, {"channel": "web", "policy": "other", "percent": 100})
    keeper = {"email": "k@example.com", "name": "K", "permissions": sorted(EVERYTHING)}
    do(shop, create_user, keeper)
    user = {"email": "c@example.com", "name": "C", "permissions": ["orders.read"]}
    do(shop, create_user, user | {"channels": ["web"], "locations": ["A"]})
    key = {"name": "shop", "permissions": ["orders.write"], "channels": ["web"]}
    issue_key(shop.db, make.BOSS, msgspec.convert(key | {"locations": ["A"]}, CreateKey))


def _lots(shop: make.Shop) -> None:
    """Items with lots and serial numbers: received, picked, shipped, come back, set aside."""
    items: list[dict[str, Any]] = [
        {"sku": "milk", "name": "Milk", "tracking": "lot", "expires": True, "sell_days": 10},
        {"sku": "lamp", "name": "Lamp", "tracking": "serial"},
        {"sku": "shake", "name": "Milk shake", "tracking": "lot"},
    ]
    do(shop, upsert_items, {"items": [item | {"prices": {"EUR": "2"}} for item in items]})
    milk = [{"lot": "M1", "quantity": 12, "expires_on": "2099-01-31"},
            {"lot": "M2", "quantity": 4, "expires_on": "2099-02-28"}]  # fmt: skip
    lamps = [{"lot": "S1"}, {"lot": "S2"}, {"lot": "S3"}, {"lot": "S4"}]
    lines = [{"sku": "milk", "quantity": 16, "lots": milk},
             {"sku": "lamp", "quantity": 4, "lots": lamps}]  # fmt: skip
    do(shop, receive_stock, {"location": "B", "lines": lines})
    for at_hand in (True, False):
        order_id = make.place(shop, {"milk": 2, "lamp": 1}).id
        acts.release(shop, order_id)
        work = {"order_id": str(order_id), "fo_no": 1}
        do(shop, pick_units, work | {"as_proposed": True})
        if not at_hand:
            acts.pack(shop, order_id)
            acts.ship(shop, order_id)
            back = {"lot": "M1", "line": 1}
            asked = {"order_id": str(order_id), "lines": {"1": 1}, "reason": "other"}
            do(shop, return_units, asked | {"disposition": "damaged", "lots": [back]})
    shakes = making.start(shop, making.draft(shop, "shake", {"milk": 1}, 2, location="B"))
    making.book(shop, shakes, quantity=1)
    with shop.db.reading(SYSTEM) as tx:
        lot = list_lots(tx, LotFilter(code="M2")).items[0]
    moved = goods.draft(shop, {"milk": 1}, from_location="B", to_location="A")
    line = {"sku": "milk", "quantity": 1, "lots": [{"lot": "M2"}]}
    do(shop, ship_transfer, {"transfer_id": str(moved.id), "lines": [line]})
    do(shop, block_lot, {"lot_id": str(lot.id), "reason": "recalled"})
    assert settle_lots(shop.db) == 1


def _brought(shop: make.Shop) -> None:
    """Pick-ups at A of what only B has: one on its way, one cancelled there, one that came."""
    do(shop, update_channel, {"code": "web", "bring_to_shop": True})
    pick_up = {"delivery": "pickup", "pickup_location": "A"}
    for end in ("sent", "cancelled", "came"):
        order_id = make.place(shop, {"milk": 1, "lamp": 1} if end == "came" else {"milk": 1},
                              **pick_up).id  # fmt: skip
        acts.release(shop, order_id)
        do(shop, pick_units, {"order_id": str(order_id), "fo_no": 1, "as_proposed": True})
        acts.pack(shop, order_id)
        acts.ship(shop, order_id)
        if end == "cancelled":
            acts.cancel(shop, order_id)
        if end == "came":
            acts.brought(shop, order_id, 1)


def do(shop: make.Shop, command: Any, body: dict[str, Any]) -> Any:
    """Carry out a command on a JSON-like body."""
    kind = typing.get_type_hints(command)["ask"]
    return run(shop.db, make.BOSS, command, msgspec.convert(body, kind))


def _orders(shop: make.Shop) -> None:
    """One order for each thing that can become of one."""
    place = make.place
    for n in range(3):
        place(shop, {"tea": 2, "set": 1, "wrap": 1}, external_id=f"new-{n}", payment=CARD)
    _priced(shop)
    place(shop, {"pot": 9}, external_id="waits")
    pinned = [{"sku": "tea", "quantity": 1, "location": "B"}]
    _place(shop, {"lines": pinned, "tags": ["gift"], "note": "Ring twice."})
    held = place(shop, {"tea": 1}, holds=[{"reason": "fraud"}, {"reason": "address"}]).id
    run(shop.db, make.BOSS, release_hold, ReleaseHold(order_id=held, hold_nos=(1,)))

    acts.cancel(shop, place(shop, {"tea": 3}, payment=CARD).id)
    acts.cancel(shop, place(shop, {"tea": 3, "cup": 2}, payment=CARD).id, {1: 2})
    done = place(shop, {"wrap": 1}).id
    run(shop.db, make.BOSS, complete_service, CompleteService(order_id=done))

    acts.release(shop, place(shop, {"tea": 1}).id)
    picking = place(shop, {"set": 2, "tea": 2}).id
    acts.release(shop, picking)
    acts.pick(shop, picking, {1: 1})
    packed = place(shop, {"set": 1, "cup": 3}).id
    acts.release(shop, packed)
    acts.pick(shop, packed)
    acts.pack(shop, packed, {2: 2})
    acts.ship(shop, packed, {2: 1})

    acts.shipped(shop, {"set": 2, "cup": 1})
    arrived = acts.shipped(shop, {"set": 2, "tea": 2})
    acts.deliver(shop, arrived.id)
    acts.take_back(shop, arrived.id, {1: 1}, location="B")
    acts.take_back(shop, arrived.id, {2: 1}, disposition="scrap")
    acts.take_back(shop, acts.shipped(shop, {"cup": 2}).id, {1: 2})

    short = place(shop, {"tea": 4}).id
    acts.release(shop, short)
    acts.short(shop, short, {1: 1})
    acts.reject(shop, place(shop, {"cup": 2}).id)
    for last in (acts.ready, acts.hand, acts.not_collected):
        _pick_up(shop, last)
    _requests(shop)
    _in_slots(shop)
    cart = do(shop, hold_stock, {"channel": "web", "lines": [{"sku": "cup", "quantity": 1}]})
    do(shop, complete_cart, {"hold_id": str(cart.id), "ship_to": {"country": "PL"}})
    sweep_watches(shop.db)


def _in_slots(shop: make.Shop) -> None:
    """Brought in slots: planned, on its way, delivered, not delivered, given back."""
    do(shop, set_local_delivery, local_acts.areas("B", places=10))
    orders = [local_acts.place(shop, {"cup": 1}) for _ in range(5)]
    acts.cancel(shop, orders[4])
    for order_id in orders[1:4]:
        local_acts.pack(shop, order_id)
    local_acts.start(shop, orders[1])
    do(shop, deliver_stop, {"order_id": str(orders[2]), "taken_by": "Ann", "left_at": "Porch"})
    do(shop, fail_stop, {"order_id": str(orders[3]), "reason": "nobody_home"})


def _requests(shop: make.Shop) -> None:
    """Asked of a partner: unanswered, rejected, accepted, asked to be cancelled, sent."""
    asked = [make.place(shop, {"jug": 2}).id for _ in range(5)]
    for order_id in asked:
        acts.release(shop, order_id)
    acts.reject(shop, asked[1])
    for order_id in asked[2:]:
        acts.accept(shop, order_id)
    acts.cancel(shop, asked[3], {1: 1})
    acts.ship_accepted(shop, asked[4])
    lost = make.place(shop, {"tea": 1}, delivery="pickup", pickup_location="B").id
    acts.reject(shop, lost)
    do(shop, offer_choice, {"order_id": str(lost)})


def _priced(shop: make.Shop) -> None:
    """Taxes, discounts, shipping, a total of the channel's own, another currency."""
    vat = {"name": "VAT", "rate": "0.23"}
    lines = [
        {"sku": "tea", "quantity": 3, "unit_price": "3.333", "taxes": [vat]},
        {"sku": "cup", "quantity": 1, "unit_price": "1.99", "discount_minor": 9, "taxes": [vat]},
    ]
    adjustments = [
        {"kind": "discount", "amount_minor": 100},
        {"kind": "shipping", "amount_minor": 990, "taxes": [vat]},
        {"kind": "fee", "amount_minor": 50},
    ]
    fields = {"lines": lines, "adjustments": adjustments, "payment": CARD, "currency": "PLN"}
    for extra in ({}, {"tax_included": False}, {"totals": {"total_minor": 2123}}):
        _place(shop, fields | extra | {"customer": {"email": "anna@example.com"}})


def _place(shop: make.Shop, fields: dict[str, Any]) -> None:
    ask = msgspec.convert(make.ask({}) | fields, PlaceOrder)
    run(shop.db, make.BOSS, place_orders, ask)


def _pick_up(shop: make.Shop, last: Any) -> None:
    """A pick-up up to `last`: made ready, handed over or not collected."""
    order_id = make.place(shop, {"tea": 1}, delivery="pickup", pickup_location="A").id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id)
    acts.ready(shop, order_id)
    if last is acts.hand:
        acts.hand(shop, order_id, id_checked=True)
    elif last is not acts.ready:
        last(shop, order_id)


def _stock(shop: make.Shop) -> None:
    stock_acts.receive(shop, "B", {"tea": 5, "pot": 1}, reference="PO 7")
    stock_acts.adjust(shop, "A", {"cup": -1}, "damaged")
    stock_acts.move(shop, "A", "tea", 2, "available", "quality_control")
    stock_acts.count(shop, "C", {"cup": 18})
    stock_acts.hold(shop, {"set": 1})
    stock_acts.release(shop, stock_acts.hold(shop, {"tea": 2}).id)
    _transfers(shop)
    _assemblies(shop)
    _cycle_counts(shop)
    _bins(shop)
    _expected(shop)


def _expected(shop: make.Shop) -> None:
    """What suppliers announced: to come, come in part, and given up; and a pre-order."""
    ask = {"location": "B", "sku": "pot", "quantity": 6, "expected_on": "2099-05-04"}
    one = do(shop, expect_stock, ask | {"reference": "PO 8"})
    do(shop, receive_expected, {"expected_id": str(one.id), "quantity": 1})
    gone = do(shop, expect_stock, ask | {"sku": "cup"})
    do(shop, close_expected, {"expected_id": str(gone.id)})
    day = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    days = {"released_on": day, "channels": {"web": day}}
    do(shop, set_release, {"item_id": str(shop.items["pot"])} | days)
    make.place(shop, {"pot": 1}, latest_on="2020-01-01", external_id="ahead")


def _bins(shop: make.Shop) -> None:
    """One location keeps bin stock: some put away, some not, a pick bin to be filled."""
    bin_acts.lay_out(shop, "C")
    do(shop, switch_bin_stock, {"location": "C", "on": True})
    for sku, bin_, units in (("tea", "R-1", 5), ("tea", "P-1", 1), ("cup", "P-2", 2)):
        ask = {"location": "C", "sku": sku, "to_bin": bin_, "quantity": units}
        do(shop, put_away, ask)
    level = {"location": "C", "sku": "tea", "bin": "P-1", "units_min": 3, "units_max": 4}
    do(shop, set_pick_level, level)
    do(shop, raise_replenishments, {"location": "C"})


def _cycle_counts(shop: make.Shop) -> None:
    """One finished, one of which a difference waits."""
    counting.limit(shop, "C", units=2)
    counting.enter(shop, counting.start(shop, "C", skus=["cup"]), "cup", 17)
    counting.enter(shop, counting.start(shop, "C", skus=["tea", "cup"]), "tea", 1)


def _transfers(shop: make.Shop) -> None:
    """One in each state."""
    goods.draft(shop, {"tea": 1})
    goods.request(shop, goods.draft(shop, {"cup": 1}))
    goods.cancel(shop, goods.draft(shop, {"pot": 1}))
    goods.ship(shop, goods.draft(shop, {"tea": 2}, to_location="C"))
    part = goods.ship(shop, goods.draft(shop, {"tea": 3, "cup": 2}))
    goods.receive(shop, part, "tea", 1, damaged=1)
    lost = goods.ship(shop, goods.draft(shop, {"cup": 2}))
    goods.receive(shop, lost, "cup", 1, surplus=1)
    goods.close(shop, lost)


def _assemblies(shop: make.Shop) -> None:
    """One drafted by a recipe, one partly made, one finished with some spoiled."""
    making.set_parts(shop, "pot", {"tea": 1})
    making.draft(shop, "pot", None, 1)
    part = making.start(shop, making.draft(shop, "pot", {"tea": 1, "cup": 2}, 2))
    making.book(shop, part, quantity=1)
    whole = making.start(shop, making.draft(shop, "pot", {"tea": 1}, 2))
    making.book(shop, whole, quantity=1, spoiled=1)


def _past(shop: make.Shop) -> None:
    """Orders of long ago, from a file; a row of it can't be booked."""
    day = "2010-12-01"
    order_files.take(
        shop.db,
        order_files.body(
            ("1", "tea", 3, day, "2.55", "17850.0"),
            ("1", "POST", 1, day, "18.00", "17850.0"),
            ("2", "jug", 2, day, "1.85", "17851.0"),
            ("C3", "jug", -1, day, "1.85", "17851.0"),
            ("C4", "cup", -1, day, "1.85", ""),
        ),
    )


def _feed(shop: make.Shop) -> None:
    """Most events are in the feed and followed; the last ones wait."""
    with shop.db.transaction(SYSTEM) as tx:
        move_pending(tx)
        add_jobs(tx, JOBS)
    follow(shop.db, ORDER_LISTINGS)
    _tell(shop, make.place(shop, {"tea": 1}, customer={"email": "anna@example.com"}).id)


def _tell(shop: make.Shop, order_id: UUID) -> None:
    """A mail, a link, a channel that decided what it tells."""
    do(shop, set_channel_mails, {"channel": "web", "kinds": ["confirmed"], "accent": "#0b6660"})
    do(shop, write_to_customer, {"order_id": str(order_id), "subject": "Blue?", "text": "Fine?"})
