"""Holds: stock kept for a cart, which ends by itself."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from ordito.inventory.asks import CartLine
from ordito.inventory.ledger import Ledger
from ordito.inventory.reservations import change, send_insert
from ordito.inventory.types import CellKey, Reservation
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream

HoldKind = Literal["cart", "channel"]


class KeptPart(msgspec.Struct, frozen=True, array_like=True):
    """Pieces that a line of a cart took of a hold that keeps them for its channel."""

    hold_id: UUID
    line_no: int
    item_id: UUID
    location_id: UUID
    qty: int


class Hold(msgspec.Struct, frozen=True):
    id: UUID
    channel_id: UUID | None
    """None: kept for a group of customers, on any channel."""
    reason: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    version: int
    lines: list[CartLine]
    units: int
    ended_why: str | None
    order_id: UUID | None
    kind: HoldKind = "cart"
    """cart: ends by itself soon. channel: kept for orders of a channel or of a group of customers,
    which use it up."""
    customer_group: str = ""
    from_kept: list[KeptPart] = []
    """Of a cart: what it took of what was kept for its channel."""


_COLUMNS = """id, channel_id, reason, created_at, expires_at, ended_at, version, lines, units,
           ended_why, order_id, kind, customer_group, from_kept"""


class Shopper(msgspec.Struct, frozen=True):
    """Whose cart it is. digest: of what the shop calls them, None when it says nothing.
    contact: personal data. consent: whether they agreed to be written to about the cart; link:
    where they find it again."""

    digest: bytes | None = None
    contact: str = ""
    consent: bool = False
    link: str = ""


def digest_of(channel_id: UUID, shopper: str) -> bytes | None:
    """What a shopper is known by within a channel."""
    name = shopper.strip()
    return hashlib.sha256(f"{channel_id}:{name}".encode()).digest() if name else None


def count_kept(tx: Tx, channel_id: UUID, digest: bytes) -> int:
    """Units in the open carts of a shopper; the caller holds the shopper's lock."""
    return _KEPT.one(tx, channel_id=channel_id, digest=digest)


_KEPT = query(
    int,
    """
    SELECT coalesce(sum(units), 0)::int8
    FROM inventory.stock_hold
    WHERE channel_id = %(channel_id)s AND shopper = %(digest)s AND ended_at IS NULL
      AND expires_at > clock_timestamp()
    """,
)


def insert_hold(
    tx: Tx, hold: Hold, units: Mapping[tuple[int, CellKey], int], shopper: Shopper
) -> None:
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
        lines=msgspec.json.encode(hold.lines).decode(),
        units=hold.units,
        shopper=shopper.digest,
        contact=shopper.contact,
        consent=shopper.consent,
        link=shopper.link,
        kind=hold.kind,
        customer_group=hold.customer_group,
        from_kept=msgspec.json.encode(hold.from_kept).decode(),
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
        (id, channel_id, reason, created_at, expires_at, version, lines, units, shopper, contact,
         consent, link, kind, customer_group, from_kept)
    VALUES (%(id)s, %(channel_id)s, %(reason)s, %(created_at)s, %(expires_at)s, 0,
            %(lines)s::jsonb, %(units)s, %(shopper)s, %(contact)s, %(consent)s, %(link)s,
            %(kind)s, %(customer_group)s, %(from_kept)s::jsonb)
""")


def lock_holds(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Hold]:
    """Lock holds by id, and those that carts among them took kept pieces of; the locks come before
    those of cells. Unknown ids are absent."""
    return {hold.id: hold for hold in _LOCK.all(tx, ids=uuids(sorted(set(ids))))}


_LOCK = query(
    Hold,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.stock_hold
    WHERE id IN (
        SELECT unnest(%(ids)s::uuid[])
        UNION
        SELECT (part ->> 0)::uuid
        FROM inventory.stock_hold AS c
        CROSS JOIN LATERAL jsonb_array_elements(c.from_kept) AS part
        WHERE c.id = ANY(%(ids)s::uuid[]))
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

    reason: hold_released, hold_expired, hold_completed, or count.

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
    why = reason.removeprefix("hold_")
    _END.run(tx, [(id_, ledger.at, why) for id_ in sorted(set(hold_ids))])


_END = bulk("""
    UPDATE inventory.stock_hold AS h
    SET ended_at = d.at, ended_why = d.why
    FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[]) AS d (id, at, why)
    WHERE h.id = d.id
""")


def refill_holds(tx: Tx, back: Mapping[UUID, Iterable[KeptPart]]) -> None:
    """Put pieces of ending carts (cart → parts) back into the locked holds they came from.

    They stay reserved; a hold that was used up goes on. The cells are locked.
    """
    rows = [(cart_id, part) for cart_id, parts in back.items() for part in parts]
    if not rows:
        return
    gone: Counter[tuple[str, int, str, str]] = Counter()
    for cart_id, part in rows:
        gone[str(cart_id), part.line_no, str(part.item_id), str(part.location_id)] -= part.qty
    change(tx, [(*key, qty) for key, qty in sorted(gone.items())])
    _REOPEN.run(tx, [(id_,) for id_ in sorted({part.hold_id for _, part in rows})])
    given: Counter[tuple[str, str, str]] = Counter()
    for _, part in rows:
        given[str(part.hold_id), str(part.item_id), str(part.location_id)] += part.qty
    _REFILL.run(tx, [(*key, qty) for key, qty in sorted(given.items())])


_REOPEN = bulk("""
    UPDATE inventory.stock_hold AS h
    SET ended_at = NULL
    FROM unnest(%s::uuid[]) AS d (id)
    WHERE h.id = d.id AND h.ended_why IS NULL
""")

_REFILL = bulk("""
    INSERT INTO inventory.reservation AS r
        (holder_id, line_no, item_id, location_id, qty, expires_at)
    SELECT d.holder_id, 1, d.item_id, d.location_id, d.qty, h.expires_at
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::int8[])
        AS d (holder_id, item_id, location_id, qty)
    JOIN inventory.stock_hold AS h ON h.id = d.holder_id
    ON CONFLICT (holder_id, line_no, item_id, location_id)
        DO UPDATE SET qty = r.qty + excluded.qty
""")


def name_order(tx: Tx, hold_id: UUID, order_id: UUID) -> None:
    """Say what order an ended hold became."""
    _NAME_ORDER.run(tx, id=hold_id, order_id=order_id)


_NAME_ORDER = statement("""
    UPDATE inventory.stock_hold SET order_id = %(order_id)s WHERE id = %(id)s
""")


def note_mailed(tx: Tx, hold_id: UUID) -> None:
    """The shopper of a locked cart is written to now."""
    _MAILED.run(tx, id=hold_id, now=tx.now)


_MAILED = statement("""
    UPDATE inventory.stock_hold SET mailed_at = %(now)s WHERE id = %(id)s AND mailed_at IS NULL
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
