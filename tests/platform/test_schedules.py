"""The schedule: each run once, never two at a time, missed ones together, failed ones again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.problems import DatabaseUnavailable
from ordito.platform.schedules import Job, ScheduleEntry, add_jobs, list_schedule, run_due_jobs
from tests.platform.feed_events import do, rows

HOUR = timedelta(hours=1)


class Counted:
    """A job's work: counts its runs, and fails while `fault` is set."""

    def __init__(self) -> None:
        self.runs = 0
        self.fault: Exception | None = None

    def __call__(self, _db: Database) -> int:
        self.runs += 1
        if self.fault:
            raise self.fault
        return 1


def scheduled(db: Database, work: Counted, every: timedelta = HOUR) -> list[Job]:
    jobs = [Job("sweep", every, work)]
    with db.transaction(SYSTEM) as tx:
        add_jobs(tx, jobs)
    return jobs


def entry(db: Database) -> ScheduleEntry:
    with db.reading(SYSTEM) as tx:
        (only,) = list_schedule(tx)
    return only


def make_due(db: Database) -> None:
    do(db, "UPDATE platform.schedule SET due_at = now()")


def test_a_new_job_is_due_at_once_and_then_at_the_next_multiple_of_its_period(
    db: Database,
) -> None:
    work = Counted()
    jobs = scheduled(db, work)

    assert run_due_jobs(db, jobs) == 1
    assert run_due_jobs(db, jobs) == 0

    ran = entry(db)
    assert work.runs == 1
    assert ran.ran_at is not None
    full_hour = ran.ran_at.replace(minute=0, second=0, microsecond=0)
    assert ran == ScheduleEntry("sweep", full_hour + HOUR, 0, None, None, ran.ran_at)


def test_adding_a_job_again_changes_nothing(db: Database) -> None:
    work = Counted()
    jobs = scheduled(db, work)
    run_due_jobs(db, jobs)
    before = entry(db)

    scheduled(db, work)

    assert entry(db) == before


def test_runs_missed_in_a_downtime_happen_once(db: Database) -> None:
    work = Counted()
    jobs = scheduled(db, work)
    do(db, "UPDATE platform.schedule SET due_at = now() - interval '40 days'")

    assert [run_due_jobs(db, jobs) for _ in range(3)] == [1, 0, 0]
    assert work.runs == 1
    assert entry(db).due_at > datetime.now(UTC)


def test_a_failed_run_is_told_and_tried_again_after_growing_pauses(db: Database) -> None:
    work = Counted()
    jobs = scheduled(db, work, timedelta(minutes=10))
    work.fault = ValueError("no answer from ada@example.com")
    pauses = []
    for _ in range(5):
        assert run_due_jobs(db, jobs) == 1
        ((pause,),) = rows(db, "SELECT extract(epoch FROM due_at - now()) FROM platform.schedule")
        pauses.append(float(pause))
        make_due(db)

    # Never longer than the period.
    schedule = [5, 30, 120, 600, 600]
    assert all(0 <= want - got <= 2 for want, got in zip(schedule, pauses, strict=True))
    failed = entry(db)
    assert (failed.attempts, failed.error) == (5, "ValueError: no answer from ***")
    assert (failed.started_at, failed.ran_at) == (None, None)

    work.fault = None
    assert run_due_jobs(db, jobs) == 1
    ran = entry(db)
    assert (ran.attempts, ran.error, ran.started_at) == (0, None, None)
    assert ran.ran_at is not None


def test_a_job_that_fails_stops_no_other(db: Database) -> None:
    work, other = Counted(), Counted()
    work.fault = ValueError()
    jobs = [Job("a", HOUR, work), Job("b", HOUR, other)]
    with db.transaction(SYSTEM) as tx:
        add_jobs(tx, jobs)

    assert run_due_jobs(db, jobs) == 2
    assert (work.runs, other.runs) == (1, 1)


def test_a_job_runs_once_at_a_time_even_when_it_is_due_again_meanwhile(db: Database) -> None:
    at_work, go_on, runs = threading.Event(), threading.Event(), []

    def work(_db: Database) -> int:
        runs.append(1)
        at_work.set()
        assert go_on.wait(20)
        return 1

    jobs = [Job("sweep", HOUR, work)]
    with db.transaction(SYSTEM) as tx:
        add_jobs(tx, jobs)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(run_due_jobs, db, jobs)
        assert at_work.wait(20)
        assert entry(db).started_at is not None
        make_due(db)
        assert run_due_jobs(db, jobs) == 0
        go_on.set()
        assert first.result(timeout=20) == 1
    assert run_due_jobs(db, jobs) == 0
    assert runs == [1]


def test_two_processes_that_find_a_job_due_run_it_once(db: Database) -> None:
    work = Counted()
    jobs = scheduled(db, work)
    with ThreadPoolExecutor(4) as pool:
        ran = [pool.submit(run_due_jobs, db, jobs) for _ in range(4)]
        assert sum(run.result(timeout=20) for run in ran) == 1
    assert work.runs == 1


def test_a_run_that_was_cut_off_is_run_again(db: Database) -> None:
    work = Counted()

    def lose_the_database(inner: Database) -> int:
        with psycopg.connect(inner.dsn, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        return 0

    jobs = scheduled(db, work)
    with pytest.raises(DatabaseUnavailable):
        run_due_jobs(db, [Job("sweep", HOUR, lose_the_database)])
    cut_off = entry(db)
    assert (cut_off.attempts, cut_off.ran_at) == (1, None)
    assert cut_off.started_at is not None
    assert timedelta(0) < cut_off.due_at - cut_off.started_at <= timedelta(seconds=5)

    make_due(db)
    assert run_due_jobs(db, jobs) == 1
    assert work.runs == 1


def test_a_job_of_another_version_is_left_alone(db: Database) -> None:
    work = Counted()
    scheduled(db, work)

    assert run_due_jobs(db, []) == 0
    assert run_due_jobs(db, [Job("other", HOUR, work)]) == 0
    assert work.runs == 0
