"""Hashing, verifying and refusing passwords."""

import time
from concurrent.futures import ThreadPoolExecutor, wait

import argon2
import pytest

from ordito.platform import passwords
from ordito.platform.common_passwords import COMMON
from ordito.platform.passwords import (
    NOBODYS_HASH,
    PasswordTooWeak,
    check_strength,
    hash_password,
    needs_rehash,
    verify,
)

GOOD = "correct crane dusty volcano"


@pytest.fixture(scope="module")
def encoded() -> str:
    return hash_password(GOOD)


def codes(password: str, email: str = "") -> list[str]:
    with pytest.raises(PasswordTooWeak) as caught:
        check_strength(password, email=email)
    return [fault.code for fault in caught.value.errors]


def test_only_the_right_password_verifies(encoded: str) -> None:
    assert verify(encoded, GOOD) is True
    assert verify(encoded, GOOD + " ") is False
    assert verify(encoded, "") is False
    assert GOOD not in encoded


def test_the_same_letters_typed_on_another_keyboard_verify() -> None:
    stored = hash_password("kawiarnia łódź ñandú")
    assert verify(stored, "kawiarnia łódź ñandú")


def test_two_hashes_of_one_password_differ(encoded: str) -> None:
    assert hash_password(GOOD) != encoded


def test_a_user_who_is_not_there_never_verifies() -> None:
    assert verify(None, GOOD) is False
    assert verify("", GOOD) is False
    assert verify("not a hash", GOOD) is False
    assert verify(NOBODYS_HASH, GOOD) is False


def test_a_user_who_is_not_there_costs_the_same(encoded: str) -> None:
    def cpu_s(stored: str | None) -> float:
        took = []
        for _ in range(3):
            start = time.thread_time()
            verify(stored, "a wrong password")
            took.append(time.thread_time() - start)
        return min(took)

    assert 0.5 < cpu_s(None) / cpu_s(encoded) < 2
    assert not needs_rehash(NOBODYS_HASH)


def test_an_endless_password_is_not_hashed_whole(encoded: str) -> None:
    assert verify(encoded, GOOD * 1_000_000) is False


def test_a_hash_with_other_parameters_is_due_for_a_new_one(encoded: str) -> None:
    assert needs_rehash(encoded) is False
    weaker = argon2.PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(GOOD)
    assert needs_rehash(weaker) is True
    assert verify(weaker, GOOD) is True
    assert needs_rehash("not a hash") is True


def test_a_third_hash_waits_for_its_turn(encoded: str) -> None:
    assert passwords._turns.acquire(timeout=5)
    assert passwords._turns.acquire(timeout=5)
    with ThreadPoolExecutor(1) as pool:
        third = pool.submit(verify, encoded, GOOD)
        try:
            assert wait([third], timeout=0.5).done == set()
        finally:
            passwords._turns.release()
            passwords._turns.release()
        assert third.result(timeout=30) is True


def test_turns_are_given_back_also_after_a_wrong_password(encoded: str) -> None:
    assert [verify(encoded, "wrong") for _ in range(3)] == [False] * 3


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "Tr7-mokre-Kamienie",
        "zażółć gęślą jaźń",
        "8f2kd0q8s1mz",
        "dragon-1974-xK2-lampa",
        "ordito zbudował mój kuzyn",
    ],
)
def test_good_passwords_are_taken(password: str) -> None:
    check_strength(password, email="ann@example.com")


@pytest.mark.parametrize(
    "password",
    [
        "password123",
        "Password123!",
        "P@ssw0rd2026",
        "!!qwertyuiop!!",
        "Warszawa2026",
        "ordito1234",
        "Ordito!2026",
        "letmein12345",
        "passwordpassword",
        "dragon1dragon1",
        "пароль12345",
    ],
)
def test_common_passwords_are_refused_dressed_up_or_not(password: str) -> None:
    assert codes(password) == ["common"]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "too-short"),
        ("x" * 129, "too-long"),
        ("abababababab", "repetitive"),
        ("1111111111111", "repetitive"),
        ("1234567890", "sequence"),
        ("0987654321", "sequence"),
        ("abcdefghijkl", "sequence"),
        ("qwertyuiopas", "sequence"),
        ("1qaz2wsx3edc", "sequence"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(password: str, code: str) -> None:
    assert code in codes(password)


@pytest.mark.parametrize("password", ["Ann.Kowalska@example.com", "ann.kowalska", "Ann.Kowalska99"])
def test_the_email_address_is_no_password(password: str) -> None:
    assert "is-email" in codes(password, email="ann.kowalska@example.com")


def test_every_reason_is_told_at_once() -> None:
    assert codes("password") == ["too-short", "common"]


def test_the_list_is_a_few_hundred_words_in_small_letters() -> None:
    assert 500 < len(COMMON) < 1000
    assert all(word == word.casefold() for word in COMMON)
