"""Transfers: stock leaves one place once, arrives at the other once, and what is lost is told."""

import random
from collections import Counter
from functools import partial

import msgspec
import pytest

from ordito.flows.cancel_order import cancel_order
from ordito.flows.cycle_count import enter_cycle_count
from ordito.flows.pick_units import pick_units
from ordito.flows.place_orders import place_orders
from ordito.flows.receive_transfer import close_transfer, receive_transfer
from ordito.flows.transfer_stock import cancel_transfer, draft_transfer, ship_transfer
from ordito.fulfillment.asks import PickUnits
from ordito.inventory.cycle_count_asks import EnterCycleCount
from ordito.inventory.problems import OutOfStock
from ordito.inventory.transfer_asks import (
    CloseTransfer,
    DraftTransfer,
    ReceiveTransfer,
    ShipTransfer,
    TransferAsk,
)
from ordito.inventory.transfers import read_transfer
from ordito.orders.asks import CancelOrder
from ordito.orders.types import PlaceOrder
from ordito.platform.access import EVERYTHING, SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound, VersionConflict
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import acts as order_acts
from tests.flows import cycle_count_acts as counting
from tests.flows import stock_acts as acts
from tests.flows import transfer_acts as goods
from tests.flows.test_reactions import backordered, let_reactions_happen


def test_a_transfer_from_its_draft_to_its_last_receipt(db: Database) -> None:
    shop = make.shop(db)
    made = goods.draft(shop, {"tea": 4, "cup": 3}, reference="T-1", expected_on="2027-01-05")
    assert (made.state, made.number, made.version) == ("draft", 1, 1)
    assert made.allowed_actions == ["change", "request", "ship", "cancel"]
    changed = goods.change(shop, made, lines=goods.lines({"tea": 6, "cup": 3}), note="soon")
    assert [line.requested for line in changed.lines] == [6, 3]
    assert goods.request(shop, made).state == "requested"
    assert goods.cell(shop, "tea", "A") == {"available": 10}, "asking moves nothing"

    shipped = goods.ship(shop, made, {"tea": 5, "cup": 3})

    assert (shipped.state, shipped.allowed_actions) == ("shipped", ["receive", "close"])
    assert goods.cell(shop, "tea", "A") == {"available": 5, "in_transit": 5}
    assert goods.cell(shop, "tea", "B") == {"available": 10, "incoming": 5}
    part = goods.receive(shop, made, "tea", 3, damaged=1)
    assert (part.state, [line.open for line in part.lines]) == ("partly_received", [1, 3])
    assert goods.cell(shop, "tea", "A") == {"available": 5, "in_transit": 1}
    assert goods.cell(shop, "tea", "B") == {"available": 13, "damaged": 1, "incoming": 1}
    goods.receive(shop, made, "cup", 3, surplus=2)
    assert goods.cell(shop, "cup", "B") == {"available": 15}
    done = goods.close(shop, made, "the carrier lost one")
    assert (done.state, done.allowed_actions) == ("received", [])
    tea = done.lines[0]
    assert (tea.shipped, tea.received, tea.damaged, tea.missing, tea.open) == (5, 3, 1, 1, 0)
    assert goods.cell(shop, "tea", "A") == {"available": 5}
    assert goods.cell(shop, "tea", "B") == {"available": 13, "damaged": 1}
    told = [entry.kind.removeprefix("transfer.") for entry in acts.timeline(db, made.id)]
    assert told == [
        "drafted", "changed", "requested", "shipped", "received", "received", "closed",
    ]  # fmt: skip
    # What came is not what was sent: the source is asked to count both.
    assert sorted(task[0] for task in order_acts.open_tasks(shop)) == ["count", "count"]
    assert_well_now(db)


def test_what_is_not_free_does_not_leave(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}, "B": {"tea": 0}})
    make.place(shop, {"tea": 3})
    made = goods.draft(shop, {"cup": 1, "tea": 3})
    before = acts.postings(db)

    with pytest.raises(OutOfStock) as caught:
        goods.ship(shop, made)

    short = caught.value.extra["shortages"]
    assert [(s["sku"], s["asked"], s["free"], s["orders"]) for s in short] == [("tea", 3, 2, 1)]
    assert acts.postings(db) == before
    assert goods.ship(shop, made, {"tea": 2}).lines[0].shipped == 0


