"""The inbox and imports over HTTP: what came in, what waits for someone, trying it again."""

from uuid import UUID

from ordito.adapters.shops import SHOPS
from ordito.api.endpoints import Endpoint, reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.flows.replay_message import ReplayMessage, refuse_message, replay_message
from ordito.flows.take_documents import replay_document
from ordito.intake.imports import ImportRun, list_runs, read_run
from ordito.intake.inbox import Message, MessageState, list_messages, read_message
from ordito.kernel.asks import Ask, Code
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.problems import NotFound

TAG = "Intake"
_READ, _WRITE = "intake.read", "intake.write"


class MessageParams(PageParams, frozen=True, kw_only=True):
    state: MessageState = "parked"
    run_id: UUID | None = None


class MessageKey(Ask, frozen=True, kw_only=True):
    message_id: UUID


class RunKey(Ask, frozen=True, kw_only=True):
    run_id: UUID


class Replay(Ask, frozen=True, kw_only=True):
    """create_items: make items that nobody knows. location: for stock corrections, by code."""

    message_id: UUID
    create_items: bool = False
    location: Code | None = None


def list_inbox(tx: Tx, params: MessageParams) -> Page[Message]:
    """Messages of a state, newest first."""
    before = read_cursor(params.cursor, tuple[UUID])
    rows = list_messages(
        tx,
        state=params.state,
        run_id=params.run_id,
        before=before[0] if before else None,
        limit=params.limit + 1,
    )
    return page(rows, params, lambda row: (row.id,))


def get_message(tx: Tx, params: MessageKey) -> Message:
    """One message, without its raw content."""
    message = read_message(tx, params.message_id)
    if message is None:
        raise NotFound("There is no such message, or it belongs to a channel you don't see.")
    return message


def replay(db: Database, actor: Actor, ask: Replay, *, key: str | None, request_id: str) -> Message:
    """Try a parked message again, after what kept it waiting was put right.

    What came by file is read anew by its preset, what a shop sent by the shop's own reader. A
    message that is booked isn't parked any more: a repeated call changes nothing.
    """
    with db.reading(actor) as tx:
        message = get_message(tx, MessageKey(message_id=ask.message_id))
    if message.preset in SHOPS:
        if message.state == "parked":
            replay_document(SHOPS, db, actor, message.id, create_items=ask.create_items)
        with db.reading(actor) as tx:
            return get_message(tx, MessageKey(message_id=ask.message_id))
    asked = ReplayMessage(
        message_id=ask.message_id, create_items=ask.create_items, location=ask.location
    )
    return replay_message(db, actor, asked)


def list_imports(tx: Tx, params: PageParams) -> Page[ImportRun]:
    """Imports, newest first, with what they counted."""
    before = read_cursor(params.cursor, tuple[UUID])
    rows = list_runs(tx, before=before[0] if before else None, limit=params.limit + 1)
    return page(rows, params, lambda row: (row.id,))


def get_import(tx: Tx, params: RunKey) -> ImportRun:
    run = read_run(tx, params.run_id)
    if run is None:
        raise NotFound("There is no such import, or it belongs to a channel you don't see.")
    return run


_MESSAGE = "/inbox/{message_id}"

ENDPOINTS = [
    reading("/inbox", TAG, "List messages", list_inbox, _READ),
    reading(_MESSAGE, TAG, "Read a message", get_message, _READ),
    Endpoint(method="POST", path=f"{_MESSAGE}/replay", tag=TAG, kind="story",
             summary="Try a parked message again", permission=_WRITE, call=replay, ask=Replay,
             answer=Message, example={"create_items": True}),
    writing("POST", f"{_MESSAGE}/refuse", TAG, "Say that a message won't be booked",
            refuse_message, example={"words": "Sent twice by the marketplace."}),
    reading("/imports", TAG, "List imports", list_imports, _READ),
    reading("/imports/{run_id}", TAG, "Read an import", get_import, _READ),
]  # fmt: skip
