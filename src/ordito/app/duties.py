"""What goes on in the background: who follows the feed, what is done when it is due."""

from datetime import timedelta
from functools import partial

from ordito.adapters import SHOPS
from ordito.flows import reactions, tell_shops
from ordito.flows.hold_order import release_due_holds
from ordito.flows.hold_stock import expire_holds
from ordito.flows.sweep_shops import sweep_shops
from ordito.flows.take_documents import take_waiting
from ordito.listings.follower import ORDER_LISTINGS
from ordito.platform import idempotency, sessions
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


def prune_sign_ins(db: Database) -> int:
    """Forget sessions and attempts to sign in that are over."""
    with db.transaction(SYSTEM) as tx:
        return sessions.prune_sign_ins(tx)


FOLLOWERS: list[AnyFollower] = [ORDER_LISTINGS, reactions.FOLLOWER, tell_shops.FOLLOWER]

JOBS = [
    Job("expire-holds-of-stock", timedelta(seconds=5), expire_holds),
    Job("release-due-holds", timedelta(seconds=30), release_due_holds),
    Job("prune-idempotency", timedelta(minutes=10), prune_answers),
    Job("take-shop-documents", timedelta(seconds=2), partial(take_waiting, SHOPS)),
    Job("tell-shops", timedelta(seconds=5), partial(tell_shops.tell_shops, SHOPS)),
    Job("tell-shops-stock", timedelta(minutes=1), partial(tell_shops.tell_stock, SHOPS)),
    Job("sweep-shops", timedelta(minutes=5), partial(sweep_shops, SHOPS)),
    Job("prune-sign-ins", timedelta(hours=1), prune_sign_ins),
]


def make_worker(db: Database) -> Worker:
    """The worker with all duties of this program."""
    return Worker(db, FOLLOWERS, JOBS)
