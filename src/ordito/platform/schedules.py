"""Jobs that run every so often, one process at a time, due at multiples of their period.

Runs that were missed, since nothing ran, happen once and not once each. A run that failed or was
cut off is tried again after growing pauses, never longer than the period.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
import structlog

from ordito.platform.access import SYSTEM
from ordito.platform.advisory_locks import holding
from ordito.platform.bulk import bulk
from ordito.platform.database import Database, Tx, query, statement
from ordito.platform.retries import RETRY_AFTER_S, tell

log = structlog.get_logger(__name__)


class Job(msgspec.Struct, frozen=True):
    """Work that is due at each multiple of `every` (from midnight UTC), and once when it is new.

    run: opens its own transactions, best small ones; returns the number of things it did. It can
    be cut off at any point and is then run again.
    outside: it calls servers that are not ours, so it has a thread of its own: a slow server keeps
         no other job waiting.
    """

    name: str
    every: timedelta
    run: Callable[[Database], int]
    outside: bool = False

    def __post_init__(self) -> None:
        assert self.every >= timedelta(seconds=1), "what is due more often is no job"

    @property
    def pauses_s(self) -> list[float]:
        """Seconds to wait after the first, second, … failed run in a row."""
        longest_s = max(self.every.total_seconds(), float(RETRY_AFTER_S[0]))
        return [min(float(pause_s), longest_s) for pause_s in RETRY_AFTER_S]


class ScheduleEntry(msgspec.Struct, frozen=True):
    """A job as staff see it.

    attempts:   runs begun since the last that went well, the one at work included.
    started_at: when the run at work began; when it is also overdue, that run was cut off.
    ran_at:     when the last run went well.
    """

    job: str
    due_at: datetime
    attempts: int
    error: str | None
    started_at: datetime | None
    ran_at: datetime | None


def add_jobs(tx: Tx, jobs: Sequence[Job]) -> None:
    """Put new jobs on the schedule, due at once."""
    _ADD.send(tx, [(job.name,) for job in jobs])


_ADD = bulk("""
    INSERT INTO platform.schedule (job)
    SELECT unnest(%s::text[])
    ON CONFLICT (job) DO NOTHING
""")


def run_due_jobs(db: Database, jobs: Sequence[Job]) -> int:
    """Run each of the jobs that is due and at work nowhere else; returns how many were run."""
    by_name = {job.name: job for job in jobs}
    with db.connection() as conn:
        due = _DUE.all(db.tx(conn, SYSTEM), jobs=list(by_name))
    return sum(_run_job(db, by_name[name]) for name in due)


_DUE = query(
    str,
    """
    SELECT job
    FROM platform.schedule
    WHERE job = ANY (%(jobs)s::text[])
      AND due_at <= now()
    ORDER BY due_at, job
    """,
)


def _run_job(db: Database, job: Job) -> bool:
    """Run a job unless another process does or just did. A failure is noted, not raised."""
    with holding(db, "job", job.name) as conn:
        if conn is None:
            return False
        tx = db.tx(conn, SYSTEM)
        attempts = _CLAIM.first(tx, job=job.name, pauses_s=job.pauses_s)
        if attempts is None:
            return False
        try:
            done = job.run(db)
        except Exception as fault:
            log.exception("job_failed", job=job.name, attempts=attempts)
            _FAIL.run(tx, job=job.name, error=tell(fault), pauses_s=job.pauses_s)
        else:
            log.info("job_done", job=job.name, done=done)
            _FINISH.run(tx, job=job.name, every=job.every)
        return True


# The claim is also the retry of a run that is cut off: it is due again after the pause, and the
# lock tells whether it is still at work then.
_CLAIM = query(
    int,
    """
    UPDATE platform.schedule
    SET attempts = attempts + 1,
        started_at = clock_timestamp(),
        due_at = clock_timestamp() + make_interval(
            secs => pauses.s[least(attempts + 1, cardinality(pauses.s))])
    FROM (SELECT %(pauses_s)s::float8[] AS s) AS pauses
    WHERE job = (
        SELECT job
        FROM platform.schedule
        WHERE job = %(job)s AND due_at <= now()
        FOR UPDATE SKIP LOCKED
    )
    RETURNING attempts
    """,
)

_FAIL = statement("""
    UPDATE platform.schedule
    SET error = %(error)s,
        started_at = NULL,
        due_at = clock_timestamp() + make_interval(
            secs => pauses.s[least(attempts, cardinality(pauses.s))])
    FROM (SELECT %(pauses_s)s::float8[] AS s) AS pauses
    WHERE job = %(job)s
""")

_FINISH = statement("""
    UPDATE platform.schedule
    SET attempts = 0,
        error = NULL,
        started_at = NULL,
        ran_at = clock_timestamp(),
        due_at = date_bin(%(every)s, clock_timestamp(), timestamptz '2000-01-01 00:00+00')
                 + %(every)s
    WHERE job = %(job)s
""")


def list_schedule(tx: Tx) -> list[ScheduleEntry]:
    """All jobs ever put on the schedule, by name."""
    return _LIST.all(tx)


_LIST = query(
    ScheduleEntry,
    """
    SELECT job, due_at, attempts, error, started_at, ran_at
    FROM platform.schedule
    ORDER BY job
    LIMIT 1000
    """,
)
