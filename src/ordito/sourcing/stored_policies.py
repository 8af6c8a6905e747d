"""Policies as they are stored: every version is kept, since decisions name theirs."""

from uuid import UUID

import msgspec

from ordito.platform.database import Tx, query
from ordito.sourcing.policies import Policy


class StoredPolicy(msgspec.Struct, frozen=True):
    id: UUID
    code: str
    name: str
    version: int
    body: Policy


def read_current(tx: Tx) -> list[StoredPolicy]:
    """Every policy in its current version."""
    return _CURRENT.all(tx)


_CURRENT = query(
    StoredPolicy,
    """
    SELECT p.id, p.code, p.name, p.version, v.body
    FROM sourcing.policy AS p
    JOIN sourcing.policy_version AS v ON v.policy_id = p.id AND v.version = p.version
    ORDER BY p.code
    """,
)
