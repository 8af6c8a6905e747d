"""What customers are asked: what becomes of a pick-up that its shop can't serve."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from ordito.platform.database import Tx, query, statement

Decision = Literal["pickup", "ship", "cancel", "cancel_missing"]
"""Collected elsewhere, shipped, all of it cancelled, or only what the shop doesn't have."""


class Choice(msgspec.Struct, frozen=True):
    """location_id: of the shop that can't; cause: why not; the customer may choose until
    expires_at, then somebody does for them."""

    order_id: UUID
    choice_no: int
    location_id: UUID
    cause: str
    offered_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    decision: Decision | None
    chosen_location_id: UUID | None


_COLUMNS = """order_id, choice_no, location_id, cause, offered_at, expires_at, decided_at, decision,
           chosen_location_id"""


def find_choice(tx: Tx, order_id: UUID) -> Choice | None:
    """The choice that is open, also when its time is over; None without one."""
    return _FIND.first(tx, order_id=order_id)


_FIND = query(
    Choice,
    f"""
    SELECT {_COLUMNS}
    FROM orders.choice
    WHERE order_id = %(order_id)s AND decided_at IS NULL
    """,  # noqa: S608 (a constant of this module)
)


def put_choice(
    tx: Tx, order_id: UUID, location_id: UUID, cause: str, expires_at: datetime
) -> Choice:
    """Offer a choice, or the open one anew; the caller holds the order's lock."""
    return _PUT.one(
        tx,
        order_id=order_id,
        location_id=location_id,
        cause=cause,
        expires_at=expires_at,
        now=tx.now,
    )


_PUT = query(
    Choice,
    f"""
    INSERT INTO orders.choice AS c
        (order_id, choice_no, location_id, cause, offered_at, expires_at)
    SELECT %(order_id)s, coalesce(max(choice_no), 0) + 1, %(location_id)s, %(cause)s, %(now)s,
           %(expires_at)s
    FROM orders.choice
    WHERE order_id = %(order_id)s
    ON CONFLICT (order_id) WHERE decided_at IS NULL DO UPDATE
    SET location_id = excluded.location_id, cause = excluded.cause,
        offered_at = excluded.offered_at, expires_at = excluded.expires_at
    RETURNING {_COLUMNS}
    """,  # noqa: S608 (a constant of this module)
)


def decide_choice(tx: Tx, order_id: UUID, decision: Decision, location_id: UUID | None) -> None:
    """The open choice, if there is one, is made now; the caller holds the order's lock."""
    _DECIDE.run(tx, order_id=order_id, decision=decision, location_id=location_id, now=tx.now)


_DECIDE = statement("""
    UPDATE orders.choice
    SET decided_at = %(now)s, decision = %(decision)s, chosen_location_id = %(location_id)s
    WHERE order_id = %(order_id)s AND decided_at IS NULL
""")
