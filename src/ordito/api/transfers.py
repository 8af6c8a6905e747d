"""Transfers between locations over HTTP."""

from typing import Literal
from uuid import UUID

from ordito.api.endpoints import reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.flows.receive_transfer import close_transfer, receive_transfer
from ordito.flows.reference import reference
from ordito.flows.transfer_states import read_transfer_state, tell_transfers
from ordito.flows.transfer_stock import (
    cancel_transfer,
    change_transfer,
    draft_transfer,
    request_transfer,
    ship_transfer,
)
from ordito.inventory.transfer_asks import StockTransfer, TransferState
from ordito.inventory.transfers import list_transfers
from ordito.kernel.asks import Ask, Code
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

TAG = "Transfers"


class TransferParams(PageParams, frozen=True, kw_only=True):
    """location: from or to there. state: only these; `open` is every state that isn't final."""

    location: Code | None = None
    state: tuple[TransferState | Literal["open"], ...] = ()


class TransferKey(Ask, frozen=True, kw_only=True):
    transfer_id: UUID


_OPEN: tuple[TransferState, ...] = ("draft", "requested", "shipped", "partly_received")


def list_stock_transfers(tx: Tx, params: TransferParams) -> Page[StockTransfer]:
    """Transfers, newest first."""
    before = read_cursor(params.cursor, tuple[UUID])
    states: list[TransferState] = []
    for state in params.state:
        states += _OPEN if state == "open" else [state]
    rows = list_transfers(
        tx,
        location_ids=_places(tx, params.location),
        states=states or None,
        before=before[0] if before else None,
        limit=params.limit + 1,
    )
    return page(tell_transfers(tx, rows), params, lambda row: (row.id,))


def _places(tx: Tx, code: str | None) -> list[UUID] | None:
    if code is None:
        scope = tx.actor.location_ids
        return None if scope is None else sorted(scope)
    location = reference(tx).locations.get(code)
    if location is None or not tx.actor.sees_location(location.id):
        raise NotFound("There is no such location, or you don't see it.")
    return [location.id]


def get_stock_transfer(tx: Tx, params: TransferKey) -> StockTransfer:
    return read_transfer_state(tx, params.transfer_id)


_PATH = "/stock/transfers/{transfer_id}"
_LINES = [{"sku": "TEA-100", "quantity": 24}]
_REFUSED = ("action-not-allowed",)

ENDPOINTS = [
    writing("POST", "/stock/transfers", TAG, "Draft a transfer", draft_transfer, status=201,
            example={"from_location": "LODZ", "to_location": "WAW", "lines": _LINES,
                     "expected_on": "2026-12-01"}),
    reading("/stock/transfers", TAG, "List transfers", list_stock_transfers, "inventory.read"),
    reading(_PATH, TAG, "Read a transfer", get_stock_transfer, "inventory.read"),
    writing("PATCH", _PATH, TAG, "Change a transfer that hasn't left", change_transfer,
            example={"lines": _LINES}, problems=_REFUSED),
    writing("POST", _PATH + "/request", TAG, "Ask the source to send it", request_transfer,
            example={}, problems=_REFUSED),
    writing("POST", _PATH + "/ship", TAG, "Send it", ship_transfer,
            example={"lines": [{"sku": "TEA-100", "quantity": 20}]},
            problems=("action-not-allowed", "out-of-stock")),
    writing("POST", _PATH + "/receive", TAG, "Book what arrived", receive_transfer,
            example={"lines": [{"sku": "TEA-100", "quantity": 19, "damaged": 1}]},
            problems=_REFUSED),
    writing("POST", _PATH + "/close", TAG, "Write off what is still on its way", close_transfer,
            example={"note": "Lost by the carrier"}, problems=_REFUSED),
    writing("POST", _PATH + "/cancel", TAG, "Cancel a transfer that hasn't left", cancel_transfer,
            example={}, problems=_REFUSED),
]  # fmt: skip
