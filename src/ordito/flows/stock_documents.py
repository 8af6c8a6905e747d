"""What a document that changes stock names: its location, and the stocked items of its lines."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol, TypeVar

from ordito.catalog.items import send_find_facts
from ordito.catalog.tracked_items import TrackedItem, lock_tracking
from ordito.catalog.types import ItemFacts
from ordito.flows.document_lots import DocumentLots
from ordito.flows.reference import Reference, reference
from ordito.inventory.asks import LINES_MAX, LotNamed, StockLine, StockResult, StockResults
from ordito.inventory.ledger import Ledger
from ordito.inventory.levels import HolderCount, count_holders
from ordito.inventory.problems import OutOfStock
from ordito.inventory.reasons import Reason, read_reasons
from ordito.inventory.types import Cell, CellKey
from ordito.kernel.moves import Bucket
from ordito.kernel.text import normal_code
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput, Problem

TRANSACTION_LINES_MAX = 10_000
"""Lines of all documents of one command. A transaction of so many takes seconds: whoever has
thousands sends them in groups (`split_documents`)."""

CLOCK_MARGIN = timedelta(minutes=5)
"""How far another machine's clock may be ahead of ours."""


class _Document(Protocol):
    @property
    def location(self) -> str: ...

    @property
    def lines(self) -> Sequence[Any]: ...


Document = TypeVar("Document", bound=_Document)


class StockNames:
    """The items and locations that documents name, read once for all of them."""

    def __init__(self, tx: Tx, documents: Sequence[_Document]) -> None:
        self.tx = tx
        self.known: Reference = reference(tx)
        skus = {normal_code(line.sku) for document in documents for line in document.lines}
        self._items = {item.sku_key: item for item in send_find_facts(tx, skus)}
        self.tracked = lock_tracking(tx, {item.id for item in self._items.values()})
        self.lots = DocumentLots(tx, self._named_lots(documents))

    def _named_lots(
        self, documents: Sequence[_Document]
    ) -> Iterator[tuple[TrackedItem, Sequence[LotNamed]]]:
        for document in documents:
            for line in document.lines:
                item = self._items.get(normal_code(line.sku))
                if item is not None and item.id in self.tracked:
                    yield self.tracked[item.id], getattr(line, "lots", ())

    @cached_property
    def _reasons(self) -> dict[str, Reason]:
        return read_reasons(self.tx)

    def find_reason(self, code: str, note: str, pointer: str, faults: list[Fault]) -> Reason | None:
        """The reason, where it is in use; the fault names those that are."""
        reason = self._reasons.get(code)
        if reason is None or not reason.active:
            named = ", ".join(one.code for one in self._reasons.values() if one.active)
            what = "There is no reason" if reason is None else "Nobody gives any more the reason"
            detail = f"{what} “{code[:40]}”. Name one of: {named}."
            faults.append(Fault(pointer, "unknown-reason", detail))
            return None
        if reason.note_required and not note.strip():
            detail = f"The reason “{reason.words or code}” needs a note that says what happened."
            faults.append(Fault("/note", "required", detail))
        return reason

    def find_location(self, code: str, faults: list[Fault], *, open_only: bool) -> Location | None:
        """The location, where the actor sees it. open_only: nothing comes into a closed one."""
        location = self.known.locations.get(code)
        if location is None or not self.tx.actor.sees_location(location.id):
            detail = f"There is no location “{code[:60]}”, or you don't see it."
            faults.append(Fault("/location", "unknown-location", detail))
            return None
        if open_only and not location.active:
            detail = f"The location “{code}” is closed; open it first, or name another."
            faults.append(Fault("/location", "closed", detail))
        return location

    def find_item(self, n: int, sku: str, faults: list[Fault]) -> ItemFacts | None:
        """The stocked item of line `n` (from 0)."""
        item = self._items.get(normal_code(sku))
        if item is not None and item.kind == "stocked":
            return item
        if item is None:
            detail = f"There is no item “{sku[:60]}”; create it, or correct the SKU."
            faults.append(Fault(f"/lines/{n}/sku", "unknown-sku", detail))
        else:
            what = "a kit; book its parts" if item.kind == "kit" else "a service"
            detail = f"No stock is kept of “{item.sku}”: it is {what}."
            faults.append(Fault(f"/lines/{n}/sku", "not-stocked", detail))
        return None


