"""Saved views: each person's own and those shared with everybody."""

from uuid import UUID

import msgspec

from ordito.desk.types import Arrangement, SavedView
from ordito.platform.database import Tx, query, statement

VIEWS_MAX = 50


def list_views(tx: Tx) -> list[SavedView]:
    """The views that the reader has or that are shared, oldest first; at most 2 × VIEWS_MAX."""
    return _LIST.all(tx, owner_id=tx.actor.id, most=2 * VIEWS_MAX)


_LIST = query(
    SavedView,
    """
    SELECT id, owner_id, shared, name, look, version
    FROM desk.saved_view
    WHERE owner_id = %(owner_id)s OR shared
    ORDER BY created_at, id
    LIMIT %(most)s
    """,
)


def read_view(tx: Tx, view_id: UUID) -> SavedView | None:
    """A view that the reader may see."""
    return _READ.first(tx, id=view_id, owner_id=tx.actor.id)


_READ = query(
    SavedView,
    """
    SELECT id, owner_id, shared, name, look, version
    FROM desk.saved_view
    WHERE id = %(id)s AND (owner_id = %(owner_id)s OR shared)
    """,
)


def count_views(tx: Tx, *, shared: bool) -> int:
    """How many views the actor has of their own, or how many are shared."""
    return _COUNT.one(tx, owner_id=tx.actor.id, shared=shared)


_COUNT = query(
    int,
    """
    SELECT count(*)
    FROM desk.saved_view
    WHERE shared = %(shared)s AND (shared OR owner_id = %(owner_id)s)
    """,
)


def insert_view(tx: Tx, view: SavedView) -> None:
    _INSERT.run(tx, **_values(view), now=tx.now)


def _values(view: SavedView) -> dict[str, object]:
    return {
        "id": view.id,
        "owner_id": view.owner_id,
        "shared": view.shared,
        "name": view.name,
        "look": msgspec.json.encode(view.look).decode(),
    }


_INSERT = statement("""
    INSERT INTO desk.saved_view (id, owner_id, shared, name, look, created_at, updated_at)
    VALUES (%(id)s, %(owner_id)s, %(shared)s, %(name)s, %(look)s::jsonb, %(now)s, %(now)s)
""")


def write_view(tx: Tx, view: SavedView) -> int:
    """Write a view that was read at `view.version`; 0 when it has changed since."""
    return _WRITE.run(tx, **_values(view), version=view.version, now=tx.now)


_WRITE = statement("""
    UPDATE desk.saved_view
    SET owner_id = %(owner_id)s, shared = %(shared)s, name = %(name)s, look = %(look)s::jsonb,
        version = version + 1, updated_at = %(now)s
    WHERE id = %(id)s AND version = %(version)s
""")


def delete_view(tx: Tx, view_id: UUID) -> None:
    _DELETE.run(tx, id=view_id)


_DELETE = statement("DELETE FROM desk.saved_view WHERE id = %(id)s")


def read_arrangement(tx: Tx) -> Arrangement:
    """How the reader has arranged the tabs; nothing when they never did."""
    return _ARRANGED.first(tx, user_id=tx.actor.id) or Arrangement()


_ARRANGED = query(
    Arrangement, "SELECT tabs, first_tab FROM desk.arrangement WHERE user_id = %(user_id)s"
)


def write_arrangement(tx: Tx, arrangement: Arrangement) -> None:
    _ARRANGE.run(tx, user_id=tx.actor.id, tabs=arrangement.tabs, first_tab=arrangement.first_tab)


_ARRANGE = statement("""
    INSERT INTO desk.arrangement AS a (user_id, tabs, first_tab)
    VALUES (%(user_id)s, %(tabs)s::text[], %(first_tab)s)
    ON CONFLICT (user_id) DO UPDATE SET tabs = excluded.tabs, first_tab = excluded.first_tab
""")
