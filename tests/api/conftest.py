"""The whole program over real HTTP: a server in a thread, a client with a key for everything."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
import uvicorn

from ordito.app.program import create_app
from ordito.flows.manage_keys import CreateKey, issue_key
from ordito.kernel.ids import new_id
from ordito.platform import logs
from ordito.platform.access import EVERYTHING
from ordito.platform.database import Database
from ordito.platform.settings import Settings
from tests import make

SETTINGS = Settings(data_dir="unused", metrics_token="a-token-of-the-tests")

Client = httpx.Client

ANY = {"If-Match": "*"}
"""To change something whatever it is by now."""

logs.configure("warning", "json")


class Api(msgspec.Struct):
    """A server of a test, its shop, and the client of a key that may do everything."""

    url: str
    shop: make.Shop
    boss: Client
    clients: list[Client]
    orders_before: int = 0

    def close(self) -> None:
        for client in self.clients:
            client.close()

    def key(self, permissions: Any = EVERYTHING, **fields: Any) -> Client:
        """A client with a key of its own."""
        ask = CreateKey(name="test", permissions=tuple(sorted(permissions)), **fields)
        token = issue_key(self.shop.db, make.BOSS, ask).token
        return self.client(token)

    def client(self, token: str | None = None) -> Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        made = Client(base_url=self.url, headers=headers, timeout=60)
        self.clients.append(made)
        return made


def serve(db: Database, settings: Settings = SETTINGS) -> tuple[uvicorn.Server, str, Any]:
    """A server in a thread on a free port: the server, its URL, its thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(db, settings, pages=lambda _services, _settings: ()),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    return server, f"http://127.0.0.1:{listener.getsockname()[1]}", thread


class Running(msgspec.Struct):
    server: uvicorn.Server
    thread: threading.Thread
    api: Api

    def stop(self) -> None:
        self.api.close()
        self.server.should_exit = True
        self.thread.join(20)


def run_api(db: Database, settings: Settings = SETTINGS, **shop: Any) -> Running:
    """The program over a shop made with the arguments."""
    made = make.shop(db, **shop)
    server, url, thread = serve(Database(db.dsn, size_max=20), settings)
    api = Api(url, made, Client(), [])
    api.boss = api.key()
    # The socket listens already: the first request waits until the program is there.
    assert api.boss.get("/health").status_code == 200
    return Running(server, thread, api)


@pytest.fixture
def start_api(db: Database) -> Iterator[Callable[..., Api]]:
    """Starts a program of the test's own, over a shop made with the arguments."""
    running: list[Running] = []

    def start(settings: Settings = SETTINGS, **shop: Any) -> Api:
        running.append(run_api(db, settings, **shop))
        return running[-1].api

    yield start
    for one in running:
        one.stop()


@pytest.fixture(scope="session")
def shared_api(cluster: Callable[[str], str], template: str) -> Iterator[Api]:
    """One program and shop for all tests that ask for `api`: starting one takes seconds."""
    name = f"{template}_shared_api"
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        db = Database(cluster(name)).open()
        plenty = {"tea": 1_000_000, "cup": 1_000_000}
        running = run_api(db, stock={"A": plenty, "B": plenty})
        yield running.api
        running.stop()
        db.close()
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def api(shared_api: Api) -> Iterator[Api]:
    """The shared program with callers of the test's own."""
    mine = Api(shared_api.url, shared_api.shop, Client(), [], count_orders(shared_api))
    mine.boss = mine.key()
    yield mine
    mine.close()


def count_orders(api: Api) -> int:
    """Orders placed since the test began."""
    with api.shop.db.connection() as conn:
        row = conn.execute("SELECT count(*) FROM orders.sales_order").fetchone()
    assert row is not None
    return int(row[0]) - api.orders_before


def body(lines: dict[str, int] | None = None, **fields: Any) -> dict[str, Any]:
    """The body of an order."""
    return make.ask(lines or {"tea": 1}, **fields)


def new_body(**fields: Any) -> dict[str, Any]:
    """The body of an order that was never sent before."""
    return body(external_id=str(new_id()), **fields)
