"""Weekdays by name and as bits mean the same."""

import msgspec
import pytest

from ordito.sourcing.weekdays import Weekdays, bits_of, names_of, parse_days


@pytest.mark.parametrize(
    ("bits", "names"),
    [
        (0b0011111, "mon-fri"),
        (0b1111111, "mon-sun"),
        (0b0010101, "mon,wed,fri"),
        (0b1100000, "sat,sun"),
        (0b1001110, "tue-thu,sun"),
    ],
)
def test_bits_and_names_say_the_same(bits: int, names: str) -> None:
    assert names_of(bits) == names
    assert bits_of(names) == bits
    assert parse_days(names) == parse_days(str(bits)) == bits


def test_days_are_read_as_people_type_them() -> None:
    assert parse_days(" Mon – Fri ") == 0b0011111
    assert parse_days("mon wed;fri") == 0b0010101
    assert parse_days("sat-mon") == 0b1100001, "over the end of the week"
    assert [parse_days(text) for text in ("", "0", "128", "monday", "mon-", "9999")] == [None] * 6


def test_every_set_of_days_has_one_name() -> None:
    assert all(bits_of(names_of(bits)) == bits for bits in range(1, 128))
    for wrong in (0, 128, "", "Mon", "mon-", "mon,,tue"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, Weekdays)
