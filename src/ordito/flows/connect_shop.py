"""Connect a channel to a shop, and keep what the shop sends."""

import hashlib
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.channels import connections
from ordito.channels.channels import CHANNEL
from ordito.channels.connections import Connection, ConnectShop, Secrets
from ordito.channels.events import ShopConnected
from ordito.channels.shops import Shop, ShopFacts, ShopRefused, Shops, ShopUnreachable
from ordito.channels.types import Channel
from ordito.channels.variant_links import VariantLink, find_variants, put_variants
from ordito.channels.write_backs import count_write_backs
from ordito.flows.reference import reference
from ordito.intake.documents import NewDocument, count_documents, keep_document
from ordito.intake.inbox import MessageKind
from ordito.kernel.asks import Ask, Code, Sku
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import (
    ActionNotAllowed,
    Fault,
    InvalidInput,
    NotAuthenticated,
    NotFound,
)

_KINDS: dict[str, MessageKind] = {
    "orders": "order",
    "sweep": "order",
    "refunds": "refund",
    "products": "product",
    "inventory_levels": "stock",
}


def find_channel(tx: Tx, code: str) -> Channel:
    """A channel that the actor sees; raises NotFound."""
    channel = reference(tx).channels.get(code)
    if channel is None or not tx.actor.sees_channel(channel.id):
        raise NotFound(f"There is no channel “{code[:60]}”, or you don't see it.")
    return channel


def find_connection(tx: Tx, code: str) -> Connection:
    """The connection of a channel; raises NotFound."""
    found = connections.read_connection(tx, find_channel(tx, code).id)
    if found is None:
        raise NotFound(f"The channel “{code[:60]}” is connected to no shop. Connect it first.")
    return found


def connect_shop(shops: Shops, db: Database, actor: Actor, ask: ConnectShop) -> Connection:
    """Connect a channel, or change its connection. Raises InvalidInput for an address that no
    shop of the kind can have: nothing but shops is ever called."""
    domain = ask.domain.strip().lower().removeprefix("https://").rstrip("/")
    if not shops[ask.kind].is_domain(domain):
        raise InvalidInput(
            "The channel was not connected.",
            errors=[Fault("/domain", "not-a-shop", "Write the address as name.myshopify.com.")],
        )
    return run(db, actor, write_connection, msgspec.structs.replace(ask, domain=domain))


@command(permission="settings.write")
def write_connection(tx: Tx, ask: ConnectShop) -> Connection:
    """Write a connection; its secrets are in no answer and no event."""
    channel = find_channel(tx, ask.channel)
    known = connections.read_secrets(tx, channel.id) or Secrets("", [])
    token = ask.token or known.token
    signing = list(ask.webhook_secrets or known.webhook_secrets)
    faults = [
        Fault(pointer, "required", words)
        for pointer, value, words in (
            ("/token", token, "Give the access token of the app that you made in the shop."),
            ("/webhook_secrets", signing, "Give the secret that signs the shop's webhooks."),
        )
        if not value
    ]
    if connections.domain_taken(tx, ask.kind, ask.domain, channel.id):
        faults.append(Fault("/domain", "taken", "Another channel is connected to this shop."))
    if faults:
        raise InvalidInput("The channel was not connected.", errors=faults)
    connections.write_connection(tx, ask, channel.id)
    connections.write_secrets(tx, channel.id, token, signing)
    tx.emit(CHANNEL, channel.id, ShopConnected(channel.code, ask.kind, ask.domain, ask.active))
    found = connections.read_connection(tx, channel.id)
    assert found is not None, "it was written"
    return found


def test_connection(shops: Shops, db: Database, actor: Actor, code: str) -> ShopFacts:
    """Ask the shop who it is. Raises ActionNotAllowed with what the shop said."""
    actor.require("settings.write")
    with db.reading(actor) as tx:
        connection = find_connection(tx, code)
        access = connections.read_access(tx, connection)
    try:
        return shops[connection.kind].tell(access)
    except (ShopRefused, ShopUnreachable) as fault:
        raise ActionNotAllowed(f"The shop can't be used: {fault}") from fault


class KeepDelivery(Ask, frozen=True, kw_only=True):
    """A webhook that was found to be signed. Personal data: not for logs."""

    channel_id: UUID
    document: NewDocument


class Kept(msgspec.Struct, frozen=True):
    """id is None when it came before."""

    id: UUID | None


@command(permission="intake.write")
def keep_delivery(tx: Tx, ask: KeepDelivery) -> Kept:
    """Keep what a shop sent, once however often it is sent."""
    connections.note_heard(tx, ask.channel_id)
    return Kept(keep_document(tx, ask.document))


def receive_webhook(
    shop: Shop, db: Database, code: str, headers: Mapping[str, str], body: bytes
) -> Kept:
    """Keep a webhook, whatever it holds. Raises NotAuthenticated when the channel is connected to
    no such shop or the shop has not signed it: all look the same from outside."""
    with db.reading(SYSTEM) as tx:
        channel = reference(tx).channels.get(code)
        connection = connections.read_connection(tx, channel.id) if channel else None
        secrets = connections.read_secrets(tx, channel.id) if channel else None
    delivery = shop.open_delivery(headers, body, secrets.webhook_secrets if secrets else ())
    if (
        connection is None
        or delivery is None
        or not connection.active
        or connection.kind != shop.kind
        or connection.domain != delivery.domain
    ):
        raise NotAuthenticated("The webhook isn't signed by a shop that is connected here.")
    identity = delivery.id or hashlib.sha256(body).hexdigest()
    new = NewDocument(
        channel_id=connection.channel_id,
        preset=shop.kind,
        topic=delivery.topic,
        text=body.decode("utf-8", "replace"),
        kind=_KINDS.get(delivery.topic.partition("/")[0], "other"),
        key=shop.subject(delivery.topic, body),
        identity=f"{delivery.topic}:{identity}",
        source=f"Webhook {delivery.topic}",
    )
    return run(db, SYSTEM, keep_delivery, KeepDelivery(channel_id=new.channel_id, document=new))


class Health(msgspec.Struct, frozen=True):
    """A connection and how it goes.

    received: documents that wait for the worker; parked: for someone. waiting, failed: what the
    shop is to be told, and what it could not be told. All are counted up to 1,000.
    """

    channel: str
    connection: Connection
    received: int
    parked: int
    waiting: int
    failed: int


def read_health(tx: Tx, code: str) -> Health:
    """How a channel's connection goes; raises NotFound."""
    connection = find_connection(tx, code)
    inbox = count_documents(tx, connection.channel_id, connection.kind)
    telling = count_write_backs(tx, connection.channel_id)
    return Health(
        channel=code,
        connection=connection,
        received=inbox.received,
        parked=inbox.parked,
        waiting=telling.waiting,
        failed=telling.failed,
    )


class LinkVariant(Ask, frozen=True, kw_only=True):
    """A variant of the shop's that is sold as one of our SKUs, where the shop gives it none."""

    channel: Code
    variant: Annotated[str, Meta(min_length=1, max_length=100)]
    sku: Sku


@command(permission="settings.write")
def link_variant(tx: Tx, ask: LinkVariant) -> VariantLink:
    """Say which SKU a variant is; what the shop itself says later counts more."""
    connection = find_connection(tx, ask.channel)
    put_variants(tx, connection.channel_id, [(ask.variant, ask.sku, "")])
    return find_variants(tx, connection.channel_id, [ask.variant])[ask.variant]
