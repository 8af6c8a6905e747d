"""Holds: stock kept for a cart, which ends by itself."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from ordito.inventory.ledger import Ledger
from ordito.inventory.reservations import change, send_insert
from ordito.inventory.types import CellKey, Reservation
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream

HoldKind = Literal["cart", "channel"]


class Hold(msgspec.Struct, frozen=True):
    id: UUID
    channel_id: UUID
    reason: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    version: int
    kind: HoldKind = "cart"
    """cart: ends by itself soon. channel: kept for orders of the channel, which use it up."""


_COLUMNS = "id, channel_id, reason, created_at, expires_at, ended_at, version, kind"


def insert_hold(tx: Tx, hold: Hold, units: Mapping[tuple[int, CellKey], int]) -> None:
    """Write a hold and what it keeps: (line no, cell) → pieces; the ledger moved the stock.

    The first event makes its version 1.
    """
    _INSERT.run(
        tx,
        id=hold.id,
        channel_id=hold.channel_id,
        reason=hold.reason,
        created_at=hold.created_at,
        expires_at=hold.expires_at,
        kind=hold.kind,
    )
    send_insert(
        tx,
        [
            (str(hold.id), line_no, *cell, pieces, hold.expires_at)
            for (line_no, cell), pieces in sorted(units.items())
        ],
    )


_INSERT = statement("""
    INSERT INTO inventory.stock_hold
        (id, channel_id, reason, created_at, expires_at, kind, version)
    VALUES (%(id)s, %(channel_id)s, %(reason)s, %(created_at)s, %(expires_at)s, %(kind)s, 0)
""")


def lock_holds(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Hold]:
    """Lock holds by id; the lock comes before those of cells. Unknown ids are absent."""
    return {hold.id: hold for hold in _LOCK.all(tx, ids=uuids(sorted(set(ids))))}


_LOCK = query(
    Hold,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.stock_hold
    WHERE id = ANY(%(ids)s::uuid[])
    ORDER BY id
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def lock_due_holds(tx: Tx, now: datetime, *, limit: int) -> list[Hold]:
    """Lock open holds whose time is over, by id, leaving out those that someone else works on."""
    return _LOCK_DUE.all(tx, now=now, limit=limit)


# Found by their reservations, which have an index by expiry; extending a hold moves both.
_LOCK_DUE = query(
    Hold,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.stock_hold
    WHERE id IN (
            SELECT holder_id FROM inventory.reservation WHERE expires_at <= %(now)s
        )
      AND ended_at IS NULL AND expires_at <= %(now)s
    ORDER BY id
    LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
    """,  # noqa: S608 (a constant of this module)
)


def is_any_due(tx: Tx) -> bool:
    """Whether a hold's time is over by the database's clock."""
    return _ANY_DUE.one(tx)


_ANY_DUE = query(
    bool,
    "SELECT EXISTS (SELECT FROM inventory.reservation WHERE expires_at <= clock_timestamp())",
)


def read_hold(tx: Tx, hold_id: UUID) -> Hold | None:
    return _READ.first(tx, id=hold_id)


_READ = query(
    Hold,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.stock_hold
    WHERE id = %(id)s
    """,  # noqa: S608 (a constant of this module)
)


def set_expiry(tx: Tx, hold_id: UUID, expires_at: datetime) -> None:
    """Move the end of a locked hold, and of what it keeps."""
    _EXPIRY.run(tx, id=hold_id, expires_at=expires_at)
    _RESERVATION_EXPIRY.run(tx, id=hold_id, expires_at=expires_at)


_EXPIRY = statement("""
    UPDATE inventory.stock_hold SET expires_at = %(expires_at)s WHERE id = %(id)s
""")

_RESERVATION_EXPIRY = statement("""
    UPDATE inventory.reservation SET expires_at = %(expires_at)s WHERE holder_id = %(id)s
""")


def free_holds(
    tx: Tx, hold_ids: Iterable[UUID], kept: Iterable[Reservation], ledger: Ledger, reason: str
) -> None:
    """Give back what locked holds keep, and end them. The ledger is not sent yet.

    kept: their reservations, whose cells the ledger has locked.
    """
    rows = list(kept)
    for row in rows:
        ledger.post(
            (str(row.item_id), str(row.location_id)),
            "reserved",
            "available",
            row.qty,
            reason=reason,
            source=(str(row.holder_id), row.line_no),
        )
    change(
        tx,
        [(str(r.holder_id), r.line_no, str(r.item_id), str(r.location_id), -r.qty) for r in rows],
    )
    _END.run(tx, [(id_, ledger.at) for id_ in sorted(set(hold_ids))])


_END = bulk("""
    UPDATE inventory.stock_hold AS h
    SET ended_at = d.at
    FROM unnest(%s::uuid[], %s::timestamptz[]) AS d (id, at)
    WHERE h.id = d.id
""")

HOLD = Stream(
    "hold",
    bulk_query(
        RaisedVersion,
        """
        UPDATE inventory.stock_hold AS h
        SET version = h.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE h.id = d.id
        RETURNING h.id, h.version
        """,
    ),
)
"""The timeline of a hold."""
