"""Reasons why stock differs or lies elsewhere, as data, and between which buckets each books."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.kernel.asks import Ask
from ordito.kernel.moves import Bucket
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream

ReasonCode = Annotated[
    str,
    Meta(
        pattern="^[a-z0-9][a-z0-9_-]{0,39}$",
        description="Small letters, digits, dash and underscore",
    ),
]
ReasonWords = Annotated[str, Meta(min_length=1, max_length=60)]
MoreFrom = Literal["adjustment", "supplier", "customer"]
FewerTo = Literal["adjustment", "scrapped", "supplier", "customer"]

REASONS_MAX = 200

MOVE: ReasonCode = "move"
"""The reason of moves that name none."""

TAKEN = frozenset(
    (
        "order", "placed", "placing", "released", "picked", "put_back", "packed", "shipped",
        "handed_over", "cancelled", "returned", "received", "receipt", "counted", "count",
        "short_pick", "rejected", "pinned", "delivery_changed", "location_closed", "backorder",
        "joint_plan", "hold", "hold_released", "hold_expired", "hold_completed", "kept",
        "kept_used", "not_collected", "transfer", "transfer_damaged", "transfer_surplus",
        "transfer_missing", "brought", "brought_damaged", "brought_missing",
    )
)  # fmt: skip
"""What the program itself writes into the ledger: nobody's reason may be called so."""


class Reason(msgspec.Struct, frozen=True):
    """A reason that people give.

    words:     how it is called; "" for one that came with Ordito and keeps its own words.
    more_from: where units come from when there are more; null: it can't be given for more.
    fewer_to:  where they go when there are fewer: adjustment (the record differs), scrapped
               (written off), supplier or customer; null: it can't be given for fewer.
    moves:     whether units can be set aside, or released, for it.
    """

    code: str
    id: UUID
    words: str
    more_from: Bucket | None
    fewer_to: Bucket | None
    moves: bool
    note_required: bool
    active: bool
    built_in: bool
    version: int

    def side(self, quantity: int) -> Bucket | None:
        """The bucket on the other side of so many more or fewer; None: it doesn't go that way."""
        return self.more_from if quantity > 0 else self.fewer_to


class CreateReason(Ask, frozen=True, kw_only=True):
    """A reason of one's own."""

    code: ReasonCode
    words: ReasonWords
    more_from: MoreFrom | None = None
    fewer_to: FewerTo | None = None
    moves: bool = False
    note_required: bool = False


class UpdateReason(Ask, frozen=True, kw_only=True):
    """Changes to a reason; what isn't named stays. What was booked keeps where it went."""

    code: ReasonCode
    words: Annotated[str, Meta(max_length=60)] | UnsetType = UNSET
    more_from: MoreFrom | UnsetType | None = UNSET
    fewer_to: FewerTo | UnsetType | None = UNSET
    moves: bool | UnsetType = UNSET
    note_required: bool | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    version: Annotated[int, Meta(ge=0)] | None = None
    """The version that was read (If-Match); 0 for one that came along and was never changed."""


_COLUMNS = """code, id, words, more_from::text, fewer_to::text, moves, note_required, active,
           built_in, version"""


def read_reasons(tx: Tx) -> dict[str, Reason]:
    """All reasons by code, in the order in which they came."""
    return {reason.code: reason for reason in _READ.all(tx, limit=REASONS_MAX)}


_READ = query(
    Reason,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.reason
    ORDER BY id
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def lock_reason(tx: Tx, code: str) -> Reason | None:
    return _LOCK.first(tx, code=code)


_LOCK = query(
    Reason,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.reason
    WHERE code = %(code)s
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def insert_reason(tx: Tx, reason: Reason) -> bool:
    """Write a new reason; False when there is one of this code. The first event makes version 1."""
    return _INSERT.run(tx, **_values(reason)) == 1


_INSERT = statement("""
    INSERT INTO inventory.reason
        (code, id, words, more_from, fewer_to, moves, note_required, active)
    VALUES (%(code)s, %(id)s, %(words)s, %(more_from)s::inventory.bucket,
            %(fewer_to)s::inventory.bucket, %(moves)s, %(note_required)s, %(active)s)
    ON CONFLICT (code) DO NOTHING
""")


def write_reason(tx: Tx, reason: Reason) -> None:
    """Write a locked reason; the event raises its version."""
    _WRITE.run(tx, **_values(reason))


_WRITE = statement("""
    UPDATE inventory.reason
    SET words = %(words)s, more_from = %(more_from)s::inventory.bucket,
        fewer_to = %(fewer_to)s::inventory.bucket, moves = %(moves)s,
        note_required = %(note_required)s, active = %(active)s
    WHERE code = %(code)s AND id = %(id)s
""")


def _values(reason: Reason) -> dict[str, object]:
    names = ("code", "id", "words", "more_from", "fewer_to", "moves", "note_required", "active")
    return {name: getattr(reason, name) for name in names}


STOCK_REASON = Stream(
    "stock_reason",
    bulk_query(
        RaisedVersion,
        """
        UPDATE inventory.reason AS r
        SET version = r.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE r.id = d.id
        RETURNING r.id, r.version
        """,
    ),
)
"""The timeline of a reason."""
