"""Picking and packing, one task on screen, by scans."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ordito.api.answers import Answer
from ordito.catalog.barcodes import read_owners
from ordito.catalog.items import read_items_by_sku
from ordito.flows.pick_units import pick_units, unpick_units
from ordito.flows.put_away import report_not_in_bin
from ordito.flows.release_to_pick import release_to_pick
from ordito.flows.report_short import report_short
from ordito.fulfillment.asks import (
    PickUnits,
    ReleaseToPick,
    ReportShort,
    UnpickUnits,
)
from ordito.inventory.bin_types import ReportNotInBin
from ordito.kernel.asks import LotPieces
from ordito.kernel.text import normal_code
from ordito.listings.line_lots import LineLots
from ordito.listings.pick_list import PickLine, PickList
from ordito.platform.problems import ActionNotAllowed, Problem
from ordito.platform.validation import convert
from ordito.web.lot_lines import REFUSED, read_lot_lines
from ordito.web.pages.order_rows import midday
from ordito.web.pages.scanned_lots import ScannedLot, find_scanned_lot
from ordito.web.pages.work_acts import read_work
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.visits import Visit
from ordito.web.words import bin_word

UPCOMING = 3
CODE_MAX = 200

Outcome = dict[str, str]


def right(text: str) -> Outcome:
    return {"kind": "right", "text": text}


def wrong(text: str) -> Outcome:
    return {"kind": "wrong", "text": text}


def floor_url(visit: Visit) -> str:
    return f"/fulfillment/{visit.number('number')}/{visit.number('fo')}"


def show_pick(visit: Visit) -> Answer:
    """The next task."""
    visit.require("fulfillment.write")
    return visit.page("fulfillment/pick.html", **_pick_task(visit, read_work(visit), None))


def _answer_pick(
    visit: Visit, outcome: Outcome | None, *, undo: Mapping[str, Any] | None = None
) -> Answer:
    """undo: of the unit that may be taken back: undo_line, undo_bin, undo_lot."""
    context = _pick_task(visit, read_work(visit), outcome, undo=undo)
    if visit.by_script:
        return visit.fragment("fulfillment/_pick_task.html", **context)
    return visit.page("fulfillment/pick.html", **context)


def _pick_task(
    visit: Visit,
    work: PickList,
    outcome: Outcome | None,
    *,
    undo: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """See templates/fulfillment/_pick_task.html. A kit is one task per part, taken whole."""
    base = floor_url(visit)
    lots = {(one.line_no, one.item_id): one for one in work.lots}
    left = [line for line in work.lines if line.picked < line.qty]
    task = _task(left[0], lots) if left else None
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
        "undo_url": f"{base}/pick/undo" if undo else "",
        **(undo or {"undo_line": 0, "undo_bin": "", "undo_lot": ""}),
        "upcoming": [
            {
                "location_bin": ", ".join(map(bin_word, line.bins[:1])) or "–",
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


def _task(line: PickLine, lots: Mapping[tuple[int, UUID], LineLots]) -> dict[str, Any]:
    """The next task. Of lots it is as much as one of them has, so that each is confirmed."""
    kits = line.kit is not None
    tracked = lots.get((line.line_no, line.item_id))
    first = tracked.proposed[0] if tracked and tracked.proposed else None
    units = (line.qty - line.picked) // line.per_unit
    if first and not kits:
        units = min(units, first.quantity)
    bin_, here = _here(line)
    zone = _("Take from")
    if bin_ and here < line.qty - line.picked:
        zone = _("Take from, %(n)s are here", n=here)
    return {
        "tracked": tracked is not None,
        "serial": tracked is not None and tracked.serial,
        "lot": first.lot if first else "",
        "lot_day": midday(first.expires_on) if first and first.expires_on else None,
        "lot_units": first.quantity if first else 0,
        "line_no": line.line_no,
        "location_bin": bin_word(bin_) if bin_ else ", ".join(line.bins[:2]) or _("No bin"),
        "bin": bin_,
        "here": max(1, min(units, here // line.per_unit)) if bin_ else units,
        "zone": zone,
        "title": line.name,
        "sku": line.sku,
        "options": _("part of kit %(sku)s", sku=line.kit) if kits else "",
        "picture_url": "",
        "quantity": line.qty,
        "picked": line.picked,
        "kit": line.kit or "",
        "per_unit": line.per_unit,
        "units": units,
    }


def _here(line: PickLine) -> tuple[str, int]:
    """The bin from which the line is taken next and the units in it; "" where nobody keeps that."""
    return (line.bins[0], line.in_bins[0]) if line.in_bins else ("", 0)


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
    tracked = {(one.line_no, one.item_id): one for one in work.lots}
    scanned = find_scanned_lot(visit, left, tracked, code)
    if isinstance(scanned, str):
        return _answer_pick(visit, wrong(scanned))
    if scanned is not None and scanned.line.kit is None and _is_whole(scanned, tracked):
        return _take(visit, work, scanned.line, 1, lot=scanned.lot)
    line = scanned.line if scanned else next((one for one in left if is_code_of(one, code)), None)
    if line is None:
        return _answer_pick(visit, wrong_scan(visit, work, code))
    lots = tracked.get((line.line_no, line.item_id))
    if lots is not None and line.kit is None:
        text = (
            _("Right: %(title)s. Now scan its serial number, or confirm the one shown.")
            if lots.serial
            else _("Right: %(title)s. Now scan its lot, or confirm the one shown.")
        )
        return _answer_pick(visit, right(text % {"title": line.name}))
    if line.kit is not None:
        text = _("Right, a part of kit %(sku)s. Take all its parts, then confirm.", sku=line.kit)
        return _answer_pick(visit, right(text))
    return _take(visit, work, line, 1)


def _is_whole(scanned: ScannedLot, tracked: Mapping[tuple[int, UUID], LineLots]) -> bool:
    """Whether a scan says all that has to be known to take a unit."""
    return bool(scanned.lot) or (scanned.line.line_no, scanned.line.item_id) not in tracked


def is_code_of(line: PickLine, code: str) -> bool:
    key = normal_code(code)
    return key in (normal_code(line.sku), *(normal_code(known) for known in line.barcodes))


def wrong_scan(visit: Visit, work: PickList, code: str) -> Outcome:
    """Why a code was refused, in one sentence."""
    if any(is_code_of(line, code) for line in work.lines):
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


def _take(visit: Visit, work: PickList, line: PickLine, units: int, *, lot: str = "") -> Answer:
    """Take units, of an item with lots from the lot named. Of a kit's parts what ends first."""
    named = [LotPieces(line=line.line_no, lot=lot, quantity=units * line.per_unit)] if lot else []
    bin_, _there = _here(line)
    ask = PickUnits(
        order_id=work.card.order_id,
        fo_no=work.card.fo_no,
        lines={str(line.line_no): units},
        bin=bin_ or None,
        lots=tuple(named),
        as_proposed=line.kit is not None,
    )
    try:
        visit.act(pick_units, ask)
    except REFUSED as problem:
        return _answer_pick(visit, wrong(" ".join(fault_words(problem)) or problem_words(problem)))
    taken = line.picked + units * line.per_unit
    text = _(
        "%(title)s: %(taken)s of %(whole)s taken.", title=line.name, taken=taken, whole=line.qty
    )
    undo = {"undo_line": line.line_no, "undo_bin": bin_, "undo_lot": lot}
    return _answer_pick(visit, right(text), undo=undo)


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
    tracked = any(one.line_no == line.line_no for one in work.lots) and line.kit is None
    lot = visit.sent("lot")[:CODE_MAX]
    if tracked and not lot:
        return _answer_pick(visit, wrong(_("Say or scan which lot it is.")))
    return _take(visit, work, line, units, lot=lot if tracked else "")


