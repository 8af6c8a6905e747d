"""Customers: found by what identifies them, or made."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.kernel.addresses import normal_email
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx

ContactKey = tuple[str, str]
"""kind (email, phone, reference) and the value as it is compared."""


class Contact(msgspec.Struct, frozen=True):
    kind: str
    value_key: str
    customer_id: UUID


def contact_keys(email: str, phone: str, reference: str, channel_id: UUID) -> list[ContactKey]:
    """What finds a customer, strongest first. A reference counts within its channel."""
    keys = []
    if email:
        keys.append(("email", normal_email(email)))
    if phone:
        digits = "".join(ch for ch in phone if ch.isdigit())
        if digits:
            keys.append(("phone", ("+" if phone.strip().startswith("+") else "") + digits))
    if reference:
        keys.append(("reference", f"{channel_id}:{reference.strip()}"))
    return keys


def send_find(tx: Tx, keys: Sequence[ContactKey]) -> Any:
    """Ask for the customers of contact keys; rows are Contacts."""
    return _FIND.send_rows(tx, list(keys))


_FIND = bulk_query(
    Contact,
    """
    SELECT kind, value_key, customer_id
    FROM customers.contact
    JOIN unnest(%s::text[], %s::text[]) AS asked (kind, value_key) USING (kind, value_key)
    """,
)

PersonRow = tuple[str, str, str, str]
"""customer id, name, e-mail, phone"""


def send_insert(
    tx: Tx, people: Sequence[PersonRow], contacts: Sequence[tuple[str, str, str]]
) -> None:
    """Make customers. Contacts are (kind, value key, customer id), also new ones of known
    customers; a contact that someone else made meanwhile fails the transaction (contact_pkey)."""
    _INSERT_CUSTOMERS.send(tx, [(person[0],) for person in people])
    _INSERT_PEOPLE.send(tx, people)
    _INSERT_CONTACTS.send(tx, sorted(contacts))


_INSERT_CUSTOMERS = bulk("""
    INSERT INTO customers.customer (id, number)
    SELECT id, nextval('customers.number') FROM unnest(%s::uuid[]) AS new (id)
""")

_INSERT_PEOPLE = bulk("""
    INSERT INTO customers.person (customer_id, name, email, phone)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[])
""")

_INSERT_CONTACTS = bulk("""
    INSERT INTO customers.contact (kind, value_key, customer_id)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::uuid[])
""")
