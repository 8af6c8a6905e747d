"""Lines of stock documents as the command line takes them: SKU and units, an option each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import rich_click as click

Pairs = Sequence[tuple[str, int]]


def add_up(columns: Mapping[str, Pairs]) -> list[dict[str, Any]]:
    """One line per SKU from options that each fill a column of it."""
    lines: dict[str, dict[str, Any]] = {}
    for column, pairs in columns.items():
        for sku, units in pairs:
            line = lines.setdefault(sku, {"sku": sku})
            line[column] = line.get(column, 0) + units
    return list(lines.values())


LOT_HELP = 'A lot or serial number: "A17", "A17,24" or "A17,24,2027-03-31"; several.'


def read_lots(
    texts: Sequence[str], *, whole: int | None, units: str = "quantity"
) -> list[dict[str, Any]]:
    """Lots as an ask has them, of texts as LOT_HELP says; raises BadParameter.

    whole: units of the only lot, where none are said; of one of several it is 1.
    units: the ask's name for them.
    """
    lots = [_read_lot(text, units) for text in texts]
    for lot in lots:
        lot.setdefault(units, whole if len(lots) == 1 and whole is not None else 1)
    return lots


def _read_lot(text: str, units: str) -> dict[str, Any]:
    code, *more = (part.strip() for part in text.split(","))
    lot: dict[str, Any] = {"lot": code}
    for part in more:
        try:
            if part.isdigit():
                lot[units] = int(part)
            else:
                lot["expires_on"] = date.fromisoformat(part).isoformat()
        except ValueError:
            detail = f"“{part}” is neither units nor a day such as 2027-03-31."
            raise click.BadParameter(detail) from None
    return lot