def split_documents(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Documents in order, in groups of at most LINES_MAX lines: one transaction each."""
    group: list[Document] = []
    lines = 0
    for document in documents:
        if group and lines + len(document.lines) > LINES_MAX:
            yield group
            group, lines = [], 0
        group.append(document)
        lines += len(document.lines)
    if group:
        yield group


def require_few_lines(documents: Sequence[_Document], pointer: str) -> None:
    """Raises InvalidInput when documents of one command have too many lines together."""
    lines = sum(len(document.lines) for document in documents)
    if lines > TRANSACTION_LINES_MAX:
        detail = f"{lines} lines in one transaction; send {TRANSACTION_LINES_MAX} at most."
        raise_faults([Fault(pointer, "too-many", detail)])


def run_groups(
    documents: Sequence[Document], book: Callable[[list[Document], int], StockResults]
) -> list[StockResult]:
    """Book any number of documents, a group at a time; the outcome of each, in order.

    book: books the group with that number (from 0). A group that can't be booked at all, the
          database being busy, is told so for each of its documents, and the others go on.
    """
    results: list[StockResult] = []
    for n, group in enumerate(split_documents(documents)):
        try:
            results += book(group, n).results
        except Problem as problem:
            results += [StockResult(problem=problem.body())] * len(group)
    return results


def check_moment(tx: Tx, moment: datetime | None, pointer: str, faults: list[Fault]) -> None:
    """A thing that happened lies in the past."""
    if moment is not None and moment > tx.now + CLOCK_MARGIN:
        faults.append(Fault(pointer, "in-future", "It can't have happened in the future."))


def raise_faults(faults: Sequence[Fault]) -> None:
    """Raises InvalidInput with all faults, if there are any."""
    if faults:
        raise InvalidInput(
            f"{len(faults)} thing(s) to correct; no stock was changed.", errors=faults
        )


def tell_cells(ledger: Ledger, cells: Iterable[tuple[str, CellKey]]) -> list[StockLine]:
    """The cells, each with its SKU, as they are after the document."""
    return [_tell(sku, ledger.cells[key]) for sku, key in cells]


def _tell(sku: str, cell: Cell) -> StockLine:
    return StockLine(sku, cell.on_hand, cell.available, cell.reserved, cell.picked)


class Shortage:
    """Less in a bucket of a cell than a document takes from it."""

    def __init__(self, sku: str, location: Location, cell: Cell, bucket: Bucket, asked: int):
        self.sku = sku
        self.location = location.code
        self.key: CellKey = (str(cell.item_id), str(cell.location_id))
        self.bucket = bucket
        self.asked = asked
        self.there: int = getattr(cell, bucket)
        self.reserved = cell.reserved
        self.picked = cell.picked

    def words(self, held: HolderCount | None) -> str:
        where = "free" if self.bucket == "available" else self.bucket.replace("_", " ")
        text = f"{self.sku} at {self.location}: asked {self.asked}, {where} {self.there}"
        holders = [f"{held.orders} order(s)"] if held and held.orders else []
        holders += [f"{held.holds} hold(s)"] if held and held.holds else []
        if holders:
            text += f" ({self.reserved} reserved by {' and '.join(holders)})"
        if self.picked:
            text += f" ({self.picked} picked)"
        return text

    def body(self, held: HolderCount | None) -> dict[str, Any]:
        return {
            "sku": self.sku,
            "location": self.location,
            "bucket": self.bucket,
            "asked": self.asked,
            "free": self.there,
            "reserved": self.reserved,
            "picked": self.picked,
            "orders": held.orders if held else 0,
            "holds": held.holds if held else 0,
        }


def tell_shortages(tx: Tx, shorts: Sequence[Shortage]) -> OutOfStock:
    """The problem that names, for each shortage, who holds what isn't free."""
    held: Mapping[CellKey, HolderCount] = count_holders(tx, [short.key for short in shorts])
    words = "; ".join(short.words(held.get(short.key)) for short in shorts[:5])
    return OutOfStock(
        f"{words}. No stock was changed. Take less, free what is held, or count what is there.",
        extra={"shortages": [short.body(held.get(short.key)) for short in shorts]},
    )
