"""Mails on the order page: what the customer was told, and how to write to them."""

from typing import Any
from uuid import UUID

import msgspec

from ordito.api.answers import Answer
from ordito.flows.send_mails import send_mail_again
from ordito.flows.write_to_customer import make_tracking_link, prefill, write_to_customer
from ordito.listings.order_page import read_order_page
from ordito.listings.order_types import OrderPage, TimelineItem
from ordito.notifications.mails import read_order_mails
from ordito.notifications.tracking import find_link
from ordito.notifications.types import (
    ORDER_MAIL_KINDS,
    MakeTrackingLink,
    OrderMailKind,
    SendAgain,
    SentMail,
    WriteToCustomer,
)
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound
from ordito.platform.validation import convert
from ordito.web.actions import Action
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.timeline_words import Entry
from ordito.web.view_context import Choice
from ordito.web.visits import Visit, own_path
from ordito.web.words import MAIL_KINDS, MAIL_STATES, word


class OrderMails(msgspec.Struct, frozen=True):
    """Newest first; path: of the tracking page, "" when there is none."""

    mails: list[SentMail]
    path: str


def read_mails(visit: Visit, page: OrderPage) -> OrderMails | None:
    """The mails of an order; None for readers who may not see all of it."""
    if "orders.read" not in visit.actor.permissions or visit.actor.location_ids is not None:
        return None
    with visit.reading() as tx:
        return OrderMails(read_order_mails(tx, page.id), find_link(tx, page.id))


def with_letters(page: OrderPage, found: OrderMails | None) -> OrderPage:
    """The page whose timeline says what colleagues wrote, under the event that they wrote."""
    texts = {} if found is None else {str(m.id): f"{m.subject}\n{m.text}" for m in found.mails}

    def with_text(item: TimelineItem) -> TimelineItem:
        note = texts.get(str(item.body.get("mail_id", "")))
        return msgspec.structs.replace(item, note=note) if note else item

    return msgspec.structs.replace(page, timeline=tuple(with_text(item) for item in page.timeline))


def add_mails(
    visit: Visit, page: OrderPage, found: OrderMails | None, context: dict[str, Any]
) -> None:
    """Add to an order's context what orders/_mails.html asks for, and mails to its timeline."""
    context["mails"] = None
    if found is None:
        return
    url, may = f"/orders/{page.number}", "orders.write" in visit.actor.permissions
    contact = None
    if may and page.mode == "live" and _address(page):
        contact = Action("contact", _("Write"), f"{url}/contact", "mail", "dialog")
    context["mails"] = {
        "shown": [_shown(mail, url, may=may) for mail in found.mails],
        "contact": contact,
        "track_url": found.path,
        "link_url": f"{url}/tracking-link" if may else "",
        "unsent": not visit.settings.smtp_url and any(m.state == "waiting" for m in found.mails),
    }
    if visit.asked("timeline", "all") in ("all", "system"):
        told = [_entry(mail) for mail in found.mails if mail.kind != "written"]
        merged = [*context["timeline"], *told]
        context["timeline"] = sorted(merged, key=lambda entry: entry.at, reverse=True)


def _address(page: OrderPage) -> str:
    parties = (page.ship_to, page.bill_to, page.customer)
    return next((party.email for party in parties if party is not None and party.email), "")


def _shown(mail: SentMail, url: str, *, may: bool) -> dict[str, Any]:
    again = may and mail.state == "failed"
    return {
        "kind": word(MAIL_KINDS, mail.kind),
        "state": mail.state,
        "words": word(MAIL_STATES, mail.state),
        "at": mail.sent_at or mail.created_at,
        "subject": mail.subject,
        "text": mail.text,
        "error": mail.error,
        "again_url": f"/mails/{mail.id}/again?back={url}" if again else "",
    }


def _entry(mail: SentMail) -> Entry:
    kind = word(MAIL_KINDS, mail.kind)
    if mail.state == "sent":
        text, tone = _("Mail sent: %(kind)s", kind=kind), ""
    elif mail.state == "failed":
        text, tone = _("Mail failed: %(kind)s", kind=kind), "critical"
    else:
        text, tone = _("Mail waits to be sent: %(kind)s", kind=kind), ""
    at = mail.sent_at or mail.created_at
    return Entry(at=at, icon="mail", tone=tone, text=text, actor="", note="", group="system")


def base_url(visit: Visit) -> str:
    """How people reach us: as the settings say, else as this request did."""
    if visit.settings.public_url:
        return visit.settings.public_url.rstrip("/")
    host = visit.headers.get(b"host", b"").decode("latin-1")
    return f"{'https' if visit.secure else 'http'}://{host}"


def contact_form(visit: Visit) -> Answer:
    """The letter to be written, begun with the text of a kind of mail or with none."""
    visit.require("orders.write")
    kind = _kind(visit.asked("kind"))
    with visit.reading() as tx:
        page = read_order_page(tx, visit.number("number"))
        filled = prefill(tx, page.id, kind, base_url(visit))
    return _contact_form(visit, page, kind, (filled.subject, filled.text), [])


def _kind(name: str) -> OrderMailKind | None:
    return next((kind for kind in ORDER_MAIL_KINDS if kind == name), None)


def _contact_form(
    visit: Visit,
    page: OrderPage,
    kind: OrderMailKind | None,
    letter: tuple[str, str],
    faults: list[str],
) -> Answer:
    return visit.form_page(
        "orders/_contact_form.html",
        faulty=bool(faults),
        url=f"/orders/{page.number}/contact",
        number=page.number,
        to=_address(page),
        kinds=[Choice(one, word(MAIL_KINDS, one)) for one in ORDER_MAIL_KINDS],
        kind=kind or "",
        subject=letter[0],
        text=letter[1],
        faults=faults,
        unsent=not visit.settings.smtp_url,
    )


def contact(visit: Visit) -> Answer:
    """Send the letter."""
    visit.require("orders.write")
    with visit.reading() as tx:
        page = read_order_page(tx, visit.number("number"))
    subject, text = visit.sent("subject"), visit.sent("text").replace("\r\n", "\n")
    try:
        fields = {"order_id": page.id, "subject": subject, "text": text}
        visit.act(write_to_customer, convert(WriteToCustomer, fields))
    except (ActionNotAllowed, InvalidInput) as problem:
        said = fault_words(problem) or [problem_words(problem)]
        return _contact_form(visit, page, _kind(visit.sent("kind")), (subject, text), said)
    done = _("The mail is on its way.") if visit.settings.smtp_url else _("The mail waits.")
    return visit.done(done, f"/orders/{page.number}")


def make_link(visit: Visit) -> Answer:
    """Give the order its public page."""
    with visit.reading() as tx:
        page = read_order_page(tx, visit.number("number"))
    visit.act(make_tracking_link, MakeTrackingLink(order_id=page.id))
    return visit.done(_("The tracking page is there."), f"/orders/{page.number}", go=True)


def again(visit: Visit) -> Answer:
    """All tries once more for a mail that failed."""
    try:
        mail_id = UUID(visit.params["mail"])
    except ValueError as fault:
        raise NotFound("There is no such mail.") from fault
    visit.act(send_mail_again, SendAgain(mail_id=mail_id))
    return visit.done(_("It is sent again."), own_path(visit.asked("back", "/")), go=True)


ROUTES = [
    Route("GET", "/orders/{number:str}/contact", contact_form),
    Route("POST", "/orders/{number:str}/contact", contact),
    Route("POST", "/orders/{number:str}/tracking-link", make_link),
    Route("POST", "/mails/{mail:str}/again", again),
]
