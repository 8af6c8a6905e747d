"""One-time passwords, against the vectors of RFC 6238, and what keeps them used once."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from ordito.kernel.ids import new_id
from ordito.platform.second_factors import (
    code_at,
    hash_recovery_code,
    matching_step,
    new_recovery_codes,
    new_secret,
)

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert code_at(SECRET, seconds // 30) == code


@pytest.mark.parametrize(("ago_s", "found"), [(-30, True), (0, True), (30, True), (70, False)])
def test_a_code_is_taken_half_a_minute_early_and_late(ago_s: int, found: bool) -> None:
    code = code_at(SECRET, STEP)
    step = matching_step(SECRET, code, NOW + timedelta(seconds=ago_s), after=0)
    assert step == (STEP if found else None)


def test_a_used_code_and_those_before_it_are_refused() -> None:
    assert matching_step(SECRET, code_at(SECRET, STEP), NOW, after=STEP) is None
    assert matching_step(SECRET, code_at(SECRET, STEP - 1), NOW, after=STEP) is None
    assert matching_step(SECRET, code_at(SECRET, STEP + 1), NOW, after=STEP) == STEP + 1


@pytest.mark.parametrize("text", ["", "1", "abc def", "\u0661\u0662\u0663", "9" * 40])
def test_nonsense_is_no_code(text: str) -> None:
    assert matching_step(SECRET, text, NOW, after=0) is None


def test_secrets_and_recovery_codes_differ_each_time() -> None:
    assert len({new_secret() for _ in range(50)}) == 50
    assert len(set(new_recovery_codes() + new_recovery_codes())) == 20


def test_a_recovery_code_is_read_as_people_type_it() -> None:
    ann, ben = new_id(), new_id()
    stored = hash_recovery_code(ann, "abcde-fghjk")
    assert hash_recovery_code(ann, " ABCDE fghjk ") == stored
    assert hash_recovery_code(ben, "abcde-fghjk") != stored
