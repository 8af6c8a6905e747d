"""Alive, ready, measured: what whoever runs Ordito asks of a process."""

import hmac
import ipaddress
from typing import Any

import msgspec

from ordito.api.answers import Answer, encode
from ordito.platform import metrics
from ordito.platform.database import Database
from ordito.platform.migrations import read_migrations, schema_version
from ordito.platform.problems import NotFound, Problem
from ordito.platform.settings import Settings
from ordito.platform.walls import has_walls

_PLAIN = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]

ALIVE = Answer(200, _PLAIN, b'{"status":"ok"}')
"""The process answers; says nothing of the database."""


class Readiness(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether requests can be served, else why not and what to do."""

    status: str
    schema: int | None = None
    schema_needed: int | None = None
    reason: str = ""


def tell_readiness(db: Database) -> Answer:
    """200 when the database answers with the schema of this program, else 503 with the reason."""
    found = _readiness(db)
    return Answer(200 if found.status == "ready" else 503, _PLAIN, encode(found))


def _readiness(db: Database) -> Readiness:
    needed = read_migrations()[-1].version
    try:
        with db.connection() as conn:
            version = schema_version(conn)
            walled = has_walls(conn)
    except Problem as problem:
        return Readiness("unavailable", schema_needed=needed, reason=problem.title)
    if version < needed:
        reason = "The database is older than this program; run `ordito db upgrade`."
        return Readiness("upgrade-needed", version, needed, reason)
    if version > needed:
        # Migrations only add while a version is in use, so an older program goes on working.
        return Readiness("ready", version, needed, "The database is newer than this program.")
    return Readiness("ready", version, needed, "" if walled else _NO_WALLS)


_NO_WALLS = (
    "The program works with all the rights of its database login, since the login may not take on"
    " the role ordito_app; docs/operator-guide.md says how to raise the walls."
)


def tell_metrics(settings: Settings, scope: Any, authorization: bytes) -> Answer:
    """Prometheus text; raises NotFound for whoever has no token, or is not on this machine."""
    if settings.metrics_token:
        expected = f"Bearer {settings.metrics_token}".encode()
        allowed = hmac.compare_digest(authorization, expected)
    else:
        allowed = _is_local(scope)
    if not allowed:
        raise NotFound("There is nothing here.")
    return Answer(200, [(b"content-type", metrics.CONTENT_TYPE.encode())], metrics.render())


def _is_local(scope: Any) -> bool:
    client = scope.get("client")
    try:
        # Unknown proxies on this machine forward strangers: what they add gives them away.
        forwarded = any(name == b"x-forwarded-for" for name, _value in scope["headers"])
        return bool(client) and not forwarded and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False
