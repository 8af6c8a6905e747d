"""Order files for tests, in the columns of the online-retail preset, and what imports them."""

import io
from collections.abc import Sequence
from typing import Any

import msgspec

from ordito.flows.import_orders import ImportOrders, ImportReport, Source, import_orders
from ordito.intake.presets import shipped_preset
from ordito.intake.types import Mode
from ordito.platform.database import Database
from tests.make import BOSS

HEADINGS = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

Sold = tuple[str, str, int, str, str, str]
"""Invoice, SKU, quantity, day, price, customer."""


def body(*rows: Sold) -> bytes:
    """A file; every row at ten o'clock, from the United Kingdom."""
    lines = [
        f"{invoice},{sku},{sku.title()},{qty},{day} 10:00:00,{price},{customer},United Kingdom\n"
        for invoice, sku, qty, day, price, customer in rows
    ]
    return (HEADINGS + "".join(lines)).encode()


def source(content: bytes, name: str = "orders.csv") -> Source:
    return Source(name, lambda: io.BytesIO(content))


def settings(mode: Mode = "history", **fields: Any) -> ImportOrders:
    preset = msgspec.structs.replace(shipped_preset("online-retail"), mode=mode)
    past = mode == "history"
    plain: dict[str, Any] = {"channel": "web", "create_channel": past, "create_items": past}
    return ImportOrders(**({"preset": preset} | plain | fields))


def take(db: Database, *contents: bytes, mode: Mode = "history", **fields: Any) -> ImportReport:
    """Import files of these contents into channel “web”."""
    sources = [source(content, f"{n}.csv") for n, content in enumerate(contents, start=1)]
    return import_orders(db, BOSS, settings(mode, **fields), sources)


def counts(report: ImportReport) -> dict[str, int]:
    """How many of each kind there are; kinds with nothing are left out."""
    return {kind: told.count for kind, told in report.tallies.items() if told.count}


def rows(db: Database, sql: str, *params: Any) -> list[Any]:
    with db.connection() as conn:
        return conn.execute(sql, params).fetchall()


def everything(db: Database) -> dict[str, int]:
    """How many rows there are in each table that an import writes."""
    tables: Sequence[str] = (
        "orders.sales_order",
        "orders.line",
        "inventory.posting",
        "platform.event",
        "customers.customer",
        "catalog.item",
        "channels.channel",
        "locations.location",
        "intake.message",
        "intake.booked_row",
        "intake.charge",
        "intake.import_run",
    )
    return {table: rows(db, f"SELECT count(*) FROM {table}")[0][0] for table in tables}
