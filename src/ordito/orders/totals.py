"""What an order costs: taxes inside or on top, discounts spread, in whole minor units."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from ordito.kernel.money import MINOR_MAX, Rounding, allocate, exponent, extend_price, to_minor
from ordito.orders.types import AdjustmentAsk, LineAsk, Tax, TaxAsk, TotalsAsk


class PricedLine(msgspec.Struct, frozen=True):
    """A line's amounts. gross - discount is what is charged for it (with the tax when inside)."""

    unit_price: Decimal
    gross_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    taxes: tuple[Tax, ...]


class PricedAdjustment(msgspec.Struct, frozen=True):
    kind: str
    title: str
    amount_minor: int
    """Signed: a discount is negative."""
    tax_minor: int
    taxes: tuple[Tax, ...]


class Totals(msgspec.Struct, frozen=True):
    """An order's amounts.

    total = items - discount + shipping + fees (+ tax when on top) + rounding
    """

    lines: tuple[PricedLine, ...]
    adjustments: tuple[PricedAdjustment, ...]
    items_minor: int
    discount_minor: int
    shipping_minor: int
    fees_minor: int
    tax_minor: int
    rounding_minor: int
    total_minor: int


class Terms(msgspec.Struct, frozen=True):
    """How an order is priced."""

    currency: str
    tax_included: bool
    rounding: Rounding


class TotalsImpossible(Exception):
    """The amounts don't fit together; says where and why."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.detail = detail


def compute_totals(
    lines: Sequence[LineAsk],
    prices: Sequence[Decimal],
    adjustments: Sequence[AdjustmentAsk],
    given: TotalsAsk | None,
    terms: Terms,
) -> Totals:
    """Price an order. The parts of every amount sum to it; each amount is rounded once.

    prices: unit price per line, exact.
    given:  the channel's own totals: kept, a difference becomes a rounding adjustment.
    Raises TotalsImpossible when a discount is larger than what it is taken from, or an amount is
    beyond what is accepted.
    """
    gross = [
        extend_price(price, line.quantity, terms.currency, terms.rounding)
        for line, price in zip(lines, prices, strict=True)
    ]
    _check_size(gross)
    discounts = _spread_discounts(lines, gross, adjustments)
    priced = tuple(
        _price_line(line, price, amount, discount, terms)
        for line, price, amount, discount in zip(lines, prices, gross, discounts, strict=True)
    )
    extras = [_price_adjustment(adjustment, terms) for adjustment in adjustments]
    return _sum_up(priced, extras, given, terms)


def _check_size(gross: Sequence[int]) -> None:
    for i, amount in enumerate(gross):
        if amount > MINOR_MAX:
            raise TotalsImpossible(
                f"/lines/{i}", "Quantity times price is beyond what can be kept."
            )
    if sum(gross) > MINOR_MAX:
        raise TotalsImpossible("/lines", "The sum of the lines is beyond what can be kept.")


def _spread_discounts(
    lines: Sequence[LineAsk], gross: Sequence[int], adjustments: Sequence[AdjustmentAsk]
) -> list[int]:
    """Each line's own discount plus its share of the order's, by largest remainder."""
    discounts = [line.discount_minor for line in lines]
    for i, (discount, amount) in enumerate(zip(discounts, gross, strict=True)):
        if discount > amount:
            raise TotalsImpossible(
                f"/lines/{i}/discount_minor", "The discount is larger than the line's amount."
            )
    whole = sum(a.amount_minor for a in adjustments if a.kind == "discount")
    if whole:
        left = [amount - discount for amount, discount in zip(gross, discounts, strict=True)]
        if whole > sum(left):
            raise TotalsImpossible(
                "/adjustments", "The discounts are larger than the lines they are taken from."
            )
        shares = allocate(whole, left)
        discounts = [d + share for d, share in zip(discounts, shares, strict=True)]
    return discounts


def _price_line(
    line: LineAsk, price: Decimal, gross: int, discount: int, terms: Terms
) -> PricedLine:
    amount = gross - discount
    taxes = compute_taxes(amount, line.taxes, terms) if line.taxes else ()
    tax = sum(t.amount_minor for t in taxes)
    net = amount - tax if terms.tax_included else amount
    return PricedLine(price, gross, discount, net, tax, taxes)


def _price_adjustment(adjustment: AdjustmentAsk, terms: Terms) -> PricedAdjustment:
    sign = -1 if adjustment.kind == "discount" else 1
    # A discount's tax is in the lines it was spread over.
    taxes = (
        compute_taxes(adjustment.amount_minor, adjustment.taxes, terms)
        if adjustment.taxes and adjustment.kind != "discount"
        else ()
    )
    return PricedAdjustment(
        adjustment.kind,
        adjustment.title or adjustment.kind.capitalize(),
        sign * adjustment.amount_minor,
        sum(t.amount_minor for t in taxes),
        taxes,
    )


def compute_taxes(amount: int, asks: Sequence[TaxAsk], terms: Terms) -> tuple[Tax, ...]:
    """The taxes in (or on) an amount of minor units; given amounts are kept as they are.

    Inside: the whole tax is rounded once and spread over the rates by largest remainder. On top:
    each tax is rounded by itself, as the laws that have several of them ask.
    """
    if terms.tax_included:
        whole_rate = sum((ask.rate for ask in asks), Decimal(0))
        whole = _minor(Decimal(amount) * whole_rate / (1 + whole_rate), terms)
        weights = [int(ask.rate * 1_000_000) for ask in asks]
        computed = allocate(whole, weights) if whole else [0] * len(asks)
    else:
        computed = [_minor(Decimal(amount) * ask.rate, terms) for ask in asks]
    return tuple(
        Tax(ask.name, ask.rate, own if ask.amount_minor is None else ask.amount_minor)
        for ask, own in zip(asks, computed, strict=True)
    )


def _minor(minor: Decimal, terms: Terms) -> int:
    return to_minor(minor.scaleb(-exponent(terms.currency)), terms.currency, terms.rounding)


def _sum_up(
    lines: tuple[PricedLine, ...],
    extras: list[PricedAdjustment],
    given: TotalsAsk | None,
    terms: Terms,
) -> Totals:
    items = sum(line.gross_minor for line in lines)
    discount = sum(line.discount_minor for line in lines)
    shipping = sum(extra.amount_minor for extra in extras if extra.kind == "shipping")
    fees = sum(extra.amount_minor for extra in extras if extra.kind == "fee")
    tax = sum(line.tax_minor for line in lines) + sum(extra.tax_minor for extra in extras)
    total = items - discount + shipping + fees + (0 if terms.tax_included else tax)
    rounding = given.total_minor - total if given else 0
    if rounding:
        extras = [*extras, PricedAdjustment("rounding", "As the channel gave it", rounding, 0, ())]
    return Totals(
        lines=lines,
        adjustments=tuple(extras),
        items_minor=items,
        discount_minor=discount,
        shipping_minor=shipping,
        fees_minor=fees,
        tax_minor=tax,
        rounding_minor=rounding,
        total_minor=total + rounding,
    )
