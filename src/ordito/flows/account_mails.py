"""Mails about accounts: an invitation, a link for a new password."""

import html
from uuid import UUID

from ordito.notifications.types import NewMail
from ordito.platform.account_links import LinkKind
from ordito.platform.accounts import User


def link_mail(user: User, kind: LinkKind, url: str, link_id: UUID) -> NewMail:
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
    return NewMail(
        kind=f"account.{kind}",
        to=user.email,
        subject=subject,
        text=f"{greeting}\n\n{first}\n\n{url}\n\n{last}\n",
        html=body,
        locale=user.locale,
        key=f"account.{kind}:{link_id}",
    )
