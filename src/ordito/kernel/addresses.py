"""Postal addresses and what is compared of contacts."""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(max_length=300)]
CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2 code")]


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A postal address as written by its owner; only the country is checked."""

    country: CountryCode
    name: Text = ""
    company: Text = ""
    line1: Text = ""
    line2: Text = ""
    city: Text = ""
    region: Text = ""
    postal_code: Annotated[str, Meta(max_length=20)] = ""
    phone: Annotated[str, Meta(max_length=50)] = ""


_BLANKS = re.compile(r"[\s\-]+")


def normal_postal_code(code: str) -> str:
    """Postal code without blanks and dashes, upper case: how codes are compared and looked up."""
    return _BLANKS.sub("", code).upper()


def normal_email(email: str) -> str:
    """E-mail as it is compared: trimmed, case folded; the local part is not rewritten."""
    return email.strip().casefold()


def address_lines(address: Address) -> list[str]:
    """An address without its empty lines."""
    town = " ".join(part for part in (address.postal_code, address.city) if part)
    lines = (address.name, address.company, address.line1, address.line2, town, address.region)
    return [line for line in (*lines, address.country) if line]
