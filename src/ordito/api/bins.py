"""Bin stock over HTTP: what lies in which bin, putting away, filling pick bins, space."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.endpoints import reading, writing
from ordito.api.paging import Page, PageParams, make_cursor, page, read_cursor
from ordito.flows.fill_pick_bins import raise_replenishments, replenish, set_pick_level
from ordito.flows.put_away import (
    move_bin_stock,
    put_away,
    report_not_in_bin,
    undo_bin_moves,
)
from ordito.flows.reference import reference
from ordito.flows.switch_bin_stock import switch_bin_stock
from ordito.inventory.bin_types import BinName
from ordito.kernel.asks import Ask, Code, Sku
from ordito.kernel.text import normal_code
from ordito.listings.bin_contents import (
    ContentRow,
    MoveRow,
    keeps_bin_stock,
    list_contents,
    list_moves,
)
from ordito.listings.bin_needs import FillRow, LevelRow, list_fills, list_levels
from ordito.listings.item_stock import find_item
from ordito.listings.put_away_work import PutAwayTask, list_put_away_work
from ordito.listings.space import WEEKS, Space, read_space
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

TAG = "Bins"


class ContentParams(PageParams, frozen=True, kw_only=True):
    """q: a part of a bin, SKU or name. bin: only what lies in this one."""

    location: Code
    q: Annotated[str, Meta(max_length=200)] = ""
    bin: BinName | None = None


class PutAwayParams(PageParams, frozen=True, kw_only=True):
    location: Code


class BinMoveParams(PageParams, frozen=True, kw_only=True):
    """sku: only moves of this item."""

    location: Code
    sku: Sku | None = None


class BinLocation(Ask, frozen=True, kw_only=True):
    location: Code


class SpaceParams(Ask, frozen=True, kw_only=True):
    location: Code
    weeks: Annotated[int, Meta(ge=1, le=52)] = WEEKS


class BinStockState(msgspec.Struct, frozen=True):
    """Whether a location keeps bin stock."""

    location: str
    on: bool


class Fills(msgspec.Struct, frozen=True):
    """Pick bins to be filled, the urgent first; at most 200."""

    items: list[FillRow]


class Levels(msgspec.Struct, frozen=True):
    """Levels of pick bins, as the bins are walked; at most 500."""

    items: list[LevelRow]


def get_bin_stock(tx: Tx, params: BinLocation) -> BinStockState:
    return BinStockState(params.location, keeps_bin_stock(tx, _find(tx, params.location)))


def list_bin_contents(tx: Tx, params: ContentParams) -> Page[ContentRow]:
    """What lies in which bin, as the bins are walked. “@receiving” is what came in, “@unplaced”
    what nobody has put into a bin."""
    rows = list_contents(
        tx,
        _find(tx, params.location),
        words=params.q.strip(),
        bin_=params.bin,
        after=read_cursor(params.cursor, tuple[int, int, str, str]),
        limit=params.limit + 1,
    )
    return page(rows, params, lambda row: (row.rank, row.walk_order, row.bin, row.sku_key))


def list_put_away(tx: Tx, params: PutAwayParams) -> Page[PutAwayTask]:
    """Items to be put away, by SKU, each with the bins proposed for it."""
    after = read_cursor(params.cursor, tuple[str])
    tasks, following = list_put_away_work(
        tx, _find(tx, params.location), after=after[0] if after else "", limit=params.limit
    )
    return Page(tasks, make_cursor((following,)) if following else None)


def list_bin_moves(tx: Tx, params: BinMoveParams) -> Page[MoveRow]:
    """Who moved what from where to where, and why; the newest first."""
    before = read_cursor(params.cursor, tuple[int])
    item_id: UUID | None = None
    if params.sku is not None:
        item_id = find_item(tx, normal_code(params.sku)).id
    rows = list_moves(
        tx,
        _find(tx, params.location),
        item_id=item_id,
        before=before[0] if before else None,
        limit=params.limit + 1,
    )
    return page(rows, params, lambda row: (row.id,))


def list_pick_levels(tx: Tx, params: BinLocation) -> Levels:
    """From how few units on pick bins are filled, and up to how many."""
    return Levels(list_levels(tx, _find(tx, params.location)))


def list_replenishments(tx: Tx, params: BinLocation) -> Fills:
    """Pick bins that are to be filled from reserve."""
    return Fills(list_fills(tx, _find(tx, params.location)))


def get_space(tx: Tx, params: SpaceParams) -> Space:
    """What the bins can hold, what lies there, and what the next weeks bring."""
    return read_space(tx, _find(tx, params.location), params.location, weeks=params.weeks)


def _find(tx: Tx, code: str) -> UUID:
    location = reference(tx).locations.get(code)
    if location is None or not tx.actor.sees_location(location.id):
        raise NotFound("There is no such location, or you don't see it.")
    return location.id


_READ = "inventory.read"
_AT = "/locations/{location}"
_KEEPS = ("no-bin-stock",)
_MOVES = (*_KEEPS, "not-in-bin", "bin-refused")

ENDPOINTS = [
    reading(_AT + "/bin-stock", TAG, "Read whether bin stock is kept", get_bin_stock, _READ),
    writing("PUT", _AT + "/bin-stock", TAG, "Switch bin stock on or off", switch_bin_stock,
            example={"on": True}, problems=("action-not-allowed",)),
    reading(_AT + "/bin-contents", TAG, "List what lies in which bin", list_bin_contents, _READ),
    reading(_AT + "/put-away", TAG, "List what is to be put away", list_put_away, _READ),
    writing("POST", _AT + "/put-away", TAG, "Put units away", put_away, problems=_MOVES,
            example={"sku": "TEA-100", "to_bin": "A-01-1", "quantity": 24}),
    reading(_AT + "/bin-moves", TAG, "List moves between bins", list_bin_moves, _READ),
    writing("POST", _AT + "/bin-moves", TAG, "Move units between bins", move_bin_stock,
            problems=_MOVES,
            example={"sku": "TEA-100", "from_bin": "R-01", "to_bin": "A-01-1", "quantity": 6}),
    writing("POST", _AT + "/bin-moves/undo", TAG, "Take moves between bins back", undo_bin_moves,
            problems=(*_MOVES, "action-not-allowed"), example={"moves": [4711]}),
    writing("POST", _AT + "/bin-contents/not-found", TAG, "Report that a bin holds fewer",
            report_not_in_bin, problems=_MOVES,
            example={"sku": "TEA-100", "bin": "A-01-1", "left": 2}),
    reading(_AT + "/pick-levels", TAG, "List levels of pick bins", list_pick_levels, _READ),
    writing("PUT", _AT + "/pick-levels", TAG, "Set the level of an item's pick bin",
            set_pick_level, problems=_KEEPS,
            example={"sku": "TEA-100", "bin": "A-01-1", "units_min": 6, "units_max": 24}),
    reading(_AT + "/replenishments", TAG, "List pick bins to be filled", list_replenishments,
            _READ),
    writing("POST", _AT + "/replenishments", TAG, "Look which pick bins are to be filled",
            raise_replenishments, problems=_KEEPS, example={}),
    writing("POST", _AT + "/replenishments/done", TAG, "Fill a pick bin", replenish,
            problems=(*_MOVES, "action-not-allowed"),
            example={"sku": "TEA-100", "from_bin": "R-01", "quantity": 18}),
    reading(_AT + "/space", TAG, "Read the space of a location", get_space, _READ),
]  # fmt: skip
