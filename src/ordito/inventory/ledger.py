"""The ledger: locked cells, moves between their buckets, postings and counters in one statement."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

import msgspec

from ordito.inventory.bin_stock import SOMEWHERE, Step, place_of, send_steps
from ordito.inventory.lot_book import LAYER_OF, LotBook, read_lot_cells
from ordito.inventory.problems import LotRequired, OutOfStock
from ordito.inventory.types import COUNTED, ON_HAND, OTHERS, SHELF, Cell, CellKey
from ordito.kernel.moves import Bucket
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query

_COUNTED = frozenset(COUNTED)
_WITHIN_LAYER = frozenset(
    (from_, to)
    for from_ in get_args(Bucket)
    for to in get_args(Bucket)
    if LAYER_OF.get(from_) == LAYER_OF.get(to)
)
"""Ways on which units keep their lots, as promising does, or have none that is known, as what a
supplier announces."""


class Short(Exception):
    """A bucket of a cell holds less than was to be taken from it."""

    def __init__(self, cell: Cell, bucket: Bucket, asked: int) -> None:
        super().__init__(f"{bucket} of {cell.item_id} at {cell.location_id}")
        self.cell = cell
        self.bucket = bucket
        self.asked = asked


class Ledger:
    """Cells of one transaction, locked, with the postings that are to be written.

    Balances are kept in memory while moves are made, so a whole batch is decided before the
    first write; `send` then writes all of it in one statement.

    binned: ids of the locations that keep bin stock. Left out by who moves nothing onto the shelf
            and nothing off it, as placing does.
    walks:  bins of a cell, in the order in which units are taken from them.
    """

    def __init__(
        self,
        cells: Iterable[Cell],
        at: datetime,
        actor_id: UUID,
        occurred_at: datetime,
        binned: Collection[str] = (),
    ) -> None:
        self.cells: dict[CellKey, Cell] = {
            (str(cell.item_id), str(cell.location_id)): cell for cell in cells
        }
        self.at = at
        self.actor_id = actor_id
        self.occurred_at = occurred_at
        self.rows: list[tuple[Any, ...]] = []
        self.lots: LotBook | None = None
        """Set by whoever looked which items are tracked; without it no tracked item may move."""
        self._moved: set[CellKey] = set()
        self.binned = binned
        self.walks: dict[CellKey, Sequence[str]] = {}
        self.bin: str = ""
        """The bin from which units are taken first, and onto which they are laid; "" is none."""
        self.steps: list[Step] = []

    def free(self, item_id: str, location_id: str) -> int:
        """Free units of a locked cell; 0 where nothing was ever kept."""
        cell = self.cells.get((item_id, location_id))
        return cell.available if cell else 0

    def post(  # noqa: PLR0913 (what a posting is made of)
        self,
        key: CellKey,
        from_: Bucket,
        to: Bucket,
        qty: int,
        *,
        reason: str,
        source: tuple[str, int | None] | None = None,
        occurred_at: datetime | None = None,
        actor_id: UUID | None = None,
        bin_: str = "",
    ) -> None:
        """Move `qty` units of a locked cell; raises Short and changes nothing when it has less.

        bin_: in place of the ledger's bin.
        """
        assert qty > 0, "caller drops empty moves"
        cell = self.cells[key]
        if from_ in _COUNTED:
            left = getattr(cell, from_) - qty
            if left < 0:
                raise Short(cell, from_, qty)
            setattr(cell, from_, left)
        if to in _COUNTED:
            setattr(cell, to, getattr(cell, to) + qty)
        if (from_ in ON_HAND) != (to in ON_HAND):
            cell.on_hand += qty if to in ON_HAND else -qty
        cell.seq += 1
        if (from_, to) not in _WITHIN_LAYER:
            self._follow(key, cell.seq, from_, to, qty)
        source_id, source_line = source or (None, None)
        if self.binned and key[1] in self.binned and (from_ in SHELF) != (to in SHELF):
            step = Step(key, SOMEWHERE, None, qty, reason, source_id, first=bin_ or self.bin)
            if to in SHELF:
                step = step._replace(from_=None, to=step.first or place_of(from_))
            self.steps.append(step)
        self.rows.append(
            (
                key[0],
                key[1],
                cell.seq,
                from_,
                to,
                qty,
                reason,
                source_id,
                source_line,
                self.at,
                occurred_at or self.occurred_at,
                actor_id or self.actor_id,
                cell.on_hand,
                cell.available,
                cell.reserved,
                cell.picked,
                _others(cell),
            )
        )

    def move_bins(
        self, key: CellKey, moves: Iterable[tuple[str, str, int]], source_id: str
    ) -> None:
        """Have units of a locked cell lie in other bins (from, to, units), as a count found."""
        self.steps += [Step(key, *move, "count", source_id) for move in moves]

    def send(self, tx: Tx) -> Any:
        """Write the postings and raise the counters by them, the lots of tracked items, and the
        bins where they are kept."""
        if self._moved:
            _refuse_lotted(tx, self._moved)
        cursor = _POST.send(tx, self.rows)
        self.rows = []
        if self.lots is not None:
            self.lots.send(tx)
        if self.steps:
            steps, self.steps = self.steps, []
            send_steps(tx, steps, self.walks, at=self.at, actor_id=self.actor_id)
        return cursor

    def _follow(self, key: CellKey, seq: int, from_: Bucket, to: Bucket, qty: int) -> None:
        if self.lots is None:
            self._moved.add(key)
        else:
            self.lots.follow(key, seq, from_, to, qty)


def _refuse_lotted(tx: Tx, keys: Iterable[CellKey]) -> None:
    """The last wall: who doesn't know of lots moves no stock that has them."""
    if read_lot_cells(tx, keys):
        raise LotRequired(
            "Stock of this item is kept by lots or serial numbers; this can't be done with it"
            " without saying which. Nothing was changed."
        )


