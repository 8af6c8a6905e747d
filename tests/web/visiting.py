"""The whole site over real HTTP, with people who are signed in: for tests without a browser."""

import re
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
import uvicorn

from ordito.app.program import create_app
from ordito.flows.manage_access import CreateUser, SetPassword, create_user, give_password
from ordito.flows.sign_in import SignIn, sign_in
from ordito.kernel.ids import new_id
from ordito.platform import logs
from ordito.platform.access import SYSTEM
from ordito.platform.accounts import User
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.settings import Settings

logs.configure("warning", "json")

PASSWORD = "correct horse battery staple"


class Person(msgspec.Struct):
    """Somebody at a browser. csrf: the token of their forms; "" for who is not signed in."""

    client: httpx.Client
    csrf: str = ""
    user: User | None = None

    def get(self, path: str, **params: str) -> httpx.Response:
        return self.client.get(path, params=params or None)

    def post(self, path: str, fields: Mapping[str, Any] | None = None) -> httpx.Response:
        """Send a form with the token of its session."""
        return self.client.post(path, data={"_csrf": self.csrf, **(fields or {})})

    def form(self, path: str, fields: Mapping[str, Any]) -> httpx.Response:
        """Open the page, fill its form in and send it, as someone who is not signed in does."""
        token = re.search(r'name="_csrf" value="([^"]+)"', self.client.get(path).text)
        assert token, f"{path} has a form"
        target = path.partition("?")[0]
        return self.client.post(target, data={"_csrf": token[1], **fields})


class Site(msgspec.Struct):
    """A running program with its database."""

    url: str
    db: Database
    people: list[Person]

    def stranger(self, agent: str = "") -> Person:
        """Somebody who is not signed in."""
        headers = {"user-agent": agent} if agent else {}
        client = httpx.Client(base_url=self.url, timeout=30, headers=headers)
        self.people.append(Person(client))
        return self.people[-1]

    def add(
        self, roles: Iterable[str] = (), permissions: Iterable[str] = (), **scopes: Any
    ) -> User:
        """A user with the password of these tests."""
        ask: dict[str, Any] = {
            "email": f"{new_id()}@example.com",
            "name": "Ann",
            "roles": tuple(roles),
        }
        ask |= {"permissions": tuple(permissions)} | scopes
        user = run(self.db, SYSTEM, create_user, msgspec.convert(ask, CreateUser))
        give_password(self.db, SYSTEM, SetPassword(user_id=user.id), PASSWORD)
        return user

    def person(self, *roles: str, user: User | None = None, **more: Any) -> Person:
        """Somebody with these roles who is signed in."""
        user = user or self.add(roles, **more)
        asked = SignIn(user.email, PASSWORD, f"10.1.{len(self.people)}.1", "Firefox, Linux")
        _user, session = sign_in(self.db, asked, absolute_s=3600)
        found = self.stranger()
        found.client.cookies.set("ordito", session.token)
        found.csrf, found.user = session.csrf_token, user
        return found


@contextmanager
def running_site(db: Database, settings: Settings) -> Iterator[Site]:
    """The program with all pages on a free port, without a worker."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = create_app(Database(db.dsn, size_max=12), settings)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    site = Site(f"http://127.0.0.1:{listener.getsockname()[1]}", db, [])
    try:
        # The socket listens already: the first request waits until the program is there.
        assert site.stranger().get("/health").status_code == 200
        yield site
    finally:
        for person in site.people:
            person.client.close()
        server.should_exit = True
        thread.join(20)
