"""The form of an item: what it is, how it is told apart, its size, what it costs."""

from decimal import Decimal, InvalidOperation

from ordito.catalog.types import Item
from ordito.listings.places import Names
from ordito.web.edit_forms import (
    Field,
    Form,
    Section,
    lines_of,
    pairs_of,
)
from ordito.web.rendering import gettext as _
from ordito.web.view_context import Choice
from ordito.web.words import ITEM_KINDS, TRACKINGS, word

KINDS = ("stocked", "kit", "service")


def item_form(names: Names, item: Item | None) -> Form:
    url = f"/products/{item.id}" if item else "/products"
    sections = [
        Section(_("What it is"), _identity(item)),
        Section(_("Size and weight"), _sizes(item), _("Of one unit, packed.")),
        Section(_("Prices"), _price_fields(names, item), _("Orders placed before keep theirs.")),
        Section(
            _("Lots and serial numbers"),
            _tracking_fields(item),
            _("Changed only while there is no stock: then no unit lacks its lot."),
        ),
        Section(
            _("Kit"),
            [
                Field(
                    name="parts", label=_("Made of"), kind="area", optional=True, read=_parts,
                    value="\n".join(f"{p.sku} {p.quantity}" for p in item.parts) if item else "",
                    hint=_("One part on each line: its SKU and how many, such as “TEA-100 2”."
                           " Only for kits."),
                )
            ],
        ),
    ]  # fmt: skip
    return Form(
        title=_("Edit %(sku)s", sku=item.sku) if item else _("New item"),
        url=f"{url}/edit" if item else f"{url}/new",
        back_url=url,
        submit=_("Save changes") if item else _("Create item"),
        sections=sections,
        crumbs=[(_("Products"), "/products"), *([(item.sku, url)] if item else [])],
        version=item.version if item else None,
    )


def _identity(item: Item | None) -> list[Field]:
    kinds = [Choice(kind, word(ITEM_KINDS, kind)) for kind in KINDS]
    return [
        Field(name="sku", label=_("SKU"), value=item.sku if item else ""),
        Field(name="name", label=_("Name"), value=item.name if item else ""),
        Field(name="kind", label=_("Kind"), kind="select", choices=kinds,
              value=item.kind if item else "stocked",
              hint=_("Stock is kept of stocked items; a kit takes its parts from stock.")),
        Field(name="barcodes", label=_("Barcodes"), kind="area", optional=True, read=lines_of,
              value="\n".join(item.barcodes) if item else "",
              hint=_("One on each line. A barcode belongs to one item.")),
        Field(name="tags", label=_("Tags for sourcing"), optional=True, read=_codes,
              value=", ".join(item.tags) if item else "",
              hint=_("What rules speak of, with commas between: hazardous, bulky.")),
        Field(name="active", label=_("On sale"), kind="check",
              value="yes" if item is None or item.active else "",
              hint=_("Off sale, no new order can have it; open orders go on.")),
    ]  # fmt: skip


def _tracking_fields(item: Item | None) -> list[Field]:
    return [
        Field(name="tracking", label=_("Units are told apart by"), kind="select", blank="omit",
              choices=[Choice(code, word(TRACKINGS, code)) for code in TRACKINGS],
              value=item.tracking if item else "none",
              hint=_("Lots and serial numbers are asked for when stock is received and picked.")),
        Field(name="expires", label=_("Has a last day"), kind="check",
              value="yes" if item and item.expires else "",
              hint=_("What ends first is picked first; what is too old is set aside.")),
        Field(name="sell_days", label=_("Must keep"), kind="number", blank="omit",
              unit=_("days after it is sold"), minimum=0, maximum=3650,
              value=str(item.sell_days if item else 0)),
    ]  # fmt: skip


def _sizes(item: Item | None) -> list[Field]:
    named = (("weight_g", _("Weight"), "g"), ("length_mm", _("Length"), "mm"),
             ("width_mm", _("Width"), "mm"), ("height_mm", _("Height"), "mm"))  # fmt: skip
    return [
        Field(name=name, label=label, kind="number", unit=unit, minimum=0, optional=True,
              blank="none", value=_text(getattr(item, name)) if item else "")
        for name, label, unit in named
    ]  # fmt: skip


def _price_fields(names: Names, item: Item | None) -> list[Field]:
    """A price for each currency that channels sell in or the item has one in, and for another."""
    sold = {channel.currency for channel in names.channels.values() if channel.active}
    known = dict(item.prices) if item else {}
    fields = [
        Field(name=f"price_{code}", label=_("Price in %(currency)s", currency=code),
              pointer=f"/prices/{code}", optional=True, blank="none", read=_decimal,
              value=_text(known.get(code)))
        for code in sorted(sold | known.keys())
    ]  # fmt: skip
    return [
        *fields,
        Field(name="other_currency", label=_("Another currency"), optional=True,
              hint=_("Three letters, such as CHF.")),
        Field(name="other_price", label=_("Price in it"), optional=True, read=_decimal,
              blank="none"),
    ]  # fmt: skip


def _codes(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


def _text(value: Decimal | int | None) -> str:
    return "" if value is None else str(value)


def _decimal(text: str) -> str:
    """A price as typed, with a point or a comma; what is none is left for the check to name."""
    plain = text.replace(" ", "").replace("\u00a0", "")
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        return str(Decimal(plain))
    except InvalidOperation:
        return text


def _parts(text: str) -> list[dict[str, str]]:
    return [{"sku": sku, "quantity": quantity or "1"} for sku, quantity in pairs_of(text)]
