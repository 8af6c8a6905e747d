from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ordito.intake.instants import Instant, read_instant
from ordito.intake.values import Unreadable

LONDON = ZoneInfo("Europe/London")
ISO = ("iso",)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "formats", "at"),
    [
        ("2010-12-01 08:26:00", ISO, utc(2010, 12, 1, 8, 26)),
        ("2011-06-01T08:26", ISO, utc(2011, 6, 1, 7, 26)),
        ("2011-06-01", ISO, utc(2011, 5, 31, 23)),
        ("2019-05-01 10:22:33 -0400", ISO, utc(2019, 5, 1, 14, 22, 33)),
        ("2019-05-01T10:22:33Z", ISO, utc(2019, 5, 1, 10, 22, 33)),
        ("12/1/2010 8:26", ("iso", "%m/%d/%Y %H:%M"), utc(2010, 12, 1, 8, 26)),
        ("31.03.2011", ("iso", "%d.%m.%Y"), utc(2011, 3, 30, 23)),
    ],
)
def test_local_time_becomes_utc(text: str, formats: tuple[str, ...], at: datetime) -> None:
    assert read_instant(text, formats, LONDON).at == at


def test_the_month_is_that_of_the_date_as_written() -> None:
    assert read_instant("2011-06-01 00:10", ISO, LONDON).month == "2011-06"
    assert read_instant("2011-06-01 00:10 +0200", ISO, LONDON).month == "2011-06"


def test_an_hour_that_never_was_is_moved_on() -> None:
    assert read_instant("2011-03-27 01:30", ISO, LONDON) == Instant(
        utc(2011, 3, 27, 1, 30),
        "2011-03",
        "2011-03-27 01:30 never was in Europe/London; taken as the hour after",
    )


def test_an_hour_that_was_twice_is_the_first() -> None:
    assert read_instant("2010-10-31 01:30", ISO, LONDON) == Instant(
        utc(2010, 10, 31, 0, 30),
        "2010-10",
        "2010-10-31 01:30 was twice in Europe/London; taken as the first",
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not-a-date"),
        ("yesterday", "not-a-date"),
        ("20101201", "not-a-date"),
        ("2010-13-01", "not-a-date"),
        ("2010-02-30 10:00", "not-a-date"),
        ("01/02/2010", "not-a-date"),
        ("0001-01-01", "date-out-of-range"),
        ("9999-12-31 23:59", "date-out-of-range"),
        ("2010-01-01 10:00 +9999", "not-a-date"),
    ],
)
def test_anything_else_is_refused(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_instant(text, ISO, LONDON)
    assert caught.value.code == code


def test_a_refusal_shows_how_to_write_it() -> None:
    with pytest.raises(Unreadable, match=r"2026-03-31 14:05 or 31\.03\.2026"):
        read_instant("soon", ("iso", "%d.%m.%Y"), LONDON)
