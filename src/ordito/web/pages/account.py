"""My account: name, language, time zone, password, sessions, second factor."""

from zoneinfo import available_timezones

import segno
from babel import Locale

from ordito.api.answers import Answer
from ordito.flows.manage_access import change_own_password
from ordito.flows.own_account import OwnAccount, change_own_account, end_own_sessions
from ordito.flows.second_factor import begin_enrolment, confirm_enrolment, remove_own_factor
from ordito.platform.problems import Problem
from ordito.platform.second_factors import count_recovery_codes, read_factor
from ordito.platform.sessions import list_sessions
from ordito.platform.translations import PSEUDO_TAGS, catalogue_names, pretend
from ordito.platform.validation import convert
from ordito.web.form_faults import faults_of, id_of
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import ENROL, Route
from ordito.web.view_context import Choice
from ordito.web.visits import Visit, redirect

HOME = "/account"


def _languages(visit: Visit, current: str) -> list[Choice]:
    """The languages that pages are written in, each by its own name, and the current one."""
    found = [Choice("en", "English"), Choice("en-US", "English (US)")]
    for name in catalogue_names():
        found.append(Choice(name.replace("_", "-"), Locale.parse(name).get_display_name() or name))
    if visit.settings.pseudo_languages:
        found += [Choice(tag, pretend(f"English {tag}")) for tag in PSEUDO_TAGS]
    known = {choice.value for choice in found}
    return found if current in known else [*found, Choice(current, current)]


def show_account(visit: Visit) -> Answer:
    """What one may change of oneself."""
    return _page(visit, {})


def _page(visit: Visit, faults: dict[str, list[str]]) -> Answer:
    user = visit.session.user
    with visit.reading() as tx:
        sessions = list_sessions(tx, user.id, idle_s=visit.settings.session_idle_s)
        factor = read_factor(tx, user.id)
        codes_left = count_recovery_codes(tx, user.id)
    again = bool(visit.form)
    locale = visit.sent("locale") if again else user.locale
    return visit.page(
        "account/show.html",
        status=422 if faults else 200,
        email=user.email,
        name=visit.sent("name") if again else user.name,
        locale=locale,
        locales=_languages(visit, locale),
        zone=visit.sent("time_zone") if again else user.time_zone,
        zones=[Choice(name, name.replace("_", " ")) for name in sorted(available_timezones())],
        sessions=[
            {
                "id": session.id,
                "device": session.device or _("Unknown device"),
                "seen_at": session.seen_at,
                "created_at": session.created_at,
                "here": session.id == visit.session.id,
            }
            for session in sessions
        ],
        secured=factor is not None and factor.confirmed_at is not None,
        codes_left=codes_left,
        enrol_url=ENROL,
        faults=faults,
    )


def change(visit: Visit) -> Answer:
    """Name, language, time zone."""
    ask = {name: visit.sent(name) for name in ("name", "locale", "time_zone")}
    try:
        change_own_account(visit.db, visit.actor, convert(OwnAccount, ask), visit.request_id)
    except Problem as problem:
        return _page(visit, faults_of(problem, tuple(ask)))
    return visit.done(_("Your account was changed."), HOME, go=True)


def password_form(visit: Visit) -> Answer:
    return _password_form(visit, {})


def _password_form(visit: Visit, faults: dict[str, list[str]]) -> Answer:
    return visit.form_page(
        "account/_password_form.html", faulty=bool(faults), url=visit.path, faults=faults
    )


def change_password(visit: Visit) -> Answer:
    """A new password; every session ends, this one too."""
    form = dict(visit.form)
    current, new = form.get("current", "")[:1000], form.get("new", "")[:1000]
    try:
        change_own_password(visit.db, visit.actor, current, new)
    except Problem as problem:
        return _password_form(visit, faults_of(problem, ("current", "new")))
    if visit.by_script:
        return Answer(204, [(b"hx-redirect", b"/login"), (b"cache-control", b"no-store")], b"")
    return redirect("/login")


def end_session(visit: Visit) -> Answer:
    """Sign out on another device."""
    done = end_own_sessions(visit.db, visit.actor, session_id=id_of(visit, "session"))
    text = _("Signed out there.") if done else _("That session had ended already.")
    return visit.done(text, HOME, go=True)


def end_others(visit: Visit) -> Answer:
    """Sign out everywhere but here."""
    done = end_own_sessions(visit.db, visit.actor, besides=visit.session.id)
    text = ngettext("%(num)s other session ended.", "%(num)s other sessions ended.", done)
    return visit.done(text, HOME, go=True)


def show_enrolment(visit: Visit) -> Answer:
    """Set up a second factor: the QR code, the secret, a field for the first code."""
    with visit.reading() as tx:
        factor = read_factor(tx, visit.actor.id)
    if factor is not None and factor.confirmed_at is not None:
        return redirect(HOME)
    return _enrolment(visit, {})


def _enrolment(visit: Visit, faults: dict[str, list[str]]) -> Answer:
    begun = begin_enrolment(visit.db, visit.actor)
    code = segno.make(begun.uri, error="m")
    return visit.page(
        "account/enrol.html",
        status=422 if faults else 200,
        picture=code.svg_data_uri(scale=5, border=4, light="#fff"),
        secret=" ".join(begun.secret[i : i + 4] for i in range(0, len(begun.secret), 4)),
        demanded=visit.session.needs_factor,
        url=ENROL,
        faults=faults,
    )


def enrol(visit: Visit) -> Answer:
    """Confirm with a code; the recovery codes are shown this once."""
    try:
        codes = confirm_enrolment(visit.db, visit.actor, visit.sent("code")[:40])
    except Problem as problem:
        if problem.status not in (422, 429):
            raise
        return _enrolment(visit, faults_of(problem, ("code",)))
    return visit.page("account/recovery_codes.html", codes=codes, home=HOME)


def remove_form(visit: Visit) -> Answer:
    return _remove_form(visit, {})


def _remove_form(visit: Visit, faults: dict[str, list[str]]) -> Answer:
    return visit.form_page(
        "account/_remove_factor_form.html", faulty=bool(faults), url=visit.path, faults=faults
    )


def remove_factor(visit: Visit) -> Answer:
    """Sign in with the password alone again."""
    try:
        remove_own_factor(visit.db, visit.actor, dict(visit.form).get("password", "")[:1000])
    except Problem as problem:
        return _remove_form(visit, faults_of(problem, ("password",)))
    return visit.done(_("You sign in with your password alone now."), HOME, go=True)


ROUTES = [
    Route("GET", HOME, show_account),
    Route("POST", HOME, change),
    Route("GET", HOME + "/password", password_form),
    Route("POST", HOME + "/password", change_password),
    Route("POST", HOME + "/sessions/{session:str}/end", end_session),
    Route("POST", HOME + "/sessions/end-others", end_others),
    Route("GET", ENROL, show_enrolment),
    Route("POST", ENROL, enrol),
    Route("GET", ENROL + "/remove", remove_form),
    Route("POST", ENROL + "/remove", remove_factor),
]
