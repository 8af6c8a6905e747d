"""Requests as a file for partners, and their answers from one: rows of CSV."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TextIO

import msgspec

from ordito.flows.answer_requests import accept_request, answer_cancellation, ship_accepted
from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.fulfillment.asks import (
    AcceptRequest,
    AnswerCancellation,
    RejectFulfillmentOrder,
    ShipAccepted,
)
from ordito.kernel.addresses import Address
from ordito.listings.exports import safe_cell
from ordito.listings.partner_requests import PartnerRequest, Show, list_requests
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import run
from ordito.platform.problems import InvalidInput, Problem
from ordito.platform.validation import convert

REQUEST_COLUMNS = (
    "request", "state", "order", "location", "line", "sku", "title", "units", "shipped", "cancel",
    "answer_by", "ship_by", "promised_on", "name", "company", "line1", "line2", "postal_code",
    "city", "region", "country", "phone",
)  # fmt: skip
ANSWER_COLUMNS = (
    "request", "answer", "line", "units", "reason", "reference", "carrier", "service",
    "tracking_number", "weight_g",
)  # fmt: skip
ANSWERS = ("accept", "reject", "ship", "cancel-yes", "cancel-no")
PAGE = 200


class Answered(msgspec.Struct, frozen=True):
    """What became of an answer. row: of the file, where it begins; problem: None when it was
    taken."""

    row: int
    request: str
    answer: str
    problem: str | None


def write_requests(tx: Tx, out: TextIO, show: Show, location: str | None) -> int:
    """A row for each line of each request; how many rows. Cells that a spreadsheet would compute
    are preceded by an apostrophe."""
    rows = csv.writer(out)
    rows.writerow(REQUEST_COLUMNS)
    written = 0
    cursor: str | None = None
    while True:
        page = list_requests(tx, show, location=location, cursor=cursor, limit=PAGE)
        for request in page.items:
            for cells in _cells(request):
                rows.writerow([safe_cell(cell) for cell in cells])
                written += 1
        cursor = page.next
        if cursor is None:
            return written


def _cells(request: PartnerRequest) -> Iterator[list[Any]]:
    to = request.to or Address(country="ZZ")
    for line in request.lines:
        yield [
            request.id,
            request.request,
            request.number,
            request.location.code,
            line.line_no,
            line.sku,
            line.title,
            line.units,
            line.shipped,
            line.cancel,
            request.answer_by.isoformat(),
            request.ship_by.isoformat() if request.ship_by else "",
            request.promised_on or "",
            *(getattr(to, name) if request.to else "" for name in REQUEST_COLUMNS[13:]),
        ]


def take_answers(db: Database, actor: Actor, file: Iterable[str]) -> list[Answered]:
    """Carry out what partners answered; each answer is taken or refused alone.

    Rows of one request with the same answer, reason and tracking number belong together. The same
    file taken twice has one effect. Raises InvalidInput for what is no such file.
    """
    reader = csv.DictReader(file)
    known = set(reader.fieldnames or ())
    if not {"request", "answer"} <= known:
        raise InvalidInput(
            "This is no file of answers: it needs the columns “request” and “answer”, and may have"
            f" {', '.join(ANSWER_COLUMNS[2:])}."
        )
    groups: dict[tuple[str, ...], list[tuple[int, dict[str, str]]]] = {}
    for n, raw in enumerate(reader, start=2):
        row = {name: (raw.get(name) or "").strip() for name in ANSWER_COLUMNS}
        if row["request"] or row["answer"]:
            key = tuple(row[name] for name in ("request", "answer", "reason", "tracking_number"))
            groups.setdefault(key, []).append((n, row))
    return [_take(db, actor, rows) for rows in groups.values()]


def _take(db: Database, actor: Actor, rows: list[tuple[int, dict[str, str]]]) -> Answered:
    n, first = rows[0]
    problem: str | None = None
    try:
        command, ask = _ask([row for _n, row in rows])
        digest = hashlib.blake2b(repr(rows_of(rows)).encode(), digest_size=16).hexdigest()
        run(db, actor, command, ask, key=f"partner-file-{digest}")
    except Problem as refusal:
        told = [fault.detail for fault in refusal.errors] or [refusal.detail or refusal.title]
        problem = " ".join(told)
    return Answered(n, first["request"], first["answer"], problem)


def rows_of(rows: list[tuple[int, dict[str, str]]]) -> list[list[str]]:
    """What an answer says, wherever in its file it stands."""
    return [[row[name] for name in ANSWER_COLUMNS] for _n, row in rows]


def _ask(rows: list[dict[str, str]]) -> tuple[Callable[..., Any], Any]:
    """The command of an answer, and what is asked of it; raises InvalidInput."""
    first = rows[0]
    order_id, _dot, fo_no = first["request"].partition(".")
    fields: dict[str, Any] = {"order_id": order_id, "fo_no": fo_no}
    lines = {row["line"]: row["units"] for row in rows if row["line"]}
    if len(lines) < sum(1 for row in rows if row["line"]):
        raise InvalidInput("A line is there twice with one answer. Nothing was changed.")
    given = {"lines": lines} if lines else {}
    match first["answer"].casefold():
        case "accept":
            fields["reference"] = first["reference"]
            return accept_request, convert(AcceptRequest, fields, strict=False)
        case "reject":
            fields |= {"reason": first["reason"] or "other"} | given
            return reject_fulfillment_order, convert(RejectFulfillmentOrder, fields, strict=False)
        case "ship":
            fields |= {name: first[name] for name in ("carrier", "service", "tracking_number")}
            fields |= given | ({"weight_g": first["weight_g"]} if first["weight_g"] else {})
            return ship_accepted, convert(ShipAccepted, fields, strict=False)
        case "cancel-yes" | "cancel-no" as said:
            fields["accepted"] = said == "cancel-yes"
            return answer_cancellation, convert(AnswerCancellation, fields, strict=False)
    raise InvalidInput(f"“{first['answer'][:40]}” is none of {', '.join(ANSWERS)}.")
