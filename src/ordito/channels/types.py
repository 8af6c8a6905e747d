"""Channels as they are kept."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec


class Channel(msgspec.Struct, frozen=True):
    """A place that sells.

    shortage:     what happens to an order for more than there is: backordered or refused.
    stock_buffer: units per item kept back from what is published to the channel.
    promise_days: days from placing to shipping that are promised where the channel says nothing.
    location_ids: where its orders may ship from; None is everywhere.
    """

    id: UUID
    code: str
    name: str
    kind: str
    currency: str
    base_currency: str
    tax_included: bool
    rounding: Literal["half_up", "half_even"]
    shortage: Literal["backorder", "refuse"]
    stock_buffer: int
    promise_days: int
    location_ids: list[UUID] | None
    policy_id: UUID
    market: str
    time_zone: str
    active: bool
    version: int
    created_at: datetime


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
