"""Bulk jobs: what to do with a selection, how far it is, what was refused and why."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from ordito.adapters.papers.sheets import slip_sheets
from ordito.adapters.papers.typesetting import typeset_slips
from ordito.api.answers import Answer
from ordito.desk.jobs import list_items, list_jobs, read_export_parts, read_job
from ordito.desk.types import BulkJob
from ordito.flows.bulk_acts import ACTS
from ordito.flows.bulk_jobs import (
    BulkJobAsk,
    StartBulkJob,
    most_orders,
    read_printed,
    require_own_job,
    resume_bulk_job,
    retry_bulk_job,
    start_bulk_job,
    stop_bulk_job,
)
from ordito.listings.orders_list import list_order_ids, read_rows
from ordito.platform.accounts import list_assignable
from ordito.platform.database import Tx
from ordito.platform.problems import InvalidInput, NotFound
from ordito.platform.validation import convert
from ordito.web.pages.order_files import answer_file
from ordito.web.pages.order_list_asks import (
    as_uuid,
    file_columns,
    read_list_ask,
    sort_fields,
)
from ordito.web.pages.order_views import as_view_filter
from ordito.web.pages.papers import paper_reader, pdf_answer
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext, problem_text
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import CANCEL_REASONS, HOLD_REASONS, choices, word

REFUSED_SHOWN = 100

TITLES = {
    "tag": N_("Tag orders"),
    "untag": N_("Take a tag away"),
    "hold": N_("Put orders on hold"),
    "release_hold": N_("Release holds"),
    "release_to_pick": N_("Release to picking"),
    "cancel": N_("Cancel orders"),
    "assign": N_("Assign orders"),
    "export": N_("Export orders"),
    "print": N_("Print packing slips"),
}
STATES = {
    "running": (N_("Running"), "progress"),
    "stopped": (N_("Stopped"), "attention"),
    "failed": (N_("Failed"), "critical"),
    "finished": (N_("Finished"), "success"),
}


def ask_before(visit: Visit) -> Answer:
    """What the act still needs, for the orders chosen or for all that match."""
    return _form(visit, [])


def _form(visit: Visit, faults: list[str]) -> Answer:
    act = visit.params["act"]
    if act not in ACTS:
        raise NotFound(_("There is nothing of this kind to do with orders."))
    visit.require(ACTS[act].permission)
    ids, query = _chosen(visit), _query(visit)
    everything = not ids
    with visit.reading() as tx:
        count = _count_matching(visit, tx, query, act) if everything else len(ids)
        people = [Choice(str(user.id), user.name) for user in list_assignable(tx)]
    if not count:
        raise InvalidInput(_("Choose at least one order first. Nothing was changed."))
    most = most_orders(act)
    return visit.page(
        "orders/bulk_form.html",
        status=422 if faults else 200,
        act=act,
        title=_(TITLES[act]),
        url=f"/orders/bulk/{act}/start",
        back_url=f"/orders?{query}",
        too_many=count > most,
        words=ngettext("%(num)s order", "%(num)s orders", min(count, most)),
        everything=everything,
        ids=[str(id_) for id_ in ids],
        query=query,
        reasons=choices(CANCEL_REASONS if act == "cancel" else HOLD_REASONS),
        people=people,
        me=str(visit.actor.id),
        tag=visit.sent("tag"),
        faults=faults,
    )


def _chosen(visit: Visit) -> tuple[UUID, ...]:
    """The orders that were ticked; none when all that match are meant."""
    if visit.sent("all") == "yes":
        return ()
    found = (as_uuid(text) for text in visit.sent_all("id"))
    return tuple(dict.fromkeys(id_ for id_ in found if id_ is not None))


def _query(visit: Visit) -> str:
    """The list that is meant, as its address has it."""
    return visit.sent("query") or urlencode(visit.query)


def _count_matching(visit: Visit, tx: Tx, query: str, act: str) -> int:
    if visit.method == "POST" and visit.sent("all") != "yes":
        return 0
    asked = read_list_ask(visit, tx, parse_qsl(query))
    most = most_orders(act)
    return len(list_order_ids(tx, asked.read(visit), most=most + 1))


def start(visit: Visit) -> Answer:
    """Begin the job and go to where one sees how far it is."""
    act, ids, query = visit.params["act"], _chosen(visit), _query(visit)
    fields: dict[str, Any] = {"act": act}
    with visit.reading() as tx:
        asked = read_list_ask(visit, tx, parse_qsl(query))
    if act == "export":
        fields |= {"columns": file_columns(asked), **sort_fields(asked)}
    fields |= {name: visit.sent(name) for name in ("tag", "reason", "user_id") if visit.sent(name)}
    if ids:
        fields["order_ids"] = ids
    elif visit.sent("all") == "yes":
        fields["filter"] = as_view_filter(asked.read(visit))
    try:
        job = visit.act(start_bulk_job, convert(StartBulkJob, fields))
    except InvalidInput as problem:
        return _form(visit, fault_words(problem) or [problem_words(problem)])
    return visit.done(_("It has begun."), f"/orders/jobs/{job.id}", tone="info", go=True)


def show_jobs(visit: Visit) -> Answer:
    """Jobs of one's own, newest first; of everybody for those who manage access."""
    visit.require("orders.read")
    everybody = "access.write" in visit.actor.permissions
    with visit.reading() as tx:
        jobs = list_jobs(tx, actor_id=None if everybody else visit.actor.id)
    return visit.page("orders/jobs.html", jobs=[_show(job) for job in jobs])


