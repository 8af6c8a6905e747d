"""Work at bins: put away what came in, fill pick bins; as lists, and one task on screen."""

from typing import Any
from urllib.parse import urlencode

from ordito.api.answers import Answer
from ordito.flows.fill_pick_bins import raise_replenishments, replenish
from ordito.flows.put_away import put_away
from ordito.inventory.bin_types import BinStockMoved, PutAway, RaiseReplenishments, Replenish
from ordito.inventory.put_away_plans import Proposal
from ordito.kernel.text import normal_code
from ordito.listings.bin_needs import FillRow, list_fills
from ordito.listings.put_away_work import PutAwayTask, list_put_away_work
from ordito.locations.bins import read_bins
from ordito.locations.types import Location
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import said
from ordito.web.pages.bins import bins_url, find_place, frame, moved_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.visits import Visit
from ordito.web.words import PUT_AWAY_WHYS, word

PAGE = 100
FLOOR_MAX = 200
UPCOMING = 3
CODE_MAX = 100

Outcome = dict[str, str]


def _right(text: str) -> Outcome:
    return {"kind": "right", "text": text}


def _wrong(text: str) -> Outcome:
    return {"kind": "wrong", "text": text}


def show_put_away(visit: Visit) -> Answer:
    """What is to be put away at a location, each item with the bins proposed."""
    visit.require("inventory.read")
    with visit.reading() as tx:
        place = find_place(visit, tx)
        tasks, following = list_put_away_work(
            tx, place.id, after=visit.asked("after")[:200], limit=PAGE
        )
        context = frame(visit, tx, place, "put-away")
    return visit.page(
        "bins/put_away.html",
        **context,
        rows=[
            {
                "item_url": f"/inventory/{task.item_id}",
                "sku": task.sku,
                "name": task.name,
                "units": task.units,
                "receiving": task.receiving,
                "unplaced": task.unplaced,
                "released": task.released,
                "since": task.since,
                "proposals": [
                    {"bin": one.bin, "units": one.units, "why": word(PUT_AWAY_WHYS, one.why)}
                    for one in task.proposals
                ],
            }
            for task in tasks
        ],
        older_url=visit.here(after=following) if following else "",
        newer_url=visit.here(after=None) if visit.asked("after") else "",
    )


def show_fill(visit: Visit) -> Answer:
    """Pick bins that are to be filled, the urgent first."""
    visit.require("inventory.read")
    with visit.reading() as tx:
        place = find_place(visit, tx)
        rows = list_fills(tx, place.id)
        context = frame(visit, tx, place, "fill")
    return visit.page("bins/fill.html", **context, rows=rows)


