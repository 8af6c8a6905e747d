"""Stock over HTTP: documents that change it, what there is, and how it came to be."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.bulk import adjust_stock_bulk, receive_stock_bulk
from ordito.api.endpoints import Endpoint, reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.flows.adjust_stock import adjust_stock, move_stock
from ordito.flows.complete_cart import complete_cart
from ordito.flows.count_stock import count_stock
from ordito.flows.hold_stock import (
    extend_hold,
    hold_stock,
    read_hold_state,
    release_hold_of_stock,
)
from ordito.flows.publish_availability import Availability, read_availability
from ordito.flows.receive_stock import receive_stock
from ordito.flows.reference import reference
from ordito.inventory.asks import AdjustStock, HoldState, ReceiveStock, StockResults
from ordito.inventory.changes import Cause, Opened, Span, list_changes
from ordito.inventory.history import PastLevel, list_postings, read_cells_at, read_levels_at
from ordito.inventory.levels import Level, list_holders, list_levels, read_levels
from ordito.inventory.receipts import Receipt, list_receipts, read_receipt
from ordito.inventory.types import Posting, Reservation
from ordito.kernel.addresses import CountryCode
from ordito.kernel.asks import Ask, Code, Instant, Sku
from ordito.kernel.moves import Bucket
from ordito.listings.carts import Cart, CartState, list_carts
from ordito.listings.item_stock import find_item
from ordito.listings.stock_past import (
    Counters,
    moment_of,
    read_item_changes,
    span_of,
    sum_counters,
)
from ordito.platform.access import Actor
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput, NotFound

TAG = "Inventory"

Skus = Annotated[tuple[Sku, ...], Meta(max_length=100)]
Ids = Annotated[tuple[UUID, ...], Meta(max_length=100)]


class LevelParams(PageParams, frozen=True, kw_only=True):
    location: Code | None = None


class StockParams(LevelParams, frozen=True, kw_only=True):
    """at: as the books showed it then, without it as it is now; known_at: a later moment, with
    what was booked late until then."""

    at: Instant | None = None
    known_at: Instant | None = None


class ItemStockParams(Ask, frozen=True, kw_only=True):
    item_id: UUID


class PastParams(Ask, frozen=True, kw_only=True):
    """at: as the books showed it then; known_at: a later moment, with what was booked late until
    then."""

    item_id: UUID
    at: Instant
    known_at: Instant | None = None
    location: Code | None = None


class ChangeParams(Ask, frozen=True, kw_only=True):
    """From one moment to a later one (now when left out), each as the books showed it then;
    known_at: both with what was booked until then."""

    item_id: UUID
    since: Instant = msgspec.field(name="from")
    until: Instant | None = msgspec.field(name="to", default=None)
    known_at: Instant | None = None
    location: Code | None = None


class ChangePostingParams(PageParams, frozen=True, kw_only=True):
    """The same span; bucket: only what came into it or left it; reason: only of that reason."""

    item_id: UUID
    since: Instant = msgspec.field(name="from")
    until: Instant | None = msgspec.field(name="to", default=None)
    known_at: Instant | None = None
    location: Code | None = None
    bucket: Bucket | None = None
    reason: Annotated[str, Meta(max_length=60)] | None = None


class LedgerParams(PageParams, frozen=True, kw_only=True):
    item_id: UUID
    location: Code | None = None


class AvailabilityParams(Ask, frozen=True, kw_only=True):
    """Items by SKU or id, up to 100; `country` where it would be delivered to."""

    channel: Code
    sku: Skus = ()
    item_id: Ids = ()
    country: CountryCode | None = None


class HoldKey(Ask, frozen=True, kw_only=True):
    hold_id: UUID


class CartParams(PageParams, frozen=True, kw_only=True):
    state: CartState = "open"


class ReceiptKey(Ask, frozen=True, kw_only=True):
    receipt_id: UUID


class Levels(msgspec.Struct, frozen=True):
    """All cells of an item that the caller sees."""

    items: list[Level]


class PastLevels(msgspec.Struct, frozen=True):
    """The cells of an item as they were, and their sums."""

    items: list[PastLevel]
    totals: Counters


class LocationChange(msgspec.Struct, frozen=True):
    location: str
    before: Counters
    after: Counters


class StockChanges(msgspec.Struct, frozen=True):
    """An item's totals at two moments, the difference, and what caused it."""

    item_id: UUID
    sku: str
    before: Counters
    after: Counters
    difference: Counters
    locations: list[LocationChange]
    causes: list[Cause]


