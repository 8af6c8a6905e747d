"""Channels and markets: few rows, read whole."""

from ordito.channels.types import Channel, ExchangeRate, Market
from ordito.platform.database import Tx, query


def read_channels(tx: Tx) -> list[Channel]:
    return _CHANNELS.all(tx)


_CHANNELS = query(
    Channel,
    """
    SELECT id, code, name, kind, currency, base_currency, tax_included, rounding, shortage,
           stock_buffer, promise_days, location_ids, policy_id, market, time_zone, active, version,
           created_at
    FROM channels.channel
    ORDER BY code
    """,
)


def read_markets(tx: Tx) -> list[Market]:
    return _MARKETS.all(tx)


_MARKETS = query(Market, "SELECT code, name, countries FROM channels.market ORDER BY code")


def read_rates(tx: Tx) -> list[ExchangeRate]:
    """All rates, oldest first."""
    return _RATES.all(tx)


_RATES = query(
    ExchangeRate,
    """
    SELECT base_currency, currency, valid_on, rate
    FROM channels.exchange_rate
    ORDER BY base_currency, currency, valid_on
    """,
)