def show_job(visit: Visit) -> Answer:
    """How far it is, and the orders that were refused."""
    visit.require("orders.read")
    after = visit.asked("after", "-1")
    with visit.reading() as tx:
        job = _read(visit, tx)
        found = list_items(
            tx,
            job.id,
            outcome="refused",
            after=int(after) if after.isdigit() and len(after) < 9 else -1,
            limit=REFUSED_SHOWN + 1,
        )
        page = found[:REFUSED_SHOWN]
        rows = {row.id: row for row in read_rows(tx, [item.order_id for item in page])}
    context: dict[str, Any] = {
        "job": _show(job),
        "refused": [
            {
                "number": rows[item.order_id].number if item.order_id in rows else None,
                "why": _why(item.problem or {}),
            }
            for item in page
        ],
        "more_url": visit.here(after=str(page[-1].n)) if len(found) > REFUSED_SHOWN else "",
    }
    if visit.by_script:
        return visit.fragment("orders/_job.html", **context)
    return visit.page("orders/job.html", **context)


def _why(problem: Mapping[str, Any]) -> str:
    """What an order was refused for, as it was kept."""
    return problem_text(str(problem.get("detail") or problem.get("title", "")))


def _read(visit: Visit, tx: Tx) -> BulkJob:
    job_id = as_uuid(visit.params["job"])
    return require_own_job(None if job_id is None else read_job(tx, job_id), visit.actor)


def _show(job: BulkJob) -> dict[str, Any]:
    state, tone = STATES[job.state]
    detail = job.ask.get("tag") or ""
    if job.ask.get("reason"):
        detail = word(CANCEL_REASONS if job.act == "cancel" else HOLD_REASONS, job.ask["reason"])
    at_rest = job.state != "running"
    url = f"/orders/jobs/{job.id}"
    return {
        "id": str(job.id),
        "url": url,
        "title": _(TITLES[job.act]),
        "detail": detail,
        "state": _(state),
        "tone": tone,
        "total": job.total,
        "done": job.done,
        "refused": job.refused,
        "left": job.total - job.done - job.refused,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "problem": (job.problem or {}).get("detail", ""),
        "stop_url": f"{url}/stop" if job.state == "running" else "",
        "resume_url": f"{url}/resume" if job.state in ("stopped", "failed") else "",
        "retry_url": f"{url}/retry" if at_rest and job.refused else "",
        "file_url": f"{url}/file" if job.act == "export" and job.state == "finished" else "",
        "paper_url": f"{url}/slips.pdf" if _is_printed(job) else "",
        "again_url": f"/orders/jobs/{job.again_of}" if job.again_of else "",
    }


def _is_printed(job: BulkJob) -> bool:
    return job.act == "print" and job.state == "finished" and job.done > 0


def stop(visit: Visit) -> Answer:
    """Let it rest after the chunk at work."""
    job = visit.act(stop_bulk_job, _key(visit))
    return visit.done(_("Stopped. What was done stays done."), f"/orders/jobs/{job.id}", go=True)


def resume(visit: Visit) -> Answer:
    job = visit.act(resume_bulk_job, _key(visit))
    return visit.done(_("It goes on."), f"/orders/jobs/{job.id}", tone="info", go=True)


def retry(visit: Visit) -> Answer:
    """A new job with the refused orders."""
    job = visit.act(retry_bulk_job, _key(visit))
    return visit.done(_("It has begun."), f"/orders/jobs/{job.id}", tone="info", go=True)


def _key(visit: Visit) -> BulkJobAsk:
    return convert(BulkJobAsk, {"job_id": visit.params["job"]})


def download(visit: Visit) -> Answer:
    """The file of an export, as CSV or a workbook."""
    visit.require("orders.read")
    with visit.reading() as tx:
        job = _read(visit, tx)
        rows = read_export_parts(tx, job.id)
    if job.act != "export" or job.state != "finished":
        raise NotFound(_("There is no file yet."))
    if not rows and job.done:
        raise NotFound(_("Files are kept for a week; this one is gone. Export again."))
    form = "xlsx" if visit.asked("form") == "xlsx" else "csv"
    return answer_file(job.ask["columns"], rows, form, visit.view().zone)


def print_slips(visit: Visit) -> Answer:
    """All packing slips of the job in one file."""
    visit.require("fulfillment.read")
    with visit.reading() as tx:
        slips = read_printed(tx, _read(visit, tx))
    data = slip_sheets(slips, paper_reader(visit.view()))
    return pdf_answer(typeset_slips(data), "packing-slips")


_JOB = "/orders/jobs/{job:str}"

ROUTES = [
    Route("GET", "/orders/bulk/{act:str}", ask_before),
    Route("POST", "/orders/bulk/{act:str}", ask_before),
    Route("POST", "/orders/bulk/{act:str}/start", start),
    Route("GET", "/orders/jobs", show_jobs),
    Route("GET", _JOB, show_job),
    Route("GET", f"{_JOB}/file", download),
    Route("GET", f"{_JOB}/slips.pdf", print_slips),
    Route("POST", f"{_JOB}/stop", stop),
    Route("POST", f"{_JOB}/resume", resume),
    Route("POST", f"{_JOB}/retry", retry),
]
