"""The outbox of mails: queued with what causes them, claimed, sent, tried again, given up."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from ordito.kernel.ids import new_id
from ordito.notifications.types import Mail, MailSubject, NewMail, SentMail
from ordito.platform.database import Tx, query, statement

PAUSES_S = (60, 300, 900, 3600, 4 * 3600, 12 * 3600)
"""After the first, second, … failed try; with the last one a mail has been tried for 17 hours."""

WAITS_MAX = timedelta(days=2)
"""A mail that could not be sent for so long, such as for want of a mail server, is given up:
nobody wants to hear after a week that their order was packed."""

ERROR_MAX = 500


def queue_mail(tx: Tx, mail: NewMail) -> UUID:
    """Write a mail that is sent after the commit; returns its id, or that of the one queued under
    this key before. Line breaks and control characters never reach a header.
    """
    made = _INSERT.first(
        tx,
        id=new_id(),
        key=mail.key,
        kind=mail.kind,
        order_id=mail.order_id,
        recipient=one_line(mail.to),
        subject=one_line(mail.subject),
        body_text=mail.text,
        body_html=mail.html,
        reply_to=one_line(mail.reply_to),
        sender_name=one_line(mail.sender_name),
        locale=mail.locale,
        author=tx.actor.name if tx.actor.kind != "system" else "",
        now=tx.now,
        expires_at=tx.now + WAITS_MAX,
    )
    return made if made is not None else _BY_KEY.one(tx, key=mail.key)


_INSERT = query(
    UUID,
    """
    INSERT INTO notifications.mail
        (id, key, kind, order_id, recipient, subject, body_text, body_html, reply_to, sender_name,
         locale, author, due_at, expires_at, created_at)
    VALUES (%(id)s, %(key)s, %(kind)s, %(order_id)s, %(recipient)s, %(subject)s, %(body_text)s,
            %(body_html)s, %(reply_to)s, %(sender_name)s, %(locale)s, %(author)s, %(now)s,
            %(expires_at)s, %(now)s)
    ON CONFLICT (key) DO NOTHING
    RETURNING id
    """,
)

_BY_KEY = query(UUID, "SELECT id FROM notifications.mail WHERE key = %(key)s")


def one_line(text: str) -> str:
    """The text without line breaks and other control characters, and without blanks around it."""
    plain = "".join(ch if ch.isprintable() or ch == "\u200d" else " " for ch in text)
    return " ".join(plain.split())


def give_up_old(tx: Tx) -> int:
    """Fail mails that have waited too long, or were cut off in their last try."""
    return _GIVE_UP.run(tx, attempts_max=len(PAUSES_S) + 1)


_GIVE_UP = statement("""
    UPDATE notifications.mail
    SET state = 'failed', due_at = NULL,
        error = CASE WHEN error = '' THEN 'It waited too long to be sent.' ELSE error END
    WHERE due_at <= now()
      AND (expires_at <= now() OR attempts >= %(attempts_max)s)
""")


def claim_mails(tx: Tx, limit: int) -> list[Mail]:
    """Take mails that are due, oldest first; after a try that is cut off they are due again."""
    claimed = _CLAIM.all(tx, limit=limit, pauses_s=list(PAUSES_S))
    return sorted(claimed, key=lambda mail: mail.id)


_CLAIM = query(
    Mail,
    """
    UPDATE notifications.mail AS m
    SET attempts = m.attempts + 1,
        due_at = now() + make_interval(
            secs => pauses.s[least(m.attempts + 1, cardinality(pauses.s))])
    FROM (SELECT %(pauses_s)s::float8[] AS s) AS pauses
    WHERE m.id IN (
        SELECT id
        FROM notifications.mail
        WHERE due_at <= now()
        ORDER BY due_at, id
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
    )
    RETURNING m.id, m.kind, m.recipient, m.subject, m.body_text, m.body_html, m.reply_to,
              m.sender_name, m.attempts, m.created_at
    """,
)


def set_sent(tx: Tx, mail_id: UUID) -> None:
    """The server has taken it. What belongs to no order may hold a way in, and is forgotten."""
    _SENT.run(tx, id=mail_id)


_SENT = statement("""
    UPDATE notifications.mail
    SET state = 'sent', due_at = NULL, sent_at = now(), error = '',
        body_text = CASE WHEN order_id IS NULL THEN '' ELSE body_text END,
        body_html = CASE WHEN order_id IS NULL THEN '' ELSE body_html END
    WHERE id = %(id)s
