"""What happens to customers. Names of fields only: what identifies people is in no event."""

from typing import ClassVar

from ordito.platform.events import Event


class CustomerCreated(Event, frozen=True):
    """Made by hand, by the number; those who order are made with their order."""

    kind: ClassVar[str] = "customer.created"
    number: int


class CustomerChanged(Event, frozen=True):
    """Names of the fields that changed: name, email, phone, groups."""

    kind: ClassVar[str] = "customer.changed"
    fields: list[str]
