"""Write to a customer: a mail of a member of staff, kept with the order; and a test to oneself."""

from uuid import UUID

import msgspec

from ordito.flows.manage_mails import preview_text, read_template
from ordito.flows.opened_orders import open_order
from ordito.flows.order_stories import OrderStory, choose_part, read_story
from ordito.flows.tell_customers import current_template, fill_mail, make_mail
from ordito.kernel.addresses import normal_email
from ordito.kernel.ids import new_id
from ordito.listings.order_rows import find_order_id
from ordito.notifications.mails import queue_mail
from ordito.notifications.texts import Filled, Look, make_html, read_blocks
from ordito.notifications.tracking import ensure_link
from ordito.notifications.types import (
    MailQueued,
    MakeTrackingLink,
    NewMail,
    OrderMailKind,
    SendTest,
    TrackingLink,
    WriteToCustomer,
)
from ordito.notifications.wording import button_words, phrases
from ordito.orders.events import CustomerWritten
from ordito.orders.orders import ORDER
from ordito.platform.accounts import find_user, read_user
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.masking import mask_cards
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput, NotFound


@command(permission="orders.write")
def write_to_customer(tx: Tx, ask: WriteToCustomer) -> MailQueued:
    """Send the order's customer a mail; its text stays with the order, not in the event."""
    open_order(tx, ask.order_id)
    story = read_story(tx, ask.order_id)
    assert story is not None, "it is open"
    if story.order.mode != "live":
        raise ActionNotAllowed("The order is one of the past: nobody is written to about it.")
    if not story.email:
        raise ActionNotAllowed("The order names no e-mail address. Nothing was sent.")
    subject, text = mask_cards(ask.subject.strip()), mask_cards(ask.text.strip())
    faults = [
        Fault(pointer, "required", "Write something first.")
        for pointer, words in (("/subject", subject), ("/text", text))
        if not words
    ]
    if faults:
        raise InvalidInput("Nothing was sent.", errors=faults)
    path = ensure_link(tx, ask.order_id)
    own = [word for word in text.split() if word.endswith(path)]
    filled = Filled(subject, text + "\n", read_blocks(text, own))
    mail = make_mail(story, filled, "written", f"written:{new_id()}", "")
    mail_id = queue_mail(tx, mail)
    tx.emit(ORDER, ask.order_id, CustomerWritten(str(mail_id)))
    return MailQueued(mail_id)


def prefill(tx: Tx, order_id: UUID, kind: OrderMailKind | None, base_url: str) -> Filled:
    """What a mail of this kind would say to the order's customer now, to be edited.

    kind: None is a letter with nothing between greeting and sender.
    """
    story = _seen_story(tx, order_id)
    if kind is None:
        words = phrases(story.locale)
        greeting = " ".join(filter(None, (words["hello"], story.first_name)))
        subject = f"{words['your_order']} {story.name}"
        return Filled(subject, f"{greeting},\n\n\n\n{story.title}\n", [])
    return fill_mail(story, current_template(tx, kind, story), choose_part(story, kind), base_url)


def _seen_story(tx: Tx, order_id: UUID) -> OrderStory:
    story = read_story(tx, order_id)
    if story is None or not tx.actor.sees_channel(story.order.channel_id):
        raise NotFound("There is no such order, or it is none of those you see.")
    return story


@command(permission="orders.write")
def make_tracking_link(tx: Tx, ask: MakeTrackingLink) -> TrackingLink:
    """The order's link for its customer; made when there is none."""
    open_order(tx, ask.order_id)
    return TrackingLink(ask.order_id, ensure_link(tx, ask.order_id))


@command(permission="settings.write")
def send_test(tx: Tx, ask: SendTest) -> MailQueued:
    """Send a text, filled in with an order, to who asks for it or to another user."""
    address = _test_address(tx, ask.to)
    template = read_template(tx, ask.kind, ask.locale)
    template = msgspec.structs.replace(
        template, subject=ask.subject or template.subject, body=ask.body or template.body
    )
    order_id = _test_order(tx, ask.number) if ask.number else None
    preview = preview_text(tx, template, order_id, "")
    if preview.filled is None:
        raise InvalidInput("Nothing was sent: the text has faults.", errors=preview.faults)
    filled, story = preview.filled, preview.story
    title = story.title if story else "Ordito"
    accent = story.mails.accent if story else ""
    look = Look(ask.locale, title, accent, button_words(ask.kind, ask.locale))
    mail = NewMail(
        kind="test",
        to=address,
        subject=f"[Test] {filled.subject}",
        text=filled.text,
        html=make_html(filled.blocks, look),
        locale=ask.locale,
        key=f"test:{new_id()}",
    )
    return MailQueued(queue_mail(tx, mail))


def _test_address(tx: Tx, to: str) -> str:
    """Only to users: nobody else is written to by a test."""
    if to:
        user = find_user(tx, normal_email(to))
        if user is None or not user.active:
            fault = Fault("/to", "unknown-user", "Tests go to users; nobody has this address.")
            raise InvalidInput(fault.detail, errors=[fault])
        return user.email
    user = read_user(tx, tx.actor.id) if tx.actor.kind == "user" else None
    if user is None:
        raise ActionNotAllowed("Say in “to” which user it goes to: a key has no address.")
    return user.email


def _test_order(tx: Tx, number: int) -> UUID | None:
    """The order that fills the text in; what of it is told needs the right to read orders."""
    tx.actor.require("orders.read")
    if tx.actor.location_ids is not None:
        raise NotFound("There is no such order, or it is none of those you see.")
    return find_order_id(tx, number)
