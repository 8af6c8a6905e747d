"""Assemblies and recipes as they are told: with codes and SKUs, and what may be done with them."""

from collections.abc import Sequence
from uuid import UUID

from ordito.catalog.items import read_items, send_facts
from ordito.flows.reference import reference
from ordito.inventory.assemblies import (
    ACTIONS,
    Assembly,
    lock_assembly,
    read_assembly,
    read_recipe,
)
from ordito.inventory.assembly_asks import (
    AssemblyPart,
    BuiltLot,
    Recipe,
    RecipePart,
    StockAssembly,
    TakenLot,
)
from ordito.inventory.assembly_lots import read_made_lots, read_part_lots
from ordito.platform.access import Actor
from ordito.platform.database import Tx
from ordito.platform.problems import ActionNotAllowed, NotFound
from ordito.platform.versions import check_version

UNSEEN = "There is no such assembly, or you don't see its location."

_REFUSALS = {
    "draft": "It has not been started: no parts were taken yet.",
    "started": "It has been started. Book what is made, or close it.",
    "partly_made": "Part of it is made. Book the rest, or close it.",
    "finished": "It is finished. Make a new one; book what turns up now as an adjustment.",
    "cancelled": "It was cancelled. Make a new one.",
}


def allowed_actions(actor: Actor, assembly: Assembly) -> list[str]:
    """What the actor may do with an assembly now."""
    return list(ACTIONS[assembly.state]) if "inventory.write" in actor.permissions else []


def open_assembly(tx: Tx, assembly_id: UUID, version: int | None, action: str) -> Assembly:
    """Lock an assembly for an act; raises NotFound, VersionConflict, ActionNotAllowed."""
    assembly = lock_assembly(tx, assembly_id)
    if assembly is None or not tx.actor.sees_location(assembly.location_id):
        raise NotFound(UNSEEN)
    check_version("assembly", assembly.version, version)
    allowed = allowed_actions(tx.actor, assembly)
    if action not in allowed:
        raise ActionNotAllowed(_REFUSALS[assembly.state], extra={"allowed_actions": allowed})
    return assembly


def read_assembly_state(tx: Tx, assembly_id: UUID) -> StockAssembly:
    """An assembly as it is; raises NotFound."""
    assembly = read_assembly(tx, assembly_id)
    if assembly is None or not tx.actor.sees_location(assembly.location_id):
        raise NotFound(UNSEEN)
    return tell_assemblies(tx, [assembly])[0]


def tell_assemblies(tx: Tx, assemblies: Sequence[Assembly]) -> list[StockAssembly]:
    """Assemblies with the codes of their locations and the SKUs of their items."""
    places = reference(tx).locations_by_id
    ids = {one.item_id for one in assemblies}
    ids |= {part.item_id for one in assemblies for part in one.parts}
    items = {UUID(item.id): item for item in send_facts(tx, ids)} if ids else {}
    taken, made = _read_lots(tx, assemblies)
    return [
        StockAssembly(
            id=one.id,
            number=one.number,
            location=places[one.location_id].code,
            item_id=one.item_id,
            sku=items[one.item_id].sku,
            name=items[one.item_id].name,
            state=one.state,
            planned=one.planned,
            made=one.made,
            spoiled=one.spoiled,
            open=one.open,
            step=one.step,
            partner=one.partner,
            reference=one.reference,
            note=one.note,
            due_on=one.due_on,
            created_at=one.created_at,
            started_at=one.started_at,
            ended_at=one.ended_at,
            version=one.version,
            parts=[
                AssemblyPart(
                    line_no=part.line_no,
                    item_id=part.item_id,
                    sku=items[part.item_id].sku,
                    name=items[part.item_id].name,
                    per_unit=part.per_unit,
                    needed=part.per_unit * one.planned,
                    taken=part.taken,
                    returned=part.returned,
                    scrapped=part.scrapped,
                    open=one.left_of(part),
                    lots=taken.get((one.id, part.line_no), []),
                )
                for part in one.parts
            ],
            allowed_actions=allowed_actions(tx.actor, one),
            lots=made.get(one.id, []),
        )
        for one in assemblies
    ]


def _read_lots(
    tx: Tx, assemblies: Sequence[Assembly]
) -> tuple[dict[tuple[UUID, int], list[TakenLot]], dict[UUID, list[BuiltLot]]]:
    """(assembly, line no) → lots of the part; assembly → lots that were made. Drafts have none."""
    ids = [one.id for one in assemblies if one.started_at is not None]
    taken: dict[tuple[UUID, int], list[TakenLot]] = {}
    made: dict[UUID, list[BuiltLot]] = {}
    for lot in read_part_lots(tx, ids) if ids else ():
        told = TakenLot(lot.lot_id, lot.lot, lot.expires_on, lot.taken, lot.returned)
        taken.setdefault((lot.assembly_id, lot.line_no), []).append(told)
    for built in read_made_lots(tx, ids) if ids else ():
        made.setdefault(built.assembly_id, []).append(
            BuiltLot(built.lot_id, built.lot, built.expires_on, built.made)
        )
    return taken, made


def tell_recipe(tx: Tx, item_id: UUID) -> Recipe:
    """What an item is made of; raises NotFound."""
    item = read_items(tx, [item_id]).get(item_id)
    if item is None:
        raise NotFound("There is no such item.")
    lines = read_recipe(tx, item_id)
    parts = {UUID(x.id): x for x in send_facts(tx, {line.part_item_id for line in lines})}
    return Recipe(
        item.id,
        item.sku,
        item.version,
        [
            RecipePart(line.part_item_id, parts[line.part_item_id].sku,
                       parts[line.part_item_id].name, line.per_unit)
            for line in lines
        ],
    )  # fmt: skip
