"""What a shop tells of an order, as the ask that places it; amounts stay as the shop has them."""

from collections.abc import Mapping, Sequence

import msgspec

from ordito.channels.shops import ShopExtra, ShopLine, ShopOrder, ShopTax
from ordito.channels.variant_links import VariantLink
from ordito.flows.entry_asks import SOMEWHERE
from ordito.flows.intake_log import Why
from ordito.kernel.money import CURRENCIES, to_minor
from ordito.kernel.text import normal_code
from ordito.locations.types import Location
from ordito.orders.types import PlaceOrder
from ordito.platform.masking import mask_cards


class CantBeAsked(Exception):
    """The order can't be placed as it is."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.why = Why(reason, words)


def sku_of(line: ShopLine, variants: Mapping[str, VariantLink]) -> str:
    """The SKU of a line; the one its variant was given here where the shop gives none, or ""."""
    link = variants.get(line.variant)
    return line.sku or (link.sku if link else "")


def goods_of(order: ShopOrder, variants: Mapping[str, VariantLink]) -> list[ShopLine]:
    """Lines that someone has to send or to render; gift cards and the like are charges."""
    return [line for line in order.lines if line.goods or sku_of(line, variants)]


def ask_of_order(
    order: ShopOrder,
    channel: str,
    variants: Mapping[str, VariantLink],
    locations: Sequence[Location],
) -> PlaceOrder:
    """The ask for an order. Raises CantBeAsked with a reason for people."""
    if order.currency not in CURRENCIES:
        raise CantBeAsked("unknown-currency", f"“{order.currency[:10]}” is no ISO 4217 currency.")
    goods = goods_of(order, variants)
    for line in goods:
        if not sku_of(line, variants):
            raise CantBeAsked(
                "no-sku",
                f"“{line.title[:100]}” has no SKU in the shop. Give its variant"
                f" {line.variant or '(none)'} a SKU there or here, then try again.",
            )
    charged = [line for line in order.lines if line not in goods]
    try:
        return msgspec.convert(_body(order, channel, variants, locations, charged), PlaceOrder)
    except msgspec.ValidationError as fault:
        raise CantBeAsked("invalid-input", f"The order can't be asked for: {fault}.") from fault


def _body(
    order: ShopOrder,
    channel: str,
    variants: Mapping[str, VariantLink],
    locations: Sequence[Location],
    charged: Sequence[ShopLine],
) -> dict[str, object]:
    body: dict[str, object] = {
        "channel": channel,
        "external_id": order.id,
        "currency": order.currency,
        "placed_at": order.placed_at,
        "tax_included": order.tax_included,
        "lines": [
            _line(line, sku_of(line, variants), order.currency)
            for line in order.lines
            if line not in charged
        ],
        "adjustments": [_extra(extra, order.currency) for extra in order.extras]
        + [_charge(line, order.currency) for line in charged],
        "totals": {"total_minor": to_minor(order.total, order.currency)},
        "tags": order.tags,
        "note": mask_cards(order.note),
        "customer": {
            "email": order.email[:254],
            "phone": order.phone[:50],
            "name": order.customer_name[:300],
            "reference": order.customer,
        },
    }
    if order.payment:
        body["payment"] = {"method": order.payment[:60]}
    if order.bill_to:
        body["bill_to"] = order.bill_to
    return body | _delivery(order, locations)


def _delivery(order: ShopOrder, locations: Sequence[Location]) -> dict[str, object]:
    if not order.pickup:
        if order.ship_to is None and any(line.goods for line in order.lines):
            raise CantBeAsked(
                "no-address", "The shop gives no country to send it to. Add the address there."
            )
        return {"delivery": "ship", "ship_to": order.ship_to or msgspec.to_builtins(SOMEWHERE)}
    wanted = normal_code(order.pickup)
    for place in locations:
        if place.can_pickup and wanted in (normal_code(place.code), normal_code(place.name)):
            return {"delivery": "pickup", "pickup_location": place.code}
    raise CantBeAsked(
        "unknown-pickup-place",
        f"It is collected at “{order.pickup[:100]}”, and no location of that name or code hands"
        " out orders. Name one like this, then try again.",
    )


def _line(line: ShopLine, sku: str, currency: str) -> dict[str, object]:
    return {
        "sku": sku,
        "quantity": line.quantity,
        "unit_price": line.price,
        "title": line.title[:500],
        "discount_minor": max(to_minor(line.discount, currency), 0),
        "taxes": _taxes(line.taxes, currency),
    }


def _charge(line: ShopLine, currency: str) -> dict[str, object]:
    amount = max(line.price * line.quantity - line.discount, line.discount * 0)
    return {
        "kind": "fee",
        "amount_minor": to_minor(amount, currency),
        "title": line.title[:500],
        "taxes": _taxes(line.taxes, currency),
    }


def _extra(extra: ShopExtra, currency: str) -> dict[str, object]:
    return {
        "kind": extra.kind,
        "amount_minor": to_minor(extra.amount, currency),
        "title": extra.title[:500],
        "taxes": _taxes(extra.taxes, currency),
    }


def _taxes(taxes: Sequence[ShopTax], currency: str) -> list[dict[str, object]]:
    return [
        {
            "name": tax.name[:60],
            "rate": tax.rate,
            "amount_minor": max(to_minor(tax.amount, currency), 0),
        }
        for tax in taxes
    ]
