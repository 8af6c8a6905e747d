"""Do one thing with thousands of orders, a chunk at a time: it can be killed, stopped, looked at.

A chunk's changes and the outcomes of its orders commit together, so that however often a chunk is
begun, nothing is done twice; each chunk's event makes the next one due.
"""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.desk.events import BulkJobAdvanced, BulkJobEnded, BulkJobStarted
from ordito.desk.jobs import (
    JOB,
    advance_job,
    insert_job,
    list_items,
    lock_job,
    read_chunk,
    read_export_parts,
    set_job_state,
    write_outcomes,
)
from ordito.desk.types import BulkAct, BulkJob, JobState, Outcome
from ordito.flows.bulk_acts import ACTS
from ordito.flows.job_actors import find_actor
from ordito.flows.manage_views import Columns, ViewFilter, require_columns
from ordito.kernel.asks import Ask
from ordito.kernel.ids import new_id
from ordito.listings.order_columns import COLUMNS
from ordito.listings.order_walks import Sort
from ordito.listings.orders_list import list_order_ids
from ordito.listings.papers import Slip
from ordito.orders.asks import Reason
from ordito.orders.types import Tag
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.feed import FeedEntry
from ordito.platform.followers import OutsideFollower
from ordito.platform.problems import (
    ActionNotAllowed,
    Fault,
    InvalidInput,
    NotFound,
    NotPermitted,
    Problem,
)

ORDERS_MAX = 20_000
EXPORT_MAX = 50_000
PRINT_MAX = 2_000
"""Orders whose slips come in one file: a printer's morning."""
MOST: dict[str, int] = {"export": EXPORT_MAX, "print": PRINT_MAX}


def most_orders(act: str) -> int:
    """How many orders an act takes at once."""
    return MOST.get(act, ORDERS_MAX)


class StartBulkJob(Ask, frozen=True, kw_only=True):
    """One act for the orders named, or for all that match the filter at this moment.

    tag: of tag and untag. reason: of hold and cancel. user_id: of assign; without it orders are
    taken from whoever has them. columns, sort, descending: of export.
    """

    act: BulkAct
    order_ids: Annotated[tuple[UUID, ...], Meta(max_length=ORDERS_MAX)] = ()
    filter: ViewFilter | None = None
    tag: Tag | None = None
    reason: Reason | None = None
    user_id: UUID | None = None
    columns: Columns = ()
    sort: Sort = "placed_at"
    descending: bool = True


class BulkJobAsk(Ask, frozen=True, kw_only=True):
    job_id: UUID


class CarryOnBulkJob(Ask, frozen=True, kw_only=True):
    """Carry out one chunk, if it is the next one."""

    job_id: UUID
    chunk: int


class FailBulkJob(Ask, frozen=True, kw_only=True):
    job_id: UUID
    problem: dict[str, Any]


@command(permission="orders.read")
def start_bulk_job(tx: Tx, ask: StartBulkJob) -> BulkJob:
    """Freeze which orders are meant, and let the worker begin; raises InvalidInput."""
    act = ACTS[ask.act]
    tx.actor.require(act.permission)
    told: dict[str, Any] = {
        "tag": (ask.tag or "").strip(),
        "reason": ask.reason,
        "columns": list(ask.columns or COLUMNS),
        "user_id": None if ask.user_id is None else str(ask.user_id),
    }
    kept = {
        name: told[name] for name in (*act.needs, *(["user_id"] if ask.act == "assign" else []))
    }
    require_columns(ask.columns)
    missing = [name for name in act.needs if not kept[name]]
    if missing:
        raise InvalidInput(
            "Nothing was begun.",
            errors=[Fault(f"/{name}", "required", "The act needs this.") for name in missing],
        )
    return _begin(tx, ask.act, kept, _choose_orders(tx, ask))


def _choose_orders(tx: Tx, ask: StartBulkJob) -> list[UUID]:
    """The orders that are meant, each once; raises InvalidInput for none and for too many."""
    if bool(ask.order_ids) == (ask.filter is not None):
        raise InvalidInput("Name either the orders or a filter. Nothing was begun.")
    most = most_orders(ask.act)
    if ask.filter is None:
        named = list(dict.fromkeys(ask.order_ids))
        if len(named) > most:
            raise InvalidInput(f"At most {most:,} orders are taken at once. Nothing was begun.")
        return named
    ids = list_order_ids(tx, ask.filter, sort=ask.sort, descending=ask.descending, most=most + 1)
    if len(ids) > most:
        raise InvalidInput(
            f"More than {most:,} orders match. Narrow the filter; nothing was begun."
        )
    if not ids:
        raise InvalidInput("No order matches the filter any more. Nothing was begun.")
    return ids


def _begin(
    tx: Tx, act: BulkAct, told: dict[str, Any], ids: list[UUID], again_of: UUID | None = None
) -> BulkJob:
    job = BulkJob(
        id=new_id(),
        actor_kind=tx.actor.kind,
        actor_id=tx.actor.id,
        act=act,
        ask=told,
        state="running",
        total=len(ids),
        done=0,
        refused=0,
        chunks_done=0,
        problem=None,
        again_of=again_of,
        started_at=tx.now,
        ended_at=None,
        version=1,
    )
    insert_job(tx, job, ids)
    tx.emit(JOB, job.id, BulkJobStarted(act, len(ids)))
    return job


