"""A count by lots: which of them there are more of, and fewer, than the record says."""

from collections.abc import Callable, Mapping
from uuid import UUID

from ordito.catalog.tracked_items import TrackedItem
from ordito.flows.stock_documents import StockNames
from ordito.inventory.asks import CountedLot, CountLine
from ordito.inventory.counts import LotDifference
from ordito.inventory.lot_book import Layer, LotCell, LotUse
from ordito.inventory.lots import Lot, read_lots
from ordito.inventory.problems import CountOutdated, CountTooLow, LotRequired, SerialInStock
from ordito.inventory.serials import find_serials
from ordito.platform.problems import Fault

_TAKEN_FIRST: tuple[Layer, ...] = ("shelf", "quality_control", "damaged")


def read_counted_lots(
    names: StockNames, pointer: str, item: TrackedItem, line: CountLine, faults: list[Fault]
) -> Callable[[Mapping[UUID, LotCell]], LotDifference]:
    """What tells the difference once the cell is locked; it raises LotRequired for lots on record
    that weren't counted, CountTooLow, SerialInStock."""
    counted = names.lots.read_counted(pointer, item, line.lots, faults)
    if not faults and sum(counted.values()) != line.counted:
        detail = f"The lots add up to {sum(counted.values())}, the line says {line.counted}."
        faults.append(Fault(f"{pointer}/lots", "wrong-sum", detail))

    def find_difference(cells: Mapping[UUID, LotCell]) -> LotDifference:
        lots = names.lots.settle(counted)
        pieces = {lots[key].id: qty for key, qty in counted.items()}
        if not line.other_lots_stay:
            _require_all(names, item, cells, pieces)
        _check_expected(dict(zip(pieces, line.lots, strict=True)), cells)
        difference = LotDifference([], [], [], [])
        by_id = {lot.id: lot for lot in lots.values()}
        for lot_id, qty in pieces.items():
            _compare(by_id[lot_id], cells.get(lot_id), qty, difference)
        _refuse_elsewhere(names, by_id, difference)
        return difference

    return find_difference


def _require_all(
    names: StockNames,
    item: TrackedItem,
    cells: Mapping[UUID, LotCell],
    pieces: Mapping[UUID, int],
) -> None:
    left_out = [lot_id for lot_id, cell in cells.items() if cell.on_hand and lot_id not in pieces]
    if left_out:
        known = read_lots(names.tx, left_out)
        codes = ", ".join(sorted(lot.code for lot in known.values())[:10])
        raise LotRequired(
            f"{item.sku}: {codes} should be there too. Count them, 0 if they aren't."
            " Nothing was changed.",
            extra={"sku": item.sku, "lots": [{"lot": lot.code} for lot in known.values()]},
        )


def _check_expected(counted: Mapping[UUID, CountedLot], cells: Mapping[UUID, LotCell]) -> None:
    """Raises CountOutdated when a lot has other pieces by now than when it was counted."""
    for lot_id, one in counted.items():
        on_hand = cells[lot_id].on_hand if lot_id in cells else 0
        if one.expected is not None and one.expected != on_hand:
            raise CountOutdated(
                f"{one.lot}: {on_hand} on hand now, not {one.expected}. Nothing was changed; count"
                " again.",
                extra={"lots": [{"lot": one.lot, "expected": one.expected, "on_hand": on_hand}]},
            )


def _compare(lot: Lot, cell: LotCell | None, counted: int, difference: LotDifference) -> None:
    missing = (cell.on_hand if cell else 0) - counted
    if missing < 0:
        difference.more.append((lot.id, -missing))
    for layer in _TAKEN_FIRST:
        now = min(missing, getattr(cell, layer)) if cell else 0
        if now > 0:
            uses: list[LotUse] = getattr(difference, layer)
            uses.append((lot.id, now))
            missing -= now
    if missing > 0:
        raise CountTooLow(
            f"{lot.code}: {counted} counted, but more are picked or packed. Count those too, or"
            " put them back first. Nothing was changed.",
            extra={"lot": lot.code, "counted": counted},
        )


def _refuse_elsewhere(
    names: StockNames, lots: Mapping[UUID, Lot], difference: LotDifference
) -> None:
    """A serial number that is found here is not at another place as well."""
    found = [lot_id for lot_id, _ in difference.more if lots[lot_id].serial]
    for lot_id in find_serials(names.tx, found) if found else ():
        raise SerialInStock(
            f"{lots[lot_id].code} is in stock at another location. Nothing was changed; count"
            " there first, or check the number."
        )
