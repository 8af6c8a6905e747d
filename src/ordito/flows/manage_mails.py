"""Say what mails tell: their texts, which of them each channel sends, and how they look."""

from typing import Any
from uuid import UUID

import msgspec

from ordito.channels.channels import CHANNEL, lock_channel
from ordito.channels.types import Channel
from ordito.flows.order_stories import (
    OrderStory,
    channel_mails,
    choose_part,
    mail_values,
    read_story,
)
from ordito.flows.reference import reference
from ordito.notifications.events import (
    MAIL_TEXTS,
    TEXTS_ID,
    ChannelMailsChanged,
    MailTextChanged,
)
from ordito.notifications.templates import find_edited, insert_version, put_channel, read_edited
from ordito.notifications.texts import (
    VARIABLES,
    Filled,
    ListedLine,
    check_text,
    fill_text,
)
from ordito.notifications.types import (
    LOCALES,
    MAIL_KINDS,
    ORDER_MAIL_KINDS,
    ChannelMails,
    Locale,
    MailKind,
    SetChannelMails,
    SetTemplate,
    Template,
)
from ordito.notifications.wording import default_template
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput, NotFound
from ordito.platform.revisions import raise_revision
from ordito.platform.versions import check_version

_SAMPLE_LINES = [ListedLine(2, "Earl Grey tea, 100 g", "TEA-100"), ListedLine(1, "Mug", "MUG")]

SAMPLES: dict[str, Any] = {
    "first_name": "Anna",
    "order_number": "#1042",
    "channel": "Example shop",
    "city": "Leeds",
    "lines": _SAMPLE_LINES,
    "total": "€24.99",
    "promised_on": "24 November",
    "tracking_link": "https://orders.example.com/t/…",
    "parcel_lines": _SAMPLE_LINES,
    "carrier": "DHL",
    "tracking_number": "JJD000390007",
    "carrier_link": "",
    "pickup_place": "Manchester store",
    "pickup_address": "41 Market Street, M1 Manchester",
    "pickup_code": "482913",
    "collect_by": "1 December",
    "choose_by": "26 November",
    "cancelled_lines": _SAMPLE_LINES[:1],
    "whole": False,
    "cart_link": "https://shop.example.com/cart/…",
}
"""What a preview says where its order has nothing to say."""


def list_templates(tx: Tx) -> list[Template]:
    """The text that counts of every kind in every language."""
    edited = {(text.kind, text.locale): text for text in read_edited(tx)}
    return [
        edited.get((kind, locale)) or default_template(kind, locale)
        for kind in MAIL_KINDS
        for locale in LOCALES
    ]


def read_template(tx: Tx, kind: MailKind, locale: Locale) -> Template:
    return find_edited(tx, kind, locale) or default_template(kind, locale)


@command(permission="settings.write")
def set_template(tx: Tx, ask: SetTemplate) -> Template:
    """A kind of mail says this from now on; a faulty text is refused with the place of each fault.

    version: the one that was read, 0 for the text that came along; without it whatever is there
             now is replaced.
    """
    faults = check_text(ask.kind, ask.subject, ask.body)
    if faults:
        raise InvalidInput("Nothing was saved: the text has faults.", errors=faults)
    # Also what lets one edit at a time through.
    raise_revision(tx, "reference")
    before = read_template(tx, ask.kind, ask.locale)
    check_version("text", before.version, ask.version)
    if (before.subject, before.body) == (ask.subject, ask.body):
        return before
    insert_version(tx, ask, before.version + 1)
    tx.emit(MAIL_TEXTS, TEXTS_ID, MailTextChanged(ask.kind, ask.locale, before.version + 1))
    return Template(
        kind=ask.kind,
        locale=ask.locale,
        subject=ask.subject,
        body=ask.body,
        version=before.version + 1,
        changed_at=tx.now,
        changed_by=tx.actor.name,
    )


def read_channel_mails(tx: Tx, code: str) -> ChannelMails:
    """What a channel tells its customers; raises NotFound."""
    channel = reference(tx).channels.get(code)
    if channel is None or not tx.actor.sees_channel(channel.id):
        raise NotFound("There is no such channel, or you don't see it.")
    return channel_mails(tx, channel)


@command(permission="settings.write")
def set_channel_mails(tx: Tx, ask: SetChannelMails) -> ChannelMails:
    """A channel tells its customers this from now on, in this look."""
    channel = _lock(tx, ask.channel)
    before = channel_mails(tx, channel)
    check_version("sender", before.version, ask.version)
    contact = ask.contact.strip()
    if contact and ("@" not in contact[1:-1] or not contact.isprintable() or " " in contact):
        detail = "It is no e-mail address, such as help@example.com."
        raise InvalidInput("Nothing was saved.", errors=[Fault("/contact", "email", detail)])
    kinds = [kind for kind in ORDER_MAIL_KINDS if kind in ask.kinds]
    chosen = ChannelMails(
        channel.code,
        kinds,
        ask.locale,
        contact,
        ask.logo.strip(),
        ask.accent.lower(),
        0,
        ask.cart_hours,
        ask.cart_link,
    )
    version = put_channel(tx, channel.id, chosen)
    told = ChannelMailsChanged(list(kinds), ask.locale, chosen.accent, ask.cart_hours)
    tx.emit(CHANNEL, channel.id, told)
    raise_revision(tx, "reference")
    return msgspec.structs.replace(chosen, version=version)


def _lock(tx: Tx, code: str) -> Channel:
    channel = lock_channel(tx, code)
    if channel is None or not tx.actor.sees_channel(channel.id):
        raise NotFound(f"There is no channel “{code[:60]}”, or you don't see it.")
    return channel


class Preview(msgspec.Struct, frozen=True):
    """A text as a customer would read it, or its faults."""

    filled: Filled | None
    faults: list[Fault]
    story: OrderStory | None


def preview_text(tx: Tx, template: Template, order_id: UUID | None, base_url: str) -> Preview:
    """A text filled in with an order; what the order doesn't have is made up, as for no order."""
    about_order = order_id is not None and template.kind != "cart"
    story = read_story(tx, order_id) if about_order and order_id is not None else None
    if story is not None and not tx.actor.sees_channel(story.order.channel_id):
        story = None
    faults = check_text(template.kind, template.subject, template.body)
    if faults:
        return Preview(None, faults, story)
    values = {name: SAMPLES[name] for name in VARIABLES[template.kind]}
    if story is not None:
        told = msgspec.structs.replace(story, locale=template.locale)
        part = choose_part(told, template.kind)
        known = mail_values(told, template.kind, part, base_url)
        values |= {name: value for name, value in known.items() if value}
    return Preview(fill_text(template.subject, template.body, values), [], story)
