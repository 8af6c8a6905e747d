"""Cycle counts over HTTP."""

from uuid import UUID

from ordito.api.endpoints import reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.flows.cycle_count import (
    approve_difference,
    ask_recount,
    end_cycle_count,
    enter_cycle_count,
)
from ordito.flows.cycle_count_states import read_cycle_count
from ordito.flows.reference import reference
from ordito.flows.start_cycle_count import set_count_limit, start_cycle_count
from ordito.inventory.cycle_count_asks import CountLimit, CycleCount, CycleCountState
from ordito.inventory.cycle_counts import SheetSummary, list_sheets, read_limit
from ordito.kernel.asks import Ask, Code
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

TAG = "Cycle counts"


class CycleCountParams(PageParams, frozen=True, kw_only=True):
    location: Code | None = None
    state: CycleCountState | None = None


class CycleCountKey(Ask, frozen=True, kw_only=True):
    count_id: UUID


class LimitKey(Ask, frozen=True, kw_only=True):
    location: Code


def list_cycle_counts(tx: Tx, params: CycleCountParams) -> Page[SheetSummary]:
    """Counts, newest first, with how many of their lines are done, wait and differ."""
    before = read_cursor(params.cursor, tuple[UUID])
    scope = tx.actor.location_ids
    places = None if scope is None else sorted(scope)
    rows = list_sheets(
        tx,
        location_ids=places if params.location is None else [_find_place(tx, params.location)],
        state=params.state,
        before=before[0] if before else None,
        limit=params.limit + 1,
    )
    return page(rows, params, lambda row: (row.id,))


def _find_place(tx: Tx, code: str) -> UUID:
    location = reference(tx).locations.get(code)
    if location is None or not tx.actor.sees_location(location.id):
        raise NotFound("There is no such location, or you don't see it.")
    return location.id


def get_cycle_count(tx: Tx, params: CycleCountKey) -> CycleCount:
    return read_cycle_count(tx, params.count_id)


def get_count_limit(tx: Tx, params: LimitKey) -> CountLimit:
    """From which difference on counts at a location wait for approval."""
    limit = read_limit(tx, _find_place(tx, params.location))
    return limit or CountLimit(None, None, "")


_PATH = "/stock/cycle-counts/{count_id}"
_LIMIT = "/locations/{location}/count-limit"
_REFUSED = ("action-not-allowed",)

ENDPOINTS = [
    writing("POST", "/stock/cycle-counts", TAG, "Start a cycle count", start_cycle_count,
            status=201, example={"location": "LODZ", "bins": ["A-01", "A-02"]}),
    reading("/stock/cycle-counts", TAG, "List cycle counts", list_cycle_counts,
            "inventory.read"),
    reading(_PATH, TAG, "Read a cycle count", get_cycle_count, "inventory.read"),
    writing("POST", _PATH + "/entries", TAG, "Enter what was counted of an item",
            enter_cycle_count, example={"sku": "TEA-100", "counted": 46},
            problems=(*_REFUSED, "lot-required", "serial-in-stock")),
    writing("POST", _PATH + "/approve", TAG, "Book a difference that waits", approve_difference,
            example={"sku": "TEA-100"},
            problems=(*_REFUSED, "count-too-low", "lot-required", "serial-in-stock")),
    writing("POST", _PATH + "/recount", TAG, "Have an item counted again", ask_recount,
            example={"sku": "TEA-100", "note": "Look behind the pallet"}, problems=_REFUSED),
    writing("POST", _PATH + "/end", TAG, "Leave out what was not counted", end_cycle_count,
            example={}, problems=_REFUSED),
    reading(_LIMIT, TAG, "Read a location's limit for counts", get_count_limit, "inventory.read"),
    writing("PUT", _LIMIT, TAG, "Set a location's limit for counts", set_count_limit,
            example={"units": 5, "value_minor": 10000, "currency": "EUR"}),
]  # fmt: skip
