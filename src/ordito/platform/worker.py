"""The worker: one sequencer, one thread per follower, one for the schedule, one for each job that
calls outside, and crews.

Any number of processes may run one: locks in the database see to it that each thing is done by
one of them at a time.
"""

import time
from collections.abc import Sequence

from ordito.platform.access import SYSTEM
from ordito.platform.crews import Crew, CrewAtWork
from ordito.platform.database import Database
from ordito.platform.feed import MOVE_MAX, move_pending, newest_position
from ordito.platform.followers import RETRIES_MAX, AnyFollower, follow
from ordito.platform.lanes import Lane, LaneState
from ordito.platform.schedules import Job, add_jobs, run_due_jobs
from ordito.platform.wakeups import FED, WRITTEN, Listener, Notifier

# Under load, a little waiting makes fewer and larger transactions.
SEQUENCER_GAP_S = 0.02
FOLLOWER_GAP_S = 0.05


class Worker:
    """Moves events to the feed, runs followers and jobs, until it is stopped.

    Opens a pool of its own on the database of `db`: a follower that hangs keeps no connection
    from the pages and the API of the same process. A worker is started once.

    poll_s: how often a thread looks for work without having been woken; the sequencer looks
    five times as often, since all others wait for it.
    """

    def __init__(
        self,
        db: Database,
        followers: Sequence[AnyFollower] = (),
        jobs: Sequence[Job] = (),
        *,
        crews: Sequence[Crew] = (),
        poll_s: float = 1.0,
    ) -> None:
        _require_unique([follower.name for follower in followers])
        _require_unique([job.name for job in jobs])
        self._jobs = jobs
        self._jobs_added = False
        self._poll_s = poll_s
        alone = [job for job in jobs if job.outside]
        # Two for each follower (its lock or transaction, and its own calls), two for the jobs,
        # four for each crew, whose threads take turns at them.
        size = 2 * (len(followers) + len(alone)) + 4 + 4 * len(crews)
        self._db = Database(db.dsn, size_max=size, name="ordito-worker")
        self._feed_notifier = Notifier(db.dsn, FED)
        self._sequencer = Lane(
            "sequencer", self._sequence, poll_s=poll_s / 5, gap_s=SEQUENCER_GAP_S
        )
        self._followers = [self._lane(follower) for follower in followers]
        self._crews = [self._crew_lane(crew) for crew in crews]
        together = [job for job in jobs if not job.outside]
        self._schedules = [
            Lane("schedule", lambda: self._run_jobs(together), poll_s=poll_s),
            *(self._job_lane(job) for job in alone),
        ]
        self._listener = Listener(
            db.dsn, {WRITTEN: self._on_written, FED: lambda _newest: self._wake_followers()}
        )

    def start(self) -> None:
        """Begin; doesn't wait for the database."""
        self._db.open()
        self._feed_notifier.start()
        for lane in self._lanes:
            lane.start()
        self._listener.start()

    def stop(self, timeout_s: float = 10.0) -> list[str]:
        """Let what is at work end; returns the names of the threads that were still hanging.

        What they had not committed is done again by the next worker.
        """
        deadline = time.monotonic() + timeout_s
        for lane in self._lanes:
            lane.ask_to_stop()
        for crew, _lane in self._crews:
            crew.ask_to_stop()
        self._listener.stop()
        self._feed_notifier.stop()
        hanging = [lane.name for lane in self._lanes if not lane.join(deadline - time.monotonic())]
        hanging += [
            f"at work for {lane.name}"
            for crew, lane in self._crews
            if not crew.join(deadline - time.monotonic())
        ]
        self._db.close()
        return hanging

    def states(self) -> list[LaneState]:
        """How each thread fares, for /health and /metrics."""
        return [lane.state() for lane in self._lanes]

    @property
    def _lanes(self) -> list[Lane]:
        crews = (lane for _crew, lane in self._crews)
        return [self._sequencer, *self._followers, *crews, *self._schedules]

    def _lane(self, follower: AnyFollower) -> Lane:
        def step() -> bool:
            return follow(self._db, follower) >= min(follower.batch, RETRIES_MAX)

        return Lane(f"follower {follower.name}", step, poll_s=self._poll_s, gap_s=FOLLOWER_GAP_S)

    def _crew_lane(self, crew: Crew) -> tuple[CrewAtWork, Lane]:
        def wake() -> None:
            lane.wake()

        at_work = CrewAtWork(self._db, crew, wake)
        lane = Lane(f"crew {crew.name}", at_work.step, poll_s=self._poll_s, gap_s=FOLLOWER_GAP_S)
        return at_work, lane

    def _sequence(self) -> bool:
        with self._db.transaction(SYSTEM) as tx:
            moved = move_pending(tx)
            newest = newest_position(tx) if moved else 0
        if moved:
            self._wake_followers()
            self._feed_notifier.poke(str(newest))
        return moved >= MOVE_MAX

    def _job_lane(self, job: Job) -> Lane:
        return Lane(f"job {job.name}", lambda: self._run_jobs([job]), poll_s=self._poll_s)

    def _run_jobs(self, jobs: Sequence[Job]) -> bool:
        if not self._jobs_added:
            with self._db.transaction(SYSTEM) as tx:
                add_jobs(tx, self._jobs)
            self._jobs_added = True
        return run_due_jobs(self._db, jobs) > 0

    def _on_written(self, _payload: str) -> None:
        self._sequencer.wake()

    def _wake_followers(self) -> None:
        for lane in [*self._followers, *(lane for _crew, lane in self._crews)]:
            lane.wake()


def _require_unique(names: Sequence[str]) -> None:
    assert len(set(names)) == len(names), f"a name is there twice: {sorted(names)}"
