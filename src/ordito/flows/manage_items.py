"""Create and change items, one or ten thousand: SKUs, barcodes and kits are right over all."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.catalog import barcodes, items, kit_parts
from ordito.catalog.events import ItemChanged, ItemCreated
from ordito.catalog.item_drafts import ItemDraft, draft_item
from ordito.catalog.item_rows import write_items
from ordito.catalog.items import ITEM
from ordito.catalog.kits import KitImpossible, Kits
from ordito.catalog.tracked_items import lock_items
from ordito.catalog.types import (
    CreateItem,
    Item,
    ItemFields,
    KitPart,
    UpdateItem,
    UpsertedItem,
    UpsertedItems,
    UpsertItems,
)
from ordito.flows.reference import reference
from ordito.inventory.levels import find_in_stock, find_kept
from ordito.kernel.asks import differences
from ordito.kernel.ids import new_id
from ordito.kernel.text import normal_code
from ordito.orders.backorders import find_waiting
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    Fault,
    InvalidInput,
    NotFound,
    Problem,
)
from ordito.platform.versions import check_version

Outcome = Item | Problem


@command(permission="catalog.write")
def create_item(tx: Tx, ask: CreateItem) -> Item:
    """Add an item; its SKU and barcodes belong to no other."""
    items.lock_catalog(tx)
    known = items.read_items_by_sku(tx, [normal_code(ask.sku)])
    for item in known.values():
        raise _exists(item)
    return _one(_save(tx, [(ask, None)]))


@command(permission="catalog.write")
def update_item(tx: Tx, ask: UpdateItem) -> Item:
    """Change an item; what isn't named stays. A kit's make-up counts for orders placed from now."""
    items.lock_catalog(tx)
    item = items.read_items(tx, [ask.item_id]).get(ask.item_id)
    if item is None:
        raise NotFound("There is no such item.")
    check_version("item", item.version, ask.version)
    if isinstance(ask.sku, str):
        other = items.read_items_by_sku(tx, [normal_code(ask.sku)]).get(normal_code(ask.sku))
        if other is not None and other.id != item.id:
            raise _exists(other)
    return _one(_save(tx, [(ask, item)]))


@command(permission="catalog.write")
def upsert_items(tx: Tx, ask: UpsertItems) -> UpsertedItems:
    """Create or change many items by SKU; each succeeds or is refused alone."""
    items.lock_catalog(tx)
    known = items.read_items_by_sku(tx, [normal_code(item.sku) for item in ask.items])
    entries = [(item, known.get(normal_code(item.sku))) for item in ask.items]
    outcomes = _save(tx, entries)
    return UpsertedItems(
        [
            _upserted(item.sku, before, outcome)
            for (item, before), outcome in zip(entries, outcomes, strict=True)
        ]
    )


def _upserted(sku: str, before: Item | None, outcome: Outcome) -> UpsertedItem:
    if isinstance(outcome, Problem):
        return UpsertedItem(sku, "refused", problem=outcome.body())
    if before is None:
        return UpsertedItem(sku, "created", outcome.id, outcome.version)
    same = outcome.version == before.version
    return UpsertedItem(sku, "unchanged" if same else "changed", outcome.id, outcome.version)


def _one(outcomes: Sequence[Outcome]) -> Item:
    (outcome,) = outcomes
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def _save(tx: Tx, entries: Sequence[tuple[ItemFields, Item | None]]) -> list[Outcome]:
    """Write what can be written; the items as they are then, or why not, in order."""
    batch = _Batch(tx, entries)
    batch.refuse_repeated_skus()
    batch.refuse_taken_barcodes()
    batch.refuse_used_kinds()
    batch.refuse_stock_without_lots()
    kits = batch.settle_kits()
    return batch.write(kits)


class _Batch:
    """Items on their way to being written; each is dropped alone when something is wrong."""

    def __init__(self, tx: Tx, entries: Sequence[tuple[ItemFields, Item | None]]) -> None:
        self.tx = tx
        self.drafts: dict[int, ItemDraft] = {}
        self.problems: dict[int, Problem] = {}
        for n, (ask, before) in enumerate(entries):
            draft, faults = draft_item(ask, before, id_=new_id(), now=tx.now)
            self.drafts[n] = draft
            if faults:
                self._refuse(n, _invalid(faults))

    def _refuse(self, n: int, problem: Problem) -> None:
        self.problems[n] = problem

    def _alive(self) -> list[tuple[int, ItemDraft]]:
        return [(n, draft) for n, draft in self.drafts.items() if n not in self.problems]

    def refuse_repeated_skus(self) -> None:
        seen: set[str] = set()
        for n, draft in self._alive():
            if draft.sku_key in seen:
                detail = "The SKU came before in this call; only its first entry was taken."
                self._refuse(n, _invalid([Fault("/sku", "duplicate", detail)]))
            seen.add(draft.sku_key)

    def refuse_taken_barcodes(self) -> None:
        wanted = {normal_code(code) for _, draft in self._alive() for code in draft.new_barcodes}
        owners = {key: o.sku for key, o in barcodes.read_owners(self.tx, wanted).items()}
        for n, draft in self._alive():
            taken = [code for code in draft.new_barcodes if normal_code(code) in owners]
            if taken:
                self._refuse(n, _taken(draft, [(c, owners[normal_code(c)]) for c in taken]))
            else:
                owners |= {normal_code(code): draft.item.sku for code in draft.new_barcodes}

    def refuse_used_kinds(self) -> None:
        """What stock was kept of, or is awaited, keeps its kind; a kit's part becomes no service.

        Orders keep what they were placed with: their kits' parts are frozen.
        """
        changing = {draft.item.id for _, draft in self._alive() if draft.kind_changes}
        if not changing:
            return
        kept = find_kept(self.tx, changing)
        parts = kit_parts.find_parts(self.tx, changing)
        for n, draft in self._alive():
            id_ = draft.item.id
            if id_ in kept and draft.kind_changes:
                self._refuse(n, _kind_fixed(draft, "stock has been kept of it"))
            elif draft.kind_changes and find_waiting(self.tx, [id_], after=None, limit=1):
                self._refuse(n, _kind_fixed(draft, "orders wait for it"))
            elif id_ in parts and draft.kind_changes and draft.item.kind == "service":
                self._refuse(n, _kind_fixed(draft, "kits are made of it"))

    def refuse_stock_without_lots(self) -> None:
        """Tracking begins and ends while there is nothing to track: else what is there would have
        no lot, or lots that nobody asks for any more."""
        changing = {draft.item.id for _, draft in self._alive() if draft.tracking_changes}
        if not changing:
            return
        # Whoever receives such an item now has done so, or will see the new rule.
        lock_items(self.tx, changing)
        history = [p.id for p in reference(self.tx).locations_by_id.values() if p.kind == "history"]
        there = find_in_stock(self.tx, changing, without=history)
        for n, draft in self._alive():
            if draft.item.id in there:
                self._refuse(n, _tracking_fixed(draft))

    def settle_kits(self) -> Kits:
        """Resolve the kits' parts; again without those that turn out to be impossible."""
        asked = {normal_code(part.sku) for _, draft in self._alive() for part in draft.parts or ()}
        found = items.read_items_by_sku(self.tx, asked)
        concerned = {
            draft.item.id
            for _, draft in self._alive()
            if draft.item.kind == "kit" or draft.kind_changes
        }
        related: dict[UUID, dict[UUID, int]] = {}
        if concerned:
            seeds = concerned | {item.id for item in found.values()}
            for row in kit_parts.read_related(self.tx, seeds):
                related.setdefault(row.kit_id, {})[row.item_id] = row.qty
        while True:
            refused = len(self.problems)
            kits = self._try_kits(Kits(related), found)
            if len(self.problems) == refused:
                return kits

    def _try_kits(self, kits: Kits, found: Mapping[str, Item]) -> Kits:
        known = dict(found) | {draft.sku_key: draft.item for _, draft in self._alive()}
        for n, draft in self._alive():
            if draft.parts is not None:
                try:
                    parts = _find_parts(draft, known)
                    kits.set_parts(draft.item.id, {p.item_id: p.quantity for p in parts})
                except Problem as problem:
                    self._refuse(n, problem)
                except KitImpossible as fault:
                    self._refuse(n, _invalid([Fault("/parts", fault.code, fault.detail)]))
                else:
                    item = msgspec.structs.replace(draft.item, parts=parts)
                    self.drafts[n] = msgspec.structs.replace(draft, item=item)
            elif draft.kind_changes:
                kits.drop(draft.item.id)
        return kits

    def write(self, kits: Kits) -> list[Outcome]:
        """Write the changed ones with their events; the answer per entry."""
        outcomes: list[Outcome] = []
        written: list[ItemDraft] = []
        for n, draft in self.drafts.items():
            if n in self.problems:
                outcomes.append(self.problems[n])
                continue
            event = _event(draft)
            if event is not None:
                written.append(draft)
                self.tx.emit(ITEM, draft.item.id, event)
            version = draft.item.version + (event is not None)
            outcomes.append(msgspec.structs.replace(draft.item, version=version))
        concerned = kits.changed | {d.item.id for d in written if d.item.kind == "kit"}
        resolved = {id_: kits.resolve(id_) for id_ in concerned}
        write_items(self.tx, written, resolved)
        return outcomes


