"""How today goes: what was placed, shipped, delivered and returned, day by day, and since when."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ordito.listings.home_scope import HomeScope
from ordito.listings.order_types import ChannelName, PlaceName
from ordito.listings.places import Names
from ordito.listings.quarter_figures import What
from ordito.platform.database import Tx, query

DAYS = 14
WEEK = timedelta(days=7)
NO_PLACE = UUID(int=0)


class Count(msgspec.Struct, frozen=True):
    """How often something happened, to how many units."""

    times: int = 0
    units: int = 0


class DayCount(msgspec.Struct, frozen=True):
    on: date
    times: int
    units: int


class DayAmount(msgspec.Struct, frozen=True):
    on: date
    minor: int


class Figure(msgspec.Struct, frozen=True):
    """One thing that happens to orders: today up to now, the same weekday last week up to the same
    time (to a quarter of an hour), and the last DAYS days, today last."""

    what: What
    today: Count
    week_ago: Count
    days: tuple[DayCount, ...]


class Sales(msgspec.Struct, frozen=True):
    """What was sold, in one base currency. unrated: orders of today that no rate was known for."""

    currency: str
    today_minor: int
    week_ago_minor: int
    unrated: int
    days: tuple[DayAmount, ...]


class ChannelShare(msgspec.Struct, frozen=True):
    """Today by channel: orders, units, and value in the channel's base currency."""

    channel: ChannelName
    orders: int
    units: int
    currency: str
    minor: int


class PlaceShare(msgspec.Struct, frozen=True):
    """Today by location: parts given to it, parcels and units that left it."""

    location: PlaceName
    assigned: int
    assigned_units: int
    shipped: int
    shipped_units: int


class DayFigures(msgspec.Struct, frozen=True):
    """as_of: the instant that “now” is; today: its day in the time zone asked for."""

    as_of: datetime
    today: date
    figures: tuple[Figure, ...]
    sales: tuple[Sales, ...]
    channels: tuple[ChannelShare, ...]
    locations: tuple[PlaceShare, ...]


class _Row(msgspec.Struct, frozen=True):
    """so_far: up to the same time of the day as it is now."""

    what: What
    channel_id: UUID
    location_id: UUID
    currency: str
    day: date
    times: int
    units: int
    minor: int
    unrated: int
    times_so_far: int
    units_so_far: int
    minor_so_far: int


def read_day_figures(tx: Tx, names: Names, scope: HomeScope, zone: ZoneInfo) -> DayFigures:
    """The figures of what the scope sees, in days of the zone.

    Seen from locations, what is placed is what they were given.
    """
    today = tx.now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    rows = _FIGURES.all(
        tx,
        zone=zone.key,
        begin=datetime.combine(days[0], time(), zone),
        now=tx.now,
        channel_ids=scope.channel_ids,
        location_ids=scope.location_ids,
    )
    first: What = "placed" if scope.location_ids is None else "assigned"
    kinds: tuple[What, ...] = (first, "shipped", "delivered", "returned")
    return DayFigures(
        as_of=tx.now,
        today=today,
        figures=tuple(_figure(what, rows, days) for what in kinds),
        sales=_sales(rows, days),
        channels=_by_channel(rows, names, today, first),
        locations=_by_place(rows, names, today),
    )


def _figure(what: What, rows: list[_Row], days: list[date]) -> Figure:
    found = [row for row in rows if row.what == what]
    per_day = _sum_days(found)
    today, before = days[-1], days[-1] - WEEK
    return Figure(
        what=what,
        today=Count(*per_day[today]),
        week_ago=Count(
            sum(row.times_so_far for row in found if row.day == before),
            sum(row.units_so_far for row in found if row.day == before),
        ),
        days=tuple(DayCount(day, *per_day[day]) for day in days),
    )


def _sum_days(rows: Iterable[_Row]) -> defaultdict[date, tuple[int, int]]:
    per_day: defaultdict[date, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        times, units = per_day[row.day]
        per_day[row.day] = (times + row.times, units + row.units)
    return per_day


def _sales(rows: list[_Row], days: list[date]) -> tuple[Sales, ...]:
    placed = [row for row in rows if row.what == "placed"]
    today, before = days[-1], days[-1] - WEEK
    found = []
    for currency in sorted({row.currency for row in placed}):
        mine = [row for row in placed if row.currency == currency]
        found.append(
            Sales(
                currency=currency,
                today_minor=sum(row.minor for row in mine if row.day == today),
                week_ago_minor=sum(row.minor_so_far for row in mine if row.day == before),
                unrated=sum(row.unrated for row in mine if row.day == today),
                days=tuple(
                    DayAmount(day, sum(row.minor for row in mine if row.day == day)) for day in days
                ),
            )
        )
    return tuple(found)


def _by_channel(
    rows: list[_Row], names: Names, today: date, what: What
) -> tuple[ChannelShare, ...]:
    shares: dict[tuple[UUID, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        if row.what == what and row.day == today and row.channel_id in names.channels:
            share = shares[row.channel_id, row.currency]
            share[0] += row.times
            share[1] += row.units
            share[2] += row.minor
    ordered = sorted(shares.items(), key=lambda share: (-share[1][0], str(share[0])))
    return tuple(
        ChannelShare(names.channel(channel_id), times, units, currency, minor)
        for (channel_id, currency), (times, units, minor) in ordered
    )


def _by_place(rows: list[_Row], names: Names, today: date) -> tuple[PlaceShare, ...]:
    shares: dict[UUID, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    column = {"assigned": 0, "shipped": 2}
    for row in rows:
        if row.what in column and row.day == today and row.location_id in names.locations:
            share = shares[row.location_id]
            share[column[row.what]] += row.times
            share[column[row.what] + 1] += row.units
    ordered = sorted(shares.items(), key=lambda share: (-share[1][1], -share[1][3], str(share[0])))
    return tuple(PlaceShare(names.place(id_), *counts) for id_, counts in ordered)


_FIGURES = query(
    _Row,
    """
    SELECT what, channel_id, location_id, currency,
           (quarter AT TIME ZONE %(zone)s::text)::date AS day,
           sum(times)::int8 AS times, sum(units)::int8 AS units, sum(amount_minor)::int8 AS minor,
           sum(unrated)::int8 AS unrated,
           coalesce(sum(times) FILTER (WHERE quarter < %(now)s::timestamptz - interval '7 days'), 0)
               ::int8 AS times_so_far,
           coalesce(sum(units) FILTER (WHERE quarter < %(now)s::timestamptz - interval '7 days'), 0)
               ::int8 AS units_so_far,
           coalesce(sum(amount_minor)
               FILTER (WHERE quarter < %(now)s::timestamptz - interval '7 days'), 0)
               ::int8 AS minor_so_far
    FROM listings.quarter_figure
    WHERE quarter >= %(begin)s::timestamptz AND quarter <= %(now)s::timestamptz
      AND (%(channel_ids)s::uuid[] IS NULL OR channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (%(location_ids)s::uuid[] IS NULL OR location_id = ANY(%(location_ids)s::uuid[]))
    GROUP BY 1, 2, 3, 4, 5
    """,
)
