"""How an order reaches its customer."""

from datetime import date
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


def write_promised(tx: Tx, order_id: UUID, promised_on: date) -> None:
    """The day by which all of an order comes now; the caller holds its lock."""
    _PROMISED.run(tx, order_id=order_id, promised_on=promised_on)


_PROMISED = statement("""
    UPDATE orders.sales_order
    SET promised_on = %(promised_on)s
    WHERE id = %(order_id)s
""")
