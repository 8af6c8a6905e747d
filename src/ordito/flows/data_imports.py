"""Bring items, stock, places and people in by file: looked at first, then done, a chunk at a time.

The look is the real thing rolled back, so that it can't promise what the run would refuse. A
chunk's changes and the outcomes of its rows commit together: however often a worker is killed,
nothing is done twice.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from ordito.flows.import_acts import ACTS, CANT_UNDO, ImportAct
from ordito.flows.import_fields import (
    CellReader,
    RowValues,
    check_mapping,
    find_field,
    guess_mapping,
    headings_key,
)
from ordito.flows.import_groups import count_outcomes, refuse_by
from ordito.flows.job_actors import find_actor
from ordito.kernel.asks import Ask
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.feed import FeedEntry
from ordito.platform.followers import OutsideFollower
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from ordito.uploads.events import ImportAdvanced, ImportRested, ImportStarted
from ordito.uploads.jobs import (
    IMPORT,
    find_layout,
    find_received,
    keep_layout,
    lock_import,
    read_import,
    write_import,
)
from ordito.uploads.rows import find_earlier, read_chunk, reset_rows, write_keys, write_results
from ordito.uploads.types import (
    AT_WORK,
    DataImport,
    ImportOptions,
    ImportState,
    Phase,
    RowResult,
    UploadRow,
)

PERMISSION = "intake.write"
CAUSE = "import-"
"""Events that an import makes carry this and its id as their request id."""

_BEGINS: dict[Phase, ImportState] = {"check": "checking", "run": "running", "undo": "undoing"}


class ImportAsk(Ask, frozen=True, kw_only=True):
    import_id: UUID


class CheckImport(ImportAsk, frozen=True, kw_only=True):
    """What the columns mean (heading → field), and what holds for all rows; None: as guessed."""

    mapping: dict[str, str] | None = None
    options: ImportOptions | None = None


class CarryOnImport(ImportAsk, frozen=True, kw_only=True):
    """Do one chunk of a phase, if it is the next one."""

    phase: Phase
    chunk: int


class FailImport(ImportAsk, frozen=True, kw_only=True):
    problem: dict[str, Any]


@command(permission=PERMISSION)
def check_import(tx: Tx, ask: CheckImport) -> DataImport:
    """Look what the file would do, row by row; nothing is written but what was found.

    What the columns mean is remembered for the next file with the same headings.
    """
    job = _own_import(tx, ask.import_id)
    if job.ran or job.state not in ("read", "checking", "checked", "stopped", "failed"):
        raise ActionNotAllowed(f"The import is {job.state}; bring the file in anew to change it.")
    mapping = job.mapping if ask.mapping is None else ask.mapping
    options = ask.options or job.options
    check_mapping(job.kind, job.columns, mapping, options)
    reset_rows(tx, job.id)
    job = msgspec.structs.replace(job, mapping=mapping, options=options, counts={})
    keep_layout(tx, job, headings_key(job.columns))
    return _begin(tx, job, "check")


@command(permission=PERMISSION)
def run_import(tx: Tx, ask: ImportAsk) -> DataImport:
    """Do what the check has shown, without the rows at fault."""
    job = _own_import(tx, ask.import_id)
    if job.state != "checked":
        raise ActionNotAllowed(
            f"The import is {job.state}; only one that was checked and not run yet can be run."
        )
    earlier = find_received(tx, job.digest, other_than=job.id) if job.kind == "receipts" else None
    if earlier is not None:
        raise AlreadyExists(
            f"The same units were received by the import of {earlier.file_name} on"
            f" {earlier.created_at:%Y-%m-%d}. Nothing was changed. Undo that one first, or give the"
            " rows another reference.",
            extra={"existing": {"id": str(earlier.id)}},
        )
    return _begin(tx, msgspec.structs.replace(job, ran=True), "run")


@command(permission=PERMISSION)
def undo_import(tx: Tx, ask: ImportAsk) -> DataImport:
    """Put back what the import did, row by row, where nothing else has happened since."""
    job = _own_import(tx, ask.import_id)
    act = ACTS[job.kind]
    if act.undo is None:
        raise ActionNotAllowed(f"This can't be undone as a whole. {CANT_UNDO[job.kind]}")
    if not job.ran or job.state not in ("finished", "stopped", "failed"):
        raise ActionNotAllowed(f"The import is {job.state}; only one that was run can be undone.")
    return _begin(tx, job, "undo")


@command(permission=PERMISSION)
def stop_import(tx: Tx, ask: ImportAsk) -> DataImport:
    """Let an import rest after the chunk at work; what was done stays done."""
    job = _own_import(tx, ask.import_id)
    if job.state not in AT_WORK:
        raise ActionNotAllowed(f"The import is {job.state}; there is nothing to stop.")
    return _rest(tx, job, "stopped")


@command(permission=PERMISSION)
def resume_import(tx: Tx, ask: ImportAsk) -> DataImport:
    """Let an import go on where it was stopped or failed."""
    job = _own_import(tx, ask.import_id)
    if job.state not in ("stopped", "failed"):
        raise ActionNotAllowed(f"The import is {job.state}; there is nothing to go on with.")
    job = msgspec.structs.replace(job, state=_BEGINS[job.phase], problem=None, ended_at=None)
    write_import(tx, job)
    started = ImportStarted(job.phase, job.total, job.chunks_done)
    tx.emit(IMPORT, job.id, started)
    return _raised(job)


@command(permission=PERMISSION)
def carry_on_import(tx: Tx, ask: CarryOnImport) -> DataImport:
    """Do a chunk; one that was done already, or of an import at rest, is left alone."""
    job = _lock(tx, ask.import_id)
    if AT_WORK.get(job.state) != ask.phase or ask.chunk != job.chunks_done:
        return job
    act = ACTS[job.kind]
    act.require(tx.actor)
    rows = read_chunk(tx, job.id, ask.chunk * act.chunk, act.chunk)
    results = _PHASES[ask.phase](tx, job, rows)
    write_results(tx, job.id, ask.phase, results)
    counts = dict(job.counts.get(ask.phase, {}))
    for outcome, count in count_outcomes(results).items():
        counts[outcome] = counts.get(outcome, 0) + count
    chunks = job.chunks_done + 1
    job = msgspec.structs.replace(job, counts={**job.counts, ask.phase: counts}, chunks_done=chunks)
    if chunks * act.chunk >= job.total:
        return _rest(tx, job, _end_of(ask.phase, counts))
    write_import(tx, job)
    tx.emit(IMPORT, job.id, ImportAdvanced(ask.phase, chunks, job.done(ask.phase)))
    return _raised(job)


@command(permission=PERMISSION)
def fail_import(tx: Tx, ask: FailImport) -> DataImport:
    """Note that an import can't go on, and why."""
    job = _lock(tx, ask.import_id)
    if job.state not in AT_WORK:
        return job
    return _rest(tx, msgspec.structs.replace(job, problem=ask.problem), "failed")


