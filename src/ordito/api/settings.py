"""Channels, locations, policies, markets and rates over HTTP."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.endpoints import Endpoint, reading, writing
from ordito.channels.channels import read_channels, read_markets, read_rates
from ordito.channels.types import Channel, ExchangeRate, Market
from ordito.flows.endless_stock import EndlessState, read_endless_state, set_endless
from ordito.flows.manage_channels import create_channel, set_markets, set_rates, update_channel
from ordito.flows.manage_locations import (
    create_location,
    set_bins,
    set_item_bins,
    update_location,
)
from ordito.flows.manage_markets import put_market, remove_market
from ordito.flows.manage_policies import create_policy, update_policy
from ordito.flows.policy_trials import PolicyTrial, TriedPolicies, try_on
from ordito.kernel.asks import Ask
from ordito.locations.bins import read_bins
from ordito.locations.locations import read_locations
from ordito.locations.types import Bin, Location
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.problems import NotFound
from ordito.sourcing.stored_policies import (
    PolicyVersion,
    StoredPolicy,
    read_current,
    read_versions,
)

TAG = "Settings"
READ = "settings.read"

AnyCode = Annotated[str, Meta(min_length=1, max_length=100)]


class NoParams(Ask, frozen=True):
    """No parameters."""


class ByCode(Ask, frozen=True, kw_only=True):
    code: AnyCode


class ByLocation(Ask, frozen=True, kw_only=True):
    location: AnyCode


class Channels(msgspec.Struct, frozen=True):
    items: list[Channel]


class Locations(msgspec.Struct, frozen=True):
    items: list[Location]


class Policies(msgspec.Struct, frozen=True):
    items: list[StoredPolicy]


class PolicyVersions(msgspec.Struct, frozen=True):
    """Newest first; at most 50."""

    items: list[PolicyVersion]


class Markets(msgspec.Struct, frozen=True):
    items: list[Market]


class Rates(msgspec.Struct, frozen=True):
    items: list[ExchangeRate]


class Bins(msgspec.Struct, frozen=True):
    items: list[Bin]


def list_channels(tx: Tx, params: NoParams) -> Channels:
    """Channels that the caller sees."""
    return Channels([c for c in read_channels(tx) if tx.actor.sees_channel(c.id)])


def get_channel(tx: Tx, params: ByCode) -> Channel:
    """One channel; its ETag is the version for If-Match."""
    for channel in read_channels(tx):
        if channel.code == params.code and tx.actor.sees_channel(channel.id):
            return channel
    raise NotFound("There is no such channel, or you don't see it.")


def list_locations(tx: Tx, params: NoParams) -> Locations:
    """Locations that the caller sees."""
    return Locations([lo for lo in read_locations(tx) if tx.actor.sees_location(lo.id)])


def get_location(tx: Tx, params: ByCode) -> Location:
    """One location; its ETag is the version for If-Match."""
    return _location(tx, params.code)


def _location(tx: Tx, code: str) -> Location:
    for location in read_locations(tx):
        if location.code == code and tx.actor.sees_location(location.id):
            return location
    raise NotFound("There is no such location, or you don't see it.")


def list_bins(tx: Tx, params: ByLocation) -> Bins:
    """The bins of a location, in walking order."""
    place_id: UUID = _location(tx, params.location).id
    return Bins(read_bins(tx, place_id))


def list_endless(tx: Tx, params: ByLocation) -> EndlessState:
    """Items that a supplier never runs out of; the ETag is the location's version."""
    return read_endless_state(tx, _location(tx, params.location))


def list_policies(tx: Tx, params: NoParams) -> Policies:
    """Sourcing policies in their current version."""
    return Policies(read_current(tx))


def get_policy(tx: Tx, params: ByCode) -> StoredPolicy:
    """One policy; its ETag is the version for If-Match."""
    for policy in read_current(tx):
        if policy.code == params.code:
            return policy
    raise NotFound("There is no such policy.")


def list_policy_versions(tx: Tx, params: ByCode) -> PolicyVersions:
    """A policy as it was: decisions name the version that made them."""
    versions = read_versions(tx, params.code)
    if not versions:
        raise NotFound("There is no such policy.")
    return PolicyVersions(versions)


def try_sourcing(
    db: Database, actor: Actor, ask: PolicyTrial, *, key: str | None, request_id: str
) -> TriedPolicies:
    """Who would ship what, and why, by each policy, on the stock and load of this moment.

    The order is one that there is (that needs orders.read), or made up. Nothing is reserved."""
    with db.reading(actor) as tx:
        return try_on(tx, ask)


