"""Bulk jobs: frozen at the start, each order once, stopped, killed, gone on with."""

import os
import subprocess
import sys
import threading
import time
from functools import partial
from typing import Any

import pytest

from ordito.desk.jobs import read_export_parts
from ordito.flows.assign_order import assign_order
from ordito.flows.bulk_jobs import (
    BULK_JOBS,
    BulkJobAsk,
    CarryOnBulkJob,
    carry_on,
    carry_on_bulk_job,
    read_printed,
    resume_bulk_job,
    retry_bulk_job,
    stop_bulk_job,
)
from ordito.flows.hold_order import hold_order
from ordito.flows.manage_access import ChangeUser, change_user
from ordito.flows.manage_views import ViewFilter
from ordito.kernel.ids import new_id
from ordito.orders.asks import AssignOrder, HoldOrder, OwnedHold
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.feed import move_pending, read_feed
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound, NotPermitted
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows import acts, bulk_shop


def test_a_filter_is_frozen_when_the_job_begins(db: Database) -> None:
    shop, kasia = make.shop(db), bulk_shop.person(db)
    chosen = set(bulk_shop.place_many(shop, 3, tags=["gift"]))
    job = bulk_shop.start(db, kasia, act="tag", tag="x", filter=ViewFilter(tags=("gift",)))
    bulk_shop.place_many(shop, 1, tags=["gift"])

    ended = bulk_shop.carry_out(db, kasia, job)

    assert (ended.state, ended.total, ended.done, ended.refused) == ("finished", 3, 3, 0)
    assert bulk_shop.outcomes(db, job) == dict.fromkeys(chosen, "done")
    assert_well(db)


def test_the_refused_are_told_why_and_tried_again(db: Database) -> None:
    shop, kasia = make.shop(db), bulk_shop.person(db)
    good, held = bulk_shop.place_many(shop, 2)
    hold = HoldOrder(order_id=held, holds=(OwnedHold(reason="other"),))
    acts.do(db, hold_order, hold)
    nowhere = new_id()
    ids = (good, held, nowhere)

    job = bulk_shop.carry_out(
        db, kasia, bulk_shop.start(db, kasia, act="release_to_pick", order_ids=ids)
    )

    assert bulk_shop.outcomes(db, job) == {good: "done", held: "refused", nowhere: "refused"}
    assert acts.timeline(shop, good)[-1] == "units_released"
    again = run(db, kasia, retry_bulk_job, BulkJobAsk(job_id=job.id))
    assert (again.total, again.again_of) == (2, job.id)
    assert set(bulk_shop.outcomes(db, again)) == {held, nowhere}


@pytest.mark.parametrize(
    ("act", "event"),
    [("hold", "held"), ("cancel", "units_cancelled"), ("tag", "tagged"), ("assign", "assigned")],
)
def test_every_act_does_its_own_thing(db: Database, act: str, event: str) -> None:
    shop, kasia = make.shop(db), bulk_shop.person(db)
    ids = tuple(bulk_shop.place_many(shop, 2))
    job = bulk_shop.start(
        db, kasia, act=act, order_ids=ids, reason="other", tag="vip", user_id=kasia.id
    )

    ended = bulk_shop.carry_out(db, kasia, job)

    assert ended.done == 2
    assert [acts.timeline(shop, id_)[-1] for id_ in ids] == [event, event]
    assert_well(db)


def test_holds_and_tags_are_taken_away_again(db: Database) -> None:
    shop, kasia = make.shop(db), bulk_shop.person(db)
    held, free = bulk_shop.place_many(shop, 2, tags=["vip"])
    acts.do(db, hold_order, HoldOrder(order_id=held, holds=(OwnedHold(reason="other"),) * 2))

    for act in ("release_hold", "untag"):
        job = bulk_shop.start(db, kasia, act=act, order_ids=(held, free), tag="vip")
        bulk_shop.carry_out(db, kasia, job)

    assert acts.timeline(shop, held)[-3:] == ["hold_released", "hold_released", "tagged"]
    assert acts.timeline(shop, free)[-1] == "tagged"


