"""How long a login has to wait, from the failed ones before it: per account and per address.

An account is slowed down, never locked: nobody can shut a colleague out for longer than a minute.
An address may try many accounts, as a warehouse behind one router does, but not without end.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from ordito.platform.problems import TooManyRequests


class Attempt(msgspec.Struct, frozen=True):
    """A login that was tried, with its instant and outcome."""

    at: datetime
    succeeded: bool


class Pace(msgspec.Struct, frozen=True):
    """How fast logins may follow each other."""

    window: timedelta = timedelta(minutes=15)
    """Older attempts are forgotten."""
    account_free: int = 5
    """Failures of an account in a row that cost no waiting."""
    account_wait_max: timedelta = timedelta(seconds=60)
    """The wait doubles with each further failure, from one second up to this."""
    address_max: int = 50
    """Failures of an address within the window, whatever the accounts."""


PACE = Pace()


def account_wait(attempts: Sequence[Attempt], now: datetime, pace: Pace = PACE) -> timedelta:
    """How long until the account's next login may be tried; zero when it may now.

    attempts: of this account, in any order; a success ends the row of failures.
    """
    failures = _failures_in_a_row(attempts, now, pace)
    beyond = len(failures) - pace.account_free
    if beyond < 0:
        return timedelta()
    doubled = timedelta(seconds=2 ** min(beyond, 30))
    return max(failures[-1] + min(doubled, pace.account_wait_max) - now, timedelta())


def address_wait(attempts: Sequence[Attempt], now: datetime, pace: Pace = PACE) -> timedelta:
    """How long until this address may try again; zero when it may now. Successes don't count."""
    failed = sorted(a.at for a in attempts if not a.succeeded and a.at > now - pace.window)
    if len(failed) < pace.address_max:
        return timedelta()
    return failed[-pace.address_max] + pace.window - now


def require_patience(
    of_account: Sequence[Attempt], of_address: Sequence[Attempt], now: datetime, pace: Pace = PACE
) -> None:
    """Raises TooManyRequests when account or address must wait; `retry_after_s` says how long.

    Ask before the password is looked at, for unknown accounts as well, so that the answer doesn't
    tell which accounts there are.
    """
    wait = max(account_wait(of_account, now, pace), address_wait(of_address, now, pace))
    if wait > timedelta():
        seconds = math.ceil(wait.total_seconds())
        raise TooManyRequests(
            f"Too many failed logins. Try again in {seconds} seconds.",
            extra={"retry_after_s": seconds},
        )


def _failures_in_a_row(attempts: Sequence[Attempt], now: datetime, pace: Pace) -> list[datetime]:
    failures: list[datetime] = []
    for attempt in sorted(attempts, key=lambda a: (a.at, a.succeeded)):
        if attempt.succeeded:
            failures.clear()
        elif attempt.at > now - pace.window:
            failures.append(attempt.at)
    return failures
