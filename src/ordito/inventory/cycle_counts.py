"""Cycle counts: which items are to be counted somewhere, and what each count came to."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from ordito.inventory.cycle_count_asks import CountLimit, CountLineState, CycleCountState
from ordito.inventory.types import Cell
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream


class SheetLine(msgspec.Struct, frozen=True):
    """A line of a count as it is kept."""

    line_no: int
    item_id: UUID
    bins: list[str]
    state: CountLineState
    round: int
    counted: int | None
    difference: int | None
    counted_at: datetime | None
    counted_by: UUID | None
    document_id: UUID | None
    bin_differences: dict[str, int] | None = None
    """Of what was counted bin by bin: what each had more or, negative, less."""
    lot_differences: dict[str, int] | None = None
    """Of what was counted by lots: the same of each, by lot id."""


class Sheet(msgspec.Struct, frozen=True):
    """A count as it is kept."""

    id: UUID
    number: int
    location_id: UUID
    name: str
    blind: bool
    state: CycleCountState
    created_at: datetime
    created_by: UUID
    ended_at: datetime | None
    version: int
    lines: list[SheetLine]


def shelf_of(cell: Cell) -> int:
    """Units that lie where they are picked from: the others lie elsewhere, and are known there."""
    return cell.available + cell.reserved + cell.safety


def exceeds(limit: CountLimit | None, difference: int, price_minor: int | None) -> bool:
    """Whether a difference is above a location's limit.

    price_minor: of one unit in the limit's currency; None where it has none: units decide alone.
    """
    if limit is None or not difference:
        return False
    if limit.units is not None and abs(difference) > limit.units:
        return True
    if limit.value_minor is None or price_minor is None:
        return False
    return abs(difference) * price_minor > limit.value_minor


def insert_sheet(tx: Tx, sheet: Sheet) -> int:
    """Write a new count; its number. The first event makes its version 1."""
    number = _INSERT.one(
        tx,
        id=sheet.id,
        location_id=sheet.location_id,
        name=sheet.name,
        blind=sheet.blind,
        created_at=sheet.created_at,
        created_by=sheet.created_by,
    )
    lines = [
        {"line_no": line.line_no, "item_id": line.item_id, "bins": line.bins}
        for line in sheet.lines
    ]
    _INSERT_LINES.run(tx, id=sheet.id, lines=msgspec.json.encode(lines).decode())
    return number


_INSERT = query(
    int,
    """
    INSERT INTO inventory.cycle_count
        (id, number, location_id, name, blind, state, created_at, created_by)
    VALUES
        (%(id)s, nextval('inventory.cycle_count_number'), %(location_id)s, %(name)s, %(blind)s,
         'open', %(created_at)s, %(created_by)s)
    RETURNING number
    """,
)

_INSERT_LINES = statement("""
    INSERT INTO inventory.cycle_count_line (count_id, line_no, item_id, bins, state)
    SELECT %(id)s::uuid, l.line_no, l.item_id, l.bins, 'open'
    FROM jsonb_to_recordset(%(lines)s::jsonb) AS l (line_no int4, item_id uuid, bins text[])
""")


def write_line(tx: Tx, sheet_id: UUID, line: SheetLine) -> None:
    """Write what became of a line of a locked count."""
    _WRITE_LINE.run(
        tx,
        id=sheet_id,
        line_no=line.line_no,
        state=line.state,
        round=line.round,
        counted=line.counted,
        difference=line.difference,
        counted_at=line.counted_at,
        counted_by=line.counted_by,
        document_id=line.document_id,
        bin_differences=None if line.bin_differences is None else Jsonb(line.bin_differences),
        lot_differences=None if line.lot_differences is None else Jsonb(line.lot_differences),
    )


_WRITE_LINE = statement("""
    UPDATE inventory.cycle_count_line
    SET state = %(state)s, round = %(round)s, counted = %(counted)s, difference = %(difference)s,
        counted_at = %(counted_at)s, counted_by = %(counted_by)s, document_id = %(document_id)s,
        bin_differences = %(bin_differences)s, lot_differences = %(lot_differences)s
    WHERE count_id = %(id)s AND line_no = %(line_no)s
""")


def skip_open(tx: Tx, sheet_id: UUID) -> int:
    """Leave out the lines of a locked count that were not counted; how many."""
    return _SKIP.run(tx, id=sheet_id)


_SKIP = statement("""
    UPDATE inventory.cycle_count_line SET state = 'skipped'
    WHERE count_id = %(id)s AND state = 'open'
""")


def finish_sheet(tx: Tx, sheet_id: UUID, at: datetime) -> None:
    """End a locked count of which nothing is left to do."""
    _FINISH.run(tx, id=sheet_id, at=at)


_FINISH = statement("""
    UPDATE inventory.cycle_count SET state = 'finished', ended_at = %(at)s WHERE id = %(id)s
