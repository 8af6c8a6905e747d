"""Pack: what goes into the box is checked by scanning it."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

from ordito.catalog.barcodes import read_owners
from ordito.catalog.items import read_items, read_items_by_sku
from ordito.flows.lot_codes import find_gtin_owners, read_code_elements
from ordito.flows.opened_work import OpenedWork, open_work
from ordito.fulfillment.asks import PackUnits
from ordito.fulfillment.problems import ScanMismatch
from ordito.fulfillment.scans import ScanFindings, compare_scans
from ordito.kernel.gs1 import NotGs1
from ordito.kernel.text import normal_code
from ordito.orders.events import UnitsPacked
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command


@command(permission="fulfillment.write")
def pack_units(tx: Tx, ask: PackUnits) -> OrderState:
    """Picked units went into the box; refused when the scans say something else."""
    work = open_work(tx, ask, "pack")
    units = work.choose_units(ask.lines, "unpacked")
    if not ask.unchecked or ask.scans:
        _check_scans(tx, work, units, ask)
    for line_no, qty in units.items():
        work.changes.move(work.opened, line_no, qty, ("picked", "packed"), work.fo)
    work.changes.mark(work.fo, "picking")
    return work.finish(UnitsPacked(ask.fo_no, work.location, units), "packed")


def _check_scans(tx: Tx, work: OpenedWork, units: Mapping[int, int], ask: PackUnits) -> None:
    """Raises ScanMismatch that lists everything missing, extra and unknown."""
    expected: Counter[UUID] = Counter()
    for _line_no, item_id, pieces in work.pieces(units):
        expected[item_id] += pieces
    meaning = _read_codes(tx, work, {scan.code for scan in ask.scans})
    findings = compare_scans(expected, ask.scans, meaning)
    if findings.missing or findings.extra or findings.unknown:
        raise _tell(tx, findings)


def _read_codes(tx: Tx, work: OpenedWork, codes: set[str]) -> dict[str, Mapping[UUID, int]]:
    """What one scan of each code stands for: an item, or the parts of a kit of this order."""
    keys = {code: normal_code(code) for code in codes}
    by_sku = read_items_by_sku(tx, keys.values())
    by_barcode = read_owners(tx, keys.values())
    by_gtin = _read_gtins(tx, codes)
    kits = {
        line.item_id: {part.item_id: part.per_unit for part in work.opened.parts[no]}
        for no, line in work.opened.lines.items()
        if line.item_kind == "kit" and line.item_id is not None
    }
    meaning: dict[str, Mapping[UUID, int]] = {}
    for code, key in keys.items():
        if key in by_sku:
            item_id = by_sku[key].id
        elif key in by_barcode:
            item_id = by_barcode[key].item_id
        elif code in by_gtin:
            item_id = by_gtin[code]
        else:
            continue
        meaning[code] = kits.get(item_id) or {item_id: 1}
    return meaning


def _read_gtins(tx: Tx, codes: Iterable[str]) -> dict[str, UUID]:
    """The items of GS1 codes, which say more than the item's number; broken ones are absent."""
    gtins: dict[str, str] = {}
    for code in codes:
        with contextlib.suppress(NotGs1):
            elements = read_code_elements(code, tx.now.date())
            if elements is not None and elements.gtin is not None:
                gtins[code] = elements.gtin
    owners = find_gtin_owners(tx, set(gtins.values())) if gtins else {}
    return {code: UUID(owners[gtin]) for code, gtin in gtins.items() if gtin in owners}


def _tell(tx: Tx, findings: ScanFindings) -> ScanMismatch:
    items = read_items(tx, {*findings.missing, *findings.extra})

    def listed(pieces: Mapping[UUID, int]) -> list[dict[str, object]]:
        return sorted(
            ({"sku": items[id_].sku, "qty": qty} for id_, qty in pieces.items()),
            key=lambda row: str(row["sku"]),
        )

    missing, extra = listed(findings.missing), listed(findings.extra)
    unknown: list[dict[str, object]] = [
        {"code": scan.code, "qty": scan.qty} for scan in findings.unknown
    ]
    words = [
        f"{name}: " + ", ".join(f"{row['qty']} × {row.get('sku', row.get('code'))}" for row in rows)
        for name, rows in (("missing", missing), ("too many", extra), ("unknown", unknown))
        if rows
    ]
    return ScanMismatch(
        f"{'; '.join(words)}. Nothing was packed.",
        extra={"missing": missing, "extra": extra, "unknown": unknown},
    )
