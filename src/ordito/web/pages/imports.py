"""Bring data in: choose a file, say what its columns mean, look, import, put back."""

import csv
import io
from typing import Any, get_args
from uuid import UUID

import msgspec

from ordito.api.answers import Answer
from ordito.flows.data_imports import (
    PERMISSION,
    CheckImport,
    ImportAsk,
    check_import,
    require_own_import,
    resume_import,
    run_import,
    stop_import,
    undo_import,
)
from ordito.flows.import_acts import ACTS
from ordito.flows.import_faults import write_faults
from ordito.flows.import_fields import NOT_SAID, template_rows
from ordito.flows.import_orders import Source
from ordito.flows.read_imports import read_file
from ordito.kernel.money import CURRENCIES
from ordito.listings.places import read_names
from ordito.platform.database import Tx
from ordito.platform.problems import InvalidInput, NotFound, Problem
from ordito.uploads.jobs import list_imports, read_import
from ordito.uploads.rows import list_rows
from ordito.uploads.types import AT_WORK, DataImport, ImportKind, ImportOptions, RowOutcome
from ordito.web.import_words import CANT_UNDO, KINDS, field_choices, kind_choices, show_row
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.readers import seen_places
from ordito.web.rendering import gettext as _
from ordito.web.routes import UPLOAD_MAX, Route
from ordito.web.statuses import N_
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import choices, word

ROWS_SHOWN = 50
SAMPLES = 3
PAGE = 30

MARKS = {
    "either": N_("Tell from each number (refuses what can mean two)"),
    "point": N_("Point: 1234.56"),
    "comma": N_("Comma: 1234,56"),
}
_TABS = {
    "": N_("All rows"),
    "new": N_("New"),
    "changed": N_("Changed"),
    "same": N_("Same"),
    "faulty": N_("Not taken"),
    "undone": N_("Undone"),
    "kept": N_("Not undone"),
}


def show_imports(visit: Visit) -> Answer:
    """The form for a file, and the files that were brought in before."""
    visit.require(PERMISSION)
    return _list_page(visit, [])


def _list_page(visit: Visit, faults: list[str]) -> Answer:
    everybody = "access.write" in visit.actor.permissions
    before = _id(visit.asked("before")) if visit.asked("before") else None
    with visit.reading() as tx:
        found = list_imports(
            tx,
            actor_id=None if everybody else visit.actor.id,
            before=before,
            limit=PAGE + 1,
        )
    page = found[:PAGE]
    kind = visit.sent("kind") or visit.asked("kind")
    return visit.page(
        "imports/list.html",
        status=422 if faults else 200,
        kinds=kind_choices(visit.actor),
        kind=kind if kind in KINDS else "items",
        faults=faults,
        jobs=[_show(job) for job in page],
        older_url=visit.here(before=str(page[-1].id)) if len(found) > PAGE else "",
    )


def bring(visit: Visit) -> Answer:
    """Read a file, and go to where its columns are looked at."""
    visit.require(PERMISSION)
    upload = visit.files.get("file")
    kind = _kind(visit.sent("kind"))
    if upload is None or not upload.body:
        return _list_page(visit, [_("Choose a file.")])
    body = upload.body
    source = Source(upload.name, lambda: io.BytesIO(body))
    try:
        job = read_file(visit.db, visit.actor, kind, source)
    except Problem as problem:
        if problem.status not in (413, 422):
            raise
        return _list_page(visit, [problem_words(problem), *fault_words(problem)])
    return visit.done(_("The file was read."), f"/imports/{job.id}", tone="info", go=True)


def _kind(text: str) -> ImportKind:
    for kind in KINDS:
        if kind == text:
            return kind
    raise InvalidInput(_("Choose what the file holds."))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(_("There is no such import, or it is somebody else’s.")) from None


def _read(visit: Visit, tx: Tx) -> DataImport:
    return require_own_import(read_import(tx, _id(visit.params["upload"])), visit.actor)


