"""Files of items, prices, stock, places, customers and kits over HTTP: read, looked at, run."""

import base64
import binascii
import io
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.endpoints import BULK_BODY_MAX, Endpoint, reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.flows.data_imports import (
    PERMISSION,
    check_import,
    require_own_import,
    resume_import,
    run_import,
    stop_import,
    undo_import,
)
from ordito.flows.import_orders import Source
from ordito.flows.read_imports import read_file
from ordito.intake.tables import TableOptions
from ordito.kernel.asks import Ask
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.problems import Fault, InvalidInput
from ordito.uploads.jobs import list_imports, read_import
from ordito.uploads.rows import list_rows
from ordito.uploads.types import DataImport, ImportKind, RowOutcome, UploadRow

TAG = "Data imports"
_JOB = "/data-imports/{import_id}"


class BringFile(Ask, frozen=True, kw_only=True):
    """A file: its text, or (a workbook, another encoding, packed) its bytes in base64."""

    kind: ImportKind
    file_name: Annotated[str, Meta(min_length=1, max_length=300)] = "file.csv"
    content: str = ""
    content_base64: str = ""
    encoding: Annotated[str, Meta(max_length=20)] = ""
    """Of the bytes, when it would be guessed wrongly."""


class ImportKey(Ask, frozen=True, kw_only=True):
    import_id: UUID


class RowParams(Ask, frozen=True, kw_only=True):
    """after: `n` of the last row of the page before; outcome: only these."""

    import_id: UUID
    outcome: RowOutcome | None = None
    after: Annotated[int, Meta(ge=-1, le=1_000_000)] = -1
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200


class UploadRows(msgspec.Struct, frozen=True):
    """Rows in the file's order."""

    items: list[UploadRow]


def bring_file(
    db: Database, actor: Actor, ask: BringFile, *, key: str | None, request_id: str
) -> DataImport:
    """Read a file into an import. Nothing is done with it: sent again, it is read again."""
    content = ask.content.encode("utf-8-sig") if ask.content else _bytes(ask.content_base64)
    source = Source(ask.file_name, lambda: io.BytesIO(content))
    encoding = "utf-8-sig" if ask.content else ask.encoding
    return read_file(db, actor, ask.kind, source, options=TableOptions(encoding=encoding))


def _bytes(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error:
        detail = "This is not base64."
        raise InvalidInput(
            "The file can't be read.", errors=[Fault("/content_base64", "not-base64", detail)]
        ) from None
    if not content:
        detail = "Send the file's text, or its bytes as content_base64."
        raise InvalidInput("There is no file.", errors=[Fault("/content", "required", detail)])
    return content


def list_data_imports(tx: Tx, params: PageParams) -> Page[DataImport]:
    """The caller's imports, newest first; of everybody for those who manage access."""
    before = read_cursor(params.cursor, tuple[UUID])
    everybody = "access.write" in tx.actor.permissions
    rows = list_imports(
        tx,
        actor_id=None if everybody else tx.actor.id,
        before=before[0] if before else None,
        limit=params.limit + 1,
    )
    return page(rows, params, lambda row: (row.id,))


def get_data_import(tx: Tx, params: ImportKey) -> DataImport:
    """What the columns mean, how far it is, and how many rows became what."""
    return require_own_import(read_import(tx, params.import_id), tx.actor)


def list_data_import_rows(tx: Tx, params: RowParams) -> UploadRows:
    """What each row would do, or did: before and after of each field, or what is wrong."""
    require_own_import(read_import(tx, params.import_id), tx.actor)
    found = list_rows(
        tx, params.import_id, outcome=params.outcome, after=params.after, limit=params.limit
    )
    return UploadRows(found)


_RESTING = ("action-not-allowed",)

ENDPOINTS = [
    reading("/data-imports", TAG, "List imports of data", list_data_imports, PERMISSION),
    Endpoint(method="POST", path="/data-imports", tag=TAG, kind="story", status=201,
             summary="Bring a file in", permission=PERMISSION, call=bring_file, ask=BringFile,
             answer=DataImport, body_max=BULK_BODY_MAX, problems=("file-unreadable",
                                                                "file-too-large"),
             description="CSV (also packed by gzip) or .xlsx with a row of headings. The file is"
             " read and its columns are guessed; check it next, then run it.",
             example={"kind": "items", "file_name": "items.csv",
                      "content": "sku,name\nCUP-RED,Red cup\n"}),
    reading(_JOB, TAG, "Read an import of data", get_data_import, PERMISSION),
    reading(f"{_JOB}/rows", TAG, "List the rows of an import", list_data_import_rows, PERMISSION),
    writing("POST", f"{_JOB}/check", TAG, "Look what an import would do", check_import,
            problems=_RESTING, example={"mapping": {"Item": "sku", "Title": "name"}},
            description="A worker goes through the rows as a run would, and writes nothing but"
            " what it found: poll the import until it is “checked”."),
    writing("POST", f"{_JOB}/run", TAG, "Carry an import out", run_import,
            problems=("action-not-allowed", "already-exists")),
    writing("POST", f"{_JOB}/stop", TAG, "Stop an import", stop_import, problems=_RESTING),
    writing("POST", f"{_JOB}/resume", TAG, "Let an import go on", resume_import,
            problems=_RESTING),
    writing("POST", f"{_JOB}/undo", TAG, "Undo an import", undo_import, problems=_RESTING,
            description="Each row is put back where nothing else has happened since: items get"
            " their earlier values, new ones go off sale, counts and receipts are counter-posted."
            " Bins, locations and customers can't be undone as a whole."),
]  # fmt: skip
