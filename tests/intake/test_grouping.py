import pytest

from ordito.intake import grouping
from ordito.intake.grouping import SCATTERED, TOO_LONG, group_rows
from ordito.intake.types import Row


def groups(keys: str) -> list[tuple[str, list[int], str]]:
    rows = [Row(line, [key.strip("_")]) for line, key in enumerate(keys, start=2)]
    return [
        (group.rows[0].cells[0], [row.line for row in group.rows], group.trouble)
        for group in group_rows(rows, 0)
    ]


def test_rows_of_an_order_need_not_be_adjacent() -> None:
    assert groups("aabacb") == [("a", [2, 3, 5], ""), ("b", [4, 7], ""), ("c", [6], "")]


def test_keys_are_compared_without_case() -> None:
    assert groups("aAa") == [("a", [2, 3, 4], "")]


def test_rows_without_key_stay_alone() -> None:
    assert [lines for _, lines, _ in groups("a__a")] == [[3], [4], [2, 5]]


def test_a_row_that_comes_too_late_is_scattered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "GAP_ROWS_MAX", 2)
    assert groups("abba") == [("a", [2, 5], ""), ("b", [3, 4], "")]
    assert groups("abcda") == [
        ("a", [2], ""),
        ("a", [6], SCATTERED),
        ("b", [3], ""),
        ("c", [4], ""),
        ("d", [5], ""),
    ]


def test_an_order_with_too_many_rows_is_given_up_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "ROWS_PER_ORDER_MAX", 2)
    assert groups("aaabaa") == [
        ("a", [2, 3, 4], TOO_LONG),
        ("a", [6], TOO_LONG),
        ("a", [7], TOO_LONG),
        ("b", [5], ""),
    ]
