"""The demo's items with lots, last days and serial numbers: received, sold, one lot recalled."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from ordito.app.demo.setup import ask, barcode
from ordito.catalog.types import UpsertItems
from ordito.flows.assemble import book_made, draft_assembly, start_assembly
from ordito.flows.expect_stock import expect_stock
from ordito.flows.manage_items import upsert_items
from ordito.flows.manage_locations import set_item_bins
from ordito.flows.manage_lots import block_lot, settle_lot
from ordito.flows.pack_units import pack_units
from ordito.flows.pick_units import pick_units
from ordito.flows.place_orders import place_orders
from ordito.flows.receive_stock import receive_stock
from ordito.flows.release_to_pick import release_to_pick
from ordito.flows.ship_units import ship_units
from ordito.fulfillment.asks import PackUnits, PickUnits, ReleaseToPick, ShipUnits
from ordito.inventory.asks import ReceiveStock
from ordito.inventory.assembly_asks import BookMade, DraftAssembly, StartAssembly
from ordito.inventory.expected_asks import ExpectReceipt
from ordito.inventory.lot_asks import BlockLot
from ordito.listings.lots import LotFilter, list_lots
from ordito.locations.types import SetItemBins
from ordito.orders.types import PlaceOrder
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database

_PLACE = "LON"
_TEA, _JAM, _RADIO = "TEA-EARL-GREY", "JAM-DAMSON", "RADIO-RETRO"
_HAMPER = "HAMPER-TEATIME"
_ITEMS: list[dict[str, Any]] = [
    {"sku": _TEA, "name": "Earl Grey in a tin, 250 g", "prices": {"GBP": "6.95", "EUR": "8.10"},
     "weight_g": 310, "tracking": "lot", "expires": True, "sell_days": 60},
    {"sku": _JAM, "name": "Damson jam, 340 g", "prices": {"GBP": "4.50", "EUR": "5.25"},
     "weight_g": 520, "tracking": "lot", "expires": True, "sell_days": 30},
    {"sku": _RADIO, "name": "Retro kitchen radio", "prices": {"GBP": "59.00", "EUR": "69.00"},
     "weight_g": 1450, "tracking": "serial"},
    {"sku": _HAMPER, "name": "Teatime hamper", "prices": {"GBP": "14.95", "EUR": "17.50"},
     "weight_g": 1100, "tracking": "lot", "expires": True, "sell_days": 30},
]  # fmt: skip
_BUYERS: tuple[tuple[str, str, str, str, dict[str, int]], ...] = (
    ("Hana Gray", "8 Mill Road", "Leeds", "LS1 4AP", {_JAM: 4, _TEA: 2}),
    ("Ivo Stone", "21 Station Road", "York", "YO1 7HH", {_JAM: 5}),
    ("Nora Walsh", "3 Harbour Road", "Hull", "HU1 2AA", {_HAMPER: 1, _RADIO: 1}),
    ("Una Byrne", "77 Garden Road", "Derby", "DE1 3GA", {_TEA: 6, _RADIO: 2}),
    ("Emil Borg", "14 Spring Road", "Bath", "BA1 5LR", {_JAM: 3, _TEA: 3}),
)
_SHIPPED = 3
"""So many of the orders have left; the others are being picked."""


class LotWork:
    """The people who receive, pick and recall lots. `db.clock` tells them what time it is."""

    def __init__(self, db: Database, now: datetime) -> None:
        self._db = db
        self._now = now

    def do(self) -> None:
        """Two deliveries, hampers packed of them, five orders, and a lot that its maker recalls."""
        try:
            self._go_back(timedelta(days=9))
            self._ask(upsert_items, UpsertItems, items=[
                item | {"kind": "stocked", "barcodes": [barcode(item["sku"])]} for item in _ITEMS
            ])  # fmt: skip
            bins = [{"sku": item["sku"], "bins": ["B-07-2"]} for item in _ITEMS]
            self._ask(set_item_bins, SetItemBins, location=_PLACE, items=bins)
            self._receive()
            self._pack_hampers()
            for n, buyer in enumerate(_BUYERS):
                self._go_back(timedelta(days=6 - n))
                self._sell(n, *buyer, shipped=n < _SHIPPED)
            self._go_back(timedelta(hours=3))
            self._recall()
            self._ask(expect_stock, ExpectReceipt, location=_PLACE, sku=_JAM, quantity=24,
                      expected_on=self._day(12), reference="PO-4471")  # fmt: skip
        finally:
            self._go_back(timedelta())

    def _go_back(self, ago: timedelta) -> None:
        moment = self._now - ago
        self._db.clock = lambda _conn: moment

    def _ask(self, command: Any, kind: type[Any], **body: Any) -> Any:
        return ask(self._db, command, kind, body)

    def _day(self, days: int) -> date:
        return (self._now + timedelta(days=days)).date()

    def _receive(self) -> None:
        deliveries: dict[str, dict[str, dict[str, tuple[int, int | None]]]] = {
            "DN-88120": {_TEA: {"EG2604": (18, 150), "EG2609": (24, 310)},
                         _JAM: {"D-117": (12, 75)}},
            "DN-88174": {_JAM: {"D-121": (20, 260)},
                         _RADIO: {f"RK{no}": (1, None) for no in range(40211, 40217)}},
        }  # fmt: skip
        for reference, items in deliveries.items():
            lines = [
                {"sku": sku, "quantity": sum(qty for qty, _ in lots.values()),
                 "lots": [self._lot(code, qty, days) for code, (qty, days) in lots.items()]}
                for sku, lots in items.items()
            ]  # fmt: skip
            self._ask(receive_stock, ReceiveStock, location=_PLACE, reference=reference,
                      lines=lines)  # fmt: skip

    def _pack_hampers(self) -> None:
        """Two of three hampers: a jam of the lot that is recalled later is in them."""
        parts = [{"sku": _TEA, "quantity": 1}, {"sku": _JAM, "quantity": 1}]
        made = self._ask(draft_assembly, DraftAssembly, sku=_HAMPER, location=_PLACE, quantity=3,
                         parts=parts, reference="Teatime")  # fmt: skip
        self._ask(start_assembly, StartAssembly, assembly_id=made.id)
        self._ask(book_made, BookMade, assembly_id=made.id, quantity=2)

    def _lot(self, code: str, qty: int, days: int | None) -> dict[str, Any]:
        lot: dict[str, Any] = {"lot": code, "quantity": qty}
        return lot if days is None else lot | {"expires_on": self._day(days).isoformat()}

    def _sell(
        self, n: int, name: str, line1: str, city: str, postal_code: str,
        units: Mapping[str, int], *, shipped: bool,
    ) -> None:  # fmt: skip
        mail = name.lower().replace(" ", ".")
        order = self._ask(
            place_orders,
            PlaceOrder,
            channel="web-uk",
            external_id=f"LOTS-{n + 1}",
            lines=[{"sku": sku, "quantity": qty} for sku, qty in units.items()],
            customer={"name": name, "email": f"{mail}@example.com"},
            ship_to={"country": "GB", "name": name, "line1": line1, "city": city,
                     "postal_code": postal_code},
            payment={"method": "card"},
        )  # fmt: skip
        work = {"order_id": order.id, "fo_no": 1}
        self._ask(release_to_pick, ReleaseToPick, **work)
        if shipped:
            self._send(work)

    def _send(self, work: dict[str, UUID | int]) -> None:
        self._ask(pick_units, PickUnits, **work, as_proposed=True)
        self._ask(pack_units, PackUnits, **work, unchecked=True)
        self._ask(ship_units, ShipUnits, **work, carrier="Royal Mail", service="Tracked 48",
                  tracking_number=f"RM{work['order_id']}"[:14].upper())  # fmt: skip

    def _recall(self) -> None:
        """Of the jam that was sold first, glass splinters were found."""
        with self._db.reading(SYSTEM) as tx:
            lot = list_lots(tx, LotFilter(code="D-117")).items[0]
        reason = "Recalled by the maker: glass splinters"
        self._ask(block_lot, BlockLot, lot_id=lot.id, reason=reason)
        settle_lot(self._db, lot.id)
