"""Lines that one location only may serve."""

from uuid import UUID

from ordito.platform.database import Tx, statement


def write_pin(tx: Tx, order_id: UUID, line_no: int, location_id: UUID | None) -> None:
    """Pin a line to a location, or let it go; the caller holds the order's lock."""
    touched = _PIN.run(tx, order_id=order_id, line_no=line_no, location_id=location_id)
    assert touched == 1, "caller pins lines that exist"


_PIN = statement("""
    UPDATE orders.line
    SET pinned_location_id = %(location_id)s
    WHERE order_id = %(order_id)s AND line_no = %(line_no)s
""")
