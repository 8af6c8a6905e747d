"""Files brought in by tests, as people do it: read, looked at, run."""

from typing import Any

from ordito.flows.data_imports import (
    CheckImport,
    ImportAsk,
    check_import,
    finish_work,
    run_import,
    undo_import,
)
from ordito.flows.read_imports import read_file
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.uploads.rows import list_rows
from ordito.uploads.types import DataImport, ImportKind, ImportOptions, RowOutcome, UploadRow
from tests.flows.order_files import source
from tests.make import BOSS


def look(
    db: Database,
    kind: ImportKind,
    content: str | bytes,
    mapping: dict[str, str] | None = None,
    *,
    name: str = "file.csv",
    actor: Actor = BOSS,
    **options: Any,
) -> DataImport:
    """The file, read and checked."""
    text = content.encode() if isinstance(content, str) else content
    job = read_file(db, actor, kind, source(text, name))
    given = ImportOptions(**options) if options else None
    run(db, actor, check_import, CheckImport(import_id=job.id, mapping=mapping, options=given))
    return finish_work(db, actor, job.id)


def take(db: Database, job: DataImport, actor: Actor = BOSS) -> DataImport:
    run(db, actor, run_import, ImportAsk(import_id=job.id))
    return finish_work(db, actor, job.id)


def put_back(db: Database, job: DataImport, actor: Actor = BOSS) -> DataImport:
    run(db, actor, undo_import, ImportAsk(import_id=job.id))
    return finish_work(db, actor, job.id)


def rows_of(db: Database, job: DataImport, outcome: RowOutcome | None = None) -> list[UploadRow]:
    with db.reading(BOSS) as tx:
        return list_rows(tx, job.id, outcome=outcome, limit=1000)


def told(rows: list[UploadRow]) -> list[tuple[int, list[tuple[str, str]]]]:
    """Line, and field and code of each fault."""
    return [(row.line, [(fault.field, fault.code) for fault in row.faults or ()]) for row in rows]