def list_markets(tx: Tx, params: NoParams) -> Markets:
    return Markets(read_markets(tx))


def list_rates(tx: Tx, params: NoParams) -> Rates:
    """Exchange rates, oldest first."""
    return Rates(read_rates(tx))


_CHANNEL = {
    "code": "web",
    "name": "Web shop",
    "kind": "shop",
    "currency": "EUR",
    "policy": "default",
    "time_zone": "Europe/Warsaw",
}
_LOCATION = {
    "code": "LODZ",
    "name": "Łódź warehouse",
    "kind": "warehouse",
    "address": {"country": "PL", "city": "Łódź", "postal_code": "90-001"},
    "time_zone": "Europe/Warsaw",
}
_TAKEN = ("already-exists",)

ENDPOINTS = [
    reading("/channels", TAG, "List channels", list_channels, READ),
    reading("/channels/{code}", TAG, "Read a channel", get_channel, READ),
    writing("POST", "/channels", TAG, "Create a channel", create_channel, status=201,
            example=_CHANNEL, problems=_TAKEN),
    writing("PATCH", "/channels/{code}", TAG, "Change a channel", update_channel,
            example={"stock_buffer": 2}),
    reading("/locations", TAG, "List locations", list_locations, READ),
    reading("/locations/{code}", TAG, "Read a location", get_location, READ),
    writing("POST", "/locations", TAG, "Create a location", create_location, status=201,
            example=_LOCATION, problems=_TAKEN),
    writing("PATCH", "/locations/{code}", TAG, "Change a location", update_location,
            example={"capacity_daily": 400}),
    reading("/locations/{location}/bins", TAG, "List bins", list_bins, READ),
    writing("PUT", "/locations/{location}/bins", TAG, "Set bins", set_bins,
            example={"bins": [{"code": "A-01", "walk_order": 1}]}),
    reading("/locations/{location}/endless-items", TAG, "List items without an end",
            list_endless, "inventory.read"),
    writing("PUT", "/locations/{location}/endless-items", TAG, "Set items without an end",
            set_endless, example={"items": [{"sku": "TEA-100", "lead_days": 3}]},
            problems=("action-not-allowed",)),
    writing("PUT", "/locations/{location}/item-bins", TAG, "Say where items lie", set_item_bins,
            example={"items": [{"sku": "TEA-100", "bins": ["A-01"]}]}),
    reading("/policies", TAG, "List sourcing policies", list_policies, READ),
    reading("/policies/{code}", TAG, "Read a sourcing policy", get_policy, READ),
    reading("/policies/{code}/versions", TAG, "List a policy's versions",
            list_policy_versions, READ),
    writing("POST", "/policies", TAG, "Create a sourcing policy", create_policy, status=201,
            problems=_TAKEN),
    writing("PATCH", "/policies/{code}", TAG, "Change a sourcing policy", update_policy,
            example={"name": "Nearest first"}),
    Endpoint(method="POST", path="/policies/try", tag=TAG, kind="story", permission=READ,
             summary="Try sourcing policies on an order", call=try_sourcing, ask=PolicyTrial,
             answer=TriedPolicies,
             example={"policies": ["default"],
                      "order": {"channel": "web", "country": "PL", "postal_code": "90-001",
                                "lines": [{"sku": "TEA-100", "quantity": 2}]}}),
    reading("/markets", TAG, "List markets", list_markets, READ),
    writing("PUT", "/markets", TAG, "Set all markets", set_markets,
            example={"markets": [{"code": "cee", "name": "Central Europe",
                                  "countries": ["PL", "CZ", "SK"]}]}),
    writing("PUT", "/markets/{market}", TAG, "Add or change a market", put_market,
            example={"name": "Nordics", "countries": ["DK", "FI", "NO", "SE"]}),
    writing("DELETE", "/markets/{market}", TAG, "Take a market away", remove_market,
            problems=("action-not-allowed",)),
    reading("/exchange-rates", TAG, "List exchange rates", list_rates, READ),
    writing("PUT", "/exchange-rates", TAG, "Set exchange rates", set_rates,
            example={"rates": [{"base_currency": "EUR", "currency": "PLN",
                                "valid_on": "2026-01-01", "rate": "0.2345"}]}),
]  # fmt: skip
