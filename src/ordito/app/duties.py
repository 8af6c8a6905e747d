"""What goes on in the background: who follows the feed, what is done when it is due."""

from datetime import timedelta

from ordito.listings.follower import ORDER_LISTINGS
from ordito.platform import idempotency
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.followers import AnyFollower
from ordito.platform.schedules import Job
from ordito.platform.worker import Worker


def prune_answers(db: Database) -> int:
    """Forget answers that are past their time, in small deletes; returns how many."""
    done = 0
    while True:
        with db.transaction(SYSTEM) as tx:
            gone = idempotency.prune(tx)
        done += gone
        if gone < 1000:
            return done


FOLLOWERS: list[AnyFollower] = [ORDER_LISTINGS]

JOBS = [
    Job("prune-idempotency", timedelta(minutes=10), prune_answers),
]


def make_worker(db: Database) -> Worker:
    """The worker with all duties of this program."""
    return Worker(db, FOLLOWERS, JOBS)
