"""Bin stock: a sub-ledger of the cells of some locations, written under the cells' locks.

Whatever is on hand and not picked lies in bins or in a built-in place; every posting that changes
how many that are takes units out of bins, or lays them into one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from ordito.inventory.bin_types import BUILT_IN, RECEIVING, UNPLACED, BinContent, BinMove
from ordito.inventory.types import CellKey
from ordito.kernel.moves import Bucket
from ordito.platform.arrays import ints, texts, uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query, statement

ARRIVALS: frozenset[Bucket] = frozenset(("supplier", "incoming", "transfer", "customer"))
"""What comes from there lies where it was unloaded; other units were on the premises before."""

SomeBin = str | None
"""None: outside of the shelf."""


class Step(NamedTuple):
    """Units of a cell from one bin to another.

    from_: "" takes them where the cell's walk leads to. first: the bin that comes before.
    """

    key: CellKey
    from_: SomeBin
    to: SomeBin
    qty: int
    reason: str
    source_id: str | None
    undoes: int | None = None
    first: str = ""


SOMEWHERE = ""


def place_of(from_: Bucket) -> str:
    """Where units lie that came onto the shelf from a bucket."""
    return RECEIVING if from_ in ARRIVALS else UNPLACED


class Missing(Exception):
    """A bin holds fewer units than are to be taken from it."""

    def __init__(self, bin_: str, there: int) -> None:
        super().__init__(bin_)
        self.bin = bin_
        self.there = there


def send_steps(
    tx: Tx,
    steps: Sequence[Step],
    walks: Mapping[CellKey, Sequence[str]],
    *,
    at: datetime,
    actor_id: UUID,
) -> list[int]:
    """Make the steps in their order; gives the numbers of the moves written.

    The caller holds the locks of the cells. walks: bins of a cell in the order in which units are
    taken from them; others come after. Raises Missing, and nothing was written.
    """
    contents = _read(tx, {step.key for step in steps})
    rows: list[tuple[object, ...]] = []
    deltas: Counter[tuple[str, str, str]] = Counter()
    for step in steps:
        of_cell = contents.setdefault(step.key, {})
        for from_, qty in _take(of_cell, step, walks.get(step.key, ())):
            if from_ == step.to:
                continue
            for bin_, change in ((from_, -qty), (step.to, qty)):
                if bin_ is not None:
                    of_cell[bin_] = of_cell.get(bin_, 0) + change
                    deltas[*step.key, bin_] += change
            rows.append((*step.key, from_, step.to, qty, step.reason, step.source_id, at,
                         actor_id, step.undoes))  # fmt: skip
    _write(tx, deltas)
    # A move of one act after the other: who reads them by number reads what happened.
    return _MOVES.all_rows(tx, rows) if rows else []


def _take(of_cell: Mapping[str, int], step: Step, walk: Sequence[str]) -> list[tuple[SomeBin, int]]:
    """The bins that a step takes from, with the units from each."""
    if step.from_ is None:
        return [(None, step.qty)]
    if step.from_ != SOMEWHERE:
        there = of_cell.get(step.from_, 0)
        if there < step.qty:
            raise Missing(step.from_, there)
        return [(step.from_, step.qty)]
    taken: list[tuple[SomeBin, int]] = []
    left = step.qty
    for bin_ in dict.fromkeys([step.first, *walk, UNPLACED, RECEIVING, *sorted(of_cell)]):
        units = min(left, of_cell.get(bin_, 0))
        if units:
            taken.append((bin_, units))
            left -= units
    assert left == 0, "what is on hand and not picked lies in bins"
    return taken


def _read(tx: Tx, keys: Iterable[CellKey]) -> dict[CellKey, dict[str, int]]:
    found: dict[CellKey, dict[str, int]] = {}
    for row in read_contents(tx, keys):
        found.setdefault((str(row.item_id), str(row.location_id)), {})[row.bin] = row.qty
    return found


def _write(tx: Tx, deltas: Mapping[tuple[str, str, str], int]) -> None:
    rows = sorted((*key, change) for key, change in deltas.items() if change)
    _ADD.run(tx, [row for row in rows if row[3] > 0])
    less = [(*row[:3], -row[3]) for row in rows if row[3] < 0]
    if less:
        lowered = _LOWER.run(tx, less)
        assert lowered == len(less), "what is taken was there"
        _SWEEP.run(tx, [row[:3] for row in less])


_ADD = bulk("""
    INSERT INTO inventory.bin_stock AS b (item_id, location_id, bin, qty)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::int8[])
    ON CONFLICT (item_id, location_id, bin) DO UPDATE SET qty = b.qty + excluded.qty
