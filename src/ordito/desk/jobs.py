"""Bulk jobs: what they work on, how far they are, what became of each order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ordito.desk.types import BulkJob, JobItem, JobState, Outcome
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream

CHUNK = 100
"""Orders that are carried out and told together, in one transaction."""

_COLUMNS = """
           id, actor_kind, actor_id, act, ask, state, total, done, refused, chunks_done, problem,
           again_of, started_at, ended_at, version"""


def insert_job(tx: Tx, job: BulkJob, order_ids: Sequence[UUID]) -> None:
    """A new job and the orders it works on, in their order. The first event makes it version 1."""
    _INSERT.run(
        tx,
        id=job.id,
        actor_kind=job.actor_kind,
        actor_id=job.actor_id,
        act=job.act,
        ask=msgspec.json.encode(job.ask).decode(),
        total=job.total,
        again_of=job.again_of,
        now=tx.now,
    )
    _INSERT_ITEMS.run(tx, [(job.id, n, order_id) for n, order_id in enumerate(order_ids)])


_INSERT = statement("""
    INSERT INTO desk.job (id, actor_kind, actor_id, act, ask, state, total, again_of, started_at)
    VALUES (%(id)s, %(actor_kind)s, %(actor_id)s, %(act)s, %(ask)s::jsonb, 'running', %(total)s,
            %(again_of)s, %(now)s)
""")

_INSERT_ITEMS = bulk("""
    INSERT INTO desk.job_item (job_id, n, order_id)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[])
""")


def lock_job(tx: Tx, job_id: UUID) -> BulkJob | None:
    """The job, locked before any order is: whoever works on a chunk is alone with the job."""
    return _LOCK.first(tx, id=job_id)


_LOCK = query(
    BulkJob,
    f"""
    SELECT {_COLUMNS}
    FROM desk.job
    WHERE id = %(id)s
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def read_job(tx: Tx, job_id: UUID) -> BulkJob | None:
    return _READ.first(tx, id=job_id)


_READ = query(BulkJob, f"SELECT {_COLUMNS} FROM desk.job WHERE id = %(id)s")  # noqa: S608


def list_jobs(tx: Tx, *, actor_id: UUID | None, limit: int = 50) -> list[BulkJob]:
    """The newest jobs, of one actor or of all."""
    return _LIST.all(tx, actor_id=actor_id, limit=limit)


_LIST = query(
    BulkJob,
    f"""
    SELECT {_COLUMNS}
    FROM desk.job
    WHERE %(actor_id)s::uuid IS NULL OR actor_id = %(actor_id)s::uuid
    ORDER BY started_at DESC, id DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def read_chunk(tx: Tx, job_id: UUID, chunk: int) -> list[JobItem]:
    """The orders of a chunk, in their order."""
    return _CHUNK.all(tx, job_id=job_id, first=chunk * CHUNK, after=(chunk + 1) * CHUNK)


_CHUNK = query(
    JobItem,
    """
    SELECT n, order_id, outcome, problem
    FROM desk.job_item
    WHERE job_id = %(job_id)s AND n >= %(first)s AND n < %(after)s
    ORDER BY n
    """,
)


def list_items(
    tx: Tx, job_id: UUID, *, outcome: Outcome | None = None, after: int = -1, limit: int = 100
) -> list[JobItem]:
    """Orders of a job and what became of them, after the n-th, perhaps of one outcome only."""
    return _ITEMS.all(tx, job_id=job_id, outcome=outcome, after=after, limit=limit)


_ITEMS = query(
    JobItem,
    """
    SELECT n, order_id, outcome, problem
    FROM desk.job_item
    WHERE job_id = %(job_id)s AND n > %(after)s
      AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s::text)
    ORDER BY n
    LIMIT %(limit)s
    """,
)


def write_outcomes(
    tx: Tx, job_id: UUID, rows: Sequence[tuple[int, Outcome, dict[str, Any] | None]]
) -> None:
    """What became of orders (n, outcome, problem body); each had no outcome before."""
    texts = [
        (job_id, n, outcome, None if problem is None else msgspec.json.encode(problem).decode())
        for n, outcome, problem in rows
    ]
    touched = _OUTCOMES.run(tx, texts)
    assert touched == len(rows), "a chunk is carried out once"


_OUTCOMES = bulk("""
    UPDATE desk.job_item AS i
    SET outcome = d.outcome, problem = d.problem::jsonb
    FROM unnest(%s::uuid[], %s::int4[], %s::text[], %s::text[]) AS d (job_id, n, outcome, problem)
    WHERE i.job_id = d.job_id AND i.n = d.n AND i.outcome IS NULL
