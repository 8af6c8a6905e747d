"""What happens to the texts of mails and to what channels tell. Never an address, never a text."""

from typing import ClassVar
from uuid import UUID

from ordito.platform.bulk import bulk_query
from ordito.platform.events import Event, RaisedVersion, Stream

TEXTS_ID = UUID("6d61696c-7465-8874-8000-000000000001")
"""The stream of all texts of mails."""


class MailTextChanged(Event, frozen=True):
    kind: ClassVar[str] = "mail_text.changed"
    mail_kind: str
    locale: str
    text_version: int


class ChannelMailsChanged(Event, frozen=True):
    """What a channel tells by itself from now on; the address for answers is left out."""

    kind: ClassVar[str] = "channel.mails_changed"
    told: list[str]
    locale: str
    accent: str
    cart_hours: int | None = None


def _raise_versions() -> Stream:
    return Stream(
        "mail_text",
        bulk_query(
            RaisedVersion,
            # No row carries a version: whoever emits holds the lock of the reference revision.
            """
            SELECT d.id, d.n + coalesce(
                       (SELECT max(e.seq) FROM platform.event AS e WHERE e.stream_id = d.id), 0
                   ) AS version
            FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
            """,
        ),
    )


MAIL_TEXTS = _raise_versions()
"""The timeline of the texts."""