def _others(cell: Cell) -> str | None:
    """The balances that most postings don't have, as an array; None where all are 0."""
    # Nearly always: said plainly, it costs a posting nothing.
    if not (
        cell.quality_control or cell.damaged or cell.safety or cell.incoming or cell.in_transit
    ):
        return None
    return f"{{{','.join(str(getattr(cell, bucket)) for bucket in OTHERS)}}}"


def lock_cells(tx: Tx, keys: Iterable[CellKey], *, actor_id: UUID | None = None) -> Ledger:
    """Lock cells in the one order everybody uses; cells that never were are made, empty."""
    wanted = sorted(set(keys))
    cells = LOCK.all_rows(tx, wanted)
    if len(cells) < len(wanted):
        MAKE_CELLS.run(tx, wanted)
        cells = LOCK.all_rows(tx, wanted)
    now = _MOMENT.one(tx)
    binned = frozenset(map(str, now.binned))
    return Ledger(cells, now.at, actor_id or tx.actor.id, tx.now, binned)


class _Moment(msgspec.Struct, frozen=True):
    """The time, and the locations that keep bin stock."""

    at: datetime
    binned: list[UUID]


CLOCK = query(datetime, "SELECT clock_timestamp()")
"""Read after the locks are held: times never run backwards within a cell."""

# After the locks for the same reason: bin stock is switched on while nobody holds one.
_MOMENT = query(
    _Moment,
    """
    SELECT clock_timestamp() AS at,
           ARRAY(SELECT b.location_id FROM inventory.binned AS b ORDER BY b.location_id) AS binned
    """,
)

# Sorted: two orders locking A,B and B,A would deadlock.
LOCK = bulk_query(
    Cell,
    """
    SELECT s.item_id, s.location_id, s.on_hand, s.available, s.reserved, s.picked,
           s.quality_control, s.damaged, s.safety, s.incoming, s.in_transit, s.seq
    FROM inventory.stock AS s
    JOIN unnest(%s::uuid[], %s::uuid[]) AS wanted (item_id, location_id)
      ON s.item_id = wanted.item_id AND s.location_id = wanted.location_id
    ORDER BY s.item_id, s.location_id
    FOR NO KEY UPDATE OF s
    """,
)