""")


def advance_job(tx: Tx, job_id: UUID, *, done: int, refused: int) -> None:
    """One more chunk was carried out, with these counts."""
    _ADVANCE.run(tx, id=job_id, done=done, refused=refused)


_ADVANCE = statement("""
    UPDATE desk.job
    SET done = done + %(done)s, refused = refused + %(refused)s, chunks_done = chunks_done + 1
    WHERE id = %(id)s
""")


def set_job_state(
    tx: Tx, job_id: UUID, state: JobState, problem: dict[str, Any] | None = None
) -> None:
    """Let a job go on, or end it: with the problem that all of it failed of."""
    _STATE.run(
        tx,
        id=job_id,
        state=state,
        problem=None if problem is None else msgspec.json.encode(problem).decode(),
        ended_at=None if state == "running" else tx.now,
    )


_STATE = statement("""
    UPDATE desk.job
    SET state = %(state)s, problem = %(problem)s::jsonb, ended_at = %(ended_at)s::timestamptz
    WHERE id = %(id)s
""")


def write_export_part(tx: Tx, job_id: UUID, chunk: int, rows: Sequence[Sequence[Any]]) -> None:
    """Cells of a chunk's orders, kept until `prune_exports`."""
    cells = msgspec.json.encode(rows).decode()
    _WRITE_PART.run(tx, job_id=job_id, chunk=chunk, cells=cells)


_WRITE_PART = statement("""
    INSERT INTO desk.export_part (job_id, chunk, cells)
    VALUES (%(job_id)s, %(chunk)s, %(cells)s::jsonb)
""")


def read_export_parts(tx: Tx, job_id: UUID) -> list[list[Any]]:
    """All rows of an export, in their order; none when they were pruned."""
    return [row for part in _PARTS.all(tx, job_id=job_id) for row in part.cells]


def read_export_part(tx: Tx, job_id: UUID, after: int, *, most: int) -> "list[ExportPart]":
    """Parts of an export behind the one named, in their order."""
    return _NEXT_PARTS.all(tx, job_id=job_id, after=after, most=most)


class ExportPart(msgspec.Struct, frozen=True):
    """Rows of one chunk's orders."""

    chunk: int
    cells: list[list[Any]]


_NEXT_PARTS = query(
    ExportPart,
    """
    SELECT chunk, cells
    FROM desk.export_part
    WHERE job_id = %(job_id)s AND chunk > %(after)s
    ORDER BY chunk
    LIMIT %(most)s
    """,
)


class _Part(msgspec.Struct, frozen=True):
    cells: list[list[Any]]


_PARTS = query(
    _Part,
    "SELECT cells FROM desk.export_part WHERE job_id = %(job_id)s ORDER BY chunk LIMIT 1000",
)


def prune_exports(tx: Tx, before: datetime) -> int:
    """Forget the rows of exports that were started before; returns how many chunks went."""
    return _PRUNE.run(tx, before=before)


_PRUNE = statement("""
    DELETE FROM desk.export_part AS e
    USING desk.job AS j
    WHERE j.id = e.job_id AND j.started_at < %(before)s
""")


JOB = Stream(
    "bulk_job",
    bulk_query(
        RaisedVersion,
        """
        UPDATE desk.job AS j
        SET version = j.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE j.id = d.id
        RETURNING j.id, j.version
        """,
    ),
)
"""The timeline of a bulk job."""
