"""Try a parked message again after what kept it waiting was put right, or refuse it for good."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.channels.types import Channel
from ordito.flows.begin_import import complete_preset
from ordito.flows.book_history import book_past
from ordito.flows.implied_items import CreateImplied, create_missing_items
from ordito.flows.import_progress import take_from_tally
from ordito.flows.intake_log import IntakeLog, Origin
from ordito.flows.match_cancellations import book_cancellations
from ordito.flows.place_entries import place_entries
from ordito.flows.record_placed import Placed, record
from ordito.flows.reference import reference
from ordito.intake import imports, inbox
from ordito.intake.envelopes import Envelope, read_envelopes
from ordito.intake.inbox import Kept, Message
from ordito.intake.presets import Preset, shipped_preset
from ordito.intake.tables import Table, TableFormat
from ordito.intake.types import OrderEntry, Row
from ordito.kernel.asks import Ask
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import ActionNotAllowed, NotFound


class ReplayMessage(Ask, frozen=True, kw_only=True):
    """A parked message to be tried again.

    create_items: make items that nobody knows.
    location:     where stock corrections of a live message are booked.
    placed:       what became of its orders when they were placed; filled in by `replay_message`.
    """

    message_id: UUID
    create_items: bool = False
    location: str | None = None
    placed: dict[str, Placed] = msgspec.field(default_factory=dict)


class RefuseMessage(Ask, frozen=True, kw_only=True):
    """A parked message that is not to be booked, and why (no personal data)."""

    message_id: UUID
    words: Annotated[str, Meta(min_length=1, max_length=500)]


def replay_message(db: Database, actor: Actor, ask: ReplayMessage) -> Message:
    """Book a parked message if it can be booked now; the message as it is then.

    An order of a live message is placed by itself first: if the program dies between the two,
    the next try finds it as sent before. Raises NotFound, ActionNotAllowed, NotPermitted.
    """
    actor.require("intake.write")
    with db.reading(actor) as tx:
        message, channel, envelopes = _open(tx, ask.message_id)
    if message.mode == "live":
        ask = _placed(db, actor, ask, channel, envelopes)
    return run(db, actor, book_again, ask)


def _placed(
    db: Database,
    actor: Actor,
    ask: ReplayMessage,
    channel: Channel,
    envelopes: list[Envelope],
) -> ReplayMessage:
    if ask.create_items:
        entries = tuple(e.entry for e in envelopes if not e.parked)
        run(db, actor, create_missing_items, CreateImplied(entries=entries))
    asked = {
        envelope.content_hash.hex(): envelope.entry
        for envelope in envelopes
        if isinstance(envelope.entry, OrderEntry)
    }
    outcomes = place_entries(db, actor, channel.code, list(asked.values()))
    return msgspec.structs.replace(ask, placed=dict(zip(asked, outcomes, strict=True)))


@command(permission="intake.write")
def book_again(tx: Tx, ask: ReplayMessage) -> Message:
    """Book what is in a parked message, and count its rows anew in the import it came with."""
    found = inbox.read_message(tx, ask.message_id)
    if found is None:
        raise _unknown()
    if found.run_id is not None:
        imports.lock_run(tx, found.run_id)
    imports.lock_channel(tx, found.channel_id)
    inbox.lock_message(tx, ask.message_id)
    message, channel, envelopes = _open(tx, ask.message_id)
    kept = inbox.read_kept(tx, ask.message_id)
    log = IntakeLog(tx, Origin(channel, message.preset, message.mode, message.run_id), envelopes)
    back = [envelope for envelope in envelopes if envelope.goes_back]
    others = [envelope for envelope in envelopes if not envelope.goes_back]
    if message.mode == "history":
        book_past(tx, log, others, create_items=ask.create_items)
    else:
        record(tx, log, others, ask.placed, location=ask.location)
    if back:
        book_cancellations(tx, log, back)
    log.send()
    if message.run_id is not None:
        take_from_tally(tx, message.run_id, kept.tally, log)
    after = inbox.read_message(tx, ask.message_id)
    assert after is not None, "it is locked"
    return after


@command(permission="intake.write")
def refuse_message(tx: Tx, ask: RefuseMessage) -> Message:
    """Say that a parked message will not be booked; its rows stay counted as parked."""
    message = inbox.lock_message(tx, ask.message_id)
    if message is None:
        raise _unknown()
    _require_parked(message)
    kept = inbox.read_kept(tx, ask.message_id)
    row = (message.id, "refused", "refused", ask.words, message.results, kept.tally, tx.now)
    inbox.write_handled(tx, [row])
    after = inbox.read_message(tx, ask.message_id)
    assert after is not None, "it is locked"
    return after


def _open(tx: Tx, message_id: UUID) -> tuple[Message, Channel, list[Envelope]]:
    """A parked message, read once more by its preset as that is now."""
    message = inbox.read_message(tx, message_id)
    if message is None:
        raise _unknown()
    _require_parked(message)
    channel = reference(tx).channels_by_id[message.channel_id]
    preset = complete_preset(shipped_preset(message.preset), channel)
    preset = msgspec.structs.replace(preset, mode=message.mode)
    return message, channel, _read(inbox.read_kept(tx, message_id), message, preset)


def _read(kept: Kept, message: Message, preset: Preset) -> list[Envelope]:
    rows = [Row(line, list(cells)) for line, cells in kept.body.rows]
    table = Table(TableFormat("csv"), list(kept.body.columns), rows)
    envelopes = list(read_envelopes(table, preset, source=message.source))
    assert envelopes, "a message has rows"
    # The first is the message itself; keys are those of its place in the file it came in.
    first = msgspec.structs.replace(envelopes[0], content_hash=kept.content_hash)
    if len(first.row_keys) == len(kept.body.row_keys):
        keys = tuple(bytes.fromhex(key) for key in kept.body.row_keys)
        first = msgspec.structs.replace(first, row_keys=keys)
    return [first, *envelopes[1:]]


def _require_parked(message: Message) -> None:
    if message.state != "parked":
        raise ActionNotAllowed(
            f"The message is {message.state}; only parked ones are tried again or refused.",
            extra={"allowed_actions": []},
        )


def _unknown() -> NotFound:
    return NotFound("There is no such message, or it belongs to a channel you don't see.")