def undo_pick(visit: Visit) -> Answer:
    """One unit goes back on the shelf."""
    work = read_work(visit)
    line_no = visit.sent_number("line") or 0
    lot = visit.sent("lot")[:CODE_MAX]
    ask = UnpickUnits(
        order_id=work.card.order_id,
        fo_no=work.card.fo_no,
        lines={str(line_no): 1},
        bin=visit.sent("bin")[:40] or None,
        lots=(LotPieces(line=line_no, lot=lot),) if lot and line_no else (),
    )
    try:
        visit.act(unpick_units, ask)
    except REFUSED as problem:
        return _answer_pick(visit, wrong(problem_words(problem)))
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
        url=f"{floor_url(visit)}/pick/short",
        line_no=line.line_no,
        title=line.name,
        quantity=(line.qty - line.picked) // line.per_unit,
        found=visit.sent_number("found") or 0,
        bin=bin_word(line.bins[0]) if line.in_bins else "",
        next_bin=bin_word(line.bins[1]) if len(line.in_bins) > 1 else "",
        tracking=_tracking_of(work, line),
        lots=visit.sent("lots"),
        parts=[
            {"sku": one.sku, "title": one.name}
            for one in work.lines
            if one.line_no == line.line_no and one.kit
        ],
        faults=faults,
    )


