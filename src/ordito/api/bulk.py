"""Bulk calls: an array in, one result per item out; a bad item never spoils the others."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ordito.catalog.types import UpsertedItem, UpsertedItems, UpsertItem, UpsertItems
from ordito.flows.adjust_stock import adjust_many
from ordito.flows.manage_items import upsert_items
from ordito.flows.place_orders import place_orders
from ordito.flows.receive_stock import receive_many
from ordito.inventory.asks import (
    AdjustMany,
    AdjustStock,
    ReceiveMany,
    ReceiveStock,
    StockResult,
    StockResults,
)
from ordito.orders.types import PlacedOrder, PlaceOrder
from ordito.platform import idempotency
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.door import prepare, run, run_many
from ordito.platform.problems import InvalidInput, Problem

CHUNK = 256
"""Orders in one transaction of a bulk call: as many as a batch of single ones."""

ITEMS_CHUNK = 1000
KEY_ROOM = 10
"""Characters of an Idempotency-Key that the number of the item takes."""


class PlacedResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one order: 201 and the order, or the problem with its status."""

    status: int
    order: PlacedOrder | None = None
    problem: dict[str, Any] | None = None


class PlacedOrders(msgspec.Struct, frozen=True):
    """One result per order, in the order of the array."""

    placed: int
    refused: int
    results: list[PlacedResult]


def place_many(
    db: Database,
    actor: Actor,
    asks: Sequence[PlaceOrder | InvalidInput],
    *,
    key: str | None,
    request_id: str,
) -> PlacedOrders:
    """Place orders in chunks, each committed before the next; every order has a key of its own."""
    check_bulk_key(key)
    results: list[PlacedResult] = []
    for start in range(0, len(asks), CHUNK):
        chunk = asks[start : start + CHUNK]
        requests = [
            prepare(
                actor,
                place_orders,
                ask,
                key=None if key is None else f"{key}/{start + i}",
                request_id=request_id,
            )
            for i, ask in enumerate(chunk)
            if not isinstance(ask, Problem)
        ]
        answers = iter(run_many(db, place_orders, requests) if requests else ())
        results += [_result(a if isinstance(a, Problem) else next(answers)) for a in chunk]
    placed = sum(result.order is not None for result in results)
    return PlacedOrders(placed, len(results) - placed, results)


def _result(answer: PlacedOrder | Problem) -> PlacedResult:
    if isinstance(answer, Problem):
        return PlacedResult(answer.status, problem=answer.body())
    return PlacedResult(201, order=answer)


def check_bulk_key(key: str | None) -> None:
    """Raises IdempotencyKeyInvalid also when no room is left for the number of an item."""
    if key is not None:
        idempotency.check_key(key + "/" * KEY_ROOM if key else key)


def upsert_many(
    db: Database,
    actor: Actor,
    asks: Sequence[UpsertItem | InvalidInput],
    *,
    key: str | None,
    request_id: str,
) -> UpsertedItems:
    """Create or change items by SKU, a thousand at a time."""

    def work(chunk: tuple[Any, ...], chunk_key: str | None) -> Sequence[Any]:
        ask = UpsertItems(items=chunk)
        return run(db, actor, upsert_items, ask, key=chunk_key, request_id=request_id).results

    def refuse(fault: InvalidInput) -> UpsertedItem:
        return UpsertedItem("", "refused", problem=fault.body())

    return UpsertedItems(_in_chunks(asks, key, work, refuse))


def receive_stock_bulk(
    db: Database,
    actor: Actor,
    asks: Sequence[ReceiveStock | InvalidInput],
    *,
    key: str | None,
    request_id: str,
) -> StockResults:
    """Book receipts, each alone."""

    def work(chunk: tuple[Any, ...], chunk_key: str | None) -> Sequence[Any]:
        ask = ReceiveMany(receipts=chunk)
        return run(db, actor, receive_many, ask, key=chunk_key, request_id=request_id).results

    return StockResults(_in_chunks(asks, key, work, _refused_stock))


def adjust_stock_bulk(
    db: Database,
    actor: Actor,
    asks: Sequence[AdjustStock | InvalidInput],
    *,
    key: str | None,
    request_id: str,
) -> StockResults:
    """Book adjustments, each alone."""

    def work(chunk: tuple[Any, ...], chunk_key: str | None) -> Sequence[Any]:
        ask = AdjustMany(adjustments=chunk)
        return run(db, actor, adjust_many, ask, key=chunk_key, request_id=request_id).results

    return StockResults(_in_chunks(asks, key, work, _refused_stock))


def _refused_stock(fault: InvalidInput) -> StockResult:
    return StockResult(problem=fault.body())


def _in_chunks(
    asks: Sequence[Any],
    key: str | None,
    work: Callable[[tuple[Any, ...], str | None], Sequence[Any]],
    refuse: Callable[[InvalidInput], Any],
) -> list[Any]:
    """Results in the order of the asks. A chunk that is refused as a whole refuses its items.

    A repeated call cuts the same chunks, so that each chunk's key finds its own answer.
    """
    check_bulk_key(key)
    results: list[Any] = []
    for start in range(0, len(asks), ITEMS_CHUNK):
        chunk = asks[start : start + ITEMS_CHUNK]
        good = tuple(ask for ask in chunk if not isinstance(ask, InvalidInput))
        answers = iter(work(good, None if key is None else f"{key}/{start}") if good else ())
        results += [refuse(a) if isinstance(a, InvalidInput) else next(answers) for a in chunk]
    return results
