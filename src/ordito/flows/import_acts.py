"""What can be brought in by file: who may, what a row's thing is, how it is done and undone."""

from collections.abc import Callable, Sequence

import msgspec

from ordito.flows.import_catalog import bring_items, bring_kits, bring_prices, undo_items
from ordito.flows.import_customers import bring_customers
from ordito.flows.import_expected import bring_expected, undo_expected
from ordito.flows.import_fields import RowValues
from ordito.flows.import_groups import Act
from ordito.flows.import_limits import bring_limits
from ordito.flows.import_places import bring_bins, bring_locations
from ordito.flows.import_stock import bring_counts, bring_receipts, undo_counts, undo_receipts
from ordito.kernel.text import normal_code
from ordito.platform.access import Actor
from ordito.platform.database import Tx
from ordito.uploads.types import DataImport, ImportKind, RowResult, UploadRow

Undo = Callable[[Tx, DataImport, Sequence[tuple[UploadRow, RowValues]]], list[RowResult]]

CHUNK = 500


class ImportAct(msgspec.Struct, frozen=True):
    """One kind of import.

    permissions: needed beside intake.write.
    known_by:    fields that say which thing a row is about: a file says it once. () repeats.
    by_first:    the first of those that is filled is enough.
    chunk:       rows per transaction.
    """

    permissions: tuple[str, ...]
    carry_out: Act
    known_by: tuple[str, ...] = ()
    undo: Undo | None = None
    by_first: bool = False
    chunk: int = CHUNK

    def require(self, actor: Actor) -> None:
        """Raises NotPermitted."""
        for permission in self.permissions:
            actor.require(permission)

    def key(self, row: RowValues) -> str:
        """What the row is about, as it is compared; "" when nothing says so."""
        parts = [normal_code(str(row.values.get(name, ""))) for name in self.known_by]
        if self.by_first:
            parts = [part for part in parts if part][:1]
        return "\x1f".join(parts) if any(parts) else ""


def _undo_items(
    tx: Tx, job: DataImport, rows: Sequence[tuple[UploadRow, RowValues]]
) -> list[RowResult]:
    return undo_items(tx, job, [row for row, _ in rows])


ACTS: dict[ImportKind, ImportAct] = {
    "items": ImportAct(("catalog.write",), bring_items, ("sku",), _undo_items),
    "prices": ImportAct(("catalog.write",), bring_prices, ("sku", "currency"), _undo_items),
    "counts": ImportAct(
        ("inventory.write",), bring_counts, ("location", "lot", "serial", "sku"), undo_counts
    ),
    "receipts": ImportAct(("inventory.write",), bring_receipts, (), undo_receipts),
    "expected": ImportAct(
        ("inventory.write",), bring_expected, ("location", "sku", "reference"), undo_expected
    ),
    "bins": ImportAct(
        ("settings.write", "inventory.write"), bring_bins, ("location", "bin", "sku")
    ),
    "locations": ImportAct(("settings.write",), bring_locations, ("code",), chunk=100),
    "customers": ImportAct(("orders.write",), bring_customers, ("email", "phone"), by_first=True),
    "limits": ImportAct(("inventory.write",), bring_limits, ("sku", "location")),
    # A kit's rows may stand anywhere in the file, and kits may be made of kits of the same file.
    "kits": ImportAct(("catalog.write",), bring_kits, ("kit", "part"), _undo_items, chunk=10_000),
}

CANT_UNDO: dict[ImportKind, str] = {
    "limits": "Limits may have been changed since. Change them on the page of limits.",
    "bins": "Bins may have been used by pickers since. Change them on the location's page.",
    "locations": "Locations may have got work and stock since. Close them on their pages.",
    "customers": "Customers may have ordered since. Change them one by one.",
}
"""Why a kind can't be undone, and what to do instead."""
