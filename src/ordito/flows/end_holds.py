"""End holds: carts give kept stock back to what it was taken from, the rest is free."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.inventory.events import HoldEnded, HoldRefilled
from ordito.inventory.holds import HOLD, Hold, KeptPart, free_holds, lock_holds, refill_holds
from ordito.inventory.ledger import lock_cells
from ordito.inventory.reservations import read_reservations
from ordito.inventory.types import Reservation
from ordito.platform.database import Tx


def end_holds(tx: Tx, holds: Sequence[Hold], why: str) -> datetime:
    """Free what locked holds keep; the moment of it. why: released, or expired.

    Pieces that a cart took of what is kept for its channel go back there, if that is not over:
    else whoever fills carts would take them from the channel.
    """
    origins = _lock_origins(tx, holds)
    kept = read_reservations(tx, [hold.id for hold in holds])
    ledger = lock_cells(tx, {(str(row.item_id), str(row.location_id)) for row in kept})
    back = {
        hold.id: [part for part in hold.from_kept if _is_open(origins, part, ledger.at)]
        for hold in holds
    }
    refill_holds(tx, back)
    freed = _without(kept, back)
    free_holds(tx, [hold.id for hold in holds], freed, ledger, f"hold_{why}")
    ledger.send(tx)
    items: dict[UUID, Counter[str]] = {hold.id: Counter() for hold in holds}
    for row in freed:
        items[row.holder_id][str(row.item_id)] += row.qty
    for hold_id, of_hold in items.items():
        tx.emit(HOLD, hold_id, HoldEnded(why, dict(of_hold)))
    _tell_origins(tx, back)
    return ledger.at


def _lock_origins(tx: Tx, holds: Sequence[Hold]) -> Mapping[UUID, Hold]:
    """The holds that carts took kept pieces of; without any, no statement.

    A single hold was locked together with them. The job that ends many locks them after: should
    somebody wait the other way round, it is done again.
    """
    wanted = {part.hold_id for hold in holds for part in hold.from_kept}
    return lock_holds(tx, wanted) if wanted else {}


def _is_open(origins: Mapping[UUID, Hold], part: KeptPart, now: datetime) -> bool:
    """Whether its origin still keeps things: not given back, not over, though perhaps used up."""
    origin = origins.get(part.hold_id)
    return origin is not None and origin.ended_why is None and origin.expires_at > now


def _without(
    kept: Sequence[Reservation], back: Mapping[UUID, Sequence[KeptPart]]
) -> list[Reservation]:
    """What carts keep, less what goes back."""
    gone: Counter[tuple[UUID, int, UUID, UUID]] = Counter()
    for cart_id, parts in back.items():
        for part in parts:
            gone[cart_id, part.line_no, part.item_id, part.location_id] += part.qty
    left = [
        msgspec.structs.replace(
            row, qty=row.qty - gone[row.holder_id, row.line_no, row.item_id, row.location_id]
        )
        for row in kept
    ]
    return [row for row in left if row.qty]


def _tell_origins(tx: Tx, back: Mapping[UUID, Sequence[KeptPart]]) -> None:
    given: defaultdict[tuple[UUID, UUID], Counter[str]] = defaultdict(Counter)
    for cart_id, parts in back.items():
        for part in parts:
            given[part.hold_id, cart_id][str(part.item_id)] += part.qty
    for (origin_id, cart_id), items in sorted(given.items()):
        tx.emit(HOLD, origin_id, HoldRefilled(cart_id, dict(items)))
