"""What a check is, what it may be restricted to, and what the doctor reports."""

from typing import Any, Literal
from uuid import UUID

import msgspec

Severity = Literal["violation", "warning"]

Reach = Literal["orders", "cells", "everything"]
"""What a check can be restricted to: given orders, given cells, or nothing."""


class Check(msgspec.Struct, frozen=True):
    """Something that must be true. `sql` selects what isn't so; no rows means that all is well.

    hint:  what to do about it.
    sql:   `… IN ORDERS` after an order id, or `… IN CELLS` after the alias of a row with item_id
           and location_id, stands for the restriction (see questions.py).
    reach: which of the two the text has.
    shape: a type that the column `body` of every row must convert to; only the rows that don't
           are wrong. For tables of a few rows.
    """

    id: str
    title: str
    hint: str
    sql: str
    reach: Reach = "everything"
    severity: Severity = "violation"
    shape: Any = None


class Scope(msgspec.Struct, frozen=True):
    """Orders by id and cells as (item id, location id), to look at nothing else."""

    order_ids: tuple[UUID, ...] = ()
    cells: tuple[tuple[UUID, UUID], ...] = ()


class Finding(msgspec.Struct, frozen=True):
    """A check that found something. samples: at most 20 rows; count: how many there are."""

    id: str
    title: str
    severity: Severity
    hint: str
    count: int
    samples: list[dict[str, Any]]


class CheckTime(msgspec.Struct, frozen=True):
    id: str
    ms: float


class Report(msgspec.Struct, frozen=True):
    """An examination. checked: how many checks were asked; times: of each, in a full one."""

    checked: int
    findings: list[Finding]
    ms: float
    times: list[CheckTime] = []

    @property
    def exit_code(self) -> int:
        """0: all is well, 1: only warnings, 2: something is not as it must be."""
        severities = {finding.severity for finding in self.findings}
        return 2 if "violation" in severities else 1 if severities else 0
