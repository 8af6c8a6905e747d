"""How an order reaches its customer."""

from uuid import UUID

from ordito.orders.types import Delivery
from ordito.platform.database import Tx, statement


def write_delivery(
    tx: Tx, order_id: UUID, delivery: Delivery, pickup_location_id: UUID | None
) -> None:
    """Ship the order, or have it collected at a location; the caller holds its lock."""
    _WRITE.run(tx, order_id=order_id, delivery=delivery, pickup_location_id=pickup_location_id)


_WRITE = statement("""
    UPDATE orders.sales_order
    SET delivery = %(delivery)s, pickup_location_id = %(pickup_location_id)s
    WHERE id = %(order_id)s
""")
