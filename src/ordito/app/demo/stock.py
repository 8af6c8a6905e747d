"""The work on stock that the demo is found in: transfers, counts, units set aside."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from ordito.app.demo.setup import ask
from ordito.catalog.items import send_facts
from ordito.catalog.types import CreateItem
from ordito.flows.adjust_stock import move_stock
from ordito.flows.assemble import book_made, change_assembly, draft_assembly, start_assembly
from ordito.flows.cycle_count import enter_cycle_count
from ordito.flows.expect_stock import expect_stock
from ordito.flows.keep_for_channel import keep_for_channel
from ordito.flows.manage_items import create_item
from ordito.flows.receive_transfer import close_transfer, receive_transfer
from ordito.flows.reference import reference
from ordito.flows.set_recipe import set_recipe
from ordito.flows.start_cycle_count import set_count_limit, start_cycle_count
from ordito.flows.transfer_stock import draft_transfer, request_transfer, ship_transfer
from ordito.inventory.asks import KeepForChannel, MoveStock
from ordito.inventory.assembly_asks import (
    BookMade,
    ChangeAssembly,
    DraftAssembly,
    SetRecipe,
    StartAssembly,
)
from ordito.inventory.cycle_count_asks import EnterCycleCount, SetCountLimit, StartCycleCount
from ordito.inventory.expected_asks import ExpectReceipt
from ordito.inventory.levels import Level, read_location_levels
from ordito.inventory.transfer_asks import (
    CloseTransfer,
    DraftTransfer,
    ReceiveTransfer,
    ShipTransfer,
    StockTransfer,
    TransferAsk,
)
from ordito.listings.waiting_lines import find_waited_items
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database

_LINES = 5
"""Items of each transfer and count."""
_WAITED = 18
"""Items that customers wait for and somebody has bought."""
_LIMIT = 3
"""Units from which a difference waits for approval."""

Shelf = list[tuple[str, Level]]
"""SKU and level of the items that a location has most of."""


class StockWork:
    """The people who move and count stock. `db.clock` tells them what time it is."""

    def __init__(self, db: Database, now: datetime) -> None:
        self._db = db
        self._now = now

    def do(self) -> None:
        """Transfers, one short; two counts; units set aside, kept, made, and expected."""
        try:
            self._set_aside("LON", 0)
            self._set_aside("LEJ", 0)
            self._receive_short()
            self._send()
            self._count_with_difference()
            self._begin_count()
            self._keep_for_campaign()
            self._make_gifts()
            self._expect()
        finally:
            self._go_back(timedelta())

    def _go_back(self, ago: timedelta) -> None:
        moment = self._now - ago
        self._db.clock = lambda _conn: moment

    def _ask(self, command: Any, kind: type[Any], **body: Any) -> Any:
        return ask(self._db, command, kind, body)

    def _find_shelf(self, code: str, *, skip: int, least: int = 4) -> Shelf:
        """A few items of which a location has many free ones; a tiny demo may have none."""
        with self._db.reading(SYSTEM) as tx:
            place = reference(tx).locations[code]
            levels = [
                level
                for level in read_location_levels(tx, place.id, limit=_LINES * (skip + 1))
                if level.available >= least
            ][_LINES * skip :]
            names = {item.id: item.sku for item in send_facts(tx, [x.item_id for x in levels])}
        return [(names[str(level.item_id)], level) for level in levels]

    def _set_aside(self, code: str, skip: int) -> None:
        """Some came broken, some are to be looked at."""
        self._go_back(timedelta(hours=7))
        shelf = self._find_shelf(code, skip=skip)
        lines = [
            {
                "sku": sku,
                "quantity": 1 + n % 3,
                "from_bucket": "available",
                "to_bucket": "damaged" if n % 2 else "quality_control",
            }
            for n, (sku, _) in enumerate(shelf)
        ]
        if lines:
            note = "Carton got wet in the truck; broken ones apart, the rest to be checked."
            self._ask(move_stock, MoveStock, location=code, lines=lines, note=note)

    def _draft(self, to: str, skip: int, note: str, days: int) -> StockTransfer | None:
        shelf = self._find_shelf("LON", skip=skip, least=8)
        lines = [{"sku": sku, "quantity": min(24, x.available // 4)} for sku, x in shelf]
        if not lines:
            return None
        expected_on = (self._now + timedelta(days=days)).date().isoformat()
        draft = self._ask(draft_transfer, DraftTransfer, from_location="LON", to_location=to,
                          lines=lines, note=note, expected_on=expected_on)  # fmt: skip
        assert isinstance(draft, StockTransfer), "what the command answers"
        return draft

    def _receive_short(self) -> None:
        """Bristol got most of it: one came broken, one never came."""
        self._go_back(timedelta(days=4))
        draft = self._draft("BRS", 1, "Weekend offers for the shop window.", -1)
        if draft is None:
            return
        self._ship(draft, timedelta(days=3, hours=5))
        self._go_back(timedelta(days=1, hours=6))
        first, *others = draft.lines
        arrived = [
            {"sku": first.sku, "quantity": first.requested - 2, "damaged": 1},
            *({"sku": line.sku, "quantity": line.requested} for line in others),
        ]
        self._ask(receive_transfer, ReceiveTransfer, transfer_id=draft.id, lines=arrived)
        self._go_back(timedelta(days=1, hours=2))
        note = "The carrier found no second carton."
        self._ask(close_transfer, CloseTransfer, transfer_id=draft.id, note=note)

    def _send(self) -> None:
        """Manchester waits for a pallet that left yesterday."""
        self._go_back(timedelta(days=2))
        draft = self._draft("MAN", 2, "Refill for the city centre.", 1)
        if draft is not None:
            self._ask(request_transfer, TransferAsk, transfer_id=draft.id)
            self._ship(draft, timedelta(days=1, hours=3))

    def _ship(self, draft: StockTransfer, ago: timedelta) -> None:
        self._go_back(ago)
        self._ask(ship_transfer, ShipTransfer, transfer_id=draft.id)

    def _count_with_difference(self) -> None:
        """All of it is counted; one difference is too large to be booked without a second look."""
        self._go_back(timedelta(hours=5))
        self._ask(set_count_limit, SetCountLimit, location="LON", units=_LIMIT)
        shelf = self._find_shelf("LON", skip=3)
        count = self._start("LON", "Aisle A, Monday", shelf)
        for n, (sku, level) in enumerate(shelf if count else ()):
            there = level.available + level.reserved
            missing = min(9, there - 1) if n == 0 else n % 2
            self._enter(count, sku, there - missing)

    def _begin_count(self) -> None:
        """Somebody is in the middle of it."""
        self._go_back(timedelta(hours=1))
        shelf = self._find_shelf("LEJ", skip=1)
        count = self._start("LEJ", "Fast sellers", shelf)
        for sku, level in shelf[:2] if count else ():
            self._enter(count, sku, level.available + level.reserved)

    def _keep_for_campaign(self) -> None:
        """The marketplace was promised some for its week of offers."""
        self._go_back(timedelta(hours=26))
        until = (self._now + timedelta(days=6)).isoformat()
        for sku, level in self._find_shelf("LON", skip=0, least=12)[:3]:
            kept = {"sku": sku, "quantity": level.available // 6, "reason": "Week of offers"}
            place = {"channel": "market", "location": "LON", "until": until}
            self._ask(keep_for_channel, KeepForChannel, **kept, **place)

    def _make_gifts(self) -> None:
        """A partner packs gift boxes of three things; a third of them came back already."""
        self._go_back(timedelta(days=2, hours=4))
        shelf = self._find_shelf("LON", skip=4, least=40)[:3]
        if not shelf:
            return
        box = {"sku": "GIFT-BOX-3", "name": "GIFT BOX OF THREE"}
        item = self._ask(create_item, CreateItem, prices={"GBP": "14.95"}, weight_g=900, **box)
        parts = [{"sku": sku, "quantity": 1} for sku, _ in shelf]
        self._ask(set_recipe, SetRecipe, item_id=item.id, parts=parts)
        due_on = (self._now + timedelta(days=2)).date().isoformat()
        made = self._ask(draft_assembly, DraftAssembly, sku="GIFT-BOX-3", location="LON",
                         quantity=30, due_on=due_on, partner="Thames Packing Ltd",
                         step="Boxes folded")  # fmt: skip
        self._ask(start_assembly, StartAssembly, assembly_id=made.id)
        self._go_back(timedelta(hours=6))
        self._ask(book_made, BookMade, assembly_id=made.id, quantity=9, spoiled=1)
        self._ask(change_assembly, ChangeAssembly, assembly_id=made.id, step="Tying ribbons")

    def _expect(self) -> None:
        """Suppliers will bring what customers wait for, most of it: some purchases are to come."""
        self._go_back(timedelta(hours=9))
        with self._db.reading(SYSTEM) as tx:
            waited = find_waited_items(tx)[:_WAITED]
            skus = sorted(item.sku for item in send_facts(tx, waited)) if waited else []
        skus += [sku for sku, _ in self._find_shelf("LON", skip=2)]
        for n, sku in enumerate(skus):
            expected_on = (self._now + timedelta(days=3 + n * 5 % 19)).date().isoformat()
            body = {"sku": sku, "quantity": 12 * (1 + n % 4), "expected_on": expected_on}
            place = "LEJ" if n % 5 == 4 else "LON"
            self._ask(
                expect_stock, ExpectReceipt, location=place, reference=f"PO-{2041 + n // 3}", **body
            )

    def _start(self, code: str, name: str, shelf: Sequence[tuple[str, Level]]) -> Any:
        if not shelf:
            return None
        skus = _skus(shelf)
        return self._ask(start_cycle_count, StartCycleCount, location=code, name=name, skus=skus)

    def _enter(self, count: Any, sku: str, counted: int) -> None:
        self._ask(enter_cycle_count, EnterCycleCount, count_id=count.id, sku=sku, counted=counted)


def _skus(shelf: Iterable[tuple[str, Level]]) -> list[str]:
    return [sku for sku, _ in shelf]
