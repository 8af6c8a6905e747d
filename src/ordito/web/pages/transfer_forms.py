"""The form of a transfer: from where to where, and what."""

from typing import Any

from ordito.inventory.transfer_asks import StockTransfer
from ordito.listings.places import read_names
from ordito.platform.database import Tx
from ordito.web.edit_forms import Field, Form, Section, pairs_of
from ordito.web.readers import seen_places
from ordito.web.rendering import gettext as _
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

_URL = "/inventory/transfers"


def transfer_form(visit: Visit, tx: Tx, transfer: StockTransfer | None) -> Form:
    """The form of a transfer; None makes an empty one for a new transfer."""
    url = f"{_URL}/{transfer.number}" if transfer else _URL
    title = _("Transfer %(number)s", number=transfer.number) if transfer else ""
    return Form(
        title=_("Change transfer %(number)s", number=transfer.number)
        if transfer
        else _("New transfer"),
        url=f"{url}/edit" if transfer else f"{url}/new",
        back_url=url,
        submit=_("Save changes") if transfer else _("Draft transfer"),
        sections=[
            Section(_("From where to where"), _places(visit, tx, transfer)),
            Section(_("What"), [_lines(visit, transfer)]),
            Section(_("More"), _more(transfer)),
        ],
        crumbs=[
            (_("Inventory"), "/inventory"),
            (_("Transfers"), _URL),
            *([(title, url)] if transfer else []),
        ],
        note=_("No stock moves before it is sent."),
        version=transfer.version if transfer else None,
    )


def _places(visit: Visit, tx: Tx, transfer: StockTransfer | None) -> list[Field]:
    names = read_names(tx)
    open_ = {p.code for p in names.locations.values() if p.active and p.kind != "history"}
    choices = list(seen_places(names, visit.actor))
    ends = [
        ("from_location", _("From location"), transfer.from_location if transfer else "", choices),
        (
            "to_location",
            _("To location"),
            transfer.to_location if transfer else visit.view().scope.location,
            [choice for choice in choices if choice.value in open_],
        ),
    ]
    return [
        Field(
            name=name,
            label=label,
            kind="select",
            choices=[Choice("", _("Choose a location")), *those],
            value=value or visit.asked(name),
            fixed=transfer is not None,
        )
        for name, label, value, those in ends
    ]


def _lines(visit: Visit, transfer: StockTransfer | None) -> Field:
    value = visit.asked("sku")
    if transfer is not None:
        value = "\n".join(f"{line.sku} {line.requested}" for line in transfer.lines)
    return Field(
        name="lines",
        label=_("Items and units"),
        kind="area",
        value=value,
        read=_read_lines,
        hint=_("One item per line: its SKU and how many, such as TEA-100 24."),
    )


def _read_lines(text: str) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": int(qty or 1)} for sku, qty in pairs_of(text)]


def _more(transfer: StockTransfer | None) -> list[Field]:
    expected = transfer.expected_on.isoformat() if transfer and transfer.expected_on else ""
    return [
        Field(name="expected_on", label=_("Expected on"), kind="date", value=expected,
              optional=True, blank="none"),
        Field(name="reference", label=_("Reference"), optional=True,
              value=transfer.reference if transfer else ""),
        Field(name="note", label=_("Note"), optional=True,
              value=transfer.note if transfer else ""),
    ]  # fmt: skip
