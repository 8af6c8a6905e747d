"""Picking and packing, one task on screen, by scans."""

from typing import Any

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
from ordito.kernel.text import normal_code
from ordito.listings.pick_list import PickLine, PickList
from ordito.platform.problems import ActionNotAllowed, InvalidInput, Problem
from ordito.platform.validation import convert
from ordito.web.pages.work_acts import read_work
from ordito.web.problem_pages import fault_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.serving import Answer
from ordito.web.visits import Visit
from ordito.web.words import bin_word

UPCOMING = 3
CODE_MAX = 100

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
    visit: Visit, outcome: Outcome | None, *, undo_line: int = 0, undo_bin: str = ""
) -> Answer:
    context = _pick_task(visit, read_work(visit), outcome, undo_line=undo_line)
    context["undo_bin"] = undo_bin
    if visit.by_script:
        return visit.fragment("fulfillment/_pick_task.html", **context)
    return visit.page("fulfillment/pick.html", **context)


def _pick_task(
    visit: Visit, work: PickList, outcome: Outcome | None, *, undo_line: int = 0
) -> dict[str, Any]:
    """See templates/fulfillment/_pick_task.html. A kit is one task per part, taken whole."""
    base = floor_url(visit)
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
        "undo_bin": "",
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


def _task(line: PickLine) -> dict[str, Any]:
    kits = line.kit is not None
    units = (line.qty - line.picked) // line.per_unit
    bin_, here = _here(line)
    zone = _("Take from")
    if bin_ and here < line.qty - line.picked:
        zone = _("Take from, %(n)s are here", n=here)
    return {
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
    line = next((line for line in left if is_code_of(line, code)), None)
    if line is None:
        return _answer_pick(visit, wrong_scan(visit, work, code))
    if line.kit is not None:
        text = _("Right, a part of kit %(sku)s. Take all its parts, then confirm.", sku=line.kit)
        return _answer_pick(visit, right(text))
    return _take(visit, work, line, 1)


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


def _take(visit: Visit, work: PickList, line: PickLine, units: int) -> Answer:
    bin_, _there = _here(line)
    ask = PickUnits(
        order_id=work.card.order_id,
        fo_no=work.card.fo_no,
        lines={str(line.line_no): units},
        bin=bin_ or None,
    )
    try:
        visit.act(pick_units, ask)
    except (ActionNotAllowed, InvalidInput) as problem:
        return _answer_pick(visit, wrong(problem.detail))
    taken = line.picked + units * line.per_unit
    text = _(
        "%(title)s: %(taken)s of %(whole)s taken.", title=line.name, taken=taken, whole=line.qty
    )
    return _answer_pick(visit, right(text), undo_line=line.line_no, undo_bin=bin_)


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
    ask = UnpickUnits(
        order_id=work.card.order_id,
        fo_no=work.card.fo_no,
        lines={str(line_no): 1},
        bin=visit.sent("bin")[:40] or None,
    )
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
        url=f"{floor_url(visit)}/pick/short",
        line_no=line.line_no,
        title=line.name,
        quantity=(line.qty - line.picked) // line.per_unit,
        found=visit.sent_number("found") or 0,
        bin=bin_word(line.bins[0]) if line.in_bins else "",
        next_bin=bin_word(line.bins[1]) if len(line.in_bins) > 1 else "",
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
    if visit.sent_all("part"):
        fields["parts"] = {str(line_no): visit.sent_all("part")}
    try:
        visit.act(report_short, convert(ReportShort, fields))
    except (ActionNotAllowed, InvalidInput) as problem:
        return _short_form(visit, work, fault_words(problem) or [problem.detail])
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
        return _short_form(visit, work, fault_words(problem) or [problem.detail])
    text = _("Noted. The bin is to be counted; take the others from the next one.")
    return visit.done(text, f"{floor_url(visit)}/pick", go=True, tone="info")
