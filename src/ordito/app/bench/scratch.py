"""A scratch database with a shop in it: made for one run, dropped after it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec
import psycopg

from ordito.kernel.ids import new_id
from ordito.platform import embedded
from ordito.platform.access import EVERYTHING, SYSTEM
from ordito.platform.database import Database
from ordito.platform.keys import ApiKey, insert_key, new_key
from ordito.platform.migrations import upgrade
from ordito.platform.settings import Settings
from ordito.sourcing.policies import DEFAULT_POLICY

UNITS = 1_000_000
"""On hand per cell: nothing runs out, so that every order takes the same path."""


class Scratch(msgspec.Struct, frozen=True):
    """The database by conninfo, PostgreSQL's programs, and a key that may do everything."""

    dsn: str
    bin_dir: str
    key: str
    items: int
    locations: int


@contextmanager
def scratch_database(settings: Settings, *, items: int, locations: int) -> Iterator[Scratch]:
    """A migrated database with items at every location, on the embedded server."""
    name = f"ordito_bench_{os.getpid()}"
    with embedded.lease(settings.data_folder) as lease:
        admin = lease.dsn("postgres")
        embedded.create_database(admin, name)
        try:
            dsn = lease.dsn(name)
            upgrade(dsn, kind="bench")
            key = fill(dsn, items=items, locations=locations)
            yield Scratch(dsn, str(lease.bin_dir), key, items, locations)
        finally:
            embedded.drop_database(admin, name)


def fill(dsn: str, *, items: int, locations: int) -> str:
    """The shop: SKUs B00000…, locations L0…, channel “bench”, all stock; returns an API key."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        item_ids = [new_id() for _ in range(items)]
        location_ids = [new_id() for _ in range(locations)]
        policy_id = new_id()
        conn.execute(
            "INSERT INTO sourcing.policy (id, code, name) VALUES (%s, 'default', 'Default')",
            (policy_id,),
        )
        conn.execute(
            "INSERT INTO sourcing.policy_version (policy_id, version, body) VALUES (%s, 1, %s)",
            (policy_id, msgspec.json.encode(DEFAULT_POLICY).decode()),
        )
        _copy_items(conn, item_ids)
        _insert_locations(conn, location_ids)
        conn.execute(_INSERT_CHANNEL, {"id": new_id(), "policy_id": policy_id})
        _copy_stock(conn, item_ids, location_ids)
        conn.execute("UPDATE platform.revision SET n = n + 1")
        conn.execute("VACUUM ANALYZE")
        conn.execute("CHECKPOINT")
    token, key_hash = new_key()
    db = Database(dsn, size_max=1).open()
    with db.transaction(SYSTEM) as tx:
        insert_key(tx, bench_key(tx.now), key_hash)
    db.close()
    return token


def bench_key(now: object) -> ApiKey:
    """A key that may do everything."""
    return msgspec.convert(
        {
            "id": str(new_id()),
            "name": "bench",
            "permissions": sorted(EVERYTHING),
            "channel_ids": None,
            "location_ids": None,
            "active": True,
            "version": 1,
            "created_at": now,
            "expires_at": None,
        },
        ApiKey,
    )


def sku(n: int) -> str:
    return f"B{n:05d}"


def _copy_items(conn: psycopg.Connection[tuple[object, ...]], ids: list[UUID]) -> None:
    with conn.cursor().copy(
        "COPY catalog.item (id, sku, sku_key, name, kind, prices) FROM STDIN"
    ) as copy:
        for n, id_ in enumerate(ids):
            copy.write_row(
                (id_, sku(n), sku(n).lower(), f"Item {n}", "stocked", '{"EUR": "10.00"}')
            )


def _insert_locations(conn: psycopg.Connection[tuple[object, ...]], ids: list[UUID]) -> None:
    for n, id_ in enumerate(ids):
        conn.execute(
            _INSERT_LOCATION,
            {
                "id": id_,
                "code": f"L{n}",
                "latitude": 47 + n * 7 % 60 / 10,
                "longitude": 6 + n * 13 % 140 / 10,
            },
        )


def _copy_stock(
    conn: psycopg.Connection[tuple[object, ...]], items: list[UUID], locations: list[UUID]
) -> None:
    with conn.cursor().copy(
        "COPY inventory.stock (item_id, location_id, on_hand, available, seq) FROM STDIN"
    ) as copy:
        for item_id in items:
            for location_id in locations:
                copy.write_row((item_id, location_id, UNITS, UNITS, 1))
    conn.execute(_OPENING)


_INSERT_LOCATION = """
    INSERT INTO locations.location
        (id, code, name, kind, address, country, latitude, longitude, time_zone, can_ship,
         can_pickup)
    VALUES (%(id)s, %(code)s, %(code)s, 'warehouse', '{"country": "DE"}', 'DE', %(latitude)s,
            %(longitude)s, 'Europe/Berlin', true, false)
"""

_INSERT_CHANNEL = """
    INSERT INTO channels.channel
        (id, code, name, kind, currency, base_currency, tax_included, rounding, shortage, policy_id,
         time_zone)
    VALUES (%(id)s, 'bench', 'Bench', 'api', 'EUR', 'EUR', true, 'half_up', 'backorder',
            %(policy_id)s, 'Europe/Berlin')
"""

# The opening stock has its postings, so that doctor finds the books in order after a run.
_OPENING = """
    INSERT INTO inventory.posting
        (item_id, location_id, seq, from_bucket, to_bucket, qty, reason, at, occurred_at, actor_id,
         on_hand_after, available_after, reserved_after, picked_after)
    SELECT item_id, location_id, 1, 'supplier', 'available', on_hand, 'opening', now(), now(),
           '00000000-0000-0000-0000-000000000000', on_hand, on_hand, 0, 0
    FROM inventory.stock
"""
