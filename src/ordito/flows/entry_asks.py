"""What a file says of an order, as the ask that places it."""

from decimal import Decimal

import msgspec

from ordito.intake.types import Charge, OrderEntry, OrderLine
from ordito.kernel.addresses import Address
from ordito.kernel.money import allocate, to_minor
from ordito.orders.types import (
    AdjustmentAsk,
    CustomerAsk,
    LineAsk,
    PaymentAsk,
    PlaceOrder,
    TaxAsk,
    TotalsAsk,
)
from ordito.platform.masking import mask_cards

SOMEWHERE = Address(country="ZZ")
"""Where an order went that names no country: the code that ISO 3166 leaves to its users."""


def ask_of(
    entry: OrderEntry, channel: str, *, place_known: bool = True, dated: bool = True
) -> PlaceOrder:
    """The ask for an entry. Its bounds are not checked here.

    place_known: whether an order without any country is left without an address (and so refused).
    dated:       whether the days that lines were ordered for still matter.
    """
    customer, details = entry.customer, entry.details
    ship_to = entry.ship_to or (Address(country=entry.country) if entry.country else None)
    taxes = _spread_taxes(entry)
    return PlaceOrder(
        channel=channel,
        lines=tuple(
            _line_ask(line if dated else undated(line), tax, entry.currency)
            for line, tax in zip(entry.lines, taxes, strict=True)
        ),
        ship_to=ship_to if ship_to or place_known else SOMEWHERE,
        external_id=entry.external_id,
        currency=entry.currency,
        placed_at=entry.placed_at,
        customer=CustomerAsk(
            email=customer.email,
            phone=customer.phone,
            name=customer.name,
            reference=customer.number,
        )
        if customer
        else None,
        bill_to=entry.bill_to,
        adjustments=tuple(
            ask for charge in entry.charges if (ask := _adjustment_ask(charge, entry.currency))
        ),
        totals=_totals_ask(entry),
        tax_included=entry.tax_included,
        payment=PaymentAsk(method=details.payment_method[:60]) if details.payment_method else None,
        tags=tuple(dict.fromkeys(tag[:60] for tag in details.tags))[:50],
        note=mask_cards(details.note),
    )


def undated(line: OrderLine) -> OrderLine:
    """The line without the days that it was ordered for."""
    return msgspec.structs.replace(
        line, not_before=None, requested_on=None, latest_on=None, cancel_after=None
    )


def _line_ask(line: OrderLine, taxes: tuple[TaxAsk, ...], currency: str) -> LineAsk:
    discount = to_minor(line.discount, currency) if line.discount else 0
    if line.tax_rate is not None:
        given = None if line.tax_amount is None else to_minor(line.tax_amount, currency)
        taxes = (TaxAsk("Tax", line.tax_rate / 100, given),)
    return LineAsk(
        sku=line.sku,
        quantity=line.quantity,
        unit_price=line.unit_price,
        title=line.title,
        discount_minor=discount,
        taxes=taxes,
        not_before=line.not_before,
        requested_on=line.requested_on,
        latest_on=line.latest_on,
        cancel_after=line.cancel_after,
    )


def _spread_taxes(entry: OrderEntry) -> list[tuple[TaxAsk, ...]]:
    """Taxes stated for the whole order, as shares of its lines; nothing where lines have theirs."""
    stated = [(tax.name, to_minor(tax.amount, entry.currency)) for tax in entry.totals.taxes]
    if not stated and entry.totals.tax:
        stated = [("Tax", to_minor(entry.totals.tax, entry.currency))]
    stated = [(name, minor) for name, minor in stated if minor > 0]
    if not stated or any(line.tax_rate is not None for line in entry.lines):
        return [()] * len(entry.lines)
    weights = [max(_worth(line, entry.currency), 0) for line in entry.lines]
    whole = sum(weights) or 1
    spread: list[list[TaxAsk]] = [[] for _ in entry.lines]
    for name, minor in stated:
        base = whole - minor if entry.tax_included and whole > minor else whole
        rate = min(round(Decimal(minor) / base, 4), Decimal(10))
        for place, share in enumerate(allocate(minor, weights)):
            spread[place].append(TaxAsk(name[:60], rate, share))
    return [tuple(taxes) for taxes in spread]


def _worth(line: OrderLine, currency: str) -> int:
    amount = (line.amount or Decimal(0)) - (line.discount or Decimal(0))
    return to_minor(amount, currency)


def _adjustment_ask(charge: Charge, currency: str) -> AdjustmentAsk | None:
    """A charge of an order; what is taken off is a discount, whatever its name is."""
    minor = to_minor(charge.amount, currency)
    if minor == 0:
        return None
    if minor < 0:
        return AdjustmentAsk("discount", -minor, charge.title or charge.code)
    kind = "shipping" if charge.kind == "shipping" else "fee"
    return AdjustmentAsk(kind, minor, charge.title or charge.code)  # type: ignore[arg-type]


def _totals_ask(entry: OrderEntry) -> TotalsAsk | None:
    if entry.totals.total is None:
        return None
    return TotalsAsk(to_minor(entry.totals.total, entry.currency))
