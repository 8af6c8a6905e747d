"""The real program over a small shop, served to a real browser."""

import socket
import threading
import time
from collections.abc import Iterator

import msgspec
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, expect

from ordito.app.duties import make_worker
from ordito.app.program import create_app
from ordito.flows.manage_access import CreateUser, SetPassword, create_user, give_password
from ordito.platform.access import EVERYTHING, SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.settings import Settings
from tests import make

PASSWORD = "correct horse battery staple"
# Several programs share the machine while tests run.
expect.set_options(timeout=15_000)
EMAIL = "kasia@example.com"


class Served(msgspec.Struct):
    """A running program: its address and its shop."""

    url: str
    shop: make.Shop


@pytest.fixture
def served(dsn: str, assets: object, tmp_path: object) -> Iterator[Served]:
    """The program on a free port, with two places and one person who may do everything."""
    db = Database(dsn, size_max=12).open()
    shop = make.shop(db)
    ask = CreateUser(email=EMAIL, name="Kasia Nowak", permissions=tuple(sorted(EVERYTHING)))
    user = run(db, SYSTEM, create_user, ask)
    give_password(db, SYSTEM, SetPassword(user_id=user.id), PASSWORD)
    settings = Settings(data_dir=str(tmp_path), webhooks_lan=True, pseudo_languages=True)
    app = create_app(Database(dsn, size_max=12), settings, worker=make_worker(db, settings))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, lifespan="on")
    )
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", shop)
    server.should_exit = True
    thread.join(15)
    db.close()


@pytest.fixture
def context(browser: Browser, served: Served) -> Iterator[BrowserContext]:
    """A browser without history, of a laptop's size."""
    made = browser.new_context(base_url=served.url, viewport={"width": 1280, "height": 900})
    made.set_default_timeout(30_000)
    yield made
    made.close()
