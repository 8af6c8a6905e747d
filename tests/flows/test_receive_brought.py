"""Ship to store: what the shop of a pick-up lacks is sent to it, received, and handed over."""

import contextlib
import threading
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.channels.types import UpdateChannel
from ordito.flows.cancel_order import cancel_order
from ordito.flows.manage_channels import update_channel
from ordito.flows.receive_brought import receive_brought
from ordito.flows.tell_availability import AskDelivery, get_delivery_availability
from ordito.fulfillment.asks import ReceiveBrought
from ordito.fulfillment.fulfillment_orders import read_by_order
from ordito.inventory.problems import LotRequired
from ordito.kernel.asks import LotPieces
from ordito.listings.arrivals import list_arrivals, list_preparing, read_arriving
from ordito.listings.lots import LotFilter, list_lots
from ordito.listings.order_page import read_order_page
from ordito.orders.asks import CancelOrder
from ordito.orders.states import OrderState
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound, Problem
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import acts
from tests.flows import lot_acts as lots
from tests.flows.invariants import assert_sound

W_AND_S: dict[str, Any] = {
    "W": {"latitude": 51.75, "longitude": 19.46},
    "S": {"kind": "store", "can_ship": False, "latitude": 52.2, "longitude": 21.0},
}


def shop_with(db: Database, *, bring: bool = True, **fields: Any) -> make.Shop:
    """A warehouse W, and a store S that hands out; what S lacks is brought to it."""
    stock = fields.pop("stock", {"W": {"tea": 10, "cup": 10}, "S": {"tea": 1}})
    shop = make.shop(db, stock=stock, locations=W_AND_S, **fields)
    run(db, make.BOSS, update_channel, UpdateChannel(code="web", bring_to_shop=bring))
    return shop


def place(shop: make.Shop, lines: dict[str, int], **fields: Any) -> UUID:
    order: UUID = make.place(shop, lines, delivery="pickup", pickup_location="S", **fields).id
    return order


def sent(
    shop: make.Shop, order_id: UUID, fo_no: int, lines: dict[int, int] | None = None
) -> OrderState:
    """The part of W, on its way."""
    acts.release(shop, order_id, fo_no)
    acts.pick(shop, order_id, fo_no=fo_no)
    acts.pack(shop, order_id, fo_no=fo_no)
    return acts.ship(shop, order_id, lines, fo_no, tracking_number="T1")


def page_of(shop: make.Shop, order_id: UUID) -> Any:
    with shop.db.reading(SYSTEM) as tx:
        return read_order_page(tx, order_id)


def arriving(shop: make.Shop) -> list[tuple[int, int]]:
    """Fulfillment order and units of the parcels on their way to S."""
    with shop.db.reading(make.BOSS) as tx:
        return [(one.fo_no, one.units) for one in list_arrivals(tx, "S").items]


def test_what_the_shop_lacks_is_brought_and_all_of_it_is_collected_there(db: Database) -> None:
    shop = shop_with(db, kits={"set": {"tea": 1, "cup": 2}})
    order_id = place(shop, {"tea": 3, "set": 1})
    page = page_of(shop, order_id)
    own, far = page.fulfillment_orders
    assert [
        (w.location.code, w.delivery, w.destination and w.destination.code)
        for w in page.fulfillment_orders
    ] == [("S", "pickup", None), ("W", "ship", "S")]
    assert [(one.line_no, one.units) for one in own.lines] == [(1, 1)]
    assert [(one.line_no, one.units) for one in far.lines] == [(1, 2), (2, 1)]
    assert page.decisions[0].outcome == "all"
    assert page.decisions[0].summary == (
        "The shop has 1 of 4 pieces; 3 are brought to it from elsewhere.",
    )
    assert {r.location: (r.units, r.words.split(":")[0]) for r in page.decisions[0].reasons} == {
        "S": (1, "Chosen"),
        "W": (3, "Chosen"),
    }
    with shop.db.reading(make.BOSS) as tx:
        assert [(one.fo_no, one.units) for one in list_preparing(tx, "S")] == [(2, 3)]

    # The shop has its own part in the box, and waits for the rest.
    acts.release(shop, order_id, 1)
    acts.pick(shop, order_id, fo_no=1)
    acts.pack(shop, order_id, fo_no=1)
    early = acts.refusal(shop, lambda: acts.ready(shop, order_id))
    assert "still to be brought here: 3. Nothing was changed" in early.detail

    state = sent(shop, order_id, 2, {1: 2})
    assert acts.level(shop, "tea", "W") == {"on_hand": 8, "available": 7, "picked": 1,
                                            "in_transit": 2}  # fmt: skip
    state = acts.ship(shop, order_id, fo_no=2, tracking_number="T2")
    assert acts.parts(state) == [("S", "packed"), ("W", "shipped")]
    assert acts.vector(state) == {"packed": 3}
    assert (state.fulfilment, arriving(shop)) == ("in_progress", [(2, 2), (2, 1)])
    assert acts.level(shop, "cup", "W") == {"on_hand": 8, "available": 8, "in_transit": 2}
    told = acts.refusal(shop, lambda: acts.deliver(shop, order_id, 2))
    assert "the shop where it is collected" in told.detail

    state = acts.brought(shop, order_id, 2, 1)
    assert acts.parts(state) == [("S", "packed"), ("W", "shipped")]
    assert acts.level(shop, "tea", "S") == {"on_hand": 3, "picked": 3}
    assert acts.level(shop, "tea", "W") == {"on_hand": 7, "available": 7, "in_transit": 1}

    state = acts.brought(shop, order_id, 2, 2)
    assert acts.parts(state) == [("S", "ready"), ("W", "delivered")]
    assert acts.timeline(shop, order_id)[-3:] == ["units_brought", "units_brought", "pickup_ready"]
    assert acts.event(shop, order_id, "units_brought") == {
        "fo_no": 2, "location": "S", "sender": "W", "parcel_no": 2, "lines": {"2": 1}, "lost": {},
        "to_shelf": 0, "shop_fo_no": 1,
    }  # fmt: skip
    assert arriving(shop) == []
    assert_well_now(db)

    state = acts.hand(shop, order_id, id_checked=True)
    assert (state.life, state.fulfilment) == ("closed", "fulfilled")
    assert acts.vector(state) == {"shipped": 3, "delivered": 3}
    assert acts.level(shop, "tea", "S") == {}
    assert_well_now(db)


