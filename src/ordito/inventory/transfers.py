"""Transfers: goods between two locations, what was asked, left, arrived and went missing."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.inventory.transfer_asks import TransferState
from ordito.platform.arrays import texts, uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream


class TransferItem(msgspec.Struct, frozen=True):
    """A line of a transfer as it is kept, in pieces."""

    line_no: int
    item_id: UUID
    requested: int
    shipped: int = 0
    received: int = 0
    damaged: int = 0
    surplus: int = 0
    missing: int = 0

    @property
    def open(self) -> int:
        """On its way."""
        return self.shipped - self.received - self.damaged - self.missing


class Transfer(msgspec.Struct, frozen=True):
    id: UUID
    number: int
    from_location_id: UUID
    to_location_id: UUID
    state: TransferState
    reference: str
    note: str
    expected_on: date | None
    created_at: datetime
    created_by: UUID
    shipped_at: datetime | None
    ended_at: datetime | None
    version: int
    lines: list[TransferItem]


ACTIONS: dict[TransferState, tuple[str, ...]] = {
    "draft": ("change", "request", "ship", "cancel"),
    "requested": ("change", "ship", "cancel"),
    "shipped": ("receive", "close"),
    "partly_received": ("receive", "close"),
    "received": (),
    "cancelled": (),
}
"""What each state allows. What has left can't be called back: it arrives, or is missing."""


def derive_state(lines: Sequence[TransferItem]) -> TransferState:
    """The state of a transfer that has left, from its lines."""
    if not any(line.open for line in lines):
        return "received"
    arrived = any(line.received or line.damaged for line in lines)
    return "partly_received" if arrived else "shipped"


def insert_transfer(tx: Tx, transfer: Transfer) -> int:
    """Write a new draft; its number. The first event makes its version 1."""
    number = _INSERT.one(
        tx,
        id=transfer.id,
        from_location_id=transfer.from_location_id,
        to_location_id=transfer.to_location_id,
        reference=transfer.reference,
        note=transfer.note,
        expected_on=transfer.expected_on,
        created_at=transfer.created_at,
        created_by=transfer.created_by,
    )
    put_lines(tx, transfer.id, transfer.lines)
    return number


_INSERT = query(
    int,
    """
    INSERT INTO inventory.transfer
        (id, number, from_location_id, to_location_id, state, reference, note, expected_on,
         created_at, created_by)
    VALUES
        (%(id)s, nextval('inventory.transfer_number'), %(from_location_id)s, %(to_location_id)s,
         'draft', %(reference)s, %(note)s, %(expected_on)s, %(created_at)s, %(created_by)s)
    RETURNING number
    """,
)


def replace_lines(tx: Tx, transfer_id: UUID, lines: Sequence[TransferItem]) -> None:
    """Write all lines of a locked transfer anew."""
    _EMPTY.run(tx, id=transfer_id)
    put_lines(tx, transfer_id, lines)


_EMPTY = statement("DELETE FROM inventory.transfer_line WHERE transfer_id = %(id)s")


def put_lines(tx: Tx, transfer_id: UUID, lines: Sequence[TransferItem]) -> None:
    """Write lines of a locked transfer, those that are there as they are now."""
    _PUT_LINES.run(
        tx,
        [
            (transfer_id, x.line_no, x.item_id, x.requested, x.shipped, x.received, x.damaged,
             x.surplus, x.missing)
            for x in lines
        ],
    )  # fmt: skip


_PUT_LINES = bulk("""
    INSERT INTO inventory.transfer_line
        (transfer_id, line_no, item_id, requested, shipped, received, damaged, surplus, missing)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::int8[], %s::int8[], %s::int8[],
                         %s::int8[], %s::int8[], %s::int8[])
    ON CONFLICT (transfer_id, line_no) DO UPDATE
        SET shipped = excluded.shipped, received = excluded.received, damaged = excluded.damaged,
            surplus = excluded.surplus, missing = excluded.missing
""")


def write_transfer(tx: Tx, transfer: Transfer) -> None:
    """Write the head of a locked transfer."""
    _WRITE.run(
        tx,
        id=transfer.id,
        state=transfer.state,
        reference=transfer.reference,
        note=transfer.note,
        expected_on=transfer.expected_on,
        shipped_at=transfer.shipped_at,
        ended_at=transfer.ended_at,
    )


_WRITE = statement("""
    UPDATE inventory.transfer
    SET state = %(state)s, reference = %(reference)s, note = %(note)s,
        expected_on = %(expected_on)s, shipped_at = %(shipped_at)s, ended_at = %(ended_at)s
    WHERE id = %(id)s
""")

_COLUMNS = """
           t.id, t.number, t.from_location_id, t.to_location_id, t.state, t.reference, t.note,
           t.expected_on, t.created_at, t.created_by, t.shipped_at, t.ended_at, t.version,
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'line_no', l.line_no, 'item_id', l.item_id, 'requested', l.requested,
                       'shipped', l.shipped, 'received', l.received, 'damaged', l.damaged,
                       'surplus', l.surplus, 'missing', l.missing
                   ) ORDER BY l.line_no), '[]')
            FROM inventory.transfer_line AS l
            WHERE l.transfer_id = t.id) AS lines"""


def lock_transfer(tx: Tx, transfer_id: UUID) -> Transfer | None:
    """Lock a transfer; the lock comes before those of orders and cells."""
    if _LOCK.first(tx, id=transfer_id) is None:
        return None
    # Read after the lock is held: the lines belong to the row as it is now.
    return read_transfer(tx, transfer_id)


_LOCK = query(UUID, "SELECT id FROM inventory.transfer WHERE id = %(id)s FOR NO KEY UPDATE")


def read_transfer(tx: Tx, transfer_id: UUID) -> Transfer | None:
    return _READ.first(tx, id=transfer_id)


_READ = query(
    Transfer,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.transfer AS t
    WHERE t.id = %(id)s
    """,  # noqa: S608 (a constant of this module)
)


def find_transfer(tx: Tx, number: int) -> UUID | None:
    return _BY_NUMBER.first(tx, number=number)


_BY_NUMBER = query(UUID, "SELECT id FROM inventory.transfer WHERE number = %(number)s")


def list_transfers(
    tx: Tx,
    *,
    location_ids: Iterable[UUID] | None = None,
    states: Iterable[TransferState] | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Transfer]:
    """Transfers, newest first; the next page is `before` the last one's id.

    location_ids: only those from or to there; None is all.
    """
    return _LIST.all(
        tx,
        location_ids=None if location_ids is None else uuids(location_ids),
        states=None if states is None else texts(states),
        before=before or UUID(int=2**128 - 1),
        limit=limit,
    )


_LIST = query(
    Transfer,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.transfer AS t
    WHERE t.id < %(before)s
      AND (%(location_ids)s::uuid[] IS NULL
           OR t.from_location_id = ANY(%(location_ids)s::uuid[])
           OR t.to_location_id = ANY(%(location_ids)s::uuid[]))
      AND (%(states)s::text[] IS NULL OR t.state = ANY(%(states)s::text[]))
    ORDER BY t.id DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


TRANSFER = Stream(
    "transfer",
    bulk_query(
        RaisedVersion,
        """
        UPDATE inventory.transfer AS t
        SET version = t.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE t.id = d.id
        RETURNING t.id, t.version
        """,
    ),
)
"""The timeline of a transfer."""
