"""Stops as rows: one per order that is brought in a slot, and what happened at the door."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from ordito.fulfillment.stop_types import Stop, StopAttempt, StopState
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement

INSERT = bulk("""
    INSERT INTO fulfillment.stop
        (order_id, location_id, slot, on_day, starts_at, ends_at, state, changed_at)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::date[], %s::timestamptz[],
                         %s::timestamptz[], %s::text[], %s::timestamptz[])
""")

_COLUMNS = """
           order_id, location_id, slot, on_day, starts_at, ends_at, state, position, attempts,
           changed_at"""


def read_stops(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, Stop]:
    """Stops by order; orders that go another way are absent, unless they did before."""
    return {row.order_id: row for row in _STOPS.all(tx, order_ids=uuids(order_ids))}


_STOPS = query(
    Stop,
    f"""
    SELECT {_COLUMNS}
    FROM fulfillment.stop
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id
    """,  # noqa: S608 (a constant of this module)
)


def find_round(tx: Tx, location_id: UUID, on_day: date, slot: str) -> list[Stop]:
    """The stops of a slot on a day, those that were dropped left out."""
    return _ROUND.all(tx, location_id=location_id, on_day=on_day, slot=slot)


_ROUND = query(
    Stop,
    f"""
    SELECT {_COLUMNS}
    FROM fulfillment.stop
    WHERE location_id = %(location_id)s AND on_day = %(on_day)s AND slot = %(slot)s
      AND state <> 'dropped'
    ORDER BY order_id
    LIMIT 1000
    """,  # noqa: S608 (a constant of this module)
)


def write_states(tx: Tx, order_ids: Iterable[UUID], state: StopState) -> None:
    """The stops of these orders are in that state now; the caller holds the orders' locks."""
    _STATES.run(tx, order_ids=uuids(order_ids), state=state, now=tx.now)


_STATES = statement("""
    UPDATE fulfillment.stop
    SET state = %(state)s, changed_at = %(now)s
    WHERE order_id = ANY(%(order_ids)s::uuid[])
""")


def write_attempt(tx: Tx, stop: Stop, attempt: StopAttempt) -> None:
    """Keep what happened at the door of a stop, whose order the caller has locked."""
    _ATTEMPT.run(tx, **{name: getattr(attempt, name) for name in attempt.__struct_fields__})
    _COUNT.run(tx, order_id=stop.order_id, attempts=attempt.attempt_no,
               state=attempt.outcome, now=tx.now)  # fmt: skip


_ATTEMPT = statement("""
    INSERT INTO fulfillment.stop_attempt
        (order_id, attempt_no, at, actor_id, outcome, taken_by, left_at, reason, note, file_no)
    VALUES (%(order_id)s, %(attempt_no)s, %(at)s, %(actor_id)s, %(outcome)s, %(taken_by)s,
            %(left_at)s, %(reason)s, %(note)s, %(file_no)s)
""")

_COUNT = statement("""
    UPDATE fulfillment.stop
    SET state = %(state)s, attempts = %(attempts)s, changed_at = %(now)s
    WHERE order_id = %(order_id)s
""")


def read_attempts(tx: Tx, order_ids: Iterable[UUID]) -> list[StopAttempt]:
    """What happened at the doors of orders, first to last."""
    return _ATTEMPTS.all(tx, order_ids=uuids(order_ids))


_ATTEMPTS = query(
    StopAttempt,
    """
    SELECT order_id, attempt_no, at, actor_id, outcome, taken_by, left_at, reason, note, file_no
    FROM fulfillment.stop_attempt
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, attempt_no
    """,
)


def move_stop(
    tx: Tx, stop: Stop, slot: str, on_day: date, times: tuple[datetime, datetime]
) -> None:
    """Bring it in another slot. times: from and until, in UTC."""
    _MOVE.run(tx, order_id=stop.order_id, slot=slot, on_day=on_day, starts_at=times[0],
              ends_at=times[1], now=tx.now)  # fmt: skip


_MOVE = statement("""
    UPDATE fulfillment.stop
    SET slot = %(slot)s, on_day = %(on_day)s, starts_at = %(starts_at)s, ends_at = %(ends_at)s,
        state = 'planned', position = NULL, changed_at = %(now)s
    WHERE order_id = %(order_id)s
""")


def write_positions(tx: Tx, order_ids: Sequence[UUID]) -> None:
    """Put stops into this order, from 1; in a fixed order of locks."""
    _POSITIONS.run(tx, sorted((id_, n) for n, id_ in enumerate(order_ids, start=1)))


_POSITIONS = bulk("""
    UPDATE fulfillment.stop AS s
    SET position = d.n
    FROM unnest(%s::uuid[], %s::int4[]) AS d (order_id, n)
    WHERE s.order_id = d.order_id AND s.position IS DISTINCT FROM d.n
""")


def move_promises(tx: Tx, order_id: UUID, starts_at: datetime, on_day: date) -> None:
    """What the parts of an order promise, once it comes in another slot."""
    _PARTS.run(tx, order_id=order_id, on_day=on_day)
    _PROMISES.run(tx, order_id=order_id, starts_at=starts_at, on_day=on_day)


_PARTS = statement("""
    UPDATE fulfillment.fulfillment_order
    SET promised_on = %(on_day)s
    WHERE order_id = %(order_id)s
""")

_PROMISES = statement("""
    UPDATE fulfillment.promise
    SET ready_at = %(starts_at)s, ships_at = %(starts_at)s, ships_on = %(on_day)s,
        delivers_on = %(on_day)s
    WHERE order_id = %(order_id)s
""")
