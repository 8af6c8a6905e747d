"""Picking and packing, one task on screen, by scans."""

from typing import Any

from ordito.catalog.barcodes import read_owners
from ordito.catalog.items import read_items_by_sku
from ordito.flows.pack_units import pack_units
from ordito.flows.pick_units import pick_units, unpick_units
from ordito.flows.release_to_pick import release_to_pick
from ordito.flows.report_short import report_short
from ordito.flows.ship_units import ship_units
from ordito.fulfillment.asks import (
    PackUnits,
    PickUnits,
    ReleaseToPick,
    ReportShort,
    Scan,
    ShipUnits,
    UnpickUnits,
)
from ordito.fulfillment.problems import ScanMismatch
from ordito.kernel.text import normal_code
from ordito.listings.order_page import read_order_page
from ordito.listings.pick_list import PickLine, PickList
from ordito.platform.problems import ActionNotAllowed, InvalidInput, Problem
from ordito.platform.validation import convert
from ordito.web.pages.order_view import address_lines
from ordito.web.pages.work_acts import parcel_fields, read_parcel, read_work
from ordito.web.problem_pages import fault_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.serving import Answer
from ordito.web.visits import Visit

UPCOMING = 3
CODE_MAX = 100

Outcome = dict[str, str]


def right(text: str) -> Outcome:
    return {"kind": "right", "text": text}


def wrong(text: str) -> Outcome:
    return {"kind": "wrong", "text": text}


def _urls(visit: Visit) -> str:
    return f"/fulfillment/{visit.number('number')}/{visit.number('fo')}"


def show_pick(visit: Visit) -> Answer:
    """The next task."""
    visit.require("fulfillment.write")
    return visit.page("fulfillment/pick.html", **_pick_task(visit, read_work(visit), None))


def _answer_pick(visit: Visit, outcome: Outcome | None, *, undo_line: int = 0) -> Answer:
    context = _pick_task(visit, read_work(visit), outcome, undo_line=undo_line)
    if visit.by_script:
        return visit.fragment("fulfillment/_pick_task.html", **context)
    return visit.page("fulfillment/pick.html", **context)


def _pick_task(
    visit: Visit, work: PickList, outcome: Outcome | None, *, undo_line: int = 0
) -> dict[str, Any]:
    """See templates/fulfillment/_pick_task.html. A kit is one task per part, taken whole."""
    base = _urls(visit)
    left = [line for line in work.lines if line.picked < line.qty]
    task = _task(left[0]) if left else None
    can_pick = "pick" in work.card.allowed_actions
    return {
        "list_name": _("Order #%(number)s", number=work.card.number),
        "done": work.picked,
        "whole": work.pieces,
        "exit_url": f"/fulfillment?location={work.location.code}",
        "order_url": f"/orders/{work.card.number}",
        "task": task if can_pick else None,
        "blocked": _blocked(work) if left and not can_pick else "",
        "release_url": f"{base}/release" if "release" in work.card.allowed_actions else "",
        "outcome": outcome,
        "scan_url": f"{base}/pick/scan",
        "confirm_url": f"{base}/pick/take" if left else f"{base}/pack",
        "short_url": f"{base}/pick/short",
        "undo_url": f"{base}/pick/undo" if undo_line else "",
        "undo_line": undo_line,
        "upcoming": [
            {
                "location_bin": ", ".join(line.bins[:1]) or "–",
                "title": line.name,
                "quantity": line.qty - line.picked,
            }
            for line in left[1 : 1 + UPCOMING]
        ],
    }


def _blocked(work: PickList) -> str:
    if work.card.holds:
        return _("The order is on hold. Leave it until the hold is released.")
    if work.card.state in ("open", "scheduled"):
        return _("This order isn't released to picking yet.")
    return _("Nothing can be picked here now.")