def test_what_arrives_goes_to_who_waits_the_oldest_promise_first(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 4}, "B": {"tea": 0}})
    with db.connection() as conn:
        conn.execute("UPDATE locations.location SET can_ship = false WHERE code = 'A'")
        conn.execute("UPDATE platform.revision SET n = n + 1")
    late = make.place(shop, {"tea": 3}, promised_on="2027-03-01")
    early = make.place(shop, {"tea": 3}, promised_on="2027-01-01")
    made = goods.draft(shop, {"tea": 4})
    goods.ship(shop, made)
    goods.receive(shop, made, "tea", 4)

    let_reactions_happen(db)

    assert (backordered(db, early.number), backordered(db, late.number)) == (0, 2)
    assert make.free(shop, "tea") == {"A": 0, "B": 0}


def test_every_fault_of_an_ask_is_told_and_nothing_written(db: Database) -> None:
    shop = make.shop(db)
    bad = {"from_location": "A", "to_location": "A",
           "lines": [*goods.lines({"tea": 1, "no": 1}), *goods.lines({"tea": 2})]}  # fmt: skip
    with pytest.raises(InvalidInput) as caught:
        acts.do(db, draft_transfer, msgspec.convert(bad, DraftTransfer))
    codes = [(fault.pointer, fault.code) for fault in caught.value.errors]
    assert codes == [
        ("/to_location", "same-location"),
        ("/lines/1/sku", "unknown-sku"),
        ("/lines/2/sku", "duplicate"),
    ]
    made = goods.draft(shop, {"tea": 2})
    for units, code in (
        ({"tea": 3}, "too-many"),
        ({"cup": 1}, "unknown-line"),
        ({"tea": 0}, "empty"),
    ):
        with pytest.raises(InvalidInput) as caught:
            goods.ship(shop, made, units)
        assert [fault.code for fault in caught.value.errors] == [code]
    with pytest.raises(ActionNotAllowed):
        goods.receive(shop, made, "tea", 1)
    goods.ship(shop, made)
    with pytest.raises(InvalidInput):
        goods.receive(shop, made, "tea", 2, damaged=1)
    for act in (goods.cancel, goods.request, goods.ship):
        with pytest.raises(ActionNotAllowed) as refused:
            act(shop, made)
        assert refused.value.extra == {"allowed_actions": ["receive", "close"]}
    with pytest.raises(VersionConflict):
        acts.do(db, close_transfer, CloseTransfer(transfer_id=made.id, version=1))
    assert goods.cell(shop, "tea", "B") == {"available": 10, "incoming": 2}


def test_each_end_is_worked_by_who_sees_it(db: Database) -> None:
    shop = make.shop(db)
    made = goods.draft(shop, {"tea": 2})

    def at(*codes: str) -> Actor:
        places = frozenset(shop.locations[code] for code in codes)
        return Actor("user", make.BOSS.id, "Kim", EVERYTHING, location_ids=places)

    with pytest.raises(ActionNotAllowed, match="source"):
        run(db, at("B"), ship_transfer, ShipTransfer(transfer_id=made.id))
    run(db, at("A"), ship_transfer, ShipTransfer(transfer_id=made.id))
    with pytest.raises(ActionNotAllowed, match="destination"):
        run(db, at("A"), close_transfer, CloseTransfer(transfer_id=made.id))
    with pytest.raises(NotFound):
        run(db, at(), close_transfer, CloseTransfer(transfer_id=made.id))
    assert run(db, at("B"), close_transfer, CloseTransfer(transfer_id=made.id)).state == "received"


def test_shipped_and_cancelled_at_once_is_one_of_both(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 20}, "B": {"tea": 0}})
    for _round in range(3):
        made = goods.draft(shop, {"tea": 2})
        go = partial(run, db, make.BOSS)
        outcomes = acts.race(
            [partial(go, ship_transfer, ShipTransfer(transfer_id=made.id))] * 3
            + [partial(go, cancel_transfer, TransferAsk(transfer_id=made.id))] * 2
        )
        assert Counter(outcomes) == {"done": 1, "action-not-allowed": 4}
    assert_well_now(db)


