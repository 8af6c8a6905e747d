"""Stock at past moments: of an item by location, of a page of items, and between two moments."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.catalog.types import Item
from ordito.inventory.changes import Cause, Span, sum_causes
from ordito.inventory.history import Moment, PastLevel, read_levels_at
from ordito.inventory.types import COUNTED
from ordito.listings.item_stock import find_item
from ordito.listings.order_types import PlaceName
from ordito.listings.places import read_names
from ordito.listings.stock_list import scope_of
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput

COUNTERS: tuple[str, ...] = ("on_hand", *COUNTED)


class Counters(msgspec.Struct, frozen=True):
    """Pieces by bucket; on_hand is the sum of available … safety."""

    on_hand: int = 0
    available: int = 0
    reserved: int = 0
    picked: int = 0
    quality_control: int = 0
    damaged: int = 0
    safety: int = 0
    incoming: int = 0
    in_transit: int = 0


class PastCell(msgspec.Struct, frozen=True):
    """A location at a moment; before: at the earlier one, None where only one was asked for."""

    location: PlaceName
    then: Counters
    before: Counters | None = None


class ItemPast(msgspec.Struct, frozen=True):
    """An item at a moment: its totals over the locations in scope, and its cells by code."""

    item: Item
    totals: Counters
    cells: tuple[PastCell, ...]


class ItemChanges(msgspec.Struct, frozen=True):
    """How an item's stock came from one moment to a later one.

    causes: the postings between, by reason and buckets; difference is what they sum up to.
    """

    item: Item
    before: Counters
    after: Counters
    difference: Counters
    cells: tuple[PastCell, ...]
    causes: tuple[Cause, ...]


def moment_of(at: datetime, known_at: datetime | None, now: datetime) -> Moment:
    """The moment that is meant; raises InvalidInput for one to come, or known before it was."""
    faults = []
    if at > now:
        faults.append(Fault("/at", "in-future", "Stock is known until now; ask for a past moment."))
    if known_at is not None and known_at < at:
        detail = "What was known before a moment is asked for by that earlier moment."
        faults.append(Fault("/known_at", "before-moment", detail))
    if faults:
        raise InvalidInput(faults[0].detail, errors=faults)
    return Moment(at, known_at or at)


def span_of(
    tx: Tx,
    item_id: UUID,
    since: datetime,
    until: datetime,
    *,
    known_at: datetime | None = None,
    location: str | None = None,
) -> Span:
    """From one moment to a later one; raises InvalidInput, NotFound for a location out of scope.

    known_at: count what was booked until then at both; None is each as it was known itself.
    """
    if since > until:
        detail = "The second moment lies before the first; exchange them."
        raise InvalidInput(detail, errors=[Fault("/from", "after-end", detail)])
    scope = scope_of(tx, location)
    return Span(
        item_id,
        moment_of(since, known_at, tx.now),
        moment_of(until, known_at, tx.now),
        None if scope is None else frozenset(scope),
    )


def read_item_past(
    tx: Tx, key: UUID | str, moment: Moment, *, location: str | None = None
) -> ItemPast:
    """An item's stock as it was; raises NotFound."""
    item = find_item(tx, key)
    levels = read_levels_at(tx, [item.id], moment, location_ids=scope_of(tx, location))
    names = read_names(tx)
    cells = [PastCell(names.place(level.location_id), _counters(level)) for level in levels]
    cells.sort(key=lambda cell: cell.location.code)
    return ItemPast(item, sum_counters(cell.then for cell in cells), tuple(cells))


def read_item_changes(tx: Tx, span: Span) -> ItemChanges:
    """What changed between the two moments, and why; raises NotFound."""
    item = find_item(tx, span.item_id)
    ids = [item.id]
    earlier = read_levels_at(tx, ids, span.since, location_ids=span.location_ids)
    later = read_levels_at(tx, ids, span.until, location_ids=span.location_ids)
    was = {level.location_id: _counters(level) for level in earlier}
    names = read_names(tx)
    cells = [
        PastCell(
            names.place(level.location_id),
            _counters(level),
            was.get(level.location_id, Counters()),
        )
        for level in later
    ]
    cells.sort(key=lambda cell: cell.location.code)
    before, after = sum_counters(was.values()), sum_counters(cell.then for cell in cells)
    return ItemChanges(
        item=item,
        before=before,
        after=after,
        difference=subtract(after, before),
        cells=tuple(cells),
        causes=tuple(sum_causes(tx, span)),
    )


def read_totals_at(
    tx: Tx, item_ids: Sequence[UUID], moment: Moment, *, location: str | None = None
) -> dict[UUID, Counters]:
    """Items' totals over the locations in scope (or at one) as they were; without the unknown."""
    sums: dict[UUID, list[Counters]] = {}
    for level in read_levels_at(tx, item_ids, moment, location_ids=scope_of(tx, location)):
        sums.setdefault(level.item_id, []).append(_counters(level))
    return {item_id: sum_counters(rows) for item_id, rows in sums.items()}


def sum_counters(rows: Iterable[Counters | PastLevel]) -> Counters:
    """Bucket by bucket."""
    found = list(rows)
    return Counters(*(sum(getattr(row, name) for row in found) for name in COUNTERS))


def subtract(after: Counters, before: Counters) -> Counters:
    return Counters(*(getattr(after, name) - getattr(before, name) for name in COUNTERS))


def _counters(level: PastLevel) -> Counters:
    return Counters(*(getattr(level, name) for name in COUNTERS))
