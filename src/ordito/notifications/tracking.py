"""Links to the public tracking page."""

import re
from uuid import UUID

from ordito.kernel.ids import new_token
from ordito.platform.database import Tx, query

LIVES_DAYS = 365

_TOKEN = re.compile(r"[a-z2-9]{32}")


def ensure_link(tx: Tx, order_id: UUID) -> str:
    """The path of the order's page; its token is made when there is none."""
    made = _INSERT.first(tx, token=new_token(), order_id=order_id, now=tx.now)
    return _path(made if made is not None else _OF_ORDER.one(tx, order_id=order_id))


_INSERT = query(
    str,
    """
    INSERT INTO notifications.tracking_link (token, order_id, made_at)
    VALUES (%(token)s, %(order_id)s, %(now)s)
    ON CONFLICT (order_id) DO NOTHING
    RETURNING token
    """,
)

_OF_ORDER = query(
    str, "SELECT token FROM notifications.tracking_link WHERE order_id = %(order_id)s"
)


def find_link(tx: Tx, order_id: UUID) -> str:
    """The path of the order's page, "" when it has none yet."""
    token = _OF_ORDER.first(tx, order_id=order_id)
    return "" if token is None else _path(token)


def _path(token: str) -> str:
    return f"/t/{token}"


def find_tracked(tx: Tx, token: str) -> UUID | None:
    """The order of a link; None when there is no such link, or it is too old."""
    if _TOKEN.fullmatch(token) is None:
        return None
    return _TRACKED.first(tx, token=token, days=LIVES_DAYS)


_TRACKED = query(
    UUID,
    """
    SELECT order_id
    FROM notifications.tracking_link
    WHERE token = %(token)s AND made_at > now() - make_interval(days => %(days)s)
    """,
)
