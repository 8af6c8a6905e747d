"""What goes on in the background: who follows the feed, what is done when it is due."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from ordito.adapters.highs import solve
from ordito.adapters.shops import SHOPS
from ordito.adapters.smtp import mail_server
from ordito.adapters.webhook_http import HttpCaller
from ordito.desk.jobs import prune_exports
from ordito.flows import reactions, tell_shops
from ordito.flows.announce_supply import announce_supply
from ordito.flows.bulk_jobs import BULK_JOBS
from ordito.flows.data_imports import DATA_IMPORTS
from ordito.flows.deliver_webhooks import due_endpoints, prune_messages, serve_endpoint
from ordito.flows.endless_stock import fill_all_endless
from ordito.flows.fill_pick_bins import raise_all_replenishments
from ordito.flows.hand_over import close_all_uncollected
from ordito.flows.hold_order import release_due_holds
from ordito.flows.hold_stock import expire_holds
from ordito.flows.learn_promises import count_queues, learn_nightly
from ordito.flows.manage_lots import settle_lots
from ordito.flows.open_scheduled import open_all_scheduled
from ordito.flows.replay_policy import run_open_replays
from ordito.flows.resource_jointly import replan_when_due
from ordito.flows.roll_out_policy import guard_rollouts
from ordito.flows.send_mails import send_due_mails
from ordito.flows.set_deadlines import cancel_all_overdue
from ordito.flows.sweep_shops import sweep_shops
from ordito.flows.sweep_watches import sweep_watches
from ordito.flows.take_documents import take_waiting
from ordito.flows.tell_customers import customer_mails, tell_delays
from ordito.flows.tell_shoppers import tell_shoppers
from ordito.flows.withdraw_requests import chase_partners
from ordito.listings.follower import ORDER_LISTINGS
from ordito.listings.quarter_figures import QUARTER_FIGURES
from ordito.listings.sold_days import SOLD_DAYS
from ordito.platform import idempotency, seals, sessions
from ordito.platform.access import SYSTEM
from ordito.platform.crews import Crew
from ordito.platform.database import Database
from ordito.platform.followers import AnyFollower
from ordito.platform.schedules import Job
from ordito.platform.settings import Settings
from ordito.platform.worker import Worker
from ordito.uploads.jobs import forget_rows


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


EXPORTS_KEPT = timedelta(days=7)


def forget_exports(db: Database) -> int:
    """Files of exports hold personal data: they are kept for a week."""
    with db.transaction(SYSTEM) as tx:
        return prune_exports(tx, tx.now - EXPORTS_KEPT)


IMPORTS_KEPT = timedelta(days=30)


def forget_imports(db: Database) -> int:
    """Rows of files that people brought in hold personal data: they are kept for a month."""
    with db.transaction(SYSTEM) as tx:
        return forget_rows(tx, tx.now - IMPORTS_KEPT)


FOLLOWERS: list[AnyFollower] = [
    ORDER_LISTINGS,
    QUARTER_FIGURES,
    SOLD_DAYS,
    reactions.FOLLOWER,
    BULK_JOBS,
    DATA_IMPORTS,
    tell_shops.FOLLOWER,
]

JOBS = [
    Job("expire-holds-of-stock", timedelta(seconds=5), expire_holds),
    Job("release-due-holds", timedelta(seconds=30), release_due_holds),
    Job("fill-endless", timedelta(seconds=30), fill_all_endless),
    Job("close-uncollected", timedelta(minutes=5), close_all_uncollected),
    Job("settle-lots", timedelta(minutes=10), settle_lots),
    Job("open-scheduled", timedelta(seconds=30), open_all_scheduled),
    Job("announce-supply", timedelta(minutes=1), announce_supply),
    Job("cancel-overdue", timedelta(minutes=5), cancel_all_overdue),
    Job("prune-idempotency", timedelta(minutes=10), prune_answers),
    Job("seal-feed", timedelta(minutes=1), seals.seal_feed),
    Job("forget-exports", timedelta(hours=6), forget_exports),
    Job("forget-imports", timedelta(hours=6), forget_imports),
    Job("take-shop-documents", timedelta(seconds=2), partial(take_waiting, SHOPS)),
    Job("tell-shops", timedelta(seconds=5), partial(tell_shops.tell_shops, SHOPS), outside=True),
    Job(
        "tell-shops-stock",
        timedelta(minutes=1),
        partial(tell_shops.tell_stock, SHOPS),
        outside=True,
    ),
    # It calls nobody, but may take longer than others should wait.
    Job("replan-orders", timedelta(minutes=1), partial(replan_when_due, solve), outside=True),
    Job("replay-policies", timedelta(seconds=3), run_open_replays, outside=True),
    Job("guard-rollouts", timedelta(minutes=1), guard_rollouts),
    Job("sweep-shops", timedelta(minutes=5), partial(sweep_shops, SHOPS), outside=True),
    Job("count-queues", timedelta(minutes=1), count_queues),
    # It calls nobody, but reads half a year of orders.
    Job("learn-promises", timedelta(days=1), learn_nightly, outside=True),
    Job("sweep-watches", timedelta(minutes=1), sweep_watches),
    Job("tell-shoppers", timedelta(minutes=5), tell_shoppers),
    Job("fill-pick-bins", timedelta(minutes=2), raise_all_replenishments),
    Job("prune-sign-ins", timedelta(hours=1), prune_sign_ins),
    Job("prune-webhooks", timedelta(hours=1), prune_messages),
]


def webhook_crew(*, lan: bool) -> Crew:
    """Who sends to webhook endpoints. lan: also over http, and into this network."""
    caller = HttpCaller(lan=lan)

    def serve(db: Database, endpoint_id: UUID) -> int:
        return serve_endpoint(db, endpoint_id, caller)

    return Crew("webhooks", due_endpoints, serve)


def make_worker(db: Database, settings: Settings | None = None) -> Worker:
    """The worker with all duties of this program; without settings it sends no mail."""
    base_url = settings.public_url.rstrip("/") if settings else ""
    delays = Job("tell-delays", timedelta(minutes=15), lambda db: tell_delays(db, base_url))
    partners = Job("chase-partners", timedelta(minutes=5), lambda db: chase_partners(db, base_url))
    return Worker(
        db,
        [*FOLLOWERS, customer_mails(base_url)],
        [*JOBS, delays, partners, *_outside_jobs(settings)],
        crews=[webhook_crew(lan=settings is not None and settings.webhooks_lan)],
    )


def _outside_jobs(settings: Settings | None) -> list[Job]:
    server = mail_server(settings) if settings else None
    if server is None:
        return []
    sending = Job(
        "send-mails",
        timedelta(seconds=5),
        lambda db: send_due_mails(db, server),
        outside=True,
    )
    return [sending]
