"""Bins of a location: what lies in them, who moved it, levels of pick bins, space."""

from typing import Any
from urllib.parse import urlencode

from ordito.api.answers import Answer
from ordito.flows.put_away import move_bin_stock, undo_bin_moves
from ordito.inventory.bin_types import (
    BinStockMoved,
    MoveBetweenBins,
    UndoBinMoves,
)
from ordito.listings.bin_contents import (
    ContentCursor,
    keeps_bin_stock,
    list_binned,
    list_contents,
    list_moves,
)
from ordito.listings.places import read_names
from ordito.listings.space import read_space
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import said
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.visits import Visit, redirect
from ordito.web.words import (
    BIN_PURPOSES,
    BIN_REASONS,
    BIN_WARNINGS,
    LEDGER_REASONS,
    STOCK_REASONS,
    bin_word,
    word,
)

LIST_URL = "/inventory/bins"
PAGE = 100
TABS = ("", "put-away", "fill", "moves", "levels", "space")


def bins_url(code: str) -> str:
    return f"{LIST_URL}/{code}"


def find_place(visit: Visit, tx: Tx) -> Location:
    """The location of the path; raises NotFound."""
    code = visit.params["code"]
    for place in read_names(tx).locations.values():
        if place.code == code and place.kind != "history" and visit.actor.sees_location(place.id):
            return place
    raise NotFound("There is no such location, or you don't see it.")


def frame(visit: Visit, tx: Tx, place: Location, tab: str) -> dict[str, Any]:
    """What every page of a location's bins shows: its name, tabs, and the other locations."""
    names = read_names(tx).locations
    words = {
        "": _("What lies where"),
        "put-away": _("Put away"),
        "fill": _("Fill pick bins"),
        "moves": _("Moves"),
        "levels": _("Levels"),
        "space": _("Space"),
    }
    url = bins_url(place.code)
    return {
        "place": place,
        "url": url,
        "on": keeps_bin_stock(tx, place.id),
        "views": [
            {
                "label": words[key],
                "url": f"{url}/{key}" if key else url,
                "current": key == tab,
                "count": None,
                "act": False,
            }
            for key in TABS
        ],
        "others": [
            {"name": names[id_].name, "url": bins_url(names[id_].code)}
            for id_ in list_binned(tx)
            if id_ != place.id
        ],
        "may_write": "inventory.write" in visit.actor.permissions,
        "may_switch": "settings.write" in visit.actor.permissions,
    }


def find_bins_page(visit: Visit) -> Answer:
    """The bins of the location in the reader's scope, else of the first that keeps bin stock."""
    visit.require("inventory.read")
    with visit.reading() as tx:
        names = read_names(tx).locations
        codes = [names[id_].code for id_ in list_binned(tx)]
    scope = visit.view().scope.location
    if scope:
        return redirect(bins_url(scope))
    if codes:
        return redirect(bins_url(codes[0]))
    return visit.page("bins/none.html", may_read="settings.read" in visit.actor.permissions)


def show_contents(visit: Visit) -> Answer:
    """What lies in which bin of a location, as the bins are walked."""
    visit.require("inventory.read")
    words, bin_ = visit.asked("q").strip()[:200], visit.asked("bin")[:40]
    with visit.reading() as tx:
        place = find_place(visit, tx)
        rows = list_contents(
            tx, place.id, words=words, bin_=bin_ or None, after=_cursor(visit), limit=PAGE + 1
        )
        context = frame(visit, tx, place, "")
    url = bins_url(place.code)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    older = ""
    if last is not None:
        older = "~".join((str(last.rank), str(last.walk_order), last.bin, last.sku_key))
    return visit.page(
        "bins/contents.html",
        **context,
        search=words,
        bin=bin_word(bin_) if bin_ else "",
        rows=[
            {
                "bin": bin_word(row.bin),
                "bin_url": f"{url}?{urlencode({'bin': row.bin})}",
                "first": n == 0 or rows[n - 1].bin != row.bin,
                "purpose": word(BIN_PURPOSES, row.purpose) if row.purpose else "",
                "item_url": f"/inventory/{row.item_id}",
                "sku": row.sku,
                "name": row.name,
                "units": row.qty,
                "move_url": f"{url}/move?{urlencode({'sku': row.sku, 'from': row.bin})}",
            }
            for n, row in enumerate(rows[:PAGE])
        ],
        older_url=visit.here(cursor=older) if older else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )


def _cursor(visit: Visit) -> ContentCursor | None:
    parts = visit.asked("cursor").split("~", 3)
    if len(parts) < 4 or not (parts[0].isdigit() and parts[1].isdigit()):
        return None
    return int(parts[0][:1]), int(parts[1][:9]), parts[2], parts[3]


