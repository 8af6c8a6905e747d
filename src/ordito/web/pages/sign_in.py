"""Sign in and out: the only pages for people who are nobody yet."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from ordito.flows.sign_in import SignIn, sign_in
from ordito.kernel.ids import new_token
from ordito.platform.problems import CsrfFailed, InternalError, Problem
from ordito.platform.sessions import NOBODY, cookie_name, end_session
from ordito.platform.settings import Settings
from ordito.web.readers import is_demo, preferences
from ordito.web.rendering import render
from ordito.web.routes import (
    AnyRequest,
    Sent,
    is_own_origin,
    read_all,
    read_cookies,
    read_form,
)
from ordito.web.serving import Answer, Services, headers_of, in_thread
from ordito.web.view_context import ViewContext
from ordito.web.visits import own_path, redirect, write_cookie

log = structlog.get_logger(__name__)

FORM_COOKIE = "ordito_form"
"""Ties the sign-in form to the browser that it was shown to: nobody signs others in unseen."""

_SIGN_IN_MAX = 10_000


def sign_in_handlers(services: Services, settings: Settings) -> list[HTTPRouteHandler]:
    """GET and POST of /login, POST of /logout."""

    async def show(request: AnyRequest) -> ASGIResponse:
        scope, headers = request.scope, headers_of(request.scope)
        if await services.gate.find_session(headers, secure=_is_secure(scope)):
            return Sent(redirect(own_path(request.query_params.get("next", "/"))))
        next_path = own_path(request.query_params.get("next", "/"))
        return Sent(await in_thread(services, lambda: _form(services, scope, headers, next_path)))

    async def enter(request: AnyRequest) -> ASGIResponse:
        scope, headers = request.scope, headers_of(request.scope)
        body = await read_all(request.receive, headers, _SIGN_IN_MAX)
        form, _files = read_form(headers, body)
        return Sent(
            await in_thread(services, lambda: _enter(services, settings, scope, headers, form))
        )

    async def leave(request: Request[Any, Any, Any]) -> ASGIResponse:
        scope, headers = request.scope, headers_of(request.scope)
        session = await services.gate.find_session(headers, secure=_is_secure(scope))
        form, _files = read_form(headers, await read_all(request.receive, headers, _SIGN_IN_MAX))
        if session and hmac.compare_digest(
            dict(form).get("_csrf", "").encode(), session.csrf_token.encode()
        ):
            return Sent(await in_thread(services, lambda: _leave(services, scope, headers)))
        return Sent(redirect("/login" if session is None else "/"))

    return [
        HTTPRouteHandler("/login", http_method="GET", name="sign_in")(show),
        HTTPRouteHandler("/login", http_method="POST", name="enter", status_code=200)(enter),
        HTTPRouteHandler("/logout", http_method="POST", name="leave", status_code=200)(leave),
    ]


def _is_secure(scope: Any) -> bool:
    return bool(scope["scheme"] == "https")


def _form(
    services: Services,
    scope: Any,
    headers: Mapping[bytes, bytes],
    next_path: str,
    *,
    email: str = "",
    faults: Sequence[str] = (),
    status: int = 200,
) -> Answer:
    cookies = read_cookies(headers)
    token = cookies.get(FORM_COOKIE, "")
    if not (20 <= len(token) <= 100 and token.isalnum()):
        token = new_token()
    demo = is_demo(services.db)
    view = ViewContext(
        now=datetime.now(UTC),
        csrf_token=token,
        demo=demo,
        path="/login",
        live=False,
        **preferences(cookies),  # type: ignore[arg-type]
    )
    html = render(
        "login.html",
        view,
        email=email,
        faults=list(faults),
        next_path=next_path,
        demo_login={"email": "admin@demo.example"} if demo else None,
    )
    sent = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"cache-control", b"no-store"),
        write_cookie(FORM_COOKIE, token, secure=_is_secure(scope)),
    ]
    return Answer(status, sent, html.encode())


def _enter(
    services: Services,
    settings: Settings,
    scope: Any,
    headers: Mapping[bytes, bytes],
    form: Sequence[tuple[str, str]],
) -> Answer:
    sent = dict(form)
    email, next_path = sent.get("email", "")[:254], own_path(sent.get("next", "/"))
    try:
        _require_own_form(headers, scope, sent)
        client = scope.get("client") or ("unknown", 0)
        ask = SignIn(email=email, password=sent.get("password", ""), address=str(client[0]))
        _user, made = sign_in(services.db, ask, absolute_s=settings.session_absolute_s)
    except Problem as problem:
        fault = problem.detail or problem.title
        return _form(
            services, scope, headers, next_path, email=email, faults=[fault], status=problem.status
        )
    except Exception:
        log.exception("sign_in_failed")
        fault = InternalError.title
        return _form(services, scope, headers, next_path, email=email, faults=[fault], status=500)
    secure = _is_secure(scope)
    name = cookie_name(secure=secure)
    cookie = write_cookie(name, made.token, secure=secure, age_s=settings.session_absolute_s)
    return redirect(next_path, cookie)


def _require_own_form(headers: Mapping[bytes, bytes], scope: Any, sent: Mapping[str, str]) -> None:
    token = read_cookies(headers).get(FORM_COOKIE, "")
    matches = hmac.compare_digest(token.encode(), sent.get("_csrf", "").encode())
    if not token or not matches or not is_own_origin(headers, scope):
        raise CsrfFailed("The form was too old. Nothing happened; sign in again.")


def _leave(services: Services, scope: Any, headers: Mapping[bytes, bytes]) -> Answer:
    secure = _is_secure(scope)
    name = cookie_name(secure=secure)
    with services.db.transaction(NOBODY) as tx:
        end_session(tx, read_cookies(headers).get(name, ""))
    return redirect("/login", write_cookie(name, "", secure=secure, age_s=0))