def test_an_export_keeps_the_rows_in_order(db: Database) -> None:
    shop, kasia = make.shop(db), bulk_shop.person(db)
    bulk_shop.place_many(shop, 3)
    job = bulk_shop.start(
        db, kasia, act="export", filter=ViewFilter(), columns=("number", "total", "currency"),
        sort="number", descending=False,
    )  # fmt: skip
    bulk_shop.carry_out(db, kasia, job)

    with db.reading(SYSTEM) as tx:
        rows = read_export_parts(tx, job.id)

    assert [row[1:] for row in rows] == [["10.00", "EUR"]] * 3
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_slips_are_printed_of_what_is_still_to_leave(db: Database) -> None:
    shop = make.shop(db)
    first, second, gone = bulk_shop.place_many(shop, 3)
    acts.cancel(shop, gone)
    ids = (second, gone, first)

    job = bulk_shop.start(db, make.BOSS, act="print", order_ids=ids)
    job = bulk_shop.carry_out(db, make.BOSS, job)

    assert (job.state, job.done, job.refused) == ("finished", 2, 1)
    with db.reading(make.BOSS) as tx:
        slips = read_printed(tx, job)
    assert [slip.order_id for slip in slips] == [second, first]
    assert [line.units for slip in slips for line in slip.lines] == [1, 1]
    with pytest.raises(InvalidInput):
        bulk_shop.start(db, make.BOSS, act="print", order_ids=tuple(new_id() for _ in range(2_001)))


def test_a_job_that_makes_no_sense_is_not_begun(db: Database) -> None:
    shop, kasia = make.shop(db), bulk_shop.person(db)
    (order_id,) = bulk_shop.place_many(shop, 1)
    bad: tuple[dict[str, Any], ...] = (
        {"act": "tag", "order_ids": (order_id,)},
        {"act": "hold", "order_ids": (order_id,)},
        {"act": "tag", "tag": "x"},
        {"act": "tag", "tag": "x", "order_ids": (order_id,), "filter": ViewFilter()},
        {"act": "tag", "tag": "x", "filter": ViewFilter(tags=("none",))},
        {"act": "export", "order_ids": (order_id,), "columns": ("nonsense",)},
    )
    for fields in bad:
        begin = partial(bulk_shop.start, db, kasia, **fields)
        assert isinstance(acts.refusal(shop, begin), InvalidInput)
    with db.connection() as conn:
        assert conn.execute("SELECT count(*) FROM desk.job").fetchone() == (0,)


def test_who_may_not_do_it_once_may_not_do_it_a_thousand_times(db: Database) -> None:
    shop = make.shop(db)
    (order_id,) = bulk_shop.place_many(shop, 1)
    reader = bulk_shop.person(db, without="orders.write")

    def begin() -> object:
        return bulk_shop.start(db, reader, act="tag", tag="x", order_ids=(order_id,))

    assert isinstance(acts.refusal(shop, begin), NotPermitted)


def test_a_job_is_the_business_of_who_began_it(db: Database) -> None:
    shop, kasia = make.shop(db), bulk_shop.person(db)
    (order_id,) = bulk_shop.place_many(shop, 1)
    job = bulk_shop.start(db, kasia, act="tag", tag="x", order_ids=(order_id,))
    other = bulk_shop.person(db, "Jan", without="access.write")

    with pytest.raises(NotFound):
        run(db, other, stop_bulk_job, BulkJobAsk(job_id=job.id))
    assert bulk_shop.now(db, job).state == "running"


def test_a_stopped_job_rests_and_goes_on(db: Database) -> None:
    shop, kasia = make.shop(db, stock={"A": {"tea": 500}}), bulk_shop.person(db)
    ids = tuple(bulk_shop.place_many(shop, 150))
    job = bulk_shop.start(db, kasia, act="tag", tag="x", order_ids=ids)
    carried = run(db, kasia, carry_on_bulk_job, CarryOnBulkJob(job_id=job.id, chunk=0))
    assert carried.done == 100

    run(db, kasia, stop_bulk_job, BulkJobAsk(job_id=job.id))
    resting = run(db, kasia, carry_on_bulk_job, CarryOnBulkJob(job_id=job.id, chunk=1))
    assert (resting.state, resting.done) == ("stopped", 100)

    went_on = run(db, kasia, resume_bulk_job, BulkJobAsk(job_id=job.id))
    assert bulk_shop.carry_out(db, kasia, went_on).done == 150
    with pytest.raises(ActionNotAllowed):
        run(db, kasia, resume_bulk_job, BulkJobAsk(job_id=job.id))


