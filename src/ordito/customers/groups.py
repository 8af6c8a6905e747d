"""Groups of customers: tags such as vip and b2b, by which stock can be kept for them."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement


class CustomerGroup(msgspec.Struct, frozen=True):
    """A group, and how many customers are in it."""

    code: str
    customers: int


class _Member(msgspec.Struct, frozen=True):
    id: UUID
    groups: list[str]


def read_groups(tx: Tx, customer_ids: Iterable[UUID]) -> Mapping[UUID, frozenset[str]]:
    """The groups of customers; those that are in none are absent."""
    return {row.id: frozenset(row.groups) for row in _OF.all(tx, ids=uuids(customer_ids))}


_OF = query(
    _Member,
    """
    SELECT id, groups
    FROM customers.customer
    WHERE id = ANY(%(ids)s::uuid[]) AND groups <> '{}'
    """,
)


def list_groups(tx: Tx) -> list[CustomerGroup]:
    """All groups that anybody is in, by code; at most 1,000."""
    return _GROUPS.all(tx)


_GROUPS = query(
    CustomerGroup,
    """
    SELECT g.code, count(*) AS customers
    FROM customers.customer AS c
    CROSS JOIN LATERAL unnest(c.groups) AS g (code)
    WHERE c.groups <> '{}'
    GROUP BY g.code
    ORDER BY g.code
    LIMIT 1000
    """,
)


def write_groups(tx: Tx, customer_id: UUID, groups: Sequence[str]) -> None:
    """Write the groups of a customer that is locked, or new."""
    _WRITE.run(tx, id=customer_id, groups=list(groups))


_WRITE = statement("""
    UPDATE customers.customer SET groups = %(groups)s::text[] WHERE id = %(id)s
""")


def write_many_groups(tx: Tx, groups: Mapping[UUID, Sequence[str]]) -> None:
    """The same for many at once; a code has no comma."""
    _WRITE_MANY.run(tx, [(id_, ",".join(codes)) for id_, codes in sorted(groups.items())])


_WRITE_MANY = bulk("""
    UPDATE customers.customer AS c
    SET groups = string_to_array(d.groups, ',')
    FROM unnest(%s::uuid[], %s::text[]) AS d (id, groups)
    WHERE c.id = d.id
""")
