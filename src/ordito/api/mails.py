"""Mails to customers, their texts, and tracking links over HTTP."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.endpoints import Endpoint, reading, writing
from ordito.flows.manage_mails import (
    list_templates,
    preview_text,
    read_channel_mails,
    read_template,
    set_channel_mails,
    set_template,
)
from ordito.flows.send_mails import send_mail_again
from ordito.flows.write_to_customer import make_tracking_link, send_test, write_to_customer
from ordito.kernel.asks import Ask
from ordito.listings.order_page import read_order_page
from ordito.notifications.mails import list_failed, read_order_mails
from ordito.notifications.tracking import find_link
from ordito.notifications.types import (
    Body,
    ChannelMails,
    Locale,
    MailKind,
    SentMail,
    Subject,
    Template,
    TrackingLink,
)
from ordito.orders.orders import read_orders
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.problems import Fault, NotFound, NotPermitted
from ordito.platform.settings import OWN_ADDRESS

TAG = "Mails"


class OrderKey(Ask, frozen=True, kw_only=True):
    order_id: UUID


class TemplateKey(Ask, frozen=True, kw_only=True):
    kind: MailKind
    locale: Locale


class ChannelKey(Ask, frozen=True, kw_only=True):
    channel: Annotated[str, Meta(min_length=1, max_length=100)]


class FailedParams(Ask, frozen=True, kw_only=True):
    """before: id of the last mail of the page before."""

    before: UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class NoParams(Ask, frozen=True):
    """No parameters."""


class PreviewMail(TemplateKey, frozen=True, kw_only=True):
    """A text as it would be: without subject or body those in force; without a number filled in
    with what is made up. The number of an order needs orders.read."""

    number: Annotated[int, Meta(ge=1)] | None = None
    subject: Subject | None = None
    body: Body | None = None


class MailPreview(msgspec.Struct, frozen=True):
    """What a customer would read; null with `faults` when the text has some."""

    subject: str | None
    text: str | None
    faults: list[Fault]


class Mails(msgspec.Struct, frozen=True):
    """Newest first."""

    items: list[SentMail]


class Templates(msgspec.Struct, frozen=True):
    items: list[Template]


def list_order_mails(tx: Tx, params: OrderKey) -> Mails:
    """What the order's customer was told, or will be; at most 100 mails."""
    _require_order(tx, params.order_id)
    return Mails(read_order_mails(tx, params.order_id))


def get_tracking_link(tx: Tx, params: OrderKey) -> TrackingLink:
    """The path of the page that the order's customer can look at."""
    _require_order(tx, params.order_id)
    path = find_link(tx, params.order_id)
    if not path:
        raise NotFound("The order has no tracking link yet; make one with POST.")
    return TrackingLink(params.order_id, path)


def _require_order(tx: Tx, order_id: UUID) -> None:
    """Mails tell of all of an order, whichever locations have a part in it."""
    if tx.actor.location_ids is not None:
        raise NotPermitted("This is for callers who see all locations.")
    order = read_orders(tx, [order_id]).get(order_id)
    if order is None or not tx.actor.sees_channel(order.channel_id):
        raise NotFound("There is no such order, or it belongs to a channel you don't see.")


def list_failed_mails(tx: Tx, params: FailedParams) -> Mails:
    """Mails that failed for good, for callers who see all channels and locations."""
    if tx.actor.channel_ids is not None or tx.actor.location_ids is not None:
        raise NotPermitted("This is for callers who see all channels and locations.")
    return Mails(list_failed(tx, before=params.before, limit=params.limit))


def list_mail_templates(tx: Tx, params: NoParams) -> Templates:
    """The text of every kind of mail in every language; version 0 came with Ordito."""
    return Templates(list_templates(tx))


def get_mail_template(tx: Tx, params: TemplateKey) -> Template:
    """One text."""
    return read_template(tx, params.kind, params.locale)


def preview_mail(
    db: Database, actor: Actor, ask: PreviewMail, *, key: str | None, request_id: str
) -> MailPreview:
    """A text filled in with an order, or its faults with their places; nothing is kept or sent."""
    with db.reading(actor) as tx:
        stored = read_template(tx, ask.kind, ask.locale)
        template = msgspec.structs.replace(
            stored, subject=ask.subject or stored.subject, body=ask.body or stored.body
        )
        order_id = None
        if ask.number is not None:
            actor.require("orders.read")
            order_id = read_order_page(tx, ask.number).id
            _require_order(tx, order_id)
        told = preview_text(tx, template, order_id, db.memory[OWN_ADDRESS])
    filled = told.filled
    return MailPreview(
        filled.subject if filled else None, filled.text if filled else None, told.faults
    )


def get_channel_mails(tx: Tx, params: ChannelKey) -> ChannelMails:
    """What a channel tells its customers by itself, and how that looks."""
    return read_channel_mails(tx, params.channel)


_ORDER = "/orders/{order_id}"
_TEMPLATE = "/mail-templates/{kind}/{locale}"

ENDPOINTS = [
    reading(f"{_ORDER}/mails", TAG, "List an order's mails", list_order_mails, "orders.read"),
    writing("POST", f"{_ORDER}/mails", TAG, "Write to the customer", write_to_customer,
            status=201, problems=("action-not-allowed",),
            example={"subject": "Your order", "text": "Hello Anna,\n\nis the blue one fine too?"}),
    reading(f"{_ORDER}/tracking-link", TAG, "Read an order's tracking link",
            get_tracking_link, "orders.read"),
    writing("POST", f"{_ORDER}/tracking-link", TAG, "Make an order's tracking link",
            make_tracking_link, example={}),
    reading("/mails/failed", TAG, "List mails that failed", list_failed_mails, "orders.read"),
    writing("POST", "/mails/{mail_id}/send-again", TAG, "Send a failed mail again",
            send_mail_again, example={}, problems=("action-not-allowed",)),
    reading("/mail-templates", TAG, "List texts of mails", list_mail_templates, "settings.read"),
    reading(_TEMPLATE, TAG, "Read a text of a mail", get_mail_template, "settings.read"),
    writing("PUT", _TEMPLATE, TAG, "Set a text of a mail", set_template,
            example={"subject": "Your order {{ order_number }}", "body": "Thank you!"}),
    writing("POST", f"{_TEMPLATE}/test", TAG, "Send a test of a text to a user", send_test,
            status=201, example={"to": "anna@example.com"}, problems=("action-not-allowed",)),
    Endpoint(method="POST", path=f"{_TEMPLATE}/preview", tag=TAG, kind="story",
             summary="Preview a text", permission="settings.read", call=preview_mail,
             ask=PreviewMail, answer=MailPreview, example={"subject": "Hello {{ first_name }}"}),
    reading("/channels/{channel}/mails", TAG, "Read what a channel tells",
            get_channel_mails, "settings.read"),
    writing("PUT", "/channels/{channel}/mails", TAG, "Set what a channel tells",
            set_channel_mails, example={"kinds": ["confirmed", "shipped"], "accent": "#0b6660"}),
]  # fmt: skip
