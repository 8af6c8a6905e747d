"""Assemblies: items made of others, what was planned, taken, made and spoiled; and recipes."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.inventory.assembly_asks import AssemblyState
from ordito.platform.arrays import texts, uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream


class PartLine(msgspec.Struct, frozen=True):
    """A part of an assembly as it is kept, in pieces."""

    line_no: int
    item_id: UUID
    per_unit: int
    taken: int = 0
    returned: int = 0
    scrapped: int = 0


class Assembly(msgspec.Struct, frozen=True):
    id: UUID
    number: int
    location_id: UUID
    item_id: UUID
    state: AssemblyState
    planned: int
    made: int
    spoiled: int
    step: str
    partner: str
    reference: str
    note: str
    due_on: date | None
    created_at: datetime
    created_by: UUID
    started_at: datetime | None
    ended_at: datetime | None
    version: int
    parts: list[PartLine]

    @property
    def open(self) -> int:
        """Units still to be made."""
        under_way = self.state in ("draft", "started", "partly_made")
        return self.planned - self.made - self.spoiled if under_way else 0

    def left_of(self, part: PartLine) -> int:
        """Pieces of a part that were taken and are in nothing that was made."""
        return part.taken - part.returned - part.scrapped - part.per_unit * self.made


ACTIONS: dict[AssemblyState, tuple[str, ...]] = {
    "draft": ("change", "start", "cancel"),
    "started": ("change", "book", "close"),
    "partly_made": ("change", "book", "close"),
    "finished": (),
    "cancelled": (),
}
"""What each state allows."""


def derive_state(planned: int, made: int, spoiled: int) -> AssemblyState:
    """The state of an assembly that was started and not closed, from its units."""
    if made + spoiled == planned:
        return "finished"
    return "partly_made" if made or spoiled else "started"


def insert_assembly(tx: Tx, assembly: Assembly) -> int:
    """Write a new draft; its number. The first event makes its version 1."""
    number = _INSERT.one(
        tx,
        id=assembly.id,
        location_id=assembly.location_id,
        item_id=assembly.item_id,
        planned=assembly.planned,
        step=assembly.step,
        partner=assembly.partner,
        reference=assembly.reference,
        note=assembly.note,
        due_on=assembly.due_on,
        created_at=assembly.created_at,
        created_by=assembly.created_by,
    )
    put_parts(tx, assembly.id, assembly.parts)
    return number


_INSERT = query(
    int,
    """
    INSERT INTO inventory.assembly
        (id, number, location_id, item_id, state, planned, step, partner, reference, note, due_on,
         created_at, created_by)
    VALUES
        (%(id)s, nextval('inventory.assembly_number'), %(location_id)s, %(item_id)s, 'draft',
         %(planned)s, %(step)s, %(partner)s, %(reference)s, %(note)s, %(due_on)s, %(created_at)s,
         %(created_by)s)
    RETURNING number
    """,
)


def replace_parts(tx: Tx, assembly_id: UUID, parts: Sequence[PartLine]) -> None:
    """Write all parts of a locked assembly anew."""
    _EMPTY.run(tx, id=assembly_id)
    put_parts(tx, assembly_id, parts)


_EMPTY = statement("DELETE FROM inventory.assembly_part WHERE assembly_id = %(id)s")


def put_parts(tx: Tx, assembly_id: UUID, parts: Sequence[PartLine]) -> None:
    """Write parts of a locked assembly, those that are there as they are now."""
    _PUT_PARTS.run(
        tx,
        [
            (assembly_id, x.line_no, x.item_id, x.per_unit, x.taken, x.returned, x.scrapped)
            for x in parts
        ],
    )


_PUT_PARTS = bulk("""
    INSERT INTO inventory.assembly_part
        (assembly_id, line_no, item_id, per_unit, taken, returned, scrapped)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::int8[], %s::int8[], %s::int8[],
                         %s::int8[])
    ON CONFLICT (assembly_id, line_no) DO UPDATE
        SET taken = excluded.taken, returned = excluded.returned, scrapped = excluded.scrapped
""")


def write_assembly(tx: Tx, assembly: Assembly) -> None:
    """Write the head of a locked assembly."""
    _WRITE.run(
        tx,
        id=assembly.id,
        state=assembly.state,
        planned=assembly.planned,
        made=assembly.made,
        spoiled=assembly.spoiled,
        step=assembly.step,
        partner=assembly.partner,
        reference=assembly.reference,
        note=assembly.note,
        due_on=assembly.due_on,
        started_at=assembly.started_at,
        ended_at=assembly.ended_at,
    )


_WRITE = statement("""
    UPDATE inventory.assembly
    SET state = %(state)s, planned = %(planned)s, made = %(made)s, spoiled = %(spoiled)s,
        step = %(step)s, partner = %(partner)s, reference = %(reference)s, note = %(note)s,
        due_on = %(due_on)s, started_at = %(started_at)s, ended_at = %(ended_at)s
    WHERE id = %(id)s
