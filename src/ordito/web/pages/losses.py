"""Losses by reason: months, reasons and locations, each opened into its postings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from ordito.api.answers import Answer
from ordito.kernel.money import format_minor
from ordito.listings.losses import (
    Loss,
    LossPosting,
    later,
    list_loss_postings,
    list_losses,
    month_of,
)
from ordito.platform.database import Tx
from ordito.platform.problems import InvalidInput
from ordito.web.formats import month_name
from ordito.web.reason_words import own_words, reason_words
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.table_files import Table, answer_table
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import BUCKETS, word

_URL = "/inventory/losses"
PAGE = 50
SPANS = (1, 3, 6, 12, 24)
"""Months that can be shown, this one included."""

FILE = Table(
    "losses",
    [
        ("month", "text"),
        ("reason", "text"),
        ("location", "text"),
        ("lost", "number"),
        ("found", "number"),
        ("value_at_price", "amount"),
        ("currency", "text"),
        ("unpriced_units", "number"),
    ],
)


def show_losses(visit: Visit) -> Answer:
    """Losses of the last months, the newest first."""
    visit.require("inventory.read")
    months = _months(visit)
    with visit.reading() as tx:
        rows = _read(visit, tx, months)
        own = own_words(tx)
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row.reason] += row.value_minor
    currency = rows[0].currency if rows else ""
    return visit.page(
        "inventory/losses.html",
        months=str(months),
        spans=[Choice(str(n), _span_words(n)) for n in SPANS],
        reasons=[
            {"name": reason_words(code, own), "value_minor": value}
            for code, value in sums.most_common()
            if value > 0
        ],
        currency=currency,
        total_minor=sum(sums.values()),
        most_minor=max([1, *sums.values()]),
        rows=[_row(row, own, visit.view().locale) for row in rows],
        unpriced=sum(row.unpriced for row in rows),
        csv_url=f"{_URL}.csv?{urlencode({'months': months})}",
        xlsx_url=f"{_URL}.xlsx?{urlencode({'months': months})}",
    )


def _span_words(months: int) -> str:
    return _("This month") if months == 1 else _("The last %(n)s months", n=months)


def _months(visit: Visit) -> int:
    text = visit.asked("months")
    return int(text) if text in map(str, SPANS) else 3


def _read(visit: Visit, tx: Tx, months: int) -> list[Loss]:
    until = visit.now.date().replace(day=1)
    place = visit.view().scope.location or None
    return list_losses(tx, since=later(until, 1 - months), until=until, location=place)


def _row(row: Loss, own: Mapping[str, str], locale: str) -> dict[str, Any]:
    """See templates/inventory/losses.html."""
    month = f"{row.month:%Y-%m}"
    asked = {"month": month, "reason": row.reason, "location": row.location.code}
    return {
        "month": month_name(row.month, locale),
        "reason": reason_words(row.reason, own),
        "place": row.location.name,
        "lost": row.lost,
        "found": row.found,
        "value_minor": row.value_minor,
        "currency": row.currency,
        "url": f"{_URL}/postings?{urlencode(asked)}",
    }


def losses_csv(visit: Visit) -> Answer:
    return _file(visit, "csv")


def losses_xlsx(visit: Visit) -> Answer:
    return _file(visit, "xlsx")


def _file(visit: Visit, form: str) -> Answer:
    visit.require("inventory.read")
    with visit.reading() as tx:
        rows = _read(visit, tx, _months(visit))
    cells = [
        [
            f"{row.month:%Y-%m}",
            row.reason,
            row.location.code,
            row.lost,
            row.found,
            format_minor(row.value_minor, row.currency),
            row.currency,
            row.unpriced,
        ]
        for row in rows
    ]
    return answer_table(FILE, cells, form, visit.view().zone)


def show_postings(visit: Visit) -> Answer:
    """The postings that a month's losses are made of."""
    visit.require("inventory.read")
    month = _month(visit)
    reason, location = visit.asked("reason")[:60], visit.asked("location")[:60]
    with visit.reading() as tx:
        page = list_loss_postings(
            tx,
            month,
            reason=reason or None,
            location=location or visit.view().scope.location or None,
            cursor=visit.asked("cursor") or None,
            limit=PAGE,
        )
        own = own_words(tx)
    return visit.page(
        "inventory/loss_postings.html",
        month=month_name(month, visit.view().locale),
        reason=reason_words(reason, own) if reason else "",
        location=location,
        rows=_posting_rows(page.items, own),
        older_url=visit.here(cursor=page.next) if page.next else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )


def _month(visit: Visit) -> date:
    try:
        return month_of(visit.asked("month")[:7])
    except InvalidInput:
        return visit.now.date().replace(day=1)


def _posting_rows(rows: Sequence[LossPosting], own: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "at": row.at,
            "sku": row.sku,
            "name": row.name,
            "item_url": f"/inventory/{row.item_id}?{urlencode({'location': row.location.code})}",
            "place": row.location.name,
            "from_bucket": word(BUCKETS, row.from_bucket),
            "to_bucket": word(BUCKETS, row.to_bucket),
            "quantity": row.qty,
            "reason": reason_words(row.reason, own),
            "note": row.note,
            "by": row.actor,
        }
        for row in rows
    ]


ROUTES = [
    Route("GET", _URL, show_losses),
    Route("GET", _URL + ".csv", losses_csv),
    Route("GET", _URL + ".xlsx", losses_xlsx),
    Route("GET", _URL + "/postings", show_postings),
]
