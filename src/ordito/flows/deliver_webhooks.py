"""Events go out to webhook endpoints: at least once, and in order per order, item or channel.

Each endpoint has its own turns, its own place in the feed and its own time: one that is slow or
down delays no other. Calls are made in no transaction: what waits is written before, what came
of it after.
"""

import random
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from ordito.kernel.ids import new_id
from ordito.listings.stream_channels import read_stream_channels
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.events import write_events
from ordito.platform.feed import FeedEntry, newest_position, read_entries
from ordito.platform.follower_positions import SCAN_MAX
from ordito.webhooks import messages, retries, turns
from ordito.webhooks.attempts import add_attempts
from ordito.webhooks.calls import Call, Caller, Outcome
from ordito.webhooks.endpoints import WEBHOOK, find_webhook, lock_webhook, write_webhook
from ordito.webhooks.events import PING, WebhookSwitchedOff
from ordito.webhooks.kinds import make_regex
from ordito.webhooks.messages import DueMessage, SentMessage, Wanted
from ordito.webhooks.secrets import read_secrets
from ordito.webhooks.signatures import sign
from ordito.webhooks.turns import Progress
from ordito.webhooks.types import OffReason, Webhook

log = structlog.get_logger(__name__)

BATCH = 8
"""Calls to one endpoint at the same time, each for another stream."""

TURN_S = 5
"""After so long an endpoint lets others have its thread, in case there are too few."""


class Parcel(msgspec.Struct, frozen=True):
    """A message ready to be sent."""

    due: DueMessage
    entry: FeedEntry


class Batch(msgspec.Struct, frozen=True):
    """What is sent at the same time, with the endpoint as it was then."""

    webhook: Webhook
    progress: Progress
    parcels: Sequence[Parcel]
    secrets: Sequence[bytes]


def due_endpoints(db: Database) -> Sequence[UUID]:
    """Endpoints that have something to do now."""
    with db.connection() as conn:
        return turns.due_endpoints(db.tx(conn, SYSTEM))


def serve_endpoint(db: Database, endpoint_id: UUID, caller: Caller) -> int:
    """One turn of an endpoint: send what is due, for about 5 s. Returns the calls made.

    0 when there is nothing to do, or another worker is at it.
    """
    lease, calls, ends = new_id(), 0, time.monotonic() + TURN_S
    try:
        while time.monotonic() < ends:
            with db.transaction(SYSTEM) as tx:
                batch = _prepare(tx, endpoint_id, lease)
            if batch is None:
                break
            outcomes = _call_all(batch, caller)
            with db.transaction(SYSTEM) as tx:
                _note(tx, batch, outcomes)
            calls += len(outcomes)
    finally:
        with db.transaction(SYSTEM) as tx:
            turns.end_turn(tx, endpoint_id, lease)
    return calls


def _prepare(tx: Tx, endpoint_id: UUID, lease: UUID) -> Batch | None:
    """Look through the feed until there is something to send; None when there is nothing."""
    progress = turns.take_turn(tx, endpoint_id, lease)
    webhook = find_webhook(tx, endpoint_id) if progress else None
    if progress is None or webhook is None or not webhook.active:
        return None
    _take_in(tx, webhook, progress.position)
    # One that is down gets one message at a time, until it takes it.
    limit = 1 if progress.failures >= retries.DOWN_AFTER else BATCH
    due = messages.due_messages(tx, endpoint_id, limit)
    if not due:
        return None
    entries = {e.position: e for e in read_entries(tx, [d.position for d in due])}
    parcels = [Parcel(d, entries[d.position]) for d in due]
    return Batch(webhook, progress, parcels, read_secrets(tx, endpoint_id))


def _take_in(tx: Tx, webhook: Webhook, position: int) -> None:
    """Turn new entries of the feed into messages, as many as may wait."""
    room = turns.WAITING_MAX - messages.count_waiting(tx, webhook.id)
    end = min(newest_position(tx), position + SCAN_MAX)
    if end <= position or room <= 0:
        return
    found = messages.read_wanted(
        tx, webhook.id, make_regex(webhook.kinds), after=position, upto=end, limit=room
    )
    messages.add_messages(tx, webhook.id, _of_channels(tx, webhook, found))
    turns.move_to(tx, webhook.id, found[-1].position if len(found) == room else end)


def _of_channels(tx: Tx, webhook: Webhook, found: Sequence[Wanted]) -> Sequence[Wanted]:
    """Without what belongs to other channels, or to none, when the endpoint wants only some."""
    if webhook.channel_ids is None or not found:
        return found
    channel_of = read_stream_channels(tx, {w.stream_id for w in found})
    wanted = set(webhook.channel_ids)
    return [w for w in found if w.kind == PING or channel_of.get(w.stream_id) in wanted]


