"""Mails about accounts: an invitation, a link for a new password."""

import html
import importlib
from importlib.util import find_spec
from typing import Any
from uuid import UUID

import msgspec

from ordito.platform.account_links import LinkKind
from ordito.platform.accounts import User
from ordito.platform.database import Tx

_QUEUE = "ordito.notifications"
"""The slice that sends mails; without it the link is only shown to whoever invites."""


class AccountMail(msgspec.Struct, frozen=True):
    """A mail as the queue takes it. key: the same mail is never queued twice."""

    kind: str
    to: str
    subject: str
    text: str
    html: str
    locale: str
    key: str


def link_mail(user: User, kind: LinkKind, url: str, link_id: UUID) -> AccountMail:
    """The mail with a link to choose a password."""
    if kind == "invitation":
        subject = "You are invited to Ordito"
        first = "you can sign in to Ordito once you have chosen a password:"
        last = "The link works once, for three days."
    else:
        subject = "A new password for Ordito"
        first = "you can choose a new password here:"
        last = (
            "The link works once, for an hour. If you didn't ask for it, do nothing:"
            " your password stays as it is."
        )
    greeting = f"Hello {user.name},"
    shown = html.escape(url)
    body = (
        f"<p>{html.escape(greeting)}</p><p>{first}</p>"
        f'<p><a href="{shown}">{shown}</a></p><p>{last}</p>'
    )
    return AccountMail(
        kind=f"account.{kind}",
        to=user.email,
        subject=subject,
        text=f"{greeting}\n\n{first}\n\n{url}\n\n{last}\n",
        html=body,
        locale=user.locale,
        key=f"account.{kind}:{link_id}",
    )


def queue_account_mail(tx: Tx, mail: AccountMail) -> bool:
    """Queue the mail with this transaction; False where Ordito has no queue of mails."""
    if find_spec(_QUEUE) is None:
        return False
    mails: Any = importlib.import_module(f"{_QUEUE}.mails")
    types: Any = importlib.import_module(f"{_QUEUE}.types")
    mails.queue_mail(tx, types.NewMail(**msgspec.structs.asdict(mail)))
    return True
