"""Who holds what a refusal is short of, and what may be done about it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ordito.catalog.items import send_find_facts
from ordito.inventory.problems import OutOfStock
from ordito.kernel.text import normal_code
from ordito.listings.item_stock import HolderView, list_holders
from ordito.locations.types import Location
from ordito.platform.access import Actor
from ordito.platform.database import Tx

SHORTS_TOLD = 5
HOLDERS_TOLD = 5


def name_holders(tx: Tx, refused: OutOfStock, places: Sequence[Location] = ()) -> OutOfStock:
    """The refusal with `holders`: who keeps what is missing, oldest first, and which acts of the
    caller would free it. Callers who may not read stock are told nothing more.

    places: only what is held there would have helped; none given: anywhere.
    """
    if "inventory.read" not in tx.actor.permissions:
        return refused
    wanted = {str(place.code) for place in places}
    skus = [short["sku"] for short in refused.extra["shortages"]][:SHORTS_TOLD]
    facts = list(send_find_facts(tx, {normal_code(sku) for sku in skus}))
    told: list[dict[str, Any]] = []
    for item in facts:
        parts = [item.id] if item.kind == "stocked" else [id_ for id_, _qty in item.parts or ()]
        for part_id in parts:
            found = [
                _tell(holder, item.sku, tx.actor)
                for holder in list_holders(tx, UUID(part_id), limit=HOLDERS_TOLD).items
                if not wanted or holder.location in wanted
            ]
            told += found
    refused.extra["holders"] = told[: SHORTS_TOLD * HOLDERS_TOLD]
    return refused


def _tell(holder: HolderView, sku: str, actor: Actor) -> dict[str, Any]:
    seen = holder.channel is not None
    return {
        "sku": sku,
        "kind": holder.kind,
        "id": str(holder.id) if seen else None,
        "number": holder.number,
        "channel": holder.channel,
        "location": holder.location,
        "quantity": holder.qty,
        "expires_at": holder.expires_at.isoformat() if holder.expires_at else None,
        "releases": _releases(holder, actor) if seen else [],
    }


def _releases(holder: HolderView, actor: Actor) -> list[str]:
    """What the caller may do that frees the units, by the names of actions."""
    if holder.kind == "hold":
        return ["release"] if "inventory.write" in actor.permissions else []
    return ["cancel", "source"] if "orders.write" in actor.permissions else []