def test_the_last_units_leave_with_one_transfer_and_arrive_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 9}, "B": {"tea": 5, "cup": 9}},
                     shortage="refuse")  # fmt: skip
    there = [goods.draft(shop, {"tea": 2, "cup": 1}) for _ in range(4)]
    back = [
        goods.draft(shop, {"cup": 1, "tea": 2}, from_location="B", to_location="A")
        for _ in range(4)
    ]
    go = partial(run, db, make.BOSS)
    outcomes = acts.race(
        [partial(go, ship_transfer, ShipTransfer(transfer_id=made.id)) for made in there + back]
    )
    assert Counter(outcomes) == {"done": 4, "out-of-stock": 4}
    moving = [made for made in there if state_of(db, made) == "shipped"]
    body = {"lines": [{"sku": "tea", "quantity": 2}]}
    arriving = [
        partial(
            go, receive_transfer, msgspec.convert(body | {"transfer_id": m.id}, ReceiveTransfer)
        )
        for m in moving * 3
    ]
    assert Counter(acts.race(arriving)) == {"done": 2, "invalid-input": 4}
    assert goods.cell(shop, "tea", "A") == {"available": 1, "incoming": 4}
    assert goods.cell(shop, "tea", "B") == {"available": 5, "in_transit": 4}
    assert_well_now(db)


def state_of(db: Database, made: goods.Made) -> str:
    with db.reading(SYSTEM) as tx:
        found = read_transfer(tx, made.id)
    assert found is not None
    return found.state


@pytest.mark.parametrize("seed", [3, 11])
def test_many_hands_on_the_same_items_lose_and_invent_nothing(db: Database, seed: int) -> None:
    """Transfers both ways, orders, picking, cancelling, counts and receipts, all at once."""
    rng = random.Random(seed)
    shop = make.shop(db, stock={"A": {"tea": 40, "cup": 40}, "B": {"tea": 40, "cup": 40}})
    go = partial(run, db, make.BOSS)
    placed = [make.place(shop, {"tea": 2, "cup": 1}).id for _ in range(6)]
    for order_id in placed[:3]:
        order_acts.release(shop, order_id)
    under_way = [goods.ship(shop, goods.draft(shop, {"tea": 3, "cup": 2})) for _ in range(3)]
    back = [
        goods.draft(shop, {"cup": 2, "tea": 3}, from_location="B", to_location="A")
        for _ in range(4)
    ]
    sheet = counting.start(shop, "A", skus=["tea", "cup"])
    order = msgspec.convert(make.ask({"tea": 1, "cup": 1}), PlaceOrder)
    arrived = [{"sku": "tea", "quantity": 2}, {"sku": "cup", "damaged": 1}]
    calls = [
        *[partial(go, ship_transfer, ShipTransfer(transfer_id=made.id)) for made in back],
        *[
            partial(
                go,
                receive_transfer,
                msgspec.convert({"transfer_id": m.id, "lines": arrived}, ReceiveTransfer),
            )
            for m in under_way
        ],
        partial(go, close_transfer, CloseTransfer(transfer_id=under_way[0].id)),
        *[
            partial(go, cancel_order, CancelOrder(order_id=id_, reason="late"))
            for id_ in placed[2:5]
        ],
        *[partial(go, pick_units, PickUnits(order_id=id_, fo_no=1)) for id_ in placed[:3]],
        *[
            partial(go, enter_cycle_count, EnterCycleCount(count_id=sheet.id, sku=sku, counted=25))
            for sku in ("tea", "cup")
        ],
        *[partial(go, place_orders, order)] * 5,
    ]
    rng.shuffle(calls)

    outcomes = Counter(acts.race(calls))

    assert outcomes["busy"] == 0
    assert outcomes["done"] >= len(calls) - 8
    acts.assert_stock_sound(db)
    assert_well_now(db)
