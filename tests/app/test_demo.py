"""The demo: it loads by itself, keeps off what isn't its own, and what it makes is sound."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from ordito.app.demo.people import Login
from ordito.flows.sign_in import SignIn, sign_in
from ordito.platform import embedded
from ordito.platform.database import Database
from tests.app.served import environment, folder, run, serving

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs the embedded database")


@pytest.fixture
def home() -> Iterator[Path]:
    with folder() as place:
        yield place / "demo"


def demo_env(home: Path) -> dict[str, str]:
    return environment(ORDITO_DATA_DIR=str(home), ORDITO_TEST_DEMO_ORDERS="24")


def test_a_small_demo_is_begun_anew_loaded_sound_and_kept(home: Path) -> None:
    home.mkdir()
    (home / "demo-loading").touch()
    (home / "half").touch()

    loaded = run("demo", "--load-only", env=demo_env(home))

    assert loaded.returncode == 0, loaded.stderr
    assert not (home / "half").exists(), "a half-made demo is begun anew"
    assert not (home / "demo-loading").exists()
    assert run("doctor", env=demo_env(home)).returncode == 0
    made = (home / "demo-logins.json").read_bytes()
    assert (home / "demo-logins.json").stat().st_mode & 0o077 == 0
    logins = msgspec.json.decode(made, type=list[Login])
    with embedded.lease(home) as lease:
        db = Database(lease.dsn(), size_max=2).open()
        try:
            for login in logins:
                if login.email:
                    sign_in(db, SignIn(login.email, login.password, "127.0.0.1"), absolute_s=60)
            with db.connection() as conn:
                row = conn.execute("SELECT count(*) FROM orders.sales_order").fetchone()
                assert row is not None
                assert 20 <= row[0] <= 36
                transfers = ["received", "requested", "requested", "requested", "shipped"]
                assert stock_work(conn) == (transfers, ["LEJ", "LON"], 1, 2)
        finally:
            db.close()
    serve_again(home, logins[-1].password)
    assert (home / "demo-logins.json").read_bytes() == made, "the same data is found again"
    assert run("demo", "--reset", env=demo_env(home)).returncode == 0
    assert not home.exists()


def stock_work(conn: Connection[Any]) -> tuple[list[str], list[str], int, int]:
    """States of the transfers, places of the counts, differences that wait, pieces missing or
    damaged on the way."""
    states = conn.execute("SELECT array_agg(state ORDER BY state) FROM inventory.transfer")
    places = conn.execute(
        "SELECT array_agg(l.code ORDER BY l.code) FROM inventory.cycle_count AS c"
        " JOIN locations.location AS l ON l.id = c.location_id WHERE c.state = 'open'"
    )
    waiting = conn.execute(
        "SELECT count(*) FROM inventory.cycle_count_line WHERE state = 'waiting'"
    )
    lost = conn.execute("SELECT sum(missing + damaged) FROM inventory.transfer_line")
    found = [cursor.fetchone() for cursor in (states, places, waiting, lost)]
    return tuple(row[0] for row in found if row)


def serve_again(home: Path, key: str) -> None:
    with serving(["demo"], demo_env(home), home.with_name("demo.log")) as served:
        served.wait_until_ready()
        status, _ = served.get("/api/v1/orders", Authorization=f"Bearer {key}")
        assert status == 200
        assert served.end() == 0


@pytest.mark.parametrize("option", ["--load-only", "--reset"])
def test_a_folder_that_is_no_demo_is_left_alone(home: Path, option: str) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("18\n")

    refused = run("demo", option, env=demo_env(home))

    assert refused.returncode == 1
    assert "This is no demo installation" in refused.stderr
    assert "Traceback" not in refused.stderr
    found = sorted(str(path.relative_to(home)) for path in home.rglob("*"))
    assert found == ["postgres", "postgres/PG_VERSION"]


def test_a_servers_database_is_refused(home: Path) -> None:
    env = demo_env(home) | {"ORDITO_DATABASE_URL": "postgresql://x@127.0.0.1:1/shop"}

    refused = run("demo", "--load-only", env=env)

    assert refused.returncode == 2
    assert "unset ORDITO_DATABASE_URL" in refused.stderr
    assert not home.exists()
