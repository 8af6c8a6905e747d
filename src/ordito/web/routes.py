"""From requests to page functions: session, form, forgery check, and problems as pages."""

import asyncio
import contextvars
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec
import structlog

from ordito.api.answers import Answer
from ordito.api.authentication import headers_of
from ordito.api.forms import is_form, read_parts
from ordito.api.routes import Services, in_thread
from ordito.api.routing import Binding
from ordito.platform.problems import (
    BodyTooLarge,
    ClientGone,
    CsrfFailed,
    InternalError,
    InvalidInput,
    Problem,
)
from ordito.platform.settings import Settings
from ordito.web.problem_pages import tell_problem
from ordito.web.visits import Upload, Visit, redirect

log = structlog.get_logger(__name__)

PageFunction = Callable[[Visit], Answer]

ENROL = "/account/second-factor"
FORM_MAX = 1_000_000
UPLOAD_MAX = 64_000_000
FIELDS_MAX = 5_000


class Route(msgspec.Struct, frozen=True):
    """A page: its method and path, and the function that answers."""

    method: str
    path: str
    function: PageFunction
    body_max: int = FORM_MAX


def bind_pages(routes: Sequence[Route], services: Services, settings: Settings) -> list[Binding]:
    """Pages for people who are signed in; others are sent to the sign-in page."""
    return [_bind(route, services, settings) for route in routes]


def _bind(route: Route, services: Services, settings: Settings) -> Binding:
    async def handle(scope: Any, receive: Any) -> Answer:
        return await _answer(route, (scope, receive), services, settings)

    return Binding(route.method, route.path, handle)


async def _answer(
    route: Route, request: tuple[Any, Any], services: Services, settings: Settings
) -> Answer:
    """request: its scope, and how its body is received."""
    scope, receive = request
    headers = headers_of(scope)
    secure = scope["scheme"] == "https"
    session = await services.gate.find_session(headers, secure=secure)
    if session is None:
        return to_sign_in(scope, headers)
    if session.needs_factor and not scope["path"].startswith("/account"):
        return to_enrolment(headers)
    visit = Visit(
        db=services.db,
        settings=settings,
        session=session,
        method=route.method,
        path=scope["path"],
        secure=secure,
        request_id=str(scope.get("request_id", "")),
        params=scope["path_params"],
        query=read_pairs(scope["query_string"]),
        cookies=read_cookies(headers),
        headers=headers,
    )
    try:
        if route.method == "POST":
            body = await read_all(receive, headers, route.body_max)
            visit.form, visit.uploads = await asyncio.to_thread(read_form, headers, body)
            require_own(headers, scope, visit.form, session.csrf_token)
        return await in_thread(services, lambda: _run(route.function, visit))
    except Problem as problem:
        return await _tell(visit, problem)
    except Exception:
        log.exception("page_failed", path=visit.path)
        return await _tell(visit, InternalError("The request number finds the cause in the log."))


def _run(function: PageFunction, visit: Visit) -> Answer:
    visit.view()  # From here on words are those of the reader.
    return function(visit)


async def _tell(visit: Visit, problem: Problem) -> Answer:
    context = contextvars.copy_context()
    return await asyncio.to_thread(context.run, tell_problem, visit, problem)


def to_sign_in(scope: Any, headers: Mapping[bytes, bytes]) -> Answer:
    """To the sign-in page, and back here after it."""
    if b"hx-request" in headers:
        return Answer(401, [(b"hx-redirect", b"/login"), (b"cache-control", b"no-store")], b"")
    here = scope["path"]
    if scope["query_string"]:
        here += "?" + scope["query_string"].decode("latin-1")
    if scope["method"] != "GET" or here == "/":
        return redirect("/login")
    return redirect(f"/login?next={quote(here, safe='/')}")


def to_enrolment(headers: Mapping[bytes, bytes]) -> Answer:
    """To where a second factor is set up: a role demands one, nothing else is shown before."""
    if b"hx-request" in headers:
        return Answer(403, [(b"hx-redirect", ENROL.encode()), (b"cache-control", b"no-store")], b"")
    return redirect(ENROL)


def read_cookies(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """Cookies by name; of one that is there twice the first."""
    found: dict[str, str] = {}
    for pair in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = pair.strip().partition("=")
        if name:
            found.setdefault(name, value)
    return found


async def read_all(receive: Any, headers: Mapping[bytes, bytes], size_max: int) -> bytes:
    """The body; raises BodyTooLarge before it is all read."""
    chunks: list[bytes] = []
    size, more = 0, True
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared[:15]) > size_max:
        raise BodyTooLarge(f"At most {size_max // 1_000_000} MB can be sent at once.")
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone("The form ended before all of it had come.")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        more = message.get("more_body", False)
        if size > size_max:
            raise BodyTooLarge(f"At most {size_max // 1_000_000} MB can be sent at once.")
    return b"".join(chunks)


Files = list[tuple[str, Upload]]


def read_form(headers: Mapping[bytes, bytes], body: bytes) -> tuple[list[tuple[str, str]], Files]:
    """Fields and files, each in their order; raises InvalidInput for what is no form.

    A field for files that was left empty is neither.
    """
    kind = headers.get(b"content-type", b"")
    if not is_form(kind):
        return read_pairs(body), []
    parts = read_parts(kind, body)
    fields = [
        (part.field, part.body.decode("utf-8", "replace").replace("\0", ""))
        for part in parts
        if not part.is_file
    ]
    sent = [part for part in parts if part.is_file and (part.name or part.body)]
    return fields, [(part.field, Upload(part.name, part.body)) for part in sent]


def read_pairs(text: bytes) -> list[tuple[str, str]]:
    """Names and values of a query or a plain form; raises InvalidInput."""
    try:
        pairs = parse_qsl(
            text.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"
        )
    except ValueError as fault:
        raise InvalidInput("What was sent could not be read.") from fault
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise InvalidInput("What was sent holds a NUL character.")
    return pairs


def require_own(
    headers: Mapping[bytes, bytes], scope: Any, form: Sequence[tuple[str, str]], token: str
) -> None:
    """Raises CsrfFailed unless the request comes from our own page, with the session's token."""
    sent = headers.get(b"x-csrf-token", b"").decode("latin-1") or dict(form).get("_csrf", "")
    if not hmac.compare_digest(sent.encode(), token.encode()) or not is_own_origin(headers, scope):
        raise CsrfFailed("Load the page again and repeat what you did. Nothing was changed.")


def is_own_origin(headers: Mapping[bytes, bytes], scope: Any) -> bool:
    """Whether a browser says that the request comes from our pages; silence counts as yes."""
    site = headers.get(b"sec-fetch-site")
    if site is not None and site not in (b"same-origin", b"none"):
        return False
    origin = headers.get(b"origin")
    if origin is None:
        return True
    return urlsplit(origin.decode("latin-1")).netloc == headers.get(b"host", b"").decode("latin-1")


def trigger(name: str, detail: Any) -> tuple[bytes, bytes]:
    """A header that raises an event in the page."""
    return (b"hx-trigger", json.dumps({name: detail}).encode())
