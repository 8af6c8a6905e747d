"""Settings → Audit log: who did what when to what."""

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import msgspec

from ordito.api.answers import Answer
from ordito.listings.audit import AuditFilter, AuditRow, find_order_id, search_audit
from ordito.listings.exports import safe_cell
from ordito.platform.accounts import list_users
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound
from ordito.web.rendering import gettext as _
from ordito.web.rendering import number
from ordito.web.routes import Route
from ordito.web.settings_tabs import settings_tabs
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import AUDIT_GROUPS, AUDIT_KINDS, choices, word

HOME = "/settings/audit"
PAGE = 100
EXPORT_MAX = 50_000
PEOPLE_MAX = 500

_GROUPS: dict[str, tuple[str, ...]] = {
    "sign_in": ("user.signed_in", "user.sign_in_failed", "user.recovery_code_used"),
    "access": ("user", "key", "role"),
    "orders": ("order",),
    "stock": (
        "receipt",
        "hold",
        "transfer",
        "assembly",
        "cycle_count",
        "adjustment",
        "count",
        "stock_move",
        "bin_stock",
        "lot",
    ),
    "items": ("item",),
    "settings": ("channel", "market", "location", "policy", "rollout", "joint_schedule"),
}


def show_audit(visit: Visit) -> Answer:
    """A page of the log, narrowed as asked."""
    visit.require("audit.read")
    with visit.reading() as tx:
        wanted = _wanted(visit, tx)
        found = search_audit(tx, wanted, cursor=visit.asked("cursor") or None, limit=PAGE)
        users = list_users(tx, limit=PEOPLE_MAX)
    people = sorted((Choice(str(u.id), u.name) for u in users), key=lambda c: c.label.casefold())
    return visit.page(
        "settings/audit.html",
        tabs=settings_tabs(visit, HOME),
        rows=[_row(row) for row in found.items],
        people=people,
        person=visit.asked("person"),
        groups=choices(AUDIT_GROUPS),
        group=visit.asked("group"),
        order=visit.asked("order"),
        since=visit.asked("since"),
        until=visit.asked("until"),
        older_url=visit.here(cursor=found.next) if found.next else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
        export_url=visit.here(cursor=None).replace(HOME, HOME + ".csv", 1),
        narrowed=any(visit.asked(name) for name in ("person", "group", "order", "since", "until")),
    )


def _wanted(visit: Visit, tx: Tx) -> AuditFilter:
    until = _day(visit.asked("until"))
    return AuditFilter(
        person=_uuid(visit.asked("person")),
        kinds=_GROUPS.get(visit.asked("group"), ()),
        stream_id=_thing(tx, visit.asked("order")) or _uuid(visit.asked("thing")),
        since=_start(visit, _day(visit.asked("since"))),
        until=_start(visit, until + timedelta(days=1) if until else None),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound("There is nothing with this id.") from None


def _thing(tx: Tx, text: str) -> UUID | None:
    digits = text.strip().removeprefix("#")
    if not digits:
        return None
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else 0
    # An order that isn't there has no events: the page says that nothing was found.
    return find_order_id(tx, number) or UUID(int=0)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _start(visit: Visit, day: date | None) -> datetime | None:
    """When the day begins for the reader."""
    return datetime.combine(day, time(), visit.view().zone) if day else None


def _row(row: AuditRow) -> dict[str, Any]:
    failed = row.kind == "user.sign_in_failed"
    actor = row.actor or str(row.actor_id)[:8]
    if row.actor_kind == "key":
        actor = _("API key “%(name)s”", name=actor)
    elif row.actor_kind == "system":
        actor = _("somebody unknown") if failed else "Ordito"
    order = f"#{row.thing}" if row.stream == "order" and row.thing else ""
    return {
        "at": row.at,
        "actor": actor,
        "what": word(AUDIT_KINDS, row.kind).replace(".", ": "),
        "failed": failed,
        "thing": order or row.thing or row.stream,
        "url": _url(row),
        "details": _details(row.body),
        "request_id": row.request_id or "",
    }


def _url(row: AuditRow) -> str:
    match row.stream:
        case "order":
            return f"/orders/{row.thing}" if row.thing else ""
        case "item":
            return f"/inventory/{row.stream_id}"
        case "user":
            return f"{HOME}?thing={row.stream_id}"
        case _:
            return ""


def _details(body: dict[str, Any]) -> str:
    told = [f"{name.replace('_', ' ')} {_value(value)}" for name, value in body.items()]
    text = " · ".join(told)
    return text if len(text) <= 300 else text[:299] + "…"


def _value(value: Any) -> str:
    """What an event says of one thing: in full when short, else how much of it there is."""
    match value:
        case str():
            return value or "–"
        case list() if not value:
            return "–"
        case list() if len(value) <= 3 and all(isinstance(one, str | int) for one in value):
            return ", ".join(map(str, value))
        case list() | dict():
            return f"({number(len(value))})"
        case _:
            return msgspec.json.encode(value).decode()


def export_audit(visit: Visit) -> Answer:
    """The log as CSV, narrowed as asked; at most 50,000 rows."""
    visit.require("audit.read")
    rows: list[AuditRow] = []
    cursor: str | None = None
    with visit.reading() as tx:
        wanted = _wanted(visit, tx)
        while len(rows) < EXPORT_MAX:
            found = search_audit(tx, wanted, cursor=cursor, limit=1000)
            rows += found.items
            cursor = found.next
            if cursor is None:
                break
    headers = [
        (b"content-type", b"text/csv; charset=utf-8"),
        (b"content-disposition", b'attachment; filename="audit.csv"'),
        (b"cache-control", b"no-store"),
    ]
    return Answer(200, headers, _csv(rows).encode("utf-8-sig"))


def _csv(rows: list[AuditRow]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    names = ("at", "actor_kind", "actor_id", "actor", "kind", "stream", "stream_id", "thing")
    writer.writerow([*names, "seq", "request_id", "body"])
    for row in rows:
        cells = [safe_cell(getattr(row, name)) for name in names]
        body = msgspec.json.encode(row.body).decode()
        writer.writerow([*cells, row.seq, safe_cell(row.request_id or ""), safe_cell(body)])
    return out.getvalue()


ROUTES = [Route("GET", HOME, show_audit), Route("GET", HOME + ".csv", export_audit)]
