"""Pages asked for without a browser: the visit of someone who is signed in."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any

from ordito.api.answers import Answer
from ordito.platform.access import EVERYTHING
from ordito.platform.accounts import User
from ordito.platform.database import Database
from ordito.platform.sessions import Session
from ordito.platform.settings import Settings
from ordito.web.visits import Upload, Visit
from tests import make

Page = Callable[[Visit], Answer]


def visit(
    db: Database,
    method: str,
    path: str,
    *,
    form: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    permissions: Iterable[str] = EVERYTHING,
    files: Mapping[str, Upload] | None = None,
    locale: str = "en",
    **params: str,
) -> Visit:
    """A request with the path's parameters by name; the query is part of the path."""
    path, _, asked = path.partition("?")
    user = User(
        id=make.BOSS.id,
        email="boss@example.com",
        name="Test boss",
        locale=locale,
        time_zone="UTC",
        permissions=sorted(permissions),
        role_ids=[],
        extra_permissions=sorted(permissions),
        channel_ids=None,
        location_ids=None,
        active=True,
        version=1,
        created_at=datetime.now(UTC),
    )
    parts = (pair.partition("=") for pair in asked.split("&") if pair)
    pairs = [(name, value) for name, _sign, value in parts]
    return Visit(
        db=db,
        settings=Settings(data_dir="/nowhere"),
        session=Session(user, "token"),
        method=method,
        path=path,
        secure=False,
        request_id="",
        params=params,
        query=pairs,
        cookies={},
        headers={},
        form=list(form.items()) if isinstance(form, Mapping) else list(form),
        uploads=list((files or {}).items()),
    )


def get(page: Page, db: Database, path: str, **named: Any) -> str:
    """The text of a page, without its tags, blanks as one."""
    return text_of(page(visit(db, "GET", path, **named)))


def post(page: Page, db: Database, path: str, **named: Any) -> Answer:
    return page(visit(db, "POST", path, **named))


def text_of(answer: Answer) -> str:
    """What people read on a page, and what stands in its fields."""
    html = answer.body.decode()
    html = re.sub(r"<svg.*?</svg>|<head.*?</head>", " ", html, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def location_of(answer: Answer) -> str:
    """Where a browser is sent."""
    return dict(answer.headers).get(b"location", b"").decode()
