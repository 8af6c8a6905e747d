"""Connections of channels to shops: how each is reached, and how it went lately."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.channels.shops import Access
from ordito.kernel.asks import Ask, Code
from ordito.platform.arrays import texts
from ordito.platform.database import Tx, query, statement

Kind = Literal["shopify"]
Secret = Annotated[str, Meta(min_length=8, max_length=300)]


class Connection(msgspec.Struct, frozen=True):
    """A connection, without its secrets.

    swept_to:    orders changed at the shop up to then were looked for.
    sweep_error: why the last sweep ended early; "" when it went well. stock_error: likewise.
    heard_at:    when the last webhook came.
    """

    channel_id: UUID
    kind: Kind
    domain: str
    stock_location: str
    test_orders: bool
    active: bool
    swept_to: datetime
    swept_at: datetime | None
    sweep_error: str
    stock_error: str
    heard_at: datetime | None


class ConnectShop(Ask, frozen=True, kw_only=True):
    """Connect a channel to a shop, or change how. Secrets that are left out stay.

    domain:          the shop's own address: name.myshopify.com.
    webhook_secrets: all that may have signed a webhook; two while one replaces the other.
    stock_location:  the shop's id of the place that shows our stock; "" tells it no stock.
    test_orders:     whether the shop's test orders are placed like others.
    """

    channel: Code
    kind: Kind = "shopify"
    domain: Annotated[str, Meta(min_length=1, max_length=255)]
    token: Secret | None = None
    webhook_secrets: Annotated[tuple[Secret, ...], Meta(min_length=1, max_length=5)] | None = None
    stock_location: Annotated[str, Meta(max_length=100)] = ""
    test_orders: bool = False
    active: bool = True


class Secrets(msgspec.Struct, frozen=True):
    """Never encoded, never logged."""

    token: str
    webhook_secrets: list[str]

    def __repr__(self) -> str:
        return "Secrets(…)"


_COLUMNS = """
           channel_id, kind, domain, stock_location, test_orders, active, swept_to, swept_at,
           sweep_error, stock_error, heard_at"""


def read_connections(tx: Tx) -> list[Connection]:
    """All connections: few rows, read whole."""
    return _ALL.all(tx)


_ALL = query(
    Connection,
    f"""
    SELECT {_COLUMNS}
    FROM channels.connection
    ORDER BY channel_id
    """,  # noqa: S608 (a constant of this module)
)


def read_connection(tx: Tx, channel_id: UUID) -> Connection | None:
    return _READ.first(tx, channel_id=channel_id)


_READ = query(
    Connection,
    f"""
    SELECT {_COLUMNS}
    FROM channels.connection
    WHERE channel_id = %(channel_id)s
    """,  # noqa: S608 (a constant of this module)
)


def read_secrets(tx: Tx, channel_id: UUID) -> Secrets | None:
    return _SECRETS.first(tx, channel_id=channel_id)


_SECRETS = query(
    Secrets,
    """
    SELECT token, webhook_secrets
    FROM channels.connection_secret
    WHERE channel_id = %(channel_id)s
    """,
)


def read_access(tx: Tx, connection: Connection) -> Access:
    """How the shop is called; a connection always has its secrets."""
    secrets = read_secrets(tx, connection.channel_id)
    assert secrets is not None, "written together"
    return Access(connection.domain, secrets.token)


def domain_taken(tx: Tx, kind: str, domain: str, channel_id: UUID) -> bool:
    """Whether another channel is connected to the shop."""
    return _TAKEN.one(tx, kind=kind, domain=domain, channel_id=channel_id)


_TAKEN = query(
    bool,
    """
    SELECT EXISTS (
        SELECT FROM channels.connection
        WHERE kind = %(kind)s AND domain = %(domain)s AND channel_id <> %(channel_id)s)
    """,
)


def write_connection(tx: Tx, ask: ConnectShop, channel_id: UUID) -> None:
    """Write a connection; a new one, or one of another shop, looks for orders from now on."""
    _WRITE.run(
        tx,
        channel_id=channel_id,
        kind=ask.kind,
        domain=ask.domain,
        stock_location=ask.stock_location,
        test_orders=ask.test_orders,
        active=ask.active,
        now=tx.now,
    )


_WRITE = statement("""
    INSERT INTO channels.connection AS c
        (channel_id, kind, domain, stock_location, test_orders, active, swept_to)
    VALUES (%(channel_id)s, %(kind)s, %(domain)s, %(stock_location)s, %(test_orders)s, %(active)s,
            %(now)s)
    ON CONFLICT (channel_id) DO UPDATE
    SET kind = excluded.kind, domain = excluded.domain, active = excluded.active,
        stock_location = excluded.stock_location, test_orders = excluded.test_orders,
        sweep_error = '', stock_error = '',
        swept_to = CASE WHEN c.domain = excluded.domain THEN c.swept_to
                        ELSE excluded.swept_to END
""")


def write_secrets(tx: Tx, channel_id: UUID, token: str, webhook_secrets: Sequence[str]) -> None:
    _WRITE_SECRETS.run(
        tx, channel_id=channel_id, token=token, webhook_secrets=texts(webhook_secrets)
    )


_WRITE_SECRETS = statement("""
    INSERT INTO channels.connection_secret (channel_id, token, webhook_secrets)
    VALUES (%(channel_id)s, %(token)s, %(webhook_secrets)s::text[])
    ON CONFLICT (channel_id) DO UPDATE
    SET token = excluded.token, webhook_secrets = excluded.webhook_secrets
""")


def note_heard(tx: Tx, channel_id: UUID) -> None:
    """A webhook came."""
    _HEARD.run(tx, channel_id=channel_id, now=tx.now)


_HEARD = statement("""
    UPDATE channels.connection
    SET heard_at = %(now)s
    WHERE channel_id = %(channel_id)s
""")


def note_sweep(tx: Tx, channel_id: UUID, *, upto: datetime | None, error: str = "") -> None:
    """A sweep ended; `upto` is how far it looked, None where it got nowhere."""
    _SWEPT.run(tx, channel_id=channel_id, upto=upto, error=error, now=tx.now)


_SWEPT = statement("""
    UPDATE channels.connection
    SET swept_at = %(now)s, sweep_error = %(error)s,
        swept_to = greatest(swept_to, coalesce(%(upto)s::timestamptz, swept_to))
    WHERE channel_id = %(channel_id)s
""")


def note_stock(tx: Tx, channel_id: UUID, error: str = "") -> None:
    """Stock levels were told, or why not."""
    _STOCK.run(tx, channel_id=channel_id, error=error)


_STOCK = statement("""
    UPDATE channels.connection
    SET stock_error = %(error)s
    WHERE channel_id = %(channel_id)s AND stock_error <> %(error)s
""")
