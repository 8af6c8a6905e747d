"""The audit chain: what was written is sealed later, and a change of it is found."""

from typing import Any

import psycopg
import pytest

from ordito.listings.doctor.examination import CHECKS, ask
from ordito.listings.doctor.types import Finding
from ordito.platform.database import Database
from ordito.platform.seals import POSITIONS, seal_feed
from tests import make

FOUND = next(check for check in CHECKS if check.id == "I39")


def write_feed(db: Database, upto: int) -> None:
    """Events of one stream, in the feed at the positions after the newest one."""
    with make.owner(db) as conn:
        conn.execute(
            "WITH made AS ("
            " INSERT INTO platform.event (stream_id, seq, stream, kind, version, at, actor_kind,"
            " actor_id, body)"
            " SELECT '00000000-0000-0000-0000-00000000000f', n, 'item', 'item.changed', 1, now(),"
            " 'system', '00000000-0000-0000-0000-000000000000', jsonb_build_object('n', n)"
            " FROM generate_series((SELECT coalesce(max(position), 0) + 1 FROM platform.feed), %s)"
            " AS n RETURNING stream_id, seq, kind)"
            " INSERT INTO platform.feed (position, stream_id, seq, kind)"
            " SELECT seq, stream_id, seq, kind FROM made",
            (upto,),
        )


def broken(db: Database) -> Finding | None:
    with psycopg.connect(db.dsn) as conn:
        return ask(conn, FOUND)


def seals(db: Database) -> list[Any]:
    with db.connection() as conn:
        return conn.execute(
            "SELECT no, last_position, hash FROM platform.seal ORDER BY no"
        ).fetchall()


def test_whole_stretches_are_sealed_once(db: Database) -> None:
    write_feed(db, 2 * POSITIONS - 1)
    assert seal_feed(db) == 1
    assert seal_feed(db) == 0
    first = seals(db)
    write_feed(db, 2 * POSITIONS)
    assert seal_feed(db) == 1
    assert [row[:2] for row in seals(db)] == [(1, POSITIONS), (2, 2 * POSITIONS)]
    assert seals(db)[0] == first[0]
    assert broken(db) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE platform.event SET body = '{\"n\": 7000}' WHERE seq = 700",
        "UPDATE platform.event SET at = at - interval '1 microsecond' WHERE seq = 700",
        "UPDATE platform.event SET actor_id = stream_id WHERE seq = 700",
        "DELETE FROM platform.event WHERE seq = 700",
        "DELETE FROM platform.feed WHERE position = 700",
        "UPDATE platform.seal SET hash = sha256('x') WHERE no = 1",
        "DELETE FROM platform.seal WHERE no = 1",
    ],
)
def test_whatever_is_changed_later_is_found(db: Database, change: str) -> None:
    write_feed(db, 2 * POSITIONS)
    assert seal_feed(db) == 2
    assert broken(db) is None
    with make.owner(db) as conn:
        conn.execute(change.encode())
    finding = broken(db)
    assert finding is not None
    assert finding.samples[0]["seal"] in (1, 2)