def _end_of(phase: Phase, counts: dict[str, int]) -> ImportState:
    if phase == "check":
        return "checked"
    # What couldn't be put back may be tried again.
    return "finished" if phase == "run" or counts.get("kept") else "undone"


def _begin(tx: Tx, job: DataImport, phase: Phase) -> DataImport:
    ACTS[job.kind].require(tx.actor)
    counts = {name: told for name, told in job.counts.items() if name != phase}
    job = msgspec.structs.replace(
        job,
        state=_BEGINS[phase],
        phase=phase,
        counts=counts,
        chunks_done=0,
        problem=None,
        ended_at=None,
    )
    write_import(tx, job)
    tx.emit(IMPORT, job.id, ImportStarted(phase, job.total))
    return _raised(job)


def _rest(tx: Tx, job: DataImport, state: ImportState) -> DataImport:
    job = msgspec.structs.replace(job, state=state, ended_at=tx.now)
    write_import(tx, job)
    tx.emit(IMPORT, job.id, ImportRested(state, job.counts.get(job.phase, {})))
    return _raised(job)


def _raised(job: DataImport) -> DataImport:
    return msgspec.structs.replace(job, version=job.version + 1)


def _check(tx: Tx, job: DataImport, rows: Sequence[UploadRow]) -> list[RowResult]:
    """What a run would do with the rows: it is run, and rolled back."""
    act = ACTS[job.kind]
    sound, results = _read_rows(job, rows)
    repeated = _find_repeated(tx, job, act, sound)
    results += repeated
    again = {result.n for result in repeated}
    mark = len(tx.events)
    with tx.conn.transaction() as savepoint:
        results += act.carry_out(tx, job, [row for row in sound if row.n not in again])
        raise psycopg.Rollback(savepoint)
    del tx.events[mark:]
    return [*results, *_damaged(rows)]


def _run(tx: Tx, job: DataImport, rows: Sequence[UploadRow]) -> list[RowResult]:
    """Carry out the rows in which the check found no fault."""
    faulty = [row for row in rows if row.outcome == "faulty" and not row.damaged]
    sound, results = _read_rows(job, [row for row in rows if row.outcome != "faulty"])
    results += ACTS[job.kind].carry_out(tx, job, sound)
    results += [RowResult(row.n, "faulty", faults=row.faults) for row in faulty]
    return [*results, *_damaged(rows)]


_DID: tuple[Phase, ...] = ("run", "undo")


def _undo(tx: Tx, job: DataImport, rows: Sequence[UploadRow]) -> list[RowResult]:
    """Put back what rows did; those that did nothing are left alone."""
    act = ACTS[job.kind]
    assert act.undo is not None, "undo_import refuses what can't be undone"
    done = [
        r for r in rows if r.phase in ("run", "undo") and r.outcome in ("new", "changed", "kept")
    ]
    reader = _reader(job)
    return act.undo(tx, job, [(row, reader.read(row)[0]) for row in done])


