"""Who calls: the API key of the request."""

import asyncio
from typing import Any

from litestar import Request

from ordito.platform.access import Actor
from ordito.platform.keys import PREFIX, KeyRing
from ordito.platform.problems import NotAuthenticated


async def authenticate(request: Request[Any, Any, Any], keys: KeyRing) -> Actor:
    """The actor of a request's bearer token; raises NotAuthenticated."""
    header = request.headers.get("authorization", "")
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.startswith(PREFIX) or len(token) > 100:
        raise NotAuthenticated("Send “Authorization: Bearer ordito_…” with an API key.")
    actor = keys.find(token)
    if actor is None:
        actor = await asyncio.to_thread(keys.verify, token)
    return actor
