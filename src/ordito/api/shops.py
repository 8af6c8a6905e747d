"""Connections of channels to shops over HTTP: how they are made, and how they go."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.adapters.shops import SHOPS
from ordito.api.endpoints import Endpoint, reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.channels.connections import Connection, ConnectShop
from ordito.channels.shops import ShopFacts
from ordito.channels.variant_links import VariantLink, list_variants
from ordito.channels.write_backs import WriteBack, WriteBackState, list_write_backs
from ordito.flows.connect_shop import (
    Health,
    connect_shop,
    find_channel,
    find_connection,
    link_variant,
    read_health,
    test_connection,
)
from ordito.flows.sweep_shops import sweep
from ordito.flows.tell_shops import retry_write_back
from ordito.kernel.asks import Ask
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx

TAG = "Shops"
_READ, _WRITE = "settings.read", "settings.write"

AnyCode = Annotated[str, Meta(min_length=1, max_length=100)]


class ByChannel(Ask, frozen=True, kw_only=True):
    channel: AnyCode


class VariantParams(PageParams, frozen=True, kw_only=True):
    channel: AnyCode


class WriteBackParams(VariantParams, frozen=True, kw_only=True):
    state: WriteBackState = "failed"


class Swept(msgspec.Struct, frozen=True):
    """Orders that were found and that nobody had told of, or told of as they are now."""

    found: int


def get_connection(tx: Tx, params: ByChannel) -> Health:
    """A channel's connection without its secrets, and how it goes."""
    return read_health(tx, params.channel)


def connect(
    db: Database, actor: Actor, ask: ConnectShop, *, key: str | None, request_id: str
) -> Connection:
    """Connect a channel to a shop, or change how; a repeated call changes nothing more.

    Secrets are written only: no answer holds them.
    """
    return connect_shop(SHOPS, db, actor, ask)


def test_shop(
    db: Database, actor: Actor, ask: ByChannel, *, key: str | None, request_id: str
) -> ShopFacts:
    """Ask the shop who it is, by its API."""
    return test_connection(SHOPS, db, actor, ask.channel)


def sweep_shop(
    db: Database, actor: Actor, ask: ByChannel, *, key: str | None, request_id: str
) -> Swept:
    """Look now for orders that no webhook told of; it happens every few minutes anyway."""
    actor.require(_WRITE)
    with db.reading(actor) as tx:
        connection = find_connection(tx, ask.channel)
    return Swept(sweep(SHOPS[connection.kind], db, connection))


def list_of_write_backs(tx: Tx, params: WriteBackParams) -> Page[WriteBack]:
    """What the shop was told or is to be told, by state, newest first."""
    channel = find_channel(tx, params.channel)
    before = read_cursor(params.cursor, tuple[UUID])
    rows = list_write_backs(
        tx,
        channel.id,
        state=params.state,
        before=before[0] if before else None,
        limit=params.limit + 1,
    )
    return page(rows, params, lambda row: (row.id,))


def list_of_variants(tx: Tx, params: VariantParams) -> Page[VariantLink]:
    """The shop's variants, the SKU each is here, and the stock it was told of."""
    channel = find_channel(tx, params.channel)
    after = read_cursor(params.cursor, tuple[str])
    rows = list_variants(tx, channel.id, after=after[0] if after else "", limit=params.limit + 1)
    return page(rows, params, lambda row: (row.variant,))


_CONNECTION = "/channels/{channel}/connection"

ENDPOINTS = [
    reading(_CONNECTION, TAG, "Read a shop's connection", get_connection, _READ),
    Endpoint(method="PUT", path=_CONNECTION, tag=TAG, kind="story",
             summary="Connect a channel to a shop", permission=_WRITE, call=connect,
             ask=ConnectShop, answer=Connection,
             example={"domain": "tea-house.myshopify.com", "token": "an-access-token",
                      "webhook_secrets": ["a-signing-secret"]}),
    Endpoint(method="POST", path=f"{_CONNECTION}/test", tag=TAG, kind="story",
             summary="Test a shop's connection", permission=_WRITE, call=test_shop,
             ask=ByChannel, answer=ShopFacts),
    Endpoint(method="POST", path=f"{_CONNECTION}/sweep", tag=TAG, kind="story",
             summary="Look for orders that no webhook told of", permission=_WRITE,
             call=sweep_shop, ask=ByChannel, answer=Swept),
    reading("/channels/{channel}/write-backs", TAG, "List what a shop is told",
            list_of_write_backs, _READ),
    writing("POST", "/write-backs/{write_back_id}/retry", TAG, "Tell the shop again",
            retry_write_back),
    reading("/channels/{channel}/variants", TAG, "List a shop's variants", list_of_variants,
            _READ),
    writing("PUT", "/channels/{channel}/variants/{variant}", TAG, "Give a variant its SKU",
            link_variant, example={"sku": "TEA-100"}),
]  # fmt: skip
