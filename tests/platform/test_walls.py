"""The walls in the database: a scoped reader sees its part, and what was written stays."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ordito.app.state import tell_readiness
from ordito.flows.preview_order import preview_order
from ordito.kernel.ids import new_id
from ordito.orders.types import PlaceOrder
from ordito.platform.access import EVERYTHING, SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.migrations import upgrade
from ordito.platform.scopes import APPEND_ONLY, OPEN, POLICIES, SECRETS
from ordito.platform.walls import has_walls
from tests import make
from tests.doctor.busy import busy_shop

SCOPING = ("channel_id", "location_id", "order_id")

ODD = {
    "orders.sales_order": "id",
    "inventory.assembly_made_lot": "assembly_id",
    "inventory.assembly_part": "assembly_id",
    "inventory.assembly_part_lot": "assembly_id",
    "inventory.cycle_count_line": "count_id",
    "inventory.receipt_line": "receipt_id",
    "inventory.transfer": "from_location_id",
    "inventory.transfer_line": "transfer_id",
    "inventory.transfer_lot": "transfer_id",
    "platform.event": "stream_id",
}
"""Tables with a policy but none of the columns, or that are the order itself."""
OF_PARTS = {
    "fulfillment.forecast",
    "fulfillment.cancellation_ask",
    "fulfillment.line",
    "fulfillment.line_lot",
    "fulfillment.parcel",
    "fulfillment.parcel_line",
    "fulfillment.promise",
    "fulfillment.schedule",
    "fulfillment.request",
}
"""Seen with the part of an order that they belong to."""


@pytest.fixture(scope="module")
def busy(cluster: Callable[[str], str], template: str) -> Iterator[make.Shop]:
    """A shop where everything has happened; nothing here writes to it."""
    name = f"{template}_walls"
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        database = Database(cluster(name)).open()
        shop = busy_shop(database)
        make.place(shop, {"tea": 1}, channel="shop")
        yield shop
        database.close()
        conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def owner(busy: make.Shop) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(busy.db.dsn, autocommit=True) as connection:
        yield connection


def reader(**scope: Any) -> Actor:
    return Actor("key", new_id(), "A part", EVERYTHING, **scope)


def seen(db: Database, actor: Actor, column: str, table: str) -> list[Any]:
    """What a SELECT without any WHERE gives the reader, empty values left out."""
    with db.reading(actor) as tx:
        rows = tx.conn.execute(f"SELECT {column} FROM {table}").fetchall()
    return [value for (value,) in rows if value is not None]


def columns(conn: psycopg.Connection[Any]) -> set[tuple[str, str]]:
    """Each table with a column that says whose its rows are."""
    rows = conn.execute(
        "SELECT c.table_schema || '.' || c.table_name, c.column_name"
        " FROM information_schema.columns AS c"
        " JOIN information_schema.tables AS t USING (table_schema, table_name)"
        " WHERE c.column_name = ANY (%s) AND t.table_type = 'BASE TABLE'",
        (list(SCOPING),),
    ).fetchall()
    return {(table, column) for table, column in rows}


def test_every_table_of_channels_locations_and_orders_has_a_policy_or_a_reason(
    owner: psycopg.Connection[Any],
) -> None:
    tables = {table for table, _column in columns(owner)}
    assert tables | set(ODD) == set(POLICIES) | set(OPEN)
    fenced = owner.execute(
        "SELECT schemaname || '.' || tablename FROM pg_policies"
        " WHERE policyname = 'seen' AND roles = '{ordito_read}' AND cmd = 'SELECT'"
    ).fetchall()
    assert {table for (table,) in fenced} == set(POLICIES)


def test_a_reader_of_a_channel_reads_all_of_it_and_nothing_else(
    busy: make.Shop, owner: psycopg.Connection[Any]
) -> None:
    web = busy.channels["web"]
    others = "SELECT count(*) FROM orders.sales_order WHERE channel_id <> %s"
    assert owner.execute(others, (web,)).fetchone() == (1,)
    actor = reader(channel_ids=frozenset({web}))
    orders = "SELECT id FROM orders.sales_order WHERE channel_id = %(web)s"
    at_places = {table for table in ODD if table.startswith("inventory.")}
    for table, column in sorted(columns(owner) | set(ODD.items())):
        if table in OPEN or column == "location_id" or table in at_places:
            continue
        condition = "channel_id = %(web)s"
        if column in ("order_id", "id"):
            condition = f"{column} IN ({orders})"
        elif column == "stream_id":
            condition = f"stream = 'order' AND stream_id IN ({orders})"
        sql = f"SELECT {column} FROM {table} WHERE {condition}"
        expected = [value for (value,) in owner.execute(sql, {"web": web}).fetchall()]
        found = seen(busy.db, actor, column, table)
        if table == "platform.event":
            known = owner.execute("SELECT id FROM orders.sales_order").fetchall()
            found = [value for value in found if (value,) in known]
        assert sorted(found) == sorted(expected), f"{table}.{column}"


def test_a_reader_of_a_location_reads_its_stock_work_and_orders(
    busy: make.Shop, owner: psycopg.Connection[Any]
) -> None:
    place = busy.locations["B"]
    actor = reader(location_ids=frozenset({place}))
    orders = "SELECT order_id FROM fulfillment.fulfillment_order WHERE location_id = %(place)s"
    for table, column in sorted(columns(owner) | {("orders.sales_order", "id")}):
        # Holds belong to a channel, wherever what they keep lies.
        if table in (*OPEN, "inventory.stock_hold") or column == "channel_id":
            continue
        conditions = [f"{column} IN ({orders})"]
        if column == "location_id":
            conditions = ["location_id = %(place)s"]
        elif table == "fulfillment.task":
            conditions.append("(location_id = %(place)s OR location_id IS NULL)")
        elif table in OF_PARTS:
            work = orders.replace("order_id", "order_id, fo_no", 1)
            conditions = [f"(order_id, fo_no) IN ({work})"]
        elif table == "fulfillment.fulfillment_order":
            conditions = ["location_id = %(place)s"]
        sql = f"SELECT {column} FROM {table} WHERE {' AND '.join(conditions)}"
        expected = [v for (v,) in owner.execute(sql, {"place": place}).fetchall()]
        found = seen(busy.db, actor, column, table)
        assert sorted(found) == sorted(expected), f"{table}.{column}"
    received = "SELECT location_id FROM inventory.receipt"
    assert {id_ for (id_,) in owner.execute(received).fetchall()} == {place}
    lines = seen(busy.db, actor, "line_no", "inventory.receipt_line")
    assert len(lines) == 5
    elsewhere = reader(location_ids=frozenset({busy.locations["C"]}))
    assert seen(busy.db, elsewhere, "line_no", "inventory.receipt_line") == []


def test_a_reader_of_nothing_reads_nothing(busy: make.Shop) -> None:
    actor = reader(channel_ids=frozenset(), location_ids=frozenset())
    for table in sorted(set(POLICIES) - {"platform.event"}):
        assert seen(busy.db, actor, "1", table) == [], table


def test_the_role_sees_nothing_while_no_scope_was_named(owner: psycopg.Connection[Any]) -> None:
    with owner.transaction():
        owner.execute("SET LOCAL ROLE ordito_read")
        for table in sorted(set(POLICIES) - {"platform.event"}):
            assert owner.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_a_scoped_reader_never_looks_at_secrets(busy: make.Shop) -> None:
    for table in sorted(SECRETS):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            busy.db.reading(reader(channel_ids=frozenset())) as tx,
        ):
            tx.conn.execute(f"SELECT count(*) FROM {table}")


def test_the_wall_ends_with_the_transaction_and_is_not_there_for_who_sees_all(
    busy: make.Shop,
) -> None:
    with busy.db.connection() as conn:
        before = conn.execute("SELECT current_user::text").fetchone()
    assert before == ("ordito_app",)
    nothing = reader(channel_ids=frozenset(), location_ids=frozenset())
    assert seen(busy.db, nothing, "current_user::text", "platform.installation") == ["ordito_read"]
    assert seen(busy.db, SYSTEM, "current_user::text", "platform.installation") == ["ordito_app"]
    with busy.db.connection() as conn:
        assert conn.execute("SELECT current_user::text").fetchone() == before


def test_a_preview_plans_over_all_places_as_placing_does(busy: make.Shop) -> None:
    ask = msgspec.convert(make.ask({"pot": 8}), PlaceOrder)
    with busy.db.reading(SYSTEM) as tx:
        whole = preview_order(tx, ask)
    nowhere = reader(location_ids=frozenset({busy.locations["C"]}))
    with busy.db.reading(nowhere) as tx:
        assert preview_order(tx, ask) == whole
        role = tx.conn.execute("SELECT current_user::text").fetchone()
    assert role == ("ordito_read",)
    assert any(line.parts for line in whole.lines)


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_what_was_written_is_changed_by_nobody(
    busy: make.Shop, owner: psycopg.Connection[Any], table: str
) -> None:
    before = owner.execute(f"SELECT count(*) FROM {table}").fetchone()
    column = owner.execute(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1",
        (table,),
    ).fetchone()
    assert column is not None
    for change in (f"UPDATE {table} SET {column[0]} = {column[0]}", f"DELETE FROM {table}"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            busy.db.transaction(SYSTEM) as tx,
        ):
            tx.conn.execute(change)
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute(change)
    with pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute(f"TRUNCATE {table} CASCADE")
    assert owner.execute(f"SELECT count(*) FROM {table}").fetchone() == before


def test_the_program_makes_and_changes_no_table(busy: make.Shop) -> None:
    for text in (
        "CREATE TABLE orders.mine (id int)",
        "ALTER TABLE orders.line DISABLE TRIGGER ALL",
        "ALTER TABLE orders.line DISABLE ROW LEVEL SECURITY",
        "DROP TABLE orders.tag",
        "SET session_replication_role = replica",
    ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            busy.db.transaction(SYSTEM) as tx,
        ):
            tx.conn.execute(text)


@pytest.fixture
def login(dsn: str) -> Iterator[str]:
    """Somebody who can sign in to the database and is nobody else there; gives the conninfo."""
    name = f"ordito_login_{os.getpid()}"
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'a-password-of-the-tests'")
        yield make_conninfo(dsn, user=name, password="a-password-of-the-tests")
        conn.execute(f"DROP OWNED BY {name}")
        conn.execute(f"DROP ROLE {name}")


def test_a_login_of_its_own_can_take_nothing_back(dsn: str, login: str) -> None:
    name = conninfo_to_dict(login)["user"]
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(f"GRANT ordito_app TO {name}".encode())
    db = Database(login).open()
    order = make.place(make.shop(db), {"tea": 1})
    assert seen(db, reader(channel_ids=frozenset()), "id", "orders.sales_order") == []
    assert seen(db, SYSTEM, "id", "orders.sales_order") == [order.id]
    with db.connection() as conn:
        assert has_walls(conn)
        conn.execute("RESET ROLE")
        for text in ("DELETE FROM platform.event", "CREATE TABLE orders.mine (id int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(text.encode())
    db.close()


def test_without_the_roles_all_works_and_the_missing_wall_is_told(dsn: str, login: str) -> None:
    name = conninfo_to_dict(login)["user"]
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(f"GRANT USAGE ON SCHEMA orders, platform TO {name}".encode())
        conn.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA orders TO {name}".encode())
        conn.execute(f"GRANT SELECT ON public.ordito_migration TO {name}".encode())
    db = Database(login).open()
    with db.reading(reader(channel_ids=frozenset())) as tx:
        assert tx.came_from == ""
        assert tx.conn.execute("SELECT count(*) FROM orders.sales_order").fetchone() == (0,)
    with db.connection() as conn:
        assert not has_walls(conn)
    told = tell_readiness(db)
    assert told.status == 200
    assert "ordito_app" in told.body.decode()
    db.close()


def test_an_upgrade_raises_fallen_walls_again(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("DROP POLICY seen ON orders.line")
        conn.execute("GRANT UPDATE ON platform.event TO ordito_app")
        conn.execute("DELETE FROM platform.wall")
        upgrade(dsn)
        restored = conn.execute(
            "SELECT (SELECT count(*) FROM pg_policies WHERE tablename = 'line'"
            " AND schemaname = 'orders'),"
            " has_table_privilege('ordito_app', 'platform.event', 'UPDATE')"
        ).fetchone()
    assert restored == (2, False)
