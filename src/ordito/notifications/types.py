"""Mails, texts and looks as they are kept."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal, Protocol
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.kernel.asks import Ask, Version

MailState = Literal["waiting", "sent", "failed"]
OrderMailKind = Literal[
    "confirmed", "shipped", "ready", "delivered", "cancelled", "delayed", "choice"
]
MailKind = Literal[
    "confirmed", "shipped", "ready", "delivered", "cancelled", "delayed", "choice", "cart"
]
"""Those about orders, and the one about a cart that was left."""
Locale = Literal["en", "pl", "de"]

ORDER_MAIL_KINDS: tuple[OrderMailKind, ...] = (
    "confirmed",
    "shipped",
    "ready",
    "delivered",
    "cancelled",
    "delayed",
    "choice",
)
MAIL_KINDS: tuple[MailKind, ...] = (*ORDER_MAIL_KINDS, "cart")
LOCALES: tuple[Locale, ...] = ("en", "pl", "de")


class NewMail(msgspec.Struct, frozen=True):
    """A mail to be sent. Personal data: it is kept in notifications.mail alone.

    key:      what the mail is about; the same key is never queued twice.
    text:     the plain body; html: the same for mail programs that show it.
    order_id: the order it tells of; without one the bodies are forgotten once it is sent, since
              they may hold links that let people in.
    """

    kind: str
    to: str
    subject: str
    text: str
    html: str
    locale: str
    key: str
    order_id: UUID | None = None
    reply_to: str = ""
    sender_name: str = ""


class Mail(msgspec.Struct, frozen=True):
    """A mail on its way, as the sender takes it."""

    id: UUID
    kind: str
    recipient: str
    subject: str
    body_text: str
    body_html: str
    reply_to: str
    sender_name: str
    attempts: int
    created_at: datetime


class SentMail(msgspec.Struct, frozen=True):
    """A mail as staff see it. error: why the last try failed, as the mail server said it."""

    id: UUID
    kind: str
    order_id: UUID | None
    recipient: str
    subject: str
    text: str
    locale: str
    author: str
    state: MailState
    attempts: int
    error: str
    due_at: datetime | None
    created_at: datetime
    sent_at: datetime | None


class Refusal(msgspec.Struct, frozen=True):
    """Why a mail was not taken. lasting: trying again would not help."""

    words: str
    lasting: bool


class Transport(Protocol):
    """Carries mails to a server."""

    def deliver(self, mails: Sequence[Mail]) -> Iterator[tuple[Mail, Refusal | None]]:
        """Try each mail once; None means that the server has taken it. Raises nothing."""
        ...


class MailSubject(msgspec.Struct, frozen=True):
    """Whose mail it is: enough to decide who may send it again."""

    id: UUID
    order_id: UUID | None
    state: MailState


class Template(msgspec.Struct, frozen=True):
    """The text of a kind of mail in one language. version 0: as it came with Ordito."""

    kind: MailKind
    locale: Locale
    subject: str
    body: str
    version: int
    changed_at: datetime | None
    changed_by: str


Subject = Annotated[str, Meta(min_length=1, max_length=300)]
Body = Annotated[str, Meta(min_length=1, max_length=20_000)]


class SetTemplate(Ask, frozen=True, kw_only=True):
    """The text of a kind of mail from now on. Paragraphs are parted by empty lines."""

    kind: MailKind
    locale: Locale
    subject: Subject
    body: Body
    version: Annotated[int, Meta(ge=0)] | None = None


class ChannelMails(msgspec.Struct, frozen=True):
    """What a channel tells its customers, and how that looks.

    kinds:   the kinds of mail that are sent by themselves.
    locale:  the language of all its mails; "" chooses it by the country of each order.
    contact: the address that answers go to; "" is the sender's.
    logo:    a short text in place of the channel's name.
    accent:  a colour as #rrggbb.
    cart_hours: so long after a cart was left its shopper is written to, if they agreed to it; null
             is never. cart_link: where carts are found, for those that name no address.
    """

    channel: str
    kinds: list[OrderMailKind]
    locale: str
    contact: str
    logo: str
    accent: str
    version: int
    cart_hours: int | None = None
    cart_link: str = ""


class SetChannelMails(Ask, frozen=True, kw_only=True):
    """All of what a channel tells, and how; what is left out is as it was at first."""

    channel: Annotated[str, Meta(min_length=1, max_length=100)]
    kinds: Annotated[tuple[OrderMailKind, ...], Meta(max_length=20)]
    locale: Literal["", "en", "pl", "de"] = ""
    contact: Annotated[str, Meta(max_length=254)] = ""
    logo: Annotated[str, Meta(max_length=60)] = ""
    accent: Annotated[str, Meta(pattern="^(#[0-9a-fA-F]{6})?$")] = ""
    cart_hours: Annotated[int, Meta(ge=1, le=720)] | None = None
    cart_link: Annotated[str, Meta(pattern=r"^(https?://[^\s<>\"']{1,1000})?$")] = ""
    version: Version | None = None


class WriteToCustomer(Ask, frozen=True, kw_only=True):
    """A mail that somebody wrote; it goes to the address that the order names."""

    order_id: UUID
    subject: Subject
    text: Body


class SendTest(Ask, frozen=True, kw_only=True):
    """A text, filled in with an order, to the one who edits it.

    number: of an order; 0 fills in what is made up. to: the address of another user; keys and the
    command line have none of their own. subject, body: without both, the text that is in force.
    """

    number: Annotated[int, Meta(ge=0)] = 0
    to: Annotated[str, Meta(max_length=254)] = ""
    kind: MailKind
    locale: Locale
    subject: Subject | None = None
    body: Body | None = None


class SendAgain(Ask, frozen=True, kw_only=True):
    """A mail that failed gets all its tries once more."""

    mail_id: UUID


class MailQueued(msgspec.Struct, frozen=True):
    """A mail that waits to be sent. id: None when there was none to send, for the reason given."""

    id: UUID | None
    reason: str = ""


class TrackingLink(msgspec.Struct, frozen=True):
    """Where a shopper sees an order without signing in; whoever has the address may look."""

    order_id: UUID
    path: str


class MakeTrackingLink(Ask, frozen=True, kw_only=True):
    """The order's link, made when there is none."""

    order_id: UUID
