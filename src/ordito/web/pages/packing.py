"""The packing bench: scan check, parcels, shipping."""

from typing import Any

from ordito.api.answers import Answer
from ordito.flows.pack_units import pack_units
from ordito.flows.ship_units import ship_units
from ordito.fulfillment.asks import (
    PackUnits,
    Scan,
    ShipUnits,
)
from ordito.fulfillment.problems import ScanMismatch
from ordito.kernel.text import normal_code
from ordito.listings.order_page import read_order_page
from ordito.listings.order_types import OrderPage
from ordito.listings.pick_list import PickLine, PickList
from ordito.listings.places import read_names
from ordito.platform.problems import ActionNotAllowed, InvalidInput, Problem
from ordito.platform.validation import convert
from ordito.web.pages.floor import (
    CODE_MAX,
    Outcome,
    floor_url,
    is_code_of,
    right,
    wrong,
    wrong_scan,
)
from ordito.web.pages.work_acts import parcel_fields, read_parcel, read_work
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import postal_lines
from ordito.web.visits import Visit


def show_pack(visit: Visit) -> Answer:
    """The bench."""
    visit.require("fulfillment.write")
    return visit.page("fulfillment/pack.html", **_bench(visit, read_work(visit), None))


def _answer_pack(
    visit: Visit,
    outcome: Outcome | None,
    *,
    faults: dict[str, list[str]] | None = None,
    current: int = 0,
) -> Answer:
    context = _bench(visit, read_work(visit), outcome, faults=faults, current=current)
    status = 422 if faults else 200
    if visit.by_script:
        return visit.fragment("fulfillment/_bench.html", status=status, **context)
    return visit.page("fulfillment/pack.html", status=status, **context)


def _bench(
    visit: Visit,
    work: PickList,
    outcome: Outcome | None,
    *,
    faults: dict[str, list[str]] | None = None,
    current: int = 0,
) -> dict[str, Any]:
    """See templates/fulfillment/_bench.html."""
    with visit.reading() as tx:
        order = read_order_page(tx, work.card.order_id)
    base = floor_url(visit)
    units = work.card.units
    packed = work.card.packed
    can_ship = packed == units and "ship" in work.card.allowed_actions
    parts = {line.line_no: line for line in order.lines}
    here = next(one for one in order.fulfillment_orders if one.fo_no == work.card.fo_no)
    return {
        "order_number": work.card.number,
        "order_url": f"/orders/{work.card.number}",
        "location_name": work.location.name,
        "exit_url": f"/fulfillment?location={work.location.code}",
        "packed": packed,
        "picked": work.card.picked,
        "whole": units,
        "outcome": outcome,
        "pickup": work.card.delivery == "pickup",
        "rounds_url": f"/fulfillment/rounds?location={work.location.code}"
        if work.card.delivery == "local"
        else "",
        "shop": work.card.destination.name if work.card.destination else "",
        "customer": _collector(order),
        "ready_url": f"/orders/{work.card.number}/work/{work.card.fo_no}/ready"
        if "make_ready" in work.card.allowed_actions
        else "",
        "lines": [
            {
                "title": line.title,
                "sku": line.sku,
                "options": ", ".join(f"{p.per_unit} × {p.sku}" for p in parts[line.line_no].parts),
                "picture_url": "",
                "packed": line.packed,
                "quantity": line.units,
                "current": line.line_no == current,
            }
            for line in here.lines
            if line.units
        ],
        "ship_to": _ship_to(visit, work, order),
        "notes": [order.code] if order.code else [],
        "scan_url": f"{base}/pack/scan",
        "pack_all_url": f"{base}/pack/all" if "pack" in work.card.allowed_actions else "",
        "pick_url": f"{base}/pick" if work.card.picked < units else "",
        "ship_url": f"{base}/pack/ship",
        "can_ship": can_ship,
        "can_ship_part": "ship" in work.card.allowed_actions,
        "shipped": work.card.state in ("shipped", "delivered", "handed_over", "ready"),
        **parcel_fields(visit, faults or {}),
    }


def _collector(order: OrderPage) -> str:
    """Who collects it, as far as the reader may know; "" else."""
    named = [party.address.name for party in (order.ship_to, order.bill_to) if party is not None]
    named.append(order.customer.name if order.customer else "")
    return next((name for name in named if name), "")


def _ship_to(visit: Visit, work: PickList, order: OrderPage) -> list[str]:
    """Where the parcel goes, line by line: the shop for what is collected there."""
    shop = work.card.destination
    if shop is not None:
        with visit.reading() as tx:
            return [shop.name, *postal_lines(read_names(tx).locations[shop.id].address)]
    return postal_lines(order.ship_to.address) if order.ship_to else [_("Pick-up")]


def scan_pack(visit: Visit) -> Answer:
    """An item goes into the box, or is refused."""
    visit.require("fulfillment.write")
    work = read_work(visit)
    code = visit.sent("code")[:CODE_MAX]
    loose = [line for line in work.lines if line.packed < line.picked]
    line = next((one for one in loose if one.kit is None and is_code_of(one, code)), None)
    if line is None:
        kit = next(
            (one for one in loose if one.kit and normal_code(one.kit) == normal_code(code)), None
        )
        part = next((one for one in loose if one.kit and is_code_of(one, code)), None)
        if kit is not None:
            return _put_in(visit, work, kit, code)
        if part is not None:
            text = _(
                "A part of kit %(sku)s: scan the kit's own label when it is whole.", sku=part.kit
            )
            return _answer_pack(visit, right(text), current=part.line_no)
        if any(is_code_of(one, code) for one in work.lines):
            return _answer_pack(visit, wrong(_("All picked units of this item are in already.")))
        return _answer_pack(visit, wrong_scan(visit, work, code))
    return _put_in(visit, work, line, code)


def _put_in(visit: Visit, work: PickList, line: PickLine, code: str) -> Answer:
    ask = PackUnits(
        order_id=work.card.order_id,
        fo_no=work.card.fo_no,
        lines={str(line.line_no): 1},
        scans=(Scan(code),),
    )
    try:
        visit.act(pack_units, ask)
    except (ScanMismatch, ActionNotAllowed, InvalidInput) as problem:
        return _answer_pack(visit, wrong(problem_words(problem)))
    packed = line.packed // line.per_unit + 1
    text = _(
        "Right: %(title)s, %(packed)s of %(whole)s.",
        title=line.kit or line.name, packed=packed, whole=line.qty // line.per_unit,
    )  # fmt: skip
    return _answer_pack(visit, right(text), current=line.line_no)


def pack_all(visit: Visit) -> Answer:
    """Everything that is picked goes in, without scans."""
    work = read_work(visit)
    ask = PackUnits(order_id=work.card.order_id, fo_no=work.card.fo_no, unchecked=True)
    visit.act(pack_units, ask)
    return _answer_pack(visit, right(_("All picked units are in.")))


def ship_parcel(visit: Visit) -> Answer:
    """Close the parcel; it leaves."""
    visit.require("fulfillment.write")
    fields, faults = read_parcel(visit)
    if faults:
        return _answer_pack(visit, None, faults=faults)
    work = read_work(visit)
    key = {"order_id": work.card.order_id, "fo_no": work.card.fo_no}
    try:
        visit.act(ship_units, convert(ShipUnits, key | fields))
    except Problem as problem:
        said = fault_words(problem) or [problem_words(problem)]
        return _answer_pack(visit, None, faults={"carrier": said})
    url = f"/fulfillment?location={work.location.code}"
    text = _("Parcel of #%(number)s is on its way.", number=work.card.number)
    return visit.done(text, url, go=True)