def show_import(visit: Visit) -> Answer:
    """What its columns mean, what it would do, how far it is, or what it did."""
    visit.require(PERMISSION)
    return _import_page(visit, [])


def _import_page(visit: Visit, faults: list[str]) -> Answer:
    with visit.reading() as tx:
        job = _read(visit, tx)
        mapping = job.state == "read" or (not job.ran and visit.asked("columns") == "yes")
        context = _columns(visit, tx, job) if mapping else _rows(visit, tx, job)
    context |= {"job": _show(job), "faults": faults}
    if mapping:
        return visit.page("imports/columns.html", status=422 if faults else 200, **context)
    if visit.by_script:
        return visit.fragment("imports/_job.html", **context)
    return visit.page("imports/job.html", **context)


def _columns(visit: Visit, tx: Tx, job: DataImport) -> dict[str, Any]:
    samples = list_rows(tx, job.id, limit=SAMPLES)
    names = read_names(tx)
    sent = bool(visit.form)
    priced = job.kind in ("items", "prices")
    return {
        "columns": [
            {
                "name": f"column-{place}",
                "heading": heading,
                "value": visit.sent(f"column-{place}") if sent else job.mapping.get(heading, ""),
                "samples": [
                    cell for row in samples for cell in row.cells[place : place + 1] if cell.strip()
                ],
            }
            for place, heading in enumerate(job.columns)
        ],
        "fields": field_choices(job),
        "marks": choices(MARKS),
        "mark": visit.sent("decimal_mark") or job.options.decimal_mark,
        "currencies": [Choice(code, code) for code in sorted(CURRENCIES)] if priced else [],
        "currency": visit.sent("currency") or job.options.currency,
        "places": seen_places(names, visit.actor) if job.kind in NOT_SAID else (),
        "place": visit.sent("location") or job.options.location,
    }


def check(visit: Visit) -> Answer:
    """Look what the file would do, with the columns as they were said to be."""
    visit.require(PERMISSION)
    with visit.reading() as tx:
        job = _read(visit, tx)
    mapping = {
        heading: visit.sent(f"column-{place}")
        for place, heading in enumerate(job.columns)
        if visit.sent(f"column-{place}")
    }
    mark = visit.sent("decimal_mark", "either")
    said = {
        "decimal_mark": mark if mark in MARKS else "either",
        "currency": visit.sent("currency"),
        "location": visit.sent("location") if "location" not in mapping.values() else "",
    }
    options = msgspec.convert(said, ImportOptions)
    try:
        visit.act(check_import, CheckImport(import_id=job.id, mapping=mapping, options=options))
    except InvalidInput as problem:
        return _import_page(visit, fault_words(problem) or [problem_words(problem)])
    return visit.done(_("The file is being looked at."), f"/imports/{job.id}", tone="info", go=True)


def _rows(visit: Visit, tx: Tx, job: DataImport) -> dict[str, Any]:
    counts = job.counts.get(job.phase, {})
    outcome: RowOutcome | None = None
    for known in get_args(RowOutcome):
        if known == visit.asked("rows"):
            outcome = known
    after = visit.asked("after", "-1")
    at_work = job.state in AT_WORK
    found = (
        []
        if at_work
        else list_rows(
            tx,
            job.id,
            outcome=outcome,
            after=int(after) if after.isdigit() and len(after) < 9 else -1,
            limit=ROWS_SHOWN + 1,
        )
    )
    page = found[:ROWS_SHOWN]
    url = f"/imports/{job.id}"
    return {
        "rows": [show_row(job, row) for row in page],
        "tabs": [
            {
                "label": _(label),
                "url": f"{url}?rows={name}" if name else url,
                "current": name == (outcome or ""),
                "count": counts.get(name, 0) if name else None,
                "act": name in ("faulty", "kept"),
            }
            for name, label in _TABS.items()
            if not name or counts.get(name)
        ],
        "more_url": visit.here(after=str(page[-1].n)) if len(found) > ROWS_SHOWN else "",
    }


