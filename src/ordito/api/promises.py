"""Promises kept, what is learned of delays, and learning anew, over HTTP."""

from datetime import date, timedelta

from ordito.api.endpoints import reading, writing
from ordito.flows.learn_promises import learn_promises
from ordito.kernel.asks import Ask
from ordito.listings.promise_scores import Grouping
from ordito.listings.promises_kept import LearnedDelays, PromisesKept, read_kept, read_learned
from ordito.platform.database import Tx

TAG = "Sourcing"
READ = "settings.read"

YEAR = timedelta(days=365)


class AskKept(Ask, frozen=True, kw_only=True):
    """Which promises. Days stand for their months; without them it is the last year."""

    by: Grouping = "month"
    since: date | None = None
    until: date | None = None


class NoPromiseParams(Ask, frozen=True):
    """No parameters."""


def list_promises_kept(tx: Tx, params: AskKept) -> PromisesKept:
    """How many promises that came due were kept, and with what probability they were given."""
    until = params.until or tx.now.date()
    return read_kept(tx, params.by, params.since or until - YEAR, until)


def get_learned_delays(tx: Tx, params: NoPromiseParams) -> LearnedDelays:
    """What was learned last of how late parts leave and arrive."""
    return read_learned(tx)


ENDPOINTS = [
    reading("/promises/kept", TAG, "Promises kept", list_promises_kept, READ,
            description="By `month`, `location`, `tariff` or `channel`: parts of orders whose"
            " promised day of delivery has passed, how many of them arrived in time, and between"
            " which percentages the true share lies. Scored once a night."),
    reading("/promises/learned", TAG, "What is learned of delays", get_learned_delays, READ),
    writing("POST", "/promises/learn", TAG, "Learn promises anew", learn_promises, example={},
            description="The worker does it once a night, from the last half year. Promises given"
            " before stay as they are."),
]  # fmt: skip