def raise_fill(visit: Visit) -> Answer:
    """Look now which pick bins are to be filled; it is done every few minutes, too."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        place = find_place(visit, tx)
    try:
        found = visit.act(raise_replenishments, RaiseReplenishments(location=place.code))
    except NotFound:
        raise
    except Problem as problem:
        return visit.done(said(problem), bins_url(place.code), tone="critical", go=True)
    text = ngettext(
        "%(num)s pick bin is to be filled.", "%(num)s pick bins are to be filled.", found.open
    )
    return visit.done(text, f"{bins_url(place.code)}/fill", go=True)


def show_put_away_floor(visit: Visit) -> Answer:
    """Put away on the floor: the next item, or the one that was scanned."""
    return _answer_put_away(visit, None, code=visit.asked("code")[:CODE_MAX])


def put_on_floor(visit: Visit) -> Answer:
    """A scan, or a press: an item's code shows it, a bin's code puts the shown item into it."""
    visit.require("inventory.write")
    code = visit.sent("code")[:CODE_MAX]
    sku = visit.sent("sku")[:CODE_MAX]
    with visit.reading() as tx:
        place = find_place(visit, tx)
        bins = {normal_code(bin_.code): bin_.code for bin_ in read_bins(tx, place.id)}
    named = code or visit.sent("bin")[:40] or visit.sent("proposed")[:40]
    to_bin = bins.get(normal_code(named))
    if to_bin is None:
        if code:
            return _answer_put_away(visit, None, code=code)
        text = _("Scan a bin, or type its code.")
        if named:
            text = _("There is no bin “%(code)s” here.", code=named)
        return _answer_put_away(visit, _wrong(text), code=sku)
    ask = {
        "location": place.code,
        "sku": sku,
        "to_bin": to_bin,
        "quantity": visit.sent_number("units") or 0,
    }
    try:
        moved = visit.act(put_away, convert(PutAway, ask))
    except NotFound:
        raise
    except Problem as problem:
        return _answer_put_away(visit, _wrong(said(problem)), code=sku)
    again = sku if moved.to_put_away else ""
    return _answer_put_away(visit, _right(moved_words(moved)), code=again, moved=moved)


def _answer_put_away(
    visit: Visit, outcome: Outcome | None, *, code: str = "", moved: BinStockMoved | None = None
) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        place = find_place(visit, tx)
        tasks, more = list_put_away_work(tx, place.id, limit=FLOOR_MAX)
    task = next((one for one in tasks if code and _is_code(code, one)), None)
    if code and task is None and outcome is None:
        outcome = _wrong(_("Nothing of “%(code)s” is to be put away here.", code=code[:60]))
    after = normal_code(visit.asked("after")[:CODE_MAX])
    behind = [one for one in tasks if after and normal_code(one.sku) > after]
    task = task or next(iter(behind or tasks), None)
    left = sum(one.units for one in tasks)
    words = ngettext("%(num)s unit to put away", "%(num)s units to put away", left)
    if more:
        words = ngettext(
            "More than %(num)s unit to put away", "More than %(num)s units to put away", left
        )
    others = [one for one in tasks if one is not task]
    return _floor(
        visit,
        place,
        "put-away",
        outcome,
        moved,
        words=words,
        task=_put_away_task(task) if task else None,
        skip=task.sku if task and others else "",
        upcoming=[
            {
                "bin": one.proposals[0].bin if one.proposals else "–",
                "title": one.name,
                "units": one.units,
            }
            for one in others[:UPCOMING]
        ],
        empty=_("All put away"),
    )


def _put_away_task(task: PutAwayTask) -> dict[str, Any]:
    """See templates/bins/_floor.html."""
    best: Proposal | None = task.proposals[0] if task.proposals else None
    return {
        "label": _("Put into"),
        "bin": best.bin if best else _("Any bin"),
        "proposed": best.bin if best else "",
        "note": word(PUT_AWAY_WHYS, best.why) if best else _("No bin is known to have room."),
        "from_bin": "",
        "title": task.name,
        "sku": task.sku,
        "units": best.units if best else task.units,
        "most": task.units,
        "other_bin": True,
        "hint": _("Scan the bin, or press the button when they lie there"),
        "submit": _("They lie there"),
    }


def _is_code(code: str, item: PutAwayTask | FillRow) -> bool:
    return normal_code(code) in map(normal_code, (item.sku, *item.barcodes))


def show_fill_floor(visit: Visit) -> Answer:
    """Fill pick bins on the floor: the next one, or that of the item that was scanned."""
    return _answer_fill(visit, None, code=visit.asked("code")[:CODE_MAX])


def fill_on_floor(visit: Visit) -> Answer:
    """A scan, or a press: an item's code shows it, a reserve bin's code says where the units come
    from, the pick bin's code says that they lie there."""
    visit.require("inventory.write")
    code, sku = visit.sent("code")[:CODE_MAX], visit.sent("sku")[:CODE_MAX]
    with visit.reading() as tx:
        place = find_place(visit, tx)
        bins = {normal_code(bin_.code): bin_.code for bin_ in read_bins(tx, place.id)}
        row = next((one for one in list_fills(tx, place.id) if _is_code(sku, one)), None)
    if row is None:
        return _answer_fill(visit, _wrong(_("This pick bin was filled meanwhile.")))
    scanned = bins.get(normal_code(code)) if code else row.bin
    if scanned is None:
        return _answer_fill(visit, None, code=code)
    from_bin = visit.sent("from_bin")[:40]
    if scanned != row.bin:
        text = _("From %(bin)s. Now scan %(to)s.", bin=scanned, to=row.bin)
        return _answer_fill(visit, _right(text), code=sku, from_bin=scanned)
    ask = {
        "location": place.code,
        "sku": row.sku,
        "from_bin": from_bin,
        "quantity": visit.sent_number("units") or 0,
    }
    try:
        moved = visit.act(replenish, convert(Replenish, ask))
    except NotFound:
        raise
    except Problem as problem:
        return _answer_fill(visit, _wrong(said(problem)), code=sku, from_bin=from_bin)
    return _answer_fill(visit, _right(moved_words(moved)), moved=moved)