def _show(job: DataImport) -> dict[str, Any]:
    url = f"/imports/{job.id}"
    counts = job.counts.get(job.phase, {})
    rested = job.state in ("finished", "stopped", "failed")
    undoable = job.ran and ACTS[job.kind].undo is not None
    return {
        "id": str(job.id),
        "url": url,
        "kind": word(KINDS, job.kind),  # type: ignore[arg-type]
        "file": job.file_name,
        "state": job.state,
        "phase": job.phase,
        "at_work": job.state in AT_WORK,
        "total": job.total,
        "done": job.done(job.phase),
        "counts": {name: counts.get(name, 0) for name in get_args(RowOutcome)},
        "takes": counts.get("new", 0) + counts.get("changed", 0),
        "created_at": job.created_at,
        "problem": (job.problem or {}).get("detail", ""),
        "check_url": f"{url}/check",
        "columns_url": "" if job.ran else f"{url}?columns=yes",
        "run_url": f"{url}/run" if job.state == "checked" else "",
        "stop_url": f"{url}/stop" if job.state in AT_WORK else "",
        "resume_url": f"{url}/resume" if job.state in ("stopped", "failed") else "",
        "undo_url": f"{url}/undo" if undoable and rested else "",
        "cant_undo": _(CANT_UNDO[job.kind]) if not undoable and job.ran and rested else "",
        "faults_url": f"{url}/faults" if counts.get("faulty") or counts.get("kept") else "",
    }


def _act(visit: Visit, command: Any, text: str) -> Answer:
    job = visit.act(command, ImportAsk(import_id=_id(visit.params["upload"])))
    return visit.done(text, f"/imports/{job.id}", tone="info", go=True)


def start(visit: Visit) -> Answer:
    """Do what was looked at."""
    return _act(visit, run_import, _("The import has begun."))


def stop(visit: Visit) -> Answer:
    return _act(visit, stop_import, _("Stopped. What was done stays done."))


def resume(visit: Visit) -> Answer:
    return _act(visit, resume_import, _("It goes on."))


def undo(visit: Visit) -> Answer:
    """Put back what it did, where nothing else has happened since."""
    return _act(visit, undo_import, _("The import is being undone."))


def download_faults(visit: Visit) -> Answer:
    """The rows that were not taken, as they came, with what is wrong: to be corrected and sent."""
    visit.require(PERMISSION)
    with visit.reading() as tx:
        job = _read(visit, tx)
        body = write_faults(tx, job)
    return _file(body, f"not-taken-{job.kind}.csv")


def download_template(visit: Visit) -> Answer:
    """A file with all columns of a kind and an example row."""
    visit.require(PERMISSION)
    if visit.params["kind"] not in KINDS:
        raise NotFound(_("There is no such template."))
    kind = _kind(visit.params["kind"])
    out = io.StringIO()
    csv.writer(out).writerows(template_rows(kind))
    return _file(out.getvalue().encode("utf-8-sig"), f"{kind}.csv")


def _file(body: bytes, name: str) -> Answer:
    headers = [
        (b"content-type", b"text/csv; charset=utf-8"),
        (b"content-disposition", f'attachment; filename="{name}"'.encode()),
        (b"cache-control", b"no-store"),
    ]
    return Answer(200, headers, body)


_JOB = "/imports/{upload:str}"

ROUTES = [
    Route("GET", "/imports", show_imports),
    Route("POST", "/imports", bring, UPLOAD_MAX),
    Route("GET", "/imports/templates/{kind:str}", download_template),
    Route("GET", _JOB, show_import),
    Route("GET", f"{_JOB}/faults", download_faults),
    Route("POST", f"{_JOB}/check", check),
    Route("POST", f"{_JOB}/run", start),
    Route("POST", f"{_JOB}/stop", stop),
    Route("POST", f"{_JOB}/resume", resume),
    Route("POST", f"{_JOB}/undo", undo),
]
