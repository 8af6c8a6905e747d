"""Sending a transfer and receiving it, line by line, by typing or by scanning."""

from collections.abc import Mapping
from typing import Any

from ordito.catalog.items import read_items
from ordito.flows.receive_transfer import receive_transfer
from ordito.flows.transfer_states import read_transfer_state
from ordito.flows.transfer_stock import ship_transfer
from ordito.inventory.levels import read_levels
from ordito.inventory.transfer_asks import (
    ReceiveTransfer,
    ShipTransfer,
    StockTransfer,
    TransferLine,
)
from ordito.inventory.transfers import find_transfer
from ordito.listings.places import read_names
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.serving import Answer
from ordito.web.visits import Visit

LIST_URL = "/inventory/transfers"


def _read(visit: Visit, tx: Tx) -> StockTransfer:
    """The transfer; raises NotFound."""
    id_ = find_transfer(tx, visit.number("transfer"))
    if id_ is None:
        raise NotFound("There is no such transfer, or you see neither of its locations.")
    return read_transfer_state(tx, id_)


def ship_form(visit: Visit) -> Answer:
    """What is to leave, with what is free at the source."""
    return _ship_form(visit, [])


def _ship_form(visit: Visit, faults: list[str]) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        transfer = _read(visit, tx)
        place = next(
            p for p in read_names(tx).locations.values() if p.code == transfer.from_location
        )
        ids = [line.item_id for line in transfer.lines]
        levels = read_levels(tx, ids, location_ids=[place.id])
        free = {level.item_id: level.available for level in levels}
        codes = _codes(tx, transfer)
    rows = []
    for line in transfer.lines:
        there = free.get(line.item_id, 0)
        typed = visit.sent(f"units-{line.line_no}", str(min(line.requested, there)))
        rows.append(_row(line, codes) | {"free": there, "value": typed})
    return _page(
        visit, "transfers/ship.html", transfer, rows=rows, faults=faults, place_name=place.name
    )


def ship(visit: Visit) -> Answer:
    """The goods leave."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        transfer = _read(visit, tx)
    lines = [
        {"sku": line.sku, "quantity": visit.sent_number(f"units-{line.line_no}") or 0}
        for line in transfer.lines
    ]
    try:
        ask = convert(ShipTransfer, {"transfer_id": str(transfer.id), "lines": lines})
        sent = visit.act(ship_transfer, ask)
    except Problem as problem:
        return _ship_form(visit, _said(problem))
    text = ngettext(
        "%(num)s unit is on its way.",
        "%(num)s units are on their way.",
        sum(line.shipped for line in sent.lines),
    )
    return visit.done(text, f"{LIST_URL}/{transfer.number}", go=True)


def receive_form(visit: Visit) -> Answer:
    """What is on its way, to be counted as it is unpacked."""
    return _receive_form(visit, [], {})


def _receive_form(visit: Visit, faults: list[str], more: Mapping[int, int]) -> Answer:
    """more: line → units beyond what was sent, to be confirmed."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        transfer = _read(visit, tx)
        codes = _codes(tx, transfer)
        names = {p.code: p.name for p in read_names(tx).locations.values()}
    rows = [
        _row(line, codes)
        | {
            "value": visit.sent(f"units-{line.line_no}"),
            "damaged": visit.sent(f"damaged-{line.line_no}"),
            "more": more.get(line.line_no, 0),
        }
        for line in sorted(transfer.lines, key=lambda line: not line.open)
        if line.shipped
    ]
    return _page(
        visit,
        "transfers/receive.html",
        transfer,
        rows=rows,
        faults=faults,
        place_name=names[transfer.to_location],
        confirm=bool(more),
    )


def receive(visit: Visit) -> Answer:
    """Book what arrived. More than was sent has to be said twice: it is easily a slip."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        transfer = _read(visit, tx)
    lines, more = [], {}
    for line in transfer.lines:
        good = visit.sent_number(f"units-{line.line_no}") or 0
        damaged = visit.sent_number(f"damaged-{line.line_no}") or 0
        surplus = max(0, min(good, good + damaged - line.open))
        if surplus:
            more[line.line_no] = surplus
        if good or damaged:
            lines.append({"sku": line.sku, "quantity": good - surplus, "damaged": damaged,
                          "surplus": surplus})  # fmt: skip
    if more and not visit.sent("confirm"):
        fault = _("More came than was sent. Count again; if it is so, say so below.")
        return _receive_form(visit, [fault], more)
    if not lines:
        return _receive_form(visit, [_("Say of at least one item how many arrived.")], {})
    try:
        ask = convert(ReceiveTransfer, {"transfer_id": str(transfer.id), "lines": lines})
        booked = visit.act(receive_transfer, ask)
    except Problem as problem:
        return _receive_form(visit, _said(problem), more)
    return visit.done(_booked(booked), f"{LIST_URL}/{transfer.number}", go=True)


def _booked(transfer: StockTransfer) -> str:
    left = sum(line.open for line in transfer.lines)
    if not left:
        return _("Received. All of the transfer has arrived.")
    return ngettext(
        "Received. %(num)s unit is still on its way.",
        "Received. %(num)s units are still on their way.",
        left,
    )


def _codes(tx: Tx, transfer: StockTransfer) -> dict[Any, list[str]]:
    """What scans as each item."""
    items = read_items(tx, [line.item_id for line in transfer.lines])
    return {id_: [item.sku, *item.barcodes] for id_, item in items.items()}


def _row(line: TransferLine, codes: dict[Any, list[str]]) -> dict[str, Any]:
    return {
        "line_no": line.line_no,
        "sku": line.sku,
        "name": line.name,
        "requested": line.requested,
        "open": line.open,
        "codes": "\n".join(codes.get(line.item_id, [line.sku])),
    }


def _page(visit: Visit, template: str, transfer: StockTransfer, **context: Any) -> Answer:
    """The form as a page; faulty ones replace it."""
    faulty = bool(context["faults"])
    context |= {"transfer": transfer, "url": visit.path}
    if visit.by_script and visit.method == "POST":
        name = template.replace("/", "/_").replace(".html", "_form.html")
        return visit.fragment(name, status=422, **context)
    return visit.page(template, status=422 if faulty else 200, **context)


def _said(problem: Problem) -> list[str]:
    return fault_words(problem) or [problem_words(problem)]
