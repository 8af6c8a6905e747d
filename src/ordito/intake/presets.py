"""Column-mapping presets: what the columns of an order file mean, as data.

Three presets are shipped as JSON beside this module; others may come from anywhere and are decoded
by the same `decode_preset`. `msgspec.structs.replace(preset, mode="live")` overrides a part.
"""

from functools import lru_cache
from importlib import resources
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from ordito.intake.instants import DIRECTIVES, ISO
from ordito.intake.problems import PresetInvalid, PresetUnknown
from ordito.intake.types import ChargeKind, Mode
from ordito.intake.values import DecimalMark
from ordito.kernel.money import CURRENCIES
from ordito.platform.problems import Fault

Field = Literal[
    # of one row
    "order_key", "placed_at", "sku", "barcode", "title", "quantity", "unit_price", "line_discount",
    "tax_rate", "line_tax", "line_fulfilment", "requires_shipping", "not_before", "requested_on",
    "latest_on", "cancel_after",
    # of an order: the first cell that is not blank counts for all its rows
    "external_id", "customer_number", "email", "phone", "customer_name", "currency",
    "country", "ship_name", "ship_company", "ship_line1", "ship_line2", "ship_city", "ship_region",
    "ship_postal_code", "ship_country", "ship_phone", "bill_name", "bill_company", "bill_line1",
    "bill_line2", "bill_city", "bill_region", "bill_postal_code", "bill_country", "bill_phone",
    "subtotal", "order_discount", "discount_code", "shipping", "shipping_method", "tax_total",
    "duties", "total", "refunded", "outstanding", "tax_included", "tax_1_name", "tax_1_amount",
    "tax_2_name", "tax_2_amount", "tax_3_name", "tax_3_amount", "tax_4_name", "tax_4_amount",
    "tax_5_name", "tax_5_amount", "payment_status", "payment_method", "payment_reference",
    "fulfilment_status", "paid_at", "fulfilled_at", "cancelled_at", "tags", "note",
]  # fmt: skip

FIELDS: tuple[str, ...] = get_args(Field)
ALWAYS_NEEDED: tuple[Field, ...] = ("order_key", "quantity")
CHARGE_KINDS: tuple[str, ...] = get_args(ChargeKind)

FulfilmentState = Literal["open", "partly", "done", "cancelled"]

Words = dict[Annotated[str, Meta(min_length=1, max_length=100)], str]


class AdjustmentRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows without customer and with price zero are stock corrections, not sales.

    It holds for an invoice all of whose rows are such, and for such rows of negative quantity.
    reasons: word found in the row's title (lower case) → reason code; the first that fits wins.
    """

    reasons: Words = {}
    otherwise: str = "unexplained"


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the columns of a kind of order file mean.

    columns:     heading → field. Headings are compared without case, blanks and signs. Where two
                 headings of a file mean the same field, the one named first here is read.
    required:    fields whose column must be there, beside the order's key and the quantity.
    filled:      fields that must not be blank: in each row of goods, or for each order.
    date_formats: "iso" or numeric strptime patterns, tried in turn.
    timezone:    of dates without an offset; the channel's own may replace it.
    currency, country: used where the file says nothing; "" = the file must say.
    tax:         whether unit prices contain tax; "by_totals" compares the channel's totals.
    decimal_mark: which mark begins the decimals of a number.
    sku_case:    "upper" makes 85123a and 85123A one SKU; the file's own spelling is kept beside.
    plain_numbers: customer numbers lose the ".0" that number columns leave (17850.0).
    non_stock:   SKU → kind of charge. A key ending in * stands for all SKUs beginning so.
    cancellation_prefix: of the order key, followed by a digit: the rows cancel or return.
    charge_prefixes: of the order key, followed by a digit: every row is a charge of that kind.
    fulfilment:  the channel's words → how far an order is; unknown words count as open.
    """

    code: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,49}$")]
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    mode: Mode
    columns: dict[Annotated[str, Meta(min_length=1, max_length=200)], Field]
    required: tuple[Field, ...] = ()
    filled: tuple[Field, ...] = ()
    date_formats: Annotated[tuple[str, ...], Meta(min_length=1)] = (ISO,)
    timezone: str = "UTC"
    currency: str = ""
    country: str = ""
    tax: Literal["included", "excluded", "by_totals"] = "included"
    decimal_mark: DecimalMark = "point"
    sku_case: Literal["keep", "upper"] = "keep"
    plain_numbers: bool = False
    non_stock: dict[str, ChargeKind] = {}
    cancellation_prefix: str = ""
    charge_prefixes: dict[str, ChargeKind] = {}
    adjustments: AdjustmentRule | None = None
    fulfilment: dict[str, FulfilmentState] = {}


def decode_preset(body: bytes) -> Preset:
    """A preset from JSON. Raises PresetInvalid with every fault that its rules know."""
    try:
        preset = msgspec.json.decode(body, type=Preset)
    except msgspec.DecodeError as fault:
        raise PresetInvalid(f"The preset can't be read: {fault}.") from fault
    faults = list(_faults(preset))
    if faults:
        raise PresetInvalid(f"Preset {preset.code} has {len(faults)} faults.", errors=faults)
    return preset


def _faults(preset: Preset) -> list[Fault]:
    found: list[Fault] = []
    mapped = set(preset.columns.values())
    for field in (*ALWAYS_NEEDED, *preset.required, *preset.filled):
        if field not in mapped:
            found.append(Fault("/columns", "required", f"No column means {field}."))
    for place, pattern in enumerate(preset.date_formats):
        if pattern != ISO and not _is_date_format(pattern):
            found.append(
                Fault(f"/date_formats/{place}", "pattern", "Write iso, or a pattern of numbers.")
            )
    try:
        ZoneInfo(preset.timezone)
    except (KeyError, ValueError, OSError):
        found.append(Fault("/timezone", "not-a-choice", "There is no such time zone."))
    if preset.currency and preset.currency not in CURRENCIES:
        found.append(Fault("/currency", "not-a-choice", "There is no such currency."))
    if not preset.currency and "currency" not in mapped:
        found.append(Fault("/currency", "required", "Name a currency or a column for it."))
    for place_of, codes in (
        ("non_stock", preset.non_stock),
        ("charge_prefixes", preset.charge_prefixes),
    ):
        if not all(code.strip("*") for code in codes):
            found.append(Fault(f"/{place_of}", "too-short", "A code must not be blank."))
    return found


def _is_date_format(pattern: str) -> bool:
    directives = [part[:1] for part in pattern.split("%")[1:]]
    return bool(directives) and all(directive in DIRECTIVES for directive in directives)


@lru_cache(maxsize=1)
def shipped_presets() -> dict[str, Preset]:
    """The presets that come with the program, by code."""
    folder = resources.files("ordito.intake").joinpath("presets")
    presets = [
        decode_preset(file.read_bytes())
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".json")
    ]
    return {preset.code: preset for preset in presets}


def shipped_preset(code: str) -> Preset:
    """The shipped preset of that code. Raises PresetUnknown, which lists those there are."""
    presets = shipped_presets()
    if code not in presets:
        raise PresetUnknown(
            f"There is no preset '{code[:60]}'. Choose one of {', '.join(presets)}.",
            extra={"presets": list(presets)},
        )
    return presets[code]
