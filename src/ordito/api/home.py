"""The home page's figures and its queue over HTTP."""

from ordito.api.endpoints import reading
from ordito.listings.home import Home, HomeParams, read_home
from ordito.platform.database import Tx

TAG = "Home"


def get_home(tx: Tx, params: HomeParams) -> Home:
    """How today goes beside the same weekday last week, and what needs a person: only what the
    caller's other permissions let it see."""
    return read_home(tx, params)


ENDPOINTS = [reading("/home", TAG, "Read today's figures and what needs someone", get_home, "")]
