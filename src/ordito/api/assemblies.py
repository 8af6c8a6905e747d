"""Items made of others over HTTP: recipes, and the orders to make them."""

from typing import Literal
from uuid import UUID

from ordito.api.endpoints import reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.flows.assemble import (
    book_made,
    cancel_assembly,
    change_assembly,
    close_assembly,
    draft_assembly,
    start_assembly,
)
from ordito.flows.assembly_states import read_assembly_state, tell_assemblies, tell_recipe
from ordito.flows.reference import reference
from ordito.flows.set_recipe import set_recipe
from ordito.inventory.assemblies import list_assemblies
from ordito.inventory.assembly_asks import AssemblyState, Recipe, StockAssembly
from ordito.kernel.asks import Ask, Code
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

TAG = "Assemblies"

_OPEN: tuple[AssemblyState, ...] = ("draft", "started", "partly_made")


class AssemblyParams(PageParams, frozen=True, kw_only=True):
    """location: only there. item_id: only what makes it. state: only these; `open` is every state
    that isn't final."""

    location: Code | None = None
    item_id: UUID | None = None
    state: tuple[AssemblyState | Literal["open"], ...] = ()


class AssemblyKey(Ask, frozen=True, kw_only=True):
    assembly_id: UUID


class RecipeKey(Ask, frozen=True, kw_only=True):
    item_id: UUID


def list_stock_assemblies(tx: Tx, params: AssemblyParams) -> Page[StockAssembly]:
    """Assemblies, newest first."""
    before = read_cursor(params.cursor, tuple[UUID])
    states: list[AssemblyState] = []
    for state in params.state:
        states += _OPEN if state == "open" else [state]
    rows = list_assemblies(
        tx,
        location_ids=_places(tx, params.location),
        item_id=params.item_id,
        states=states or None,
        before=before[0] if before else None,
        limit=params.limit + 1,
    )
    return page(tell_assemblies(tx, rows), params, lambda row: (row.id,))


def _places(tx: Tx, code: str | None) -> list[UUID] | None:
    if code is None:
        scope = tx.actor.location_ids
        return None if scope is None else sorted(scope)
    location = reference(tx).locations.get(code)
    if location is None or not tx.actor.sees_location(location.id):
        raise NotFound("There is no such location, or you don't see it.")
    return [location.id]


def get_stock_assembly(tx: Tx, params: AssemblyKey) -> StockAssembly:
    return read_assembly_state(tx, params.assembly_id)


def get_recipe(tx: Tx, params: RecipeKey) -> Recipe:
    """What an item is made of; no parts where it isn't made."""
    return tell_recipe(tx, params.item_id)


_PATH = "/stock/assemblies/{assembly_id}"
_PARTS = [{"sku": "TIN-100", "quantity": 1}, {"sku": "TEA-100", "quantity": 2}]
_REFUSED = ("action-not-allowed",)

ENDPOINTS = [
    reading("/items/{item_id}/recipe", TAG, "Read what an item is made of", get_recipe,
            "catalog.read"),
    writing("PUT", "/items/{item_id}/recipe", TAG, "Say what an item is made of", set_recipe,
            example={"parts": _PARTS}),
    writing("POST", "/stock/assemblies", TAG, "Draft an assembly", draft_assembly, status=201,
            example={"sku": "GIFT-TEA", "location": "LODZ", "quantity": 20, "parts": _PARTS,
                     "due_on": "2026-12-01", "partner": "Pack & Co"}),
    reading("/stock/assemblies", TAG, "List assemblies", list_stock_assemblies, "inventory.read"),
    reading(_PATH, TAG, "Read an assembly", get_stock_assembly, "inventory.read"),
    writing("PATCH", _PATH, TAG, "Change an assembly", change_assembly,
            example={"step": "Labelling", "due_on": "2026-12-02"}, problems=_REFUSED),
    writing("POST", _PATH + "/start", TAG, "Take the parts and start", start_assembly, example={},
            problems=("action-not-allowed", "out-of-stock", "lot-short", "lot-unfit")),
    writing("POST", _PATH + "/book", TAG, "Book what is made", book_made,
            example={"quantity": 12, "spoiled": 1},
            problems=(*_REFUSED, "serial-in-stock")),
    writing("POST", _PATH + "/close", TAG, "Make no more of it; parts go back", close_assembly,
            example={"lost": [{"sku": "TIN-100", "quantity": 1}], "note": "Tins were bent"},
            problems=(*_REFUSED, "lot-required", "lot-short", "serial-in-stock")),
    writing("POST", _PATH + "/cancel", TAG, "Cancel an assembly that wasn't started",
            cancel_assembly, example={}, problems=_REFUSED),
]  # fmt: skip