def _tracking_of(work: PickList, line: PickLine) -> str:
    """How the units of a line are told apart; of a kit's parts nothing is asked."""
    of_line = [one for one in work.lots if one.line_no == line.line_no]
    if not of_line or line.kit is not None:
        return "none"
    return "serial" if of_line[0].serial else "lot"


def report_missing(visit: Visit) -> Answer:
    """Fewer are there than asked for: what was found is picked, the others are looked for."""
    visit.require("fulfillment.write")
    work = read_work(visit)
    line_no, found = visit.sent_number("line"), visit.sent_number("found")
    line = next((one for one in work.lines if one.line_no == line_no), None)
    if line is None:
        raise ActionNotAllowed(_("This was picked meanwhile."))
    if visit.sent("cause") == "next" and len(line.in_bins) > 1:
        return _look_on(visit, work, line, found or 0)
    left = (line.qty - line.picked) // line.per_unit
    if found is None or not 0 <= found < left:
        return _short_form(visit, work, [_("Fewer than asked for: say how many are there.")])
    fields: dict[str, Any] = {
        "order_id": work.card.order_id,
        "fo_no": work.card.fo_no,
        "lines": {str(line_no): left - found},
        "reason": visit.sent("cause", "missing"),
        "bin": _here(line)[0] or None,
    }
    lots, faults = read_lot_lines(visit.sent("lots"), whole=left - found)
    if faults:
        return _short_form(visit, work, faults)
    fields["lots"] = [
        {"line": line_no, "lot": lot["lot"], "quantity": lot["quantity"]} for lot in lots
    ]
    if visit.sent_all("part"):
        fields["parts"] = {str(line_no): visit.sent_all("part")}
    try:
        visit.act(report_short, convert(ReportShort, fields))
    except REFUSED as problem:
        return _short_form(visit, work, fault_words(problem) or [problem_words(problem)])
    text = _("Reported. What is missing is looked for elsewhere.")
    return visit.done(text, f"{floor_url(visit)}/pick", go=True, tone="info")


def _look_on(visit: Visit, work: PickList, line: PickLine, found: int) -> Answer:
    """The bin holds fewer than its record says: the next one is offered, and it is counted."""
    bin_, _there = _here(line)
    ask = ReportNotInBin(
        location=work.location.code, sku=line.sku, bin=bin_, left=max(0, found) * line.per_unit
    )
    try:
        visit.act(report_not_in_bin, ask)
    except Problem as problem:
        return _short_form(visit, work, fault_words(problem) or [problem_words(problem)])
    text = _("Noted. The bin is to be counted; take the others from the next one.")
    return visit.done(text, f"{floor_url(visit)}/pick", go=True, tone="info")
