"""Counters that tell a process when what it keeps in memory is out of date."""

from collections.abc import Callable
from typing import Any, TypeVar

from ordito.platform.database import Tx, query, statement

Kept = TypeVar("Kept")


def remembered(tx: Tx, kind: str, read: Callable[[Tx], Kept]) -> Kept:
    """What `read` gives, read anew only after the revision of `kind` has moved."""
    revision = _READ.one(tx, kind=kind)
    known: tuple[int, Any] | None = tx.memory.get(kind)
    if known is not None and known[0] == revision:
        kept: Kept = known[1]
        return kept
    # Read after the counter: at worst it is newer than its number and is read once more.
    kept = read(tx)
    tx.memory[kind] = (revision, kept)
    return kept


_READ = query(int, "SELECT n FROM platform.revision WHERE kind = %(kind)s")


def raise_revision(tx: Tx, kind: str) -> None:
    """Tell every process that reference data changed; seen when this transaction commits."""
    _RAISE.run(tx, kind=kind)


_RAISE = statement("UPDATE platform.revision SET n = n + 1 WHERE kind = %(kind)s")
