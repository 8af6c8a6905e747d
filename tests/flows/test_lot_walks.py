"""Whatever is done with lots, in whatever order and at once: they are all of the stock."""

import random
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.flows.assemble import book_made, close_assembly, start_assembly
from ordito.flows.expect_stock import close_expected, expect_stock, receive_expected
from ordito.flows.manage_lots import block_lot, settle_lots, unblock_lot
from ordito.flows.pick_units import pick_units
from ordito.flows.receive_stock import receive_stock
from ordito.flows.receive_transfer import receive_transfer
from ordito.flows.ship_units import ship_units
from ordito.flows.transfer_stock import ship_transfer
from ordito.fulfillment.asks import PickUnits, ShipUnits
from ordito.inventory.asks import ReceiveStock
from ordito.inventory.assembly_asks import BookMade, CloseAssembly, StartAssembly
from ordito.inventory.expected_asks import CloseExpected, ExpectReceipt, ReceiveExpected
from ordito.inventory.lot_asks import BlockLot, UnblockLot
from ordito.inventory.transfer_asks import ReceiveTransfer, ShipTransfer
from ordito.listings.doctor.examination import examine
from ordito.listings.lots import LotFilter, LotView, list_lots
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import Problem
from tests import make
from tests.flows import acts, transfer_acts
from tests.flows import assembly_acts as making
from tests.flows import cycle_count_acts as counting
from tests.flows import lot_acts as lots
from tests.flows.lot_acts import LATER, SOON
from tests.races.racing import race

ROUNDS = 2
CODES = ("M1", "M2", "M3")


class Walk:
    """Acts on one shop, drawn at random: refusals are fine, wrong sums aren't."""

    def __init__(self, shop: make.Shop, seed: int) -> None:
        self.shop = shop
        self.random = random.Random(seed)
        self.orders: list[UUID] = []
        self.expected: list[UUID] = []
        self.made: list[UUID] = []
        self.transfers: list[Any] = []
        self.counts: list[Any] = []
        self.day: Sequence[Callable[[], Any]] = (
            self.receive, self.expect, self.receive, self.order, self.arrive, self.pick,
            self.start, self.count, self.ship, self.book, self.transfer, self.approve, self.order,
            self.come, self.block, self.close, self.pick, self.cancel, self.block, self.give_up,
        )  # fmt: skip

    def do(self, command: Any, kind: Any, **body: Any) -> Any:
        return run(self.shop.db, make.BOSS, command, msgspec.convert(body, kind))

    def some(self, things: Sequence[Any]) -> Any:
        if not things:
            raise IndexError
        return self.random.choice(things[-2:])

    def lot(self, qty: int) -> dict[str, Any]:
        day = SOON if (code := self.random.choice(CODES)) == "M1" else LATER
        return {"lot": code, "quantity": qty, "expires_on": day.isoformat()}

    def known(self) -> list[LotView]:
        with self.shop.db.reading(SYSTEM) as tx:
            wanted = LotFilter(item_id=self.shop.items["milk"], location="A", in_stock=True)
            return list(list_lots(tx, wanted).items)

    def receive(self) -> None:
        lot = self.lot(self.random.randint(1, 5))
        line = {"sku": "milk", "quantity": lot["quantity"], "lots": [lot]}
        self.do(receive_stock, ReceiveStock, location="A", lines=[line])

    def expect(self) -> None:
        body = {"location": "A", "sku": "milk", "quantity": self.random.randint(2, 6)}
        one = self.do(expect_stock, ExpectReceipt, **body, expected_on=SOON.isoformat())
        self.expected.append(one.id)

    def arrive(self) -> None:
        fit, damaged = self.random.randint(0, 4), self.random.randint(0, 1)
        self.do(
            receive_expected, ReceiveExpected, expected_id=self.some(self.expected),
            quantity=fit, lots=[self.lot(fit)] if fit else [], damaged=damaged,
            damaged_lots=[self.lot(damaged)] if damaged else [],
        )  # fmt: skip

    def give_up(self) -> None:
        self.do(close_expected, CloseExpected, expected_id=self.some(self.expected))

    def order(self) -> None:
        placed = make.place(self.shop, {"milk": self.random.randint(1, 3)})
        acts.release(self.shop, placed.id)
        self.orders.append(placed.id)

    def pick(self) -> None:
        self.do(pick_units, PickUnits, order_id=self.some(self.orders), fo_no=1, as_proposed=True)

    def ship(self) -> None:
        order_id = self.some(self.orders)
        acts.pack(self.shop, order_id)
        self.do(ship_units, ShipUnits, order_id=order_id, fo_no=1, carrier="DHL")

    def cancel(self) -> None:
        acts.cancel(self.shop, self.some(self.orders))

    def count(self) -> None:
        sheet = counting.start(self.shop, skus=["milk"])
        self.counts.append(sheet)
        said = [
            {"lot": lot.lot, "counted": max(0, place.shelf + self.random.randint(-2, 2))}
            for lot in self.known()
            for place in lot.places
            if place.location.code == "A"
        ]
        counting.enter(self.shop, sheet, "milk", None, lots=said)

    def approve(self) -> None:
        counting.approve(self.shop, self.some(self.counts), "milk")

    def start(self) -> None:
        draft = making.draft(self.shop, "shake", {"milk": 2}, self.random.randint(1, 2))
        self.do(start_assembly, StartAssembly, assembly_id=draft.id)
        self.made.append(draft.id)

    def book(self) -> None:
        body = {"quantity": self.random.randint(0, 1), "spoiled": self.random.randint(0, 1)}
        self.do(book_made, BookMade, assembly_id=self.some(self.made), **body)

    def close(self) -> None:
        self.do(close_assembly, CloseAssembly, assembly_id=self.some(self.made))

    def transfer(self) -> None:
        lot = self.some(self.known())
        made = transfer_acts.draft(self.shop, {"milk": 1})
        line = {"sku": "milk", "quantity": 1, "lots": [{"lot": lot.lot}]}
        self.transfers.append(self.do(ship_transfer, ShipTransfer, transfer_id=made.id,
                                      lines=[line]))  # fmt: skip

    def come(self) -> None:
        line = {
            "sku": "milk",
            "quantity": self.random.randint(0, 1),
            "damaged": self.random.randint(0, 1),
        }
        moving = self.some(self.transfers)
        self.do(receive_transfer, ReceiveTransfer, transfer_id=moving.id, lines=[line])

    def block(self) -> None:
        code = self.some(self.known()).lot
        lot = lots.find(self.shop, code)
        if lot.state == "free":
            self.do(block_lot, BlockLot, lot_id=lot.id, reason="recalled")
        else:
            self.do(unblock_lot, UnblockLot, lot_id=lot.id)
        settle_lots(self.shop.db)


