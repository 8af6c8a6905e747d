"""`ordito db`: its state in words and JSON, copies that are whole, nothing overwritten."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from ordito.listings.doctor.examination import examine
from ordito.platform.database import Database
from ordito.platform.migrations import read_migrations
from tests import make
from tests.cli.conftest import Ordito

NEWEST = read_migrations()[-1].version


@pytest.fixture
def empty(cluster: Callable[[str], str]) -> Iterator[str]:
    """The conninfo of a database with nothing in it."""
    name = f"blank_{os.getpid()}"
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}".encode())
        yield cluster(name)
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_status_tells_the_schema(ordito: Ordito) -> None:
    expected = {"schema_newest": NEWEST, "kind": "server", "state": "ready", "schema": NEWEST}
    assert ordito("db", "status", "--json").json == expected
    assert "ready" in ordito("db", "status").out


def test_status_of_an_embedded_database_starts_nothing(
    ordito: Ordito, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ORDITO_DATABASE_URL")
    monkeypatch.setenv("ORDITO_DATA_DIR", str(tmp_path / "none"))

    told = ordito("db", "status", "--json").json

    assert (told["kind"], told["state"]) == ("embedded", "stopped")
    assert not (tmp_path / "none").exists()


def test_a_server_that_is_not_there_is_a_problem(
    ordito: Ordito, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDITO_DATABASE_URL", "postgresql://x:pass-word@127.0.0.1:1/none")

    for command in (["db", "status"], ["db", "upgrade"], ["users", "list"]):
        refused = ordito(*command)
        assert refused.code == 1
        assert "can't be reached" in refused.err
        assert "pass-word" not in refused.err


def test_a_database_that_was_not_upgraded_says_how(
    ordito: Ordito, monkeypatch: pytest.MonkeyPatch, empty: str
) -> None:
    monkeypatch.setenv("ORDITO_DATABASE_URL", empty)

    refused = ordito("users", "list")

    assert refused.code == 1
    assert "ordito db upgrade" in refused.err
    assert ordito("db", "status", "--json").json["schema"] == 0
    assert ordito("db", "upgrade").out.count("applied ") == NEWEST
    assert ordito("db", "upgrade").out == "nothing to do\n"
    assert ordito("users", "list").code == 0


def test_stop_leaves_a_server_alone(ordito: Ordito) -> None:
    refused = ordito("db", "stop")

    assert refused.code == 2
    assert "not ours to stop" in refused.err


def test_a_dump_is_restored_whole_and_only_into_an_empty_database(
    ordito: Ordito, db: Database, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    make.place(shop, {"tea": 2})
    file = tmp_path / "shop.dump"

    assert ordito("db", "dump", str(file)).code == 0
    assert file.stat().st_size > 0
    refused = ordito("db", "restore", str(file))
    assert refused.code == 2
    assert "not empty" in refused.err

    monkeypatch.setenv("ORDITO_DATABASE_URL", empty)
    assert ordito("db", "restore", str(file)).code == 0

    restored = Database(empty, size_max=2).open()
    try:
        with restored.connection() as conn:
            stock = conn.execute("SELECT on_hand, reserved, available FROM inventory.stock")
            assert stock.fetchall() == [(5, 2, 3)]
        assert examine(restored).findings == []
    finally:
        restored.close()


def test_rebuilt_lists_hold_every_order_again(ordito: Ordito, db: Database) -> None:
    shop = make.shop(db)
    placed = {make.place(shop, {"tea": 1}).id for _ in range(3)}

    assert ordito("db", "rebuild-lists", "--json").json == {"orders": 3}

    with db.connection() as conn:
        rows = conn.execute("SELECT order_id FROM listings.order_entry").fetchall()
    assert {row[0] for row in rows} == placed
