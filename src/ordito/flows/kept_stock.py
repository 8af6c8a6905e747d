"""What is kept for channels, while their orders are planned and written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from ordito.flows.order_drafts import Draft, item_ids
from ordito.flows.order_rows import PlannedOrder
from ordito.flows.reference import Reference
from ordito.inventory.events import HoldUsed
from ordito.inventory.kept import (
    KeptPieces,
    KeptUnits,
    send_kept,
    send_lock,
    send_take,
    send_write,
)
from ordito.inventory.ledger import Ledger
from ordito.inventory.types import CellKey
from ordito.orders.types import PlacedOrder
from ordito.platform.database import Tx
from ordito.platform.events import event_row

Free = dict[str, dict[int, int]]
"""item id → place → free units"""


class KeptPlans:
    """Lends a channel's drafts what is kept for it, and takes back what they left."""

    def __init__(self, known: Reference, rows: Iterable[KeptUnits] = ()) -> None:
        self._known = known
        self._kept = KeptPieces(rows)

    def lend(self, draft: Draft, free: Free, sign: int = 1) -> None:
        """Add what is left for the draft's channel to the free units; sign -1 takes it back."""
        for cell in self._kept.cells(draft.channel.id):
            left = self._kept.count(draft.channel.id, cell)
            if left:
                units, place = free.setdefault(cell[0], {}), self._known.no_by_id[cell[1]]
                units[place] = units.get(place, 0) + sign * left

    def use(
        self, draft: Draft, demand: Mapping[CellKey, int]
    ) -> tuple[dict[CellKey, int], frozenset[UUID]]:
        """Take what a plan needs from what is kept first: pieces by cell, and whose they are."""
        channel_id = draft.channel.id
        taken = self._kept.take(channel_id, demand)
        return taken, frozenset(self._kept.holds(channel_id, taken))


def send_kept_of(tx: Tx, known: Reference, drafts: Sequence[Draft]) -> Any:
    """Ask what is kept for the drafts' channels; None, and no statement, where nothing is."""
    channels = {draft.channel.id for draft in drafts} & known.keeping
    return send_kept(tx, channels, item_ids(drafts)) if channels else None


class KeptWrites:
    """Frees what is kept for the orders that take it, in the transaction that reserves it."""

    def __init__(self, tx: Tx, planned: Sequence[PlannedOrder]) -> None:
        self._tx = tx
        self._holds = sorted({id_ for order in planned for id_ in order.kept_holds})
        self._channels = {order.draft.channel.id for order in planned if order.kept_holds}
        self._items = {item_id for order in planned for item_id, _ in order.demand}
        self._pieces = KeptPieces(())
        self._left: dict[UUID, int] = {}
        self._version: dict[UUID, int] = {}
        self._there: dict[tuple[UUID, CellKey], int] = {}
        self._taken: dict[tuple[UUID, CellKey], int] = {}

    def send_lock(self) -> None:
        """Lock the holds: they come before cells."""
        if self._holds:
            send_lock(self._tx, self._holds)

    def send_read(self) -> Any:
        """Ask what they keep, once the cells are locked."""
        return send_kept(self._tx, self._channels, self._items) if self._holds else None

    def read(self, cursor: Any) -> None:
        # Whoever began to keep something meanwhile isn't locked: it is left alone.
        rows = [row for row in cursor or () if row.hold_id in set(self._holds)]
        self._pieces = KeptPieces(rows)
        for row in rows:
            self._there[row.hold_id, (row.item_id, row.location_id)] = row.qty
            self._left[row.hold_id] = self._left.get(row.hold_id, 0) + row.qty
            self._version[row.hold_id] = row.version

    def make_room(self, order: PlannedOrder, ledger: Ledger) -> list[tuple[KeptUnits, int]] | None:
        """Free what is kept for the order in its cells; None when they have too little by now."""
        channel_id = order.draft.channel.id
        count = self._pieces.count
        if any(
            ledger.free(*cell) + count(channel_id, cell) < qty for cell, qty in order.demand.items()
        ):
            return None
        parts = []
        for cell, pieces in self._pieces.take(channel_id, order.demand).items():
            for row, part in self._pieces.split(channel_id, cell, pieces):
                source = (str(row.hold_id), 1)
                ledger.post(
                    cell, "reserved", "available", part, reason="kept_used", source=source,
                    actor_id=order.request.actor.id,
                )  # fmt: skip
                key = (row.hold_id, cell)
                self._taken[key] = self._taken.get(key, 0) + part
                parts.append((row, part))
        return parts

    def tell(
        self, order: PlannedOrder, placed: PlacedOrder, parts: Iterable[tuple[KeptUnits, int]]
    ) -> list[Any]:
        """One event for each hold of which an order took something, to be sent with its others."""
        taken: dict[UUID, dict[str, int]] = {}
        for row, part in parts:
            items = taken.setdefault(row.hold_id, {})
            items[row.item_id] = items.get(row.item_id, 0) + part
        events = []
        for hold_id, items in taken.items():
            self._left[hold_id] -= sum(items.values())
            self._version[hold_id] += 1
            event = HoldUsed(placed.id, placed.number, items, self._left[hold_id])
            events.append(
                event_row(
                    self._tx, "hold", str(hold_id), self._version[hold_id], event,
                    actor=order.request.actor, request_id=order.request.request_id,
                )
            )  # fmt: skip
        return events

    def send(self, ledger: Ledger) -> None:
        """Write what became of the holds."""
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