@command(permission="orders.read")
def carry_on_bulk_job(tx: Tx, ask: CarryOnBulkJob) -> BulkJob:
    """Carry out a chunk; one that was carried out already, or of a job at rest, is left alone."""
    job = _lock(tx, ask.job_id)
    if job.state != "running" or ask.chunk != job.chunks_done:
        return job
    act = ACTS[job.act]
    tx.actor.require(act.permission)
    items = read_chunk(tx, job.id, ask.chunk)
    problems = act.carry_out(tx, job, tuple(item.order_id for item in items))
    rows: list[tuple[int, Outcome, dict[str, Any] | None]] = [
        (item.n, "refused" if problems[item.order_id] else "done", problems[item.order_id])
        for item in items
    ]
    write_outcomes(tx, job.id, rows)
    refused = sum(outcome == "refused" for _n, outcome, _problem in rows)
    advance_job(tx, job.id, done=len(rows) - refused, refused=refused)
    job = msgspec.structs.replace(
        job,
        done=job.done + len(rows) - refused,
        refused=job.refused + refused,
        chunks_done=job.chunks_done + 1,
    )
    if job.done + job.refused == job.total:
        return _rest(tx, job, "finished")
    tx.emit(JOB, job.id, BulkJobAdvanced(job.chunks_done, job.done, job.refused))
    return job


@command(permission="orders.read")
def stop_bulk_job(tx: Tx, ask: BulkJobAsk) -> BulkJob:
    """Let a job rest after the chunk at work; what was done stays done."""
    job = _own_job(tx, ask.job_id)
    if job.state != "running":
        raise ActionNotAllowed(f"The job is {job.state}; only a running one can be stopped.")
    return _rest(tx, job, "stopped")


@command(permission="orders.read")
def resume_bulk_job(tx: Tx, ask: BulkJobAsk) -> BulkJob:
    """Let a job go on where it was stopped or failed."""
    job = _own_job(tx, ask.job_id)
    if job.state not in ("stopped", "failed"):
        raise ActionNotAllowed(f"The job is {job.state}; there is nothing to go on with.")
    set_job_state(tx, job.id, "running")
    tx.emit(JOB, job.id, BulkJobAdvanced(job.chunks_done, job.done, job.refused))
    return msgspec.structs.replace(
        job, state="running", problem=None, ended_at=None, version=job.version + 1
    )


@command(permission="orders.read")
def retry_bulk_job(tx: Tx, ask: BulkJobAsk) -> BulkJob:
    """A new job with the orders that this one was refused."""
    job = _own_job(tx, ask.job_id)
    if job.state == "running" or not job.refused:
        raise ActionNotAllowed("Only a job at rest with refused orders can be tried again.")
    refused = list_items(tx, job.id, outcome="refused", limit=EXPORT_MAX)
    return _begin(tx, job.act, job.ask, [item.order_id for item in refused], again_of=job.id)


@command(permission="orders.read")
def fail_bulk_job(tx: Tx, ask: FailBulkJob) -> BulkJob:
    """Note that nobody may carry a job on any more, and why."""
    job = _lock(tx, ask.job_id)
    return _rest(tx, job, "failed", ask.problem) if job.state == "running" else job


def _rest(tx: Tx, job: BulkJob, state: JobState, problem: dict[str, Any] | None = None) -> BulkJob:
    set_job_state(tx, job.id, state, problem)
    tx.emit(JOB, job.id, BulkJobEnded(state, job.done, job.refused))
    return msgspec.structs.replace(
        job, state=state, problem=problem, ended_at=tx.now, version=job.version + 1
    )


def _lock(tx: Tx, job_id: UUID) -> BulkJob:
    job = lock_job(tx, job_id)
    if job is None:
        raise NotFound("There is no such job, or it is somebody else's.")
    return job


def _own_job(tx: Tx, job_id: UUID) -> BulkJob:
    job = _lock(tx, job_id)
    require_own_job(job, tx.actor)
    return job


def require_own_job(job: BulkJob | None, actor: Actor) -> BulkJob:
    """Raises NotFound: a job is the business of who began it, and of administrators."""
    if job is None or (job.actor_id != actor.id and "access.write" not in actor.permissions):
        raise NotFound("There is no such job, or it is somebody else's.")
    return job


def read_printed(tx: Tx, job: BulkJob) -> list[Slip]:
    """The packing slips of a job that prints, in the order of its orders; raises NotFound."""
    if job.act != "print" or job.state != "finished":
        raise NotFound("There is no file yet: the job prints nothing, or isn't finished.")
    slips = [msgspec.convert(row[0], Slip) for row in read_export_parts(tx, job.id)]
    if not slips:
        raise NotFound("Nothing was to be printed, or the file is gone after its week.")
    return slips


def carry_on(db: Database, entries: Sequence[FeedEntry]) -> None:
    """The worker's part: each event of a job names the chunk that is due."""
    for entry in entries:
        ask = CarryOnBulkJob(job_id=entry.stream_id, chunk=int(entry.body.get("chunk", 0)))
        try:
            run(db, _actor_of(db, entry.stream_id), carry_on_bulk_job, ask)
        except (NotPermitted, InvalidInput) as problem:
            failed = FailBulkJob(job_id=entry.stream_id, problem=_told(problem))
            run(db, SYSTEM, fail_bulk_job, failed)


def _told(problem: Problem) -> dict[str, Any]:
    return {"status": problem.status, **problem.body()}


def _actor_of(db: Database, job_id: UUID) -> Actor:
    """Who began the job, with the permissions of this moment; raises NotPermitted."""
    with db.transaction(SYSTEM) as tx:
        job = _lock(tx, job_id)
        return find_actor(tx, job.actor_kind, job.actor_id)


BULK_JOBS = OutsideFollower(
    name="bulk-jobs",
    kinds=frozenset(("bulk_job.started", "bulk_job.advanced")),
    deliver=carry_on,
    batch=4,
    starts="beginning",
)
