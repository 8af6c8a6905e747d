"""One request to a page: who asks, what was sent, and how it is answered."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlencode, urlsplit

import msgspec

from ordito.api.answers import Answer
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import run
from ordito.platform.problems import NotFound, NotPermitted
from ordito.platform.sessions import Session
from ordito.platform.settings import Settings
from ordito.web.readers import make_view
from ordito.web.rendering import read_as, render
from ordito.web.view_context import Toast, ViewContext

Ask = TypeVar("Ask")
Found = TypeVar("Found")

_HTML = (b"content-type", b"text/html; charset=utf-8")
_NO_STORE = (b"cache-control", b"no-store")
_REVALIDATE = (b"cache-control", b"private, no-cache")
_VARY = (b"vary", b"HX-Request, Cookie")

TOAST_COOKIE = "ordito_toast"


class Upload(msgspec.Struct, frozen=True):
    """A file that came with a form."""

    name: str
    body: bytes


class Visit(msgspec.Struct, kw_only=True):
    """A request by someone who is signed in.

    form, uploads: what a POST sent, each in its order, by names of fields.
    """

    db: Database
    settings: Settings
    session: Session
    method: str
    path: str
    secure: bool
    request_id: str
    params: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    cookies: Mapping[str, str]
    headers: Mapping[bytes, bytes]
    form: Sequence[tuple[str, str]] = ()
    uploads: Sequence[tuple[str, Upload]] = ()
    now: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))
    reader: ViewContext | None = None

    @property
    def actor(self) -> Actor:
        return self.session.actor

    @property
    def by_script(self) -> bool:
        """Whether htmx asks: for a fragment, not for a page."""
        return b"hx-request" in self.headers

    def number(self, name: str) -> int:
        """A number of the path; raises NotFound for what can't be one."""
        text = self.params[name]
        if not (text.isascii() and text.isdigit() and len(text) <= 12):
            raise NotFound("There is nothing with this number.")
        return int(text)

    def asked(self, name: str, default: str = "") -> str:
        """A parameter of the address; of several the last."""
        return dict(self.query).get(name, default)

    def asked_all(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name and value]

    def sent(self, name: str, default: str = "") -> str:
        """A field of the form, without blanks around it."""
        return dict(self.form).get(name, default).strip()

    def sent_number(self, name: str) -> int | None:
        """A whole number of the form; None when it is none."""
        text = self.sent(name).replace("\u2212", "-")
        digits = text.removeprefix("-")
        return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else None

    def sent_all(self, name: str) -> list[str]:
        return [value for key, value in self.form if key == name and value]

    @property
    def files(self) -> Mapping[str, Upload]:
        """The files of a form by the names of their fields; of several the last."""
        return dict(self.uploads)

    def require(self, permission: str) -> None:
        """Raises NotPermitted."""
        self.actor.require(permission)

    def require_any(self, *permissions: str) -> None:
        """Raises NotPermitted unless the reader has one of them."""
        if not any(permission in self.actor.permissions for permission in permissions):
            raise NotPermitted(f"One of these permissions is needed: {', '.join(permissions)}.")

    @contextlib.contextmanager
    def reading(self) -> Iterator[Tx]:
        """One read-only snapshot as the reader sees it."""
        with self.db.reading(self.actor) as tx:
            yield tx

    def act(self, command: Callable[[Tx, Ask], Found], ask: Ask, *, part: str = "") -> Found:
        """Carry out a command; the form's key makes a repeated send one act.

        part: which of several acts of one form this is.
        """
        key = self.sent("_key") or None
        if key is not None and part:
            key = f"{key}-{part}"
        return run(self.db, self.actor, command, ask, key=key, request_id=self.request_id)

    def view(self, **changes: Any) -> ViewContext:
        """Who looks at the page, and how."""
        if self.reader is None:
            self.reader = make_view(self)
            read_as(self.reader)
        return msgspec.structs.replace(self.reader, **changes) if changes else self.reader

    def page(self, template: str, /, *, status: int = 200, **context: Any) -> Answer:
        """A whole page; toasts that wait are shown and forgotten."""
        toasts = read_toasts(self.cookies)
        headers = [_HTML, _REVALIDATE, _VARY]
        if toasts:
            headers.append(forget_cookie(TOAST_COOKIE))
        text = render(template, self.view(toasts=toasts), **context)
        return Answer(status, headers, text.encode())

    def fragment(self, template: str, /, *, status: int = 200, **context: Any) -> Answer:
        """A part of a page."""
        text = render(template, self.view(), **context)
        return Answer(status, [_HTML, _NO_STORE, _VARY], text.encode())

    def form_page(self, template: str, /, *, faulty: bool = False, **context: Any) -> Answer:
        """A dialog's form: the fragment for the dialog, else a page around it."""
        status = 422 if faulty else 200
        if self.by_script:
            return self.fragment(template, status=status, **context)
        return self.page("form_page.html", status=status, form=template, **context)

    def done(
        self, text: str, url: str, *, undo_url: str = "", tone: str = "success", go: bool = False
    ) -> Answer:
        """An act was carried out: the toast that says so.

        url: where a browser without script goes; go: where scripts go too.
        """
        toast = {"text": text, "tone": tone, "undo_url": undo_url}
        if self.by_script and not go:
            trigger = json.dumps({"ordito:toast": toast})
            return Answer(204, [(b"hx-trigger", trigger.encode()), _NO_STORE], b"")
        cookie = write_cookie(TOAST_COOKIE, quote(json.dumps(toast)), secure=self.secure, age_s=60)
        if self.by_script:
            return Answer(204, [(b"hx-redirect", url.encode()), cookie, _NO_STORE], b"")
        return Answer(303, [(b"location", url.encode()), cookie, _NO_STORE], b"")

    def here(self, **changes: str | None) -> str:
        """This page's address with other parameters; None takes one away."""
        kept = [(name, value) for name, value in self.query if name not in changes]
        kept += [(name, value) for name, value in changes.items() if value is not None]
        return f"{self.path}?{urlencode(kept)}" if kept else self.path


