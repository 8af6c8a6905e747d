"""Real SMTP servers on loopback, with the manners that a test asks for."""

import socket
from asyncio import WriteTransport
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from ordito.adapters.smtp import MailServer


class Mailbox:
    """Takes mails, after answering what `answers` holds first ("drop" ends the connection)."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.taken: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.tries = 0

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:
        self.tries += 1
        answer = self.answers.pop(0) if self.answers else ""
        if answer == "drop":
            assert isinstance(server.transport, WriteTransport)
            server.transport.abort()
            return "451 gone"
        if answer:
            return answer
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


@contextmanager
def running(mailbox: Mailbox) -> Iterator[MailServer]:
    """A mail server on a free port, as the program knows it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield server_at(port)
    finally:
        controller.stop()


def server_at(port: int) -> MailServer:
    return MailServer("smtp", "127.0.0.1", port, "", "", "shop@example.com", "Example shop")
