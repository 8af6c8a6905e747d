"""Rows of one order brought together, in one pass and with bounded memory."""

from collections.abc import Iterable, Iterator

import msgspec

from ordito.intake.types import Row
from ordito.kernel.text import normal_code

GAP_ROWS_MAX = 5_000
"""Rows of other orders that may stand between two rows of one order."""

ROWS_PER_ORDER_MAX = 5_000

SCATTERED = "order-scattered"
TOO_LONG = "order-too-long"


class Group(msgspec.Struct):
    """Rows with the same order key, in file order.

    trouble: "", or SCATTERED for a row that came too late to join its order, or TOO_LONG.
    last:    position of its last row.
    """

    rows: list[Row]
    last: int
    trouble: str = ""


def group_rows(rows: Iterable[Row], key_place: int) -> Iterator[Group]:
    """Orders in the order of their first rows. Keys are compared without case and outer blanks.

    Rows of an order need not be adjacent: an order is given when GAP_ROWS_MAX rows have passed
    without another row of it. A row that comes later than that is given alone as SCATTERED; what
    exceeds ROWS_PER_ORDER_MAX rows is TOO_LONG. A row without key is a group of its own.
    """
    waiting: dict[str, Group] = {}
    given: dict[str, str] = {}
    keys: dict[str, str] = {}
    for position, row in enumerate(rows):
        text = row.cells[key_place]
        key = keys.get(text)
        if key is None:
            if len(keys) > GAP_ROWS_MAX:
                keys.clear()
            key = keys[text] = normal_code(text)
        group = waiting.get(key)
        if group is not None and key:
            group.rows.append(row)
            group.last = position
            if len(group.rows) > ROWS_PER_ORDER_MAX:
                group.trouble = given[key] = TOO_LONG
                yield waiting.pop(key)
        elif not key:
            yield Group([row], position)
        elif key in given:
            yield Group([row], position, given[key])
        else:
            waiting[key] = Group([row], position)
            yield from _finished(waiting, given, position)
    yield from waiting.values()


def _finished(waiting: dict[str, Group], given: dict[str, str], position: int) -> Iterator[Group]:
    while True:
        key, group = next(iter(waiting.items()))
        if position - group.last <= GAP_ROWS_MAX:
            return
        given[key] = SCATTERED
        yield waiting.pop(key)
