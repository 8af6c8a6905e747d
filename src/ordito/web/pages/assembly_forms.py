"""The forms of assemblies and recipes: what is made, of what, and until when."""

from typing import Any

from ordito.inventory.assembly_asks import Recipe, StockAssembly
from ordito.listings.places import read_names
from ordito.platform.database import Tx
from ordito.web.edit_forms import Field, Form, Section, pairs_of
from ordito.web.readers import seen_places
from ordito.web.rendering import gettext as _
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

URL = "/inventory/assemblies"


def assembly_form(visit: Visit, tx: Tx, assembly: StockAssembly | None) -> Form:
    """The form of an assembly; None makes an empty one for a new assembly."""
    url = f"{URL}/{assembly.number}" if assembly else URL
    title = _("Assembly %(number)s", number=assembly.number) if assembly else ""
    sections = [Section(_("How far, and until when"), _progress(assembly))]
    if assembly is None:
        sections.insert(0, Section(_("What is made"), _product(visit, tx)))
    if assembly is None or assembly.state == "draft":
        sections.insert(len(sections) - 1, Section(_("Of what"), _amounts(visit, assembly)))
    return Form(
        title=_("Change assembly %(number)s", number=assembly.number)
        if assembly
        else _("New assembly"),
        url=f"{url}/edit" if assembly else f"{url}/new",
        back_url=url,
        submit=_("Save changes") if assembly else _("Draft assembly"),
        sections=sections,
        crumbs=[
            (_("Inventory"), "/inventory"),
            (_("Assemblies"), URL),
            *([(title, url)] if assembly else []),
        ],
        note=_("No stock moves before it is started."),
        version=assembly.version if assembly else None,
    )


def _product(visit: Visit, tx: Tx) -> list[Field]:
    names = read_names(tx)
    open_ = {p.code for p in names.locations.values() if p.active and p.kind != "history"}
    places = [choice for choice in seen_places(names, visit.actor) if choice.value in open_]
    return [
        Field(name="sku", label=_("SKU of what is made"), value=visit.asked("sku")),
        Field(
            name="location",
            label=_("Where"),
            kind="select",
            choices=[Choice("", _("Choose a location")), *places],
            value=visit.asked("location") or visit.view().scope.location,
        ),
    ]


def _amounts(visit: Visit, assembly: StockAssembly | None) -> list[Field]:
    parts = "".join(f"{p.sku} {p.per_unit}\n" for p in assembly.parts) if assembly else ""
    quantity = str(assembly.planned) if assembly else visit.asked("quantity")
    return [
        Field(name="quantity", label=_("Units to make"), kind="number", minimum=1, value=quantity),
        Field(
            name="parts",
            label=_("Parts of one unit"),
            kind="area",
            value=parts,
            read=_read_parts,
            optional=True,
            blank="omit",
            hint=_("One part per line: its SKU and how many, such as TIN-100 1. Left empty: by the"
                   " item's recipe."),
        ),
    ]  # fmt: skip


def _read_parts(text: str) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": int(qty or 1)} for sku, qty in pairs_of(text)]


def _progress(assembly: StockAssembly | None) -> list[Field]:
    due = assembly.due_on.isoformat() if assembly and assembly.due_on else ""
    return [
        Field(name="due_on", label=_("Due on"), kind="date", value=due, optional=True,
              blank="none"),
        Field(name="step", label=_("Step"), optional=True,
              value=assembly.step if assembly else "",
              hint=_("Where the work stands, such as Labelling; who waits for it sees it.")),
        Field(name="partner", label=_("Partner"), optional=True,
              value=assembly.partner if assembly else "",
              hint=_("Who does the work, when it isn't you.")),
        Field(name="reference", label=_("Reference"), optional=True,
              value=assembly.reference if assembly else ""),
        Field(name="note", label=_("Note"), optional=True,
              value=assembly.note if assembly else ""),
    ]  # fmt: skip


def recipe_form(recipe: Recipe) -> Form:
    """What an item is made of, a line each."""
    url = f"/products/{recipe.item_id}"
    return Form(
        title=_("What %(sku)s is made of", sku=recipe.sku),
        url=f"{url}/recipe",
        back_url=url,
        submit=_("Save changes"),
        sections=[
            Section(
                _("Parts of one unit"),
                [
                    Field(
                        name="parts",
                        label=_("Parts"),
                        kind="area",
                        value="".join(f"{p.sku} {p.quantity}\n" for p in recipe.parts),
                        read=_read_parts,
                        optional=True,
                        hint=_("One part per line: its SKU and how many. Empty: it isn't made."),
                    )
                ],
            )
        ],
        crumbs=[(_("Products"), "/products"), (recipe.sku, url)],
        note=_("What is under way keeps the parts it has."),
        version=recipe.version,
    )
