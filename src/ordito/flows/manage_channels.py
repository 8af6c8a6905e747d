"""Create and change channels; set the markets and the exchange rates."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from ordito.channels.channels import (
    CHANNEL,
    insert_channel,
    lock_channel,
    read_channels,
    read_markets,
    write_channel,
)
from ordito.channels.events import ChannelChanged, ChannelCreated, MarketsChanged, RatesChanged
from ordito.channels.markets import MARKET, MARKETS_ID, RATES_ID, put_rates, replace_markets
from ordito.channels.types import (
    Channel,
    ChannelFields,
    CreateChannel,
    Market,
    MarketsSet,
    RatesSet,
    SetMarkets,
    SetRates,
    UpdateChannel,
)
from ordito.kernel.asks import differences, given, is_time_zone
from ordito.kernel.ids import new_id
from ordito.kernel.money import CURRENCIES
from ordito.locations.locations import read_locations
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    Fault,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from ordito.platform.revisions import raise_revision
from ordito.platform.versions import check_version
from ordito.sourcing.stored_policies import read_current

RATE_PLACES_MAX = 10
RATE_MAX = Decimal(10) ** 10
RATES_TOLD_MAX = 200


@command(permission="settings.write")
def create_channel(tx: Tx, ask: CreateChannel) -> Channel:
    """Add a place that sells; it may ship from the locations named, or from all.

    Raises NotPermitted for who is bound to some: it would be none of them.
    """
    if tx.actor.channel_ids is not None:
        raise NotPermitted("You see some channels only; a new one needs somebody who sees all.")
    channel, faults = _draft(tx, ask, _blank(tx, ask))
    if faults:
        raise _invalid(faults)
    if not insert_channel(tx, channel):
        raise AlreadyExists(
            f"There is a channel “{ask.code}” already. Change that one, or take another code.",
            extra={"existing": {"code": ask.code}},
        )
    tx.emit(CHANNEL, channel.id, ChannelCreated(channel.code, channel.kind, channel.currency))
    raise_revision(tx, "reference")
    return msgspec.structs.replace(channel, version=1)


@command(permission="settings.write")
def update_channel(tx: Tx, ask: UpdateChannel) -> Channel:
    """Change a channel; what isn't named stays."""
    before = lock_channel(tx, ask.code)
    if before is None or not tx.actor.sees_channel(before.id):
        raise NotFound(f"There is no channel “{ask.code[:60]}”, or you don't see it.")
    check_version("channel", before.version, ask.version)
    after, faults = _draft(tx, ask, before)
    if faults:
        raise _invalid(faults)
    changes = differences(before, after)
    if not changes:
        return before
    write_channel(tx, after)
    tx.emit(CHANNEL, after.id, ChannelChanged(after.code, changes))
    raise_revision(tx, "reference")
    return msgspec.structs.replace(after, version=before.version + 1)


def _blank(tx: Tx, ask: CreateChannel) -> Channel:
    return Channel(
        id=new_id(),
        code=ask.code,
        name=ask.name,
        kind=ask.kind,
        currency=ask.currency,
        base_currency=ask.currency,
        tax_included=True,
        rounding="half_up",
        shortage="backorder",
        stock_buffer=0,
        promise_days=3,
        location_ids=None,
        policy_id=UUID(int=0),
        market="",
        time_zone=ask.time_zone,
        active=True,
        version=0,
        created_at=tx.now,
    )


def _draft(
    tx: Tx, ask: CreateChannel | UpdateChannel, base: Channel
) -> tuple[Channel, list[Fault]]:
    """The channel as the ask would have it, with everything that is wrong."""
    fields: dict[str, Any] = given(ask, without=("code", "version", "locations", "policy"))
    faults = _find_text_faults(tx, fields)
    if ask.policy is not UNSET:
        policies = {policy.code: policy.id for policy in read_current(tx)}
        if ask.policy in policies:
            fields["policy_id"] = policies[ask.policy]
        else:
            detail = f"There is no sourcing policy “{ask.policy}”."
            faults.append(Fault("/policy", "unknown-policy", detail))
    if ask.locations is not UNSET:
        fields["location_ids"] = _find_locations(tx, ask, faults)
    return msgspec.structs.replace(base, **fields), faults


def _find_text_faults(tx: Tx, fields: dict[str, Any]) -> list[Fault]:
    faults = []
    for name in ("currency", "base_currency"):
        if name in fields and fields[name] not in CURRENCIES:
            detail = f"“{fields[name]}” is no ISO 4217 currency."
            faults.append(Fault(f"/{name}", "unknown-currency", detail))
    if "time_zone" in fields and not is_time_zone(fields["time_zone"]):
        detail = f"“{fields['time_zone']}” is no time zone; name one such as Europe/Warsaw."
        faults.append(Fault("/time_zone", "unknown-time-zone", detail))
    market = fields.get("market")
    if market and market not in {known.code for known in read_markets(tx)}:
        detail = f"There is no market “{market}”; make it first."
        faults.append(Fault("/market", "unknown-market", detail))
    return faults


