"""Acts on bins for tests: one short call each, through the door, checked afterwards."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ordito.flows.fill_pick_bins import raise_replenishments, replenish, set_pick_level
from ordito.flows.manage_locations import set_bins, set_item_bins
from ordito.flows.put_away import (
    move_bin_stock,
    put_away,
    report_not_in_bin,
    undo_bin_moves,
)
from ordito.flows.switch_bin_stock import switch_bin_stock
from ordito.inventory.bin_types import (
    BinStockMoved,
    MoveBetweenBins,
    PutAway,
    RaiseReplenishments,
    Replenish,
    ReplenishmentsRaised,
    ReportNotInBin,
    SetPickLevel,
    SwitchBinStock,
    UndoBinMoves,
)
from ordito.listings.bin_contents import list_contents
from ordito.listings.doctor import bin_checks
from ordito.listings.doctor.examination import examine
from ordito.locations.types import SetBins, SetItemBins
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from tests import make

BINS = ("P-1 pick", "P-2 pick", "R-1 reserve", "R-2 reserve", "DOCK receiving", "Q-1 quality")


def do(
    db: Database, command: Callable[..., Any], kind: Any, actor: Actor = make.BOSS, **ask: Any
) -> Any:
    """Carry out a command through the door; whatever comes of it, bins hold what cells hold."""
    try:
        return run(db, actor, command, msgspec.convert(ask, kind))
    finally:
        assert_bins_sound(db)


def assert_bins_sound(db: Database) -> None:
    findings = examine(db, checks=bin_checks.CHECKS).findings
    assert findings == [], [(f.id, f.title, f.samples[:3]) for f in findings]


def binned(
    db: Database, stock: Mapping[str, Mapping[str, int]] | None = None, **fields: Any
) -> make.Shop:
    """A shop whose location A keeps bin stock: bins for everything, tea at home in P-1."""
    shop = make.shop(db, stock=stock or {"A": {"tea": 10, "cup": 0}, "B": {"tea": 10}}, **fields)
    lay_out(shop)
    do(db, switch_bin_stock, SwitchBinStock, location="A", on=True)
    return shop


def lay_out(shop: make.Shop, location: str = "A", bins: Any = BINS, **more: Any) -> None:
    """Bins by "code purpose", walked as listed; more: code with "_" for "-" → fields."""
    asked = [
        {"code": code, "walk_order": n, "purpose": purpose} | more.get(code.replace("-", "_"), {})
        for n, (code, purpose) in enumerate((text.split() for text in bins), start=1)
    ]
    do(shop.db, set_bins, SetBins, location=location, bins=asked)
    home = [{"sku": "tea", "bins": ["P-1"]}]
    do(shop.db, set_item_bins, SetItemBins, location=location, items=home)


def put(shop: make.Shop, sku: str, to_bin: str, quantity: int, **fields: Any) -> BinStockMoved:
    ask: dict[str, Any] = {"location": "A", "sku": sku, "to_bin": to_bin, "quantity": quantity}
    ask |= fields
    moved: BinStockMoved = do(shop.db, put_away, PutAway, **ask)
    return moved


def move(shop: make.Shop, sku: str, from_bin: str, to_bin: str, quantity: int) -> BinStockMoved:
    moved: BinStockMoved = do(
        shop.db, move_bin_stock, MoveBetweenBins, location="A", sku=sku, from_bin=from_bin,
        to_bin=to_bin, quantity=quantity,
    )  # fmt: skip
    return moved


def undo(shop: make.Shop, moved: BinStockMoved) -> BinStockMoved:
    back: BinStockMoved = do(shop.db, undo_bin_moves, UndoBinMoves, location="A", moves=moved.moves)
    return back


def not_found(shop: make.Shop, sku: str, bin_: str, left: int) -> BinStockMoved:
    moved: BinStockMoved = do(
        shop.db, report_not_in_bin, ReportNotInBin, location="A", sku=sku, bin=bin_, left=left
    )
    return moved


def level(shop: make.Shop, sku: str, bin_: str | None, low: int = 0, high: int = 0) -> None:
    do(shop.db, set_pick_level, SetPickLevel, location="A", sku=sku, bin=bin_, units_min=low,
       units_max=high)  # fmt: skip


def look(shop: make.Shop) -> ReplenishmentsRaised:
    raised: ReplenishmentsRaised = do(
        shop.db, raise_replenishments, RaiseReplenishments, location="A"
    )
    return raised


def fill(shop: make.Shop, sku: str, from_bin: str, quantity: int) -> BinStockMoved:
    moved: BinStockMoved = do(
        shop.db, replenish, Replenish, location="A", sku=sku, from_bin=from_bin, quantity=quantity
    )
    return moved


def contents(shop: make.Shop, sku: str = "tea", location: str = "A") -> dict[str, int]:
    """Units of an item by bin."""
    with shop.db.reading(SYSTEM) as tx:
        rows = list_contents(tx, shop.locations[location], limit=1000)
    return {row.bin: row.qty for row in rows if row.sku == sku}


def sizes(shop: make.Shop, sku: str, length: int, width: int, height: int) -> None:
    """What one unit measures, in mm."""
    with shop.db.connection() as conn:
        conn.execute(
            "UPDATE catalog.item SET length_mm = %s, width_mm = %s, height_mm = %s WHERE sku = %s",
            (length, width, height, sku),
        )
