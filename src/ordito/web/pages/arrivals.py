"""Receiving a parcel at the shop where its customer will collect it."""

from typing import Any

from ordito.api.answers import Answer
from ordito.flows.receive_brought import receive_brought
from ordito.fulfillment.asks import ReceiveBrought
from ordito.listings.arrivals import ArrivingItem, ArrivingLot, ArrivingParcel, read_arriving
from ordito.platform.problems import InvalidInput, Problem
from ordito.platform.validation import convert
from ordito.web.lot_lines import read_lot_lines
from ordito.web.pages.order_page import order_id_of
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.visits import Visit


def show_arrival(visit: Visit) -> Answer:
    """What is in the parcel, to be checked as it is unpacked."""
    return _show(visit, [])


def _show(visit: Visit, faults: list[str], *, lost: bool = False) -> Answer:
    """lost: whether to ask if the whole parcel is."""
    visit.require("fulfillment.write")
    parcel, items, lots = _read(visit)
    context: dict[str, Any] = {
        "url": visit.path,
        "desk_url": f"/fulfillment/pickups?show=arriving&location={parcel.shop.code}",
        "parcel": parcel,
        "customer": parcel.name or "",
        "faults": faults,
        "ask_if_lost": lost,
        "rows": [
            {
                "sku": item.sku,
                "name": item.name,
                "pieces": item.pieces,
                "wanted": item.wanted,
                "codes": "\n".join([item.sku, *item.barcodes]),
                "value": visit.sent(f"units-{no}"),
                "damaged": visit.sent(f"damaged-{no}"),
            }
            for no, item in enumerate(items, start=1)
        ],
        "with_lots": ", ".join(_("%(lot)s × %(n)s", lot=lot.lot, n=lot.pieces) for lot in lots),
        "lots": visit.sent("lots"),
    }
    status = 422 if faults else 200
    if faults and visit.by_script:
        return visit.fragment("fulfillment/_arrival_form.html", status=status, **context)
    return visit.page("fulfillment/arrival.html", status=status, **context)


def _read(visit: Visit) -> tuple[ArrivingParcel, list[ArrivingItem], list[ArrivingLot]]:
    order_id = order_id_of(visit)
    with visit.reading() as tx:
        return read_arriving(tx, order_id, visit.number("fo"), visit.number("parcel"))


def receive_arrival(visit: Visit) -> Answer:
    """The parcel is here: all of it, or what was counted."""
    visit.require("fulfillment.write")
    parcel, items, lots = _read(visit)
    counts = [visit.sent_number(f"{name}-{no}") for no in range(1, len(items) + 1)
              for name in ("units", "damaged")]  # fmt: skip
    if not (visit.sent("all") or any(counts) or visit.sent("lost")):
        fault = _("Nothing was counted. If the parcel never came, say so below.")
        return _show(visit, [fault], lost=True)
    try:
        ask = convert(ReceiveBrought, _ask(visit, parcel, items, lots))
        state = visit.act(receive_brought, ask)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return _show(visit, fault_words(problem) or [problem_words(problem)])
    ready = any(
        work.state == "ready" and work.location == parcel.shop.code
        for work in state.fulfillment_orders
    )
    text = (
        _("All of it is here: the customer is told to come, and a code.")
        if ready
        else _("Received. It lies at the desk until the order is complete.")
    )
    return visit.done(text, f"/fulfillment/pickups?show=ready&location={parcel.shop.code}", go=True)


def _ask(
    visit: Visit,
    parcel: ArrivingParcel,
    items: list[ArrivingItem],
    lots: list[ArrivingLot],
) -> dict[str, Any]:
    ask: dict[str, Any] = {
        "order_id": str(parcel.order_id),
        "fo_no": parcel.fo_no,
        "parcel_no": parcel.parcel_no,
    }
    if visit.sent("all"):
        return ask
    ask["items"] = [
        {
            "sku": item.sku,
            "quantity": visit.sent_number(f"units-{no}") or 0,
            "damaged": visit.sent_number(f"damaged-{no}") or 0,
        }
        for no, item in enumerate(items, start=1)
    ]
    typed = visit.sent("lots")
    if typed:
        ask["lots"] = _read_lots(typed, lots, sum(item["quantity"] for item in ask["items"]))
    return ask


def _read_lots(typed: str, lots: list[ArrivingLot], units: int) -> list[dict[str, Any]]:
    """The lots typed, each for the line that it was sent for; raises InvalidInput."""
    named, faults = read_lot_lines(typed, whole=units)
    lines = {lot.lot.casefold(): lot.line_no for lot in lots}
    only = lots[0].line_no if len(set(lines.values())) == 1 else None
    found = []
    for one in named:
        line_no = lines.get(one["lot"].casefold(), only)
        if line_no is None:
            faults.append(_("“%(lot)s” was not sent in this parcel.", lot=one["lot"]))
        else:
            found.append({"line": line_no, "lot": one["lot"], "quantity": one["quantity"]})
    if faults:
        raise InvalidInput(" ".join(faults))
    return found


_ARRIVAL = "/fulfillment/{number:str}/{fo:str}/arrival/{parcel:str}"

ROUTES = [
    Route("GET", _ARRIVAL, show_arrival),
    Route("POST", _ARRIVAL, receive_arrival),
]