def show_moves(visit: Visit) -> Answer:
    """Who moved what from where to where, the newest first."""
    visit.require("inventory.read")
    asked = visit.asked("before")
    before = int(asked) if asked.isdigit() and len(asked) < 19 else None
    with visit.reading() as tx:
        place = find_place(visit, tx)
        rows = list_moves(tx, place.id, before=before, limit=PAGE + 1)
        context = frame(visit, tx, place, "moves")
    return visit.page(
        "bins/moves.html",
        **context,
        rows=[
            {
                "at": row.at,
                "item_url": f"/inventory/{row.item_id}",
                "sku": row.sku,
                "name": row.name,
                "from_bin": bin_word(row.from_bin) if row.from_bin else "",
                "to_bin": bin_word(row.to_bin) if row.to_bin else "",
                "units": row.qty,
                "reason": word({**LEDGER_REASONS, **STOCK_REASONS, **BIN_REASONS}, row.reason),
                "by": row.actor,
                "undone": row.undone,
            }
            for row in rows[:PAGE]
        ],
        older_url=visit.here(before=str(rows[PAGE - 1].id)) if len(rows) > PAGE else "",
        newer_url=visit.here(before=None) if asked else "",
    )


def show_space(visit: Visit) -> Answer:
    """What the bins can hold, what lies there, and what the next weeks bring."""
    visit.require("inventory.read")
    with visit.reading() as tx:
        place = find_place(visit, tx)
        space = read_space(tx, place.id, place.code)
        context = frame(visit, tx, place, "space")
    return visit.page(
        "bins/space.html",
        **context,
        space=space,
        share=_share(space.used_ml, space.capacity_ml),
        parts=[
            {
                "purpose": word(BIN_PURPOSES, part.purpose),
                "bins": part.bins,
                "unlimited": part.unlimited,
                "capacity": _litres(part.capacity_ml),
                "used": _litres(part.used_ml),
                "share": _share(part.used_ml, part.capacity_ml),
            }
            for part in space.parts
        ],
        capacity=_litres(space.capacity_ml),
        used=_litres(space.used_ml),
        weeks=[
            {
                "begins": week.begins,
                "units": week.units,
                "volume": _litres(week.volume_ml),
                "fill": _litres(week.fill_ml),
                "unmeasured": week.unmeasured,
                "share": _share(week.fill_ml, space.capacity_ml),
            }
            for week in space.weeks
        ],
    )


def _litres(volume_ml: int) -> int:
    return round(volume_ml / 1000)


def _share(part: int, whole: int) -> int | None:
    """Percent; none where nobody said how much fits in."""
    return round(100 * part / whole) if whole else None


def move_form(visit: Visit) -> Answer:
    """Move units between bins by hand."""
    visit.require("inventory.write")
    return _move_form(visit, [])


def _move_form(visit: Visit, faults: list[str]) -> Answer:
    with visit.reading() as tx:
        place = find_place(visit, tx)
    fields = ("sku", "from", "to", "quantity")
    return visit.form_page(
        "bins/_move_form.html",
        faulty=bool(faults),
        url=f"{bins_url(place.code)}/move",
        faults=faults,
        values={name: visit.sent(name) or visit.asked(name) for name in fields},
    )


def move(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        place = find_place(visit, tx)
    ask = {
        "location": place.code,
        "sku": visit.sent("sku"),
        "from_bin": visit.sent("from"),
        "to_bin": visit.sent("to"),
        "quantity": visit.sent_number("quantity") or 0,
    }
    try:
        moved = visit.act(move_bin_stock, convert(MoveBetweenBins, ask))
    except NotFound:
        raise
    except Problem as problem:
        return _move_form(visit, [said(problem)])
    url = bins_url(place.code)
    return visit.done(moved_words(moved), url, undo_url=undo_url(place.code, moved), go=True)


def moved_words(moved: BinStockMoved) -> str:
    """What was moved, with what is odd about it."""
    text = ngettext(
        "%(num)s unit of %(sku)s lies in %(bin)s now.",
        "%(num)s units of %(sku)s lie in %(bin)s now.",
        moved.quantity,
        sku=moved.sku,
        bin=bin_word(moved.to_bin),
    )
    return " ".join([text, *(word(BIN_WARNINGS, one) for one in moved.warnings)])


def undo_url(code: str, moved: BinStockMoved) -> str:
    return f"{bins_url(code)}/undo?" + "&".join(f"move={n}" for n in moved.moves)


def undo(visit: Visit) -> Answer:
    """Take moves back, from a toast or from the floor."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        place = find_place(visit, tx)
    numbers = [*visit.asked_all("move"), *visit.sent_all("move")]
    moves = [int(text) for text in numbers if text.isdigit() and len(text) < 19]
    back = visit.sent("back")
    if not back.startswith(f"{bins_url(place.code)}/"):
        back = bins_url(place.code)
    try:
        ask = convert(UndoBinMoves, {"location": place.code, "moves": moves})
        moved = visit.act(undo_bin_moves, ask)
    except NotFound:
        raise
    except Problem as problem:
        return visit.done(said(problem), back, tone="critical", go=True)
    text = _("Taken back: %(words)s", words=moved_words(moved))
    return visit.done(text, back, go=True)


_ONE = LIST_URL + "/{code:str}"

ROUTES = [
    Route("GET", LIST_URL, find_bins_page),
    Route("GET", _ONE, show_contents),
    Route("GET", _ONE + "/moves", show_moves),
    Route("GET", _ONE + "/space", show_space),
    Route("GET", _ONE + "/move", move_form),
    Route("POST", _ONE + "/move", move),
    Route("POST", _ONE + "/undo", undo),
]