MAKE_CELLS = bulk("""
    INSERT INTO inventory.stock (item_id, location_id)
    SELECT item_id, location_id
    FROM unnest(%s::uuid[], %s::uuid[]) AS wanted (item_id, location_id)
    ORDER BY item_id, location_id
    ON CONFLICT DO NOTHING
""")

_POST = bulk("""
    WITH posted AS (
        INSERT INTO inventory.posting
            (item_id, location_id, seq, from_bucket, to_bucket, qty, reason, source_id,
             source_line, at, occurred_at, actor_id, on_hand_after, available_after,
             reserved_after, picked_after, others_after)
        SELECT n.item_id, n.location_id, n.seq, n.from_bucket, n.to_bucket, n.qty, n.reason,
               n.source_id, n.source_line, n.at, n.occurred_at, n.actor_id, n.on_hand,
               n.available, n.reserved, n.picked, n.others::int8[]
        FROM unnest(%s::uuid[], %s::uuid[], %s::int8[], %s::inventory.bucket[],
                    %s::inventory.bucket[], %s::int8[], %s::text[], %s::uuid[], %s::int4[],
                    %s::timestamptz[], %s::timestamptz[], %s::uuid[], %s::int8[], %s::int8[],
                    %s::int8[], %s::int8[], %s::text[])
            AS n (item_id, location_id, seq, from_bucket, to_bucket, qty, reason, source_id,
                  source_line, at, occurred_at, actor_id, on_hand, available, reserved, picked,
                  others)
        RETURNING item_id, location_id, from_bucket, to_bucket, qty
    ),
    sides AS (
        SELECT item_id, location_id, to_bucket AS bucket, qty, 1 AS n FROM posted
        UNION ALL
        SELECT item_id, location_id, from_bucket, -qty, 0 FROM posted
    ),
    delta AS (
        SELECT item_id, location_id, sum(n) AS n,
               coalesce(sum(qty) FILTER (WHERE bucket = 'available'), 0) AS available,
               coalesce(sum(qty) FILTER (WHERE bucket = 'reserved'), 0) AS reserved,
               coalesce(sum(qty) FILTER (WHERE bucket = 'picked'), 0) AS picked,
               coalesce(sum(qty) FILTER (WHERE bucket = 'quality_control'), 0) AS quality_control,
               coalesce(sum(qty) FILTER (WHERE bucket = 'damaged'), 0) AS damaged,
               coalesce(sum(qty) FILTER (WHERE bucket = 'safety'), 0) AS safety,
               coalesce(sum(qty) FILTER (WHERE bucket = 'incoming'), 0) AS incoming,
               coalesce(sum(qty) FILTER (WHERE bucket = 'in_transit'), 0) AS in_transit
        FROM sides
        GROUP BY item_id, location_id
    )
    UPDATE inventory.stock AS s
    SET available = s.available + d.available,
        reserved = s.reserved + d.reserved,
        picked = s.picked + d.picked,
        quality_control = s.quality_control + d.quality_control,
        damaged = s.damaged + d.damaged,
        safety = s.safety + d.safety,
        incoming = s.incoming + d.incoming,
        in_transit = s.in_transit + d.in_transit,
        on_hand = s.on_hand + d.available + d.reserved + d.picked + d.quality_control + d.damaged
                  + d.safety,
        seq = s.seq + d.n
    FROM delta AS d
    WHERE s.item_id = d.item_id AND s.location_id = d.location_id
""")


def shortage(shorts: Sequence[tuple[str, int, int]]) -> OutOfStock:
    """The problem that tells what is missing: (SKU, asked, free) each."""
    words = ", ".join(f"{sku}: asked {asked}, free {free}" for sku, asked, free in shorts[:5])
    return OutOfStock(
        f"{words}. Nothing was reserved; order less, or wait for stock.",
        extra={
            "shortages": [{"sku": sku, "asked": asked, "free": free} for sku, asked, free in shorts]
        },
    )
