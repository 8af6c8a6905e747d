"""The home page's figures and its queue over HTTP."""

from ordito.api.endpoints import Endpoint, reading
from ordito.flows.retry_parked import RetriedParked, RetryParked, retry_parked
from ordito.listings.home import Home, HomeParams, read_home
from ordito.platform.database import Tx

TAG = "Home"


def get_home(tx: Tx, params: HomeParams) -> Home:
    """How today goes beside the same weekday last week, and what needs a person: only what the
    caller's other permissions let it see."""
    return read_home(tx, params)


ENDPOINTS = [
    reading("/home", TAG, "Read today's figures and what needs someone", get_home, ""),
    Endpoint(
        method="POST",
        path="/parked-work/retry",
        tag=TAG,
        summary="Let a part of the system try again what it gave up on",
        call=retry_parked,
        ask=RetryParked,
        answer=RetriedParked,
        example={"follower": "order-mails", "stream_id": "01980a3e-7c1b-7d52-9a41-2f3b8c6d5e70"},
    ),
]