_PHASES = {"check": _check, "run": _run, "undo": _undo}


def _reader(job: DataImport) -> CellReader:
    return CellReader(job.kind, job.columns, job.mapping, job.options)


def _read_rows(
    job: DataImport, rows: Sequence[UploadRow]
) -> tuple[list[RowValues], list[RowResult]]:
    reader = _reader(job)
    sound: list[RowValues] = []
    faulty: list[RowResult] = []
    for row in rows:
        if row.damaged:
            continue
        values, faults = reader.read(row)
        if faults:
            faulty.append(RowResult(row.n, "faulty", faults=faults))
        else:
            sound.append(values)
    return sound, faulty


def _damaged(rows: Sequence[UploadRow]) -> list[RowResult]:
    return [RowResult(row.n, "faulty", faults=row.faults) for row in rows if row.damaged]


def _find_repeated(
    tx: Tx, job: DataImport, act: ImportAct, rows: Sequence[RowValues]
) -> list[RowResult]:
    """Rows about a thing that an earlier row of the file is about."""
    if not act.known_by or not rows:
        return []
    keys = {row.n: act.key(row) for row in rows}
    write_keys(tx, job.id, [(n, key) for n, key in keys.items() if key])
    first = find_earlier(tx, job.id, sorted(set(keys.values())), before=rows[0].n)
    repeated = []
    for row in rows:
        key = keys[row.n]
        if key and key in first:
            detail = f"Line {first[key]} says the same thing already; keep one of the two lines."
            repeated.append(refuse_by(row.n, "duplicate", detail, act.known_by[-1]))
        else:
            first[key] = row.line
    return repeated


def _lock(tx: Tx, import_id: UUID) -> DataImport:
    job = lock_import(tx, import_id)
    if job is None:
        raise NotFound("There is no such import, or it is somebody else's.")
    return job


def _own_import(tx: Tx, import_id: UUID) -> DataImport:
    job = _lock(tx, import_id)
    return require_own_import(job, tx.actor)


def require_own_import(job: DataImport | None, actor: Actor) -> DataImport:
    """Raises NotFound: an import is the business of who began it, and of administrators."""
    if job is None or (job.actor_id != actor.id and "access.write" not in actor.permissions):
        raise NotFound("There is no such import, or it is somebody else's.")
    return job


def suggest_mapping(tx: Tx, kind: Any, columns: Sequence[str]) -> tuple[dict[str, str], Any]:
    """What the columns meant the last time, else what their headings say; and the options."""
    kept = find_layout(tx, kind, headings_key(columns))
    if kept is None:
        return guess_mapping(kind, columns), ImportOptions()
    mapping = {
        heading: name
        for heading, name in kept.mapping.items()
        if heading in columns and find_field(kind, name)
    }
    return mapping, msgspec.convert(kept.options, ImportOptions)


def carry_on(db: Database, entries: Sequence[FeedEntry]) -> None:
    """The worker's part: each event of an import names the chunk that is due."""
    for entry in entries:
        body = entry.body
        work_on(db, entry.stream_id, phase=body["phase"], chunk=int(body.get("chunk", 0)))


def work_on(
    db: Database, import_id: UUID, *, phase: Phase, chunk: int, actor: Actor | None = None
) -> None:
    """Do a chunk on behalf of who began the import; what can't go on is told as failed.

    actor: who does it in person, instead.
    """
    ask = CarryOnImport(import_id=import_id, phase=phase, chunk=chunk)
    try:
        who = actor or _actor_of(db, import_id)
        run(db, who, carry_on_import, ask, request_id=f"{CAUSE}{import_id}")
    except (NotPermitted, InvalidInput, ActionNotAllowed) as problem:
        told = {"status": problem.status, **problem.body()}
        run(db, SYSTEM, fail_import, FailImport(import_id=import_id, problem=told))


def _actor_of(db: Database, import_id: UUID) -> Actor:
    with db.transaction(SYSTEM) as tx:
        job = _lock(tx, import_id)
        return find_actor(tx, job.actor_kind, job.actor_id)


def finish_work(db: Database, actor: Actor, import_id: UUID) -> DataImport:
    """Carry an import on until it rests, without waiting for a worker (who may be at it too)."""
    while True:
        with db.reading(actor) as tx:
            job = require_own_import(read_import(tx, import_id), actor)
        if job.state not in AT_WORK:
            return job
        phase = AT_WORK[job.state]
        work_on(db, import_id, phase=phase, chunk=job.chunks_done, actor=actor)


DATA_IMPORTS = OutsideFollower(
    name="data-imports",
    kinds=frozenset(("data_import.started", "data_import.advanced")),
    deliver=carry_on,
    batch=4,
    starts="beginning",
)
