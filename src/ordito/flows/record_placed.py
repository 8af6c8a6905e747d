"""Record what became of the messages of a live import, whose orders were placed one by one."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.flows.adjust_stock import adjust_stock
from ordito.flows.import_progress import Booked, open_progress, write_progress
from ordito.flows.intake_log import IntakeLog, Origin, Why, why_of
from ordito.intake.envelopes import Envelope
from ordito.intake.types import ChargeEntry, OrderEntry, StockAdjustmentEntry
from ordito.inventory.asks import AdjustLine, AdjustStock, Reason
from ordito.kernel.asks import Ask
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Problem

_REASONS: dict[str, Reason] = {
    "damaged": "damaged",
    "written_off": "damaged",
    "lost": "lost",
    "found": "found",
    "given_away": "sample",
    "unexplained": "other",
}


class Placed(msgspec.Struct, frozen=True):
    """What became of one order of the file: placed, known from elsewhere, or why not."""

    order_id: UUID | None = None
    known: bool = False
    why: Why | None = None


class RecordPlaced(Ask, frozen=True, kw_only=True):
    """Messages of a live import whose orders have been placed or refused by now.

    placed:   what became of them, by content hash; messages that are no orders are absent.
    location: where stock corrections are booked; without it they are parked.
    """

    run_id: UUID
    position: int
    envelopes: Annotated[tuple[Envelope, ...], Meta(max_length=10_000)]
    placed: dict[str, Placed]
    location: str | None = None


@command(permission="intake.write")
def record_placed(tx: Tx, ask: RecordPlaced) -> Booked:
    """Write the inbox and the tally; charges and stock corrections are booked here too."""
    run, channel = open_progress(tx, ask.run_id, position=ask.position)
    log = IntakeLog(tx, Origin(channel, run.preset, "live", run.id), ask.envelopes)
    record(tx, log, ask.envelopes, ask.placed, location=ask.location)
    log.send()
    return write_progress(tx, run, log, position=ask.position + len(ask.envelopes))


def record(
    tx: Tx,
    log: IntakeLog,
    envelopes: Sequence[Envelope],
    placed: dict[str, Placed],
    *,
    location: str | None,
) -> None:
    """Tell the log what became of each envelope; corrections and charges are booked."""
    for envelope in envelopes:
        if log.settled(envelope):
            continue
        if envelope.parked:
            log.park_unreadable(envelope)
            continue
        match envelope.entry:
            case OrderEntry():
                outcome = placed[envelope.content_hash.hex()]
                if outcome.order_id is not None:
                    log.add_order(envelope, outcome.order_id, known=outcome.known)
                else:
                    assert outcome.why is not None, "it was placed, or there is a reason"
                    log.park(envelope, outcome.why)
            case ChargeEntry() | StockAdjustmentEntry() if envelope.row_keys[0] in log.booked:
                log.count_row(envelope, 0, log.booked[envelope.row_keys[0]])
                log.duplicates += 1
                log.finish(envelope, "duplicate", {})
            case ChargeEntry():
                log.add_charge(envelope)
            case StockAdjustmentEntry() as entry:
                _adjust(tx, log, envelope, entry, location)
            case _:
                raise AssertionError("what takes goods back is booked by match_cancellations")


def _adjust(
    tx: Tx, log: IntakeLog, envelope: Envelope, entry: StockAdjustmentEntry, location: str | None
) -> None:
    if location is None:
        words = "A stock correction, and nobody said where: import with --location, or book it"
        log.park(envelope, Why("no-location", f"{words} by hand."))
        return
    ask = AdjustStock(
        location=location,
        reason=_REASONS.get(entry.reason, "correction"),
        lines=(AdjustLine(entry.sku, entry.quantity),),
        note=entry.invoice,
        occurred_at=entry.at,
    )
    events_before = len(tx.events)
    try:
        with tx.conn.transaction():
            changed = adjust_stock(tx, ask)
    except Problem as problem:
        del tx.events[events_before:]
        log.park(envelope, why_of(problem))
        return
    log.book_row(envelope, 0, "adjustment")
    log.finish(envelope, "done", {"adjustment": [str(changed.id)]})
