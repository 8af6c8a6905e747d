"""Words of imports: kinds, the fields that columns can be, and how a row is shown."""

from collections.abc import Mapping
from typing import Any

from ordito.flows.import_acts import ACTS
from ordito.flows.import_fields import FIELDS as COLUMN_FIELDS
from ordito.platform.access import Actor
from ordito.uploads.types import DataImport, ImportKind, UploadRow
from ordito.web.histories import FIELDS, value_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import problem_text
from ordito.web.statuses import N_
from ordito.web.view_context import Choice
from ordito.web.words import word

KINDS: Mapping[ImportKind, str] = {
    "items": N_("Items"),
    "prices": N_("Item prices"),
    "kits": N_("Kits and their parts"),
    "counts": N_("Stock counts (set what is on hand)"),
    "receipts": N_("Stock receipts (add what came in)"),
    "limits": N_("Limits of stock (from when on it is low)"),
    "expected": N_("Expected receipts (what suppliers will bring)"),
    "locations": N_("Locations"),
    "bins": N_("Bins, and what lies in them"),
    "customers": N_("Customers"),
}
CANT_UNDO: Mapping[ImportKind, str] = {
    "limits": N_("Limits may have been changed since: change them on the page of limits."),
    "bins": N_("Pickers may have used the bins since: change them on the location’s page."),
    "locations": N_("Locations may have got work and stock since: close them on their pages."),
    "customers": N_("Customers may have ordered since: change them one by one."),
}
_COLUMNS: Mapping[str, str] = {
    **FIELDS,
    "barcode": N_("Barcode"),
    "weight_kg": N_("Weight in kg"),
    "length_cm": N_("Length in cm"),
    "width_cm": N_("Width in cm"),
    "height_cm": N_("Height in cm"),
    "price": N_("Price"),
    "currency": N_("Currency"),
    "location": N_("Location (code)"),
    "counted": N_("Counted"),
    "expected": N_("Expected (count only if so many are on hand)"),
    "quantity": N_("Quantity"),
    "lot": N_("Lot"),
    "expires_on": N_("Last day"),
    "serial": N_("Serial number"),
    "reference": N_("Delivery note"),
    "received_at": N_("Received on"),
    "expected_on": N_("Expected on"),
    "bin": N_("Bin"),
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "kit": N_("Kit (SKU)"),
    "part": N_("Part (SKU)"),
    "low_units": N_("Low at so many units"),
    "low_days": N_("Low when it lasts so many days"),
    "over_days": N_("Too much is more than sells in so many days"),
    "low_by": N_("Low is said in"),
    "low_at": N_("Low from"),
}
_TITLES: Mapping[ImportKind, tuple[str, ...]] = {
    "items": ("sku",),
    "prices": ("sku",),
    "kits": ("kit", "part"),
    "counts": ("location", "sku", "lot", "serial"),
    "receipts": ("location", "sku", "lot", "serial"),
    "expected": ("location", "sku", "reference"),
    "locations": ("code",),
    "bins": ("location", "bin", "sku"),
    "customers": ("email", "phone", "name"),
    "limits": ("sku", "location"),
}
"""Fields that a row is recognised by."""


def field_word(name: str) -> str:
    """What people call a field of a column, or of a change."""
    if name.startswith("price_"):
        return _("Price in %(currency)s", currency=name.removeprefix("price_"))
    return word(_COLUMNS, name)


def field_choices(job: DataImport) -> list[Choice]:
    """What a column of the file can be."""
    names = [field.name for field in COLUMN_FIELDS[job.kind]]
    names += sorted(name for name in job.mapping.values() if name not in names)
    if job.kind in ("items", "prices"):
        names += [f"price_{c}" for c in ("EUR", "USD", "GBP", "PLN") if f"price_{c}" not in names]
    return [Choice(name, field_word(name)) for name in names]


def kind_choices(actor: Actor) -> list[Choice]:
    """What the reader may bring in."""
    return [
        Choice(kind, _(label))
        for kind, label in KINDS.items()
        if all(permission in actor.permissions for permission in ACTS[kind].permissions)
    ]


def show_row(job: DataImport, row: UploadRow) -> dict[str, Any]:
    """A row as pages show it: what it is about, what changes, what is wrong with it."""
    changes = row.changes or {}
    return {
        "line": row.line,
        "title": " · ".join(_cells_of(job, row)),
        "outcome": row.outcome,
        "changes": [
            {
                "field": field_word(name),
                "before": "" if before is None else value_words(name, before, {}),
                "after": value_words(name, after, {}),
            }
            for name, (before, after) in changes.items()
            if name != "sku"
        ],
        "faults": [
            {
                "field": field_word(fault.field) if fault.field else "",
                "words": problem_text(fault.detail),
            }
            for fault in row.faults or ()
        ],
    }


def _cells_of(job: DataImport, row: UploadRow) -> list[str]:
    places = {name: job.columns.index(heading) for heading, name in job.mapping.items()}
    found = [row.cells[places[n]] for n in _TITLES[job.kind] if places.get(n, 999) < len(row.cells)]
    return [cell.strip() for cell in found if cell.strip()] or [
        cell.strip() for cell in row.cells[:2] if cell.strip()
    ]
