"""What the columns of a file can mean: fields per kind, guessed by their headings, read by type."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from ordito.flows.import_cells import (
    as_barcodes,
    as_code,
    as_country,
    as_currency,
    as_day,
    as_flag,
    as_groups,
    as_kind,
    as_mail,
    as_moment,
    as_words,
)
from ordito.intake.columns import comparable_heading
from ordito.intake.values import (
    DecimalMark,
    Unreadable,
    read_decimal,
    read_price,
    read_quantity,
)
from ordito.kernel.money import CURRENCIES
from ordito.platform.problems import Fault, InvalidInput
from ordito.uploads.types import ImportKind, ImportOptions, RowFault, UploadRow

Read = Callable[[str, DecimalMark], Any]


class Field(msgspec.Struct, frozen=True):
    """A field that a column can hold.

    known_as: headings of other programs' exports. example: a cell of the template.
    target, factor: where another field is meant, in other units (kg for weight_g).
    """

    name: str
    read: Read
    known_as: tuple[str, ...] = ()
    example: str = ""
    required: bool = False
    target: str = ""
    factor: int = 1


_SKU = ("Variant SKU", "Internal Reference", "Default Code", "Article", "Article number",
        "Item no", "Item code", "Product code", "Stock keeping unit", "Artikelnummer",
        "Part number", "Reference")  # fmt: skip
_QUANTITY = ("qty", "Variant Inventory Qty", "Stock", "Quantity On Hand", "On hand",
             "Inventory quantity", "Units", "Pieces", "Available", "Counted quantity",
             "On hand (new)")  # fmt: skip
_PLACE = ("Location code", "Warehouse", "Warehouse code", "Store", "Site", "Place")
_PRICE = ("Variant Price", "Regular price", "Sales Price", "List price", "Sale price", "lst_price",
          "Public price", "Unit price", "Retail price")  # fmt: skip

_ITEM_SKU = Field("sku", as_code, _SKU, "CUP-RED", required=True)
_PRICE_FIELD = Field("price", read_price, _PRICE, "9.90")
_LOCATION = Field("location", as_code, _PLACE, "MAIN")


_LOTS = (
    Field("lot", as_code, ("Lot number", "Lot no", "Lot code", "Batch", "Batch number", "Batch no",
                           "Charge", "Lot/Serial Number")),
    Field("expires_on", as_day, ("Expires on", "Expiry", "Expiry date", "Expiration date",
                                 "Best before", "Best before date", "Use by", "MHD")),
    Field("serial", as_code, ("Serial number", "Serial no", "S/N", "Serial")),
)  # fmt: skip
"""Of items that are kept by lots or serial numbers. The example item has none."""


def _quantity(name: str, example: str, *, required: bool = False) -> Field:
    known = _QUANTITY if required else ("Expected quantity", "Expected", "On hand (current)")
    return Field(name, read_quantity, known, example, required)


def _size(name: str, known: tuple[str, ...], example: str) -> Field:
    return Field(name, read_quantity, known, example)


def _other_unit(name: str, target: str, factor: int, known: tuple[str, ...]) -> Field:
    return Field(name, read_decimal, known, target=target, factor=factor)


FIELDS: Mapping[ImportKind, tuple[Field, ...]] = {
    "items": (
        _ITEM_SKU,
        Field("name", as_words, ("Title", "Product name", "Description", "Item name", "Product",
                               "Bezeichnung"), "Cup, red"),
        Field("kind", as_kind, ("Type", "Product type", "Detailed type"), "stocked"),
        Field("barcode", as_barcodes, ("Variant Barcode", "EAN", "EAN13", "GTIN", "UPC", "ISBN",
                                     "GTIN, UPC, EAN, or ISBN", "Barcodes"), "5901234123457"),
        _size("weight_g", ("Variant Grams", "Grams", "Weight (g)", "Weight in g"), "320"),
        _other_unit("weight_kg", "weight_g", 1000, ("Weight (kg)", "Weight", "Net weight")),
        _size("length_mm", ("Length (mm)",), "120"),
        _size("width_mm", ("Width (mm)",), "90"),
        _size("height_mm", ("Height (mm)",), "100"),
        _other_unit("length_cm", "length_mm", 10, ("Length (cm)",)),
        _other_unit("width_cm", "width_mm", 10, ("Width (cm)",)),
        _other_unit("height_cm", "height_mm", 10, ("Height (cm)",)),
        _PRICE_FIELD,
        Field("active", as_flag, ("Status", "Published", "Can be sold", "Enabled"), "yes"),
    ),
    "prices": (
        _ITEM_SKU,
        _PRICE_FIELD,
        Field("currency", as_currency, ("Currency code", "Price currency"), "EUR"),
    ),
    "counts": (
        _LOCATION,
        _ITEM_SKU,
        _quantity("counted", "40", required=True),
        _quantity("expected", "38"),
        *_LOTS,
    ),
    "receipts": (
        _LOCATION,
        _ITEM_SKU,
        _quantity("quantity", "40", required=True),
        Field("reference", as_words, ("Delivery note", "Document", "Source"), "DN-2026-118"),
        Field("received_at", as_moment, ("Received on", "Date", "Receipt date"), "2026-03-31"),
        *_LOTS,
    ),
    "expected": (
        _LOCATION,
        _ITEM_SKU,
        _quantity("quantity", "240", required=True),
        Field("expected_on", as_day, ("Expected on", "Expected arrival", "ETA", "Due date",
                                    "Scheduled date", "Delivery date"), "2026-12-01",
              required=True),
        Field("reference", as_words, ("Purchase order", "PO", "PO number", "Order reference",
                                    "Source document"), "PO-118", required=True),
    ),
    "bins": (
        _LOCATION,
        Field("bin", as_code, ("Bin code", "Bin location", "Shelf", "Slot", "Bin name"), "A-01-2",
              required=True),
        _size("walk_order", ("Pick sequence", "Sequence", "Sort order"), "10"),
        Field("sku", as_code, _SKU, "CUP-RED"),
    ),
    "locations": (
        Field("code", as_code, ("Location code", "Short name", "Warehouse code"), "MAIN",
              required=True),
        Field("name", as_words, ("Location name", "Warehouse", "Title"), "Main warehouse"),
        Field("kind", as_code, ("Type",), "warehouse"),
        Field("time_zone", as_words, ("Timezone", "tz"), "Europe/Warsaw"),
        Field("country", as_country, ("Country code", "Country/Region"), "PL"),
        Field("line1", as_words, ("Street", "Address", "Address 1", "Address line 1"), "Długa 1"),
        Field("line2", as_words, ("Street 2", "Address 2", "Address line 2"), ""),
        Field("city", as_words, ("Town",), "Łódź"),
        Field("region", as_words, ("State", "Province"), ""),
        Field("postal_code", as_words, ("Zip", "Postcode", "Zip code"), "90-001"),
        Field("company", as_words, (), ""),
        Field("latitude", lambda t, m: float(read_decimal(t, "point")), ("Lat",), "51.7592"),
        Field("longitude", lambda t, m: float(read_decimal(t, "point")), ("Lng", "Lon"), "19.456"),
        Field("market", as_code, (), ""),
        Field("owner", as_words, (), ""),
        Field("can_ship", as_flag, ("Ships",), "yes"),
        Field("can_pickup", as_flag, ("Pickup",), "no"),
        _size("capacity_daily", ("Daily capacity",), "400"),
        _size("priority", (), "1"),
        Field("active", as_flag, ("Status",), "yes"),
    ),
    "customers": (
        Field("email", as_mail, ("E-mail", "Email address", "Billing Email", "Customer email"),
              "anna@example.com"),
        Field("name", as_words, ("Full name", "Customer name", "Customer", "Display name"),
              "Anna Nowak"),
        Field("first_name", as_words, ("First", "Billing First Name", "Given name"), ""),
        Field("last_name", as_words, ("Last", "Surname", "Billing Last Name", "Family name"), ""),
        Field("phone", as_words, ("Telephone", "Mobile", "Phone number", "Billing Phone",
                                "Default Address Phone"), "+48 601 234 567"),
        Field("groups", as_groups, ("Group", "Customer group", "Customer groups", "Segment"),
              "vip, b2b"),
    ),
    "kits": (
        Field("kit", as_code, ("Kit SKU", "Bundle SKU", "Parent SKU", "BoM", "Product"), "SET-2",
              required=True),
        Field("part", as_code, ("Part SKU", "Component", "Component SKU", "Child SKU",
                              "BoM Lines/Component", "SKU"), "CUP-RED", required=True),
        _quantity("quantity", "2", required=True),
        Field("name", as_words, ("Kit name", "Bundle name"), "Set of two cups"),
    ),
    "limits": (
        _ITEM_SKU,
        _LOCATION,
        _size("low_units", ("Reorder point", "Minimum", "Min", "Minimum stock", "Safety stock",
                            "Low stock", "Low stock threshold", "Reorder level"), "12"),
        _size("low_days", ("Days of cover", "Minimum days", "Lead time"), ""),
        _size("over_days", ("Maximum days", "Overstock days"), "90"),
    ),
}  # fmt: skip

NOT_SAID: Mapping[ImportKind, str] = {"counts": "location", "receipts": "location",
                                      "expected": "location", "bins": "location"}  # fmt: skip
"""Kinds whose location may be said for the whole file."""

_PRICE_IN = re.compile(r"price_([A-Z]{3})")


def find_field(kind: ImportKind, name: str) -> Field | None:
    """A field by its name; prices of a currency are price_EUR and the like."""
    priced = _PRICE_IN.fullmatch(name)
    if priced and kind in ("items", "prices") and priced[1] in CURRENCIES:
        return Field(name, read_price)
    return next((field for field in FIELDS[kind] if field.name == name), None)


def guess_mapping(kind: ImportKind, columns: Sequence[str]) -> dict[str, str]:
    """Heading → field, by the fields' own names and those of other programs; each field once.

    A field's own name counts before what other programs call it, and those in their order.
    """
    by_heading = {comparable_heading(name): name for name in reversed(columns)}
    mapping: dict[str, str] = {}
    for heading in columns:
        priced = re.fullmatch(r"price[ _(/-]*([A-Za-z]{3})\)?", heading.strip(), re.IGNORECASE)
        if priced and find_field(kind, f"price_{priced[1].upper()}"):
            mapping[heading] = f"price_{priced[1].upper()}"
    own = [(field.name, field.name) for field in FIELDS[kind]]
    others = [(field.name, other) for field in FIELDS[kind] for other in field.known_as]
    for name, called in (*own, *others):
        found = by_heading.get(comparable_heading(called))
        if found is not None and found not in mapping and name not in mapping.values():
            mapping[found] = name
    return mapping


def headings_key(columns: Sequence[str]) -> str:
    """What files with the same headings, in whatever order, have in common."""
    text = "\n".join(sorted(comparable_heading(name) for name in columns))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def check_mapping(
    kind: ImportKind, columns: Sequence[str], mapping: Mapping[str, str], options: ImportOptions
) -> None:
    """Raises InvalidInput with everything that is wrong with what the columns are to mean."""
    faults = [
        Fault(f"/mapping/{heading}", "unknown-column", f"The file has no column “{heading[:60]}”.")
        for heading in mapping
        if heading not in columns
    ]
    faults += [
        Fault(f"/mapping/{heading}", "unknown-field", f"“{name[:60]}” is no field of {kind}.")
        for heading, name in mapping.items()
        if find_field(kind, name) is None
    ]
    faults += _repeated(mapping) + _missing(kind, set(mapping.values()), options)
    if options.currency and options.currency not in CURRENCIES:
        detail = f"“{options.currency[:20]}” is no currency such as EUR."
        faults.append(Fault("/options/currency", "unknown-currency", detail))
    if faults:
        raise InvalidInput(
            f"{len(faults)} thing(s) to settle before the file can be looked at.", errors=faults
        )


def _repeated(mapping: Mapping[str, str]) -> list[Fault]:
    names = list(mapping.values())
    return [
        Fault("/mapping", "duplicate", f"Two columns are to be “{name}”; leave one out.")
        for name in sorted(set(names))
        if names.count(name) > 1
    ]


def _missing(kind: ImportKind, names: set[str], options: ImportOptions) -> list[Fault]:
    missing = [field.name for field in FIELDS[kind] if field.required and field.name not in names]
    if NOT_SAID.get(kind) and "location" not in names and not options.location:
        missing.append("location")
    faults = [
        Fault("/mapping", "required", f"No column is “{name}”; say which one it is.")
        for name in missing
    ]
    priced = [name for name in names if _PRICE_IN.fullmatch(name)]
    if kind == "prices" and "price" not in names and not priced:
        detail = "No column is a price; say which one it is."
        faults.append(Fault("/mapping", "required", detail))
    if "price" in names and "currency" not in names and not options.currency:
        detail = "Say which currency the prices are in."
        faults.append(Fault("/options/currency", "required", detail))
    if kind == "customers" and not names & {"email", "phone"}:
        detail = "Customers are known by e-mail address or phone: say which column it is."
        faults.append(Fault("/mapping", "required", detail))
    return faults


class RowValues(msgspec.Struct, frozen=True):
    """A row that can be carried out: what its cells say, by field; blank cells are absent."""

    n: int
    line: int
    values: dict[str, Any]


class CellReader:
    """Reads the rows of one file by what its columns mean."""

    def __init__(
        self,
        kind: ImportKind,
        columns: Sequence[str],
        mapping: Mapping[str, str],
        options: ImportOptions,
    ) -> None:
        places = {heading: place for place, heading in enumerate(columns)}
        self._fields = [
            (places[heading], field)
            for heading, name in mapping.items()
            if (field := find_field(kind, name)) is not None and heading in places
        ]
        self._required = [field.name for field in FIELDS[kind] if field.required]
        if kind in NOT_SAID:
            self._required.append("location")
        self._options = options

    def read(self, row: UploadRow) -> tuple[RowValues, list[RowFault]]:
        """The row's values, and every fault of its cells."""
        values: dict[str, Any] = {}
        faults: list[RowFault] = []
        if self._options.location:
            values["location"] = self._options.location
        for place, field in self._fields:
            text = row.cells[place].strip() if place < len(row.cells) else ""
            if text:
                self._read_cell(field, text, values, faults)
        told = {fault.field for fault in faults}
        faults += [
            RowFault(name, "required", f"The cell of “{name}” is empty; fill it.")
            for name in self._required
            if name not in values and name not in told
        ]
        return RowValues(row.n, row.line, values), faults

    def _read_cell(
        self, field: Field, text: str, values: dict[str, Any], faults: list[RowFault]
    ) -> None:
        # A leading apostrophe is how spreadsheets (and our own files) mark text as text.
        marked = text[:1] == "'" and text[1:2] in "=+-@'"
        try:
            value = field.read(text[1:] if marked else text, self._options.decimal_mark)
            if field.target:
                value = _in_units(value, field)
        except Unreadable as unreadable:
            faults.append(RowFault(field.name, unreadable.code, unreadable.detail))
        else:
            values[field.target or field.name] = value


def _in_units(value: Decimal, field: Field) -> int:
    amount = value * field.factor
    if amount != amount.to_integral_value():
        detail = f"{value} is finer than whole units of {field.target}."
        raise Unreadable("too-exact", detail)
    return int(amount)


def prices_of(values: Mapping[str, Any], currency: str) -> dict[str, Decimal]:
    """Currency → price of a row's values."""
    prices = {
        name.removeprefix("price_"): value
        for name, value in values.items()
        if _PRICE_IN.fullmatch(name)
    }
    if "price" in values:
        prices[values.get("currency") or currency] = values["price"]
    return prices


def template_rows(kind: ImportKind) -> list[list[str]]:
    """Headings of every field, and an example row."""
    fields: Iterable[Field] = [field for field in FIELDS[kind] if not field.target]
    names = ["price_EUR" if f.name == "price" and kind == "items" else f.name for f in fields]
    return [names, [field.example for field in fields]]
