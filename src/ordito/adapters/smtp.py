"""Mails over SMTP: one connection for a batch, each mail tried once."""

import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

import msgspec

from ordito.notifications.types import Mail, Refusal
from ordito.platform.settings import Settings

TIMEOUT_S = 15.0
"""Of each answer of the server."""

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}

# One address and nothing else: no list, no name, nothing that ends a command.
_ADDRESS = re.compile(r"[^\s@<>,;:\\\"()\[\]\x00-\x1f\x7f]{1,64}@([^\s@<>,;:\\\"()\[\]]{1,253})")


class MailServer(msgspec.Struct, frozen=True):
    """Where mails are handed over, and from whom they are."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str
    sender_name: str

    def __repr__(self) -> str:
        return f"MailServer({self.scheme}://{self.host}:{self.port})"

    def deliver(self, mails: Sequence[Mail]) -> Iterator[tuple[Mail, Refusal | None]]:
        """Try each mail once, None meaning that the server has taken it; ends with the connection.

        When the connection is lost after the text was sent, the server may have taken it all the
        same: it comes again then, under the same Message-ID.
        """
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException) as fault:
            # A wrong password is mended by somebody who changes the settings: try again later.
            yield mails[0], Refusal(_words(fault), lasting=False)
            return
        with connection:
            for mail in mails:
                refusal, alive = self._send(connection, mail)
                yield mail, refusal
                if not alive:
                    return

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.scheme == "smtps":
            made: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_S, context=context
            )
        else:
            made = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            made.ehlo()
            if self.scheme == "smtp+starttls" or made.has_extn("starttls"):
                if self.scheme == "smtp" and not self.user:
                    # Encrypted to a server that nobody vouches for beats not encrypted at all.
                    context = ssl._create_unverified_context()  # noqa: S323
                if self.scheme != "smtps":
                    made.starttls(context=context)
                    made.ehlo()
            if self.user:
                made.login(self.user, self.password)
        except BaseException:
            made.close()
            raise
        return made

    def _send(self, connection: smtplib.SMTP, mail: Mail) -> tuple[Refusal | None, bool]:
        """The refusal, if any, and whether the connection can be used for the next mail."""
        try:
            message = self.write(mail)
            connection.send_message(message, self.sender, [_envelope(mail.recipient)])
        except (OSError, ValueError) as fault:  # smtplib's faults are OSErrors
            return _refusal(fault)
        return None, True

    def write(self, mail: Mail) -> EmailMessage:
        """The message. Raises ValueError for an address that is none."""
        message = EmailMessage(policy=SMTP)
        message["Message-ID"] = f"<{mail.id}@{self.sender.rpartition('@')[2]}>"
        message["Date"] = format_datetime(mail.created_at)
        message["From"] = Address(mail.sender_name or self.sender_name, addr_spec=self.sender)
        message["To"] = Address(addr_spec=_envelope(mail.recipient))
        if mail.reply_to:
            message["Reply-To"] = Address(addr_spec=_envelope(mail.reply_to))
        message["Subject"] = mail.subject
        if mail.kind != "written":
            message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.body_text)
        message.add_alternative(mail.body_html, subtype="html")
        return message


def mail_server(settings: Settings) -> MailServer | None:
    """The mail server of the settings; None when there is none, and mails wait."""
    if not settings.smtp_url:
        return None
    parts = urlsplit(settings.smtp_url)
    name, sender = parseaddr(settings.mail_from)
    return MailServer(
        scheme=parts.scheme,
        host=parts.hostname or "",
        port=parts.port or _PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=sender,
        sender_name=name,
    )


def _envelope(address: str) -> str:
    """The address as SMTP takes it: international domains in their ASCII form."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError("the address is not valid")
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"


def _refusal(fault: OSError | ValueError) -> tuple[Refusal, bool]:
    """What a fault means for the mail, and whether the connection can be used again."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(fault.recipients.values()))
        return Refusal(f"{code} {_text(said)}", lasting=code >= 500), True
    if isinstance(fault, smtplib.SMTPResponseException):
        return Refusal(_words(fault), lasting=fault.smtp_code >= 500), fault.smtp_code != 421
    if isinstance(fault, smtplib.SMTPNotSupportedError):
        words = "The mail server takes no addresses with letters beyond ASCII."
        return Refusal(words, lasting=True), True
    if isinstance(fault, ValueError):
        return Refusal(f"The mail can't be written: {fault}", lasting=True), True
    return Refusal(_words(fault), lasting=False), False


def _words(fault: BaseException) -> str:
    if isinstance(fault, smtplib.SMTPResponseException):
        return f"{fault.smtp_code} {_text(fault.smtp_error)}"
    return f"{type(fault).__name__}: {fault}"


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
