"""When a message is tried again, and when an endpoint rests."""

from datetime import UTC, datetime, timedelta

import pytest

from ordito.webhooks.retries import PAUSES_S, is_hopeless, pause_s, rest_s


def test_pauses_grow_and_then_the_message_is_given_up() -> None:
    assert [pause_s(n, chance=0.5) for n in range(1, 10)] == [float(p) for p in PAUSES_S]
    assert pause_s(10, chance=0.5) is None


def test_chance_spreads_a_pause_by_a_tenth() -> None:
    assert pause_s(2, chance=0) == pytest.approx(270)
    assert pause_s(2, chance=1) == pytest.approx(330)


def test_what_the_receiver_asks_for_is_the_least_and_a_day_the_most() -> None:
    assert pause_s(1, chance=0.5, retry_after_s=60) == 60
    assert pause_s(2, chance=0.5, retry_after_s=60) == 300
    assert pause_s(1, chance=0.5, retry_after_s=10**9) == 86_400


def test_an_endpoint_that_is_down_rests_for_minutes_at_most() -> None:
    assert [rest_s(n) for n in (1, 2, 3, 4, 5, 30)] == [0, 0, 5, 10, 20, 300]
    assert rest_s(1, retry_after_s=7) == 7


def test_five_days_of_failures_are_too_many() -> None:
    now = datetime(2026, 3, 6, tzinfo=UTC)
    assert is_hopeless(now - timedelta(days=5), now)
    assert not is_hopeless(now - timedelta(days=5) + timedelta(seconds=1), now)
