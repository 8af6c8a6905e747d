"""Packing slips and pick lists to print."""

from collections.abc import Sequence
from uuid import UUID

from ordito.adapters.papers.sheets import PaperReader, pick_sheet, slip_sheets
from ordito.adapters.papers.typesetting import typeset, typeset_slips
from ordito.api.answers import Answer
from ordito.fulfillment.types import WORK, State
from ordito.listings.order_rows import find_order_id
from ordito.listings.papers import (
    PAPERS_MAX,
    Key,
    find_parts,
    find_work,
    read_pick_sheet,
    read_slips,
)
from ordito.platform.database import Tx
from ordito.platform.problems import InvalidInput, NotFound
from ordito.platform.translations import translations
from ordito.web.pages.board import chosen_place
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.view_context import ViewContext
from ordito.web.visits import Visit, redirect

_TO_PICK: tuple[State, ...] = ("released", "picking")
_TO_PACK: tuple[State, ...] = ("picked", "packed")


def paper_reader(view: ViewContext) -> PaperReader:
    """The reader of a page, as one of papers."""
    return PaperReader(translations(view.locale), view.locale, view.zone, view.now)


def print_slip(visit: Visit) -> Answer:
    """The packing slip of one fulfillment order, whatever has become of it."""
    visit.require_any("orders.read", "fulfillment.read")
    with visit.reading() as tx:
        order_id = find_order_id(tx, visit.number("number"))
        if order_id is None:
            raise NotFound("There is no such order, or it is none of those you see.")
        return _slips(visit, tx, [(order_id, visit.number("fo"))], f"slip-{visit.params['number']}")


def print_chosen(visit: Visit) -> Answer:
    """Packing slips of everything that is still to leave of the chosen orders."""
    visit.require_any("orders.read", "fulfillment.read")
    if visit.sent("all") == "yes":
        return redirect(f"/orders/bulk/print?{visit.sent('query')}")
    ids = [found for text in visit.sent_all("id") if (found := _uuid(text)) is not None]
    if not ids:
        raise InvalidInput(_("Choose at least one order first. Nothing was printed."))
    with visit.reading() as tx:
        keys = find_parts(tx, ids[:PAPERS_MAX], states=WORK)
        return _slips(visit, tx, keys, "packing-slips")


def print_slips_of_place(visit: Visit) -> Answer:
    """Packing slips of what a location has picked or packed."""
    visit.require("fulfillment.read")
    with visit.reading() as tx:
        code, _places = chosen_place(visit, tx)
        return _slips(visit, tx, find_work(tx, code, states=_TO_PACK), f"packing-slips-{code}")


def print_pick_list(visit: Visit) -> Answer:
    """One walk for everything that a location has released."""
    visit.require("fulfillment.read")
    with visit.reading() as tx:
        code, _places = chosen_place(visit, tx)
        sheet = read_pick_sheet(tx, code, find_work(tx, code, states=_TO_PICK))
    return pdf_answer(
        typeset("pick_list", pick_sheet(sheet, paper_reader(visit.view()))), f"pick-list-{code}"
    )


def _slips(visit: Visit, tx: Tx, keys: Sequence[Key], name: str) -> Answer:
    slips = read_slips(tx, keys)
    return pdf_answer(typeset_slips(slip_sheets(slips, paper_reader(visit.view()))), name)


def pdf_answer(body: bytes, name: str) -> Answer:
    known = "".join(ch for ch in name if ch.isascii() and (ch.isalnum() or ch in "-_."))
    headers = [
        (b"content-type", b"application/pdf"),
        (b"content-disposition", f'inline; filename="{known}.pdf"'.encode()),
        (b"cache-control", b"no-store"),
    ]
    return Answer(200, headers, body)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


ROUTES = [
    Route("POST", "/orders/papers", print_chosen),
    Route("GET", "/orders/{number:str}/work/{fo:str}/slip.pdf", print_slip),
    Route("GET", "/fulfillment/slips.pdf", print_slips_of_place),
    Route("GET", "/fulfillment/pick-list.pdf", print_pick_list),
]