def test_nothing_is_brought_unless_channel_and_shop_have_it_so(db: Database) -> None:
    shop = shop_with(db, bring=False)
    waiting = place(shop, {"tea": 3})
    state = acts.look(shop, waiting)
    assert acts.vector(state) == {"reserved": 1, "backordered": 2}
    assert acts.parts(state) == [("S", "open")]

    run(db, make.BOSS, update_channel, UpdateChannel(code="web", bring_to_shop=True))
    with shop.db.connection() as conn:
        conn.execute("UPDATE locations.location SET takes_brought = false WHERE code = 'S'")
        conn.execute("UPDATE platform.revision SET n = n + 1")
    assert acts.vector(acts.look(shop, place(shop, {"tea": 1}))) == {"backordered": 1}
    with shop.db.connection() as conn:
        conn.execute("UPDATE locations.location SET takes_brought = true WHERE code = 'S'")
        conn.execute("UPDATE platform.revision SET n = n + 1")
    assert acts.vector(acts.look(shop, place(shop, {"tea": 1}))) == {"reserved": 1}

    # An order that waits is served so as well, once somebody looks again.
    state = acts.look_again(shop, waiting)
    assert acts.parts(state) == [("S", "open"), ("W", "open")]
    # What the shop refuses for want of stock is brought; what it doesn't want isn't.
    state = acts.reject(shop, waiting, 1, reason="out_of_stock")
    assert acts.parts(state)[2:] == [("W", "open")]
    unwanted = place(shop, {"tea": 1})
    state = acts.reject(shop, unwanted, 1)
    assert acts.vector(state) == {"backordered": 1}
    assert_well_now(db)


def test_what_is_cancelled_on_the_way_becomes_stock_of_the_shop(db: Database) -> None:
    shop = shop_with(db)
    order_id = place(shop, {"tea": 4})
    state = sent(shop, order_id, 2)
    assert acts.parts(state) == [("S", "open"), ("W", "shipped")]

    state = acts.cancel(shop, order_id, {1: 3})
    # What had least work done goes first: the shop's own unit, then two of the three under way.
    assert acts.parts(state) == [("S", "cancelled"), ("W", "shipped")]
    assert acts.level(shop, "tea", "W") == {"on_hand": 7, "available": 7, "in_transit": 3}
    with shop.db.reading(make.BOSS) as tx:
        _parcel, items, _lots = read_arriving(tx, order_id, 2, 1)
    assert [(item.sku, item.pieces, item.wanted) for item in items] == [("tea", 3, 1)]

    state = acts.brought(shop, order_id, 2)
    assert acts.parts(state) == [("S", "cancelled"), ("W", "delivered"), ("S", "ready")]
    assert acts.level(shop, "tea", "S") == {"on_hand": 4, "available": 3, "picked": 1}
    assert acts.level(shop, "tea", "W") == {"on_hand": 7, "available": 7}
    assert acts.event(shop, order_id, "units_brought")["to_shelf"] == 2

    # Nobody came: it is stock of the shop, where it lies.
    state = acts.not_collected(shop, order_id, 3)
    assert state.life == "cancelled"
    assert acts.level(shop, "tea", "S") == {"on_hand": 4, "available": 4}
    assert_well_now(db)

    # All of it cancelled on the way: the parcel is still received.
    gone = place(shop, {"cup": 2})
    sent(shop, gone, 1)
    assert acts.cancel(shop, gone).life == "cancelled"
    assert arriving(shop) == [(1, 2)]
    state = acts.brought(shop, gone, 1)
    assert acts.parts(state) == [("W", "cancelled")]
    assert acts.level(shop, "cup", "S") == {"on_hand": 2, "available": 2}
    again = acts.refusal(shop, lambda: acts.brought(shop, gone, 1))
    assert isinstance(again, ActionNotAllowed)
    assert_well_now(db)


