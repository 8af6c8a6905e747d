"""Send mails: those that are due are claimed, handed to the mail server, and noted as it answers.

Nothing is sent inside a transaction. A try that is cut off between the server's answer and its
note is made again, with the same Message-ID.
"""

from uuid import UUID

from ordito.notifications.mails import (
    claim_mails,
    give_up_old,
    lock_mail,
    put_back,
    send_again,
    set_refused,
    set_sent,
)
from ordito.notifications.types import Mail, MailQueued, Refusal, SendAgain, Transport
from ordito.orders.orders import read_orders
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command
from ordito.platform.problems import ActionNotAllowed, NotFound

BATCH = 10
BATCHES_MAX = 100


def send_due_mails(db: Database, transport: Transport) -> int:
    """Try every mail that is due; returns how many the server has taken."""
    with db.transaction(SYSTEM) as tx:
        give_up_old(tx)
    sent = 0
    for _turn in range(BATCHES_MAX):
        with db.transaction(SYSTEM) as tx:
            mails = claim_mails(tx, BATCH)
        if not mails:
            break
        tried: set[UUID] = set()
        for mail, refusal in transport.deliver(mails):
            _note(db, mail, refusal)
            tried.add(mail.id)
            sent += refusal is None
        left = [mail.id for mail in mails if mail.id not in tried]
        if left:
            # The server went away: the others keep their tries, and wait until it is back.
            with db.transaction(SYSTEM) as tx:
                put_back(tx, left)
            break
    return sent


def _note(db: Database, mail: Mail, refusal: Refusal | None) -> None:
    with db.transaction(SYSTEM) as tx:
        if refusal is None:
            set_sent(tx, mail.id)
        else:
            set_refused(tx, mail.id, refusal.words, lasting=refusal.lasting)


@command(permission="orders.write")
def send_mail_again(tx: Tx, ask: SendAgain) -> MailQueued:
    """A mail that failed gets all its tries once more."""
    mail = lock_mail(tx, ask.mail_id)
    if mail is None or not _is_seen(tx, mail.order_id):
        raise NotFound("There is no such mail, or it belongs to an order you don't see.")
    if mail.state != "failed":
        raise ActionNotAllowed("Only a mail that failed can be sent again: this one did not.")
    send_again(tx, ask.mail_id)
    return MailQueued(ask.mail_id)


def _is_seen(tx: Tx, order_id: UUID | None) -> bool:
    if order_id is None:
        return "access.write" in tx.actor.permissions
    order = read_orders(tx, [order_id]).get(order_id)
    return order is not None and tx.actor.sees_channel(order.channel_id)
