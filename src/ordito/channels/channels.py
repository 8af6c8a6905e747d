"""Channels, markets, exchange rates: few rows, read whole."""

from typing import Any

from ordito.channels.types import Channel, ExchangeRate, Market
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream

_COLUMNS = """
           id, code, name, kind, currency, base_currency, tax_included, rounding, shortage,
           stock_buffer, promise_days, location_ids, policy_id, market, time_zone, active, version,
           created_at, cart_minutes, cart_units_max, cart_units_told, pickup_days, uncollected,
           unkept_dates, promise_level, choice_hours, bring_to_shop, bring_days"""


def read_channels(tx: Tx) -> list[Channel]:
    return _CHANNELS.all(tx)


_CHANNELS = query(
    Channel,
    f"""
    SELECT {_COLUMNS}
    FROM channels.channel
    ORDER BY code
    """,  # noqa: S608 (a constant of this module)
)


def lock_channel(tx: Tx, code: str) -> Channel | None:
    """Lock a channel by its code."""
    return _LOCK.first(tx, code=code)


_LOCK = query(
    Channel,
    f"""
    SELECT {_COLUMNS}
    FROM channels.channel
    WHERE code = %(code)s
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def insert_channel(tx: Tx, channel: Channel) -> bool:
    """Write a new channel; False when its code is taken. The first event makes its version 1."""
    return _INSERT.run(tx, **_values(channel)) == 1


_INSERT = statement("""
    INSERT INTO channels.channel
        (id, code, name, kind, currency, base_currency, tax_included, rounding, shortage,
         stock_buffer, promise_days, location_ids, policy_id, market, time_zone, active, version,
         created_at, cart_minutes, cart_units_max, cart_units_told, pickup_days, uncollected,
         unkept_dates, promise_level, choice_hours, bring_to_shop, bring_days)
    VALUES (%(id)s, %(code)s, %(name)s, %(kind)s, %(currency)s, %(base_currency)s,
            %(tax_included)s, %(rounding)s, %(shortage)s, %(stock_buffer)s, %(promise_days)s,
            %(location_ids)s::uuid[], %(policy_id)s, %(market)s, %(time_zone)s, %(active)s, 0,
            %(created_at)s, %(cart_minutes)s, %(cart_units_max)s, %(cart_units_told)s,
            %(pickup_days)s, %(uncollected)s, %(unkept_dates)s, %(promise_level)s,
            %(choice_hours)s, %(bring_to_shop)s, %(bring_days)s)
    ON CONFLICT (code) DO NOTHING
""")


def write_channel(tx: Tx, channel: Channel) -> None:
    """Write a changed channel; the caller holds its lock."""
    _UPDATE.run(tx, **_values(channel))


_UPDATE = statement("""
    UPDATE channels.channel
    SET name = %(name)s, kind = %(kind)s, currency = %(currency)s,
        base_currency = %(base_currency)s, tax_included = %(tax_included)s,
        rounding = %(rounding)s, shortage = %(shortage)s, stock_buffer = %(stock_buffer)s,
        promise_days = %(promise_days)s, location_ids = %(location_ids)s::uuid[],
        policy_id = %(policy_id)s, market = %(market)s, time_zone = %(time_zone)s,
        active = %(active)s, cart_minutes = %(cart_minutes)s,
        cart_units_max = %(cart_units_max)s, cart_units_told = %(cart_units_told)s,
        pickup_days = %(pickup_days)s, uncollected = %(uncollected)s,
        unkept_dates = %(unkept_dates)s, promise_level = %(promise_level)s,
        choice_hours = %(choice_hours)s, bring_to_shop = %(bring_to_shop)s,
        bring_days = %(bring_days)s
    WHERE id = %(id)s
""")


def _values(channel: Channel) -> dict[str, Any]:
    return {name: getattr(channel, name) for name in channel.__struct_fields__}


CHANNEL = Stream(
    "channel",
    bulk_query(
        RaisedVersion,
        """
        UPDATE channels.channel AS c
        SET version = c.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE c.id = d.id
        RETURNING c.id, c.version
        """,
    ),
)
"""The timeline of a channel."""


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
