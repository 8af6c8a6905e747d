"""Parked messages are tried again after a fix, counted anew, or refused for good."""

from uuid import UUID

import pytest

from ordito.flows.replay_message import (
    RefuseMessage,
    ReplayMessage,
    refuse_message,
    replay_message,
)
from ordito.intake import inbox
from ordito.intake.imports import read_run
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, NotFound, NotPermitted
from tests import make
from tests.flows.invariants import assert_sound
from tests.flows.order_files import body, counts, rows, take
from tests.make import BOSS

DAY = "2010-12-01"
BACK = ("C9", "TEA", -1, "2010-12-05", "2.00", "1.0")
ORDER = ("500001", "TEA", 3, DAY, "2.00", "1.0")


def parked(db: Database) -> list[inbox.Message]:
    with db.reading(BOSS) as tx:
        return inbox.list_messages(tx)


def tally(db: Database, run_id: UUID | None) -> dict[str, int]:
    assert run_id is not None
    with db.reading(BOSS) as tx:
        found = read_run(tx, run_id)
    assert found is not None
    return {kind: told.count for kind, told in found.tallies.items() if told.count}


def test_a_cancellation_finds_its_order_once_that_is_there(db: Database) -> None:
    report = take(db, body(BACK))
    assert counts(report) == {"parked": 1}
    take(db, body(ORDER))
    (message,) = parked(db)
    after = replay_message(db, BOSS, ReplayMessage(message_id=message.id))
    assert (after.state, after.reason, after.attempts, after.version) == ("done", "", 2, 2)
    assert tally(db, report.run_id) == {"return": 1}
    assert rows(db, "SELECT returned FROM orders.line") == [(1,)]
    assert_sound(db)


def test_a_live_order_is_placed_when_its_item_was_made(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"cup": 5}})
    report = take(db, body(ORDER), mode="live")
    (message,) = parked(db)
    still = replay_message(db, BOSS, ReplayMessage(message_id=message.id))
    assert (still.state, still.reason, still.attempts) == ("parked", "unknown-sku", 2)
    with db.connection() as conn:
        conn.execute("UPDATE catalog.item SET sku = 'TEA', sku_key = 'tea' WHERE sku = 'cup'")
    after = replay_message(db, BOSS, ReplayMessage(message_id=message.id))
    assert after.state == "done"
    (order_id,) = after.results["order"]
    assert rows(db, "SELECT id::text FROM orders.sales_order") == [(order_id,)]
    assert tally(db, report.run_id) == {"order": 1, "line": 1}
    assert make.free(shop, "cup") == {"A": 2}
    with pytest.raises(ActionNotAllowed):
        replay_message(db, BOSS, ReplayMessage(message_id=message.id))
    assert_sound(db)


def test_messages_of_channels_out_of_scope_do_not_exist(db: Database) -> None:
    take(db, body(BACK))
    (message,) = parked(db)
    other = Actor("user", UUID(int=9), "Other", BOSS.permissions, frozenset((UUID(int=3),)))
    with pytest.raises(NotFound):
        replay_message(db, other, ReplayMessage(message_id=message.id))
    with db.reading(other) as tx:
        assert inbox.list_messages(tx) == []
        assert inbox.count_parked(tx) == 0
    reader = Actor("user", UUID(int=9), "Reader", frozenset(("intake.read",)))
    with pytest.raises(NotPermitted):
        replay_message(db, reader, ReplayMessage(message_id=message.id))


def test_what_is_refused_is_not_tried_again(db: Database) -> None:
    take(db, body(BACK))
    (message,) = parked(db)
    after = run(db, BOSS, refuse_message, RefuseMessage(message_id=message.id, words="A test."))
    assert (after.state, after.words) == ("refused", "A test.")
    with pytest.raises(ActionNotAllowed):
        replay_message(db, BOSS, ReplayMessage(message_id=message.id))
    assert parked(db) == []


def test_the_second_of_two_equal_corrections_stays_the_second(db: Database) -> None:
    make.shop(db)
    correction = ("536370", "TEA", 5, DAY, "0.00", "")
    other = ("536371", "CUP", 5, DAY, "0.00", "")
    report = take(db, body(correction, other, correction), mode="live")
    assert counts(report) == {"parked": 3}
    for message in parked(db):
        ask = ReplayMessage(message_id=message.id, location="A")
        assert replay_message(db, BOSS, ask).state == "done"
    assert tally(db, report.run_id) == {"adjustment": 3}
    assert_sound(db)
