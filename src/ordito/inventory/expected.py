"""Expected receipts: what suppliers said will come, and by when; and all supply under way."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.inventory.expected_asks import ExpectedState
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query
from ordito.platform.events import RaisedVersion, Stream


class ExpectedReceipt(msgspec.Struct, frozen=True):
    """A row as it is kept, in pieces."""

    id: UUID
    item_id: UUID
    location_id: UUID
    qty: int
    received: int
    expected_on: date
    reference: str
    state: ExpectedState
    created_at: datetime
    ended_at: datetime | None
    version: int

    @property
    def open(self) -> int:
        """Still to come."""
        return self.qty - self.received if self.state == "open" else 0


_COLUMNS = """e.id, e.item_id, e.location_id, e.qty, e.received, e.expected_on, e.reference,
           e.state, e.created_at, e.ended_at, e.version"""


def insert_expected(tx: Tx, rows: Sequence[ExpectedReceipt]) -> None:
    """Write new ones; the first event of each makes its version 1."""
    _INSERT.run(
        tx,
        [
            (r.id, r.item_id, r.location_id, r.qty, r.expected_on, r.reference, r.created_at)
            for r in rows
        ],
    )


_INSERT = bulk("""
    INSERT INTO inventory.expected_receipt
        (id, item_id, location_id, qty, expected_on, reference, created_at)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::int8[], %s::date[], %s::text[],
                         %s::timestamptz[])
""")


def write_expected(tx: Tx, rows: Sequence[ExpectedReceipt]) -> None:
    """Write locked ones as they are now."""
    _WRITE.run(
        tx,
        [(r.id, r.qty, r.received, r.expected_on, r.reference, r.state, r.ended_at) for r in rows],
    )


_WRITE = bulk("""
    UPDATE inventory.expected_receipt AS e
    SET qty = d.qty, received = d.received, expected_on = d.expected_on, reference = d.reference,
        state = d.state, ended_at = d.ended_at
    FROM unnest(%s::uuid[], %s::int8[], %s::int8[], %s::date[], %s::text[], %s::text[],
                %s::timestamptz[])
        AS d (id, qty, received, expected_on, reference, state, ended_at)
    WHERE e.id = d.id
""")


def lock_expected(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, ExpectedReceipt]:
    """Lock expected receipts, by id; the locks come before those of orders and cells."""
    return {row.id: row for row in _LOCK.all(tx, ids=uuids(sorted(set(ids))))}


_LOCK = query(
    ExpectedReceipt,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.expected_receipt AS e
    WHERE e.id = ANY(%(ids)s::uuid[])
    ORDER BY e.id
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def read_expected(tx: Tx, expected_id: UUID) -> ExpectedReceipt | None:
    return _READ.first(tx, id=expected_id)


_READ = query(
    ExpectedReceipt,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.expected_receipt AS e
    WHERE e.id = %(id)s
    """,  # noqa: S608 (a constant of this module)
)


def list_expected(
    tx: Tx,
    *,
    location_ids: Iterable[UUID] | None = None,
    item_id: UUID | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int = 50,
) -> list[ExpectedReceipt]:
    """Open ones, soonest first; the next page is `after` the last one's day and id."""
    day, id_ = after or (date.min, UUID(int=0))
    return _LIST_OPEN.all(
        tx,
        location_ids=None if location_ids is None else uuids(location_ids),
        item_id=item_id,
        day=day,
        id=id_,
        limit=limit,
    )


_LIST_OPEN = query(
    ExpectedReceipt,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.expected_receipt AS e
    WHERE e.state = 'open' AND (e.expected_on, e.id) > (%(day)s::date, %(id)s::uuid)
      AND (%(location_ids)s::uuid[] IS NULL OR e.location_id = ANY(%(location_ids)s::uuid[]))
      AND (%(item_id)s::uuid IS NULL OR e.item_id = %(item_id)s)
    ORDER BY e.expected_on, e.id
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def list_ended(
    tx: Tx,
    *,
    location_ids: Iterable[UUID] | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[ExpectedReceipt]:
    """Those of which nothing more comes, newest first; the next page is `before` the last id."""
    return _LIST_ENDED.all(
        tx,
        location_ids=None if location_ids is None else uuids(location_ids),
        before=before or UUID(int=2**128 - 1),
        limit=limit,
    )


_LIST_ENDED = query(
    ExpectedReceipt,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.expected_receipt AS e
    WHERE e.state <> 'open' AND e.id < %(before)s
      AND (%(location_ids)s::uuid[] IS NULL OR e.location_id = ANY(%(location_ids)s::uuid[]))
    ORDER BY e.id DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def find_announced(tx: Tx, item_ids: Iterable[UUID]) -> list[ExpectedReceipt]:
    """All open ones of items."""
    return _OF_ITEMS.all(tx, item_ids=uuids(item_ids))


_OF_ITEMS = query(
    ExpectedReceipt,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.expected_receipt AS e
    WHERE e.state = 'open' AND e.item_id = ANY(%(item_ids)s::uuid[])
    ORDER BY e.id
    LIMIT 100000
    """,  # noqa: S608 (a constant of this module)
)


class SupplyUnderWay(msgspec.Struct, frozen=True):
    """Pieces of an item that are to come to a location. reference: of the supplier, or the number
    of the transfer as T-12, or of the assembly as A-3 with its step and partner."""

    item_id: UUID
    location_id: UUID
    expected_on: date
    pieces: int
    reference: str


def read_supply(tx: Tx, item_ids: Iterable[UUID]) -> list[SupplyUnderWay]:
    """What suppliers and other locations send of items, and what is being made, soonest first.

    Transfers and assemblies without a day promise nothing, and are left out.
    """
    return _SUPPLY.all(tx, item_ids=uuids(item_ids))


_SUPPLY = query(
    SupplyUnderWay,
    """
    SELECT item_id, location_id, expected_on, pieces, reference
    FROM (
        SELECT e.item_id, e.location_id, e.expected_on, e.qty - e.received AS pieces,
               e.reference, e.id
        FROM inventory.expected_receipt AS e
        WHERE e.state = 'open' AND e.item_id = ANY(%(item_ids)s::uuid[])
        UNION ALL
        SELECT l.item_id, t.to_location_id, t.expected_on,
               l.shipped - l.received - l.damaged - l.missing, 'T-' || t.number, t.id
        FROM inventory.transfer AS t
        JOIN inventory.transfer_line AS l ON l.transfer_id = t.id
        WHERE t.state IN ('shipped', 'partly_received') AND t.expected_on IS NOT NULL
          AND l.item_id = ANY(%(item_ids)s::uuid[])
          AND l.shipped - l.received - l.damaged - l.missing > 0
        UNION ALL
        SELECT a.item_id, a.location_id, a.due_on, a.planned - a.made - a.spoiled,
               concat_ws(' · ', 'A-' || a.number, nullif(a.step, ''), nullif(a.partner, '')), a.id
        FROM inventory.assembly AS a
        WHERE a.state IN ('started', 'partly_made') AND a.due_on IS NOT NULL
          AND a.item_id = ANY(%(item_ids)s::uuid[])
    ) AS s
    ORDER BY expected_on, id
    LIMIT 100000
    """,
)


EXPECTED = Stream(
    "supply",
    bulk_query(
        RaisedVersion,
        """
        UPDATE inventory.expected_receipt AS e
        SET version = e.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE e.id = d.id
        RETURNING e.id, e.version
        """,
    ),
)
"""The timeline of an expected receipt."""
