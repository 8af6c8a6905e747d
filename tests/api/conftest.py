"""The whole program over real HTTP: a server in a thread, a client with a key for everything."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from ordito.app.program import create_app
from ordito.flows.manage_access import CreateKey, issue_key
from ordito.platform.access import EVERYTHING
from ordito.platform import logs
from ordito.platform.database import Database
from ordito.platform.settings import Settings
from tests import make

SETTINGS = Settings(data_dir="unused", metrics_token="a-token-of-the-tests")

Client = httpx.Client

logs.configure("warning", "json")


class Api(msgspec.Struct):
    """A server of a test, its shop, and the client of a key that may do everything."""

    url: str
    shop: make.Shop
    boss: Client
    clients: list[Client]

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
        create_app(db, settings),
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


@pytest.fixture
def start_api(db: Database) -> Iterator[Callable[..., Api]]:
    """Starts the program over the test's database and a shop made with the arguments."""
    running: list[tuple[uvicorn.Server, Any, Api]] = []

    def start(settings: Settings = SETTINGS, **shop: Any) -> Api:
        made = make.shop(db, **shop)
        server, url, thread = serve(Database(db.dsn, size_max=20), settings)
        api = Api(url, made, Client(), [])
        api.boss = api.key()
        running.append((server, thread, api))
        # The socket listens already: the first request waits until the program is there.
        assert api.boss.get("/health").status_code == 200
        return api

    yield start
    for server, thread, api in running:
        for client in api.clients:
            client.close()
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def api(start_api: Callable[..., Api]) -> Api:
    """The program over a small shop."""
    return start_api()


def body(lines: dict[str, int] | None = None, **fields: Any) -> dict[str, Any]:
    """The body of an order."""
    return make.ask(lines or {"tea": 1}, **fields)
