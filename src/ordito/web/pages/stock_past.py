"""Inventory at a past moment, the difference to a later one, and the postings that made it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import urlencode

import msgspec

from ordito.api.answers import Answer
from ordito.inventory.changes import Cause, Opened
from ordito.inventory.history import Moment
from ordito.kernel.moves import Bucket
from ordito.listings.stock_ledger import list_ledger_between
from ordito.listings.stock_list import StockFilter, list_stock
from ordito.listings.stock_past import (
    Counters,
    PastCell,
    moment_of,
    read_item_changes,
    read_item_past,
    read_totals_at,
    span_of,
    subtract,
)
from ordito.web.pages.inventory import item_id_of, show_posting
from ordito.web.reason_words import own_words, reason_words
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import BUCKETS, word

PAGE = 50
LEDGER = 30
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS: dict[str, str] = {
    "available": N_("Free"),
    "reserved": N_("Reserved"),
    "picked": N_("Picked"),
    "quality_control": N_("Quality control"),
    "safety": N_("Safety stock"),
    "damaged": N_("Damaged"),
    "on_hand": N_("On hand"),
    "incoming": N_("Incoming"),
    "in_transit": N_("In transit"),
}
_LISTED = ("available", "reserved", "picked", "on_hand", "incoming")


class Asked(msgspec.Struct, frozen=True):
    """What the address asks for: one moment, or two; late: with what was booked late.

    fault: why it can't be answered, in words; "" when it can.
    """

    at: datetime
    until: datetime | None
    late: bool
    fault: str = ""

    def moment(self, now: datetime, *, first: bool = False) -> Moment:
        at = self.at if first or self.until is None else self.until
        return moment_of(at, now if self.late else None, now)


def _asked(visit: Visit) -> Asked:
    late = visit.asked("known") == "now"
    at, until = _instant(visit, "at"), _instant(visit, "until")
    if at is None or (visit.asked("until") and until is None):
        words = _("Say of which moment.") if visit.asked("at") or visit.asked("until") else ""
        return Asked(visit.now, None, late, words)
    if max(at, until or at) > visit.now:
        words = _("This moment is still to come. Stock is known until now.")
        return Asked(visit.now, None, late, words)
    if until is not None and until < at:
        at, until = until, at
    return Asked(at, until, late)


def _instant(visit: Visit, name: str) -> datetime | None:
    """A moment of the address in the reader's zone; None for what is none."""
    try:
        found = datetime.fromisoformat(visit.asked(name))
        found = found if found.tzinfo else found.replace(tzinfo=visit.view().zone)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def show_past_inventory(visit: Visit) -> Answer:
    """All items in scope as they were."""
    visit.require("inventory.read")
    asked, location = _asked(visit), visit.view().scope.location or None
    filter_ = StockFilter(text=visit.asked("q").strip()[:200], location=location)
    with visit.reading() as tx:
        page = list_stock(tx, filter_, cursor=visit.asked("cursor") or None, limit=PAGE)
        ids = [row.item_id for row in page.items]
        then = read_totals_at(tx, ids, asked.moment(visit.now), location=location)
        before = None
        if asked.until is not None:
            first = asked.moment(visit.now, first=True)
            before = read_totals_at(tx, ids, first, location=location)
    nothing = Counters()
    rows = [
        {
            "sku": row.sku,
            "title": row.name,
            "url": f"/inventory/{row.item_id}/past?{_kept(visit)}",
            "numbers": _numbers(
                then.get(row.item_id, nothing),
                None if before is None else before.get(row.item_id, nothing),
                _LISTED,
            ),
        }
        for row in page.items
    ]
    return visit.page(
        "inventory/past.html",
        **_form(visit, asked),
        columns=[_(COLUMNS[name]) for name in _LISTED],
        search=visit.asked("q"),
        rows=rows,
        older_url=visit.here(cursor=page.next) if page.next else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )


