"""What happens to channels, markets and exchange rates."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from ordito.platform.events import Event


class ChannelCreated(Event, frozen=True):
    kind: ClassVar[str] = "channel.created"
    code: str
    channel_kind: str
    currency: str


class ChannelChanged(Event, frozen=True):
    """Field → what it was and what it is."""

    kind: ClassVar[str] = "channel.changed"
    code: str
    changes: dict[str, tuple[Any, Any]]


class ItemBuffersSet(Event, frozen=True):
    """Item id → units that the channel isn't told of; None: the channel's own number again."""

    kind: ClassVar[str] = "channel.item_buffers_set"
    code: str
    buffers: dict[str, int | None]


class MarketsChanged(Event, frozen=True):
    """All markets as they are now: code → countries."""

    kind: ClassVar[str] = "markets.changed"
    markets: dict[str, list[str]]


class RatesChanged(Event, frozen=True):
    """Rates that are new or differ: (base currency, currency, day, rate) each; at most 200."""

    kind: ClassVar[str] = "rates.changed"
    count: int
    rates: list[tuple[str, str, date, Decimal]]


class ShopConnected(Event, frozen=True):
    """The channel was connected to a shop, or how was changed. Never the secrets."""

    kind: ClassVar[str] = "channel.shop_connected"
    code: str
    shop_kind: str
    domain: str
    active: bool
