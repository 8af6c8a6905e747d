"""The inbox of messages that came in, and the import of files."""

import io
from collections.abc import Sequence
from typing import Any, get_args
from uuid import UUID

import msgspec

from ordito.adapters.shops import SHOPS
from ordito.api.answers import Answer
from ordito.flows.import_orders import (
    ImportOrders,
    ImportReport,
    Source,
    import_orders,
    preview_import,
)
from ordito.flows.replay_message import (
    RefuseMessage,
    ReplayMessage,
    refuse_message,
    replay_message,
)
from ordito.flows.take_documents import replay_document
from ordito.intake.inbox import Message, MessageState, list_messages, read_kept, read_message
from ordito.intake.presets import shipped_presets
from ordito.listings.places import read_names
from ordito.platform.problems import InvalidInput, NotFound, Problem
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.readers import seen_channels, seen_places
from ordito.web.rendering import gettext as _
from ordito.web.rendering import number, problem_text
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import MESSAGE_STATES, word

PAGE = 50
ROWS_SHOWN = 40


def show_inbox(visit: Visit) -> Answer:
    """Messages by state; those that wait for somebody first."""
    visit.require("intake.read")
    asked = visit.asked("state", "parked")
    state: MessageState = "parked"
    for known in get_args(MessageState):
        if known == asked:
            state = known
    with visit.reading() as tx:
        before = visit.asked("before")
        messages = list_messages(
            tx, state=state, before=_uuid(before) if before else None, limit=PAGE + 1
        )
        names = read_names(tx)
    page = messages[:PAGE]
    older = visit.here(before=str(page[-1].id)) if len(messages) > PAGE else ""
    return visit.page(
        "inbox/list.html",
        views=[
            {
                "label": word(MESSAGE_STATES, one),
                "url": f"/inbox?state={one}",
                "current": one == state,
                "count": None,
                "act": False,
            }
            for one in ("parked", "done", "duplicate", "refused")
        ],
        state=state,
        messages=[_row(message, names.channels[message.channel_id].name) for message in page],
        may_import="intake.write" in visit.actor.permissions,
        older_url=older,
    )


def _row(message: Message, channel_name: str) -> dict[str, Any]:
    lines = message.source_lines
    where = message.source
    if lines:
        where += " · " + _("line %(no)s", no=number(lines[0]))
    return {
        "url": f"/inbox/{message.id}",
        "key": message.external_key or _("without a number"),
        "channel_name": channel_name,
        "reason": problem_text(message.words or message.reason),
        "where": where,
        "received_at": message.received_at,
        "state": word(MESSAGE_STATES, message.state),
    }


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such message.") from None


def show_message(visit: Visit) -> Answer:
    """One message: why it waits, and its rows as they came."""
    visit.require("intake.read")
    with visit.reading() as tx:
        message = read_message(tx, _uuid(visit.params["message"]))
        if message is None:
            raise NotFound("There is no such message, or it is none of those you see.")
        body = read_kept(tx, message.id).body
        names = read_names(tx)
        places = seen_places(names, visit.actor)
    may = "intake.write" in visit.actor.permissions and message.state == "parked"
    return visit.page(
        "inbox/message.html",
        message=_row(message, names.channels[message.channel_id].name),
        attempts=message.attempts,
        columns=body.columns,
        rows=body.rows[:ROWS_SHOWN],
        rows_more=max(0, len(body.rows) - ROWS_SHOWN),
        may=may,
        places=places if message.mode == "live" else (),
        replay_url=f"/inbox/{message.id}/replay",
        refuse_url=f"/inbox/{message.id}/refuse",
    )


def replay(visit: Visit) -> Answer:
    """Try the message again."""
    ask = ReplayMessage(
        message_id=_uuid(visit.params["message"]),
        create_items=bool(visit.sent("create_items")),
        location=visit.sent("location") or None,
    )
    with visit.reading() as tx:
        known = read_message(tx, ask.message_id)
    if known is not None and known.preset in SHOPS:
        taken = replay_document(
            SHOPS, visit.db, visit.actor, known.id, create_items=ask.create_items
        )
        with visit.reading() as tx:
            message = read_message(tx, known.id) or known
        if not taken.state:
            return visit.done(_("It was settled already."), f"/inbox/{known.id}", go=True)
    else:
        message = replay_message(visit.db, visit.actor, ask)
    url = f"/inbox/{message.id}"
    if message.state == "parked":
        text = _("It still waits: %(reason)s", reason=problem_text(message.words or message.reason))
        return visit.done(text[:500], url, tone="attention", go=True)
    return visit.done(_("The message was booked."), url, go=True)


def refuse(visit: Visit) -> Answer:
    """The message is not to be booked."""
    words = visit.sent("words")
    if not words:
        raise InvalidInput(_("Say why the message is refused."))
    ask = RefuseMessage(message_id=_uuid(visit.params["message"]), words=words[:500])
    visit.act(refuse_message, ask)
    return visit.done(_("The message was refused."), "/inbox", go=True)


def show_import(visit: Visit) -> Answer:
    visit.require("intake.write")
    return _import_page(visit, [], None)


def _import_page(
    visit: Visit, faults: Sequence[str], report: ImportReport | None, *, status: int = 200
) -> Answer:
    with visit.reading() as tx:
        names = read_names(tx)
    presets = shipped_presets()
    return visit.page(
        "inbox/import.html",
        status=status,
        channels=seen_channels(names, visit.actor),
        channel=visit.sent("channel"),
        presets=[Choice(code, code.replace("-", " ").capitalize()) for code in presets],
        preset=visit.sent("preset"),
        mode=visit.sent("mode", "live"),
        create_items=bool(visit.sent("create_items")),
        faults=list(faults),
        report=_report(report) if report else None,
    )


def _report(report: ImportReport) -> dict[str, Any]:
    return {
        "preview": report.state == "preview",
        "repeated": report.repeated,
        "duplicates": report.duplicates,
        "tallies": [{"kind": kind, "count": tally.count} for kind, tally in report.tallies.items()],
        "files": [
            {
                "name": reading.file.name,
                "columns": list(reading.columns.items()),
                "unmapped": list(reading.unmapped),
            }
            for reading in report.files
        ],
        "parked": [
            {
                "url": f"/inbox/{one.id}" if report.state == "done" else "",
                "where": f"{one.source}: {', '.join(str(no) for no in one.lines[:8])}",
                "words": problem_text(one.words or one.reason),
            }
            for one in report.first_parked
        ],
    }


def run_import(visit: Visit) -> Answer:
    """Look at a file, or import it."""
    visit.require("intake.write")
    upload = visit.files.get("file")
    presets = shipped_presets()
    faults = []
    if upload is None or not upload.body:
        faults.append(_("Choose a file."))
    if visit.sent("preset") not in presets:
        faults.append(_("Say what the columns mean."))
    if faults or upload is None:
        return _import_page(visit, faults, None, status=422)
    ask = ImportOrders(
        channel=visit.sent("channel"),
        preset=msgspec.structs.replace(presets[visit.sent("preset")], mode=_mode(visit)),
        create_items=bool(visit.sent("create_items")),
    )
    body = upload.body
    source = Source(upload.name, lambda: io.BytesIO(body))
    act = import_orders if visit.sent("act") == "import" else preview_import
    try:
        report = act(visit.db, visit.actor, ask, [source])
    except Problem as problem:
        said = [problem_words(problem), *fault_words(problem)]
        return _import_page(visit, said, None, status=422)
    return _import_page(visit, [], report)


def _mode(visit: Visit) -> Any:
    return "history" if visit.sent("mode") == "history" else "live"
