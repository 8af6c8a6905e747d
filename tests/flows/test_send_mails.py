"""Mails reach a real SMTP server once, and are tried again when that may help."""

from typing import Any
from uuid import UUID

import pytest

from ordito.flows.send_mails import send_due_mails, send_mail_again
from ordito.kernel.ids import new_id
from ordito.notifications.mails import queue_mail
from ordito.notifications.types import NewMail, SendAgain
from ordito.platform.access import EVERYTHING, SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, NotFound
from tests import make
from tests.notifications.mail_servers import Mailbox, running, server_at


def queue(db: Database, key: str = "k", **fields: Any) -> UUID:
    mail: dict[str, Any] = {
        "kind": "confirmed",
        "to": "anna@example.com",
        "subject": "Your order",
        "text": "Hello",
        "html": "<p>Hello</p>",
        "locale": "en",
        "key": key,
        "order_id": new_id(),
    }
    with db.transaction(SYSTEM) as tx:
        return queue_mail(tx, NewMail(**(mail | fields)))


def state(db: Database, mail_id: UUID) -> tuple[Any, ...]:
    """State, attempts, what the server said last."""
    with db.connection() as conn:
        row = conn.execute(
            "SELECT state, attempts, error FROM notifications.mail WHERE id = %s", (mail_id,)
        ).fetchone()
    assert row is not None
    return tuple(row)


def make_due(db: Database) -> None:
    """The pause is over."""
    with db.connection() as conn:
        conn.execute("UPDATE notifications.mail SET due_at = now() WHERE due_at IS NOT NULL")


def test_a_mail_is_sent_once_with_text_and_html(db: Database) -> None:
    mail_id, mailbox = queue(db, sender_name="Zażółć", reply_to="help@example.com"), Mailbox()
    with running(mailbox) as server:
        assert send_due_mails(db, server) == 1
        make_due(db)
        assert send_due_mails(db, server) == 0

    (message,) = mailbox.taken
    assert mailbox.recipients == [["anna@example.com"]]
    assert message["From"] == "Zażółć <shop@example.com>"
    assert message["Reply-To"] == "help@example.com"
    assert message["Message-ID"] == f"<{mail_id}@example.com>"
    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain",
        "text/html",
    ]
    assert state(db, mail_id) == ("sent", 1, "")


def test_the_same_key_is_queued_once(db: Database) -> None:
    assert queue(db, "same") == queue(db, "same", subject="Another")


@pytest.mark.parametrize("answer", ["451 try later", "drop"])
def test_a_passing_fault_is_tried_again_with_the_same_message_id(db: Database, answer: str) -> None:
    mail_id, mailbox = queue(db), Mailbox(answer)
    with running(mailbox) as server:
        assert send_due_mails(db, server) == 0
        found = state(db, mail_id)
        assert found[:2] == ("waiting", 1)
        assert found[2]
        assert send_due_mails(db, server) == 0, "it waits for its pause"
        make_due(db)
        assert send_due_mails(db, server) == 1

    assert mailbox.tries == 2
    assert [message["Message-ID"] for message in mailbox.taken] == [f"<{mail_id}@example.com>"]


def test_a_refusal_for_good_is_not_tried_again_and_the_next_mail_goes(db: Database) -> None:
    bad, good, mailbox = queue(db, "1"), queue(db, "2"), Mailbox("554 no such user")
    with running(mailbox) as server:
        assert send_due_mails(db, server) == 1
        make_due(db)
        send_due_mails(db, server)

    assert state(db, bad) == ("failed", 1, "554 no such user")
    assert state(db, good)[0] == "sent"
    assert mailbox.tries == 2


def test_no_server_costs_only_the_first_mail_a_try(db: Database) -> None:
    first, second = queue(db, "1"), queue(db, "2")
    with running(Mailbox()) as server:
        port = server.port

    assert send_due_mails(db, server_at(port)) == 0

    assert sorted([state(db, first)[:2], state(db, second)[:2]]) == [("waiting", 0), ("waiting", 1)]


def test_after_the_last_try_it_has_failed_and_can_be_sent_again(db: Database) -> None:
    mail_id, mailbox = queue(db, order_id=None), Mailbox(*["451 later"] * 7)
    with running(mailbox) as server:
        for _try in range(8):
            make_due(db)
            send_due_mails(db, server)
        assert state(db, mail_id) == ("failed", 7, "451 later")

        run(db, make.BOSS, send_mail_again, SendAgain(mail_id=mail_id))
        assert send_due_mails(db, server) == 1
    with pytest.raises(ActionNotAllowed):
        run(db, make.BOSS, send_mail_again, SendAgain(mail_id=mail_id))


def test_an_old_mail_is_not_sent_when_a_server_is_there_at_last(db: Database) -> None:
    mail_id, mailbox = queue(db), Mailbox()
    with db.connection() as conn:
        conn.execute("UPDATE notifications.mail SET expires_at = now() - interval '1 second'")
    with running(mailbox) as server:
        send_due_mails(db, server)

    assert state(db, mail_id) == ("failed", 0, "It waited too long to be sent.")
    assert mailbox.tries == 0


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.com, eve@example.com",
        "anna@example.com\r\nBcc: eve@example.com",
        "anna@example.com> RCPT TO:<eve@example.com",
        "anna",
        "",
    ],
)
def test_only_one_address_is_written_to(db: Database, address: str) -> None:
    mail_id, mailbox = queue(db, to=address), Mailbox()
    with running(mailbox) as server:
        send_due_mails(db, server)

    assert mailbox.tries == 0
    assert state(db, mail_id)[0] == "failed"


def test_nothing_can_add_a_header(db: Database) -> None:
    queue(
        db,
        subject="Hi\r\nBcc: eve@example.com\r\n\r\nBody",
        sender_name='Shop"\r\nX-Evil: 1',
    )
    mailbox = Mailbox()
    with running(mailbox) as server:
        send_due_mails(db, server)

    (message,) = mailbox.taken
    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert message["Subject"] == "Hi Bcc: eve@example.com Body"


def test_what_belongs_to_no_order_is_forgotten_once_it_is_sent(db: Database) -> None:
    queue(db, order_id=None, text="https://shop.example/reset/secret")
    with running(Mailbox()) as server:
        send_due_mails(db, server)
    with db.connection() as conn:
        row = conn.execute("SELECT body_text, body_html FROM notifications.mail").fetchone()

    assert row == ("", "")


def test_mails_of_people_are_sent_again_by_who_manages_people_only(db: Database) -> None:
    mail_id, mailbox = queue(db, order_id=None), Mailbox("554 no")
    with running(mailbox) as server:
        send_due_mails(db, server)
    clerk = Actor("user", UUID(int=8), "Clerk", EVERYTHING - {"access.write"})

    with pytest.raises(NotFound):
        run(db, clerk, send_mail_again, SendAgain(mail_id=mail_id))

    assert state(db, mail_id)[0] == "failed"
