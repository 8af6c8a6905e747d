"""What is kept for channels and groups, as their orders and carts find it and use it up.

It is lent to whoever is planned, and freed in the transaction that reserves it: every way to take
stock goes through here, and `may_take` decides who may.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from ordito.flows.reference import Reference
from ordito.inventory.events import HoldUsed
from ordito.inventory.kept import (
    Buyer,
    KeptPieces,
    KeptUnits,
    send_kept,
    send_lock,
    send_take,
    send_write,
)
from ordito.inventory.ledger import Ledger, lock_cells
from ordito.inventory.types import CellKey
from ordito.platform.access import Actor
from ordito.platform.database import Tx, beyond_scope
from ordito.platform.events import event_row

Free = dict[str, dict[int, int]]
"""item id → place → free units"""
Parts = Sequence[tuple[KeptUnits, int]]
"""Pieces taken from holds."""


class Taker(NamedTuple):
    """What takes kept pieces: an order with its number, or a cart."""

    order_id: UUID | None
    number: int
    cart_id: UUID | None = None


class KeptPlans:
    """Lends buyers what is kept for them, and takes back what their plans left."""

    def __init__(self, known: Reference, rows: Iterable[KeptUnits] = ()) -> None:
        self._known = known
        self._kept = KeptPieces(rows)

    def lend(self, buyer: Buyer, free: Free, sign: int = 1) -> None:
        """Add what is left for the buyer to the free units; sign -1 takes it back."""
        for cell in self._kept.cells():
            left = self._kept.count(buyer, cell)
            if left:
                units, place = free.setdefault(cell[0], {}), self._known.no_by_id[cell[1]]
                units[place] = units.get(place, 0) + sign * left

    def use(
        self, buyer: Buyer, demand: Mapping[CellKey, int]
    ) -> tuple[dict[CellKey, int], frozenset[UUID]]:
        """Take what a plan needs from what is kept first: pieces by cell, and of which holds."""
        taken: dict[CellKey, int] = {}
        holds = set()
        for row, part in self._kept.take(buyer, demand):
            cell = (row.item_id, row.location_id)
            taken[cell] = taken.get(cell, 0) + part
            holds.add(row.hold_id)
        return taken, frozenset(holds)


def send_kept_of(tx: Tx, known: Reference, buyers: Iterable[Buyer], item_ids: Iterable[str]) -> Any:
    """Ask what is kept for buyers; None, and no statement, where nothing is."""
    concerned = [buyer for buyer in buyers if known.keeping.concerns(buyer)]
    return send_kept(tx, concerned, item_ids) if concerned else None


def add_kept(tx: Tx, buyer: Buyer, known: Reference, free: Free, item_ids: Iterable[str]) -> None:
    """Add what is kept for a buyer to the free units that it may have.

    Costs nothing for buyers for whom nothing is kept.
    """
    if known.keeping.concerns(buyer):
        with beyond_scope(tx):
            rows = send_kept(tx, [buyer], item_ids).fetchall()
        KeptPlans(known, rows).lend(buyer, free)


class KeptWrites:
    """Frees what is kept for those who take it, in the transaction that reserves it.

    holds: those of which the plans use something; none costs no statement.
    """

    def __init__(
        self, tx: Tx, buyers: Iterable[Buyer], holds: Iterable[UUID], item_ids: Iterable[str]
    ) -> None:
        self._tx = tx
        self._holds = sorted(set(holds))
        self._buyers = set(buyers) if self._holds else set()
        self._items = set(item_ids) if self._holds else set()
        self._pieces = KeptPieces(())
        self.rows: list[KeptUnits] = []
        """What the locked holds keep."""
        self._left: dict[UUID, int] = {}
        self._version: dict[UUID, int] = {}
        self._there: dict[tuple[UUID, CellKey], int] = {}
        self._taken: dict[tuple[UUID, CellKey], int] = {}

    def send_lock(self) -> None:
        """Lock the holds: they come after orders and before cells."""
        if self._holds:
            send_lock(self._tx, self._holds)

    def send_read(self) -> Any:
        """Ask what they keep, once the cells are locked."""
        return send_kept(self._tx, self._buyers, self._items) if self._holds else None

    def read(self, cursor: Any) -> None:
        # Whoever began to keep something meanwhile isn't locked: it is left alone.
        locked = set(self._holds)
        self.rows = [row for row in cursor or () if row.hold_id in locked]
        self._pieces = KeptPieces(self.rows)
        for row in self.rows:
            self._there[row.hold_id, (row.item_id, row.location_id)] = row.qty
            self._left[row.hold_id] = self._left.get(row.hold_id, 0) + row.qty
            self._version[row.hold_id] = row.version

    def has_room(self, buyer: Buyer, demand: Mapping[CellKey, int], ledger: Ledger) -> bool:
        """Whether the cells have what a buyer takes, with what is kept for them."""
        if not self._holds:
            return all(ledger.free(*cell) >= qty for cell, qty in demand.items())
        count = self._pieces.count
        return all(ledger.free(*cell) + count(buyer, cell) >= qty for cell, qty in demand.items())

    def take(
        self,
        buyer: Buyer,
        demand: Mapping[CellKey, int],
        ledger: Ledger,
        actor_id: UUID | None = None,
    ) -> Parts:
        """Free what is kept for the buyer in these cells, up to what is asked."""
        if not self._holds:
            return ()
        parts = self._pieces.take(buyer, demand)
        for row, part in parts:
            cell = (row.item_id, row.location_id)
            source = (str(row.hold_id), 1)
            ledger.post(
                cell, "reserved", "available", part, reason="kept_used", source=source,
                actor_id=actor_id,
            )  # fmt: skip
            key = (row.hold_id, cell)
            self._taken[key] = self._taken.get(key, 0) + part
        return parts

    def tell(
        self, taker: Taker, parts: Parts, actor: Actor | None = None, request_id: str | None = None
    ) -> list[Any]:
        """One event for each hold of which something was taken, to be sent with others."""
        if not parts:
            return []
        taken: dict[UUID, Counter[str]] = {}
        for row, part in parts:
            taken.setdefault(row.hold_id, Counter())[row.item_id] += part
        events = []
        for hold_id, items in taken.items():
            self._left[hold_id] -= items.total()
            self._version[hold_id] += 1
            event = HoldUsed(
                taker.order_id, taker.number, dict(items), self._left[hold_id], taker.cart_id
            )
            events.append(
                event_row(
                    self._tx, "hold", str(hold_id), self._version[hold_id], event,
                    actor=actor, request_id=request_id,
                )
            )  # fmt: skip
        return events

    def send(self, ledger: Ledger) -> None:
        """Write what became of the holds, all of it told."""
        if not self._taken:
            return
        pieces = {key: (self._there[key], part) for key, part in self._taken.items()}
        send_take(self._tx, pieces)
        touched = sorted({hold_id for hold_id, _ in self._taken})
        send_write(
            self._tx,
            [
                (str(id_), self._version[id_], None if self._left[id_] else ledger.at)
                for id_ in touched
            ],
        )


def lock_kept(
    tx: Tx,
    buyers: Collection[Buyer],
    holds: Iterable[UUID],
    cells: Iterable[CellKey],
) -> tuple[KeptWrites, Ledger]:
    """Holds and cells locked in their order, outside of a pipeline."""
    wanted = set(cells)
    writes = KeptWrites(tx, buyers, holds, {item_id for item_id, _ in wanted})
    writes.send_lock()
    ledger = lock_cells(tx, wanted)
    writes.read(writes.send_read())
    return writes, ledger
