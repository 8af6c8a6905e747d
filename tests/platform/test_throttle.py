"""Waiting after failed logins."""

from datetime import UTC, datetime, timedelta

import pytest

from ordito.platform.problems import TooManyRequests
from ordito.platform.throttle import Attempt, Pace, account_wait, address_wait, require_patience

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NONE = timedelta()


def failed(*seconds_ago: float) -> list[Attempt]:
    return [Attempt(NOW - timedelta(seconds=s), succeeded=False) for s in seconds_ago]


def succeeded(seconds_ago: float) -> Attempt:
    return Attempt(NOW - timedelta(seconds=seconds_ago), succeeded=True)


def test_the_first_five_failures_cost_no_waiting() -> None:
    assert account_wait([], NOW) == NONE
    assert account_wait(failed(0, 0, 0, 0), NOW) == NONE


@pytest.mark.parametrize(
    ("failures", "wait_s"), [(5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (100, 60), (1000, 60)]
)
def test_the_wait_doubles_up_to_a_minute(failures: int, wait_s: int) -> None:
    assert account_wait(failed(*[0.0] * failures), NOW) == timedelta(seconds=wait_s)


def test_the_wait_runs_from_the_last_failure() -> None:
    assert account_wait(failed(50, 40, 30, 20, 0.25), NOW) == timedelta(seconds=0.75)
    assert account_wait(failed(50, 40, 30, 20, 1), NOW) == NONE
    assert account_wait(failed(1, 20, 30, 40, 50), NOW) == NONE


def test_a_success_ends_the_row_of_failures() -> None:
    assert account_wait([*failed(*[9.0] * 20), succeeded(8), *failed(1, 1)], NOW) == NONE


def test_failures_are_forgotten_after_the_window() -> None:
    assert account_wait(failed(*[900.0] * 50), NOW) == NONE
    assert address_wait(failed(*[900.0] * 50), NOW) == NONE


def test_an_address_waits_until_enough_of_its_failures_are_old() -> None:
    pace = Pace(address_max=3)
    assert address_wait(failed(10, 20), NOW, pace) == NONE
    assert address_wait(failed(10, 20, 600), NOW, pace) == timedelta(seconds=300)
    assert address_wait(failed(10, 20, 600, 700), NOW, pace) == timedelta(seconds=300)


def test_successes_from_an_address_do_not_count() -> None:
    shift_begins = [succeeded(float(s)) for s in range(500)]
    assert address_wait(shift_begins, NOW) == NONE


def test_the_longer_wait_is_told_in_whole_seconds() -> None:
    with pytest.raises(TooManyRequests) as caught:
        require_patience(failed(*[0.5] * 6), failed(10, 20, 600), NOW, Pace(address_max=3))
    assert caught.value.extra == {"retry_after_s": 300}
    with pytest.raises(TooManyRequests) as caught:
        require_patience(failed(*[0.5] * 6), [], NOW)
    assert caught.value.extra == {"retry_after_s": 2}


def test_nobody_waits_without_failures() -> None:
    require_patience([], [], NOW)
