"""The demo's own delivery: Manchester brings orders to customers nearby, in slots of today."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ordito.app.demo.setup import ask
from ordito.flows.manage_local_delivery import set_local_delivery
from ordito.flows.pack_units import pack_units
from ordito.flows.pick_units import pick_units
from ordito.flows.place_orders import place_orders
from ordito.flows.release_to_pick import release_to_pick
from ordito.fulfillment.asks import PackUnits, PickUnits, ReleaseToPick
from ordito.locations.local_types import SetLocalDelivery
from ordito.orders.types import PlaceOrder
from ordito.platform.database import Database

_PLACE = "MAN"
_ZONE = ZoneInfo("Europe/London")
_SLOTS: list[dict[str, Any]] = [
    {"code": code, "weekdays": "mon-sun", "starts": starts, "ends": ends, "places": places,
     "cut_off_minutes": 90}
    for code, starts, ends, places in [
        ("MORNING", "09:00", "12:00", 6), ("AFTERNOON", "13:00", "16:00", 6),
        ("EVENING", "17:00", "20:00", 8),
    ]
]  # fmt: skip
_BUYERS = (
    ("Mila Hughes", "12 Park Road", "M14 5QH", "0161 496 0111", "Bell is broken, please knock."),
    ("Oskar Patel", "3 Orchard Street", "M20 2WS", "0161 496 0122", ""),
    ("Livia Evans", "58 Mill Street", "M4 6AY", "0161 496 0133", "Flat 9, third floor."),
    ("Noah Carter", "7 Castle Street", "M16 0RA", "0161 496 0144", ""),
)
_PACKED = 3
"""So many of the orders are packed for the round; the last one is to be picked."""


class LocalWork:
    """A shop that drives to its neighbours. `db.clock` tells it what time it is."""

    def __init__(self, db: Database, now: datetime) -> None:
        self._db = db
        self._now = now

    def do(self) -> None:
        """A zone, three slots a day, and the round of today's slot, ready to be started."""
        zones = [{"name": "Manchester", "country": "GB", "postal_codes": ["M*"], "radius_km": 12}]
        self._ask(set_local_delivery, SetLocalDelivery, location=_PLACE, zones=zones, slots=_SLOTS)
        here = self._now.astimezone(_ZONE)
        slot = "MORNING" if here.hour < 11 else "AFTERNOON" if here.hour < 15 else "EVENING"
        skus = self._find_stock()
        try:
            yesterday = datetime.combine(
                here.date() - timedelta(days=1), datetime.min.time(), _ZONE
            ) + timedelta(hours=10)
            self._db.clock = lambda _conn: yesterday.astimezone(UTC)
            orders = [
                self._place(n, sku, slot, here.date()) for n, sku in enumerate(skus[: len(_BUYERS)])
            ]
        finally:
            self._db.clock = lambda _conn: self._now
        for order in orders[:_PACKED]:
            work = {"order_id": order.id, "fo_no": 1}
            self._ask(release_to_pick, ReleaseToPick, **work)
            self._ask(pick_units, PickUnits, **work)
            self._ask(pack_units, PackUnits, **work, unchecked=True)

    def _ask(self, command: Any, kind: type[Any], **body: Any) -> Any:
        return ask(self._db, command, kind, body)

    def _place(self, n: int, sku: str, slot: str, on: date) -> Any:
        name, line1, postal_code, phone, note = _BUYERS[n]
        mail = name.lower().replace(" ", ".")
        return self._ask(
            place_orders,
            PlaceOrder,
            channel="web-uk",
            external_id=f"LOCAL-{n + 1}",
            lines=[{"sku": sku, "quantity": 1 + n % 2}],
            customer={"name": name, "email": f"{mail}@example.com", "phone": phone},
            ship_to={"country": "GB", "name": name, "line1": line1, "city": "Manchester",
                     "postal_code": postal_code, "phone": phone},
            delivery="local",
            slot={"location": _PLACE, "slot": slot, "on": on.isoformat()},
            note=note,
            payment={"method": "card"},
        )  # fmt: skip

    def _find_stock(self) -> list[str]:
        """Items of which the shop has most."""
        with self._db.connection() as conn:
            rows = conn.execute(_STOCK, {"code": _PLACE, "limit": len(_BUYERS)}).fetchall()
        return [sku for (sku,) in rows]


_STOCK = """
    SELECT i.sku
    FROM inventory.stock AS s
    JOIN catalog.item AS i ON i.id = s.item_id
    JOIN locations.location AS l ON l.id = s.location_id
    WHERE l.code = %(code)s AND s.available >= 2 AND i.kind = 'stocked' AND i.active
      AND i.tracking = 'none' AND i.prices ? 'GBP'
    ORDER BY s.available DESC, i.sku
    LIMIT %(limit)s
"""
