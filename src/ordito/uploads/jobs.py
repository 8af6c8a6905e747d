"""Imports of files: begun, advanced, ended, listed, forgotten."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream
from ordito.uploads.types import DataImport

_COLUMNS = """
           id, actor_kind, actor_id, kind, file_name, digest, columns, mapping, options, state,
           phase, ran, total, chunks_done, counts, problem, created_at, ended_at, version"""


def insert_import(tx: Tx, job: DataImport) -> None:
    """A new import. The first event makes it version 1."""
    _INSERT.run(
        tx,
        id=job.id,
        actor_kind=job.actor_kind,
        actor_id=job.actor_id,
        kind=job.kind,
        file_name=job.file_name,
        digest=job.digest,
        columns=_json(job.columns),
        mapping=_json(job.mapping),
        options=_json(job.options),
        now=tx.now,
    )


_INSERT = statement("""
    INSERT INTO uploads.job (id, actor_kind, actor_id, kind, file_name, digest, columns, mapping,
                             options, state, phase, created_at)
    VALUES (%(id)s, %(actor_kind)s, %(actor_id)s, %(kind)s, %(file_name)s, %(digest)s,
            %(columns)s::jsonb, %(mapping)s::jsonb, %(options)s::jsonb, 'read', 'read', %(now)s)
""")


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def lock_import(tx: Tx, job_id: UUID) -> DataImport | None:
    """The import, locked before anything it writes: whoever works on a chunk is alone with it."""
    return _LOCK.first(tx, id=job_id)


_LOCK = query(
    DataImport,
    f"""
    SELECT {_COLUMNS}
    FROM uploads.job
    WHERE id = %(id)s
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def read_import(tx: Tx, job_id: UUID) -> DataImport | None:
    return _READ.first(tx, id=job_id)


_READ = query(DataImport, f"SELECT {_COLUMNS} FROM uploads.job WHERE id = %(id)s")  # noqa: S608


def list_imports(
    tx: Tx, *, actor_id: UUID | None, before: UUID | None = None, limit: int = 50
) -> list[DataImport]:
    """The newest imports, of one actor or of all; the next page is `before` the last one's id."""
    return _LIST.all(tx, actor_id=actor_id, before=before, limit=limit)


_LIST = query(
    DataImport,
    f"""
    SELECT {_COLUMNS}
    FROM uploads.job
    WHERE (%(actor_id)s::uuid IS NULL OR actor_id = %(actor_id)s::uuid)
      AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
    ORDER BY id DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def find_received(tx: Tx, digest: str, *, other_than: UUID) -> DataImport | None:
    """The import of receipts that took the very same rows, unless it was undone."""
    return _RECEIVED.first(tx, digest=digest, id=other_than)


_RECEIVED = query(
    DataImport,
    f"""
    SELECT {_COLUMNS}
    FROM uploads.job
    WHERE digest = %(digest)s AND kind = 'receipts' AND ran AND state <> 'undone' AND id <> %(id)s
    LIMIT 1
    """,  # noqa: S608 (a constant of this module)
)


def write_import(tx: Tx, job: DataImport) -> None:
    """What changes of an import while it goes on; the caller has locked it."""
    _WRITE.run(
        tx,
        id=job.id,
        digest=job.digest,
        mapping=_json(job.mapping),
        options=_json(job.options),
        state=job.state,
        phase=job.phase,
        ran=job.ran,
        total=job.total,
        chunks_done=job.chunks_done,
        counts=_json(job.counts),
        problem=None if job.problem is None else _json(job.problem),
        ended_at=job.ended_at,
    )


_WRITE = statement("""
    UPDATE uploads.job
    SET digest = %(digest)s, mapping = %(mapping)s::jsonb, options = %(options)s::jsonb,
        state = %(state)s, phase = %(phase)s, ran = %(ran)s, total = %(total)s,
        chunks_done = %(chunks_done)s, counts = %(counts)s::jsonb, problem = %(problem)s::jsonb,
        ended_at = %(ended_at)s::timestamptz
    WHERE id = %(id)s
""")


class Layout(msgspec.Struct, frozen=True):
    """What the columns of a file with the same headings meant the last time."""

    mapping: dict[str, str]
    options: dict[str, str]


def find_layout(tx: Tx, kind: str, headings_key: str) -> Layout | None:
    return _LAYOUT.first(tx, kind=kind, headings_key=headings_key)


_LAYOUT = query(
    Layout,
    """
    SELECT mapping, options
    FROM uploads.layout
    WHERE kind = %(kind)s AND headings_key = %(headings_key)s
    """,
)


def keep_layout(tx: Tx, job: DataImport, headings_key: str) -> None:
    """Remember what the columns mean, for the next file with the same headings."""
    _KEEP.run(
        tx,
        kind=job.kind,
        headings_key=headings_key,
        mapping=_json(job.mapping),
        options=_json(job.options),
        now=tx.now,
    )


_KEEP = statement("""
    INSERT INTO uploads.layout (kind, headings_key, mapping, options, updated_at)
    VALUES (%(kind)s, %(headings_key)s, %(mapping)s::jsonb, %(options)s::jsonb, %(now)s)
    ON CONFLICT (kind, headings_key) DO UPDATE
    SET mapping = excluded.mapping, options = excluded.options, updated_at = excluded.updated_at
""")


def forget_rows(tx: Tx, before: datetime) -> int:
    """Forget the rows of imports made before that are at rest; returns how many rows went."""
    return _FORGET.run(tx, before=before)


_FORGET = statement("""
    DELETE FROM uploads.row
    WHERE job_id IN (
        SELECT id
        FROM uploads.job
        WHERE created_at < %(before)s AND state NOT IN ('checking', 'running', 'undoing')
    )
""")


def list_names(tx: Tx, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """File names of imports by id; unknown ids are absent."""
    return {row.id: row.file_name for row in _NAMES.all(tx, ids=list(ids))}


class _Name(msgspec.Struct, frozen=True):
    id: UUID
    file_name: str


_NAMES = query(
    _Name, "SELECT id, file_name FROM uploads.job WHERE id = ANY(%(ids)s::uuid[]) LIMIT 1000"
)


IMPORT = Stream(
    "data_import",
    bulk_query(
        RaisedVersion,
        """
        UPDATE uploads.job AS j
        SET version = j.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE j.id = d.id
        RETURNING j.id, j.version
        """,
    ),
)
"""The timeline of an import."""
