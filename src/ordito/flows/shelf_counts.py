"""What was counted on a shelf, in all, bin by bin or lot by lot, compared with the record of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.catalog.tracked_items import TrackedItem
from ordito.catalog.types import ItemFacts
from ordito.flows.binned_places import find_bin_faults
from ordito.flows.count_readings import Reading
from ordito.flows.document_lots import DocumentLots, refuse_untracked
from ordito.flows.reference import reference
from ordito.inventory.bin_stock import read_contents
from ordito.inventory.counts import LotDifference
from ordito.inventory.cycle_count_asks import CountLimit, EnterCycleCount
from ordito.inventory.cycle_counts import exceeds, shelf_of
from ordito.inventory.lot_book import Layer, LotCell, LotUse
from ordito.inventory.lots import Lot, LotKey, lock_lots, read_lots
from ordito.inventory.problems import CountTooLow, LotRequired, SerialInStock
from ordito.inventory.serials import find_serials
from ordito.inventory.types import Cell, CellKey
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput


class CountedItem(msgspec.Struct, frozen=True):
    """An item of a count at its location. tracked: how its units are told apart, if they are.

    price: of one unit, in minor units of the limit's currency; None where it has none.
    blind: who counts isn't told what the record says, and can't find it out by trying.
    """

    item: ItemFacts
    location_id: UUID
    tracked: TrackedItem | None
    limit: CountLimit | None
    price: int | None
    blind: bool

    @property
    def key(self) -> CellKey:
        return self.item.id, str(self.location_id)


class TooDifferent(Exception):
    """A difference above the location's limit: nothing is booked before somebody approves."""


class ShelfCount:
    """A count of an item, compared once its cell is locked: the record is as it is then.

    counted:    units in all, of what was looked into.
    difference: pieces more or, negative, fewer than the record has.
    by_bin, by_lot: the same of each bin and lot; those that are right are left out.
    """

    def __init__(self, tx: Tx, of: CountedItem, ask: EnterCycleCount) -> None:
        """Raises InvalidInput when it isn't said what was counted, or wrongly."""
        self.tx = tx
        self.of = of
        self.ask = ask
        self.difference = 0
        self.by_bin: dict[str, int] = {}
        self.by_lot: dict[LotKey, int] = {}
        faults: list[Fault] = []
        self._lots, self._pieces = self._read_lots(faults)
        self.counted = self._read_counted(faults)
        if faults:
            raise InvalidInput("Nothing was counted.", errors=faults)

    def reading(self) -> Reading:
        find_lots = self._compare_lots if self._lots is not None else None
        return Reading(self.of.item, self._compare, find_lots=find_lots, bins=self.by_bin)

    def lot_differences(self) -> dict[str, int] | None:
        """Lot id → difference, for who approves; lots that are new are made. None without lots."""
        if self._lots is None:
            return None
        lots = self._lots.settle(self.by_lot) if self.by_lot else {}
        return {str(lots[key].id): pieces for key, pieces in self.by_lot.items()}

    def _read_lots(self, faults: list[Fault]) -> tuple[DocumentLots | None, dict[LotKey, int]]:
        tracked, named = self.of.tracked, self.ask.lots
        if tracked is None:
            refuse_untracked("", self.of.item.sku, named, faults)
        elif self.of.blind and self.ask.counted and not named:
            detail = f"“{tracked.sku}” is kept by them: say of each how many lie on the shelf."
            faults.append(Fault("/lots", "required", detail))
        if tracked is None or not named:
            return None, {}
        lots = DocumentLots(self.tx, [(tracked, named)])
        return lots, lots.read_counted("", tracked, named, faults)

    def _read_counted(self, faults: list[Fault]) -> int:
        ask, counted = self.ask, self.ask.counted
        of_lots = sum(self._pieces.values())
        if counted is None and ask.lots and not ask.bins:
            counted = of_lots
        elif (counted is None) == (not ask.bins):
            detail = "Say how many were counted in all, or in which bins; not both."
            faults.append(Fault("/counted", "required", detail))
        elif counted is not None and self._lots is not None and counted != of_lots:
            detail = f"The lots add up to {of_lots}, not to {counted}."
            faults.append(Fault("/lots", "wrong-sum", detail))
        if ask.bins and self.of.location_id not in reference(self.tx).binned:
            detail = "The location keeps no bin stock; say how many were counted in all."
            faults.append(Fault("/bins", "no-bin-stock", detail))
        named = {f"/bins/{code}": code for code in ask.bins}
        faults += find_bin_faults(self.tx, self.of.location_id, named)
        return counted if counted is not None else sum(ask.bins.values())

    def _compare(self, cell: Cell) -> int:
        self._compare_bins()
        of_bins = sum(self.by_bin.values())
        self.difference = of_bins if self.ask.bins else self.counted - shelf_of(cell)
        if self.difference and self.of.tracked is not None:
            raise LotRequired(
                f"{self.of.item.sku} is kept by lots or serial numbers, and the count differs from"
                " the record: say how many there are of each, in all bins together. Nothing was"
                " changed.",
                extra={"sku": self.of.item.sku, "counted": self.counted},
            )
        self._require_small(abs(self.difference))
        return cell.on_hand + self.difference

    def _compare_lots(self, cells: Mapping[UUID, LotCell]) -> LotDifference:
        assert self._lots is not None, "it reads no lots without them"
        lots = self._lots.settle(self._pieces)
        by_id = {lot.id: lot for lot in lots.values()}
        layers = layers_of(by_bin=bool(self.ask.bins))
        there = sum_layers(cells, layers)
        _require_all(self.tx, self.of.item, there, by_id)
        compared = {key: n - there.get(lots[key].id, 0) for key, n in self._pieces.items()}
        # In place: a count that waits for an order's lock looks again.
        self.by_lot = {key: pieces for key, pieces in compared.items() if pieces}
        self.difference = sum(self.by_lot.values())
        self._compare_bins()
        if self.ask.bins and sum(self.by_bin.values()) != self.difference:
            detail = (
                f"The lots add up to {sum(self._pieces.values())}; what was counted in bins, with"
                " the record of bins that weren't, comes to something else. Look into every bin"
                " in which it lies."
            )
            raise InvalidInput("Nothing was counted.", errors=[Fault("/lots", "wrong-sum", detail)])
        differences = {lots[key].id: pieces for key, pieces in self.by_lot.items()}
        _refuse_elsewhere(self.tx, by_id, differences)
        found = split_difference(differences, cells, layers)
        # One lot for another is a difference, too.
        self._require_small(max(found.gained, found.lost))
        return found

    def _require_small(self, units: int) -> None:
        if exceeds(self.of.limit, units, self.of.price):
            raise TooDifferent

    def _compare_bins(self) -> None:
        self.by_bin.clear()
        if self.ask.bins:
            recorded = {row.bin: row.qty for row in read_contents(self.tx, [self.of.key])}
            for code, there in self.ask.bins.items():
                if there != recorded.get(code, 0):
                    self.by_bin[code] = there - recorded.get(code, 0)


