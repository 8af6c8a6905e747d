"""The scan check at the packing bench: what is in the box against what goes into it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.fulfillment.asks import Scan


class ScanFindings(msgspec.Struct, frozen=True):
    """What differs: items with pieces, and scans that are no item at all. All empty: it fits."""

    missing: dict[UUID, int]
    extra: dict[UUID, int]
    unknown: list[Scan]


def compare_scans(
    expected: Mapping[UUID, int],
    scans: Sequence[Scan],
    meaning: Mapping[str, Mapping[UUID, int]],
) -> ScanFindings:
    """Compare scanned pieces with the expected ones.

    expected: item → pieces that go into the box.
    meaning:  code as scanned → item → pieces that one such scan stands for (a kit's own code
              stands for its parts); codes of no item are absent.
    """
    scanned: Counter[UUID] = Counter()
    unknown = []
    for scan in scans:
        pieces = meaning.get(scan.code)
        if pieces is None:
            unknown.append(scan)
            continue
        for item_id, qty in pieces.items():
            scanned[item_id] += qty * scan.qty
    wanted = Counter(expected)
    # Counter subtraction keeps what is above zero only.
    return ScanFindings(dict(wanted - scanned), dict(scanned - wanted), unknown)