def test_a_chunk_that_comes_twice_has_one_effect(db: Database) -> None:
    shop, kasia = make.shop(db), bulk_shop.person(db)
    (order_id,) = bulk_shop.place_many(shop, 1)
    job = bulk_shop.start(db, kasia, act="hold", reason="other", order_ids=(order_id,))

    for _ in range(2):
        run(db, kasia, carry_on_bulk_job, CarryOnBulkJob(job_id=job.id, chunk=0))

    assert acts.timeline(shop, order_id).count("held") == 1


def test_a_job_of_someone_who_has_left_fails_and_says_so(db: Database) -> None:
    shop, kasia = make.shop(db), bulk_shop.person(db)
    (order_id,) = bulk_shop.place_many(shop, 1)
    job = bulk_shop.start(db, kasia, act="tag", tag="x", order_ids=(order_id,))
    bulk_shop.person(db, "Jan")
    run(db, SYSTEM, change_user, ChangeUser(user_id=kasia.id, active=False))
    with db.transaction(SYSTEM) as tx:
        move_pending(tx)
        due = [e for e in read_feed(tx, 0, 100) if e.kind in (BULK_JOBS.kinds or ())]

    carry_on(db, due)

    failed = bulk_shop.now(db, job)
    assert (failed.state, failed.done) == ("failed", 0)
    assert failed.problem is not None
    assert "may not act any more" in failed.problem["detail"]


def _worker(dsn: str) -> "subprocess.Popen[str]":
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.flows.bulk_worker"],
        env=os.environ | {"ORDITO_TEST_DSN": dsn},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "started\n"
    return worker


def _wait_for(db: Database, job: object, least: int) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = bulk_shop.now(db, job)  # type: ignore[arg-type]
        if found.done >= least:
            return found.done
        threading.Event().wait(0.002)
    raise AssertionError("the job did not get so far")


def test_a_killed_worker_is_followed_by_another_and_no_order_is_done_twice(
    db: Database, dsn: str
) -> None:
    shop, kasia = make.shop(db, stock={"A": {"tea": 2000}}), bulk_shop.person(db)
    ids = tuple(bulk_shop.place_many(shop, 700))
    job = bulk_shop.start(db, kasia, act="hold", reason="recall", order_ids=ids)

    first = _worker(dsn)
    try:
        _wait_for(db, job, 1)
    finally:
        first.kill()
        first.wait()
    left = bulk_shop.now(db, job)
    assert 0 < left.done < 700, "killed in the middle"
    second = _worker(dsn)
    try:
        _wait_for(db, job, 700)
    finally:
        second.kill()
        second.wait()

    assert bulk_shop.now(db, job).state == "finished"
    with db.connection() as conn:
        holds = conn.execute(
            "SELECT count(*), count(DISTINCT order_id) FROM orders.hold"
        ).fetchone()
        events = conn.execute(
            "SELECT count(*), count(DISTINCT stream_id) FROM platform.event"
            " WHERE kind = 'order.held'"
        ).fetchone()
    assert holds == (700, 700)
    assert events == (700, 700)


def test_an_order_is_assigned_found_by_it_and_let_go(db: Database) -> None:
    shop, kasia = make.shop(db), bulk_shop.person(db)
    (order_id,) = bulk_shop.place_many(shop, 1)

    for _ in range(2):
        acts.do(db, assign_order, AssignOrder(order_id=order_id, user_id=kasia.id))
    assert acts.timeline(shop, order_id).count("assigned") == 1
    acts.do(db, assign_order, AssignOrder(order_id=order_id, user_id=None))
    assert acts.last_event(shop, order_id) == {"user_id": None}


def test_nobody_is_assigned_who_could_not_open_the_order(db: Database) -> None:
    shop = make.shop(db)
    (order_id,) = bulk_shop.place_many(shop, 1)
    blind = bulk_shop.person(db, without="orders.read")
    for user_id in (blind.id, new_id()):
        ask = AssignOrder(order_id=order_id, user_id=user_id)
        problem = acts.refusal(shop, partial(acts.do, db, assign_order, ask))
        assert isinstance(problem, InvalidInput)
