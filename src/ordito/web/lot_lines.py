"""Lots as people type or scan them: one on each line, with units and the last day."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from ordito.catalog.tracked_items import TrackedItem
from ordito.inventory.problems import LotRequired, LotShort, LotUnfit, SerialInStock
from ordito.kernel.gs1 import looks_like_gs1
from ordito.platform.problems import ActionNotAllowed, InvalidInput, Problem
from ordito.web.rendering import gettext as _

_BETWEEN = re.compile(r"[,;\t]+")
REFUSED: tuple[type[Problem], ...] = (
    ActionNotAllowed,
    InvalidInput,
    LotRequired,
    LotShort,
    LotUnfit,
    SerialInStock,
)
"""What forms about lots say in place, for the person to do it otherwise."""
EXAMPLE = "A17 24 2027-03-31"
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def read_lot_lines(
    text: str, *, whole: int | None, units: str = "quantity"
) -> tuple[list[dict[str, Any]], list[str]]:
    """Lots as an ask has them, and what can't be read, as sentences.

    A line is a lot's code or a serial number (or a scanned GS1 code), then its units and its last
    day, as in “A17 24 2027-03-31”; with commas between, the code may have spaces in it.
    whole: units of the only lot, where none are typed; of one of several it is 1.
    units: the ask's name for them.
    """
    # Not splitlines: a GS1 code holds separators that it takes for ends of lines.
    lines = [line.strip() for line in text.replace("\r", "\n").split("\n") if line.strip()]
    found: list[dict[str, Any]] = []
    faults: list[str] = []
    for line in lines:
        parts = _split(line)
        lot: dict[str, Any] = {"lot": parts[0]}
        for part in parts[1:]:
            if _DAY.match(part):
                try:
                    lot["expires_on"] = date.fromisoformat(part).isoformat()
                except ValueError:
                    faults.append(_("“%(day)s” is no day; write it as 2027-03-31.", day=part))
            elif part.isascii() and part.isdigit() and len(part) < 10:
                lot[units] = int(part)
            else:
                text = _(
                    "“%(line)s”: after the lot come its units and its last day, as in %(example)s."
                )
                faults.append(text % {"line": line[:60], "example": EXAMPLE})
        found.append(lot)
    for lot in found:
        lot.setdefault(units, whole if len(found) == 1 and whole is not None else 1)
    return found, faults


def _split(line: str) -> list[str]:
    """The parts of a line. Without commas, what looks like units or a day ends the code."""
    if _BETWEEN.search(line) and not looks_like_gs1(line.split(" ", maxsplit=1)[0]):
        return [part.strip() for part in _BETWEEN.split(line) if part.strip()] or [line]
    return [part for part in re.split(r"[ ,;\t]+", line) if part]


def ask_for_lots(item: TrackedItem) -> tuple[str, str]:
    """The label of a field for an item's lots, and how they are typed there."""
    if item.serial:
        return _("Serial numbers"), _("One on each line, or scan them.")
    if item.expires:
        hint = _(
            "One on each line: lot, units and last day, such as “A17 24 2027-03-31”. Or scan them."
        )
        return _("Lots"), hint
    return _("Lots"), _("One on each line: lot and units, such as “A17 24”. Or scan them.")


def write_lot_lines(lots: Sequence[tuple[str, int, date | None]]) -> str:
    """The same the other way round: (lot, units, last day) each."""
    return "\n".join(
        " ".join(
            [
                f"{lot}," if " " in lot else lot,
                f"{units}{',' if ' ' in lot else ''}",
                *([day.isoformat()] if day else []),
            ]
        )
        for lot, units, day in lots
    )
