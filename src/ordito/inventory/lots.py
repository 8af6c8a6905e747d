"""Lots and serial numbers as rows: what they are, not where they lie."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream

LotState = Literal["free", "blocked"]

LotKey = tuple[str, str]
"""Item id and code as it is compared (kernel.text.normal_code)."""


class Lot(msgspec.Struct, frozen=True):
    """A lot of an item; of a serial item one unit. expires_on: the last day it may be used."""

    id: UUID
    item_id: UUID
    code: str
    code_key: str
    serial: bool
    expires_on: date | None
    made_on: date | None
    supplier_reference: str
    state: LotState
    reason: str
    """Why it is blocked; "" while it is free."""
    created_at: datetime
    version: int

    @property
    def key(self) -> LotKey:
        return str(self.item_id), self.code_key

    def is_fit(self, first_fit_day: date) -> bool:
        """Whether it may be sold where lots that end before that day may not."""
        young = self.expires_on is None or self.expires_on >= first_fit_day
        return self.state == "free" and young


_COLUMNS = """
           l.id, l.item_id, l.code, l.code_key, l.serial, l.expires_on, l.made_on,
           l.supplier_reference, l.state, l.reason, l.created_at, l.version"""


def find_lots(tx: Tx, keys: Iterable[LotKey]) -> dict[LotKey, Lot]:
    """Lots by item and code; unknown ones are absent."""
    return {lot.key: lot for lot in _FIND.all_rows(tx, sorted(set(keys)))}


_FIND = bulk_query(
    Lot,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.lot AS l
    JOIN unnest(%s::uuid[], %s::text[]) AS k (item_id, code_key)
      ON l.item_id = k.item_id AND l.code_key = k.code_key
    """,  # noqa: S608 (a constant of this module)
)


def read_lots(tx: Tx, lot_ids: Iterable[UUID]) -> dict[UUID, Lot]:
    """Lots by id; unknown ones are absent."""
    return {lot.id: lot for lot in _READ.all(tx, lot_ids=uuids(lot_ids))}


_READ = query(
    Lot,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.lot AS l
    WHERE l.id = ANY(%(lot_ids)s::uuid[])
    """,  # noqa: S608 (a constant of this module)
)


def lock_lots(tx: Tx, lot_ids: Iterable[UUID]) -> dict[UUID, Lot]:
    """Lots as they are and stay until the transaction ends; after the cells, by their ids."""
    return {lot.id: lot for lot in _LOCK.all(tx, lot_ids=uuids(lot_ids))}


_LOCK = query(
    Lot,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.lot AS l
    WHERE l.id = ANY(%(lot_ids)s::uuid[])
    ORDER BY l.id
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def insert_lots(tx: Tx, lots: Sequence[Lot]) -> None:
    """Write new lots; those that somebody else has made by now are left as they are."""
    rows = [
        (
            lot.id,
            lot.item_id,
            lot.code,
            lot.code_key,
            lot.serial,
            lot.expires_on,
            lot.made_on,
            lot.supplier_reference,
            lot.created_at,
        )
        for lot in sorted(lots, key=lambda lot: lot.key)
    ]
    _INSERT.run(tx, rows)


_INSERT = bulk("""
    INSERT INTO inventory.lot
        (id, item_id, code, code_key, serial, expires_on, made_on, supplier_reference, created_at)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::bool[], %s::date[],
                         %s::date[], %s::text[], %s::timestamptz[])
    ON CONFLICT (item_id, code_key) DO NOTHING
""")


def write_lot(tx: Tx, lot: Lot) -> None:
    """Change what is said of a lot that the caller has locked."""
    _WRITE.run(
        tx,
        id=lot.id,
        expires_on=lot.expires_on,
        made_on=lot.made_on,
        supplier_reference=lot.supplier_reference,
        state=lot.state,
        reason=lot.reason,
    )


_WRITE = statement("""
    UPDATE inventory.lot
    SET expires_on = %(expires_on)s, made_on = %(made_on)s,
        supplier_reference = %(supplier_reference)s, state = %(state)s, reason = %(reason)s
    WHERE id = %(id)s
""")

LOT = Stream(
    "lot",
    bulk_query(
        RaisedVersion,
        """
        UPDATE inventory.lot AS l
        SET version = l.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE l.id = d.id
        RETURNING l.id, l.version
        """,
    ),
)
"""The timeline of a lot."""
