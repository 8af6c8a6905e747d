"""Settings of mails: what each channel tells, in which words, and what could not be sent."""

from collections.abc import Sequence
from typing import Any

from ordito.api.answers import Answer
from ordito.flows.manage_mails import (
    list_templates,
    preview_text,
    read_channel_mails,
    read_template,
    set_channel_mails,
    set_template,
)
from ordito.flows.write_to_customer import send_test
from ordito.listings.order_rows import find_order_id
from ordito.listings.places import read_names
from ordito.notifications.mails import count_waiting, list_failed
from ordito.notifications.texts import FIELDS, LISTS, VARIABLES
from ordito.notifications.types import (
    LOCALES,
    ORDER_MAIL_KINDS,
    Locale,
    MailKind,
    SendTest,
    SentMail,
    SetChannelMails,
    SetTemplate,
    Template,
)
from ordito.notifications.types import MAIL_KINDS as KINDS_OF_MAIL
from ordito.notifications.wording import button_words, default_template
from ordito.platform.problems import (
    ActionNotAllowed,
    Fault,
    InvalidInput,
    NotFound,
    VersionConflict,
)
from ordito.platform.validation import convert
from ordito.web.pages.order_mails import base_url
from ordito.web.problem_pages import fault_words, problem_words, say_fault
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.settings_tabs import settings_tabs
from ordito.web.visits import Visit
from ordito.web.words import LANGUAGES, MAIL_KINDS, choices, word

_HERE = "/settings/mails"


def show_mails(visit: Visit) -> Answer:
    """Channels, texts, and mails that failed."""
    visit.require("settings.read")
    sees_all = visit.actor.channel_ids is None and visit.actor.location_ids is None
    with visit.reading() as tx:
        names = read_names(tx)
        channels = [c for c in names.channels.values() if visit.actor.sees_channel(c.id)]
        told = [(channel, read_channel_mails(tx, channel.code)) for channel in channels]
        templates = list_templates(tx)
        waiting = count_waiting(tx)
        may_see = sees_all and "orders.read" in visit.actor.permissions
        failed = list_failed(tx, limit=50) if may_see else []
    return visit.page(
        "mails/settings.html",
        tabs=settings_tabs(visit, _HERE),
        sends=bool(visit.settings.smtp_url),
        sender=visit.settings.mail_from,
        linked=bool(visit.settings.public_url),
        waiting=waiting,
        may_change="settings.write" in visit.actor.permissions,
        channels=[
            {
                "name": channel.name,
                "url": f"{_HERE}/channel/{channel.code}",
                "kinds": [
                    *(word(MAIL_KINDS, kind) for kind in mails.kinds),
                    *([word(MAIL_KINDS, "cart")] if mails.cart_hours else []),
                ],
                "language": word(LANGUAGES, mails.locale) if mails.locale else _("By country"),
                "contact": mails.contact,
            }
            for channel, mails in told
        ],
        languages=[word(LANGUAGES, locale) for locale in LOCALES],
        kinds=[
            {
                "name": word(MAIL_KINDS, kind),
                "texts": [_text_row(t) for t in templates if t.kind == kind],
            }
            for kind in KINDS_OF_MAIL
        ],
        failed=[_failed_row(visit, mail) for mail in failed],
    )


def _text_row(template: Template) -> dict[str, Any]:
    return {
        "subject": template.subject,
        "url": f"{_HERE}/text/{template.kind}/{template.locale}",
        "edited": template.version > 0,
        "language": word(LANGUAGES, template.locale),
    }


def _failed_row(visit: Visit, mail: SentMail) -> dict[str, Any]:
    may = "orders.write" in visit.actor.permissions
    return {
        "kind": word(MAIL_KINDS, mail.kind),
        "recipient": mail.recipient,
        "subject": mail.subject,
        "error": mail.error,
        "at": mail.created_at,
        "again_url": f"/mails/{mail.id}/again?back={_HERE}" if may else "",
    }


def show_channel(visit: Visit) -> Answer:
    """What a channel tells, to be changed."""
    visit.require("settings.write")
    with visit.reading() as tx:
        mails = read_channel_mails(tx, visit.params["channel"])
    values = {
        "kinds": list(mails.kinds),
        "locale": mails.locale,
        "contact": mails.contact,
        "logo": mails.logo,
        "accent": mails.accent,
        "cart_hours": str(mails.cart_hours or ""),
        "cart_link": mails.cart_link,
    }
    return _channel_form(visit, values, [])


def _channel_form(visit: Visit, values: dict[str, Any], faults: list[str]) -> Answer:
    code = visit.params["channel"]
    return visit.form_page(
        "mails/_channel_form.html",
        faulty=bool(faults),
        url=f"{_HERE}/channel/{code}",
        code=code,
        kinds=choices({kind: MAIL_KINDS[kind] for kind in ORDER_MAIL_KINDS}),
        languages=choices(LANGUAGES),
        values=values,
        faults=faults,
    )


def save_channel(visit: Visit) -> Answer:
    """The channel tells this from now on."""
    values = {
        "kinds": visit.sent_all("kinds"),
        "locale": visit.sent("locale"),
        "contact": visit.sent("contact"),
        "logo": visit.sent("logo"),
        "accent": visit.sent("accent"),
        "cart_hours": visit.sent("cart_hours"),
        "cart_link": visit.sent("cart_link"),
    }
    try:
        asked = values | {
            "channel": visit.params["channel"],
            "cart_hours": visit.sent_number("cart_hours") if values["cart_hours"] else None,
        }
        ask = convert(SetChannelMails, asked)
        visit.act(set_channel_mails, ask)
    except InvalidInput as problem:
        said = fault_words(problem) or [problem_words(problem)]
        return _channel_form(visit, values, said)
    return visit.done(_("Saved. It holds for what happens from now on."), _HERE, go=True)


