"""Webhooks of shops: what is signed is kept and answered; the worker takes it from there."""

from collections.abc import Awaitable, Callable
from typing import Any

from ordito.adapters.shops import SHOPS
from ordito.api.answers import Answer, tell
from ordito.api.authentication import headers_of
from ordito.api.requests import read_raw
from ordito.api.routes import Services, in_thread
from ordito.flows.connect_shop import receive_webhook
from ordito.platform.problems import NotAuthenticated

BODY_MAX = 5_000_000


def make_hook(services: Services) -> Callable[[Any, Any], Awaitable[Answer]]:
    """The handler of POST /hooks/{kind}/{channel}; problems are raised."""

    async def receive_hook(scope: Any, receive: Any) -> Answer:
        raw = headers_of(scope)
        body = await read_raw(receive, raw, BODY_MAX)
        shop = SHOPS.get(str(scope["path_params"]["kind"]))
        if shop is None:
            raise NotAuthenticated("The webhook isn't signed by a shop that is connected here.")
        channel = str(scope["path_params"]["channel"])
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw.items()}

        def work() -> Answer:
            kept = receive_webhook(shop, services.db, channel, headers, body)
            return tell({"kept": kept.id is not None})

        return await in_thread(services, work)

    return receive_hook