def show_past_item(visit: Visit) -> Answer:
    """One item as it was, by location, and the postings that made it so."""
    visit.require("inventory.read")
    asked, location = _asked(visit), visit.asked("location") or None
    bucket = visit.asked("bucket") if visit.asked("bucket") in get_args(Bucket) else None
    opened = Opened(bucket, visit.asked("reason")[:60] or None)  # type: ignore[arg-type]
    cursor = visit.asked("cursor") or None
    with visit.reading() as tx:
        item_id = item_id_of(visit)
        past = read_item_past(tx, item_id, asked.moment(visit.now))
        span = span_of(
            tx,
            item_id,
            asked.at if asked.until is not None else _EVER,
            asked.until or asked.at,
            known_at=visit.now if asked.late else None,
            location=location,
        )
        cells, before = past.cells, None
        causes: tuple[Cause, ...] = ()
        if asked.until is not None:
            changes = read_item_changes(tx, msgspec.structs.replace(span, location_ids=_all(tx)))
            cells, before = changes.cells, changes.before
            causes = tuple(read_item_changes(tx, span).causes) if location else changes.causes
        ledger = list_ledger_between(tx, span, opened, cursor=cursor, limit=LEDGER)
        own = own_words(tx)
    url = f"/inventory/{item_id}/past?{_kept(visit)}"
    return visit.page(
        "inventory/past_item.html",
        **_form(visit, asked),
        item={"sku": past.item.sku, "title": past.item.name, "url": f"/inventory/{item_id}"},
        columns=[_(label) for label in COLUMNS.values()],
        totals=_numbers(past.totals, before, COLUMNS, url),
        cells=[_cell(cell, url, location) for cell in cells],
        causes=[_cause(cause, url, location, own) for cause in causes],
        ledger=[show_posting(row, own) for row in ledger.items],
        chosen=_chosen(opened, location, own),
        all_url=url if opened.bucket or opened.reason or location else "",
        older_url=visit.here(cursor=ledger.next) if ledger.next else "",
        newer_url=visit.here(cursor=None) if cursor else "",
    )


def _all(tx: Any) -> frozenset[Any] | None:
    return None if tx.actor.location_ids is None else frozenset(tx.actor.location_ids)


def _form(visit: Visit, asked: Asked) -> dict[str, Any]:
    """What the choice of moments shows, and what it chose, in words."""
    zone = visit.view().zone

    def local(instant: datetime | None) -> str:
        if instant is None:
            return ""
        return instant.astimezone(zone).replace(tzinfo=None).isoformat(timespec="minutes")

    return {
        "at": local(asked.at),
        "until": local(asked.until),
        "known": "now" if asked.late else "then",
        "knowns": [
            Choice("then", _("As the books showed it then")),
            Choice("now", _("With what was booked late")),
        ],
        "at_instant": asked.at,
        "until_instant": asked.until,
        "fault": asked.fault,
        "form_url": visit.path,
    }


def _kept(visit: Visit) -> str:
    return urlencode([(k, v) for k, v in visit.query if k in ("at", "until", "known") and v])


def _numbers(
    after: Counters, before: Counters | None, names: Any, url: str = ""
) -> list[dict[str, Any]]:
    """Each bucket: how many there were, the change since the first moment (None with one), and
    where its postings are."""
    change = None if before is None else subtract(after, before)
    return [
        {
            "n": getattr(after, name),
            "change": None if change is None else getattr(change, name),
            "url": f"{url}&bucket={name}#ledger-title" if url and name != "on_hand" else url,
        }
        for name in names
    ]


def _cell(cell: PastCell, url: str, location: str | None) -> dict[str, Any]:
    here = f"{url}&{urlencode({'location': cell.location.code})}"
    return {
        "location_name": cell.location.name,
        "url": here,
        "current": cell.location.code == location,
        "numbers": _numbers(cell.then, cell.before, COLUMNS, here),
    }


def _cause(cause: Cause, url: str, location: str | None, own: Mapping[str, str]) -> dict[str, Any]:
    asked = {"reason": cause.reason} | ({"location": location} if location else {})
    return {
        "reason": reason_words(cause.reason, own),
        "from_bucket": word(BUCKETS, cause.from_bucket),
        "to_bucket": word(BUCKETS, cause.to_bucket),
        "quantity": cause.qty,
        "postings": cause.postings,
        "url": f"{url}&{urlencode(asked)}#ledger-title",
    }


def _chosen(opened: Opened, location: str | None, own: Mapping[str, str]) -> str:
    """Which of the postings are shown, in words; "" for all."""
    words = [
        word(BUCKETS, opened.bucket) if opened.bucket else "",
        reason_words(opened.reason, own) if opened.reason else "",
        location or "",
    ]
    return " · ".join(text for text in words if text)


ROUTES = [
    Route("GET", "/inventory/past", show_past_inventory),
    Route("GET", "/inventory/{item:str}/past", show_past_item),
]
