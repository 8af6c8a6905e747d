"""Markets and exchange rates as they are written; they are read with the channels."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from ordito.channels.types import Market
from ordito.platform.arrays import texts
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, statement
from ordito.platform.events import stream_without_rows

MARKETS_ID = UUID("6d61726b-6574-8073-8000-000000000001")
RATES_ID = UUID("72617465-7300-8073-8000-000000000001")
"""Streams of all markets and of all rates: they are set together."""


def replace_markets(tx: Tx, markets: Sequence[Market]) -> None:
    """Write all markets; others are taken away."""
    _DELETE.run(tx, codes=texts(market.code for market in markets))
    for market in markets:
        _PUT.run(tx, code=market.code, name=market.name, countries=market.countries)


_DELETE = statement("""
    DELETE FROM channels.market
    WHERE code <> ALL(%(codes)s::text[])
""")

_PUT = statement("""
    INSERT INTO channels.market (code, name, countries)
    VALUES (%(code)s, %(name)s, %(countries)s::text[])
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, countries = excluded.countries
""")


def put_rates(tx: Tx, rates: Sequence[tuple[str, str, date, Decimal]]) -> int:
    """Write rates (base currency, currency, day, rate); returns how many are new or differ."""
    return _PUT_RATES.run(tx, sorted(rates))


_PUT_RATES = bulk("""
    INSERT INTO channels.exchange_rate AS r (base_currency, currency, valid_on, rate)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::date[], %s::numeric[])
    ON CONFLICT (base_currency, currency, valid_on) DO UPDATE SET rate = excluded.rate
    WHERE r.rate <> excluded.rate
""")


MARKET = stream_without_rows("market")
"""The timelines of markets and of rates: the reference revision is their lock."""
