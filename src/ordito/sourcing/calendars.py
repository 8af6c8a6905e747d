"""Days on which places are closed and carriers don't drive: weekdays, own holidays, public ones."""

from datetime import date
from functools import cache

import holidays

from ordito.sourcing.types import Place


@cache
def _calendars() -> dict[str, frozenset[str]]:
    return {
        code: frozenset(regions) for code, regions in holidays.list_supported_countries().items()
    }


def is_calendar(code: str) -> bool:
    """Whether there are public holidays for the country, or country and region (DE-BY)."""
    country, sign, region = code.partition("-")
    known = _calendars().get(country)
    return known is not None and (not sign or region in known)


@cache
def public_holidays(calendar: str, year: int) -> frozenset[date]:
    """Public holidays of a year; none of a calendar that isn't known."""
    if not is_calendar(calendar):
        return frozenset()
    country, _sign, region = calendar.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))


def is_holiday(calendar: str, day: date) -> bool:
    """Whether the day is a public holiday there; "" has none."""
    return bool(calendar) and day in public_holidays(calendar, day.year)


def is_open(place: Place, weekday: int, day: str) -> bool:
    """Whether the place works on that day. weekday: 0 is Monday; day: ISO."""
    if not place.working_days >> weekday & 1 or day in place.holidays:
        return False
    return not place.calendar or not is_holiday(place.calendar, date.fromisoformat(day))