def _key(visit: Visit) -> tuple[MailKind, Locale]:
    kind = next((one for one in KINDS_OF_MAIL if one == visit.params["kind"]), None)
    locale = next((one for one in LOCALES if one == visit.params["locale"]), None)
    if kind is None or locale is None:
        raise NotFound("There is no mail of this kind or in this language.")
    return kind, locale


def _sent_template(visit: Visit) -> Template:
    kind, locale = _key(visit)
    body = visit.sent("body").replace("\r\n", "\n")
    version = visit.sent_number("version") or 0
    return Template(kind, locale, visit.sent("subject"), body, version, None, "")


def show_text(visit: Visit) -> Answer:
    """The text of a mail, to be changed, beside what a customer would read."""
    visit.require("settings.read")
    kind, locale = _key(visit)
    with visit.reading() as tx:
        stored = read_template(tx, kind, locale)
    if visit.asked("as") == "first":
        first = default_template(kind, locale)
        shown = Template(
            kind, locale, first.subject, first.body, stored.version, None, stored.changed_by
        )
        return _editor(visit, shown, [])
    return _editor(visit, stored, [])


def _editor(visit: Visit, template: Template, faults: Sequence[str], status: int = 200) -> Answer:
    url = f"{_HERE}/text/{template.kind}/{template.locale}"
    names = VARIABLES[template.kind]
    return visit.page(
        "mails/text.html",
        status=status,
        title=word(MAIL_KINDS, template.kind),
        languages=[
            {
                "label": word(LANGUAGES, locale),
                "url": f"{_HERE}/text/{template.kind}/{locale}",
                "current": locale == template.locale,
            }
            for locale in LOCALES
        ],
        url=url,
        text=template,
        number=visit.sent("number"),
        may_change="settings.write" in visit.actor.permissions,
        names=[name for name in names if name not in LISTS],
        lists=[name for name in names if name in LISTS],
        fields=FIELDS,
        faults=list(faults),
        **_preview(visit, template),
    )


def _preview(visit: Visit, template: Template) -> dict[str, Any]:
    """What mails/_preview.html asks for."""
    number = visit.sent_number("number")
    with visit.reading() as tx:
        seen = "orders.read" in visit.actor.permissions and visit.actor.location_ids is None
        order_id = find_order_id(tx, number) if number and number > 0 and seen else None
        preview = preview_text(tx, template, order_id, base_url(visit))
    return {
        "filled": preview.filled,
        "text_faults": [_place(fault) for fault in preview.faults],
        "of_order": preview.story.order.number if preview.story else None,
        "missing": bool(number and preview.story is None),
        "link_words": button_words(template.kind, template.locale),
    }


def _place(fault: Fault) -> str:
    where = _("Subject") if fault.pointer == "/subject" else _("Text")
    return _("%(where)s: %(fault)s", where=where, fault=say_fault(fault))


def preview(visit: Visit) -> Answer:
    """What a customer would read; changes nothing."""
    visit.require("settings.read")
    return visit.fragment("mails/_preview.html", **_preview(visit, _sent_template(visit)))


def save_text(visit: Visit) -> Answer:
    """The mail says this from now on."""
    template = _sent_template(visit)
    fields = {name: getattr(template, name) for name in SetTemplate.__struct_fields__}
    try:
        visit.act(set_template, convert(SetTemplate, fields))
    except InvalidInput as problem:
        said = [_place(fault) for fault in problem.errors] or [problem_words(problem)]
        return _editor(visit, template, said, problem.status)
    except VersionConflict as problem:
        return _editor(visit, template, [problem_words(problem)], problem.status)
    url = f"{_HERE}/text/{template.kind}/{template.locale}"
    return visit.done(_("Saved. Mails say this from now on."), url, go=True)


def test_text(visit: Visit) -> Answer:
    """Send the text, as it is in the form, to the reader."""
    template = _sent_template(visit)
    fields = {
        "number": max(0, visit.sent_number("number") or 0),
        "kind": template.kind,
        "locale": template.locale,
        "subject": template.subject,
        "body": template.body,
    }
    try:
        visit.act(send_test, convert(SendTest, fields))
    except InvalidInput as problem:
        said = [_place(fault) for fault in problem.errors] or [problem_words(problem)]
        return _editor(visit, template, said, problem.status)
    except ActionNotAllowed as problem:
        return _editor(visit, template, [problem_words(problem)], problem.status)
    address = visit.session.user.email
    url = f"{_HERE}/text/{template.kind}/{template.locale}"
    if not visit.settings.smtp_url:
        return visit.done(_("It waits: no mail server is set up."), url, tone="attention")
    return visit.done(_("A test is on its way to %(address)s.", address=address), url)


_TEXT = _HERE + "/text/{kind:str}/{locale:str}"
_CHANNEL = _HERE + "/channel/{channel:str}"

ROUTES = [
    Route("GET", _HERE, show_mails),
    Route("GET", _CHANNEL, show_channel),
    Route("POST", _CHANNEL, save_channel),
    Route("GET", _TEXT, show_text),
    Route("POST", _TEXT, save_text),
    Route("POST", _TEXT + "/preview", preview),
    Route("POST", _TEXT + "/test", test_text),
]
