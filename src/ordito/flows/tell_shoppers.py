"""Tell shoppers: who left a cart behind is written to once, if they agreed to it in the shop."""

from uuid import UUID

from ordito.catalog.items import send_find_facts
from ordito.flows.order_stories import channel_mails
from ordito.flows.reference import reference
from ordito.inventory.asks import CartLine
from ordito.inventory.events import CartMailed
from ordito.inventory.holds import HOLD, note_mailed
from ordito.kernel.asks import Ask
from ordito.kernel.text import normal_code
from ordito.listings.left_carts import LeftCart, find_left, is_settled, lock_left
from ordito.notifications.mails import queue_mail
from ordito.notifications.templates import find_edited
from ordito.notifications.texts import ListedLine, Look, fill_text, make_html
from ordito.notifications.types import ChannelMails, MailQueued, NewMail
from ordito.notifications.wording import button_words, default_template, language_of
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run

BATCH = 100


class TellShopper(Ask, frozen=True, kw_only=True):
    """Write to whose cart this was, should they be written to."""

    cart_id: UUID


@command(permission="orders.write")
def tell_shopper(tx: Tx, ask: TellShopper) -> MailQueued:
    """Queue the mail about a cart that was left; never twice, and not to who has bought since."""
    cart = lock_left(tx, ask.cart_id)
    if cart is None:
        return MailQueued(None, "It is no cart that was left, or nobody is to be written to.")
    if is_settled(tx, cart):
        return MailQueued(None, "The shopper has bought, begun another cart, or had a mail.")
    channel = reference(tx).channels_by_id[cart.channel_id]
    mails = channel_mails(tx, channel)
    mail_id = queue_mail(tx, _make_mail(tx, cart, mails, mails.logo or channel.name))
    note_mailed(tx, cart.id)
    tx.emit(HOLD, cart.id, CartMailed(mail_id))
    return MailQueued(mail_id)


def _make_mail(tx: Tx, cart: LeftCart, mails: ChannelMails, title: str) -> NewMail:
    """The mail in the channel's language, else in English: a cart names no country."""
    locale = language_of("", mails.locale)
    template = find_edited(tx, "cart", locale) or default_template("cart", locale)
    link = cart.link or mails.cart_link
    values = {"channel": title, "lines": _listed(tx, cart.lines), "cart_link": link}
    filled = fill_text(template.subject, template.body, values)
    look = Look(locale, title, mails.accent, button_words("cart", locale))
    return NewMail(
        kind="cart",
        to=cart.contact,
        subject=filled.subject,
        text=filled.text,
        html=make_html(filled.blocks, look, [link] if link else []),
        locale=locale,
        key=f"cart:{cart.id}",
        reply_to=mails.contact,
        sender_name=title,
    )


def _listed(tx: Tx, lines: list[CartLine]) -> list[ListedLine]:
    items = {i.sku_key: i.name for i in send_find_facts(tx, {normal_code(x.sku) for x in lines})}
    return [
        ListedLine(line.quantity, items.get(normal_code(line.sku), line.sku), line.sku)
        for line in lines
    ]


def tell_shoppers(db: Database) -> int:
    """The job: write to everybody whose cart is due; how many mails were queued."""
    told, after = 0, None
    while True:
        with db.reading(SYSTEM) as tx:
            due = find_left(tx, after=after, limit=BATCH)
        for cart_id in due:
            told += run(db, SYSTEM, tell_shopper, TellShopper(cart_id=cart_id)).id is not None
        if len(due) < BATCH:
            return told
        after = due[-1]
