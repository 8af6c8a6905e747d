"""The home page: how today goes, and what needs someone."""

from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from ordito.kernel.asks import Ask, Code
from ordito.listings.day_figures import DayFigures, read_day_figures
from ordito.listings.home_scope import HomeScope, home_scope
from ordito.listings.need_types import NeedGroup
from ordito.listings.needs import read_needs
from ordito.listings.order_filter import OrderFilter
from ordito.listings.orders_list import recall_count
from ordito.listings.places import read_names
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput

LIVE_MAX = 999
"""Orders of a state are counted up to this; one more means “more than”."""


class HomeParams(Ask, frozen=True, kw_only=True):
    """channel, location: codes that everything is narrowed to. time_zone: whose days are meant."""

    channel: Code | None = None
    location: Code | None = None
    time_zone: Annotated[str, Meta(min_length=1, max_length=60)] = "UTC"


class LiveCounts(msgspec.Struct, frozen=True):
    """Orders that are like this now, each up to LIVE_MAX + 1. Orders of the past are left out."""

    open: int
    late: int
    held: int
    backordered: int


class Home(msgspec.Struct, frozen=True):
    """live, figures: None for those who may not see orders."""

    live: LiveCounts | None
    figures: DayFigures | None
    needs: tuple[NeedGroup, ...]


def read_home(tx: Tx, params: HomeParams) -> Home:
    """Today's figures beside last week's, and one queue of what needs a person."""
    names = read_names(tx)
    scope = home_scope(names, tx.actor, channel=params.channel, location=params.location)
    zone = _zone(params.time_zone)
    sees_orders = "orders.read" in tx.actor.permissions
    return Home(
        live=_read_live(tx, scope) if sees_orders else None,
        figures=read_day_figures(tx, names, scope, zone) if sees_orders else None,
        needs=read_needs(tx, names, scope),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as fault:
        raise InvalidInput(
            "Days can't be told apart.",
            errors=[Fault("/time_zone", "unknown-time-zone", f"There is no time zone “{name}”.")],
        ) from fault


def _read_live(tx: Tx, scope: HomeScope) -> LiveCounts:
    seen = OrderFilter(mode="live", channels=scope.channels, locations=scope.locations)
    opened = replace(seen, life=("open",))

    def count(asked: OrderFilter) -> int:
        return recall_count(tx, asked, cap=LIVE_MAX)

    return LiveCounts(
        open=count(opened),
        late=count(replace(seen, late=True)),
        held=count(replace(opened, held=True)),
        backordered=count(replace(opened, backordered=True)),
    )
