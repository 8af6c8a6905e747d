"""Place the orders of a live import through the same command as everyone's."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.flows.discount_rights import as_channel
from ordito.flows.entry_asks import ask_of
from ordito.flows.intake_log import Why, why_of
from ordito.flows.place_orders import place_orders
from ordito.flows.record_placed import Placed
from ordito.intake.types import OrderEntry
from ordito.orders.types import PlacedOrder, PlaceOrder
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.door import prepare, run_many
from ordito.platform.problems import AlreadyExists, Problem

CHUNK_MAX = 256


def place_entries(
    db: Database, actor: Actor, channel: str, entries: Sequence[OrderEntry]
) -> list[Placed]:
    """Place orders as they stand in a file; what became of each, in their order."""
    outcomes: list[Placed | None] = [None] * len(entries)
    requests = []
    asked = []
    for n, entry in enumerate(entries):
        try:
            ask = msgspec.convert(msgspec.to_builtins(ask_of(entry, channel)), PlaceOrder)
        except msgspec.ValidationError as fault:
            words = f"The order can't be asked for: {fault}."
            outcomes[n] = Placed(why=Why("invalid-input", words))
            continue
        requests.append(prepare(as_channel(actor), place_orders, ask))
        asked.append(n)
    for start in range(0, len(requests), CHUNK_MAX):
        answers = run_many(db, place_orders, requests[start : start + CHUNK_MAX])
        for n, answer in zip(asked[start : start + CHUNK_MAX], answers, strict=True):
            outcomes[n] = outcome_of(answer)
    return [outcome for outcome in outcomes if outcome is not None]


def outcome_of(answer: Any) -> Placed:
    """What became of an ask to place: its order, new or known, or why not."""
    if isinstance(answer, PlacedOrder):
        return Placed(order_id=answer.id)
    assert isinstance(answer, Problem), "an answer or a problem"
    existing = answer.extra.get("existing")
    if isinstance(answer, AlreadyExists) and existing:
        return Placed(order_id=UUID(existing["id"]), known=True)
    return Placed(why=why_of(answer))