""")

_COLUMNS = """
           a.id, a.number, a.location_id, a.item_id, a.state, a.planned, a.made, a.spoiled, a.step,
           a.partner, a.reference, a.note, a.due_on, a.created_at, a.created_by, a.started_at,
           a.ended_at, a.version,
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'line_no', p.line_no, 'item_id', p.item_id, 'per_unit', p.per_unit,
                       'taken', p.taken, 'returned', p.returned, 'scrapped', p.scrapped
                   ) ORDER BY p.line_no), '[]')
            FROM inventory.assembly_part AS p
            WHERE p.assembly_id = a.id) AS parts"""


def lock_assembly(tx: Tx, assembly_id: UUID) -> Assembly | None:
    """Lock an assembly; the lock comes before those of orders and cells."""
    if _LOCK.first(tx, id=assembly_id) is None:
        return None
    # Read after the lock is held: the parts belong to the row as it is now.
    return read_assembly(tx, assembly_id)


_LOCK = query(UUID, "SELECT id FROM inventory.assembly WHERE id = %(id)s FOR NO KEY UPDATE")


def read_assembly(tx: Tx, assembly_id: UUID) -> Assembly | None:
    return _READ.first(tx, id=assembly_id)


_READ = query(
    Assembly,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.assembly AS a
    WHERE a.id = %(id)s
    """,  # noqa: S608 (a constant of this module)
)


def find_assembly(tx: Tx, number: int) -> UUID | None:
    return _BY_NUMBER.first(tx, number=number)


_BY_NUMBER = query(UUID, "SELECT id FROM inventory.assembly WHERE number = %(number)s")


def list_assemblies(
    tx: Tx,
    *,
    location_ids: Iterable[UUID] | None = None,
    item_id: UUID | None = None,
    states: Iterable[AssemblyState] | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Assembly]:
    """Assemblies, newest first; the next page is `before` the last one's id.

    location_ids: only those there; None is all. item_id: only those that make it.
    """
    return _LIST.all(
        tx,
        location_ids=None if location_ids is None else uuids(location_ids),
        item_id=item_id,
        states=None if states is None else texts(states),
        before=before or UUID(int=2**128 - 1),
        limit=limit,
    )


_LIST = query(
    Assembly,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.assembly AS a
    WHERE a.id < %(before)s
      AND (%(location_ids)s::uuid[] IS NULL OR a.location_id = ANY(%(location_ids)s::uuid[]))
      AND (%(item_id)s::uuid IS NULL OR a.item_id = %(item_id)s::uuid)
      AND (%(states)s::text[] IS NULL OR a.state = ANY(%(states)s::text[]))
    ORDER BY a.id DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


ASSEMBLY = Stream(
    "assembly",
    bulk_query(
        RaisedVersion,
        """
        UPDATE inventory.assembly AS a
        SET version = a.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE a.id = d.id
        RETURNING a.id, a.version
        """,
    ),
)
"""The timeline of an assembly."""


class RecipeLine(msgspec.Struct, frozen=True):
    """A part of what an item is made of: pieces for one unit."""

    part_item_id: UUID
    per_unit: int


def read_recipe(tx: Tx, item_id: UUID) -> list[RecipeLine]:
    """What an item is made of, in its order; nothing where it isn't made."""
    return _RECIPE.all(tx, item_id=item_id)


_RECIPE = query(
    RecipeLine,
    """
    SELECT part_item_id, per_unit
    FROM inventory.recipe_part
    WHERE item_id = %(item_id)s
    ORDER BY line_no
    LIMIT 10000
    """,
)


def find_makers(tx: Tx, part_ids: Iterable[UUID]) -> set[UUID]:
    """Items whose recipes need any of the parts, at any depth."""
    return set(_MAKERS.all(tx, part_ids=uuids(part_ids)))


_MAKERS = query(
    UUID,
    """
    WITH RECURSIVE above (item_id) AS (
        SELECT r.item_id
        FROM inventory.recipe_part AS r
        WHERE r.part_item_id = ANY(%(part_ids)s::uuid[])
        UNION
        SELECT r.item_id
        FROM above AS a
        JOIN inventory.recipe_part AS r ON r.part_item_id = a.item_id
    )
    SELECT a.item_id
    FROM above AS a
    LIMIT 100000
    """,
)


def write_recipe(tx: Tx, item_id: UUID, parts: Sequence[RecipeLine]) -> None:
    """Write what an item is made of anew; its row is locked by the caller."""
    _EMPTY_RECIPE.run(tx, item_id=item_id)
    rows = [(item_id, n, part.part_item_id, part.per_unit) for n, part in enumerate(parts, 1)]
    _PUT_RECIPE.run(tx, rows)


_EMPTY_RECIPE = statement("DELETE FROM inventory.recipe_part WHERE item_id = %(item_id)s")

_PUT_RECIPE = bulk("""
    INSERT INTO inventory.recipe_part (item_id, line_no, part_item_id, per_unit)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::int8[])
""")