""")


def set_refused(tx: Tx, mail_id: UUID, words: str, *, lasting: bool) -> None:
    """A try failed: it waits for the next one, or failed for good."""
    _REFUSED.run(
        tx,
        id=mail_id,
        error=one_line(words)[:ERROR_MAX],
        lasting=lasting,
        attempts_max=len(PAUSES_S) + 1,
    )


_REFUSED = statement("""
    UPDATE notifications.mail
    SET error = %(error)s,
        state = CASE WHEN %(lasting)s OR attempts >= %(attempts_max)s THEN 'failed'
                     ELSE 'waiting' END,
        due_at = CASE WHEN %(lasting)s OR attempts >= %(attempts_max)s THEN NULL
                      ELSE due_at END
    WHERE id = %(id)s AND state = 'waiting'
""")


def put_back(tx: Tx, mail_ids: Sequence[UUID]) -> None:
    """Claimed mails that were not tried: the connection was lost before their turn."""
    _PUT_BACK.run(tx, ids=list(mail_ids))


_PUT_BACK = statement("""
    UPDATE notifications.mail
    SET attempts = attempts - 1, due_at = now() + interval '30 seconds'
    WHERE id = ANY(%(ids)s::uuid[]) AND state = 'waiting'
""")


def lock_mail(tx: Tx, mail_id: UUID) -> MailSubject | None:
    return _LOCK.first(tx, id=mail_id)


_LOCK = query(
    MailSubject,
    "SELECT id, order_id, state FROM notifications.mail WHERE id = %(id)s FOR UPDATE",
)


def send_again(tx: Tx, mail_id: UUID) -> None:
    """All tries once more; the caller has looked that it failed."""
    _AGAIN.run(tx, id=mail_id, now=tx.now, expires_at=tx.now + WAITS_MAX)


_AGAIN = statement("""
    UPDATE notifications.mail
    SET state = 'waiting', attempts = 0, due_at = %(now)s, expires_at = %(expires_at)s
    WHERE id = %(id)s AND state = 'failed'
""")


def read_order_mails(tx: Tx, order_id: UUID, *, limit: int = 100) -> list[SentMail]:
    """The mails about an order, newest first."""
    return _OF_ORDER.all(tx, order_id=order_id, limit=limit)


# What belongs to no order is shown without its text: it may hold a link that lets people in.
_COLUMNS = """
           id, kind, order_id, recipient, subject,
           CASE WHEN order_id IS NULL THEN '' ELSE body_text END AS text, locale, author, state,
           attempts, error, due_at, created_at, sent_at"""

_OF_ORDER = query(
    SentMail,
    f"""
    SELECT {_COLUMNS}
    FROM notifications.mail
    WHERE order_id = %(order_id)s
    ORDER BY id DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def list_failed(tx: Tx, *, before: UUID | None = None, limit: int = 100) -> list[SentMail]:
    """Mails that failed for good, newest first; the next page is `before` the last one's id.

    Those to colleagues, which belong to no order, are for who manages people.
    """
    people = "access.write" in tx.actor.permissions
    return _FAILED.all(tx, before=before, limit=limit, people=people)


_FAILED = query(
    SentMail,
    f"""
    SELECT {_COLUMNS}
    FROM notifications.mail
    WHERE state = 'failed'
      AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
      AND (order_id IS NOT NULL OR %(people)s)
    ORDER BY id DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def count_waiting(tx: Tx) -> int:
    """Mails that wait, up to 1,000."""
    return _WAITING.one(tx)


_WAITING = query(
    int,
    """
    SELECT count(*)
    FROM (SELECT FROM notifications.mail WHERE due_at IS NOT NULL LIMIT 1000) AS waiting
    """,
)
