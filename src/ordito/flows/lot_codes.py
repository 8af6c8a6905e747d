"""What a code says that names a lot or a serial number: as typed, or as scanned with all else."""

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from ordito.catalog.barcodes import read_owners
from ordito.catalog.tracked_items import TrackedItem
from ordito.kernel.gs1 import Elements, NotGs1, gtin_forms, looks_like_gs1, read_elements
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.problems import Fault

CODE_MAX = 60
"""Letters of a lot's code. GS1 allows 20."""


class LotCode(msgspec.Struct, frozen=True):
    """A lot as it was named, with what a scanned code said beside it."""

    code: str
    expires_on: date | None = None
    made_on: date | None = None

    @property
    def key(self) -> str:
        return normal_code(self.code)


def read_code_elements(text: str, today: date) -> Elements | None:
    """What a GS1 code says; None for any other code. Raises NotGs1 for a broken one."""
    return read_elements(text, today=today) if looks_like_gs1(text) else None


class LotCodes:
    """Codes that name lots, read together: whose item numbers they hold is asked once."""

    def __init__(self, tx: Tx, texts: Iterable[str]) -> None:
        today = tx.now.date()
        self._read: dict[str, Elements | None] = {}
        self._broken: dict[str, str] = {}
        for text in texts:
            try:
                self._read[text] = read_code_elements(text, today)
            except NotGs1 as fault:
                self._broken[text] = str(fault)
        gtins = {read.gtin for read in self._read.values() if read and read.gtin}
        self._owners = find_gtin_owners(tx, gtins) if gtins else {}

    def find(
        self, text: str, item: TrackedItem, pointer: str, faults: list[Fault]
    ) -> LotCode | None:
        """What a text names that is said of an item; None, and a fault, where it is wrong."""
        if text in self._broken:
            faults.append(Fault(pointer, "not-gs1", self._broken[text]))
            return None
        elements = self._read[text]
        code = LotCode(text.strip())
        if elements is not None:
            found = _from_elements(elements, item, self._owners)
            if isinstance(found, str):
                faults.append(Fault(pointer, "not-its-code", found))
                return None
            code = found
        if not code.code or len(code.code) > CODE_MAX or not code.code.isprintable():
            detail = f"A lot or serial number has 1 to {CODE_MAX} printable signs."
            faults.append(Fault(pointer, "pattern", detail))
            return None
        return code


def find_gtin_owners(tx: Tx, gtins: set[str]) -> dict[str, str]:
    """Item number of 14 digits → id of the item that has it as a barcode, in any of its forms."""
    known = read_owners(tx, {form for gtin in gtins for form in gtin_forms(gtin)})
    found: dict[str, str] = {}
    for gtin in gtins:
        for form in gtin_forms(gtin):
            if form in known:
                found.setdefault(gtin, str(known[form].item_id))
    return found


def _from_elements(read: Elements, item: TrackedItem, owners: Mapping[str, str]) -> LotCode | str:
    """The lot that a GS1 code names; what is wrong with it, as a sentence."""
    if owners.get(read.gtin or "", item.id) != item.id:
        return f"The code is of another item than “{item.sku}”."
    code = read.serial if item.serial else read.lot
    if not code:
        what = "serial number (21)" if item.serial else "lot (10)"
        return f"The code names no {what}; “{item.sku}” is kept by it."
    return LotCode(code, read.expires_on, read.made_on)
