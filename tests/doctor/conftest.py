"""One busy database for all tests of the doctor; each test takes back what it broke."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from ordito.platform.database import Database
from tests import make
from tests.doctor.busy import busy_shop


@pytest.fixture(scope="package")
def busy(cluster: Callable[[str], str], template: str) -> Iterator[make.Shop]:
    """A shop where everything has happened at least once."""
    name = f"busy_{os.getpid()}"
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        database = Database(cluster(name)).open()
        yield busy_shop(database)
        database.close()
        conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def conn(busy: make.Shop) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's connection whose transaction is rolled back after the test."""
    with psycopg.connect(busy.db.dsn) as connection:
        yield connection
        connection.rollback()
