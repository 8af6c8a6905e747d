"""Promises of parts as `fulfillment` keeps them, and what moves them: queues and the level."""

from typing import Any

from ordito.flows.reference import Reference
from ordito.fulfillment import part_promises, queues
from ordito.platform.database import Tx
from ordito.sourcing.promises import Basis, Promise
from ordito.sourcing.types import Queue


def promise_row(order_id: str, fo_no: int, promise: Promise) -> part_promises.PromiseRow:
    """A promise's row."""
    return (
        order_id,
        fo_no,
        promise.ready_at,
        promise.ships_at,
        promise.ships_on,
        promise.delivers_on,
        promise.tariff,
    )


def forecast_row(order_id: str, fo_no: int, basis: Basis) -> part_promises.ForecastRow:
    """The row of what a promise rests on beside calendars."""
    return (
        order_id,
        fo_no,
        basis.level,
        basis.probability,
        basis.model,
        basis.observations,
        basis.calendar_on,
        basis.calendar_delivers_on,
        basis.queue_minutes,
    )


def send_queue(tx: Tx, known: Reference) -> Any:
    """Ask for what waits at locations whose pace is known; nothing is asked where none is."""
    return queues.send_backlogs(tx, known.paced) if known.paced else None


def read_queue(rows: Any, known: Reference) -> Queue:
    """The answer of `send_queue` by place."""
    return queues.queue_of(rows, known.no_by_id) if rows is not None else {}
