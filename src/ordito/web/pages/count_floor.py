"""Counting on the floor: one item on screen, by scans or typed, in the order of the bins."""

from typing import Any

from ordito.api.answers import Answer
from ordito.catalog.items import read_items
from ordito.flows.cycle_count import enter_cycle_count
from ordito.flows.cycle_count_states import read_cycle_count
from ordito.inventory.cycle_count_asks import CycleCount, CycleCountItem, EnterCycleCount
from ordito.inventory.cycle_counts import find_sheet
from ordito.kernel.quantities import QUANTITY_MAX
from ordito.kernel.text import normal_code
from ordito.listings.bin_contents import keeps_bin_stock
from ordito.listings.places import read_names
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.lot_lines import read_lot_lines
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.visits import Visit
from ordito.web.words import bin_word

UPCOMING = 3


def show_floor(visit: Visit) -> Answer:
    """The next item, or the one asked for by its line or by a code that was scanned."""
    return _answer(visit, None)


def enter(visit: Visit) -> Answer:
    """Take what was counted of the item on screen, and go to the next."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        count = _find(visit, tx)
    line_no = visit.sent_number("line")
    line = next((x for x in count.lines if x.line_no == line_no), None)
    lots, faults = read_lot_lines(
        visit.sent("lots"), whole=visit.sent_number("counted"), units="counted"
    )
    asked = None if line is None else _counted(visit, line, lots)
    if line is None or asked is None:
        faults = [_("Say how many you counted; 0 if there are none.")]
    if line is None or asked is None or faults:
        return _answer(visit, _wrong(" ".join(faults)))
    of = asked.get("bins") or {lot["lot"]: lot["counted"] for lot in lots}
    counted = asked.get("counted", sum(of.values()))
    try:
        ask = convert(EnterCycleCount, {"count_id": str(count.id), "sku": line.sku} | asked)
        after = visit.act(enter_cycle_count, ask)
    except Problem as problem:
        words = fault_words(problem) or [problem_words(problem)]
        return _answer(visit, _wrong(" ".join(words)))
    state = next(x.state for x in after.lines if x.line_no == line_no)
    text = _("%(name)s: %(n)s counted.", name=line.name, n=counted)
    if state == "waiting" and not count.blind:
        text = _("%(name)s: the difference waits for approval.", name=line.name)
    return _answer(visit, {"kind": "right", "text": text})


def _counted(
    visit: Visit, line: CycleCountItem, lots: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """What was typed: in all, or bin by bin where the page asked for that, and of which lots. None
    when it is none."""
    if visit.sent("by") != "bin":
        counted = visit.sent_number("counted")
        if lots and not visit.sent("counted"):
            return {"lots": lots}
        return {"counted": counted, "lots": lots} if _is_count(counted) else None
    bins: dict[str, int] = {}
    for n, code in enumerate(line.bins):
        there = visit.sent_number(f"bin-{n}")
        if _is_count(there):
            bins[code] = there or 0
        elif visit.sent(f"bin-{n}"):
            return None
    other, found = visit.sent("other-bin")[:40], visit.sent_number("other-units")
    if other and _is_count(found):
        bins[other] = found or 0
    return {"bins": bins, "lots": lots} if bins else None


def _is_count(number: int | None) -> bool:
    return number is not None and 0 <= number <= QUANTITY_MAX


def _wrong(text: str) -> dict[str, str]:
    return {"kind": "wrong", "text": text}


def _find(visit: Visit, tx: Tx) -> CycleCount:
    id_ = find_sheet(tx, visit.number("count"))
    if id_ is None:
        raise NotFound("There is no such count, or you don't see its location.")
    return read_cycle_count(tx, id_)


def _answer(visit: Visit, outcome: dict[str, str] | None) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        count = _find(visit, tx)
        left = [line for line in count.lines if line.state == "open"]
        items = read_items(tx, [line.item_id for line in left])
        place = next(p for p in read_names(tx).locations.values() if p.code == count.location)
        by_bin = keeps_bin_stock(tx, place.id)
    codes = {id_: [item.sku, *item.barcodes] for id_, item in items.items()}
    line, scanned = _choose(visit, left, codes)
    code = visit.asked("code")
    if code and not scanned:
        outcome = _wrong(_("“%(code)s” is not left to count here.", code=code[:60]))
    again = line is not None and line.line_no == visit.sent_number("line")
    bins = line.bins if line and by_bin else []
    context = _task(visit, count, left, line) | {
        "outcome": outcome,
        "value": visit.sent("counted") if again else "",
        "bins": [
            {"word": bin_word(code), "value": visit.sent(f"bin-{n}") if again else ""}
            for n, code in enumerate(bins)
        ],
        "other": {name: visit.sent(f"other-{name}") if again else "" for name in ("bin", "units")},
        "lots": visit.sent("lots") if again else "",
        "codes": "\n".join(codes.get(line.item_id, ())) if line else "",
    }
    if scanned:
        context["value"] = 1
        for first in context["bins"][:1]:
            first["value"] = 1
    if visit.by_script:
        return visit.fragment("counts/_task.html", **context)
    return visit.page("counts/floor.html", **context)


def _choose(
    visit: Visit, left: list[CycleCountItem], codes: dict[Any, list[str]]
) -> tuple[CycleCountItem | None, bool]:
    """The line to show, and whether a scan asked for it."""
    code = normal_code(visit.asked("code"))
    for line in left:
        if code and code in map(normal_code, codes[line.item_id]):
            return line, True
    # What was refused is mended where it was typed.
    typed = next((line for line in left if line.line_no == visit.sent_number("line")), None)
    if typed is not None:
        return typed, False
    after = visit.asked("after")
    behind = [x for x in left if after.isdigit() and x.line_no > int(after[:9])]
    return next(iter(behind or left), None), False


def _task(
    visit: Visit, count: CycleCount, left: list[CycleCountItem], line: CycleCountItem | None
) -> dict[str, Any]:
    url = f"/inventory/counts/{count.number}"
    following = [x for x in left if line is not None and x.line_no > line.line_no]
    return {
        "list_name": _("Count %(number)s", number=count.number),
        "done": len(count.lines) - len(left),
        "whole": len(count.lines),
        "exit_url": url,
        "floor_url": f"{url}/floor",
        "skip_url": f"{url}/floor?after={line.line_no}" if line and len(left) > 1 else "",
        "line": line,
        "upcoming": following[:UPCOMING],
    }