_SHELF: tuple[Layer, ...] = ("shelf",)
_IN_BINS: tuple[Layer, ...] = ("shelf", "quality_control", "damaged")


def layers_of(*, by_bin: bool) -> tuple[Layer, ...]:
    """What is counted: the shelf, or by bins all that lies in any; missing go in this order."""
    return _IN_BINS if by_bin else _SHELF


def sum_layers(cells: Mapping[UUID, LotCell], layers: Sequence[Layer]) -> dict[UUID, int]:
    """Lot id → pieces in these layers."""
    return {id_: sum(getattr(cell, layer) for layer in layers) for id_, cell in cells.items()}


def split_difference(
    differences: Mapping[UUID, int], cells: Mapping[UUID, LotCell], layers: Sequence[Layer]
) -> LotDifference:
    """What there is more of lots, and from which layers the missing pieces are taken: the cells
    have as many."""
    split = LotDifference([], [], [], [])
    for lot_id, pieces in differences.items():
        if pieces > 0:
            split.more.append((lot_id, pieces))
        missing = max(0, -pieces)
        for layer in layers:
            now = min(missing, getattr(cells[lot_id], layer)) if missing else 0
            if now:
                uses: list[LotUse] = getattr(split, layer)
                uses.append((lot_id, now))
                missing -= now
        assert not missing, "caller looked that the cells have as many"
    return split


def _refuse_elsewhere(tx: Tx, lots: Mapping[UUID, Lot], differences: Mapping[UUID, int]) -> None:
    """A serial number that is found here is in stock at no other place, and in nobody's hands."""
    found = [id_ for id_, pieces in differences.items() if pieces > 0 and lots[id_].serial]
    for lot_id in find_serials(tx, found) if found else ():
        raise SerialInStock(
            f"{lots[lot_id].code} is in stock elsewhere by the record: at another location, picked"
            " for an order, or set aside. Nothing was changed; put that right first, or check the"
            " number."
        )


def add_differences(
    tx: Tx, item: ItemFacts, differences: Mapping[UUID, int], *, by_bin: bool
) -> Callable[[Mapping[UUID, LotCell]], LotDifference]:
    """What books differences of lots that were counted before; it raises CountTooLow where fewer
    are left of a lot by now than were missing, SerialInStock."""

    def find_lots(cells: Mapping[UUID, LotCell]) -> LotDifference:
        lots = lock_lots(tx, differences)
        layers = layers_of(by_bin=by_bin)
        there = sum_layers(cells, layers)
        for lot_id, pieces in differences.items():
            left = there.get(lot_id, 0)
            if left + pieces < 0:
                raise CountTooLow(
                    f"{item.sku} {lots[lot_id].code}: {-pieces} are missing by the count, and"
                    f" {left} are left there by now. Have it counted again.",
                    extra={"sku": item.sku, "lot": lots[lot_id].code, "shelf": left,
                           "difference": pieces},
                )  # fmt: skip
        _refuse_elsewhere(tx, lots, differences)
        return split_difference(differences, cells, layers)

    return find_lots


def _require_all(
    tx: Tx, item: ItemFacts, there: Mapping[UUID, int], counted: Collection[UUID]
) -> None:
    left_out = [lot_id for lot_id, pieces in there.items() if pieces and lot_id not in counted]
    if left_out:
        known = sorted(lot.code for lot in read_lots(tx, left_out).values())
        codes = ", ".join(known[:10])
        raise LotRequired(
            f"{item.sku}: {codes} should be there too. Count them, 0 if they aren't."
            " Nothing was changed.",
            extra={"sku": item.sku, "lots": [{"lot": code} for code in known]},
        )
