"""Read a file that somebody brings in: its rows are kept, and nothing is done with them yet."""

import hashlib
from collections.abc import Iterator
from uuid import UUID

import msgspec

from ordito.flows.data_imports import PERMISSION, ImportAsk, suggest_mapping
from ordito.flows.import_acts import ACTS
from ordito.flows.import_orders import Source
from ordito.intake.problems import FileTooLarge, FileUnreadable
from ordito.intake.tables import Table, TableOptions, open_table
from ordito.intake.types import Row
from ordito.kernel.asks import Ask
from ordito.kernel.ids import new_id
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import ActionNotAllowed, NotFound
from ordito.uploads.events import ImportRead
from ordito.uploads.jobs import IMPORT, insert_import, lock_import, write_import
from ordito.uploads.rows import NewRow, count_rows, insert_rows
from ordito.uploads.types import DataImport, ImportKind, RowFault

ROWS_MAX = 200_000
KITS_ROWS_MAX = 10_000
COLUMNS_MAX = 300
GROUP = 2_000
_CELL_MAX = 5_000


class BeginDataImport(Ask, frozen=True, kw_only=True):
    """A file with these headings is about to be read."""

    import_id: UUID
    kind: ImportKind
    file_name: str
    columns: tuple[str, ...]


class KeepRows(Ask, frozen=True, kw_only=True):
    import_id: UUID
    rows: tuple[NewRow, ...]


class EndReading(ImportAsk, frozen=True, kw_only=True):
    digest: str


class RowsKept(msgspec.Struct, frozen=True):
    count: int


@command(permission=PERMISSION)
def begin_data_import(tx: Tx, ask: BeginDataImport) -> DataImport:
    """Make an import that has no rows yet; what its columns mean is guessed."""
    ACTS[ask.kind].require(tx.actor)
    mapping, options = suggest_mapping(tx, ask.kind, ask.columns)
    job = DataImport(
        id=ask.import_id,
        actor_kind=tx.actor.kind,
        actor_id=tx.actor.id,
        kind=ask.kind,
        file_name=ask.file_name[:300],
        digest="",
        columns=list(ask.columns),
        mapping=mapping,
        options=options,
        state="read",
        phase="read",
        ran=False,
        total=0,
        chunks_done=0,
        counts={},
        problem=None,
        created_at=tx.now,
        ended_at=None,
        version=1,
    )
    insert_import(tx, job)
    tx.emit(IMPORT, job.id, ImportRead(job.kind))
    return job


@command(permission=PERMISSION)
def keep_rows(tx: Tx, ask: KeepRows) -> RowsKept:
    """Keep rows of a file that is being read."""
    _being_read(tx, ask.import_id)
    insert_rows(tx, ask.import_id, ask.rows)
    return RowsKept(len(ask.rows))


@command(permission=PERMISSION)
def end_reading(tx: Tx, ask: EndReading) -> DataImport:
    """All rows are there."""
    job = _being_read(tx, ask.import_id)
    total = count_rows(tx, job.id)
    if not total:
        raise FileUnreadable(f"{job.file_name} has headings, but no rows under them.")
    job = msgspec.structs.replace(job, digest=ask.digest, total=total)
    write_import(tx, job)
    return job


def _being_read(tx: Tx, import_id: UUID) -> DataImport:
    job = lock_import(tx, import_id)
    if job is None or job.actor_id != tx.actor.id:
        raise NotFound("There is no such import, or it is somebody else's.")
    if job.total:
        raise ActionNotAllowed("The file was read to its end; its rows don't change any more.")
    return job


def read_file(
    db: Database,
    actor: Actor,
    kind: ImportKind,
    source: Source,
    *,
    options: TableOptions | None = None,
) -> DataImport:
    """Read a file (CSV, also packed by gzip, or .xlsx) into an import whose columns are guessed.

    Raises FileUnreadable, FileTooLarge, NotPermitted. A file that can't be read to its end leaves
    an import without a total, which nothing can be done with.
    """
    actor.require(PERMISSION)
    ACTS[kind].require(actor)
    content = hashlib.blake2b(digest_size=16)
    with source.open() as stream:
        table = open_table(stream, source.name, options)
        if len(table.columns) > COLUMNS_MAX:
            raise FileUnreadable(
                f"{source.name} has {len(table.columns)} columns; {COLUMNS_MAX} are read. "
                "Is it the right file?"
            )
        columns = tuple(_stored(name)[:200] for name in table.columns)
        content.update(msgspec.json.encode([kind, columns]))
        id_ = new_id()
        begun = BeginDataImport(
            import_id=id_, kind=kind, file_name=_stored(source.name), columns=columns
        )
        for n, group in enumerate(_groups(kind, source.name, table)):
            if n == 0:
                run(db, actor, begin_data_import, begun)
            content.update(msgspec.json.encode([row.cells for row in group]))
            run(db, actor, keep_rows, KeepRows(import_id=id_, rows=tuple(group)))
            begun = msgspec.structs.replace(begun, file_name="")
    if begun.file_name:
        raise FileUnreadable(f"{source.name} has headings, but no rows under them.")
    return run(db, actor, end_reading, EndReading(import_id=id_, digest=content.hexdigest()))


def _groups(kind: ImportKind, name: str, table: Table) -> Iterator[list[NewRow]]:
    most = KITS_ROWS_MAX if kind == "kits" else ROWS_MAX
    group: list[NewRow] = []
    for n, row in enumerate(table):
        if n >= most:
            raise FileTooLarge(f"{name} has more than {most:,} rows. Split it and bring the parts.")
        group.append(_kept(n, row))
        if len(group) == GROUP:
            yield group
            group = []
    if group:
        yield group


def _kept(n: int, row: Row) -> NewRow:
    cells = [_stored(cell) for cell in row.cells[: COLUMNS_MAX + 1]]
    fault = RowFault("", row.fault_code, row.fault_detail) if row.fault_code else None
    if fault is None and any(len(cell) > _CELL_MAX for cell in cells):
        detail = f"A cell of line {row.line} is longer than {_CELL_MAX:,} characters. Shorten it."
        fault = RowFault("", "too-long", detail)
    return NewRow(n, row.line, [cell[:_CELL_MAX] for cell in cells], fault)


def _stored(text: str) -> str:
    """The text as the database can keep it."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
