"""Pages behind links of mails: choose a password, ask for a new one. For who is nobody yet."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from ordito.api.answers import Answer
from ordito.api.routes import Services
from ordito.api.routing import Binding
from ordito.flows.invite_people import (
    PATH,
    ask_for_reset,
    choose_password,
    look_at_link,
)
from ordito.platform.problems import InternalError, Problem
from ordito.platform.settings import Settings, own_address
from ordito.web.pages.sign_in import bare_page, bind_bare, require_own_form
from ordito.web.problem_pages import problem_words
from ordito.web.rendering import gettext as _

log = structlog.get_logger(__name__)

FORGOT = "/forgot"


def bind_password_links(services: Services, settings: Settings) -> list[Binding]:
    """GET and POST of /password (with a link's token) and of /forgot."""
    pages = (
        ("GET", PATH, _show_password),
        ("POST", PATH, _choose),
        ("GET", FORGOT, _show_forgot),
        ("POST", FORGOT, _forgot),
    )
    return [bind_bare(services, settings, *page) for page in pages]


def _show_password(
    services: Services,
    _settings: Settings,
    scope: Any,
    headers: Mapping[bytes, bytes],
    sent: Mapping[str, str],
) -> Answer:
    return _password_page(services, scope, headers, sent.get("token", ""))


def _password_page(
    services: Services,
    scope: Any,
    headers: Mapping[bytes, bytes],
    token: str,
    faults: Sequence[str] = (),
    status: int = 200,
) -> Answer:
    try:
        email = look_at_link(services.db, token).email
    except Problem as problem:
        email, faults, status = "", [problem_words(problem)], problem.status
    return bare_page(
        services,
        scope,
        headers,
        "account/choose_password.html",
        status=status,
        email=email,
        token=token,
        faults=list(faults),
    )


def _choose(
    services: Services,
    _settings: Settings,
    scope: Any,
    headers: Mapping[bytes, bytes],
    sent: Mapping[str, str],
) -> Answer:
    token = sent.get("token", "")
    try:
        require_own_form(headers, scope, sent)
        user = choose_password(services.db, token, sent.get("password", "")[:1000])
    except Problem as problem:
        said = [problem_words(problem)]
        return _password_page(services, scope, headers, token, said, problem.status)
    except Exception:
        log.exception("choosing_a_password_failed")
        said = [InternalError.title]
        return _password_page(services, scope, headers, token, said, 500)
    return bare_page(services, scope, headers, "account/password_chosen.html", email=user.email)


def _show_forgot(
    services: Services,
    _settings: Settings,
    scope: Any,
    headers: Mapping[bytes, bytes],
    sent: Mapping[str, str],
) -> Answer:
    return _forgot_page(services, scope, headers, sent.get("email", "")[:254])


def _forgot_page(
    services: Services,
    scope: Any,
    headers: Mapping[bytes, bytes],
    email: str,
    faults: Sequence[str] = (),
    *,
    status: int = 200,
    sent: bool = False,
) -> Answer:
    return bare_page(
        services,
        scope,
        headers,
        "account/forgot.html",
        status=status,
        email=email,
        faults=list(faults),
        sent=sent,
    )


def _forgot(
    services: Services,
    settings: Settings,
    scope: Any,
    headers: Mapping[bytes, bytes],
    sent: Mapping[str, str],
) -> Answer:
    email = sent.get("email", "").strip()[:254]
    client = scope.get("client") or ("unknown", 0)
    # Never the Host header: whoever asks could send the link to a host of their own.
    base_url = own_address(settings)
    try:
        require_own_form(headers, scope, sent)
        if "@" not in email:
            fault = _("Enter your e-mail address.")
            return _forgot_page(services, scope, headers, email, [fault], status=422)
        ask_for_reset(services.db, email, address=str(client[0]), base_url=base_url)
    except Problem as problem:
        said = [problem_words(problem)]
        return _forgot_page(services, scope, headers, email, said, status=problem.status)
    return _forgot_page(services, scope, headers, email, sent=True)
