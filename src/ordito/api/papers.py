"""Packing slips and pick lists over HTTP, as PDF."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale
from babel.core import UnknownLocaleError
from msgspec import Meta

from ordito.adapters.papers.sheets import PaperReader, pick_sheet, slip_sheets
from ordito.adapters.papers.typesetting import typeset, typeset_slips
from ordito.api.answers import Document
from ordito.api.endpoints import Endpoint
from ordito.desk.jobs import read_job
from ordito.flows.bulk_jobs import read_printed, require_own_job
from ordito.fulfillment.asks import LineNo
from ordito.fulfillment.types import State
from ordito.kernel.asks import Ask, Code, is_time_zone
from ordito.listings.papers import (
    Key,
    PickSheet,
    Slip,
    find_place_of,
    find_work,
    read_pick_sheet,
    read_slips,
)
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.problems import Fault, InvalidInput
from ordito.platform.translations import translations

TAG = "Fulfillment"
_READ = "fulfillment.read"
_WORK = "/fulfillment-orders/{fulfillment_order_id}"
_PLACE = "/locations/{code}"
_TO_PICK: tuple[State, ...] = ("released", "picking")
_TO_PACK: tuple[State, ...] = ("picked", "packed")

Language = Annotated[
    str,
    Meta(min_length=2, max_length=20, description="Of words, days and numbers: de, en_GB, zh_Hant"),
]
Zone = Annotated[str, Meta(min_length=1, max_length=60, description="Whose days are printed")]


class WorkPaper(Ask, frozen=True, kw_only=True):
    order_id: UUID
    fo_no: LineNo
    language: Language = "en_GB"
    time_zone: Zone = "UTC"


class PlacePaper(Ask, frozen=True, kw_only=True):
    code: Code
    language: Language = "en_GB"
    time_zone: Zone = "UTC"


class JobPaper(Ask, frozen=True, kw_only=True):
    job_id: UUID
    language: Language = "en_GB"
    time_zone: Zone = "UTC"


def print_packing_slip(db: Database, actor: Actor, params: WorkPaper) -> Document:
    """What goes into the box of one fulfillment order."""
    with db.reading(actor) as tx:
        reader = paper_reader(tx, params.language, params.time_zone)
        slips = read_slips(tx, [(params.order_id, params.fo_no)])
    return _slips(slips, reader, f"packing-slip-{slips[0].number}-{params.fo_no}")


def print_pick_list(db: Database, actor: Actor, params: WorkPaper) -> Document:
    """What is still to be taken for one fulfillment order, in walking order."""
    key: Key = (params.order_id, params.fo_no)
    with db.reading(actor) as tx:
        reader = paper_reader(tx, params.language, params.time_zone)
        sheet = read_pick_sheet(tx, find_place_of(tx, key), [key])
    return _picks(sheet, reader, f"pick-list-{sheet.orders[0].number}-{params.fo_no}")


def print_packing_slips_of_location(db: Database, actor: Actor, params: PlacePaper) -> Document:
    """Packing slips of what a location has picked or packed, at most 1,000."""
    with db.reading(actor) as tx:
        reader = paper_reader(tx, params.language, params.time_zone)
        slips = read_slips(tx, find_work(tx, params.code, states=_TO_PACK))
    return _slips(slips, reader, f"packing-slips-{params.code}")


def print_pick_list_of_location(db: Database, actor: Actor, params: PlacePaper) -> Document:
    """One walk for everything that a location has released, at most 1,000 fulfillment orders."""
    with db.reading(actor) as tx:
        reader = paper_reader(tx, params.language, params.time_zone)
        keys = find_work(tx, params.code, states=_TO_PICK)
        sheet = read_pick_sheet(tx, params.code, keys)
    return _picks(sheet, reader, f"pick-list-{params.code}")


def print_packing_slips_of_job(db: Database, actor: Actor, params: JobPaper) -> Document:
    """All packing slips of a bulk job of the act `print`, in the order of its orders."""
    with db.reading(actor) as tx:
        reader = paper_reader(tx, params.language, params.time_zone)
        slips = read_printed(tx, require_own_job(read_job(tx, params.job_id), actor))
    return _slips(slips, reader, "packing-slips")


def paper_reader(tx: Tx, language: str, time_zone: str) -> PaperReader:
    """Raises InvalidInput for a language or time zone that nobody has heard of."""
    faults = []
    try:
        locale = str(Locale.parse(language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        faults.append(Fault("/language", "unknown-language", "There is no such language."))
    if not is_time_zone(time_zone):
        faults.append(Fault("/time_zone", "unknown-time-zone", "There is no such time zone."))
    if faults:
        raise InvalidInput("Nothing was printed.", errors=faults)
    return PaperReader(translations(locale), locale, ZoneInfo(time_zone), tx.now)


def _slips(slips: Sequence[Slip], reader: PaperReader, name: str) -> Document:
    return make_paper(typeset_slips(slip_sheets(slips, reader)), name)


def _picks(sheet: PickSheet, reader: PaperReader, name: str) -> Document:
    return make_paper(typeset("pick_list", pick_sheet(sheet, reader)), name)


def make_paper(body: bytes, name: str) -> Document:
    return Document(name=f"{name}.pdf", media_type="application/pdf", body=body)


def _printing(path: str, summary: str, call: object, ask: type[msgspec.Struct]) -> Endpoint:
    return Endpoint(
        method="GET",
        path=path,
        tag=TAG,
        summary=summary,
        call=call,  # type: ignore[arg-type]
        ask=ask,
        answer=None,
        kind="document",
        permission=_READ,
        media_type="application/pdf",
        problems=("papers-missing",),
    )


ENDPOINTS = [
    _printing(f"{_WORK}/packing-slip.pdf", "Print a packing slip", print_packing_slip, WorkPaper),
    _printing(f"{_WORK}/pick-list.pdf", "Print a pick list", print_pick_list, WorkPaper),
    _printing(f"{_PLACE}/packing-slips.pdf", "Print packing slips of a location",
              print_packing_slips_of_location, PlacePaper),
    _printing(f"{_PLACE}/pick-list.pdf", "Print a location's pick list",
              print_pick_list_of_location, PlacePaper),
    _printing("/bulk-jobs/{job_id}/packing-slips.pdf", "Print the packing slips of a bulk job",
              print_packing_slips_of_job, JobPaper),
]  # fmt: skip
