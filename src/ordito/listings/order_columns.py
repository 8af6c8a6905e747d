"""Columns of the orders list that can be chosen: what they hold, as lists and files show them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import msgspec

from ordito.kernel.money import format_minor
from ordito.listings.orders_list import OrderRow

Kind = Literal["text", "number", "amount", "instant", "day"]


class Column(msgspec.Struct, frozen=True):
    """kind: how a file writes it. An instant is ISO text in UTC until a reader's zone is known."""

    kind: Kind
    cell: Callable[[OrderRow], str | int | None]


def _amount(row: OrderRow) -> str:
    return format_minor(row.total_minor, row.currency)


def _promised(row: OrderRow) -> str | None:
    return None if row.promised_on is None else row.promised_on.isoformat()


COLUMNS: dict[str, Column] = {
    "number": Column("number", lambda row: row.number),
    "channel": Column("text", lambda row: row.channel.code),
    "external_id": Column("text", lambda row: row.external_id),
    "placed_at": Column("instant", lambda row: row.placed_at.isoformat()),
    "customer": Column("text", lambda row: row.customer),
    "city": Column("text", lambda row: row.city),
    "country": Column("text", lambda row: row.country),
    "life": Column("text", lambda row: row.life),
    "fulfilment": Column("text", lambda row: row.fulfilment),
    "money": Column("text", lambda row: row.money),
    "return": Column("text", lambda row: row.return_state),
    "lines": Column("number", lambda row: row.lines),
    "units": Column("number", lambda row: row.units),
    "units_done": Column("number", lambda row: row.units_done),
    "total": Column("amount", _amount),
    "currency": Column("text", lambda row: row.currency),
    "promised_on": Column("day", _promised),
    "locations": Column("text", lambda row: " ".join(row.locations)),
    "holds": Column("text", lambda row: " ".join(row.holds)),
    "tags": Column("text", lambda row: " ".join(row.tags)),
    "code": Column("text", lambda row: row.code),
    "assignee": Column("text", lambda row: row.assignee),
}
"""By their names in files and in the API, in their usual order."""


def cells_of(rows: Iterable[OrderRow], columns: Sequence[str]) -> list[list[Any]]:
    """The cells of orders, one list for each, in the order of the columns."""
    chosen = [COLUMNS[name] for name in columns]
    return [[column.cell(row) for column in chosen] for row in rows]
