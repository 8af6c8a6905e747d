"""Who may ask for less than an order costs.

A channel's own programs and files say what its customer has paid: an API key that may place orders
says so too. A person who types an order in needs the permission for it, in whatever way the order
would become cheaper.
"""

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from ordito.catalog.types import ItemFacts
from ordito.orders.totals import Totals
from ordito.orders.types import PlaceOrder
from ordito.platform.access import Actor
from ordito.platform.problems import Fault, NotPermitted

PERMISSION = "orders.discount"


def require_discount_right(
    actor: Actor,
    ask: PlaceOrder,
    items: Sequence[ItemFacts],
    totals: Totals,
    currency: str,
) -> None:
    """Raises NotPermitted, with every place where a person without the permission gives some.

    items: of the lines, in their order; currency: of the order.
    """
    if actor.kind != "user" or PERMISSION in actor.permissions:
        return
    faults = [
        Fault(f"/adjustments/{i}", "discount", "This is a discount.")
        for i, adjustment in enumerate(ask.adjustments)
        if adjustment.kind == "discount" and adjustment.amount_minor
    ]
    for i, (line, item) in enumerate(zip(ask.lines, items, strict=True)):
        if line.discount_minor:
            faults.append(Fault(f"/lines/{i}/discount_minor", "discount", "This is a discount."))
        usual = item.prices.get(currency)
        if line.unit_price is not None and usual and line.unit_price < Decimal(usual):
            words = f"“{item.sku}” costs {usual}; less is a discount."
            faults.append(Fault(f"/lines/{i}/unit_price", "discount", words))
    if ask.totals is not None and totals.rounding_minor < 0:
        words = "This is less than the lines come to."
        faults.append(Fault("/totals/total_minor", "discount", words))
    if faults:
        raise NotPermitted(
            f"{actor.name} may not give discounts: the permission “{PERMISSION}” is missing."
            " Nothing was placed; take the discount out, or ask someone who may.",
            errors=faults,
            extra={"permission": PERMISSION},
        )


def as_channel(actor: Actor) -> Actor:
    """Who carries an order in that a channel wrote: its discounts are the channel's."""
    return replace(actor, permissions=actor.permissions | {PERMISSION})
