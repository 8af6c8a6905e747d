"""Things for tests to start from: a small shop with places, items and stock."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection, connect

from ordito.inventory.ledger import lock_cells
from ordito.kernel.ids import new_id
from ordito.kernel.text import normal_code
from ordito.platform.access import EVERYTHING, Actor
from ordito.platform.database import Database
from ordito.sourcing.policies import DEFAULT_POLICY, Policy

BOSS = Actor("user", UUID(int=7), "Test boss", EVERYTHING)


class Shop(msgspec.Struct):
    """A shop in a test database: ids by code."""

    db: Database
    items: dict[str, UUID]
    locations: dict[str, UUID]
    channels: dict[str, UUID]


def shop(
    db: Database,
    *,
    stock: Mapping[str, Mapping[str, int]] | None = None,
    kits: Mapping[str, Mapping[str, int]] | None = None,
    services: Sequence[str] = (),
    shortage: str = "backorder",
    policy: Policy = DEFAULT_POLICY,
    locations: Mapping[str, Mapping[str, Any]] | None = None,
) -> Shop:
    """A shop with one channel “web” (EUR) and a history place “HIST”.

    stock:     location code → SKU → units on hand; makes the locations and items it names.
    kits:      SKU → SKU → quantity (stocked parts only).
    locations: location code → columns that differ from a warehouse in Łódź that does everything.
    """
    stock = stock or {"A": {"tea": 10, "cup": 10}, "B": {"tea": 10, "cup": 10}}
    made = Shop(db, {}, {}, {})
    with db.connection() as conn, conn.transaction():
        policy_id = new_id()
        conn.execute(
            "INSERT INTO sourcing.policy (id, code, name) VALUES (%s, 'default', 'Default')",
            (policy_id,),
        )
        conn.execute(
            "INSERT INTO sourcing.policy_version (policy_id, version, body) VALUES (%s, 1, %s)",
            (policy_id, msgspec.json.encode(policy).decode()),
        )
        wanted = dict.fromkeys([*stock, *(locations or {})]) | {"HIST": None}
        for code in wanted:
            kind = "history" if code == "HIST" else "warehouse"
            columns: dict[str, Any] = _PLACE | {
                "code": code,
                "name": code,
                "kind": kind,
                "id": new_id(),
            }
            columns |= dict((locations or {}).get(code, {}))
            _insert(conn, "locations.location", columns)
            made.locations[code] = columns["id"]
        skus = dict.fromkeys(sku for levels in stock.values() for sku in levels)
        skus |= dict.fromkeys(p for parts in (kits or {}).values() for p in parts)
        for sku in skus:
            made.items[sku] = _item(conn, sku, "stocked", None)
        for sku in services:
            made.items[sku] = _item(conn, sku, "service", None)
        for sku, parts in (kits or {}).items():
            made.items[sku] = _item(
                conn, sku, "kit", [[made.items[part], qty] for part, qty in parts.items()]
            )
            for part, qty in parts.items():
                conn.execute(
                    "INSERT INTO catalog.kit_part (kit_id, item_id, qty) VALUES (%s, %s, %s)",
                    (made.items[sku], made.items[part], qty),
                )
        channel: dict[str, Any] = _CHANNEL | {
            "id": new_id(),
            "policy_id": policy_id,
            "shortage": shortage,
        }
        _insert(conn, "channels.channel", channel)
        made.channels["web"] = channel["id"]
        conn.execute("UPDATE platform.revision SET n = n + 1")
    receive(made, stock)
    return made


@contextmanager
def owner(db: Database) -> Iterator[Connection[Any]]:
    """Who may change tables, and what is only added to: the program itself may not."""
    with connect(db.dsn, autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        yield conn


def receive(made: Shop, stock: Mapping[str, Mapping[str, int]]) -> None:
    """Book units in from a supplier: location code → SKU → units."""
    levels = {
        (str(made.items[sku]), str(made.locations[code])): qty
        for code, of_place in stock.items()
        for sku, qty in of_place.items()
        if qty
    }
    with made.db.transaction(BOSS) as tx:
        ledger = lock_cells(tx, levels)
        for key, qty in levels.items():
            ledger.post(key, "supplier", "available", qty, reason="opening")
        ledger.send(tx)


def place(made: Shop, lines: Mapping[str, int], **fields: Any) -> Any:
    """Place an order of SKU → units on channel “web” to Warsaw; returns the PlacedOrder."""
    from ordito.flows.place_orders import place_orders
    from ordito.orders.types import PlaceOrder
    from ordito.platform.door import run

    return run(made.db, BOSS, place_orders, msgspec.convert(ask(lines, **fields), PlaceOrder))


def ask(lines: Mapping[str, int], **fields: Any) -> dict[str, Any]:
    """The body of an order of SKU → units, to Warsaw."""
    return {
        "channel": "web",
        "lines": [{"sku": sku, "quantity": qty} for sku, qty in lines.items()],
        "ship_to": {"country": "PL", "city": "Warszawa", "postal_code": "00-950"},
    } | fields


def free(made: Shop, sku: str) -> dict[str, int]:
    """Free units of an item by location code; places that never had it are absent."""
    code_of = {id_: code for code, id_ in made.locations.items()}
    with made.db.connection() as conn:
        rows = conn.execute(
            "SELECT location_id, available FROM inventory.stock WHERE item_id = %s",
            (made.items[sku],),
        ).fetchall()
    return {code_of[location_id]: available for location_id, available in rows}


def at(text: str) -> datetime:
    """An aware instant from ISO text."""
    instant = datetime.fromisoformat(text)
    assert instant.tzinfo, "an instant knows its zone"
    return instant


def _item(conn: Any, sku: str, kind: str, parts: Any) -> UUID:
    id_ = new_id()
    _insert(
        conn,
        "catalog.item",
        {
            "id": id_,
            "sku": sku,
            "sku_key": normal_code(sku),
            "name": sku.capitalize(),
            "kind": kind,
            "prices": msgspec.json.encode({"EUR": "10.00"}).decode(),
            "parts": msgspec.json.encode(parts).decode() if parts else None,
        },
    )
    return id_


def _insert(conn: Any, table: str, columns: Mapping[str, Any]) -> None:
    names = ", ".join(columns)
    marks = ", ".join(f"%({name})s" for name in columns)
    conn.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", columns)


_PLACE = {
    "address": '{"country": "PL"}',
    "country": "PL",
    "latitude": 51.75,
    "longitude": 19.46,
    "time_zone": "Europe/Warsaw",
    "can_ship": True,
    "can_pickup": True,
}

_CHANNEL = {
    "code": "web",
    "name": "Web shop",
    "kind": "api",
    "currency": "EUR",
    "base_currency": "EUR",
    "tax_included": True,
    "rounding": "half_up",
    "time_zone": "Europe/Warsaw",
}
