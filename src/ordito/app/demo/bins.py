"""The bins of the demo's busiest warehouse: reserve above, a delivery at the dock, work to do."""

from datetime import date, timedelta
from typing import Any

from ordito.app.demo.orders import dice
from ordito.app.demo.setup import ask, bin_codes
from ordito.catalog.items import send_facts
from ordito.flows.fill_pick_bins import raise_replenishments, set_pick_level
from ordito.flows.manage_locations import set_bins
from ordito.flows.put_away import move_bin_stock, put_away
from ordito.flows.receive_stock import receive_stock
from ordito.flows.reference import reference
from ordito.flows.switch_bin_stock import switch_bin_stock
from ordito.flows.transfer_stock import draft_transfer, request_transfer
from ordito.inventory.asks import ReceiveStock
from ordito.inventory.bin_types import (
    MoveBetweenBins,
    PutAway,
    RaiseReplenishments,
    SetPickLevel,
    SwitchBinStock,
)
from ordito.inventory.levels import read_location_levels
from ordito.inventory.transfer_asks import DraftTransfer, TransferAsk
from ordito.locations.bins import read_homes
from ordito.locations.types import SetBins
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database

CODE = "LON"
ITEMS = 36
"""Items with reserve and a level: those of which most is there."""
DELIVERED = 9
"""Items of the delivery at the dock; a third of them is put away."""
PICK_ML = 45_000
RESERVE_ML = 120_000
RESERVES = 60


class BinWork:
    """The people who keep the warehouse's bins."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def do(self) -> None:
        """Bins with purposes and room; reserve; levels; a delivery that is being put away."""
        self._ask(set_bins, SetBins, bins=_bins())
        self._ask(switch_bin_stock, SwitchBinStock, on=True, at_home=True)
        stock = self._find_stock()
        for n, (sku, home, units) in enumerate(stock):
            # What the pick bin keeps: of every third item too little.
            kept = max(1, units // (8 if n % 3 == 0 else 3))
            reserve = f"R-{1 + dice('reserve', sku) % RESERVES:02d}"
            self._ask(move_bin_stock, MoveBetweenBins, sku=sku, from_bin=home, to_bin=reserve,
                      quantity=units - kept)  # fmt: skip
            self._ask(set_pick_level, SetPickLevel, sku=sku, bin=home,
                      units_min=max(1, units // 6), units_max=max(2, units // 3))  # fmt: skip
        self._receive([(sku, home) for sku, home, _units in stock[-DELIVERED:]])
        self._ask(raise_replenishments, RaiseReplenishments)
        self._expect([sku for sku, _home, _units in stock])

    def _ask(self, command: Any, kind: type[Any], **body: Any) -> Any:
        return ask(self._db, command, kind, {"location": CODE} | body)

    def _find_stock(self) -> list[tuple[str, str, int]]:
        """SKU, the bin where it is at home, and units there; a tiny demo may have few."""
        with self._db.reading(SYSTEM) as tx:
            place = reference(tx).locations[CODE]
            homes = {home.item_id: home.bin for home in read_homes(tx, place.id)}
            levels = [
                level
                for level in read_location_levels(tx, place.id, limit=ITEMS)
                if level.item_id in homes and level.on_hand - level.picked > 8
            ]
            skus = {item.id: item.sku for item in send_facts(tx, [x.item_id for x in levels])}
        return [
            (skus[str(level.item_id)], homes[level.item_id], level.on_hand - level.picked)
            for level in levels
        ]

    def _receive(self, items: list[tuple[str, str]]) -> None:
        """A delivery has come; somebody has begun to put it away."""
        if not items:
            return
        lines = [{"sku": sku, "quantity": 24 + 12 * (n % 3)} for n, (sku, _) in enumerate(items)]
        self._ask(receive_stock, ReceiveStock, reference="DN-20441", lines=lines)
        for sku, home in items[::3]:
            self._ask(put_away, PutAway, sku=sku, to_bin=home, quantity=24)

    def _expect(self, skus: list[str]) -> None:
        """Leipzig is asked to send three loads in the weeks to come: what takes up space."""
        today = self._db_today()
        for n in range(3):
            lines = [{"sku": sku, "quantity": 400 + 150 * n} for sku in skus[n::3]]
            if lines:
                day = today + timedelta(days=6 + 9 * n)
                body = {"from_location": "LEJ", "to_location": CODE, "lines": lines,
                        "expected_on": day.isoformat(), "note": "Christmas range"}  # fmt: skip
                made = ask(self._db, draft_transfer, DraftTransfer, body)
                ask(self._db, request_transfer, TransferAsk, {"transfer_id": made.id})

    def _db_today(self) -> date:
        with self._db.reading(SYSTEM) as tx:
            return tx.now.date()


def _bins() -> list[dict[str, Any]]:
    """Racks for picking, pallets of reserve above them, the dock, and a cage."""
    picks = [
        {"code": code, "walk_order": n, "purpose": "pick", "capacity_ml": PICK_ML}
        for n, code in enumerate(bin_codes())
    ]
    reserve = [
        {"code": f"R-{n:02d}", "walk_order": 1000 + n, "purpose": "reserve",
         "capacity_ml": RESERVE_ML}
        for n in range(1, RESERVES + 1)
    ]  # fmt: skip
    others = [
        {"code": "DOCK-1", "walk_order": 2000, "purpose": "receiving"},
        {"code": "CAGE", "walk_order": 2001, "purpose": "quality", "capacity_ml": RESERVE_ML},
    ]
    return [*picks, *reserve, *others]
