"""Count stock: the record becomes what was counted; promises that the shelf can't keep are told."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec
import psycopg

from ordito.catalog.tracked_items import lock_tracking
from ordito.catalog.types import ItemFacts
from ordito.flows.bin_walks import lead
from ordito.flows.count_readings import Count, CountedCell, Locks, Reading, rank_claims
from ordito.flows.counted_lots import read_counted_lots
from ordito.flows.document_lots import refuse_untracked
from ordito.flows.opened_orders import OpenedOrder, open_orders
from ordito.flows.order_changes import OrderChanges
from ordito.flows.stock_documents import StockNames, raise_faults, tell_cells
from ordito.fulfillment.tasks import close_counts
from ordito.fulfillment.types import FulfillmentOrder
from ordito.inventory.adjustments import COUNT
from ordito.inventory.asks import CountLine, CountStock, ShortenedOrder, StockCounted
from ordito.inventory.bin_counts import correct_bins
from ordito.inventory.bin_types import UNPLACED
from ordito.inventory.counts import LotDifference, Takes
from ordito.inventory.endless import end_endless
from ordito.inventory.events import HoldEnded
from ordito.inventory.events import StockCounted as StockWasCounted
from ordito.inventory.holds import HOLD, free_holds, lock_holds
from ordito.inventory.ledger import lock_cells
from ordito.inventory.lot_book import open_book
from ordito.inventory.problems import CountOutdated, CountTooLow, LotRequired
from ordito.inventory.reservations import read_reservations
from ordito.inventory.types import Cell, CellKey, Reservation
from ordito.kernel.ids import new_id
from ordito.kernel.moves import Bucket, LineState
from ordito.orders.events import UnitsShort
from ordito.orders.orders import ORDER
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Busy, Fault
from ordito.platform.revisions import raise_revision

ROUNDS = 6
"""Times the promises of a cell may change while their orders are being locked."""


@command(permission="inventory.write")
def count_stock(tx: Tx, ask: CountStock) -> StockCounted:
    """Make the record what was counted. What is missing is taken from what is free, then from
    the promises that are due last: their units wait to be sourced anew."""
    return book_count(tx, _find_names(tx, ask))


def book_count(tx: Tx, count: Count) -> StockCounted:
    """Make the record what was counted; raises CountOutdated, CountTooLow, Busy."""
    locks = Locks()
    for _round in range(ROUNDS):
        # Orders come before cells: whoever turns out to lose only once the cells are locked is
        # locked in the next round, with the cells let go.
        with tx.conn.transaction() as savepoint:
            attempt = _Attempt(tx, count, locks)
            missing = attempt.find_losers()
            if not missing.orders and not missing.holds:
                return attempt.write()
            raise psycopg.Rollback(savepoint)
        locks.orders |= missing.orders
        locks.holds |= missing.holds
    raise Busy("Orders for the same stock were changing all the time. Nothing was written.")


def _find_names(tx: Tx, ask: CountStock) -> Count:
    names = StockNames(tx, [ask])
    faults: list[Fault] = []
    location = names.find_location(ask.location, faults, open_only=False)
    readings: list[Reading] = []
    for n, line in enumerate(ask.lines):
        item = names.find_item(n, line.sku, faults)
        if item is None:
            continue
        if any(item == reading.item for reading in readings):
            detail = f"“{item.sku}” is counted twice; add the counts up."
            faults.append(Fault(f"/lines/{n}/sku", "duplicate", detail))
        readings.append(_read_whole(item, line))
        tracked = names.tracked.get(item.id)
        if tracked is None:
            refuse_untracked(f"/lines/{n}", item.sku, line.lots, faults)
        elif line.lots:
            find_lots = read_counted_lots(names, f"/lines/{n}", tracked, line, faults)
            readings[-1] = msgspec.structs.replace(readings[-1], find_lots=find_lots)
    raise_faults(faults)
    assert location is not None, "without a fault it was found"
    return Count(new_id(), location, tuple(readings), ask.note)


def _read_whole(item: ItemFacts, line: CountLine) -> Reading:
    return Reading(item, lambda _cell: line.counted, line.expected)


class _Attempt:
    """One try, with everything locked that is known to be concerned."""

    def __init__(self, tx: Tx, count: Count, locks: Locks) -> None:
        self.tx = tx
        self.count = count
        self.opened = open_orders(tx, locks.orders) if locks.orders else {}
        self.holds = lock_holds(tx, locks.holds) if locks.holds else {}
        self.kept = read_reservations(tx, self.holds) if self.holds else []
        self.changes = OrderChanges(tx, self.opened)
        self.ledger = lock_cells(tx, self._cells())
        self._after = {key: _copy(cell) for key, cell in self.ledger.cells.items()}
        self.before = {key: _copy(cell) for key, cell in self.ledger.cells.items()}
        self.tracked = lock_tracking(tx, {reading.item.id for reading in count.readings})
        self.book = self.ledger.lots = open_book(tx, self.tracked.keys(), self.ledger.cells)
        self.lines: list[tuple[CellKey, ItemFacts, CountedCell]] = [
            (key, reading.item, self._read(key, reading))
            for key, reading in zip(count.keys(), count.readings, strict=True)
        ]
        self.takes: dict[CellKey, Takes] = {}
        self.lost: defaultdict[tuple[UUID, int], Counter[int]] = defaultdict(Counter)
        """(order, fulfillment order) → line → units that lost their stock."""
        self.ended: set[UUID] = set()

    def _read(self, key: CellKey, reading: Reading) -> CountedCell:
        before = self.before[key]
        if reading.find_lots is not None:
            lots = reading.find_lots(self.book.cells[key])
            counted = before.on_hand + lots.gained - lots.lost
            return CountedCell(counted, reading.expected, lots)
        line = CountedCell(reading.find_counted(before), reading.expected)
        if key[0] in self.book.tracked and line.counted != before.on_hand:
            raise LotRequired(
                f"{reading.item.sku} is kept by lots or serial numbers: {line.counted} counted,"
                f" {before.on_hand} on record. Count each lot, so that the right one is corrected."
                " Nothing was changed.",
                extra={"sku": reading.item.sku, "counted": line.counted,
                       "on_hand": before.on_hand},
            )  # fmt: skip
        return line

    def _cells(self) -> set[CellKey]:
        """The counted cells, and those in which losing a promise frees other stock."""
        place = str(self.count.location.id)
        cells = set(self.count.keys())
        cells |= {(str(row.item_id), str(row.location_id)) for row in self.kept}
        cells |= {
            (str(part.item_id), place)
            for opened in self.opened.values()
            for parts in opened.parts.values()
            for part in parts
        }
        return cells

    def find_losers(self) -> Locks:
        """Decide who loses what; gives those that must be locked first, if any.

        Raises CountOutdated, CountTooLow.
        """
        self._check_expected()
        missing = Locks()
        lines = self.lines
        short = [key for key, _, line in lines if line.split(self.before[key]).reserved]
        claims = rank_claims(self.tx, short) if short else {}
        for key, item, line in lines:
            cell = self._after[key]
            takes = line.split(cell)
            if takes.picked:
                raise CountTooLow(
                    f"{item.sku}: {line.counted} counted, but {cell.picked} are picked or packed."
                    " Count those too, or put them back first. Nothing was changed.",
                    extra={"sku": item.sku, "picked": cell.picked, "counted": line.counted},
                )
            self.takes[key] = takes
            self._take_promises(key, takes.reserved, claims.get(key, []), missing)
        return missing

    def _check_expected(self) -> None:
        outdated = [
            {"sku": item.sku, "expected": line.expected, "on_hand": self.before[key].on_hand}
            for key, item, line in self.lines
            if line.expected is not None and line.expected != self.before[key].on_hand
        ]
        if outdated:
            words = "; ".join(
                f"{row['sku']}: {row['on_hand']} on hand now, not {row['expected']}"
                for row in outdated[:5]
            )
            raise CountOutdated(
                f"{words}. Nothing was changed; count again.", extra={"lines": outdated}
            )

    def _take_promises(
        self, key: CellKey, need: int, claims: Sequence[Reservation], missing: Locks
    ) -> None:
        """Free promised pieces of a cell until `need` of them are, the last claim first."""
        for claim in claims:
            if need <= 0:
                return
            if claim.expires_at is not None:
                if claim.holder_id not in self.holds:
                    missing.holds.add(claim.holder_id)
                    need -= claim.qty
                else:
                    need -= self._end_hold(key, claim.holder_id)
            elif claim.holder_id not in self.opened:
                missing.orders.add(claim.holder_id)
                need -= claim.qty
            else:
                need -= self._open_units(key, self.opened[claim.holder_id], claim.line_no, need)
        assert need <= 0, "what is reserved is held by someone"

    def _end_hold(self, key: CellKey, hold_id: UUID) -> int:
        """A hold that can't be kept whole is no use to its customer: it ends."""
        if hold_id in self.ended:
            return 0
        self.ended.add(hold_id)
        freed = 0
        for row in self.kept:
            if row.holder_id == hold_id:
                cell = str(row.item_id), str(row.location_id)
                self._free(cell, row.qty)
                freed += row.qty if cell == key else 0
        return freed

    def _open_units(self, key: CellKey, opened: OpenedOrder, line_no: int, need: int) -> int:
        """Units of a line lose their stock at this place; gives the pieces freed of the cell."""
        per_unit = next(p.per_unit for p in opened.parts[line_no] if str(p.item_id) == key[0])
        freed = 0
        for fo in sorted(opened.fos.values(), key=lambda fo: fo.fo_no, reverse=True):
            work = opened.work.get((fo.fo_no, line_no))
            if work is None or fo.location_id != self.count.location.id or freed >= need:
                continue
            lost = self.lost[opened.order.id, fo.fo_no]
            left = work.qty - work.picked - lost[line_no]
            units = min(left, -(-(need - freed) // per_unit))
            if units <= 0:
                continue
            lost[line_no] += units
            self._move(opened, line_no, units, fo)
            for part in opened.parts[line_no]:
                self._free((str(part.item_id), key[1]), units * part.per_unit)
            freed += units * per_unit
        return freed

    def _move(self, opened: OpenedOrder, line_no: int, units: int, fo: FulfillmentOrder) -> None:
        held: LineState = "reserved" if fo.state in ("scheduled", "open") else "released"
        self.changes.move(opened, line_no, units, (held, "open"), fo)
        item_id = opened.lines[line_no].item_id
        self.changes.tasks.append(
            ("shortage", opened.order.id, line_no, fo.location_id, item_id, units)
        )

    def _free(self, key: CellKey, qty: int) -> None:
        cell = self._after[key]
        cell.reserved -= qty
        cell.available += qty

    def write(self) -> StockCounted:
        """Write the count with all that follows from it; the cells after it."""
        tx, count = self.tx, self.count
        if self.lost:
            self._mark_short()
            self.changes.write(count.reason, ledger=self.ledger)
        if self.ended:
            kept = [row for row in self.kept if row.holder_id in self.ended]
            free_holds(tx, self.ended, kept, self.ledger, count.reason)
            self._tell_holders(kept)
        self._post()
        self.ledger.send(tx)
        for (order_id, fo_no), units in sorted(self.lost.items()):
            lines = dict(sorted((+units).items()))
            if lines:
                event = UnitsShort(fo_no, count.location.code, lines, count.reason)
                tx.emit(ORDER, order_id, event)
        if count.tell:
            self._tell_count()
        cells = [(item.sku, key) for key, item, _ in self.lines]
        return StockCounted(
            id=count.id,
            location=count.location.code,
            lines=tell_cells(self.ledger, cells),
            shortened=self._shortened(),
            ended_holds=sorted(self.ended),
        )

    def _tell_count(self) -> None:
        count = self.count
        close_counts(self.tx, [key for key, _, _ in self.lines])
        told = [(item.id, self.before[key].on_hand, line.counted) for key, item, line in self.lines]
        event = StockWasCounted(count.location.code, count.note, told, self._freed())
        self.tx.emit(COUNT, count.id, event)

    def _mark_short(self) -> None:
        """Parts of orders that have nothing left to do end short, not cancelled."""
        for (order_id, fo_no), lost in self.lost.items():
            opened = self.opened[order_id]
            if opened.sums_of(fo_no).qty == lost.total():
                self.changes.mark(opened.fos[fo_no], "short")

    def _outside(self) -> Bucket:
        """Where units come from and go to that a count finds and misses.

        A supplier's count is what it declares: the units are and stay its own until they are sent,
        so that what it sends goes from the supplier to the customer. What it counts has an end.
        """
        place = self.count.location
        if place.kind != "supplier":
            return "adjustment"
        if end_endless(self.tx, place.id, [key[0] for key, _, _ in self.lines]):
            raise_revision(self.tx, "reference")
        return "supplier"

    def _post(self) -> None:
        reason, outside = self.count.reason, self._outside()
        gone_to = outside if self.count.gone_to == "adjustment" else self.count.gone_to
        lead(self.tx, self.ledger)
        # What nobody finds is what nobody had put anywhere, before it is what lies in a bin.
        self.ledger.bin = UNPLACED
        for n, (key, _item, line) in enumerate(self.lines):
            source = (str(self.count.id), n + 1)
            self._choose_lots(key, line.lots)
            more = line.more(self.before[key])
            difference = line.counted - self.before[key].on_hand
            short, found = correct_bins(self.tx, key, self.count.readings[n].bins, difference)
            self.ledger.move_bins(key, short, source[0])
            if more > 0:
                self.ledger.post(key, outside, "available", more, reason=reason, source=source)
            self.ledger.move_bins(key, found, source[0])
            takes = self.takes[key]
            gone: dict[Bucket, int] = {
                "available": takes.available + takes.reserved,
                "safety": takes.safety,
                "quality_control": takes.quality_control,
                "damaged": takes.damaged,
            }
            for bucket, qty in gone.items():
                if qty:
                    self.ledger.post(key, bucket, gone_to, qty, reason=reason, source=source)

    def _choose_lots(self, key: CellKey, lots: LotDifference | None) -> None:
        if lots is None:
            return
        book, gone_to = self.book, self.count.gone_to
        serial = self.tracked[key[0]].serial
        book.choose(key, ("adjustment", "available"), lots.more, serial=serial)
        book.choose(key, ("available", gone_to), lots.shelf)
        book.choose(key, ("quality_control", gone_to), lots.quality_control)
        book.choose(key, ("damaged", gone_to), lots.damaged)
        if gone_to == "quality_control":
            for lot_id, qty in lots.shelf:
                book.hold_back(key, lot_id, qty)

    def _tell_holders(self, kept: Sequence[Reservation]) -> None:
        freed: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
        for row in kept:
            freed[row.holder_id][str(row.item_id)] += row.qty
        for hold_id in sorted(self.ended):
            self.tx.emit(HOLD, hold_id, HoldEnded("counted", dict(freed[hold_id])))

    def _freed(self) -> dict[str, int]:
        """Pieces of each item of which more can be sold now."""
        change: Counter[str] = Counter()
        for key, cell in self.ledger.cells.items():
            change[key[0]] += cell.available - self.before[key].available
        return {item_id: qty for item_id, qty in sorted(change.items()) if qty > 0}

    def _shortened(self) -> list[ShortenedOrder]:
        units: defaultdict[UUID, Counter[int]] = defaultdict(Counter)
        for (order_id, _), lost in self.lost.items():
            units[order_id].update(lost)
        return [
            ShortenedOrder(
                id_, self.opened[id_].order.number, {no: n for no, n in lost.items() if n}
            )
            for id_, lost in sorted(units.items())
            if self.tx.actor.sees_channel(self.opened[id_].order.channel_id) and lost.total()
        ]


def _copy(cell: Cell) -> Cell:
    return msgspec.structs.replace(cell)
