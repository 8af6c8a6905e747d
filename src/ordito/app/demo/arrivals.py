"""Pick-ups in Bristol of what lies in London: still there, on its way, and come."""

from typing import Any
from uuid import UUID

from ordito.app.demo.setup import ask
from ordito.channels.types import UpdateChannel
from ordito.flows.fulfil_many import FulfilMany, fulfil_many
from ordito.flows.manage_channels import update_channel
from ordito.flows.place_orders import place_orders
from ordito.flows.receive_brought import receive_brought
from ordito.fulfillment.asks import ReceiveBrought
from ordito.orders.types import PlacedOrder, PlaceOrder
from ordito.platform.database import Database

_SHOPPERS = (("Erin Walsh", "ready"), ("Tariq Hughes", "on its way"), ("Una Baker", "in London"))


def bring_to_bristol(db: Database) -> None:
    """From now on what a store lacks for a pick-up is brought to it; three customers use that."""
    ask(db, update_channel, UpdateChannel, {"code": "web-uk", "bring_to_shop": True})
    for (name, end), sku in zip(_SHOPPERS, _only_in_london(db), strict=False):
        placed = _place(db, name, sku)
        if end == "in London" or len(placed.fulfillment_orders) != 1:
            continue
        number = f"RM{placed.number:010d}GB"
        part = {"order_id": placed.id, "fo_no": 1, "carrier": "Royal Mail",
                "service": "Tracked 48", "tracking_number": number}  # fmt: skip
        ask(db, fulfil_many, FulfilMany, {"asks": [part]})
        if end == "ready":
            _receive(db, placed.id)


def _only_in_london(db: Database) -> list[str]:
    """SKUs that London can spare and Bristol has none of."""
    with db.connection() as conn:
        rows = conn.execute(
            "SELECT i.sku FROM catalog.item AS i"
            " JOIN inventory.stock AS s ON s.item_id = i.id AND s.available > 20"
            " JOIN locations.location AS l ON l.id = s.location_id AND l.code = 'LON'"
            " WHERE i.kind = 'stocked' AND i.active AND i.tracking = 'none' AND NOT EXISTS ("
            "   SELECT FROM inventory.stock AS b"
            "   JOIN locations.location AS p ON p.id = b.location_id AND p.code = 'BRS'"
            "   WHERE b.item_id = i.id AND b.available > 0)"
            " ORDER BY s.available DESC, i.sku LIMIT %s",
            (len(_SHOPPERS),),
        ).fetchall()
    return [row[0] for row in rows]


def _place(db: Database, name: str, sku: str) -> PlacedOrder:
    body: dict[str, Any] = {
        "channel": "web-uk",
        "delivery": "pickup",
        "pickup_location": "BRS",
        "lines": [{"sku": sku, "quantity": 2}],
        "customer": {"name": name, "email": f"{name.lower().replace(' ', '.')}@example.com"},
        "bill_to": {"country": "GB", "name": name, "city": "Bristol", "postal_code": "BS6"},
    }
    placed: PlacedOrder = ask(db, place_orders, PlaceOrder, body)
    return placed


def _receive(db: Database, order_id: UUID) -> None:
    ask(db, receive_brought, ReceiveBrought, {"order_id": order_id, "fo_no": 1, "parcel_no": 1})