def redirect(url: str, *cookies: tuple[bytes, bytes]) -> Answer:
    """See other: to a page of ours."""
    return Answer(303, [(b"location", url.encode("ascii")), _NO_STORE, *cookies], b"")


def write_cookie(
    name: str, value: str, *, secure: bool, age_s: int | None = None, readable: bool = False
) -> tuple[bytes, bytes]:
    """A Set-Cookie header; readable ones may be read by scripts."""
    parts = [f"{name}={value}", "Path=/", "SameSite=Lax"]
    if age_s is not None:
        parts.append(f"Max-Age={age_s}")
    if not readable:
        parts.append("HttpOnly")
    if secure:
        parts.append("Secure")
    return (b"set-cookie", "; ".join(parts).encode("ascii"))


def forget_cookie(name: str, *, secure: bool = False) -> tuple[bytes, bytes]:
    return write_cookie(name, "", secure=secure, age_s=0)


def read_toasts(cookies: Mapping[str, str]) -> tuple[Toast, ...]:
    """The toast that a redirect left behind; none when the cookie is not one of ours."""
    text = unquote(cookies.get(TOAST_COOKIE, ""))
    if not text:
        return ()
    with contextlib.suppress(msgspec.DecodeError):
        toast = msgspec.json.decode(text, type=Toast)
        if not toast.undo_url or own_path(toast.undo_url) == toast.undo_url:
            return (toast,)
    return ()


def own_path(url: str, default: str = "/") -> str:
    """The address when it is one of our own pages, else the default: no way out to strangers."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc or not url.startswith("/") or url.startswith(("//", "/\\")):
        return default
    return url if url.isascii() and url.isprintable() else default