def test_what_is_lost_on_the_way_is_looked_for_anew(db: Database) -> None:
    shop = shop_with(db, stock={"W": {"tea": 4, "cup": 2}, "S": {"tea": 0}},
                     kits={"set": {"tea": 1, "cup": 2}})  # fmt: skip
    order_id = place(shop, {"tea": 3, "set": 1})
    sent(shop, order_id, 1)
    too_many = acts.refusal(shop, lambda: acts.brought(shop, order_id, 1, items={"tea": 5}))
    assert isinstance(too_many, InvalidInput)
    assert too_many.errors[0].code == "too-many"

    # Of 4 tea 2 came and one is broken; of the kit's 2 cups one came. Nobody has more.
    state = acts.brought(shop, order_id, 1, items={"tea": (2, 1), "cup": 1})

    assert acts.vector(state) == {"packed": 2, "backordered": 1}
    assert acts.vector(state, 2) == {"backordered": 1}
    assert acts.parts(state) == [("W", "delivered"), ("S", "packed")]
    assert acts.level(shop, "tea", "S") == {"on_hand": 3, "picked": 2, "damaged": 1}
    assert acts.level(shop, "cup", "S") == {"on_hand": 1, "available": 1}
    assert acts.level(shop, "tea", "W") == {}
    assert acts.event(shop, order_id, "units_brought")["lost"] == {"1": 1, "2": 1}
    # Of the tea the kit's is missing, for the line before it took what came.
    assert sorted(acts.open_tasks(shop)) == [
        ("count", 2, 1),
        ("count", 2, 1),
        ("shortage", 1, 1),
        ("shortage", 2, 1),
    ]  # fmt: skip
    assert_well_now(db)

    # The rest is given up; the customer is told of what is there.
    acts.cancel(shop, order_id, {1: 1, 2: 1})
    assert acts.parts(acts.ready(shop, order_id, 2)) == [("W", "delivered"), ("S", "ready")]

    # A whole parcel that never comes is sent again by whoever has it.
    make.receive(shop, {"W": {"tea": 2}})
    lost = place(shop, {"tea": 1})
    sent(shop, lost, 1)
    state = acts.brought(shop, lost, 1, items={})
    assert acts.parts(state) == [("W", "short"), ("W", "open")]
    assert acts.level(shop, "tea", "W") == {"on_hand": 1, "reserved": 1}
    assert_well_now(db)


def test_only_who_sees_the_shop_receives(db: Database) -> None:
    shop = shop_with(db)
    order_id = place(shop, {"cup": 1})
    sent(shop, order_id, 1)
    at_shop = bound(shop, "S")
    at_sender = bound(shop, "W")
    ask = ReceiveBrought(order_id=order_id, fo_no=1, parcel_no=1)
    with pytest.raises(NotFound):
        run(db, at_sender, receive_brought, ask)
    with shop.db.reading(at_sender) as tx, pytest.raises(NotFound):
        list_arrivals(tx, "S")
    with shop.db.reading(at_shop) as tx:
        (parcel,) = list_arrivals(tx, "S", words="t1").items
        assert list_arrivals(tx, "S", words="t2").items == ()
        assert (parcel.sender.code, parcel.tracking_number) == ("W", "T1")
        assert [w.fo_no for w in read_order_page(tx, order_id).fulfillment_orders] == [1]
    wrong = msgspec.structs.replace(ask, parcel_no=2)
    with pytest.raises(ActionNotAllowed):
        run(db, at_shop, receive_brought, wrong)
    assert_sound(db)

    state = run(db, at_shop, receive_brought, ask)

    assert acts.parts(state) == [("S", "ready")]
    with shop.db.reading(SYSTEM) as tx:
        assert len(read_by_order(tx, [order_id])[order_id][1].pickup_code or "") == 6


def bound(shop: make.Shop, code: str) -> Any:
    """Who may do everything at one location."""
    here = frozenset((shop.locations[code],))
    return msgspec.structs.replace(make.BOSS, location_ids=here)


