"""The lots of an assembly: of the parts it takes and gives back, and of what it makes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from ordito.catalog.tracked_items import TrackedItem, lock_tracking
from ordito.flows.document_lots import DocumentLots, LotLine, fit_day_at, refuse_untracked
from ordito.flows.lot_codes import LotCodes
from ordito.flows.reference import reference
from ordito.flows.stock_documents import raise_faults
from ordito.inventory.asks import LotUnits
from ordito.inventory.assemblies import Assembly, PartLine
from ordito.inventory.assembly_asks import AssemblyPart, PartLots, StockAssembly
from ordito.inventory.assembly_lots import (
    PartLot,
    add_made_lots,
    read_part_lots,
    return_part_lots,
    take_part_lots,
)
from ordito.inventory.fefo import ShelfLot, propose, read_shelf_lots
from ordito.inventory.ledger import Ledger
from ordito.inventory.lot_book import LotBook, LotUse, open_book
from ordito.inventory.lots import find_lots, lock_lots, read_lots
from ordito.inventory.problems import LotRequired, LotShort, LotUnfit, SerialInStock
from ordito.inventory.serials import find_serials
from ordito.inventory.types import CellKey
from ordito.kernel.text import normal_code
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.problems import Fault

ToldLots = list[tuple[str, str, int]]
"""SKU, lot and pieces each, for a timeline."""


class AssemblyLots:
    """The book of an assembly's locked cells, and the lots that its items are kept by.

    told: the assembly as it is told, for its SKUs.
    """

    def __init__(self, tx: Tx, assembly: Assembly, told: StockAssembly, ledger: Ledger) -> None:
        self.tx = tx
        self.assembly = assembly
        self.told = told
        ids = {assembly.item_id, *(part.item_id for part in assembly.parts)}
        self.tracked = lock_tracking(tx, ids)
        self.book: LotBook = open_book(tx, self.tracked.keys(), ledger.cells)
        ledger.lots = self.book
        self.place: Location = reference(tx).locations_by_id[assembly.location_id]
        self.moved: ToldLots = []

    def take(self, parts: Sequence[PartLine], asked: Sequence[PartLots]) -> None:
        """Choose the lots of the parts that leave the shelf: those named, or what ends first.

        Raises InvalidInput, LotShort, LotUnfit.
        """
        named = self._by_line(asked)
        shelf = read_shelf_lots(self.tx, [self._cell(p.item_id) for p in self._tracked_of(parts)])
        lock_lots(self.tx, {lot.lot_id for lots in shelf.values() for lot in lots})
        uses: list[tuple[int, LotUse]] = []
        for part in self._tracked_of(parts):
            item = self.tracked[str(part.item_id)]
            there = shelf.get(self._cell(part.item_id), [])
            chosen = self._choose_taken(part, item, there, named.get(part.line_no, ()))
            self.book.choose(self._cell(part.item_id), ("available", "assembly"), chosen)
            self._tell(item, {lot.lot_id: lot.code for lot in there}, chosen)
            uses += [(part.line_no, use) for use in chosen]
        take_part_lots(self.tx, self.assembly.id, uses)

    def make(self, quantity: int, named: Sequence[LotUnits]) -> None:
        """Choose the lots of what is made and fit for sale: those named, or one that is called as
        the assembly and lasts as long as what it is made of.

        Raises InvalidInput, SerialInStock.
        """
        item = self.tracked.get(str(self.assembly.item_id))
        faults: list[Fault] = []
        if item is None:
            refuse_untracked("", self.told.sku, named, faults)
            raise_faults(faults)
            return
        if not quantity:
            if named:
                detail = "Lots are named, and no unit is fit for sale."
                raise_faults([Fault("/lots", "wrong-sum", detail)])
            return
        if not named and not item.serial:
            named = [self._own_lot(item, quantity)]
        lots = DocumentLots(self.tx, [(item, named)])
        line = LotLine("", item, self.place, named, quantity, "available")
        found = lots.read_in(line, faults)
        raise_faults(faults)
        known = lots.settle(key for key, _ in found)
        uses = [(known[key].id, pieces) for key, pieces in found]
        cell = self._cell(self.assembly.item_id)
        self.book.choose(cell, ("incoming", "available"), uses, serial=item.serial)
        self._tell(item, {lot.id: lot.code for lot in known.values()}, uses)
        sums: Counter[UUID] = Counter()
        for lot_id, pieces in uses:
            sums[lot_id] += pieces
        add_made_lots(self.tx, self.assembly.id, list(sums.items()))

    def give_back(self, left: Mapping[int, int], asked: Sequence[PartLots]) -> None:
        """Choose the lots of parts that go back on the shelf. left: line no → pieces.

        Where some were used, and of several lots, it isn't known which are left, and asked.
        Raises InvalidInput, LotRequired, LotShort, SerialInStock.
        """
        named = self._by_line(asked)
        taken: dict[int, list[PartLot]] = {}
        for lot in read_part_lots(self.tx, [self.assembly.id]):
            if lot.open:
                taken.setdefault(lot.line_no, []).append(lot)
        lock_lots(self.tx, {lot.lot_id for lots in taken.values() for lot in lots})
        uses: list[tuple[int, LotUse]] = []
        for part in self._tracked_of(self.assembly.parts):
            pieces = left.get(part.line_no, 0)
            if not pieces:
                continue
            item, there = self.tracked[str(part.item_id)], taken.get(part.line_no, [])
            chosen = self._choose_returned(part, item, pieces, there, named.get(part.line_no, ()))
            cell = self._cell(part.item_id)
            self.book.choose(cell, ("assembly", "available"), chosen, serial=item.serial)
            self._tell(item, {}, chosen)
            uses += [(part.line_no, use) for use in chosen]
        return_part_lots(self.tx, self.assembly.id, uses)

    def _cell(self, item_id: UUID) -> CellKey:
        return str(item_id), str(self.assembly.location_id)

    def _tracked_of(self, parts: Sequence[PartLine]) -> list[PartLine]:
        return [part for part in parts if str(part.item_id) in self.tracked]

    def _tell(self, item: TrackedItem, codes: Mapping[UUID, str], uses: Sequence[LotUse]) -> None:
        unknown = [lot_id for lot_id, _ in uses if lot_id not in codes]
        read = read_lots(self.tx, unknown) if unknown else {}
        for lot_id, pieces in uses:
            code = codes.get(lot_id) or read[lot_id].code
            self.moved.append((item.sku, code, pieces))

    def _by_line(self, asked: Sequence[PartLots]) -> dict[int, Sequence[LotUnits]]:
        """Line no → the lots named of it; raises InvalidInput for what is no part with lots."""
        part_of: dict[str, AssemblyPart] = {normal_code(p.sku): p for p in self.told.parts}
        named: dict[int, Sequence[LotUnits]] = {}
        faults: list[Fault] = []
        for n, one in enumerate(asked):
            part = part_of.get(normal_code(one.sku))
            pointer = f"/lots/{n}"
            if part is None:
                detail = f"“{one.sku}” is no part of this assembly."
                faults.append(Fault(f"{pointer}/sku", "unknown-line", detail))
            elif str(part.item_id) not in self.tracked:
                refuse_untracked(pointer, part.sku, one.lots, faults)
            elif part.line_no in named:
                detail = f"“{part.sku}” is named twice; put its lots together."
                faults.append(Fault(f"{pointer}/sku", "duplicate", detail))
            else:
                named[part.line_no] = one.lots
        raise_faults(faults)
        return named

    def _choose_taken(
        self,
        part: PartLine,
        item: TrackedItem,
        there: Sequence[ShelfLot],
        named: Sequence[LotUnits],
    ) -> list[LotUse]:
        fit_day = fit_day_at(self.tx, item, self.place)
        if not named:
            uses = propose(there, part.taken, first_fit_day=fit_day)
            fit = sum(pieces for _, pieces in uses)
            if fit < part.taken:
                raise LotUnfit(
                    f"{item.sku}: {part.taken} are needed, and lots that may be sold have {fit}."
                    " No stock was moved. Make fewer, or free a lot that is blocked by mistake.",
                    extra={"sku": item.sku, "asked": part.taken, "fit": fit},
                )
            return uses
        known = {normal_code(lot.code): (lot.lot_id, lot.shelf) for lot in there}
        chosen = self._find(item, part, part.taken, known, named)
        unfit = [lot for lot in there if lot.lot_id in dict(chosen) and not lot.is_fit(fit_day)]
        if unfit:
            codes = ", ".join(lot.code for lot in unfit)
            raise LotUnfit(
                f"{item.sku} {codes}: blocked, or too old. No stock was moved. Take another lot.",
                extra={"sku": item.sku, "lots": [{"lot": lot.code} for lot in unfit]},
            )
        return chosen

    def _choose_returned(
        self,
        part: PartLine,
        item: TrackedItem,
        left: int,
        taken: Sequence[PartLot],
        named: Sequence[LotUnits],
    ) -> list[LotUse]:
        known = {normal_code(lot.lot): (lot.lot_id, lot.open) for lot in taken}
        if not taken:
            return self._find_new(item, left, named)
        if named:
            uses = self._find(item, part, left, known, named)
        elif sum(lot.open for lot in taken) == left:
            uses = [(lot.lot_id, lot.open) for lot in taken]
        elif len(taken) == 1:
            uses = [(taken[0].lot_id, left)]
        else:
            words = ", ".join(f"{lot.lot} ({lot.open})" for lot in taken)
            raise LotRequired(
                f"Say which lots the {left} of {item.sku} are that go back. Taken were: {words}."
                " No stock was moved.",
                extra={
                    "sku": item.sku,
                    "quantity": left,
                    "lots": [{"lot": lot.lot, "quantity": lot.open} for lot in taken],
                },
            )
        self._refuse_elsewhere(item, uses)
        return uses

    def _refuse_elsewhere(self, item: TrackedItem, uses: Sequence[LotUse]) -> None:
        ids = [lot_id for lot_id, _ in uses]
        placed = find_serials(self.tx, ids) if item.serial else {}
        if placed:
            codes = ", ".join(lot.code for lot in read_lots(self.tx, placed).values())
            raise SerialInStock(
                f"{codes}: in stock already by the record. No stock was moved. Count there first,"
                " or say which numbers go back."
            )

    def _find_new(self, item: TrackedItem, left: int, named: Sequence[LotUnits]) -> list[LotUse]:
        """Lots of parts that were taken before their item began to have any."""
        lots = DocumentLots(self.tx, [(item, named)])
        faults: list[Fault] = []
        line = LotLine("", item, self.place, named, left, "available")
        found = lots.read_in(line, faults)
        raise_faults(faults)
        known = lots.settle(key for key, _ in found)
        return [(known[key].id, pieces) for key, pieces in found]

    def _find(
        self,
        item: TrackedItem,
        part: PartLine,
        needed: int,
        known: Mapping[str, tuple[UUID, int]],
        named: Sequence[LotUnits],
    ) -> list[LotUse]:
        """The lots named, of those known: code → lot id and pieces that it has."""
        codes = LotCodes(self.tx, [one.lot for one in named])
        faults: list[Fault] = []
        sums: Counter[str] = Counter()
        for one in named:
            code = codes.find(one.lot, item, "/lots", faults)
            if code is not None:
                sums[code.key] += one.quantity
        if not faults and sums.total() != needed:
            detail = f"Needed are {needed} of “{item.sku}”; its lots name {sums.total()}."
            faults.append(Fault("/lots", "wrong-sum", detail))
        raise_faults(faults)
        for key, pieces in sums.items():
            there = known.get(key, (None, 0))[1]
            if pieces > there:
                raise LotShort(
                    f"{item.sku} {key}: {there} there, not {pieces}. No stock was moved.",
                    extra={"sku": item.sku, "lot": key, "asked": pieces, "there": there,
                           "line_no": part.line_no},
                )  # fmt: skip
        return [(known[key][0], pieces) for key, pieces in sums.items()]

    def _own_lot(self, item: TrackedItem, quantity: int) -> LotUnits:
        """The lot that is called as the assembly."""
        code = f"A-{self.assembly.number}"
        if find_lots(self.tx, [(item.id, normal_code(code))]):
            return LotUnits(lot=code, quantity=quantity)
        today = self.tx.now.astimezone(ZoneInfo(self.place.time_zone)).date()
        last = last_day_of(read_part_lots(self.tx, [self.assembly.id]))
        made_on = today if last is None or last >= today else None
        return LotUnits(
            lot=code,
            quantity=quantity,
            expires_on=last if item.expires else None,
            made_on=made_on if item.expires else today,
        )


def last_day_of(lots: Sequence[PartLot]) -> date | None:
    """The last day of what is made of these lots: of the part that ends first."""
    return min((lot.expires_on for lot in lots if lot.open and lot.expires_on), default=None)
