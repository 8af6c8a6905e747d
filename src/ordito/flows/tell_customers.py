"""Tell customers: what happened to an order becomes a mail, in the shop's words and their language.

Orders of the past are never told, nor is news that is older than a day, nor what the channel tells
itself. The mail is queued in the same transaction in which its order is read; it is sent later.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from ordito.flows.order_stories import OrderStory, Part, mail_values, read_story
from ordito.kernel.asks import Ask
from ordito.listings.late_orders import find_late
from ordito.notifications.mails import queue_mail
from ordito.notifications.templates import find_edited
from ordito.notifications.texts import Filled, Look, fill_text, make_html
from ordito.notifications.tracking import ensure_link
from ordito.notifications.types import (
    MailQueued,
    NewMail,
    OrderMailKind,
    Template,
)
from ordito.notifications.wording import default_template, phrases
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.feed import FeedEntry
from ordito.platform.followers import OutsideFollower

TOLD: dict[str, OrderMailKind] = {
    "order.placed": "confirmed",
    "order.units_shipped": "shipped",
    "order.pickup_ready": "ready",
    "order.units_delivered": "delivered",
    "order.units_cancelled": "cancelled",
    "order.supply_dated": "delayed",
    "order.slot_moved": "delayed",
    "order.choice_offered": "choice",
}
"""Event → kind of mail. That a promise was broken is no event: it is looked for."""

NEWS_MAX = timedelta(days=1)
"""Older news is none any more, such as after a day without a worker."""

UNTOLD_REASONS = frozenset(("fraud",))
"""Reasons of cancellations that nobody is told of by themselves."""


class TellCustomer(Ask, frozen=True, kw_only=True):
    """Something happened to an order. key: of what happened; base_url: for links."""

    order_id: UUID
    kind: OrderMailKind
    key: str
    base_url: str
    part: Part = Part()


@command(permission="orders.write")
def tell_customer(tx: Tx, ask: TellCustomer) -> MailQueued:
    """Queue the mail about what happened, if this order's customer is to be told of it."""
    story = read_story(tx, ask.order_id)
    if story is None or story.order.mode != "live":
        return MailQueued(None, "The order is one of the past.")
    story = msgspec.structs.replace(story, path=ensure_link(tx, ask.order_id))
    if ask.kind not in story.mails.kinds:
        return MailQueued(None, "The channel doesn't tell this.")
    if not story.email:
        return MailQueued(None, "There is no address to write to.")
    template = current_template(tx, ask.kind, story)
    filled = fill_mail(story, template, ask.part, ask.base_url)
    return MailQueued(queue_mail(tx, make_mail(story, filled, ask.kind, ask.key, ask.base_url)))


def current_template(tx: Tx, kind: OrderMailKind, story: OrderStory) -> Template:
    """The text that counts, in the order's language."""
    return find_edited(tx, kind, story.locale) or default_template(kind, story.locale)


def fill_mail(story: OrderStory, template: Template, part: Part, base_url: str) -> Filled:
    """The text as this order's customer would read it."""
    values = mail_values(story, template.kind, part, base_url)
    return fill_text(template.subject, template.body, values)


def make_mail(story: OrderStory, filled: Filled, kind: str, key: str, base_url: str) -> NewMail:
    """A filled text as a mail to the order's customer, in the look of its channel."""
    words = phrases(story.locale)
    look = Look(story.locale, story.title, story.mails.accent, words["see_order"])
    links = [f"{base_url}{story.path}"] if base_url and story.path else []
    links += sorted({url for url in filled.text.split() if url in _carrier_links(story)})
    return NewMail(
        kind=kind,
        to=story.email,
        subject=filled.subject,
        text=filled.text,
        html=make_html(filled.blocks, look, links),
        locale=story.locale,
        key=key,
        order_id=story.order.id,
        reply_to=story.mails.contact,
        sender_name=story.title,
    )


def _carrier_links(story: OrderStory) -> set[str]:
    parts = [Part(parcel.fo_no, parcel.parcel_no) for parcel in story.parcels]
    values = (mail_values(story, "shipped", part, "") for part in parts)
    return {str(one["carrier_link"]) for one in values if one["carrier_link"]}


def _about(entry: FeedEntry, base_url: str) -> TellCustomer | None:
    """What a feed entry has to tell; None for what is not told."""
    body, kind = entry.body, TOLD[entry.kind]
    if body.get("mode") == "history" or body.get("reason") in UNTOLD_REASONS:
        return None
    if kind == "delayed" and not body["later"]:
        return None
    lines = body["lines"] if kind == "cancelled" else {}
    return TellCustomer(
        order_id=entry.stream_id,
        kind=kind,
        key=f"{kind}:{entry.stream_id}:{entry.seq}",
        base_url=base_url,
        part=Part(body.get("fo_no"), body.get("parcel_no"), lines),
    )


def customer_mails(base_url: str) -> OutsideFollower:
    """The follower that tells. It starts with what happens next: a shop that begins to use mails
    doesn't write to the customers of last year.
    """

    def deliver(db: Database, entries: Sequence[FeedEntry]) -> None:
        with db.reading(SYSTEM) as tx:
            now = tx.now
        for entry in entries:
            ask = _about(entry, base_url)
            if ask is not None and now - entry.at < NEWS_MAX:
                run(db, SYSTEM, tell_customer, ask, key=f"mail-{entry.position}")

    return OutsideFollower(
        name="customer-mails",
        kinds=frozenset(TOLD),
        deliver=deliver,
        batch=50,
        starts="next",
    )


def tell_delays(db: Database, base_url: str) -> int:
    """Write to customers whose order has not left by the day it was promised for, once for each
    promise; returns how many orders were looked at.
    """
    looked, after = 0, None
    while True:
        with db.reading(SYSTEM) as tx:
            late = find_late(tx, after=after)
        for order in late:
            key = f"delayed:{order.order_id}:{order.promised_on.isoformat()}"
            ask = TellCustomer(order_id=order.order_id, kind="delayed", key=key, base_url=base_url)
            run(db, SYSTEM, tell_customer, ask, key=f"mail-{key}")
        looked += len(late)
        if not late:
            return looked
        after = late[-1]
