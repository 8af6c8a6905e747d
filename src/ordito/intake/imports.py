"""Imports: which files were taken, how far, and what they held by kind and month."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from ordito.intake.tallies import KindTally
from ordito.intake.types import Mode
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query, statement


class ImportedFile(msgspec.Struct, frozen=True):
    """A file by its name and its content's hash (hex); size in bytes as it was sent."""

    name: str
    content: str
    size: int


class ImportRun(msgspec.Struct, frozen=True):
    """One import of one or several files.

    position:      entries booked so far, those that take goods back left out.
    position_back: cancelling invoices booked so far; they come last.
    tallies:       of what is booked so far: kind → count, and sums by month.
    duplicates:    entries that had been booked before, by another file or the API.
    """

    id: UUID
    channel_id: UUID
    preset: str
    mode: Mode
    fingerprint: bytes
    files: list[ImportedFile]
    state: Literal["running", "done"]
    position: int
    position_back: int
    tallies: dict[str, KindTally]
    duplicates: int
    actor_id: UUID
    started_at: datetime
    updated_at: datetime


_COLUMNS = """
           id, channel_id, preset, mode, fingerprint, files, state, position, position_back,
           tallies, duplicates, actor_id, started_at, updated_at"""


def insert_run(tx: Tx, run: ImportRun) -> ImportRun:
    """Begin an import, or find the one of the same files, preset, mode and channel."""
    values: dict[str, Any] = {name: getattr(run, name) for name in run.__struct_fields__}
    _INSERT.run(tx, **values | {"files": Jsonb(run.files), "tallies": Jsonb(run.tallies)})
    return _SAME.one(tx, channel_id=run.channel_id, fingerprint=run.fingerprint)


_INSERT = statement(f"""
    INSERT INTO intake.import_run ({_COLUMNS})
    VALUES (%(id)s, %(channel_id)s, %(preset)s, %(mode)s, %(fingerprint)s, %(files)s::jsonb,
            %(state)s, %(position)s, %(position_back)s, %(tallies)s::jsonb, %(duplicates)s,
            %(actor_id)s, %(started_at)s, %(updated_at)s)
    ON CONFLICT (channel_id, fingerprint) DO NOTHING
""")  # noqa: S608 (a constant of this module)

_SAME = query(
    ImportRun,
    f"""
    SELECT {_COLUMNS}
    FROM intake.import_run
    WHERE channel_id = %(channel_id)s AND fingerprint = %(fingerprint)s
    """,  # noqa: S608 (a constant of this module)
)


def lock_channel(tx: Tx, channel_id: UUID) -> None:
    """Let one transaction at a time book a channel's messages: what is known is known to all."""
    _LOCK_CHANNEL.first(tx, channel=str(channel_id))


_LOCK_CHANNEL = query(
    str, "SELECT pg_advisory_xact_lock(hashtext('ordito.intake'), hashtext(%(channel)s))::text"
)


def lock_run(tx: Tx, run_id: UUID) -> ImportRun:
    """Lock an import that exists: one program at a time goes on with it."""
    return _LOCK.one(tx, id=run_id)


_LOCK = query(
    ImportRun,
    f"""
    SELECT {_COLUMNS}
    FROM intake.import_run
    WHERE id = %(id)s
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def write_progress(tx: Tx, run: ImportRun) -> None:
    """Write how far the import is; the caller holds its lock."""
    _PROGRESS.run(
        tx,
        id=run.id,
        state=run.state,
        position=run.position,
        position_back=run.position_back,
        tallies=Jsonb(run.tallies),
        duplicates=run.duplicates,
        now=tx.now,
    )


_PROGRESS = statement("""
    UPDATE intake.import_run
    SET state = %(state)s, position = %(position)s, position_back = %(position_back)s,
        tallies = %(tallies)s::jsonb, duplicates = %(duplicates)s, updated_at = %(now)s
    WHERE id = %(id)s
""")


def read_run(tx: Tx, run_id: UUID) -> ImportRun | None:
    """One import; None when there is none or the actor doesn't see its channel."""
    run = _READ.first(tx, id=run_id)
    return run if run and tx.actor.sees_channel(run.channel_id) else None


_READ = query(
    ImportRun,
    f"""
    SELECT {_COLUMNS}
    FROM intake.import_run
    WHERE id = %(id)s
    """,  # noqa: S608 (a constant of this module)
)


def list_runs(tx: Tx, *, before: UUID | None = None, limit: int = 50) -> list[ImportRun]:
    """Imports, newest first; the next page is `before` the last one's id."""
    scope = tx.actor.channel_ids
    channels = None if scope is None else uuids(sorted(scope))
    return _LIST.all(tx, before=before, channels=channels, limit=limit)


_LIST = query(
    ImportRun,
    f"""
    SELECT {_COLUMNS}
    FROM intake.import_run
    WHERE (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
      AND (%(channels)s::uuid[] IS NULL OR channel_id = ANY(%(channels)s::uuid[]))
    ORDER BY id DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)