""")

_LOWER = bulk("""
    UPDATE inventory.bin_stock AS b
    SET qty = b.qty - d.qty
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::int8[])
        AS d (item_id, location_id, bin, qty)
    WHERE b.item_id = d.item_id AND b.location_id = d.location_id AND b.bin = d.bin
""")

_SWEEP = bulk("""
    DELETE FROM inventory.bin_stock AS b
    USING unnest(%s::uuid[], %s::uuid[], %s::text[]) AS d (item_id, location_id, bin)
    WHERE b.item_id = d.item_id AND b.location_id = d.location_id AND b.bin = d.bin AND b.qty = 0
""")

_MOVES = bulk_query(
    int,
    """
    INSERT INTO inventory.bin_move
        (item_id, location_id, from_bin, to_bin, qty, reason, source_id, at, actor_id, undoes)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::int8[], %s::text[],
                         %s::uuid[], %s::timestamptz[], %s::uuid[], %s::int8[])
    RETURNING id
    """,
)


def read_contents(tx: Tx, keys: Iterable[CellKey]) -> list[BinContent]:
    """What lies in the bins of cells."""
    return _CONTENTS.all_rows(tx, sorted(set(keys)))


_CONTENTS = bulk_query(
    BinContent,
    """
    SELECT b.item_id, b.location_id, b.bin, b.qty
    FROM inventory.bin_stock AS b
    JOIN unnest(%s::uuid[], %s::uuid[]) AS wanted (item_id, location_id)
      ON b.item_id = wanted.item_id AND b.location_id = wanted.location_id
    WHERE b.qty > 0
    ORDER BY b.item_id, b.location_id, b.bin
    """,
)


def read_binned(tx: Tx) -> list[UUID]:
    """The locations that keep bin stock."""
    return _BINNED.all(tx)


_BINNED = query(UUID, "SELECT location_id FROM inventory.binned ORDER BY location_id")


def read_moves(tx: Tx, location_id: UUID, ids: Iterable[int]) -> list[BinMove]:
    """Moves of a location by their numbers."""
    return _READ_MOVES.all(tx, location_id=location_id, ids=ints(ids))


_READ_MOVES = query(
    BinMove,
    """
    SELECT id, item_id, location_id, from_bin, to_bin, qty, reason, source_id, at, actor_id, undoes
    FROM inventory.bin_move
    WHERE location_id = %(location_id)s AND id = ANY(%(ids)s::int8[])
    ORDER BY id
    """,
)


def find_undone(tx: Tx, ids: Iterable[int]) -> list[int]:
    """Those of the moves that were taken back."""
    return _UNDONE.all(tx, ids=ints(ids))


_UNDONE = query(
    int, "SELECT undoes FROM inventory.bin_move WHERE undoes = ANY(%(ids)s::int8[]) ORDER BY undoes"
)


def switch_on(tx: Tx, location_id: UUID, homes: Sequence[tuple[UUID, str]]) -> int | None:
    """Begin to keep bin stock; units that lie in no bin. None when it is kept already.

    homes: item and bin in which all units of it lie; those of other items are unplaced.
    Stock of all locations stands still meanwhile: a cell that is being made somewhere now would
    be missed.
    """
    _STOP.run(tx)
    if not _SWITCH_ON.run(tx, location_id=location_id, at=tx.now):
        return None
    _OPEN.run(
        tx,
        location_id=location_id,
        place=UNPLACED,
        item_ids=uuids(item_id for item_id, _ in homes),
        bins=texts(bin_ for _, bin_ in homes),
    )
    return _TELL_ALL.one(
        tx, location_id=location_id, place=UNPLACED, actor_id=tx.actor.id, at=tx.now
    )


# Whoever has locked a cell holds ROW SHARE until its end, and has read who keeps bin stock.
_STOP = statement("LOCK TABLE inventory.stock IN EXCLUSIVE MODE")

_SWITCH_ON = statement("""
    INSERT INTO inventory.binned (location_id, since) VALUES (%(location_id)s, %(at)s)
    ON CONFLICT DO NOTHING
