"""What is written on an order's own row beside its derived statuses: marks, and money voided."""

from uuid import UUID

from ordito.platform.database import Tx, statement


def write_marks(tx: Tx, order_id: UUID, kind: str, code: str | None) -> None:
    """Write the order's kind and special code; the caller holds the order's lock."""
    _WRITE.run(tx, order_id=order_id, kind=kind, code=code, now=tx.now)


_WRITE = statement("""
    UPDATE orders.sales_order
    SET kind = %(kind)s, code = %(code)s, updated_at = %(now)s
    WHERE id = %(order_id)s
""")


def void_money(tx: Tx, order_id: UUID) -> None:
    """Nothing was paid and nothing is expected any more: pending becomes voided."""
    _VOID.run(tx, order_id=order_id)


_VOID = statement("""
    UPDATE orders.sales_order
    SET money = 'voided'
    WHERE id = %(order_id)s AND money = 'pending'
""")