def _answer_fill(
    visit: Visit,
    outcome: Outcome | None,
    *,
    code: str = "",
    from_bin: str = "",
    moved: BinStockMoved | None = None,
) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        place = find_place(visit, tx)
        rows = list_fills(tx, place.id)
    row = next((one for one in rows if code and _is_code(code, one)), None)
    if code and row is None and outcome is None:
        outcome = _wrong(_("No pick bin waits for “%(code)s”.", code=code[:60]))
    after = [n for n, one in enumerate(rows) if one.sku == visit.asked("after")]
    behind = rows[after[0] + 1 :] if after else []
    row = row or next(iter(behind or rows), None)
    others = [one for one in rows if one is not row]
    return _floor(
        visit,
        place,
        "fill",
        outcome,
        moved,
        words=ngettext("%(num)s pick bin to fill", "%(num)s pick bins to fill", len(rows)),
        task=_fill_task(row, from_bin) if row else None,
        skip=row.sku if row and others else "",
        upcoming=[
            {"bin": one.from_bin or "–", "title": one.name, "units": one.left}
            for one in others[:UPCOMING]
        ],
        empty=_("All pick bins are filled"),
    )


def _fill_task(row: FillRow, from_bin: str) -> dict[str, Any]:
    """See templates/bins/_floor.html."""
    source = from_bin or row.from_bin or ""
    units = row.left if from_bin or row.from_units is None else min(row.left, row.from_units)
    note = _("to %(bin)s, where %(n)s are left", bin=row.bin, n=row.in_bin)
    if row.urgent:
        note = _("urgent: to %(bin)s, open picks need more than is there", bin=row.bin)
    return {
        "label": _("Take from"),
        "bin": source or _("Any bin"),
        "proposed": "",
        "note": note,
        "from_bin": source,
        "title": row.name,
        "sku": row.sku,
        "units": units,
        "most": None,
        "other_bin": False,
        "hint": _("Scan %(bin)s when they lie there, or the bin they come from", bin=row.bin),
        "submit": _("They lie in %(bin)s", bin=row.bin),
    }


def _floor(  # noqa: PLR0913 (what the page shows)
    visit: Visit,
    place: Location,
    tab: str,
    outcome: Outcome | None,
    moved: BinStockMoved | None,
    *,
    words: str,
    task: dict[str, Any] | None,
    skip: str,
    upcoming: list[dict[str, Any]],
    empty: str,
) -> Answer:
    url = f"{bins_url(place.code)}/{tab}"
    context: dict[str, Any] = {
        "words": words,
        "task": task,
        "upcoming": upcoming,
        "empty": empty,
        "outcome": outcome,
        "place_name": place.name,
        "exit_url": url,
        "floor_url": f"{url}/floor",
        "skip_url": f"{url}/floor?{urlencode({'after': skip})}" if skip else "",
        "undo_url": f"{bins_url(place.code)}/undo" if moved else "",
        "undo_moves": moved.moves if moved else [],
    }
    if visit.by_script:
        return visit.fragment("bins/_floor.html", **context)
    return visit.page("bins/floor.html", **context)


_ONE = "/inventory/bins/{code:str}"

ROUTES = [
    Route("GET", _ONE + "/put-away", show_put_away),
    Route("GET", _ONE + "/put-away/floor", show_put_away_floor),
    Route("POST", _ONE + "/put-away/floor", put_on_floor),
    Route("GET", _ONE + "/fill", show_fill),
    Route("POST", _ONE + "/fill", raise_fill),
    Route("GET", _ONE + "/fill/floor", show_fill_floor),
    Route("POST", _ONE + "/fill/floor", fill_on_floor),
]
