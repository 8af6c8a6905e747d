"""Customers as they are shown. Names, addresses and numbers are personal data."""

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.kernel.addresses import normal_email
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query

NUMBER_MAX = 2**63 - 1


class Customer(msgspec.Struct, frozen=True):
    """Who buys. Orders name the id only; what identifies a person is here alone."""

    id: UUID
    number: int
    name: str
    email: str
    phone: str
    version: int
    created_at: datetime
    groups: list[str] = []
    """Such as vip and b2b; by these, stock can be kept for them."""


_COLUMNS = "c.id, c.number, p.name, p.email, p.phone, c.version, c.created_at, c.groups"


def read_customers(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Customer]:
    """Customers by id; unknown ids are absent."""
    return {row.id: row for row in _BY_ID.all(tx, ids=uuids(ids))}


_BY_ID = query(
    Customer,
    f"""
    SELECT {_COLUMNS}
    FROM customers.customer AS c
    JOIN customers.person AS p ON p.customer_id = c.id
    WHERE c.id = ANY(%(ids)s::uuid[])
    """,  # noqa: S608 (a constant of this module)
)


def list_customers(
    tx: Tx, *, search: str = "", before: int | None = None, limit: int = 50
) -> list[Customer]:
    """Customers, newest first; the next page is `before` the last one's number.

    search: a whole e-mail address or phone number, a customer number, or part of a name.
    """
    wanted = search.strip()
    return _LIST.all(
        tx,
        search=wanted,
        email=normal_email(wanted),
        phone=_normal_phone(wanted),
        number=_number(wanted),
        pattern="%" + _LIKE_SIGNS.sub(r"\\\g<0>", wanted.lower()) + "%",
        before=before or NUMBER_MAX,
        limit=limit,
    )


_LIKE_SIGNS = re.compile(r"[\\%_]")


def _normal_phone(text: str) -> str:
    digits = "".join(ch for ch in text if ch.isdigit())
    return ("+" if text.startswith("+") else "") + digits


def _number(text: str) -> int | None:
    digits = text.removeprefix("#")
    if digits.isascii() and digits.isdigit() and int(digits) <= NUMBER_MAX:
        return int(digits)
    return None


_LIST = query(
    Customer,
    f"""
    SELECT {_COLUMNS}
    FROM customers.customer AS c
    JOIN customers.person AS p ON p.customer_id = c.id
    WHERE c.number < %(before)s
      AND (%(search)s = ''
           OR c.number = %(number)s
           OR c.id IN (
               SELECT k.customer_id
               FROM customers.contact AS k
               WHERE (k.kind = 'email' AND k.value_key = %(email)s)
                  OR (k.kind = 'phone' AND k.value_key = %(phone)s)
           )
           OR lower(p.name) LIKE %(pattern)s)
    ORDER BY c.number DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)
