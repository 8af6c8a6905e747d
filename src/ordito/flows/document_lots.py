"""The lots that documents about stock name: read once for all, made when they are new."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ordito.catalog.tracked_items import TrackedItem
from ordito.flows.lot_codes import LotCode, LotCodes
from ordito.flows.reference import reference
from ordito.inventory.asks import CountedLot, LotNamed, LotUnits
from ordito.inventory.lot_book import Layer, LotBook, LotUse
from ordito.inventory.lots import Lot, LotKey, find_lots, insert_lots, lock_lots
from ordito.inventory.problems import LotShort, SerialInStock
from ordito.inventory.serials import find_serials
from ordito.inventory.types import CellKey
from ordito.kernel.ids import new_id
from ordito.kernel.moves import Bucket
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.problems import Fault

SELLABLE: frozenset[Bucket] = frozenset(("available", "safety"))

NamedLot = tuple[LotKey, int]
"""A lot and pieces of it."""


class LotLine(msgspec.Struct, frozen=True):
    """A line of a document about a tracked item. into: the bucket its units come to."""

    pointer: str
    item: TrackedItem
    location: Location
    lots: Sequence[LotUnits]
    quantity: int
    into: Bucket


class DocumentLots:
    """Lots as documents name them. First every line is read, then what is new is made."""

    def __init__(self, tx: Tx, named: Iterable[tuple[TrackedItem, Sequence[LotNamed]]]) -> None:
        pairs = [(item, units) for item, lots in named for units in lots]
        self.tx = tx
        self._codes = LotCodes(tx, {units.lot for _, units in pairs})
        keys = set()
        for item, units in pairs:
            code = self._codes.find(units.lot, item, "", [])
            if code is not None:
                keys.add((item.id, code.key))
        self._known = find_lots(tx, keys) if keys else {}
        serials = [lot.id for lot in self._known.values() if lot.serial]
        self._placed = find_serials(tx, serials) if serials else {}
        self._new: dict[LotKey, Lot] = {}
        self._arriving: set[LotKey] = set()

    def read_in(self, line: LotLine, faults: list[Fault]) -> list[NamedLot]:
        """The lots of units that come in from outside; those that are new are noted."""
        found: list[NamedLot] = []
        for n, units in enumerate(line.lots):
            pointer = f"{line.pointer}/lots/{n}"
            code = self._codes.find(units.lot, line.item, f"{pointer}/lot", faults)
            lot = self._find_or_note(line.item, units, code, pointer, faults) if code else None
            if lot is None:
                continue
            self._check_serial(lot, units, pointer, faults)
            self._check_fit(line, lot, pointer, faults)
            found.append((lot.key, units.quantity))
        self._check_sum(line, faults)
        return found

    def read_out(self, line: LotLine, faults: list[Fault]) -> list[NamedLot]:
        """The lots of units that are there: none of them is new."""
        found: list[NamedLot] = []
        for n, units in enumerate(line.lots):
            pointer = f"{line.pointer}/lots/{n}"
            code = self._codes.find(units.lot, line.item, f"{pointer}/lot", faults)
            if code is None:
                continue
            lot = self._known.get((line.item.id, code.key))
            if lot is None:
                detail = f"“{line.item.sku}” has no lot “{code.code}”; check the label."
                faults.append(Fault(f"{pointer}/lot", "unknown-lot", detail))
                continue
            self._check_fit(line, lot, pointer, faults)
            found.append((lot.key, units.quantity))
        self._check_sum(line, faults)
        return found

    def read_counted(
        self, pointer: str, item: TrackedItem, lots: Sequence[CountedLot], faults: list[Fault]
    ) -> dict[LotKey, int]:
        """Pieces counted of each lot; those that are new are noted."""
        found: dict[LotKey, int] = {}
        for n, counted in enumerate(lots):
            at = f"{pointer}/lots/{n}"
            code = self._codes.find(counted.lot, item, f"{at}/lot", faults)
            lot = self._find_or_note(item, counted, code, at, faults) if code else None
            if lot is None:
                continue
            if lot.key in found:
                detail = f"“{lot.code}” is counted twice; add the counts up."
                faults.append(Fault(f"{at}/lot", "duplicate", detail))
            if lot.serial and counted.counted > 1:
                detail = "A serial number is one unit: count 1, or 0 if it isn't there."
                faults.append(Fault(f"{at}/counted", "serial", detail))
            found[lot.key] = counted.counted
        return found

    def settle(self, named: Iterable[LotKey]) -> dict[LotKey, Lot]:
        """The lots named, made where they are new, and locked; after the cells are.

        Raises SerialInStock when a number that comes in has come in elsewhere meanwhile.
        """
        wanted = set(named)
        insert_lots(self.tx, [lot for key, lot in self._new.items() if key in wanted])
        found = {lot.key: lot.id for lot in find_lots(self.tx, wanted).values()}
        locked = {lot.key: lot for lot in lock_lots(self.tx, found.values()).values()}
        arriving = [locked[key].id for key in self._arriving & wanted if locked[key].serial]
        placed = find_serials(self.tx, arriving) if arriving else {}
        for lot in locked.values():
            if lot.id in placed:
                raise SerialInStock(
                    f"{lot.code} is in stock at {self._code_of(placed[lot.id])}."
                    " Nothing was changed; check the number, or count there."
                )
        return locked

    def _code_of(self, location_id: UUID) -> str:
        if not self.tx.actor.sees_location(location_id):
            return "another location"
        return reference(self.tx).locations_by_id[location_id].code

    def _find_or_note(
        self, item: TrackedItem, units: LotNamed, code: LotCode, pointer: str, faults: list[Fault]
    ) -> Lot | None:
        """The lot, known or noted as new; None, and a fault, where something else is known."""
        key = item.id, code.key
        expires_on = units.expires_on or code.expires_on
        made_on = units.made_on or code.made_on
        known = self._known.get(key) or self._new.get(key)
        if known is not None:
            return _agree(known, item, (expires_on, made_on), pointer, faults)
        if item.expires and expires_on is None:
            detail = f"“{code.code}” is new: say the last day on which it may be used."
            faults.append(Fault(f"{pointer}/expires_on", "required", detail))
            return None
        if expires_on is not None and made_on is not None and made_on > expires_on:
            detail = "It can't end before it was made; check both dates."
            faults.append(Fault(f"{pointer}/made_on", "after-expiry", detail))
            return None
        lot = Lot(
            id=new_id(),
            item_id=UUID(item.id),
            code=code.code,
            code_key=code.key,
            serial=item.serial,
            expires_on=expires_on,
            made_on=made_on,
            supplier_reference=units.supplier_reference.strip(),
            state="free",
            reason="",
            created_at=self.tx.now,
            version=0,
        )
        self._new[key] = lot
        return lot

    def _check_serial(self, lot: Lot, units: LotUnits, pointer: str, faults: list[Fault]) -> None:
        """A serial number that comes in is one unit, and in no place yet."""
        if lot.serial and units.quantity != 1:
            detail = "A serial number is one unit; name each number by itself."
            faults.append(Fault(f"{pointer}/quantity", "serial", detail))
        if lot.serial and lot.key in self._arriving:
            detail = f"“{lot.code}” is named twice; each unit has a number of its own."
            faults.append(Fault(f"{pointer}/lot", "duplicate", detail))
        if lot.id in self._placed:
            where = self._code_of(self._placed[lot.id])
            detail = f"“{lot.code}” is in stock at {where} already; check the number."
            faults.append(Fault(f"{pointer}/lot", "serial-in-stock", detail))
        self._arriving.add(lot.key)

    def _check_fit(self, line: LotLine, lot: Lot, pointer: str, faults: list[Fault]) -> None:
        """What may not be sold doesn't come to what can be sold."""
        if line.into not in SELLABLE:
            return
        if lot.state == "blocked":
            detail = (
                f"“{lot.code}” is blocked ({lot.reason}): put it into quality control, or free the"
                " lot first."
            )
            faults.append(Fault(f"{pointer}/lot", "lot-blocked", detail))
        elif not lot.is_fit(fit_day_at(self.tx, line.item, line.location)):
            detail = (
                f"“{lot.code}” ends on {lot.expires_on} and must keep {line.item.sell_days} day(s)"
                " to be sold: put it into quality control, or throw it away."
            )
            faults.append(Fault(f"{pointer}/lot", "lot-too-old", detail))

    def _check_sum(self, line: LotLine, faults: list[Fault]) -> None:
        pointer = f"{line.pointer}/lots"
        named = sum(units.quantity for units in line.lots)
        if not line.lots:
            what = "serial number of each unit" if line.item.serial else "lots of the units"
            more = " with the last day of each" if line.item.expires else ""
            detail = f"“{line.item.sku}” is kept by them: say the {what}{more}."
            faults.append(Fault(pointer, "required", detail))
        elif named != line.quantity:
            detail = f"The lots name {named} units, the line {line.quantity}."
            faults.append(Fault(pointer, "wrong-sum", detail))