def test_lots_are_all_of_the_stock_after_any_walk(db: Database) -> None:
    shop = lots.shop(db)
    lots.track(shop, "shake", tracking="lot", expires=True, sell_days=0)
    counting.limit(shop, units=1)
    walk = Walk(shop, seed=7)
    done: set[str] = set()
    for _ in range(ROUNDS):
        # Nearly in the order in which things happen, else nearly all would be refused.
        day = sorted(enumerate(walk.day), key=lambda one: one[0] + walk.random.randint(0, 4))
        for n, step in day:
            try:
                step()
            except (Problem, IndexError):
                continue
            done.add(step.__name__)
            if n % 3 == 0:
                lots.assert_lots_sound(shop)
    assert len(done) >= 14, f"few acts came about: {done}"
    found = [(f.id, f.samples[:2]) for f in examine(db).findings if f.id not in ("I40", "LT6")]
    assert found == []


def test_who_takes_the_same_lots_at_once_takes_them_one_after_the_other(db: Database) -> None:
    shop = lots.shop(db)
    lots.receive(shop, "milk", {"M1": (4, SOON), "M2": (2, LATER)})
    order_id = lots.order(shop, {"milk": 2})
    drafts = [making.draft(shop, "shake", {"milk": 2}, 2) for _ in range(2)]

    def start(n: int) -> Callable[[], Any]:
        return lambda: making.start(shop, drafts[n])

    body = {"order_id": str(order_id), "fo_no": 1, "as_proposed": True}
    pick = msgspec.convert(body, PickUnits)
    outcomes = race([start(0), start(1), lambda: run(db, make.BOSS, pick_units, pick)])
    lots.assert_lots_sound(shop)
    started = [one for one in outcomes[:2] if not isinstance(one, Problem)]
    assert len(started) == 1, "beside the order there are milks for one of them"
    assert not isinstance(outcomes[2], Problem), "what is promised stays"
    (taken,) = [part.lots for part in started[0].parts]
    assert sum(lot.taken for lot in taken) == 4
    assert acts.look(shop, order_id).lines[0].picked == 2
