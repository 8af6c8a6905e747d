"""Customers taken over from elsewhere: found by what identifies them, made, and completed."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from ordito.customers.customers import ContactKey, send_find, send_insert
from ordito.customers.people import Customer, read_customers
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx
from ordito.platform.events import RaisedVersion


def find_owners(tx: Tx, keys: Iterable[ContactKey]) -> dict[ContactKey, Customer]:
    """Whose the contacts are; those that nobody has are absent."""
    found = list(send_find(tx, sorted(set(keys))))
    people = read_customers(tx, {row.customer_id for row in found})
    return {(row.kind, row.value_key): people[row.customer_id] for row in found}


def insert_customers(
    tx: Tx,
    people: Sequence[tuple[UUID, str, str, str]],
    contacts: Sequence[tuple[str, str, UUID]],
) -> None:
    """New customers (id, name, e-mail, phone), and contacts of new and known ones."""
    send_insert(
        tx,
        [(str(id_), name, email, phone) for id_, name, email, phone in people],
        [(kind, key, str(id_)) for kind, key, id_ in contacts],
    )


def complete_people(tx: Tx, people: Sequence[tuple[UUID, str, str, str]]) -> None:
    """Write names, addresses and numbers (id, name, e-mail, phone) of known customers."""
    ordered = sorted(people)
    _COMPLETE.run(tx, ordered)
    _RAISE.all_rows(tx, [(id_, 1) for id_, *_ in ordered])


_COMPLETE = bulk("""
    UPDATE customers.person AS p
    SET name = d.name, email = d.email, phone = d.phone
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) AS d (id, name, email, phone)
    WHERE p.customer_id = d.id
""")

_RAISE = bulk_query(
    RaisedVersion,
    """
    UPDATE customers.customer AS c
    SET version = c.version + d.n
    FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
    WHERE c.id = d.id
    RETURNING c.id, c.version
    """,
)
