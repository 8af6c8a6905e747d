"""Saved views of the orders list and bulk jobs over HTTP."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.endpoints import reading, writing
from ordito.desk.jobs import list_items, list_jobs, read_export_part, read_job
from ordito.desk.types import Arrangement, BulkJob, JobItem, Outcome, SavedView
from ordito.desk.views import list_views, read_arrangement
from ordito.flows.bulk_jobs import (
    require_own_job,
    resume_bulk_job,
    retry_bulk_job,
    start_bulk_job,
    stop_bulk_job,
)
from ordito.flows.manage_views import arrange_views, create_view, remove_view, update_view
from ordito.kernel.asks import Ask
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

TAG = "Order desk"
READ = "orders.read"
_JOB = "/bulk-jobs/{job_id}"
_VIEW = "/views/{view_id}"


class NoParams(Ask, frozen=True):
    """No parameters."""


class JobKey(Ask, frozen=True, kw_only=True):
    job_id: UUID


class JobItemParams(Ask, frozen=True, kw_only=True):
    """after: `n` of the last item of the page before; outcome: only these."""

    job_id: UUID
    outcome: Outcome | None = None
    after: Annotated[int, Meta(ge=-1, le=1_000_000)] = -1
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200


class ExportParams(Ask, frozen=True, kw_only=True):
    """after: `next` of the answer before."""

    job_id: UUID
    after: Annotated[int, Meta(ge=-1, le=1_000_000)] = -1


class ExportRows(msgspec.Struct, frozen=True):
    """Rows of an export, a few hundred at a time. next: to be sent as `after`; null at the end."""

    columns: list[str]
    rows: list[list[Any]]
    next: int | None


class Views(msgspec.Struct, frozen=True):
    """The caller's views and the shared ones, and how the caller arranged their tabs."""

    items: list[SavedView]
    arrangement: Arrangement


class BulkJobs(msgspec.Struct, frozen=True):
    """Newest first; at most 50."""

    items: list[BulkJob]


class JobItems(msgspec.Struct, frozen=True):
    """Orders of a job in its order."""

    items: list[JobItem]


def list_saved_views(tx: Tx, params: NoParams) -> Views:
    """The caller's own views and those shared with everybody."""
    return Views(list_views(tx), read_arrangement(tx))


def list_bulk_jobs(tx: Tx, params: NoParams) -> BulkJobs:
    """The caller's jobs; of everybody for those who manage access."""
    everybody = "access.write" in tx.actor.permissions
    return BulkJobs(list_jobs(tx, actor_id=None if everybody else tx.actor.id))


def get_bulk_job(tx: Tx, params: JobKey) -> BulkJob:
    """How far a job is."""
    return require_own_job(read_job(tx, params.job_id), tx.actor)


def list_bulk_job_orders(tx: Tx, params: JobItemParams) -> JobItems:
    """What became of each order of a job, and why the refused ones were."""
    require_own_job(read_job(tx, params.job_id), tx.actor)
    found = list_items(
        tx, params.job_id, outcome=params.outcome, after=params.after, limit=params.limit
    )
    return JobItems(found)


def list_export_rows(tx: Tx, params: ExportParams) -> ExportRows:
    """What an export found, by columns; kept for a week."""
    job = require_own_job(read_job(tx, params.job_id), tx.actor)
    if job.act != "export" or job.state != "finished":
        raise NotFound("The job is no export, or it has not finished yet.")
    parts = read_export_part(tx, job.id, params.after, most=2)
    if not parts and job.done and params.after < 0:
        raise NotFound("Rows are kept for a week; these are gone. Export again.")
    rows = parts[0].cells if parts else []
    following = parts[0].chunk if len(parts) > 1 else None
    return ExportRows(job.ask["columns"], rows, following)


ENDPOINTS = [
    reading("/views", TAG, "List saved views", list_saved_views, READ),
    writing("POST", "/views", TAG, "Save a view of the orders list", create_view, status=201,
            example={"name": "Germany, late", "filter": {"countries": ["DE"], "late": True}}),
    writing("PUT", "/views/arrangement", TAG, "Arrange one's tabs", arrange_views,
            example={"tabs": ["late", "held"], "first_tab": "late"}),
    writing("PATCH", _VIEW, TAG, "Change a saved view", update_view,
            example={"name": "Germany"}),
    writing("DELETE", _VIEW, TAG, "Delete a saved view", remove_view),
    reading("/bulk-jobs", TAG, "List bulk jobs", list_bulk_jobs, READ),
    writing("POST", "/bulk-jobs", TAG, "Do one thing with many orders", start_bulk_job,
            status=201,
            description="For up to 20,000 orders (exports: 50,000), named or all that match a"
            " filter at this moment. A worker carries it out in chunks; each order is done once or"
            " refused alone.",
            example={"act": "tag", "tag": "sale", "filter": {"countries": ["DE"]}}),
    reading(_JOB, TAG, "Read a bulk job", get_bulk_job, READ),
    reading(f"{_JOB}/orders", TAG, "List the orders of a bulk job", list_bulk_job_orders, READ),
    reading(f"{_JOB}/rows", TAG, "Read the rows of an export", list_export_rows, READ),
    writing("POST", f"{_JOB}/stop", TAG, "Stop a bulk job", stop_bulk_job,
            problems=("action-not-allowed",)),
    writing("POST", f"{_JOB}/resume", TAG, "Let a bulk job go on", resume_bulk_job,
            problems=("action-not-allowed",)),
    writing("POST", f"{_JOB}/retry", TAG, "Try the refused orders again", retry_bulk_job,
            status=201, problems=("action-not-allowed",)),
]  # fmt: skip
