"""Lines of stock documents as the command line takes them: SKU and units, an option each."""

from collections.abc import Mapping, Sequence
from typing import Any

Pairs = Sequence[tuple[str, int]]


def add_up(columns: Mapping[str, Pairs]) -> list[dict[str, Any]]:
    """One line per SKU from options that each fill a column of it."""
    lines: dict[str, dict[str, Any]] = {}
    for column, pairs in columns.items():
        for sku, units in pairs:
            line = lines.setdefault(sku, {"sku": sku})
            line[column] = line.get(column, 0) + units
    return list(lines.values())
