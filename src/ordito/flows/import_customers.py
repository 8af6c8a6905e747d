"""Rows of customers: found by e-mail address or phone, made, or completed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.customers.customers import ContactKey, contact_keys
from ordito.customers.groups import write_many_groups
from ordito.customers.people import Customer
from ordito.customers.taken_over import complete_people, find_owners, insert_customers
from ordito.flows.import_fields import RowValues
from ordito.flows.import_groups import refuse_by
from ordito.kernel.ids import new_id
from ordito.platform.database import Tx
from ordito.uploads.types import DataImport, RowResult

_NOBODY = UUID(int=0)
_FIELDS = ("name", "email", "phone")


class _Person(msgspec.Struct, frozen=True):
    """What a row says of somebody, and what it is found by."""

    name: str
    email: str
    phone: str
    keys: list[ContactKey]
    groups: list[str] | None


def bring_customers(tx: Tx, job: DataImport, rows: Sequence[RowValues]) -> list[RowResult]:
    """Make customers, and fill in what is said of known ones; what a row doesn't say stays."""
    people = {row.n: _read(row.values) for row in rows}
    owners = find_owners(tx, [key for person in people.values() for key in person.keys])
    results: list[RowResult] = []
    made: list[tuple[UUID, str, str, str]] = []
    completed: dict[UUID, tuple[UUID, str, str, str]] = {}
    contacts: list[tuple[str, str, UUID]] = []
    grouped: dict[UUID, list[str]] = {}
    for row in rows:
        person = people[row.n]
        found = {owners[key].id: owners[key] for key in person.keys if key in owners}
        result, customer = _settle(row, person, list(found.values()))
        results.append(result)
        if customer is None:
            continue
        if result.outcome == "new":
            made.append((customer.id, customer.name, customer.email, customer.phone))
        elif result.outcome == "changed":
            columns = (customer.id, customer.name, customer.email, customer.phone)
            completed[customer.id] = columns
        if person.groups is not None and result.outcome in ("new", "changed"):
            grouped[customer.id] = customer.groups
        for key in person.keys:
            if key not in owners:
                contacts.append((*key, customer.id))
            owners[key] = customer
    if made or contacts:
        insert_customers(tx, made, contacts)
    complete_people(tx, list(completed.values()))
    write_many_groups(tx, grouped)
    return results


def _read(values: dict[str, Any]) -> _Person:
    name = values.get("name") or " ".join(
        values[part] for part in ("first_name", "last_name") if part in values
    )
    email, phone = values.get("email", ""), values.get("phone", "")
    keys = contact_keys(email, phone, "", _NOBODY)
    return _Person(name, email, phone, keys, values.get("groups"))


def _settle(
    row: RowValues, person: _Person, found: Sequence[Customer]
) -> tuple[RowResult, Customer | None]:
    """What becomes of a row, and the customer as it is then."""
    if not person.keys:
        detail = "The row has neither an e-mail address nor a phone number to know somebody by."
        return refuse_by(row.n, "required", detail, "email"), None
    if len(found) > 1:
        numbers = ", ".join(str(one.number) for one in found)
        detail = f"E-mail address and phone belong to different customers: {numbers}."
        return refuse_by(row.n, "ambiguous", detail, "email"), None
    if not found:
        customer = Customer(
            new_id(),
            0,
            person.name,
            person.email,
            person.phone,
            version=1,
            created_at=None,  # type: ignore[arg-type]
            groups=person.groups or [],
        )
        changes = {name: (None, getattr(person, name)) for name in (*_FIELDS, "groups")}
        told: dict[str, tuple[Any, Any]] = {name: pair for name, pair in changes.items() if pair[1]}
        return RowResult(row.n, "new", told, thing_id=customer.id), customer
    (before,) = found
    said: dict[str, Any] = {
        name: getattr(person, name) for name in _FIELDS if getattr(person, name)
    }
    if person.groups is not None:
        said["groups"] = person.groups
    after = msgspec.structs.replace(before, **said)
    changed = {
        name: (getattr(before, name), new)
        for name, new in said.items()
        if getattr(before, name) != new
    }
    if not changed:
        return RowResult(row.n, "same", thing_id=before.id), after
    return RowResult(row.n, "changed", changed, thing_id=before.id), after
