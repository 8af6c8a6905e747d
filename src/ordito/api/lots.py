"""Lots and serial numbers over HTTP: where they are, where they went, block and free."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from ordito.api.endpoints import reading, writing
from ordito.api.paging import PageParams
from ordito.flows.manage_lots import block_lot, change_lot, unblock_lot
from ordito.inventory.lots import LotState
from ordito.kernel.asks import Ask, Code
from ordito.listings.lot_makings import LotMakings, read_makings
from ordito.listings.lot_traces import (
    LotMovementPage,
    LotUsePage,
    list_lot_movements,
    list_lot_uses,
)
from ordito.listings.lots import LotFilter, LotPage, LotView, list_lots, read_lot
from ordito.platform.database import Tx

TAG = "Lots"
_READ = "inventory.read"
_LOT = "/lots/{lot_id}"


class LotParams(PageParams, frozen=True, kw_only=True):
    """code: the beginning of a lot's code. ends_before: only what ends before that day."""

    item_id: UUID | None = None
    location: Code | None = None
    state: LotState | None = None
    code: Annotated[str, Meta(max_length=60)] = ""
    ends_before: date | None = None
    in_stock: bool = False


class LotKey(Ask, frozen=True, kw_only=True):
    lot_id: UUID


class LotRowsParams(PageParams, frozen=True, kw_only=True):
    lot_id: UUID


def list_stock_lots(tx: Tx, params: LotParams) -> LotPage:
    """Lots, those that end first at the top."""
    wanted = LotFilter(
        item_id=params.item_id,
        location=params.location,
        state=params.state,
        code=params.code,
        ends_before=params.ends_before,
        in_stock=params.in_stock,
    )
    return list_lots(tx, wanted, cursor=params.cursor, limit=params.limit)


def get_lot(tx: Tx, params: LotKey) -> LotView:
    """A lot, and where it lies among the locations that the caller sees."""
    return read_lot(tx, params.lot_id)


def list_uses_of_lot(tx: Tx, params: LotRowsParams) -> LotUsePage:
    """The orders that took of a lot or of what was made of it, with their customers: whom a
    recall concerns."""
    read_lot(tx, params.lot_id)
    return list_lot_uses(tx, params.lot_id, cursor=params.cursor, limit=params.limit)


def list_movements_of_lot(tx: Tx, params: LotRowsParams) -> LotMovementPage:
    """What moved of a lot, newest first."""
    read_lot(tx, params.lot_id)
    return list_lot_movements(tx, params.lot_id, cursor=params.cursor, limit=params.limit)


def get_makings_of_lot(tx: Tx, params: LotKey) -> LotMakings:
    """The assemblies that took of a lot and what they made, and what the lot is made of."""
    read_lot(tx, params.lot_id)
    return read_makings(tx, params.lot_id)


ENDPOINTS = [
    reading("/lots", TAG, "List lots and serial numbers", list_stock_lots, _READ),
    reading(_LOT, TAG, "Read a lot", get_lot, _READ),
    writing("PATCH", _LOT, TAG, "Correct a lot", change_lot,
            example={"expires_on": "2027-03-31"}),
    writing("POST", f"{_LOT}/block", TAG, "Block a lot", block_lot,
            example={"reason": "Recalled by the maker"}, problems=("action-not-allowed",)),
    writing("POST", f"{_LOT}/unblock", TAG, "Free a blocked lot", unblock_lot, example={},
            problems=("action-not-allowed",)),
    reading(f"{_LOT}/uses", TAG, "List the orders that took of a lot", list_uses_of_lot, _READ),
    reading(f"{_LOT}/makings", TAG, "List what a lot is made of and into", get_makings_of_lot,
            _READ),
    reading(f"{_LOT}/movements", TAG, "List what moved of a lot", list_movements_of_lot, _READ),
]  # fmt: skip