def _event(draft: ItemDraft) -> ItemCreated | ItemChanged | None:
    if draft.before is None:
        return ItemCreated(sku=draft.item.sku, item_kind=draft.item.kind)
    changes = differences(draft.before, draft.item)
    return ItemChanged(changes) if changes else None


def _find_parts(draft: ItemDraft, known: Mapping[str, Item]) -> list[KitPart]:
    """The parts that were asked for, found by SKU; raises InvalidInput with every fault."""
    faults = []
    parts = []
    for n, asked in enumerate(draft.parts or ()):
        item = known.get(normal_code(asked.sku))
        pointer = f"/parts/{n}/sku"
        if item is None:
            detail = f"There is no item “{asked.sku[:60]}”; create it first, or in the same call."
            faults.append(Fault(pointer, "unknown-sku", detail))
        elif item.kind == "service":
            detail = "A service takes nothing from stock; sell it as a line of its own."
            faults.append(Fault(pointer, "no-stock", detail))
        else:
            parts.append(KitPart(item.id, item.sku, asked.quantity))
    if faults:
        raise _invalid(faults)
    return sorted(parts, key=lambda part: normal_code(part.sku))


def _invalid(faults: Sequence[Fault]) -> InvalidInput:
    return InvalidInput(
        f"{len(faults)} thing(s) to correct; the item was not written.", errors=faults
    )


