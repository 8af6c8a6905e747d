"""Expected receipts over HTTP."""

from datetime import date
from uuid import UUID

from ordito.api.endpoints import reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.catalog.items import read_items_by_sku
from ordito.flows.expect_stock import (
    change_expected,
    close_expected,
    expect_stock,
    read_expected_state,
    receive_expected,
    tell_expected,
)
from ordito.flows.reference import reference
from ordito.inventory.expected import list_ended, list_expected
from ordito.inventory.expected_asks import ExpectedStock
from ordito.kernel.asks import Ask, Code, Sku
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

TAG = "Expected receipts"


class ExpectedParams(PageParams, frozen=True, kw_only=True):
    """location, sku: only what is expected there, and of it."""

    location: Code | None = None
    sku: Sku | None = None


class EndedParams(PageParams, frozen=True, kw_only=True):
    """location: only what was expected there."""

    location: Code | None = None


class ExpectedKey(Ask, frozen=True, kw_only=True):
    expected_id: UUID


def list_expected_receipts(tx: Tx, params: ExpectedParams) -> Page[ExpectedStock]:
    """What suppliers are to bring, soonest first."""
    item_id = None
    if params.sku is not None:
        found = read_items_by_sku(tx, [normal_code(params.sku)])
        if not found:
            raise NotFound("There is no such item.")
        item_id = next(iter(found.values())).id
    rows = list_expected(
        tx,
        location_ids=_places(tx, params.location),
        item_id=item_id,
        after=read_cursor(params.cursor, tuple[date, UUID]),
        limit=params.limit + 1,
    )
    return page(tell_expected(tx, rows), params, lambda row: (row.expected_on, row.id))


def list_ended_receipts(tx: Tx, params: EndedParams) -> Page[ExpectedStock]:
    """What has come, and what never did, newest first."""
    before = read_cursor(params.cursor, tuple[UUID])
    rows = list_ended(
        tx,
        location_ids=_places(tx, params.location),
        before=before[0] if before else None,
        limit=params.limit + 1,
    )
    return page(tell_expected(tx, rows), params, lambda row: (row.id,))


def _places(tx: Tx, code: str | None) -> list[UUID] | None:
    if code is None:
        scope = tx.actor.location_ids
        return None if scope is None else sorted(scope)
    location = reference(tx).locations.get(code)
    if location is None or not tx.actor.sees_location(location.id):
        raise NotFound("There is no such location, or you don't see it.")
    return [location.id]


def get_expected_receipt(tx: Tx, params: ExpectedKey) -> ExpectedStock:
    return read_expected_state(tx, params.expected_id)


_PATH = "/stock/expected/{expected_id}"
_REFUSED = ("action-not-allowed",)

ENDPOINTS = [
    writing("POST", "/stock/expected", TAG, "Say that a supplier will bring units", expect_stock,
            status=201,
            example={"location": "LODZ", "sku": "TEA-100", "quantity": 240,
                     "expected_on": "2099-12-01", "reference": "PO-118"}),
    reading("/stock/expected", TAG, "List what is expected", list_expected_receipts,
            "inventory.read"),
    reading("/stock/expected-ended", TAG, "List what isn't expected any more",
            list_ended_receipts, "inventory.read"),
    reading(_PATH, TAG, "Read an expected receipt", get_expected_receipt, "inventory.read"),
    writing("PATCH", _PATH, TAG, "Another day, quantity or reference", change_expected,
            example={"expected_on": "2099-12-08"}, problems=_REFUSED),
    writing("POST", _PATH + "/receive", TAG, "Book what came of it", receive_expected,
            example={"quantity": 238, "damaged": 2}, problems=(*_REFUSED, "serial-in-stock")),
    writing("POST", _PATH + "/close", TAG, "Nothing more of it comes", close_expected,
            example={"note": "The supplier has no more"}, problems=_REFUSED),
]  # fmt: skip