def _task(line: PickLine) -> dict[str, Any]:
    kits = line.kit is not None
    return {
        "line_no": line.line_no,
        "location_bin": ", ".join(line.bins[:2]) or _("No bin"),
        "zone": _("Take from"),
        "title": line.name,
        "sku": line.sku,
        "options": _("part of kit %(sku)s", sku=line.kit) if kits else "",
        "picture_url": "",
        "quantity": line.qty,
        "picked": line.picked,
        "kit": line.kit or "",
        "per_unit": line.per_unit,
        "units": (line.qty - line.picked) // line.per_unit,
    }


def release_and_pick(visit: Visit) -> Answer:
    """Release the fulfillment order from the floor."""
    work = read_work(visit)
    visit.act(release_to_pick, ReleaseToPick(order_id=work.card.order_id, fo_no=work.card.fo_no))
    return _answer_pick(visit, None)


def scan_pick(visit: Visit) -> Answer:
    """An item was scanned: one unit of it is taken, or it is refused."""
    visit.require("fulfillment.write")
    work = read_work(visit)
    code = visit.sent("code")[:CODE_MAX]
    left = [line for line in work.lines if line.picked < line.qty]
    line = next((line for line in left if _is(line, code)), None)
    if line is None:
        return _answer_pick(visit, _wrong_scan(visit, work, code))
    if line.kit is not None:
        text = _("Right, a part of kit %(sku)s. Take all its parts, then confirm.", sku=line.kit)
        return _answer_pick(visit, right(text))
    return _take(visit, work, line, 1)


def _is(line: PickLine, code: str) -> bool:
    key = normal_code(code)
    return key in (normal_code(line.sku), *(normal_code(known) for known in line.barcodes))


def _wrong_scan(visit: Visit, work: PickList, code: str) -> Outcome:
    """Why a code was refused, in one sentence."""
    if any(_is(line, code) for line in work.lines):
        return wrong(_("All of this item are taken already. Put it back."))
    key = normal_code(code)
    with visit.reading() as tx:
        item = read_items_by_sku(tx, [key]).get(key)
        known = item is not None or key in read_owners(tx, [key])
    if item is not None:
        return wrong(_("Wrong item: %(name)s. Put it back.", name=item.name))
    if known:
        return wrong(_("Wrong item: it isn't in this order. Put it back."))
    return wrong(_("No item has the code %(code)s.", code=code or "–"))


def _take(visit: Visit, work: PickList, line: PickLine, units: int) -> Answer:
    ask = PickUnits(
        order_id=work.card.order_id, fo_no=work.card.fo_no, lines={str(line.line_no): units}
    )
    try:
        visit.act(pick_units, ask)
    except (ActionNotAllowed, InvalidInput) as problem:
        return _answer_pick(visit, wrong(problem.detail))
    taken = line.picked + units * line.per_unit
    text = _(
        "%(title)s: %(taken)s of %(whole)s taken.", title=line.name, taken=taken, whole=line.qty
    )
    return _answer_pick(visit, right(text), undo_line=line.line_no)


def take_pick(visit: Visit) -> Answer:
    """So many units were taken without scanning each."""
    visit.require("fulfillment.write")
    work = read_work(visit)
    line_no, units = visit.sent_number("line"), visit.sent_number("units")
    line = next((one for one in work.lines if one.line_no == line_no), None)
    if line is None or line.picked >= line.qty:
        return _answer_pick(visit, wrong(_("This was taken meanwhile.")))
    most = (line.qty - line.picked) // line.per_unit
    if units is None or not 1 <= units <= most:
        text = ngettext(
            "Only %(num)s unit is to be taken.", "Only %(num)s units are to be taken.", most
        )
        return _answer_pick(visit, wrong(text))
    return _take(visit, work, line, units)


def undo_pick(visit: Visit) -> Answer:
    """One unit goes back on the shelf."""
    work = read_work(visit)
    line_no = visit.sent_number("line") or 0
    ask = UnpickUnits(order_id=work.card.order_id, fo_no=work.card.fo_no, lines={str(line_no): 1})
    try:
        visit.act(unpick_units, ask)
    except (ActionNotAllowed, InvalidInput) as problem:
        return _answer_pick(visit, wrong(problem.detail))
    return _answer_pick(visit, right(_("One unit is back on the shelf.")))