def list_stock(tx: Tx, params: StockParams) -> Page[Level]:
    """Levels by item, then location, now or at a past moment."""
    after = read_cursor(params.cursor, tuple[UUID, UUID])
    rows = list_levels(
        tx, location_ids=_places(tx, params.location), after=after, limit=params.limit + 1
    )
    if params.at is not None:
        moment = moment_of(params.at, params.known_at, tx.now)
        past = read_cells_at(tx, [(row.item_id, row.location_id) for row in rows], moment)
        names = Level.__struct_fields__
        rows = [Level(*(getattr(cell, name) for name in names)) for cell in past]
    elif params.known_at is not None:
        fault = Fault("/at", "required", "Give the moment that is meant as `at`.")
        raise InvalidInput(fault.detail, errors=[fault])
    return page(rows, params, lambda row: (row.item_id, row.location_id))


def get_item_levels(tx: Tx, params: ItemStockParams) -> Levels:
    """Where an item is, in which bucket."""
    return Levels(read_levels(tx, [params.item_id], location_ids=_scope(tx.actor)))


def get_item_levels_at(tx: Tx, params: PastParams) -> PastLevels:
    """Stock of an item as it was at a moment."""
    moment = moment_of(params.at, params.known_at, tx.now)
    places = _places(tx, params.location)
    rows = read_levels_at(tx, [params.item_id], moment, location_ids=places)
    return PastLevels(rows, sum_counters(rows))


def get_stock_changes(tx: Tx, params: ChangeParams) -> StockChanges:
    """What changed of an item between two moments, and why."""
    found = read_item_changes(tx, _span(tx, params))
    return StockChanges(
        item_id=found.item.id,
        sku=found.item.sku,
        before=found.before,
        after=found.after,
        difference=found.difference,
        locations=[
            LocationChange(cell.location.code, cell.before or Counters(), cell.then)
            for cell in found.cells
        ],
        causes=list(found.causes),
    )


def list_stock_changes(tx: Tx, params: ChangePostingParams) -> Page[Posting]:
    """The postings that a difference is made of, newest first."""
    find_item(tx, params.item_id)
    rows = list_changes(
        tx,
        _span(tx, params),
        Opened(params.bucket, params.reason),
        before=read_cursor(params.cursor, tuple[datetime, UUID, int]),
        limit=params.limit + 1,
    )
    return page(rows, params, lambda row: (row.at, row.location_id, row.seq))


def _span(tx: Tx, params: ChangeParams | ChangePostingParams) -> Span:
    return span_of(
        tx,
        params.item_id,
        params.since,
        params.until or tx.now,
        known_at=params.known_at,
        location=params.location,
    )


def list_item_ledger(tx: Tx, params: LedgerParams) -> Page[Posting]:
    """Every movement of an item, newest first, with the balances after it."""
    before = read_cursor(params.cursor, tuple[datetime, UUID, int])
    rows = list_postings(
        tx,
        params.item_id,
        location_ids=_places(tx, params.location),
        before=before,
        limit=params.limit + 1,
    )
    return page(rows, params, lambda row: (row.at, row.location_id, row.seq))


def list_item_holders(tx: Tx, params: LedgerParams) -> Page[Reservation]:
    """Who holds an item: orders, and holds that expire."""
    after = read_cursor(params.cursor, tuple[UUID, UUID, int])
    rows = list_holders(
        tx,
        params.item_id,
        location_ids=_places(tx, params.location),
        after=after,
        limit=params.limit + 1,
    )
    return page(rows, params, lambda row: (row.location_id, row.holder_id, row.line_no))


def get_availability(tx: Tx, params: AvailabilityParams) -> Availability:
    """How much a channel may sell of items, and where it lies."""
    if not params.sku and not params.item_id:
        fault = Fault("/sku", "required", "Name items, as ?sku=TEA-100&sku=CUP-1.")
        raise InvalidInput(fault.detail, errors=[fault])
    found = read_availability(
        tx,
        params.channel,
        skus=params.sku,
        item_ids=params.item_id,
        country=params.country,
    )
    return _seen(tx, found)


def _seen(tx: Tx, found: Availability) -> Availability:
    """Without the names of locations out of scope; the sums are what the channel may sell."""
    if tx.actor.location_ids is None:
        return found
    seen = {
        location.code
        for location in reference(tx).locations.values()
        if tx.actor.sees_location(location.id)
    }
    items = [
        msgspec.structs.replace(item, locations=[p for p in item.locations if p.location in seen])
        for item in found.items
    ]
    return msgspec.structs.replace(found, items=items)


def get_hold(tx: Tx, params: HoldKey) -> HoldState:
    """What is kept for a cart, and until when."""
    return read_hold_state(tx, params.hold_id)


def list_stock_carts(tx: Tx, params: CartParams) -> Page[Cart]:
    """Carts of a state, newest first: open, abandoned, completed or released."""
    found = list_carts(tx, params.state, cursor=params.cursor, limit=params.limit)
    return Page(list(found.items), found.next)


def list_stock_receipts(tx: Tx, params: LevelParams) -> Page[Receipt]:
    """Receipts, newest first."""
    before = read_cursor(params.cursor, tuple[UUID])
    places = _places(tx, params.location)
    rows = list_receipts(
        tx,
        location_ids=None if places is None else list(places),
        before=before[0] if before else None,
        limit=params.limit + 1,
    )
    return page(rows, params, lambda row: (row.id,))


