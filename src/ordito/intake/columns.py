"""Which column of a file holds which field of a preset."""

import re

import msgspec

from ordito.intake.presets import ALWAYS_NEEDED, FIELDS, Preset
from ordito.intake.problems import ColumnsNotUsable
from ordito.intake.tables import Table
from ordito.platform.problems import Fault

_SIGNS = re.compile(r"[\W_]+")


class ColumnMap(msgspec.Struct, frozen=True):
    """Field → place of its column, headings of the fields, and the headings that mean nothing.

    A field without column has the place just after the last: rows get one blank cell there.
    """

    places: dict[str, int]
    headings: dict[str, str]
    unmapped: tuple[str, ...]

    def has(self, field: str) -> bool:
        return field in self.headings


def comparable_heading(heading: str) -> str:
    """A heading without case, blanks and signs: "Invoice No." and "invoice_no" are the same."""
    return _SIGNS.sub("", heading).casefold()


def map_columns(table: Table, preset: Preset) -> ColumnMap:
    """The file's columns as the preset names them.

    Raises ColumnsNotUsable for required fields without column and for mapped headings that stand
    in the file twice.
    """
    found = {
        comparable_heading(name): place for place, name in reversed([*enumerate(table.columns)])
    }
    headings: dict[str, str] = {}
    places = dict.fromkeys(FIELDS, len(table.columns))
    for heading, field in preset.columns.items():
        place = found.get(comparable_heading(heading))
        if place is not None and field not in headings:
            places[field] = place
            headings[field] = table.columns[place]
    faults = [*_missing(preset, headings), *_repeated(table, headings)]
    if faults:
        raise ColumnsNotUsable(
            f"Preset {preset.code} doesn't fit: {' '.join(fault.detail for fault in faults)} "
            f"The file's headings: {', '.join(table.columns[:40])}.",
            errors=faults,
        )
    read = set(headings.values())
    return ColumnMap(places, headings, tuple(name for name in table.columns if name not in read))


def _missing(preset: Preset, headings: dict[str, str]) -> list[Fault]:
    needed = dict.fromkeys((*ALWAYS_NEEDED, *preset.required))
    return [
        Fault("", "required", f"There is no column {_choices(preset, field)}.")
        for field in needed
        if field not in headings
    ]


def _choices(preset: Preset, field: str) -> str:
    return " or ".join(f"'{name}'" for name, means in preset.columns.items() if means == field)


def _repeated(table: Table, headings: dict[str, str]) -> list[Fault]:
    return [
        Fault("", "duplicate-column", f"Column '{name}' stands there more than once.")
        for name in headings.values()
        if name in table.repeated
    ]
