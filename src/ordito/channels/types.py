"""Channels as they are kept."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.kernel.addresses import CountryCode
from ordito.kernel.asks import Ask, Code, Currency, Name, Version
from ordito.kernel.money import Rounding

Shortage = Literal["backorder", "refuse"]
Uncollected = Literal["cancel", "keep"]
UnkeptDates = Literal["flag", "refuse"]
PickupDays = Annotated[int, Meta(ge=1, le=365)]
Label = Annotated[str, Meta(max_length=60)]
CartUnits = Annotated[int, Meta(ge=1, le=1_000_000)]


class Channel(msgspec.Struct, frozen=True):
    """A place that sells.

    shortage:     what happens to an order for more than there is: backordered or refused.
    stock_buffer: units per item kept back from what is published to the channel.
    promise_days: days from placing to shipping that are promised where the channel says nothing.
    promise_level: percent of promises that are to be kept: days follow what was learned from
                  history; None promises by calendars alone.
    location_ids: where its orders may ship from; None is everywhere.
    cart_minutes: how long stock is kept for a cart that says nothing else.
    cart_units_max: units that one shopper may keep in carts at once; None is any number.
    cart_units_told: carts of so many units that nobody buys are told to staff; None: none are.
    pickup_days:  days that a box waits to be collected, after the day on which it is ready; None
                  is as long as it takes.
    uncollected:  what becomes of units that nobody collected: they are cancelled, or kept in the
                  order until somebody decides. Either way they go back on sale.
    unkept_dates: what becomes of an order whose days can't be kept: it is placed and marked, or
                  refused with the earliest day.
    choice_hours: how long a customer may choose what becomes of a pick-up that its shop can't
                  serve; after that it is somebody's task.
    bring_to_shop: whether pick-up orders may be brought from other locations to a shop that hasn't
                  all of the goods. bring_days: how long that takes where no carrier's days to the
                  shop are known.
    """

    id: UUID
    code: str
    name: str
    kind: str
    currency: str
    base_currency: str
    tax_included: bool
    rounding: Rounding
    shortage: Shortage
    stock_buffer: int
    promise_days: int
    location_ids: list[UUID] | None
    policy_id: UUID
    market: str
    time_zone: str
    active: bool
    version: int
    created_at: datetime
    cart_minutes: int = 15
    cart_units_max: int | None = None
    cart_units_told: int | None = None
    pickup_days: int | None = None
    uncollected: Uncollected = "cancel"
    unkept_dates: UnkeptDates = "flag"
    promise_level: int | None = 90
    choice_hours: int = 48
    bring_to_shop: bool = False
    bring_days: int = 3


class Market(msgspec.Struct, frozen=True):
    """A group of countries with shared tax, price and shipping."""

    code: str
    name: str
    countries: list[str]


class ExchangeRate(msgspec.Struct, frozen=True):
    """What one unit of `currency` is worth in the base currency from `valid_on` on."""

    base_currency: str
    currency: str
    valid_on: date
    rate: Decimal


class ChannelFields(Ask, frozen=True, kw_only=True):
    """What can be said of a channel beside what it must have."""

    base_currency: Currency | UnsetType = UNSET
    """What its reports add up in; without it the channel's own currency."""
    tax_included: bool | UnsetType = UNSET
    rounding: Rounding | UnsetType = UNSET
    shortage: Shortage | UnsetType = UNSET
    stock_buffer: Annotated[int, Meta(ge=0, le=1_000_000)] | UnsetType = UNSET
    promise_days: Annotated[int, Meta(ge=0, le=365)] | UnsetType = UNSET
    promise_level: Annotated[int, Meta(ge=50, le=99)] | UnsetType | None = UNSET
    """Percent of promises to be kept, by what was learned from history; null: by calendar."""
    cart_minutes: Annotated[int, Meta(ge=1, le=1440)] | UnsetType = UNSET
    cart_units_max: CartUnits | UnsetType | None = UNSET
    """Units that one shopper may keep in carts at once; null is any number."""
    cart_units_told: CartUnits | UnsetType | None = UNSET
    """A cart of so many units that nobody buys is told to staff; null: none is."""
    locations: Annotated[tuple[Code, ...], Meta(max_length=10_000)] | UnsetType | None = UNSET
    """Codes of the locations its orders may ship from; null is all, also those made later."""
    market: Label | UnsetType = UNSET
    """Market of orders whose country is in none, or empty."""
    pickup_days: PickupDays | UnsetType | None = UNSET
    """Days that a box waits to be collected; null is as long as it takes."""
    uncollected: Uncollected | UnsetType = UNSET
    """What becomes of units that nobody collected."""
    unkept_dates: UnkeptDates | UnsetType = UNSET
    """Orders whose days of arrival can't be kept are placed and marked, or refused."""
    choice_hours: Annotated[int, Meta(ge=1, le=720)] | UnsetType = UNSET
    """How long a customer may choose what becomes of a pick-up that its shop can't serve."""
    bring_to_shop: bool | UnsetType = UNSET
    """Whether what a shop lacks for a pick-up is brought to it from other locations."""
    bring_days: Annotated[int, Meta(ge=0, le=60)] | UnsetType = UNSET
    """How long that takes where no carrier's days to the shop are known."""
    active: bool | UnsetType = UNSET


class CreateChannel(ChannelFields, frozen=True, kw_only=True):
    """A new place that sells. Its policy says how orders are sourced."""

    code: Code
    name: Name
    kind: Label
    currency: Currency
    policy: Code
    time_zone: Label


class UpdateChannel(ChannelFields, frozen=True, kw_only=True):
    """Changes to a channel; its code is for ever. Orders placed before keep their terms."""

    code: Code
    version: Version | None = None
    name: Name | UnsetType = UNSET
    kind: Label | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    policy: Code | UnsetType = UNSET
    time_zone: Label | UnsetType = UNSET


class MarketAsk(Ask, frozen=True):
    code: Code
    name: Name
    countries: Annotated[tuple[CountryCode, ...], Meta(max_length=300)]


class SetMarkets(Ask, frozen=True, kw_only=True):
    """All markets: those left out are gone. A country is in one market at most."""

    markets: Annotated[tuple[MarketAsk, ...], Meta(max_length=300)]


class PutMarket(Ask, frozen=True, kw_only=True):
    """One market as it is from now on, new or changed."""

    market: Code
    name: Name
    countries: Annotated[tuple[CountryCode, ...], Meta(min_length=1, max_length=300)]


class MarketKey(Ask, frozen=True, kw_only=True):
    """Which market, by its code."""

    market: Code


class MarketsSet(msgspec.Struct, frozen=True):
    markets: list[Market]


class RateAsk(Ask, frozen=True):
    """One unit of `currency` is worth `rate` units of the base currency from that day on."""

    base_currency: Currency
    currency: Currency
    valid_on: date
    rate: Annotated[Decimal, Meta(description="Exact decimal, up to 10 places: “0.2345”")]


class SetRates(Ask, frozen=True, kw_only=True):
    """Exchange rates by day; a rate of the same day is replaced. Orders keep the one they had."""

    rates: Annotated[tuple[RateAsk, ...], Meta(min_length=1, max_length=10_000)]


class RatesSet(msgspec.Struct, frozen=True):
    count: int