""")

_COLUMNS = """
           c.id, c.number, c.location_id, c.name, c.blind, c.state, c.created_at, c.created_by,
           c.ended_at, c.version,
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'line_no', l.line_no, 'item_id', l.item_id, 'bins', l.bins,
                       'state', l.state, 'round', l.round, 'counted', l.counted,
                       'difference', l.difference, 'counted_at', l.counted_at,
                       'counted_by', l.counted_by, 'document_id', l.document_id,
                       'bin_differences', l.bin_differences,
                       'lot_differences', l.lot_differences
                   ) ORDER BY l.line_no), '[]')
            FROM inventory.cycle_count_line AS l
            WHERE l.count_id = c.id) AS lines"""


def lock_sheet(tx: Tx, sheet_id: UUID) -> Sheet | None:
    """Lock a count; the lock comes before those of orders and cells."""
    if _LOCK.first(tx, id=sheet_id) is None:
        return None
    return read_sheet(tx, sheet_id)


_LOCK = query(UUID, "SELECT id FROM inventory.cycle_count WHERE id = %(id)s FOR NO KEY UPDATE")


def read_sheet(tx: Tx, sheet_id: UUID) -> Sheet | None:
    return _READ.first(tx, id=sheet_id)


_READ = query(
    Sheet,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.cycle_count AS c
    WHERE c.id = %(id)s
    """,  # noqa: S608 (a constant of this module)
)


def find_sheet(tx: Tx, number: int) -> UUID | None:
    return _BY_NUMBER.first(tx, number=number)


_BY_NUMBER = query(UUID, "SELECT id FROM inventory.cycle_count WHERE number = %(number)s")


class SheetSummary(msgspec.Struct, frozen=True):
    """A count in a list: lines by what became of them."""

    id: UUID
    number: int
    location_id: UUID
    name: str
    state: CycleCountState
    created_at: datetime
    ended_at: datetime | None
    version: int
    lines: int
    done: int
    waiting: int
    different: int


def list_sheets(
    tx: Tx,
    *,
    location_ids: Iterable[UUID] | None = None,
    state: CycleCountState | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[SheetSummary]:
    """Counts, newest first; the next page is `before` the last one's id."""
    return _LIST.all(
        tx,
        location_ids=None if location_ids is None else uuids(location_ids),
        state=state,
        before=before or UUID(int=2**128 - 1),
        limit=limit,
    )


_LIST = query(
    SheetSummary,
    """
    SELECT c.id, c.number, c.location_id, c.name, c.state, c.created_at, c.ended_at, c.version,
           l.lines, l.done, l.waiting, l.different
    FROM inventory.cycle_count AS c
    CROSS JOIN LATERAL (
        SELECT count(*) AS lines,
               count(*) FILTER (WHERE n.state = 'done') AS done,
               count(*) FILTER (WHERE n.state = 'waiting') AS waiting,
               count(*) FILTER (WHERE n.state = 'done' AND (
                   n.difference <> 0 OR n.lot_differences <> '{}')) AS different
        FROM inventory.cycle_count_line AS n
        WHERE n.count_id = c.id
    ) AS l
    WHERE c.id < %(before)s
      AND (%(location_ids)s::uuid[] IS NULL OR c.location_id = ANY(%(location_ids)s::uuid[]))
      AND (%(state)s::text IS NULL OR c.state = %(state)s::text)
    ORDER BY c.id DESC
    LIMIT %(limit)s
    """,
)


def list_kept(tx: Tx, location_id: UUID, *, limit: int) -> list[UUID]:
    """Items of which stock was ever kept at a location."""
    return _KEPT.all(tx, location_id=location_id, limit=limit)


_KEPT = query(
    UUID,
    """
    SELECT item_id
    FROM inventory.stock
    WHERE location_id = %(location_id)s AND seq > 0
    ORDER BY item_id
    LIMIT %(limit)s
    """,
)


def read_limit(tx: Tx, location_id: UUID) -> CountLimit | None:
    return _LIMIT.first(tx, location_id=location_id)


_LIMIT = query(
    CountLimit,
    """
    SELECT units, value_minor, currency
    FROM inventory.count_limit
    WHERE location_id = %(location_id)s
    """,
)


def write_limit(tx: Tx, location_id: UUID, limit: CountLimit) -> None:
    _WRITE_LIMIT.run(
        tx,
        location_id=location_id,
        units=limit.units,
        value_minor=limit.value_minor,
        currency=limit.currency,
    )


_WRITE_LIMIT = statement("""
    INSERT INTO inventory.count_limit (location_id, units, value_minor, currency)
    VALUES (%(location_id)s, %(units)s, %(value_minor)s, %(currency)s)
    ON CONFLICT (location_id) DO UPDATE
        SET units = excluded.units, value_minor = excluded.value_minor,
            currency = excluded.currency
""")

CYCLE_COUNT = Stream(
    "cycle_count",
    bulk_query(
        RaisedVersion,
        """
        UPDATE inventory.cycle_count AS c
        SET version = c.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE c.id = d.id
        RETURNING c.id, c.version
        """,
    ),
)
"""The timeline of a cycle count."""