def short_form(visit: Visit) -> Answer:
    visit.require("fulfillment.write")
    return _short_form(visit, read_work(visit), [])


def _short_form(visit: Visit, work: PickList, faults: list[str]) -> Answer:
    asked = visit.sent_number("line")
    if asked is None and visit.asked("line").isdigit():
        asked = int(visit.asked("line")[:9])
    left = [line for line in work.lines if line.picked < line.qty]
    if not left:
        raise ActionNotAllowed(_("Nothing is left to pick."))
    line = next((one for one in left if one.line_no == asked), left[0])
    return visit.form_page(
        "fulfillment/_short_form.html",
        faulty=bool(faults),
        url=f"{_urls(visit)}/pick/short",
        line_no=line.line_no,
        title=line.name,
        quantity=(line.qty - line.picked) // line.per_unit,
        found=visit.sent_number("found") or 0,
        parts=[
            {"sku": one.sku, "title": one.name}
            for one in work.lines
            if one.line_no == line.line_no and one.kit
        ],
        faults=faults,
    )


def report_missing(visit: Visit) -> Answer:
    """Fewer are there than asked for: what was found is picked, the others are looked for."""
    visit.require("fulfillment.write")
    work = read_work(visit)
    line_no, found = visit.sent_number("line"), visit.sent_number("found")
    line = next((one for one in work.lines if one.line_no == line_no), None)
    if line is None:
        raise ActionNotAllowed(_("This was picked meanwhile."))
    left = (line.qty - line.picked) // line.per_unit
    if found is None or not 0 <= found < left:
        return _short_form(visit, work, [_("Fewer than asked for: say how many are there.")])
    fields: dict[str, Any] = {
        "order_id": work.card.order_id,
        "fo_no": work.card.fo_no,
        "lines": {str(line_no): left - found},
        "reason": visit.sent("cause", "missing"),
    }
    if visit.sent_all("part"):
        fields["parts"] = {str(line_no): visit.sent_all("part")}
    try:
        visit.act(report_short, convert(ReportShort, fields))
    except (ActionNotAllowed, InvalidInput) as problem:
        return _short_form(visit, work, fault_words(problem) or [problem.detail])
    text = _("Reported. What is missing is looked for elsewhere.")
    return visit.done(text, f"{_urls(visit)}/pick", go=True, tone="info")


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
    base = _urls(visit)
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
        "ship_to": address_lines(order.ship_to.address) if order.ship_to else [_("Pick-up")],
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


def scan_pack(visit: Visit) -> Answer:
    """An item goes into the box, or is refused."""
    visit.require("fulfillment.write")
    work = read_work(visit)
    code = visit.sent("code")[:CODE_MAX]
    loose = [line for line in work.lines if line.packed < line.picked]
    line = next((one for one in loose if one.kit is None and _is(one, code)), None)
    if line is None:
        kit = next(
            (one for one in loose if one.kit and normal_code(one.kit) == normal_code(code)), None
        )
        part = next((one for one in loose if one.kit and _is(one, code)), None)
        if kit is not None:
            return _put_in(visit, work, kit, code)
        if part is not None:
            text = _(
                "A part of kit %(sku)s: scan the kit's own label when it is whole.", sku=part.kit
            )
            return _answer_pack(visit, right(text), current=part.line_no)
        if any(_is(one, code) for one in work.lines):
            return _answer_pack(visit, wrong(_("All picked units of this item are in already.")))
        return _answer_pack(visit, _wrong_scan(visit, work, code))
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
        return _answer_pack(visit, wrong(problem.detail))
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
        said = fault_words(problem) or [problem.detail or problem.title]
        return _answer_pack(visit, None, faults={"carrier": said})
    url = f"/fulfillment?location={work.location.code}"
    text = _("Parcel of #%(number)s is on its way.", number=work.card.number)
    return visit.done(text, url, go=True)
