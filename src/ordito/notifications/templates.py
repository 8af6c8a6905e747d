"""Texts of mails as they were edited, and what each channel tells."""

from uuid import UUID

from ordito.notifications.types import ChannelMails, SetTemplate, Template
from ordito.platform.database import Tx, query, statement


def read_edited(tx: Tx) -> list[Template]:
    """The newest version of each text that was ever edited."""
    return _READ.all(tx)


_READ = query(
    Template,
    """
    SELECT DISTINCT ON (kind, locale) kind, locale, subject, body, version, changed_at, changed_by
    FROM notifications.template
    ORDER BY kind, locale, version DESC
    """,
)


def find_edited(tx: Tx, kind: str, locale: str) -> Template | None:
    return _FIND.first(tx, kind=kind, locale=locale)


_FIND = query(
    Template,
    """
    SELECT kind, locale, subject, body, version, changed_at, changed_by
    FROM notifications.template
    WHERE kind = %(kind)s AND locale = %(locale)s
    ORDER BY version DESC
    LIMIT 1
    """,
)


def insert_version(tx: Tx, ask: SetTemplate, version: int) -> None:
    """Write the next version; two who edit at once meet at the primary key."""
    _INSERT.run(
        tx,
        kind=ask.kind,
        locale=ask.locale,
        version=version,
        subject=ask.subject,
        body=ask.body,
        now=tx.now,
        by=tx.actor.name,
    )


_INSERT = statement("""
    INSERT INTO notifications.template
        (kind, locale, version, subject, body, changed_at, changed_by)
    VALUES (%(kind)s, %(locale)s, %(version)s, %(subject)s, %(body)s, %(now)s, %(by)s)
""")


def find_channel(tx: Tx, channel_id: UUID) -> ChannelMails | None:
    """What a channel tells; None when nobody has decided. `channel` is its id here."""
    return _CHANNEL.first(tx, channel_id=channel_id)


_CHANNEL = query(
    ChannelMails,
    """
    SELECT channel_id::text AS channel, kinds, locale, contact, logo, accent, version, cart_hours,
           cart_link
    FROM notifications.channel_mails
    WHERE channel_id = %(channel_id)s
    """,
)


def put_channel(tx: Tx, channel_id: UUID, chosen: ChannelMails) -> int:
    """Write what a channel tells; returns the new version."""
    return _PUT_CHANNEL.one(
        tx,
        channel_id=channel_id,
        kinds=list(chosen.kinds),
        locale=chosen.locale,
        contact=chosen.contact,
        logo=chosen.logo,
        accent=chosen.accent,
        cart_hours=chosen.cart_hours,
        cart_link=chosen.cart_link,
    )


_PUT_CHANNEL = query(
    int,
    """
    INSERT INTO notifications.channel_mails AS c
        (channel_id, kinds, locale, contact, logo, accent, cart_hours, cart_link, version)
    VALUES (%(channel_id)s, %(kinds)s::text[], %(locale)s, %(contact)s, %(logo)s, %(accent)s,
            %(cart_hours)s, %(cart_link)s, 1)
    ON CONFLICT (channel_id) DO UPDATE
    SET kinds = excluded.kinds, locale = excluded.locale, contact = excluded.contact,
        logo = excluded.logo, accent = excluded.accent, cart_hours = excluded.cart_hours,
        cart_link = excluded.cart_link, version = c.version + 1
    RETURNING version
    """,
)