def _exists(item: Item) -> AlreadyExists:
    return AlreadyExists(
        f"The SKU “{item.sku}” belongs to an item already. Change that one, or take another SKU.",
        extra={"existing": {"id": str(item.id), "sku": item.sku}},
    )


def _taken(draft: ItemDraft, taken: Sequence[tuple[str, str]]) -> AlreadyExists:
    words = ", ".join(f"{code} to {sku}" for code, sku in taken[:5])
    return AlreadyExists(
        f"Of the barcodes of “{draft.item.sku}” others have: {words}. Take them away there first.",
        extra={"existing": [{"barcode": code, "sku": sku} for code, sku in taken]},
    )


def _tracking_fixed(draft: ItemDraft) -> ActionNotAllowed:
    before = draft.before
    assert before is not None, "only known items change their tracking"
    return ActionNotAllowed(
        f"There is stock of “{before.sku}”, kept as it was until now. Adjust it to 0, change how it"
        " is tracked, then receive it again with its lots.",
        extra={"allowed_actions": []},
    )


def _kind_fixed(draft: ItemDraft, why: str) -> ActionNotAllowed:
    before = draft.before
    assert before is not None, "only known items change their kind"
    return ActionNotAllowed(
        f"“{before.sku}” stays a {before.kind} item, since {why}."
        " Create another item, and take this one off sale.",
        extra={"allowed_actions": []},
    )
