"""Customers made and corrected by hand: one person, and the contacts by which orders find them."""

from collections.abc import Sequence
from uuid import UUID

from ordito.customers.customers import ContactKey
from ordito.customers.people import Customer
from ordito.platform.arrays import texts
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream


def lock_customer(tx: Tx, number: int) -> Customer | None:
    return _LOCK.first(tx, number=number)


_LOCK = query(
    Customer,
    """
    SELECT c.id, c.number, p.name, p.email, p.phone, c.version, c.created_at, c.groups
    FROM customers.customer AS c
    JOIN customers.person AS p ON p.customer_id = c.id
    WHERE c.number = %(number)s
    FOR NO KEY UPDATE OF c
    """,
)


def new_number(tx: Tx) -> int:
    return _NUMBER.one(tx)


_NUMBER = query(int, "SELECT nextval('customers.number')")


def insert_customer(tx: Tx, customer: Customer) -> None:
    """Write a new customer, whose first event makes it version 1; contacts come beside it."""
    _INSERT.run(tx, id=customer.id, number=customer.number)
    _INSERT_PERSON.run(
        tx, id=customer.id, name=customer.name, email=customer.email, phone=customer.phone
    )


_INSERT = statement("""
    INSERT INTO customers.customer (id, number, version)
    VALUES (%(id)s, %(number)s, 0)
""")

_INSERT_PERSON = statement("""
    INSERT INTO customers.person (customer_id, name, email, phone)
    VALUES (%(id)s, %(name)s, %(email)s, %(phone)s)
""")


def write_person(tx: Tx, customer: Customer) -> None:
    """Write a changed customer; the caller holds its lock."""
    _WRITE.run(tx, id=customer.id, name=customer.name, email=customer.email, phone=customer.phone)


_WRITE = statement("""
    UPDATE customers.person
    SET name = %(name)s, email = %(email)s, phone = %(phone)s
    WHERE customer_id = %(id)s
""")


def move_contacts(
    tx: Tx, customer_id: UUID, *, gone: Sequence[ContactKey], new: Sequence[ContactKey]
) -> None:
    """Take contacts away and add others. One that someone else added at this moment fails the
    transaction (contact_pkey), and the door comes back and finds it."""
    _FORGET.run(
        tx,
        id=customer_id,
        kinds=texts(kind for kind, _ in gone),
        keys=texts(key for _, key in gone),
    )
    for kind, key in new:
        _ADD.run(tx, id=customer_id, kind=kind, key=key)


_FORGET = statement("""
    DELETE FROM customers.contact AS c
    USING unnest(%(kinds)s::text[], %(keys)s::text[]) AS gone (kind, key)
    WHERE c.customer_id = %(id)s AND c.kind = gone.kind AND c.value_key = gone.key
""")

_ADD = statement("""
    INSERT INTO customers.contact (kind, value_key, customer_id)
    VALUES (%(kind)s, %(key)s, %(id)s)
""")


CUSTOMER = Stream(
    "customer",
    bulk_query(
        RaisedVersion,
        """
        UPDATE customers.customer AS c
        SET version = c.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE c.id = d.id
        RETURNING c.id, c.version
        """,
    ),
)
"""The timeline of a customer."""
