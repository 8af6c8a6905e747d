"""Assemble: parts leave the shelf, are made into something, and what is made can be sold."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import UNSET

from ordito.catalog.types import ItemFacts
from ordito.flows.assembly_lots import AssemblyLots
from ordito.flows.assembly_states import open_assembly, tell_assemblies
from ordito.flows.bin_walks import lead
from ordito.flows.stock_documents import Shortage, StockNames, raise_faults, tell_shortages
from ordito.inventory.assemblies import (
    ASSEMBLY,
    Assembly,
    PartLine,
    derive_state,
    insert_assembly,
    put_parts,
    read_recipe,
    replace_parts,
    write_assembly,
)
from ordito.inventory.assembly_asks import (
    AssemblyAsk,
    BookMade,
    ChangeAssembly,
    CloseAssembly,
    DraftAssembly,
    PartAsk,
    StartAssembly,
    StockAssembly,
)
from ordito.inventory.assembly_events import (
    AssemblyCancelled,
    AssemblyChanged,
    AssemblyClosed,
    AssemblyDrafted,
    AssemblyStarted,
    UnitsMade,
)
from ordito.inventory.ledger import Ledger, lock_cells
from ordito.inventory.types import CellKey
from ordito.kernel.ids import new_id
from ordito.kernel.moves import Bucket
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import ActionNotAllowed, Fault


class _Named(msgspec.Struct, frozen=True):
    """Lines as the reader of names takes them: the product first, then the parts."""

    location: str
    lines: Sequence[PartAsk]


@command(permission="inventory.write")
def draft_assembly(tx: Tx, ask: DraftAssembly) -> StockAssembly:
    """Write down what is to be made; no stock moves yet."""
    names = StockNames(tx, [_Named(ask.location, (PartAsk(ask.sku, 1), *(ask.parts or ())))])
    faults: list[Fault] = []
    place = names.find_location(ask.location, faults, open_only=True)
    product = _find_product(names, ask.sku, faults)
    parts: list[PartLine] = []
    if ask.parts is not None:
        parts = find_parts(names, ask.parts, product, faults)
    elif product is not None:
        parts = _read_parts(tx, product, faults)
    raise_faults(faults)
    assert place is not None, "without a fault it was found"
    assert product is not None, "without a fault it was found"
    assembly = Assembly(
        id=new_id(),
        number=0,
        location_id=place.id,
        item_id=UUID(product.id),
        state="draft",
        planned=ask.quantity,
        made=0,
        spoiled=0,
        step=ask.step,
        partner=ask.partner,
        reference=ask.reference,
        note=ask.note,
        due_on=ask.due_on,
        created_at=tx.now,
        created_by=tx.actor.id,
        started_at=None,
        ended_at=None,
        version=1,
        parts=parts,
    )
    number = insert_assembly(tx, assembly)
    event = AssemblyDrafted(number, place.code, product.id, ask.quantity)
    tx.emit(ASSEMBLY, assembly.id, event)
    return tell_assemblies(tx, [msgspec.structs.replace(assembly, number=number)])[0]


@command(permission="inventory.write")
def change_assembly(tx: Tx, ask: ChangeAssembly) -> StockAssembly:
    """Say where the work stands and when it is due; before it is started also what is made."""
    assembly = open_assembly(tx, ask.assembly_id, ask.version, "change")
    if assembly.state != "draft" and not (ask.quantity is UNSET and ask.parts is UNSET):
        detail = "It has been started: its quantity and parts stay. Close it and make another."
        raise ActionNotAllowed(detail, extra={"allowed_actions": ["change", "book", "close"]})
    parts = assembly.parts
    if ask.parts is not UNSET:
        names, faults = StockNames(tx, [_Named("", ask.parts)]), list[Fault]()
        product = StockProduct(str(assembly.item_id))
        parts = find_parts(names, ask.parts, product, faults)
        raise_faults(faults)
    named = ("due_on", "step", "partner", "reference", "note")
    given = {name: value for name in named if (value := getattr(ask, name)) is not UNSET}
    if ask.quantity is not UNSET:
        given["planned"] = ask.quantity
    fields = [name for name, value in given.items() if value != getattr(assembly, name)]
    changed = msgspec.structs.replace(assembly, parts=parts, **given)
    if not fields and parts == assembly.parts:
        return tell_assemblies(tx, [assembly])[0]
    if parts != assembly.parts:
        replace_parts(tx, assembly.id, parts)
        fields.append("parts")
    tx.emit(ASSEMBLY, assembly.id, AssemblyChanged(changed.planned, changed.step, fields))
    return _write(tx, changed)


@command(permission="inventory.write")
def start_assembly(tx: Tx, ask: StartAssembly) -> StockAssembly:
    """Parts leave the shelf, never more than are free; what is made of them is seen coming."""
    assembly = open_assembly(tx, ask.assembly_id, ask.version, "start")
    ledger, lots = _lock(tx, assembly)
    parts = [
        msgspec.structs.replace(part, taken=part.per_unit * assembly.planned)
        for part in assembly.parts
    ]
    _require_free(lots, parts, ledger)
    lots.take(parts, ask.lots)
    for part in parts:
        _post(ledger, assembly, part.item_id, part.line_no, "available", "assembly", part.taken)
    _post(ledger, assembly, assembly.item_id, 0, "assembly", "incoming", assembly.planned)
    ledger.send(tx)
    put_parts(tx, assembly.id, parts)
    taken = {str(p.item_id): p.taken for p in parts}
    event = AssemblyStarted(lots.place.code, taken, tuple(lots.moved))
    tx.emit(ASSEMBLY, assembly.id, event)
    return _write(
        tx, msgspec.structs.replace(assembly, state="started", parts=parts, started_at=tx.now)
    )


@command(permission="inventory.write")
def book_made(tx: Tx, ask: BookMade) -> StockAssembly:
    """Book units that are done; orders that wait for them are served by who follows the event."""
    assembly = open_assembly(tx, ask.assembly_id, ask.version, "book")
    done = ask.quantity + ask.spoiled
    if not done:
        raise_faults([Fault("/quantity", "empty", "Say how many units are done.")])
    if done > assembly.open:
        detail = f"{assembly.open} are still to be made, not {done}."
        raise_faults([Fault("/quantity", "too-many", detail)])
    ledger, lots = _lock(tx, assembly)
    lots.make(ask.quantity, ask.lots)
    _post(ledger, assembly, assembly.item_id, 0, "incoming", "available", ask.quantity)
    _post(ledger, assembly, assembly.item_id, 0, "incoming", "assembly", ask.spoiled)
    scrapped = {str(p.item_id): p.per_unit * ask.spoiled for p in assembly.parts if ask.spoiled}
    parts = _scrap(ledger, assembly, scrapped)
    ledger.send(tx)
    put_parts(tx, assembly.id, parts)
    made, spoiled = assembly.made + ask.quantity, assembly.spoiled + ask.spoiled
    state = derive_state(assembly.planned, made, spoiled)
    items = {str(assembly.item_id): ask.quantity} if ask.quantity else {}
    last = state == "finished"
    event = UnitsMade(lots.place.code, items, ask.spoiled, scrapped, last, tuple(lots.moved))
    tx.emit(ASSEMBLY, assembly.id, event)
    return _write(
        tx,
        msgspec.structs.replace(
            assembly,
            state=state,
            made=made,
            spoiled=spoiled,
            parts=parts,
            ended_at=tx.now if last else None,
        ),
    )


@command(permission="inventory.write")
def close_assembly(tx: Tx, ask: CloseAssembly) -> StockAssembly:
    """No more is made: what is left of the parts goes back on the shelf, the lost is scrapped."""
    assembly = open_assembly(tx, ask.assembly_id, ask.version, "close")
    ledger, lots = _lock(tx, assembly)
    lost = _find_lost(lots.told, ask)
    _post(ledger, assembly, assembly.item_id, 0, "incoming", "assembly", assembly.open)
    after_loss = msgspec.structs.replace(assembly, parts=_scrap(ledger, assembly, lost))
    lefts = {part.line_no: after_loss.left_of(part) for part in after_loss.parts}
    lots.give_back(lefts, ask.lots)
    parts, back = [], {}
    for part in after_loss.parts:
        left = lefts[part.line_no]
        _post(ledger, assembly, part.item_id, part.line_no, "assembly", "available", left)
        if left:
            back[str(part.item_id)] = left
        parts.append(msgspec.structs.replace(part, returned=part.returned + left))
    ledger.send(tx)
    put_parts(tx, assembly.id, parts)
    place = lots.place.code
    event = AssemblyClosed(place, assembly.open, back, lost, ask.note, tuple(lots.moved))
    tx.emit(ASSEMBLY, assembly.id, event)
    return _write(
        tx, msgspec.structs.replace(assembly, state="finished", parts=parts, ended_at=tx.now)
    )


@command(permission="inventory.write")
def cancel_assembly(tx: Tx, ask: AssemblyAsk) -> StockAssembly:
    """Give up an assembly that was not started."""
    assembly = open_assembly(tx, ask.assembly_id, ask.version, "cancel")
    tx.emit(ASSEMBLY, assembly.id, AssemblyCancelled())
    return _write(tx, msgspec.structs.replace(assembly, state="cancelled", ended_at=tx.now))


class StockProduct(msgspec.Struct, frozen=True):
    """What is made, by its item id."""

    id: str


def find_parts(
    names: StockNames,
    asked: Sequence[PartAsk],
    product: ItemFacts | StockProduct | None,
    faults: list[Fault],
) -> list[PartLine]:
    """The asked parts with their items, each item once, none the product itself."""
    lines: list[PartLine] = []
    for n, part in enumerate(asked):
        found: list[Fault] = []
        item = names.find_item(n, part.sku, found)
        if item is not None and product is not None and item.id == product.id:
            found.append(Fault("", "itself", f"“{item.sku}” can't be a part of itself."))
        elif item is not None and any(line.item_id == UUID(item.id) for line in lines):
            found.append(Fault("", "duplicate", f"“{item.sku}” is named twice; add it up."))
        faults += [Fault(f"/parts/{n}/sku", fault.code, fault.detail) for fault in found]
        if item is not None and not found:
            lines.append(PartLine(n + 1, UUID(item.id), part.quantity))
    return lines


def _find_product(names: StockNames, sku: str, faults: list[Fault]) -> ItemFacts | None:
    found: list[Fault] = []
    item = names.find_item(0, sku, found)
    faults += [Fault("/sku", fault.code, fault.detail) for fault in found]
    return item


def _read_parts(tx: Tx, product: ItemFacts, faults: list[Fault]) -> list[PartLine]:
    recipe = read_recipe(tx, UUID(product.id))
    if not recipe:
        detail = f"“{product.sku}” has no recipe yet: name the parts of one unit, or set one."
        faults.append(Fault("/parts", "no-recipe", detail))
    return [PartLine(n, line.part_item_id, line.per_unit) for n, line in enumerate(recipe, 1)]


def _lock(tx: Tx, assembly: Assembly) -> tuple[Ledger, AssemblyLots]:
    """The cells of the product and the parts, and their lots; parts are taken along the walk of
    the bins."""
    ids = {assembly.item_id, *(part.item_id for part in assembly.parts)}
    ledger = lock_cells(tx, {(str(id_), str(assembly.location_id)) for id_ in ids})
    lead(tx, ledger)
    return ledger, AssemblyLots(tx, assembly, tell_assemblies(tx, [assembly])[0], ledger)


def _post(
    ledger: Ledger,
    assembly: Assembly,
    item_id: UUID,
    line_no: int,
    from_: Bucket,
    to: Bucket,
    qty: int,
) -> None:
    if qty:
        key: CellKey = (str(item_id), str(assembly.location_id))
        source = (str(assembly.id), line_no)
        ledger.post(key, from_, to, qty, reason="assembly", source=source)


def _scrap(ledger: Ledger, assembly: Assembly, pieces: dict[str, int]) -> list[PartLine]:
    """Throw away pieces of parts; the parts as they are then."""
    parts = []
    for part in assembly.parts:
        qty = pieces.get(str(part.item_id), 0)
        _post(ledger, assembly, part.item_id, part.line_no, "assembly", "scrapped", qty)
        parts.append(msgspec.structs.replace(part, scrapped=part.scrapped + qty))
    return parts


def _require_free(lots: AssemblyLots, parts: Sequence[PartLine], ledger: Ledger) -> None:
    """Raises OutOfStock when the location has less free of a part than is needed."""
    place = lots.place
    sku_of = {part.item_id: part.sku for part in lots.told.parts}
    short = [
        Shortage(
            sku_of[part.item_id],
            place,
            ledger.cells[str(part.item_id), str(place.id)],
            "available",
            part.taken,
        )
        for part in parts
        if ledger.free(str(part.item_id), str(place.id)) < part.taken
    ]
    if short:
        raise tell_shortages(lots.tx, short)


def _find_lost(told: StockAssembly, ask: CloseAssembly) -> dict[str, int]:
    """Pieces of parts that are lost, by item id; never more than are left of them."""
    part_of = {normal_code(part.sku): part for part in told.parts}
    lost: dict[str, int] = {}
    faults: list[Fault] = []
    for n, line in enumerate(ask.lost):
        part = part_of.get(normal_code(line.sku))
        if part is None:
            detail = f"“{line.sku}” is no part of this assembly."
            faults.append(Fault(f"/lost/{n}/sku", "unknown-line", detail))
        elif str(part.item_id) in lost:
            faults.append(Fault(f"/lost/{n}/sku", "duplicate", "It is named twice; add it up."))
        elif line.quantity > part.open:
            detail = f"{part.open} of “{part.sku}” are in no finished unit, not {line.quantity}."
            faults.append(Fault(f"/lost/{n}/quantity", "too-many", detail))
        else:
            lost[str(part.item_id)] = line.quantity
    raise_faults(faults)
    return lost


def _write(tx: Tx, assembly: Assembly) -> StockAssembly:
    """Write the head of an assembly of which one event was told; as it is then."""
    write_assembly(tx, assembly)
    told = msgspec.structs.replace(assembly, version=assembly.version + 1)
    return tell_assemblies(tx, [told])[0]