def _call_all(batch: Batch, caller: Caller) -> list[Outcome]:
    calls = [make_call(batch.webhook.url, batch.secrets, p.entry) for p in batch.parcels]
    if len(calls) == 1:
        return [caller(calls[0])]
    outcomes: dict[int, Outcome] = {}

    def make(n: int) -> None:
        outcomes[n] = caller(calls[n])

    # Daemons: a receiver that hangs must not keep the process from ending.
    threads = [threading.Thread(target=make, args=(n,), daemon=True) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [outcomes[n] for n in range(len(calls))]


def make_call(
    url: str, secrets: Sequence[bytes], entry: FeedEntry, *, sent_at_s: int | None = None
) -> Call:
    """The request that tells of an event: the same id and body at every try, signed anew.

    sent_at_s: seconds since 1970; now when it is left out.
    """
    id_ = f"evt_{entry.stream_id.hex}_{entry.seq}"
    body = _encode({"id": id_, "type": entry.kind, "timestamp": entry.at, "data": entry})
    timestamp_s = int(time.time()) if sent_at_s is None else sent_at_s
    headers = {
        "content-type": "application/json",
        "user-agent": "Ordito-Webhooks",
        "webhook-id": id_,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": sign(secrets, id_, timestamp_s, body),
    }
    return Call(url, headers, body)


# As the API encodes the feed.
_encode = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical").encode


def _note(tx: Tx, batch: Batch, outcomes: Sequence[Outcome]) -> None:
    """Write down what came of a batch: log, messages, how the endpoint fares."""
    webhook, progress = batch.webhook, batch.progress
    # First the endpoint, as commands do: two that lock in another order would wait for each other.
    current = lock_webhook(tx, webhook.id)
    if current is None:
        return
    pairs = list(zip(batch.parcels, outcomes, strict=True))
    add_attempts(tx, webhook.id, [(p.due.position, p.due.attempts + 1, o) for p, o in pairs])
    messages.settle(tx, webhook.id, [_settled(p.due, o) for p, o in pairs])
    if any(outcome.taken for outcome in outcomes):
        turns.note_success(tx, webhook.id)
        if progress.failures >= retries.DOWN_AFTER:
            messages.pull_forward(tx, webhook.id)
    else:
        _note_failures(tx, batch, outcomes)
    if any(outcome.gone for outcome in outcomes):
        _switch_off(tx, current, "gone")
    elif _is_hopeless(progress.failing_since, outcomes, tx.now):
        _switch_off(tx, current, "failing")


def _note_failures(tx: Tx, batch: Batch, outcomes: Sequence[Outcome]) -> None:
    failures = batch.progress.failures + len(outcomes)
    # Only who is overloaded asks for a rest of everything; else one message is at fault.
    asked = max((o.retry_after_s or 0 for o in outcomes if o.status in (429, 503)), default=0)
    turns.note_failures(
        tx, batch.webhook.id, failures, retries.rest_s(failures, retry_after_s=asked)
    )


def _settled(due: DueMessage, outcome: Outcome) -> SentMessage:
    if outcome.taken:
        return SentMessage(due.position, due.stream_id, "sent", 0)
    pause = retries.pause_s(
        due.attempts + 1,
        chance=random.random(),  # noqa: S311 (spreads load)
        retry_after_s=outcome.retry_after_s,
    )
    if pause is None:
        return SentMessage(due.position, due.stream_id, "gave_up", 0)
    return SentMessage(due.position, due.stream_id, "waiting", pause)


def _is_hopeless(since: datetime | None, outcomes: Sequence[Outcome], now: datetime) -> bool:
    failed = not any(outcome.taken for outcome in outcomes)
    return failed and since is not None and retries.is_hopeless(since, now)


def _switch_off(tx: Tx, webhook: Webhook, reason: OffReason) -> None:
    if not webhook.active:
        return
    log.warning("webhook_switched_off", endpoint_id=str(webhook.id), reason=reason)
    write_webhook(tx, msgspec.structs.replace(webhook, active=False, off_reason=reason))
    tx.emit(WEBHOOK, webhook.id, WebhookSwitchedOff(reason))
    write_events(tx)


def prune_messages(db: Database) -> int:
    """Forget messages and tries that are older than a month; returns how many."""
    done = 0
    while True:
        with db.transaction(SYSTEM) as tx:
            gone = messages.prune(tx)
        done += gone
        if gone < 1000:
            return done
