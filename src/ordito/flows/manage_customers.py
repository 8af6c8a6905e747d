"""Make and correct customers by hand: who they are, and by which contacts orders find them.

An answer names numbers and ids only: it is kept with its key, where no personal data may be.
"""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.customers.changes import (
    CUSTOMER,
    insert_customer,
    lock_customer,
    move_contacts,
    new_number,
    write_person,
)
from ordito.customers.customers import ContactKey, contact_keys, send_find
from ordito.customers.events import CustomerChanged, CustomerCreated
from ordito.customers.groups import write_groups
from ordito.customers.people import Customer, read_customers
from ordito.kernel.asks import Ask, Code, Version
from ordito.kernel.ids import new_id
from ordito.listings.customers import read_customer_file
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import (
    AlreadyExists,
    Fault,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from ordito.platform.versions import check_version

PersonName = Annotated[str, Meta(max_length=300)]
Email = Annotated[str, Meta(pattern=r"^([^@\s]{1,64}@[^@\s]{1,189})?$", max_length=254)]
Phone = Annotated[str, Meta(max_length=50)]

Groups = Annotated[tuple[Code, ...], Meta(max_length=20)]
"""Groups of customers, such as vip and b2b; a group is there once somebody is in it."""

_NOWHERE = UUID(int=0)


class CreateCustomer(Ask, frozen=True, kw_only=True):
    """Who buys. One of e-mail and phone at least: by these their orders find them."""

    name: PersonName = ""
    email: Email = ""
    phone: Phone = ""
    groups: Groups = ()


class UpdateCustomer(Ask, frozen=True, kw_only=True):
    """What is left out stays. Orders keep the name and address that they were placed with."""

    number: Annotated[int, Meta(ge=1)]
    version: Version | None = None
    name: PersonName | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    groups: Groups | UnsetType = UNSET
    """All of them: those left out are gone."""


class CustomerKept(msgspec.Struct, frozen=True):
    """Which customer was written, and the fields that changed."""

    customer_id: UUID
    number: int
    version: int
    changed: list[str]


@command(permission="orders.write")
def create_customer(tx: Tx, ask: CreateCustomer) -> CustomerKept:
    """Add a customer; refused when the e-mail address or phone number is another one's."""
    if tx.actor.channel_ids is not None or tx.actor.location_ids is not None:
        raise NotPermitted(
            "Customers belong to no channel yet when they are made by hand: that needs someone"
            " who sees all channels and locations."
        )
    customer = Customer(
        new_id(), new_number(tx), ask.name.strip(), ask.email.strip(), ask.phone.strip(), 1,
        tx.now, sorted(set(ask.groups)),
    )  # fmt: skip
    keys = _keys(customer)
    _check(tx, customer, keys)
    insert_customer(tx, customer)
    if customer.groups:
        write_groups(tx, customer.id, customer.groups)
    move_contacts(tx, customer.id, gone=(), new=keys)
    tx.emit(CUSTOMER, customer.id, CustomerCreated(customer.number))
    told = ["name", "email", "phone", *(["groups"] if customer.groups else [])]
    return CustomerKept(customer.id, customer.number, 1, told)


@command(permission="orders.write")
def update_customer(tx: Tx, ask: UpdateCustomer) -> CustomerKept:
    """Correct a customer. A contact that is taken away no longer leads new orders here."""
    read_customer_file(tx, ask.number)  # Raises NotFound for who doesn't see the customer.
    before = lock_customer(tx, ask.number)
    if before is None:
        raise NotFound("There is no customer with this number.")
    check_version("customer", before.version, ask.version)
    names = [name for name in ("name", "email", "phone") if getattr(ask, name) is not UNSET]
    after = msgspec.structs.replace(before, **{n: getattr(ask, n).strip() for n in names})
    if ask.groups is not UNSET:
        names.append("groups")
        after = msgspec.structs.replace(after, groups=sorted(set(ask.groups)))
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    if not changed:
        return CustomerKept(before.id, before.number, before.version, [])
    old, new = _keys(before), _keys(after)
    _check(tx, after, new)
    write_person(tx, after)
    write_groups(tx, after.id, after.groups)
    known = {(row.kind, row.value_key) for row in send_find(tx, new)}
    gone = [key for key in old if key not in new]
    move_contacts(tx, after.id, gone=gone, new=[key for key in new if key not in known])
    tx.emit(CUSTOMER, after.id, CustomerChanged(changed))
    return CustomerKept(after.id, after.number, before.version + 1, changed)


def _keys(customer: Customer) -> list[ContactKey]:
    return contact_keys(customer.email, customer.phone, "", _NOWHERE)


def _check(tx: Tx, customer: Customer, keys: Sequence[ContactKey]) -> None:
    """Raises InvalidInput without a contact, AlreadyExists with the customer that has it."""
    kinds = {kind for kind, _ in keys}
    faults = []
    if not keys:
        faults.append(Fault("/email", "required", "An e-mail address or a phone number is needed."))
    if customer.phone and "phone" not in kinds:
        faults.append(Fault("/phone", "phone", "A phone number has digits."))
    if faults:
        raise InvalidInput(faults[0].detail, errors=faults)
    others = {row.customer_id for row in send_find(tx, keys)} - {customer.id}
    if others:
        known = read_customers(tx, others)
        numbers = sorted(other.number for other in known.values())
        raise AlreadyExists(
            f"Customer {numbers[0]} has this e-mail address or phone number already.",
            extra={"existing": {"customers": numbers}},
        )
