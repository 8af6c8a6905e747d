"""Sign in and out: the only pages for people who are nobody yet."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import structlog

from ordito.api.answers import Answer
from ordito.api.authentication import headers_of
from ordito.api.routes import Services, in_thread
from ordito.api.routing import Binding
from ordito.flows.sign_in import (
    SecondFactorNeeded,
    SecondStep,
    SignIn,
    enter_code,
    sign_in,
)
from ordito.kernel.ids import new_token
from ordito.platform.problems import CsrfFailed, InternalError, Problem
from ordito.platform.sessions import NOBODY, NewSession, cookie_name, end_session
from ordito.platform.settings import Settings
from ordito.web.problem_pages import problem_words
from ordito.web.readers import is_demo, look_outside, preferences
from ordito.web.rendering import render
from ordito.web.routes import (
    is_own_origin,
    read_all,
    read_cookies,
    read_form,
    read_pairs,
)
from ordito.web.view_context import ViewContext
from ordito.web.visits import forget_cookie, own_path, redirect, write_cookie

log = structlog.get_logger(__name__)

FORM_COOKIE = "ordito_form"
"""Ties the sign-in form to the browser that it was shown to: nobody signs others in unseen."""

STEP_COOKIE = "ordito_step"
"""Whose password was right, until the second factor's code has come."""

SIGN_IN_MAX = 10_000


def bind_sign_in(services: Services, settings: Settings) -> list[Binding]:
    """GET and POST of /login and of its second step, POST of /logout."""

    async def show(scope: Any, _receive: Any) -> Answer:
        headers = headers_of(scope)
        next_path = own_path(dict(read_pairs(scope["query_string"])).get("next", "/"))
        if await services.gate.find_session(headers, secure=_is_secure(scope)):
            return redirect(next_path)
        return await in_thread(services, lambda: _form(services, scope, headers, next_path))

    async def leave(scope: Any, receive: Any) -> Answer:
        headers = headers_of(scope)
        session = await services.gate.find_session(headers, secure=_is_secure(scope))
        form, _files = read_form(headers, await read_all(receive, headers, SIGN_IN_MAX))
        own = session is not None and hmac.compare_digest(
            dict(form).get("_csrf", "").encode(), session.csrf_token.encode()
        )
        if own and is_own_origin(headers, scope):
            return await in_thread(services, lambda: _leave(services, scope, headers))
        return redirect("/login" if session is None else "/")

    return [
        Binding("GET", "/login", show),
        bind_bare(services, settings, "POST", "/login", _enter),
        bind_bare(services, settings, "GET", "/login/code", _show_code),
        bind_bare(services, settings, "POST", "/login/code", _enter_code),
        Binding("POST", "/logout", leave),
    ]


BarePage = Callable[[Services, Settings, Any, Mapping[bytes, bytes], Mapping[str, str]], Answer]
"""(services, settings, scope, headers, what was sent) -> answer"""


def bind_bare(
    services: Services, settings: Settings, method: str, path: str, page: BarePage
) -> Binding:
    """A page for who is nobody yet: it gets the query of a GET, or the form of a POST."""

    async def handle(scope: Any, receive: Any) -> Answer:
        headers = headers_of(scope)
        if method == "POST":
            body = await read_all(receive, headers, SIGN_IN_MAX)
            sent = dict(read_form(headers, body)[0])
        else:
            sent = dict(read_pairs(scope["query_string"]))
        return await in_thread(services, lambda: page(services, settings, scope, headers, sent))

    return Binding(method, path, handle)


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
    demo = is_demo(services.db)
    return bare_page(
        services,
        scope,
        headers,
        "login.html",
        status=status,
        email=email,
        faults=list(faults),
        next_path=next_path,
        demo_login={"email": "admin@demo.example"} if demo else None,
    )


def bare_page(
    services: Services,
    scope: Any,
    headers: Mapping[bytes, bytes],
    template: str,
    /,
    *,
    status: int = 200,
    cookies: Sequence[tuple[bytes, bytes]] = (),
    **context: Any,
) -> Answer:
    """A page with a form for someone who is not signed in; see `require_own_form`."""
    known = read_cookies(headers)
    token = known.get(FORM_COOKIE, "")
    if not (20 <= len(token) <= 100 and token.isalnum()):
        token = new_token()
    view = ViewContext(
        now=datetime.now(UTC),
        csrf_token=token,
        demo=is_demo(services.db),
        outside=look_outside(services.db),
        path=scope["path"],
        live=False,
        **preferences(known),  # type: ignore[arg-type]
    )
    html = render(template, view, **context)
    sent = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"no-referrer"),
        write_cookie(FORM_COOKIE, token, secure=_is_secure(scope)),
        *cookies,
    ]
    return Answer(status, sent, html.encode())


