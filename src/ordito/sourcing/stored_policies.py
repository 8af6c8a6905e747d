"""Policies as they are stored: every version is kept, since decisions name theirs."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from ordito.kernel.asks import Ask, Code, Name, Version
from ordito.platform.arrays import ints, uuids
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream
from ordito.sourcing.policies import Policy


class StoredPolicy(msgspec.Struct, frozen=True):
    id: UUID
    code: str
    name: str
    version: int
    body: Policy


class PolicyVersion(msgspec.Struct, frozen=True):
    """A policy as it was from then on."""

    policy_id: UUID
    version: int
    body: Policy
    at: datetime


class CreatePolicy(Ask, frozen=True, kw_only=True):
    """A new sourcing policy."""

    code: Code
    name: Name
    policy: Policy


class UpdatePolicy(Ask, frozen=True, kw_only=True):
    """A new version of a policy; orders placed before keep what was decided by the old one."""

    code: Code
    version: Version | None = None
    name: Name | UnsetType = UNSET
    policy: Policy | UnsetType = UNSET


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


def read_versions(tx: Tx, code: str, *, limit: int = 50) -> list[PolicyVersion]:
    """The newest versions of a policy, newest first; none when there is no such policy."""
    return _VERSIONS.all(tx, code=code, limit=limit)


_VERSIONS = query(
    PolicyVersion,
    """
    SELECT v.policy_id, v.version, v.body, v.at
    FROM sourcing.policy AS p
    JOIN sourcing.policy_version AS v ON v.policy_id = p.id
    WHERE p.code = %(code)s
    ORDER BY v.version DESC
    LIMIT %(limit)s
    """,
)


def read_versions_by_id(
    tx: Tx, versions: Iterable[tuple[UUID, int]]
) -> dict[tuple[UUID, int], Policy]:
    """Bodies of policy versions, by policy id and version."""
    asked = sorted(set(versions))
    rows = _BY_ID.all(
        tx, policy_ids=uuids(id_ for id_, _ in asked), versions=ints(no for _, no in asked)
    )
    return {(row.policy_id, row.version): row.body for row in rows}


_BY_ID = query(
    PolicyVersion,
    """
    SELECT v.policy_id, v.version, v.body, v.at
    FROM unnest(%(policy_ids)s::uuid[], %(versions)s::int4[]) AS asked (policy_id, version)
    JOIN sourcing.policy_version AS v USING (policy_id, version)
    """,
)


def lock_policy(tx: Tx, code: str) -> StoredPolicy | None:
    """Lock a policy by its code."""
    return _LOCK.first(tx, code=code)


_LOCK = query(
    StoredPolicy,
    """
    SELECT p.id, p.code, p.name, p.version, v.body
    FROM sourcing.policy AS p
    JOIN sourcing.policy_version AS v ON v.policy_id = p.id AND v.version = p.version
    WHERE p.code = %(code)s
    FOR NO KEY UPDATE OF p
    """,
)


def insert_policy(tx: Tx, policy: StoredPolicy) -> bool:
    """Write a new policy; False when its code is taken. Version 1 comes with its first event."""
    made = _INSERT.run(tx, id=policy.id, code=policy.code, name=policy.name, created_at=tx.now)
    return made == 1


_INSERT = statement("""
    INSERT INTO sourcing.policy (id, code, name, version, created_at)
    VALUES (%(id)s, %(code)s, %(name)s, 0, %(created_at)s)
    ON CONFLICT (code) DO NOTHING
""")


def rename_policy(tx: Tx, policy_id: UUID, name: str) -> None:
    """The caller holds the policy's lock."""
    _RENAME.run(tx, id=policy_id, name=name)


_RENAME = statement("UPDATE sourcing.policy SET name = %(name)s WHERE id = %(id)s")


def insert_version(tx: Tx, policy: StoredPolicy) -> None:
    """Keep `policy.body` as version `policy.version`, with every default written out."""
    body = msgspec.json.encode(policy.body).decode()
    _INSERT_VERSION.run(tx, policy_id=policy.id, version=policy.version, body=body, at=tx.now)


_INSERT_VERSION = statement("""
    INSERT INTO sourcing.policy_version (policy_id, version, body, at)
    VALUES (%(policy_id)s, %(version)s, %(body)s::jsonb, %(at)s)
""")

POLICY = Stream(
    "policy",
    bulk_query(
        RaisedVersion,
        """
        UPDATE sourcing.policy AS p
        SET version = p.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE p.id = d.id
        RETURNING p.id, p.version::int8 AS version
        """,
    ),
)
"""The timeline of a policy: each event is a version."""
