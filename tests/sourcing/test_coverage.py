"""Intervals of a share."""

from ordito.sourcing.coverage import share_interval


def test_the_interval_is_wilsons() -> None:
    low, high = share_interval(90, 100)
    assert (round(low, 4), round(high, 4)) == (0.8256, 0.9448)
    assert share_interval(0, 0) == (0.0, 1.0)
    low, high = share_interval(30, 30)
    assert (round(low, 3), high) == (0.886, 1.0)
