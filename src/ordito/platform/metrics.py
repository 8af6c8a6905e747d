"""What is counted and measured, as Prometheus reads it. Labels have few values: never ids.

Alone, a process keeps its numbers in memory. Several processes share a folder, set up by
`metrics_folder.shared_metrics` before this module is imported.
"""

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from ordito.platform.metrics_folder import VARIABLE

CONTENT_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_requests = Counter("ordito_http_requests", "Requests answered.", ["method", "route", "status"])
_request_seconds = Histogram(
    "ordito_http_request_seconds",
    "Seconds from a request's arrival to its answer.",
    ["method", "route"],
    buckets=_SECONDS,
)

placing_batch_size = Histogram(
    "ordito_placing_batch_size",
    "Orders placed by one transaction.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)
placing_batch_seconds = Histogram(
    "ordito_placing_batch_seconds", "Seconds that a batch of orders took.", buckets=_SECONDS
)
oversold_refusals = Counter(
    "ordito_oversold_refusals", "Asks refused or backordered since the stock was promised already."
)
queue_length = Gauge(
    "ordito_queue_length", "Asks waiting for their batch.", multiprocess_mode="livesum"
)
pool_connections = Gauge(
    "ordito_pool_connections",
    "Database connections, by what they do.",
    ["state"],
    multiprocess_mode="livesum",
)
follower_lag = Gauge(
    "ordito_follower_lag",
    "Events that a follower has yet to see.",
    ["follower"],
    multiprocess_mode="livemostrecent",
)
job_results = Counter("ordito_jobs", "Jobs ended, by how.", ["job", "result"])
job_seconds = Histogram("ordito_job_seconds", "Seconds that a job took.", ["job"], buckets=_SECONDS)


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Counts a request. `route` is the template (`/orders/{id}`), "" when none matched.

    A path as it was sent would make a time series of each nonsense that is asked for.
    """
    known = method if method in _METHODS else "other"
    _requests.labels(known, route or "(none)", str(status)).inc()
    _request_seconds.labels(known, route or "(none)").observe(seconds)


def observe_batch(orders: int, seconds: float) -> None:
    """Counts a transaction that placed `orders` orders."""
    placing_batch_size.observe(orders)
    placing_batch_seconds.observe(seconds)


def tell_pool(*, idle: int, busy: int, waiting: int) -> None:
    """How many connections of this process do what, and how many requests wait for one."""
    for state, count in (("idle", idle), ("busy", busy), ("waiting", waiting)):
        pool_connections.labels(state).set(count)


def process_ended(pid: int) -> None:
    """Forgets the gauges of a process that is gone; its counters stay."""
    if VARIABLE in os.environ:
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


def render() -> bytes:
    """All metrics in the text format, of all processes where they share a folder."""
    if VARIABLE not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