def _agree(
    lot: Lot,
    item: TrackedItem,
    said: tuple[date | None, date | None],
    pointer: str,
    faults: list[Fault],
) -> Lot | None:
    """A known lot, where nothing else was said of it than is known."""
    if lot.serial != item.serial:
        detail = f"“{lot.code}” was used before, when the item was kept in another way."
        faults.append(Fault(f"{pointer}/lot", "other-kind", detail))
        return None
    known = (("expires_on", lot.expires_on), ("made_on", lot.made_on))
    wrong = [
        (name, old) for (name, old), new in zip(known, said, strict=True) if new not in (None, old)
    ]
    for name, old in wrong:
        detail = (
            f"“{lot.code}” is known with {old or 'no such date'}; check the label, or correct the"
            " lot first."
        )
        faults.append(Fault(f"{pointer}/{name}", "differs", detail))
    return None if wrong else lot


def fit_day_at(tx: Tx, item: TrackedItem, location: Location) -> date:
    """The earliest last day with which a lot may be sold there now."""
    return item.first_fit_day(tx.now.astimezone(ZoneInfo(location.time_zone)).date())


def refuse_untracked(pointer: str, sku: str, lots: Sequence[LotNamed], faults: list[Fault]) -> None:
    """Lots said of an item that has none would be lost without a word."""
    if lots:
        detail = f"“{sku}” is not kept by lots; leave them out, or change the item first."
        faults.append(Fault(f"{pointer}/lots", "not-tracked", detail))


def require_in_layer(
    book: LotBook, key: CellKey, layer: Layer, uses: Iterable[LotUse], lots: Mapping[UUID, Lot]
) -> None:
    """Raises LotShort when a lot has fewer pieces there than are taken from it."""
    sums: Counter[UUID] = Counter()
    for lot_id, pieces in uses:
        sums[lot_id] += pieces
    for lot_id, pieces in sums.items():
        cell = book.cells[key].get(lot_id)
        there = getattr(cell, layer) if cell else 0
        if there < pieces:
            where = "on the shelf" if layer == "shelf" else f"in {layer.replace('_', ' ')}"
            raise LotShort(
                f"{lots[lot_id].code}: {there} {where}, not {pieces}. Nothing was changed.",
                extra={"lot": lots[lot_id].code, "asked": pieces, "there": there},
            )