def _enter(
    services: Services,
    settings: Settings,
    scope: Any,
    headers: Mapping[bytes, bytes],
    sent: Mapping[str, str],
) -> Answer:
    email, next_path = sent.get("email", "")[:254], own_path(sent.get("next", "/"))
    try:
        require_own_form(headers, scope, sent)
        ask = SignIn(
            email=email,
            password=sent.get("password", ""),
            address=_address(scope),
            device=device_of(headers),
        )
        _user, made = sign_in(services.db, ask, absolute_s=settings.session_absolute_s)
    except SecondFactorNeeded as needed:
        secure = _is_secure(scope)
        cookie = write_cookie(STEP_COOKIE, needed.token, secure=secure, age_s=300)
        return redirect(f"/login/code?next={quote(next_path, safe='/')}", cookie)
    except Problem as problem:
        fault = problem_words(problem)
        return _form(
            services, scope, headers, next_path, email=email, faults=[fault], status=problem.status
        )
    except Exception:
        log.exception("sign_in_failed")
        fault = InternalError.title
        return _form(services, scope, headers, next_path, email=email, faults=[fault], status=500)
    return _welcome(settings, scope, made, next_path)


def _welcome(settings: Settings, scope: Any, made: NewSession, next_path: str) -> Answer:
    secure = _is_secure(scope)
    name = cookie_name(secure=secure)
    cookie = write_cookie(name, made.token, secure=secure, age_s=settings.session_absolute_s)
    return redirect(next_path, cookie, forget_cookie(STEP_COOKIE, secure=secure))


def _code_form(
    services: Services,
    scope: Any,
    headers: Mapping[bytes, bytes],
    next_path: str,
    faults: Sequence[str] = (),
    status: int = 200,
) -> Answer:
    if not read_cookies(headers).get(STEP_COOKIE):
        return redirect("/login")
    return bare_page(
        services,
        scope,
        headers,
        "account/code.html",
        status=status,
        next_path=next_path,
        faults=list(faults),
    )


def _show_code(
    services: Services,
    _settings: Settings,
    scope: Any,
    headers: Mapping[bytes, bytes],
    sent: Mapping[str, str],
) -> Answer:
    return _code_form(services, scope, headers, own_path(sent.get("next", "/")))


def _enter_code(
    services: Services,
    settings: Settings,
    scope: Any,
    headers: Mapping[bytes, bytes],
    sent: Mapping[str, str],
) -> Answer:
    next_path = own_path(sent.get("next", "/"))
    token = read_cookies(headers).get(STEP_COOKIE, "")
    try:
        require_own_form(headers, scope, sent)
        ask = SecondStep(
            token=token,
            code=sent.get("code", "")[:40],
            address=_address(scope),
            device=device_of(headers),
        )
        _user, made = enter_code(services.db, ask, absolute_s=settings.session_absolute_s)
    except Problem as problem:
        fault = problem_words(problem)
        return _code_form(services, scope, headers, next_path, [fault], problem.status)
    except Exception:
        log.exception("sign_in_failed")
        fault = InternalError.title
        return _code_form(services, scope, headers, next_path, [fault], 500)
    return _welcome(settings, scope, made, next_path)


def _address(scope: Any) -> str:
    return str((scope.get("client") or ("unknown", 0))[0])


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
             ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"),
            ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"),
            ("Linux", "Linux"))  # fmt: skip


def device_of(headers: Mapping[bytes, bytes]) -> str:
    """Browser and system in a few words, as "Firefox, Linux"; "" for what is neither."""
    agent = headers.get(b"user-agent", b"").decode("latin-1")
    found = (
        next((word for mark, word in words if mark in agent), "") for words in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(word for word in found if word)


def require_own_form(headers: Mapping[bytes, bytes], scope: Any, sent: Mapping[str, str]) -> None:
    """Raises CsrfFailed unless the form is the one that this browser was shown."""
    token = read_cookies(headers).get(FORM_COOKIE, "")
    matches = hmac.compare_digest(token.encode(), sent.get("_csrf", "").encode())
    if not token or not matches or not is_own_origin(headers, scope):
        raise CsrfFailed("The form was too old. Nothing happened; try again.")


def _leave(services: Services, scope: Any, headers: Mapping[bytes, bytes]) -> Answer:
    secure = _is_secure(scope)
    name = cookie_name(secure=secure)
    with services.db.transaction(NOBODY) as tx:
        end_session(tx, read_cookies(headers).get(name, ""))
    return redirect("/login", write_cookie(name, "", secure=secure, age_s=0))
