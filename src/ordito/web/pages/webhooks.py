"""Webhooks: which other programs are told what, how that goes, and sending again."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from markupsafe import Markup

from ordito.api.answers import Answer
from ordito.flows.manage_webhooks import (
    PERMISSION,
    change_webhook,
    delete_webhook,
    issue_secret,
    issue_webhook,
    ping_webhook,
    replay_webhook,
    require_sight,
)
from ordito.listings.places import Names, read_names
from ordito.platform.database import Tx
from ordito.platform.events import Event
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound
from ordito.platform.validation import convert
from ordito.web.actions import Action
from ordito.web.problem_pages import problem_words, say_fault
from ordito.web.rendering import gettext as _
from ordito.web.rendering import when
from ordito.web.routes import Route
from ordito.web.settings_tabs import settings_tabs
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import WEBHOOK_KINDS, choices, word
from ordito.webhooks.attempts import list_attempts
from ordito.webhooks.endpoints import find_webhook, list_webhooks, read_health
from ordito.webhooks.kinds import PATTERN
from ordito.webhooks.retries import DOWN_AFTER, PAUSES_S
from ordito.webhooks.types import (
    Attempt,
    ChangeWebhook,
    CreateWebhook,
    IssuedWebhook,
    ReplayWebhook,
    Webhook,
    WebhookHealth,
    WebhookKey,
)

LIST_URL = "/settings/webhooks"
PAGE = 50

Faults = dict[str, list[str]]


def show_webhooks(visit: Visit) -> Answer:
    """All endpoints and how they fare."""
    _require(visit)
    with visit.reading() as tx:
        webhooks, health = list_webhooks(tx), read_health(tx)
        names = read_names(tx)
    rows = [_row(webhook, health[webhook.id], names) for webhook in webhooks]
    tabs = settings_tabs(visit, LIST_URL)
    return visit.page("webhooks/list.html", tabs=tabs, webhooks=rows, new_url=f"{LIST_URL}/new")


def _require(visit: Visit) -> None:
    visit.require(PERMISSION)
    require_sight(visit.actor)


def _row(webhook: Webhook, health: WebhookHealth, names: Names) -> dict[str, Any]:
    channels = webhook.channel_ids
    return {
        "url": f"{LIST_URL}/{webhook.id}",
        "name": webhook.description or urlsplit(webhook.url).hostname,
        "address": webhook.url,
        "kinds": ", ".join(word(WEBHOOK_KINDS, k) if k in WEBHOOK_KINDS else k
                           for k in webhook.kinds),
        "channels": ", ".join(names.channels[id_].name for id_ in channels) if channels else "",
        "state": _state(webhook, health),
        "active": webhook.active,
        "off_reason": webhook.off_reason,
        "waiting": health.waiting,
        "failing_since": health.failing_since,
        "paused_until": health.paused_until,
        "created_at": webhook.created_at,
    }  # fmt: skip


def _state(webhook: Webhook, health: WebhookHealth) -> str:
    if webhook.off_reason:
        return webhook.off_reason
    if health.failures >= DOWN_AFTER:
        return "down"
    return "retrying" if health.failures else "on"


def new_form(visit: Visit) -> Answer:
    _require(visit)
    return _form(visit, None, {})


def create(visit: Visit) -> Answer:
    """Make an endpoint, and show its secret this once."""
    _require(visit)
    fields, faults = _sent(visit)
    if not faults:
        try:
            ask = convert(CreateWebhook, fields)
            key = visit.sent("_key") or None
            return _show_secret(visit, issue_webhook(visit.db, visit.actor, ask, key=key))
        except (InvalidInput, ActionNotAllowed) as problem:
            faults = _faults(problem)
    return _form(visit, None, faults)


def edit_form(visit: Visit) -> Answer:
    return _form(visit, _read(visit)[0], {})


def change(visit: Visit) -> Answer:
    """Change address, kinds, channels or description."""
    webhook = _read(visit)[0]
    fields, faults = _sent(visit)
    if not faults:
        try:
            visit.act(change_webhook, convert(ChangeWebhook, {"endpoint_id": webhook.id} | fields))
        except InvalidInput as problem:
            faults = _faults(problem)
        else:
            return visit.done(_("The webhook was changed."), _url(webhook), go=True)
    return _form(visit, webhook, faults)


def _sent(visit: Visit) -> tuple[dict[str, Any], Faults]:
    kinds = [*visit.sent_all("family"), *visit.sent("more").replace(",", " ").split()]
    fields = {
        "url": visit.sent("url"),
        "description": visit.sent("description"),
        "kinds": list(dict.fromkeys(kinds)),
        "channels": visit.sent_all("channel") or None,
    }
    faults: Faults = {}
    if not fields["url"]:
        faults["url"] = [_("Say where the messages go.")]
    if not kinds:
        faults["kinds"] = [_("Choose what is told.")]
    wrong = [kind for kind in kinds if not re.match(PATTERN, kind)]
    if wrong:
        faults["more"] = [_("“%(name)s” is no name of an event.", name=kind) for kind in wrong]
    return fields, faults


def _faults(problem: InvalidInput | ActionNotAllowed) -> Faults:
    faults: Faults = {}
    for fault in problem.errors:
        name = fault.pointer.split("/")[1] if fault.pointer else ""
        faults.setdefault(name, []).append(say_fault(fault))
    return faults or {"": [problem_words(problem)]}


def _form(visit: Visit, webhook: Webhook | None, faults: Faults) -> Answer:
    with visit.reading() as tx:
        names = read_names(tx)
    sent = _sent(visit)[0] if visit.method == "POST" else _stored(webhook, names)
    kinds = set(sent["kinds"])
    known = sorted(name for name in Event.kinds if "." in name)
    return visit.page(
        "webhooks/form.html",
        status=422 if faults else 200,
        title=_("Change webhook") if webhook else _("New webhook"),
        action=f"{_url(webhook)}/edit" if webhook else LIST_URL,
        back_url=_url(webhook) if webhook else LIST_URL,
        address=sent["url"],
        description=sent["description"],
        families=choices(WEBHOOK_KINDS),
        chosen=kinds & set(WEBHOOK_KINDS),
        more=" ".join(sorted(kinds - set(WEBHOOK_KINDS))),
        known_kinds=known,
        channels=[Choice(c.code, c.name) for c in names.channels.values()],
        chosen_channels=set(sent["channels"] or ()),
        faults=faults,
    )


def _stored(webhook: Webhook | None, names: Names) -> dict[str, Any]:
    if webhook is None:
        return {"url": "", "description": "", "kinds": ["order.*"], "channels": None}
    codes = [names.channels[id_].code for id_ in webhook.channel_ids or ()]
    return {
        "url": webhook.url,
        "description": webhook.description,
        "kinds": webhook.kinds,
        "channels": codes,
    }


def _show_secret(visit: Visit, issued: IssuedWebhook) -> Answer:
    answer = visit.page(
        "webhooks/secret.html", secret=issued.secret or "", url=_url(issued.webhook)
    )
    # No cache on the way may keep what is shown only once.
    kept = [header for header in answer.headers if header[0] != b"cache-control"]
    return Answer(answer.status, [*kept, (b"cache-control", b"no-store")], answer.body)


def show_webhook(visit: Visit) -> Answer:
    """One endpoint: how it fares, and the log of what was sent."""
    webhook, health = _read(visit)
    with visit.reading() as tx:
        names = read_names(tx)
        log = _log(visit, tx, webhook)
    return visit.page(
        "webhooks/show.html",
        webhook=_row(webhook, health, names),
        log=log,
        more=_more_actions(webhook),
    )


def _more_actions(webhook: Webhook) -> list[Action]:
    off = Action("off", _("Switch off"), f"{_url(webhook)}/switch", "pause")
    delete = Action("delete", _("Delete webhook"), f"{_url(webhook)}/delete", "x", "dialog", True)
    return [off, delete] if webhook.active else [delete]


def show_state(visit: Visit) -> Answer:
    """State and log alone, fetched every few seconds while someone looks."""
    webhook, health = _read(visit)
    with visit.reading() as tx:
        names, log = read_names(tx), _log(visit, tx, webhook)
    return visit.fragment("webhooks/_state.html", webhook=_row(webhook, health, names), log=log)


def _log(visit: Visit, tx: Tx, webhook: Webhook) -> dict[str, Any]:
    failed, before = bool(visit.asked("failed")), visit.asked("before")
    cursor = _uuid(before) if before else None
    found = list_attempts(tx, webhook.id, failed=failed, before=cursor, limit=PAGE + 1)
    attempts, here = found[:PAGE], _url(webhook)
    fetch = f"{here}/state?failed=1" if failed else f"{here}/state"
    more = f"{here}?{'failed=1&' if failed else ''}before={attempts[-1].id}" if attempts else ""
    return {
        "views": [
            {"label": _("All"), "url": here, "current": not failed, "count": None, "act": False},
            {"label": _("Failed"), "url": f"{here}?failed=1", "current": failed, "count": None,
             "act": False},
        ],
        "failed": failed,
        "attempts": [_try(attempt) for attempt in attempts],
        "fetch_url": "" if before else fetch,
        "older_url": more if len(found) > PAGE else "",
        "replay_url": f"{here}/replay",
        "active": webhook.active,
    }  # fmt: skip


def _try(attempt: Attempt) -> dict[str, Any]:
    return {
        "position": attempt.position,
        "kind": attempt.kind,
        "attempt": attempt.attempt,
        "at": attempt.at,
        "status": attempt.status,
        "ms": attempt.ms,
        "answer": attempt.answer,
        "said": _said(attempt),
        "outcome": "failed" if attempt.error else "taken",
    }


def _said(attempt: Attempt) -> Markup:
    """Why it failed, what comes next, and what the receiver wrote, on one line."""
    parts: list[str] = []
    # The bare status stands beside the outcome already.
    if attempt.error and attempt.error != f"HTTP {attempt.status}":
        parts.append(attempt.error)
    if attempt.error and attempt.attempt > len(PAUSES_S) and attempt.state == "gave_up":
        parts.append(_("given up"))
    elif attempt.error and attempt.retry_at is not None:
        text = Markup(_("again %(when)s"))  # noqa: S704 (a text of ours)
        parts.append(text % {"when": when(attempt.retry_at)})
    if attempt.answer:
        parts.append(attempt.answer)
    return Markup(" · ").join(parts)


def rotate_form(visit: Visit) -> Answer:
    webhook = _read(visit)[0]
    return visit.page("webhooks/rotate.html", url=_url(webhook))


def rotate(visit: Visit) -> Answer:
    """Make a new secret, and show it this once."""
    webhook = _read(visit)[0]
    ask = WebhookKey(endpoint_id=webhook.id)
    key = visit.sent("_key") or None
    return _show_secret(visit, issue_secret(visit.db, visit.actor, ask, key=key))


def switch(visit: Visit) -> Answer:
    """Switch on or off."""
    webhook = _read(visit)[0]
    on = visit.sent("on") == "yes"
    visit.act(change_webhook, ChangeWebhook(endpoint_id=webhook.id, active=on))
    said = _("Switched on. It goes on where it stopped.") if on else _("Switched off.")
    return visit.done(said, _url(webhook), go=True)


def ping(visit: Visit) -> Answer:
    """Send a test message."""
    webhook = _read(visit)[0]
    visit.act(ping_webhook, WebhookKey(endpoint_id=webhook.id))
    return visit.done(_("A test message is on its way; the log shows it."), _url(webhook))


def replay_form(visit: Visit) -> Answer:
    return _replay_form(visit, _read(visit)[0], {})


def _replay_form(visit: Visit, webhook: Webhook, faults: Faults) -> Answer:
    return visit.form_page(
        "webhooks/_replay_form.html",
        faulty=bool(faults),
        url=f"{_url(webhook)}/replay",
        since=visit.sent("since"),
        faults=faults,
    )


def replay(visit: Visit) -> Answer:
    """Send again: one message, all since an instant, or at once what waits for its next try."""
    webhook = _read(visit)[0]
    position, since = visit.sent_number("position"), None
    if visit.sent("act") == "since":
        try:
            local = datetime.fromisoformat(visit.sent("since"))
        except ValueError:
            return _replay_form(visit, webhook, {"since": [_("Say since when.")]})
        since = local.replace(tzinfo=visit.view().zone)
    ask = ReplayWebhook(endpoint_id=webhook.id, position=position, since=since)
    visit.act(replay_webhook, ask)
    return visit.done(_("It is being sent again; the log shows it."), _url(webhook))


def delete_form(visit: Visit) -> Answer:
    webhook = _read(visit)[0]
    return visit.form_page("webhooks/_delete_form.html", url=f"{_url(webhook)}/delete")


def delete(visit: Visit) -> Answer:
    webhook = _read(visit)[0]
    visit.act(delete_webhook, WebhookKey(endpoint_id=webhook.id))
    return visit.done(_("The webhook was deleted."), LIST_URL, go=True)


def _read(visit: Visit) -> tuple[Webhook, WebhookHealth]:
    _require(visit)
    id_ = _uuid(visit.params["webhook"])
    with visit.reading() as tx:
        webhook, health = find_webhook(tx, id_), read_health(tx)
    if webhook is None:
        raise NotFound("There is no such webhook.")
    return webhook, health[webhook.id]


def _url(webhook: Webhook) -> str:
    return f"{LIST_URL}/{webhook.id}"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such webhook.") from None


_ONE = LIST_URL + "/{webhook:str}"

ROUTES = [
    Route("GET", LIST_URL, show_webhooks),
    Route("POST", LIST_URL, create),
    Route("GET", LIST_URL + "/new", new_form),
    Route("GET", _ONE, show_webhook),
    Route("GET", _ONE + "/state", show_state),
    Route("GET", _ONE + "/edit", edit_form),
    Route("POST", _ONE + "/edit", change),
    Route("GET", _ONE + "/rotate", rotate_form),
    Route("POST", _ONE + "/rotate", rotate),
    Route("POST", _ONE + "/switch", switch),
    Route("POST", _ONE + "/ping", ping),
    Route("GET", _ONE + "/replay", replay_form),
    Route("POST", _ONE + "/replay", replay),
    Route("GET", _ONE + "/delete", delete_form),
    Route("POST", _ONE + "/delete", delete),
]
