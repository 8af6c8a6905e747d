"""Every check fires on what it guards, broken by hand, and is silent on a busy database."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from ordito.listings.doctor.examination import CHECKS, ask, everything_in
from ordito.listings.doctor.questions import ask_some, parameters
from ordito.listings.doctor.reference_checks import (
    AROUND_ORDERS,
    DOCUMENTS,
    INTAKE,
    ORDERS,
    SETTINGS,
    STOCK,
    Reference,
)
from tests import make
from tests.doctor.corruptions import CORRUPTIONS, NOBODY, Corruption

BY_ID = {check.id: check for check in CHECKS}

REFERENCES = [
    (check, reference)
    for check, references in (
        ("X1", ORDERS),
        ("X2", AROUND_ORDERS),
        ("X3", STOCK),
        ("X4", DOCUMENTS),
        ("X5", SETTINGS),
        ("X6", INTAKE),
    )
    for reference in references
]

Conn = psycopg.Connection[Any]


def corrupt(conn: Conn, corruption: Corruption) -> None:
    """Break the data as someone does who may do anything: past triggers and constraints."""
    conn.execute("SET session_replication_role = replica")
    for table in corruption.unguarded:
        constraints = conn.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'",
            (table,),
        ).fetchall()
        for (name,) in constraints:
            conn.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    conn.execute(corruption.sql)


def found_in_scope(conn: Conn, busy: make.Shop, check_id: str) -> bool:
    """Whether the check fires too when asked of all orders and cells there are, as a scope."""
    rows = conn.execute(ask_some([BY_ID[check_id]]), parameters(everything_in(busy.db))).fetchall()
    return bool(rows)


def name_of(corruption: Corruption) -> str:
    words = re.sub(r"[^a-z_.]+", " ", corruption.sql.lower()).split()
    return f"{corruption.check}-{'-'.join(words[:6])}"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_is_silent_on_a_busy_database(conn: Conn, busy: make.Shop, check: Any) -> None:
    finding = ask(conn, check)
    assert finding is None
    if check.reach != "everything":
        assert not found_in_scope(conn, busy, check.id)


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=name_of)
def test_a_check_fires_on_what_it_guards(
    conn: Conn, busy: make.Shop, corruption: Corruption
) -> None:
    check = BY_ID[corruption.check]
    scope = parameters(everything_in(busy.db))
    corrupt(conn, corruption)
    finding = ask(conn, check)
    assert finding is not None
    assert "could_not_be_checked" not in finding.samples[0]
    assert 1 <= len(finding.samples) <= min(20, finding.count)
    if check.reach != "everything" and corruption.scoped:
        assert conn.execute(ask_some([check]), scope).fetchall()


@pytest.mark.parametrize(
    ("check_id", "reference"), REFERENCES, ids=lambda x: getattr(x, "column", None)
)
def test_an_id_of_nothing_is_found_wherever_it_stands(
    conn: Conn, busy: make.Shop, check_id: str, reference: Reference
) -> None:
    conn.execute("SET session_replication_role = replica")
    row = conn.execute(
        f"SELECT ctid::text FROM {reference.table} WHERE {reference.column} IS NOT NULL LIMIT 1"
    ).fetchone()
    assert row is not None, f"the busy shop has no {reference.table}.{reference.column}"
    nobody = f"ARRAY[{NOBODY}::uuid]" if reference.many else NOBODY
    conn.execute(
        f"UPDATE {reference.table} SET {reference.column} = {nobody} WHERE ctid = %s::tid", row
    )
    finding = ask(conn, BY_ID[check_id])
    assert finding is not None
    assert finding.samples[0]["table"] == reference.table
    assert finding.samples[0]["column"] == reference.column


def test_clocks_that_differ_are_told(conn: Conn, busy: make.Shop) -> None:
    check = BY_ID["I40c"]
    assert ask(conn, check, now=lambda: datetime.now(UTC) - timedelta(seconds=3)) is not None


def test_every_check_has_a_corruption_and_an_id_of_its_own() -> None:
    covered = {corruption.check for corruption in CORRUPTIONS}
    covered |= {check_id for check_id, _ in REFERENCES} | {"I40c"}
    assert {check.id for check in CHECKS} == covered
    assert len(BY_ID) == len(CHECKS)


def test_every_check_says_what_must_be_true_and_what_to_do() -> None:
    for check in CHECKS:
        assert len(check.title) <= 100, check.id
        assert check.hint.endswith("."), check.id
        assert (" IN ORDERS" in check.sql) == (check.reach == "orders"), check.id
        assert (" IN CELLS" in check.sql) == (check.reach == "cells"), check.id