""")

_OPEN = statement("""
    INSERT INTO inventory.bin_stock (item_id, location_id, bin, qty)
    SELECT s.item_id, s.location_id, coalesce(h.bin, %(place)s), s.on_hand - s.picked
    FROM inventory.stock AS s
    LEFT JOIN unnest(%(item_ids)s::uuid[], %(bins)s::text[]) AS h (item_id, bin)
      ON h.item_id = s.item_id
    WHERE s.location_id = %(location_id)s AND s.on_hand > s.picked
""")

_TELL_ALL = query(
    int,
    """
    WITH told AS (
        INSERT INTO inventory.bin_move
            (item_id, location_id, from_bin, to_bin, qty, reason, at, actor_id)
        SELECT item_id, location_id, NULL, bin, qty, 'switched_on', %(at)s, %(actor_id)s
        FROM inventory.bin_stock
        WHERE location_id = %(location_id)s
        ORDER BY item_id
        RETURNING to_bin, qty
    )
    SELECT coalesce(sum(qty) FILTER (WHERE to_bin = %(place)s), 0)::int8 AS units FROM told
    """,
)


def switch_off(tx: Tx, location_id: UUID) -> bool:
    """End it: the contents are moved out and forgotten. False when none is kept."""
    _STOP.run(tx)
    if not _SWITCH_OFF.run(tx, location_id=location_id):
        return False
    _CLEAR_TOLD.run(tx, location_id=location_id, actor_id=tx.actor.id, at=tx.now)
    _CLEAR.run(tx, location_id=location_id)
    return True


_SWITCH_OFF = statement("DELETE FROM inventory.binned WHERE location_id = %(location_id)s")

_CLEAR_TOLD = statement("""
    INSERT INTO inventory.bin_move
        (item_id, location_id, from_bin, to_bin, qty, reason, at, actor_id)
    SELECT item_id, location_id, bin, NULL, qty, 'switched_off', %(at)s, %(actor_id)s
    FROM inventory.bin_stock
    WHERE location_id = %(location_id)s AND qty > 0
    ORDER BY item_id, bin
""")

_CLEAR = statement("DELETE FROM inventory.bin_stock WHERE location_id = %(location_id)s")


def find_stocked(tx: Tx, location_id: UUID, codes: Iterable[str]) -> list[str]:
    """Those of the bins in which units lie, or that are to be filled."""
    return _STOCKED.all(tx, location_id=location_id, codes=texts(codes))


_STOCKED = query(
    str,
    """
    SELECT bin
    FROM inventory.bin_stock
    WHERE location_id = %(location_id)s AND bin = ANY(%(codes)s::text[]) AND qty > 0
    UNION
    SELECT bin
    FROM inventory.pick_level
    WHERE location_id = %(location_id)s AND bin = ANY(%(codes)s::text[])
    ORDER BY bin
    LIMIT 100
    """,
)


def is_built_in(code: str) -> bool:
    """Whether a place is one that every location with bin stock has."""
    return code in BUILT_IN
