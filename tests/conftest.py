"""A real PostgreSQL for every test: one cluster per run, one fresh database per test."""

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from ordito.platform.database import Database
from ordito.platform.migrations import upgrade

pytest_plugins = ["tests.chromium"]

DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Callable[[str], str]]:
    """Gives the conninfo of a database by name. ORDITO_TEST_SERVER names a running server."""
    given = os.environ.get("ORDITO_TEST_SERVER")
    if given:
        yield lambda name: f"{given} dbname={name}"
        return
    from ordito.platform.embedded import lease

    folder = _quick_folder() / f"ordito-tests-{os.geteuid()}"
    _prepare_cluster(folder)
    with lease(folder) as server:
        yield server.dsn


def _prepare_cluster(folder: Path) -> None:
    """A small cache: to drop a database PostgreSQL looks through all of it, for every test."""
    from ordito.platform.embedded import lease, stop

    settings = {"shared_buffers": "64MB", "max_wal_size": "256MB"}
    with folder.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # Test processes begin at once: one of them does it.
        with lease(folder) as server, psycopg.connect(server.dsn("postgres")) as conn:
            conn.autocommit = True
            if all(
                conn.execute(f"SHOW {name}").fetchone() == (value,)
                for name, value in settings.items()
            ):
                return
            for name, value in settings.items():
                conn.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        stop(folder)


def _quick_folder() -> Path:
    """In memory where there is room: a database that nobody keeps needn't wait for a disk."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 2**30:
        return memory
    return Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def template(cluster: Callable[[str], str]) -> Iterator[str]:
    """A migrated, empty database to clone; one per test process."""
    name = f"template_{os.getpid()}"
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        conn.execute(f"CREATE DATABASE {name}")
        upgrade(cluster(name), kind="test")
        yield name
        conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


_numbers = itertools.count(1)


@pytest.fixture
def dsn(cluster: Callable[[str], str], template: str) -> Iterator[str]:
    """A fresh migrated database; dropped after the test."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        yield cluster(name)
        conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def db(dsn: str) -> Iterator[Database]:
    """A pool on the test's own database."""
    database = Database(dsn, size_max=40).open()
    yield database
    database.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Recorded third-party data beside the checkout; tests that need it skip without."""
    if not DATA.is_dir():
        if os.environ.get("CI"):
            pytest.fail("the recorded data must be there in CI")
        pytest.skip("the recorded data is not beside this checkout")
    return DATA
