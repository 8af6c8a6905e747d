"""Files that people bring in, as they are kept."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

ImportKind = Literal[
    "items",
    "prices",
    "counts",
    "receipts",
    "expected",
    "bins",
    "locations",
    "customers",
    "kits",
    "limits",
]
ImportState = Literal[
    "read",
    "checking",
    "checked",
    "running",
    "stopped",
    "failed",
    "finished",
    "undoing",
    "undone",
]
Phase = Literal["read", "check", "run", "undo"]
RowOutcome = Literal["new", "changed", "same", "faulty", "undone", "kept"]
DecimalMark = Literal["point", "comma", "either"]

AT_WORK: dict[ImportState, Phase] = {"checking": "check", "running": "run", "undoing": "undo"}
"""States in which the worker goes on, and what it does."""


class ImportOptions(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What holds for all rows.

    decimal_mark: which character begins the decimals; “either” refuses what can mean two numbers.
    currency:     of prices whose column doesn't say it.
    location:     code, where the file has no column for it.
    """

    decimal_mark: DecimalMark = "either"
    currency: str = ""
    location: str = ""


class RowFault(msgspec.Struct, frozen=True):
    """One thing wrong with a row; `field` is "" when it is the row as a whole."""

    field: str
    code: str
    detail: str


class DataImport(msgspec.Struct, frozen=True):
    """A file, what its columns mean, and how far it is.

    mapping: heading → field; headings that are not read are absent.
    counts:  phase (check, run, undo) → outcome → rows.
    ran:     whether rows of it may have been written.
    """

    id: UUID
    actor_kind: Literal["user", "key", "system"]
    actor_id: UUID
    kind: ImportKind
    file_name: str
    digest: str
    columns: list[str]
    mapping: dict[str, str]
    options: ImportOptions
    state: ImportState
    phase: Phase
    ran: bool
    total: int
    chunks_done: int
    counts: dict[str, dict[str, int]]
    problem: dict[str, Any] | None
    created_at: datetime
    ended_at: datetime | None
    version: int

    def done(self, phase: Phase) -> int:
        """Rows that the phase has been through."""
        return sum(self.counts.get(phase, {}).values())


class UploadRow(msgspec.Struct, frozen=True):
    """A row of a file, and what became of it (outcome None: nothing yet).

    changes: field → what it was and what it is.
    """

    n: int
    line: int
    cells: list[str]
    damaged: bool
    phase: Phase
    outcome: RowOutcome | None
    changes: dict[str, tuple[Any, Any]] | None
    faults: list[RowFault] | None
    thing_id: UUID | None


class RowResult(msgspec.Struct, frozen=True):
    """What became of one row in one phase."""

    n: int
    outcome: RowOutcome
    changes: dict[str, tuple[Any, Any]] | None = None
    faults: list[RowFault] | None = None
    thing_id: UUID | None = None
