"""Items as rows to be written: all of a batch in a handful of statements."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from ordito.catalog import barcodes, items, kit_parts
from ordito.catalog.item_drafts import ItemDraft
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx


def write_items(
    tx: Tx, drafts: Sequence[ItemDraft], resolved: Mapping[UUID, Mapping[UUID, int]]
) -> None:
    """Create and change items; the caller holds the catalogue's lock and has checked everything.

    resolved: kit → stocked item → pieces, for every kit whose make-up changes, also those above.
    """
    new = [draft for draft in drafts if draft.before is None]
    known = [draft for draft in drafts if draft.before is not None]
    items.INSERT.run(tx, [_row(draft, resolved) for draft in new])
    items.UPDATE.run(tx, [_row(draft, resolved) for draft in known])
    _write_barcodes(tx, drafts)
    _write_parts(tx, drafts)
    written = {draft.item.id for draft in drafts}
    kit_parts.write_resolved(
        tx, {kit: _pairs(pieces) for kit, pieces in resolved.items() if kit not in written}
    )


def _row(draft: ItemDraft, resolved: Mapping[UUID, Mapping[UUID, int]]) -> tuple[Any, ...]:
    item = draft.item
    return (
        item.id,
        item.sku,
        draft.sku_key,
        item.name,
        item.kind,
        item.weight_g,
        item.length_mm,
        item.width_mm,
        item.height_mm,
        item.prices,
        _pairs(resolved[item.id]) if item.kind == "kit" else None,
        item.active,
        item.created_at,
        item.tags,
        item.tracking,
        item.expires,
        item.sell_days,
    )


def _pairs(pieces: Mapping[UUID, int]) -> list[tuple[str, int]]:
    # Text: the array encoder would write ids without their dashes.
    return sorted((str(item_id), quantity) for item_id, quantity in pieces.items())


def _write_barcodes(tx: Tx, drafts: Sequence[ItemDraft]) -> None:
    changed = [
        draft.item
        for draft in drafts
        if draft.item.barcodes != (draft.before.barcodes if draft.before else [])
    ]
    if changed:
        barcodes.replace_barcodes(
            tx,
            [item.id for item in changed],
            [(normal_code(code), code, item.id) for item in changed for code in item.barcodes],
        )


def _write_parts(tx: Tx, drafts: Sequence[ItemDraft]) -> None:
    """Parts of kits; the drafts' `item.parts` are the new ones by now."""
    changed = [
        draft.item
        for draft in drafts
        if draft.item.parts != (draft.before.parts if draft.before else [])
    ]
    if changed:
        kit_parts.replace_parts(
            tx,
            [item.id for item in changed],
            [(item.id, part.item_id, part.quantity) for item in changed for part in item.parts],
        )