def _find_locations(tx: Tx, ask: ChannelFields, faults: list[Fault]) -> list[UUID] | None:
    if ask.locations is None or ask.locations is UNSET:
        return None
    known = {location.code: location for location in read_locations(tx)}
    found = []
    for n, code in enumerate(ask.locations):
        location = known.get(code)
        if location is None:
            detail = f"There is no location “{code}”."
            faults.append(Fault(f"/locations/{n}", "unknown-location", detail))
        else:
            found.append(location.id)
    return sorted(set(found))


@command(permission="settings.write")
def set_markets(tx: Tx, ask: SetMarkets) -> MarketsSet:
    """Say which markets there are; one that channels or locations are in can't be left out."""
    raise_revision(tx, "reference")
    markets = [Market(m.code, m.name, sorted(set(m.countries))) for m in ask.markets]
    _check_markets(ask)
    return write_markets(tx, markets)


def write_markets(tx: Tx, markets: list[Market]) -> MarketsSet:
    """Write all markets, for who holds the lock of the reference revision and checked them.

    Raises ActionNotAllowed when one that would be gone has members.
    """
    markets.sort(key=lambda market: market.code)
    gone = {market.code for market in read_markets(tx)} - {market.code for market in markets}
    users = [f"channel {c.code}" for c in read_channels(tx) if c.market in gone]
    users += [f"location {place.code}" for place in read_locations(tx) if place.market in gone]
    if users:
        raise ActionNotAllowed(
            f"Markets that would be gone have members: {', '.join(users[:5])}. Move them first.",
            extra={"members": users, "allowed_actions": []},
        )
    replace_markets(tx, markets)
    told = {market.code: market.countries for market in markets}
    tx.emit(MARKET, MARKETS_ID, MarketsChanged(told))
    return MarketsSet(markets)


def _check_markets(ask: SetMarkets) -> None:
    faults = []
    codes: set[str] = set()
    market_of: dict[str, str] = {}
    for n, market in enumerate(ask.markets):
        if market.code in codes:
            detail = f"The market “{market.code}” is listed twice."
            faults.append(Fault(f"/markets/{n}/code", "duplicate", detail))
        codes.add(market.code)
        for m, country in enumerate(market.countries):
            other = market_of.setdefault(country, market.code)
            if other != market.code:
                detail = f"{country} is in market “{other}” already; a country is in one market."
                faults.append(Fault(f"/markets/{n}/countries/{m}", "duplicate", detail))
    if faults:
        raise _invalid(faults)


@command(permission="settings.write")
def set_rates(tx: Tx, ask: SetRates) -> RatesSet:
    """Set exchange rates by day, for orders placed from now; earlier ones keep theirs."""
    raise_revision(tx, "reference")
    _check_rates(ask)
    rows = [(r.base_currency, r.currency, r.valid_on, r.rate) for r in ask.rates]
    count = put_rates(tx, rows)
    if count:
        tx.emit(MARKET, RATES_ID, RatesChanged(count, sorted(rows)[:RATES_TOLD_MAX]))
    return RatesSet(count)


def _check_rates(ask: SetRates) -> None:
    faults = []
    seen = set()
    for n, rate in enumerate(ask.rates):
        for name in ("base_currency", "currency"):
            if getattr(rate, name) not in CURRENCIES:
                detail = f"“{getattr(rate, name)}” is no ISO 4217 currency."
                faults.append(Fault(f"/rates/{n}/{name}", "unknown-currency", detail))
        if rate.base_currency == rate.currency:
            detail = "A currency is worth 1 in itself; leave the rate out."
            faults.append(Fault(f"/rates/{n}/currency", "same-currency", detail))
        value = rate.rate
        if not value.is_finite() or not 0 < value < RATE_MAX:
            detail = "A rate is above 0 and below 10¹⁰."
            faults.append(Fault(f"/rates/{n}/rate", "out-of-range", detail))
        elif value != round(value, RATE_PLACES_MAX):
            detail = f"A rate has at most {RATE_PLACES_MAX} decimal places."
            faults.append(Fault(f"/rates/{n}/rate", "too-exact", detail))
        key = (rate.base_currency, rate.currency, rate.valid_on)
        if key in seen:
            detail = "There are two rates for this pair and day."
            faults.append(Fault(f"/rates/{n}", "duplicate", detail))
        seen.add(key)
    if faults:
        raise _invalid(faults)


def _invalid(faults: Sequence[Fault]) -> InvalidInput:
    return InvalidInput(f"{len(faults)} thing(s) to correct; nothing was written.", errors=faults)