def test_arriving_and_cancelling_meet_and_no_unit_is_lost(db: Database) -> None:
    skus = ("tea", "cup", "pot")
    shop = shop_with(db, stock={"W": dict.fromkeys(skus, 2), "S": dict.fromkeys(skus, 0)})
    for sku in skus:
        order_id = place(shop, {sku: 2})
        sent(shop, order_id, 1)
        receive = ReceiveBrought(order_id=order_id, fo_no=1, parcel_no=1)
        cancel = CancelOrder(order_id=order_id, reason="customer_request")
        race(db, (receive_brought, receive), (cancel_order, cancel))
        assert_sound(db)
        state = acts.look(shop, order_id)
        assert (state.life, acts.vector(state)) == ("cancelled", {"cancelled": 2})
        # Whoever came first: the goods are in the shop, free for others.
        assert acts.level(shop, sku, "S") == {"on_hand": 2, "available": 2}
        assert acts.level(shop, sku, "W") == {}
    assert_well_now(db)


def race(db: Database, *doings: tuple[Any, Any]) -> None:
    """Both at once; one may be told that it came too late."""
    start = threading.Barrier(len(doings))

    def act(command: Any, ask: Any) -> None:
        start.wait()
        with contextlib.suppress(Problem):
            run(db, make.BOSS, command, ask)

    threads = [threading.Thread(target=act, args=doing) for doing in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_shops_are_told_what_is_there_now_and_what_is_brought_when(db: Database) -> None:
    shop = shop_with(db)
    with shop.db.connection() as conn:
        conn.execute("UPDATE locations.location SET pick_minutes = 60")
        conn.execute("UPDATE channels.channel SET bring_days = 2, promise_level = NULL")
        conn.execute("UPDATE platform.revision SET n = n + 1")
    ask = AskDelivery(
        channel="web", country="PL", delivery="pickup", location="S", sku=("tea", "cup")
    )
    with shop.db.reading(make.BOSS) as tx:
        tea, cup = get_delivery_availability(tx, ask).items
    assert (tea.units, tea.brought, len(tea.steps)) == (11, 10, 2)
    today, later = tea.steps
    assert (today.units, later.units) == (1, 11)
    assert today.delivers_on is not None
    assert later.ships_on is not None
    assert later.delivers_on is not None
    assert (later.delivers_on - later.ships_on).days == 2
    assert (cup.units, cup.brought) == (10, 10)

    page = page_of(shop, place(shop, {"tea": 2}))
    assert page.promised_on == later.delivers_on
    assert [work.promised_on for work in page.fulfillment_orders] == [
        today.ships_on, later.ships_on,
    ]  # fmt: skip
    assert_well_now(db)


def test_lots_and_serial_numbers_go_along(db: Database) -> None:
    shop = shop_with(db, stock={"W": {"milk": 0, "lamp": 0}, "S": {"milk": 0, "lamp": 0}})
    lots.track(shop, "milk", tracking="lot", expires=True, sell_days=10)
    lots.track(shop, "lamp", tracking="serial")
    lots.receive(shop, "milk", {"M1": (2, lots.SOON), "M2": (2, lots.LATER)}, "W")
    lots.receive(shop, "lamp", {"L1": (1, None)}, "W")
    order_id = place(shop, {"milk": 4, "lamp": 1})
    acts.release(shop, order_id)
    lots.pick(shop, order_id, as_proposed=True)
    acts.pack(shop, order_id)
    acts.ship(shop, order_id)
    lots.assert_lots_sound(shop)
    with shop.db.reading(make.BOSS) as tx:
        _parcel, _items, sent_lots = read_arriving(tx, order_id, 1, 1)
    assert [(one.line_no, one.lot, one.pieces) for one in sent_lots] == [
        (1, "M1", 2), (1, "M2", 2), (2, "L1", 1),
    ]  # fmt: skip

    items = {"milk": (2, 1), "lamp": 1}
    vague = acts.refusal(shop, lambda: acts.brought(shop, order_id, 1, items=items))
    assert isinstance(vague, LotRequired)
    named = (LotPieces(line=1, lot="M2", quantity=2),)
    state = acts.brought(shop, order_id, 1, items=items, lots=named)

    lots.assert_lots_sound(shop)
    assert acts.vector(state) == {"packed": 2, "backordered": 2}
    with shop.db.reading(SYSTEM) as tx:
        there = {
            (view.lot, cell.location.code): (cell.picked, cell.damaged, cell.in_transit)
            for view in list_lots(tx, LotFilter()).items
            for cell in view.places
        }
    assert there == {("M2", "S"): (2, 0, 0), ("M1", "S"): (0, 1, 0), ("L1", "S"): (1, 0, 0)}

    acts.cancel(shop, order_id, {1: 2})
    acts.ready(shop, order_id, 2)
    assert acts.hand(shop, order_id, 2, id_checked=True).life == "closed"
    lots.assert_lots_sound(shop)
    assert_well_now(db)