def get_stock_receipt(tx: Tx, params: ReceiptKey) -> Receipt:
    receipt = read_receipt(tx, params.receipt_id)
    if receipt is None or not tx.actor.sees_location(receipt.location_id):
        raise NotFound("There is no such receipt, or its location is none you see.")
    return receipt


def _scope(actor: Actor) -> frozenset[UUID] | None:
    return actor.location_ids


def _places(tx: Tx, code: str | None) -> Iterable[UUID] | None:
    """The locations to look at: the one named, else all in scope; raises NotFound."""
    if code is None:
        return _scope(tx.actor)
    location = reference(tx).locations.get(code)
    if location is None or not tx.actor.sees_location(location.id):
        raise NotFound("There is no such location, or you don't see it.")
    return [location.id]


_READ = "inventory.read"
_LINES = [{"sku": "TEA-100", "quantity": 48}]

ENDPOINTS = [
    writing("POST", "/stock/receipts", TAG, "Receive stock", receive_stock, status=201,
            problems=("serial-in-stock",),
            example={"location": "LODZ", "reference": "DN-4711", "lines": _LINES}),
    Endpoint(method="POST", path="/stock/receipts/bulk", tag=TAG, kind="story", bulk=True,
             summary="Receive stock, many receipts", permission="inventory.write",
             call=receive_stock_bulk, ask=ReceiveStock, answer=StockResults,
             example=[{"location": "LODZ", "lines": _LINES}]),
    reading("/stock/receipts", TAG, "List receipts", list_stock_receipts, _READ),
    reading("/stock/receipts/{receipt_id}", TAG, "Read a receipt", get_stock_receipt, _READ),
    writing("POST", "/stock/adjustments", TAG, "Adjust stock", adjust_stock, status=201,
            example={"location": "LODZ", "reason": "damaged",
                     "lines": [{"sku": "TEA-100", "quantity": -2}]},
            problems=("out-of-stock", "lot-short", "serial-in-stock")),
    Endpoint(method="POST", path="/stock/adjustments/bulk", tag=TAG, kind="story", bulk=True,
             summary="Adjust stock, many documents", permission="inventory.write",
             call=adjust_stock_bulk, ask=AdjustStock, answer=StockResults,
             example=[{"location": "LODZ", "reason": "found", "lines": _LINES}]),
    writing("POST", "/stock/moves", TAG, "Set units aside, or release them", move_stock,
            status=201, problems=("out-of-stock", "lot-short"),
            example={"location": "LODZ", "lines": [
                {"sku": "TEA-100", "quantity": 1, "from_bucket": "available",
                 "to_bucket": "damaged"}]}),
    writing("POST", "/stock/counts", TAG, "Book a count", count_stock, status=201,
            problems=("count-outdated", "lot-required", "serial-in-stock"),
            example={"location": "LODZ",
                     "lines": [{"sku": "TEA-100", "counted": 46, "expected": 48}]}),
    writing("POST", "/stock/holds", TAG, "Hold stock for a cart", hold_stock, status=201,
            problems=("out-of-stock", "cart-full"),
            example={"channel": "web", "lines": [{"sku": "TEA-100", "quantity": 1}]}),
    writing("POST", "/stock/holds/{hold_id}/extend", TAG, "Give a hold more time", extend_hold,
            example={"minutes": 10}, problems=("action-not-allowed",)),
    writing("POST", "/stock/holds/{hold_id}/release", TAG, "End a hold", release_hold_of_stock,
            example={}, problems=("action-not-allowed",)),
    writing("POST", "/stock/holds/{hold_id}/complete", TAG, "Make an order of a cart",
            complete_cart, status=201, problems=("hold-ended", "out-of-stock", "already-exists",
                                                "date-unkeepable", "preorder-full"),
            example={"ship_to": {"country": "PL", "postal_code": "00-950"}}),
    reading("/stock/holds/{hold_id}", TAG, "Read a hold", get_hold, _READ),
    reading("/carts", TAG, "List carts", list_stock_carts, "orders.read"),
    reading("/stock", TAG, "List stock levels", list_stock, _READ),
    reading("/stock/changes", TAG, "Read what changed between two moments", get_stock_changes,
            _READ),
    reading("/stock/changes/postings", TAG, "List the postings between two moments",
            list_stock_changes, _READ),
    reading("/items/{item_id}/stock", TAG, "Read an item's levels", get_item_levels, _READ),
    reading("/items/{item_id}/stock-at", TAG, "Read an item's levels in the past",
            get_item_levels_at, _READ),
    reading("/items/{item_id}/ledger", TAG, "List an item's movements", list_item_ledger, _READ),
    reading("/items/{item_id}/holders", TAG, "List who holds an item", list_item_holders, _READ),
    reading("/availability", TAG, "Read what a channel may sell", get_availability, _READ),
]  # fmt: skip
