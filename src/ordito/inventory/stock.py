"""Levels: what is free, where."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from ordito.inventory.types import FreeCell
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query


def send_free(tx: Tx, item_ids: Iterable[UUID | str]) -> Any:
    """Ask for the cells of items with anything free; rows are FreeCells. Nothing is locked."""
    return _FREE.send(tx, item_ids=uuids(item_ids))


_FREE = query(
    FreeCell,
    """
    SELECT item_id, location_id, available
    FROM inventory.stock
    WHERE item_id = ANY(%(item_ids)s::uuid[]) AND available > 0
    """,
)
