"""The scan check: everything missing, extra or unknown, each counted."""

from ordito.fulfillment.asks import Scan
from ordito.fulfillment.scans import ScanFindings, compare_scans
from ordito.kernel.ids import new_id

TEA, CUP = new_id(), new_id()


def test_scans_that_fit_leave_nothing_to_tell() -> None:
    scans = [Scan("tea"), Scan("tea", 2), Scan("set")]
    meaning = {"tea": {TEA: 1}, "set": {TEA: 3, CUP: 1}}

    assert compare_scans({TEA: 6, CUP: 1}, scans, meaning) == ScanFindings({}, {}, [])


def test_what_differs_is_counted_in_pieces() -> None:
    scans = [Scan("tea"), Scan("cup", 2), Scan("x", 3)]
    meaning = {"tea": {TEA: 1}, "cup": {CUP: 1}}

    assert compare_scans({TEA: 2}, scans, meaning) == ScanFindings(
        {TEA: 1}, {CUP: 2}, [Scan("x", 3)]
    )
