"""Sending a transfer and receiving it, line by line, by typing or by scanning."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ordito.api.answers import Answer
from ordito.catalog.items import read_items
from ordito.catalog.tracked_items import read_tracked
from ordito.flows.receive_transfer import receive_transfer
from ordito.flows.transfer_states import read_transfer_state
from ordito.flows.transfer_stock import ship_transfer
from ordito.inventory.fefo import ShelfLot, propose, read_shelf_lots
from ordito.inventory.levels import read_levels
from ordito.inventory.transfer_asks import (
    ReceiveTransfer,
    ShipTransfer,
    StockTransfer,
    TransferLine,
)
from ordito.inventory.transfer_lots import TransferLot, read_transfer_lots
from ordito.inventory.transfers import find_transfer
from ordito.listings.places import read_names
from ordito.platform.database import Tx
from ordito.platform.problems import InvalidInput, NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.lot_lines import read_lot_lines, write_lot_lines
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
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
        tracked = read_tracked(tx, ids)
        shelf = read_shelf_lots(tx, [(id_, str(place.id)) for id_ in tracked])
    rows = []
    for line in transfer.lines:
        there = free.get(line.item_id, 0)
        units = min(line.requested, there)
        typed = visit.sent(f"units-{line.line_no}", str(units))
        proposed = _propose(shelf.get((str(line.item_id), str(place.id)), []), units)
        lots = {"tracked": str(line.item_id) in tracked,
                "lots": visit.sent(f"lots-{line.line_no}", proposed)}  # fmt: skip
        rows.append(_row(line, codes) | {"free": there, "value": typed} | lots)
    return _page(
        visit, "transfers/ship.html", transfer, rows=rows, faults=faults, place_name=place.name
    )


def _propose(lots: Sequence[ShelfLot], units: int) -> str:
    """What ends first, one lot on each line: it may be old, who sends it knows what for."""
    code_of = {lot.lot_id: lot.code for lot in lots}
    uses = [(code_of[id_], n, None) for id_, n in propose(lots, units, first_fit_day=date.min)]
    return write_lot_lines(uses)


def _lots_of(visit: Visit, name: str, units: int) -> list[dict[str, Any]]:
    """The lots typed in a field; raises InvalidInput for what can't be read."""
    lots, faults = read_lot_lines(visit.sent(name), whole=units)
    if faults:
        raise InvalidInput(" ".join(faults))
    return [{"lot": lot["lot"], "quantity": lot["quantity"]} for lot in lots] if units else []


def ship(visit: Visit) -> Answer:
    """The goods leave."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        transfer = _read(visit, tx)
    try:
        lines = [_sent_line(visit, line) for line in transfer.lines]
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


def _sent_line(visit: Visit, line: TransferLine) -> dict[str, Any]:
    units = visit.sent_number(f"units-{line.line_no}") or 0
    lots = _lots_of(visit, f"lots-{line.line_no}", units)
    return {"sku": line.sku, "quantity": units, "lots": lots}


def receive_form(visit: Visit) -> Answer:
    """What is on its way, to be counted as it is unpacked."""
    return _receive_form(visit, [], {})


def _receive_form(visit: Visit, faults: list[str], more: Mapping[int, int]) -> Answer:
    """more: line → units beyond what was sent, to be confirmed."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        transfer = _read(visit, tx)
        codes = _codes(tx, transfer)
        under_way = _tell_lots(read_transfer_lots(tx, transfer.id))
        names = {p.code: p.name for p in read_names(tx).locations.values()}
    rows = [
        _row(line, codes)
        | {
            "value": visit.sent(f"units-{line.line_no}"),
            "damaged": visit.sent(f"damaged-{line.line_no}"),
            "more": more.get(line.line_no, 0),
            "under_way": under_way.get(line.line_no, ""),
            "lots": visit.sent(f"lots-{line.line_no}"),
            "damaged_lots": visit.sent(f"damaged-lots-{line.line_no}"),
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


def _tell_lots(lots: Sequence[TransferLot]) -> dict[int, str]:
    """The lots on their way by line, in words."""
    words: dict[int, list[str]] = {}
    for lot in lots:
        if lot.open:
            said = _("%(lot)s × %(n)s", lot=lot.lot, n=lot.open)
            words.setdefault(lot.line_no, []).append(said)
    return {line_no: ", ".join(said) for line_no, said in words.items()}


def receive(visit: Visit) -> Answer:
    """Book what arrived. More than was sent has to be said twice: it is easily a slip."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        transfer = _read(visit, tx)
    lines: list[dict[str, Any]] = []
    more: dict[int, int] = {}
    for line in transfer.lines:
        good = visit.sent_number(f"units-{line.line_no}") or 0
        damaged = visit.sent_number(f"damaged-{line.line_no}") or 0
        surplus = max(0, min(good, good + damaged - line.open))
        if surplus:
            more[line.line_no] = surplus
        if good or damaged:
            lines.append({"sku": line.sku, "quantity": good - surplus, "damaged": damaged,
                          "surplus": surplus, "no": line.line_no})  # fmt: skip
    if more and not visit.sent("confirm"):
        fault = _("More came than was sent. Count again; if it is so, say so below.")
        return _receive_form(visit, [fault], more)
    if not lines:
        return _receive_form(visit, [_("Say of at least one item how many arrived.")], {})
    try:
        for arrived in lines:
            no = arrived.pop("no")
            arrived["lots"] = _lots_of(visit, f"lots-{no}", arrived["quantity"])
            broken = _lots_of(visit, f"damaged-lots-{no}", arrived["damaged"])
            arrived["damaged_lots"] = broken
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
