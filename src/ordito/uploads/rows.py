"""Rows of files that people bring in: kept, read in chunks, and what became of them."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from ordito.platform.arrays import texts
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement
from ordito.uploads.types import Phase, RowFault, RowOutcome, RowResult, UploadRow

_COLUMNS = "n, line, cells, damaged, phase, outcome, changes, faults, thing_id"


class NewRow(msgspec.Struct, frozen=True):
    """A row as it was read; a damaged one has a fault and is never carried out."""

    n: int
    line: int
    cells: list[str]
    fault: RowFault | None = None


def insert_rows(tx: Tx, job_id: UUID, rows: Sequence[NewRow]) -> None:
    """Keep rows; sent again, they are kept once."""
    _INSERT.run(
        tx,
        [
            (job_id, row.n, row.line, row.cells, row.fault is not None,
             None if row.fault is None else [row.fault])
            for row in rows
        ],
    )  # fmt: skip


_INSERT = bulk("""
    INSERT INTO uploads.row (job_id, n, line, cells, damaged, faults)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::int4[], %s::jsonb[], %s::bool[], %s::jsonb[])
    ON CONFLICT (job_id, n) DO NOTHING
""")


def count_rows(tx: Tx, job_id: UUID) -> int:
    return _COUNT.one(tx, job_id=job_id)


_COUNT = query(int, "SELECT count(*) AS rows FROM uploads.row WHERE job_id = %(job_id)s")


def read_chunk(tx: Tx, job_id: UUID, first: int, size: int) -> list[UploadRow]:
    """So many rows from the `first`, in the file's order."""
    return _CHUNK.all(tx, job_id=job_id, first=first, after=first + size)


_CHUNK = query(
    UploadRow,
    f"""
    SELECT {_COLUMNS}
    FROM uploads.row
    WHERE job_id = %(job_id)s AND n >= %(first)s AND n < %(after)s
    ORDER BY n
    """,  # noqa: S608 (a constant of this module)
)


def list_rows(
    tx: Tx, job_id: UUID, *, outcome: RowOutcome | None = None, after: int = -1, limit: int = 50
) -> list[UploadRow]:
    """Rows after the n-th, perhaps of one outcome only."""
    return _LIST.all(tx, job_id=job_id, outcome=outcome, after=after, limit=limit)


_LIST = query(
    UploadRow,
    f"""
    SELECT {_COLUMNS}
    FROM uploads.row
    WHERE job_id = %(job_id)s AND n > %(after)s
      AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s::text)
    ORDER BY n
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


class KeyLine(msgspec.Struct, frozen=True):
    """The first line of a file that tells of a thing."""

    key: str
    line: int


def find_earlier(tx: Tx, job_id: UUID, keys: Sequence[str], *, before: int) -> dict[str, int]:
    """Key → first line, of things that rows before the n-th tell of."""
    found = _EARLIER.all(tx, job_id=job_id, keys=texts(keys), before=before)
    return {row.key: row.line for row in found}


_EARLIER = query(
    KeyLine,
    """
    SELECT coalesce(key, '') AS key, coalesce(min(line), 0) AS line
    FROM uploads.row
    WHERE job_id = %(job_id)s AND n < %(before)s AND key = ANY(%(keys)s::text[])
    GROUP BY key
    """,
)


def write_keys(tx: Tx, job_id: UUID, keys: Sequence[tuple[int, str]]) -> None:
    """Which things rows tell of: (n, key) each."""
    _KEYS.run(tx, [(job_id, n, key) for n, key in keys])


_KEYS = bulk("""
    UPDATE uploads.row AS r
    SET key = d.key
    FROM unnest(%s::uuid[], %s::int4[], %s::text[]) AS d (job_id, n, key)
    WHERE r.job_id = d.job_id AND r.n = d.n
""")


def write_results(tx: Tx, job_id: UUID, phase: Phase, results: Sequence[RowResult]) -> None:
    """What became of rows in a phase."""
    rows = [(job_id, r.n, phase, r.outcome, r.changes, r.faults, r.thing_id) for r in results]
    touched = _RESULTS.run(tx, rows)
    assert touched == len(rows), "a chunk's rows are there"


_RESULTS = bulk("""
    UPDATE uploads.row AS r
    SET phase = d.phase, outcome = d.outcome, changes = d.changes, faults = d.faults,
        thing_id = d.thing_id
    FROM unnest(%s::uuid[], %s::int4[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[],
                %s::uuid[]) AS d (job_id, n, phase, outcome, changes, faults, thing_id)
    WHERE r.job_id = d.job_id AND r.n = d.n
""")


def reset_rows(tx: Tx, job_id: UUID) -> None:
    """Forget what a check found: the columns mean something else now."""
    _RESET.run(tx, job_id=job_id)


_RESET = statement("""
    UPDATE uploads.row
    SET phase = 'read', outcome = NULL, changes = NULL, key = NULL, thing_id = NULL,
        faults = CASE WHEN damaged THEN faults END
    WHERE job_id = %(job_id)s AND phase <> 'read'
""")
