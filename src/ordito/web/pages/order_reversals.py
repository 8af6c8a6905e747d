"""Cancelling an order and booking returns, whole or in part."""

from collections.abc import Mapping
from typing import Any

from ordito.api.answers import Answer
from ordito.flows.cancel_order import cancel_order
from ordito.flows.return_units import return_units
from ordito.listings.order_types import OrderPage
from ordito.orders.asks import (
    CancelOrder,
    ReturnUnits,
)
from ordito.orders.cancellations import value_cancelled
from ordito.platform.problems import ActionNotAllowed, InvalidInput
from ordito.platform.validation import convert
from ordito.web.lot_lines import REFUSED, read_lot_lines
from ordito.web.pages.lot_rows import lot_words
from ordito.web.pages.order_page import order_url, read_page, said
from ordito.web.rendering import gettext as _
from ordito.web.rendering import money, ngettext
from ordito.web.visits import Visit
from ordito.web.words import CANCEL_REASONS, RETURN_REASONS, choices


def cancel_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    page, _reader = read_page(visit)
    return _cancel_form(visit, page, [])


def _cancel_form(visit: Visit, page: OrderPage, faults: list[str]) -> Answer:
    lines: list[dict[str, Any]] = []
    for line in page.lines:
        left = line.ordered - line.cancelled - line.shipped - line.completed
        if left:
            sent = visit.sent_number(f"line-{line.line_no}")
            lines.append(
                {
                    "line_no": line.line_no,
                    "title": line.title,
                    "sku": line.sku,
                    "cancellable": left,
                    "ordered": line.ordered,
                    "value": left if sent is None else max(0, min(sent, left)),
                }
            )
    units: dict[int, int] = {line["line_no"]: line["value"] for line in lines if line["value"]}
    value = value_cancelled(page.totals.total_minor, page.lines, units) if units else 0  # type: ignore[arg-type]
    return visit.form_page(
        "orders/_cancel_form.html",
        faulty=bool(faults),
        url=f"{order_url(visit)}/cancel",
        preview_url=f"{order_url(visit)}/cancel/preview",
        number=page.number,
        reasons=choices(CANCEL_REASONS),
        reason=visit.sent("reason"),
        words=visit.sent("words"),
        faults=faults,
        lines=lines,
        effect=_effect(sum(units.values()), value, page),
    )


def _effect(units: int, value_minor: int, page: OrderPage) -> str:
    if not units:
        return _("Nothing is cancelled yet: choose units.")
    return ngettext(
        "%(num)s unit, worth %(value)s, becomes free again.",
        "%(num)s units, worth %(value)s, become free again.",
        units,
        value=money(value_minor, page.totals.currency),
    )


def cancel_preview(visit: Visit) -> Answer:
    """What cancelling the units of the form would do; changes nothing."""
    visit.require("orders.write")
    page, _reader = read_page(visit)
    units = _chosen_units(visit, "asked")
    value = value_cancelled(page.totals.total_minor, page.lines, units) if units else 0  # type: ignore[arg-type]
    effect = _effect(sum(units.values()), value, page)
    return visit.fragment("orders/_cancel_effect.html", effect=effect)


def _chosen_units(visit: Visit, where: str = "sent") -> dict[int, int]:
    """Units by line number, from fields line-1, line-2, …; zeros left out."""
    pairs = visit.form if where == "sent" else visit.query
    units: dict[int, int] = {}
    for name, text in pairs:
        line_no = name.removeprefix("line-")
        known = name.startswith("line-") and line_no.isdigit() and len(line_no) < 9
        if known and text.isdigit() and len(text) < 10 and int(text) > 0:
            units[int(line_no)] = int(text)
    return units


def cancel(visit: Visit) -> Answer:
    """Cancel units that were not shipped."""
    page, _reader = read_page(visit)
    units = _chosen_units(visit)
    faults = []
    if not visit.sent("reason"):
        faults.append(_("Choose a reason."))
    if not units:
        faults.append(_("Choose at least one unit to cancel."))
    if faults:
        return _cancel_form(visit, page, faults)
    ask = CancelOrder(
        order_id=page.id,
        reason=visit.sent("reason"),
        note=visit.sent("words")[:500],
        lines=as_text(units),
    )
    try:
        state = visit.act(cancel_order, ask)
    except (ActionNotAllowed, InvalidInput) as problem:
        return _cancel_form(visit, page, said(problem))
    gone = sum(line.cancelled for line in state.lines) - sum(line.cancelled for line in page.lines)
    if gone < sum(units.values()):
        text = _("The partner has begun and is asked. Its answer decides about its units.")
        return visit.done(text, order_url(visit), tone="info")
    done = ngettext("%(num)s unit was cancelled.", "%(num)s units were cancelled.", gone)
    return visit.done(done, order_url(visit))


def as_text(units: Mapping[int, int]) -> dict[str, int]:
    """Units by line number as asks have them."""
    return {str(line_no): qty for line_no, qty in units.items()}


def return_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    page, _reader = read_page(visit)
    return _return_form(visit, page, [])


def _return_form(visit: Visit, page: OrderPage, faults: list[str]) -> Answer:
    lines = [
        {
            "line_no": line.line_no,
            "title": line.title,
            "sku": line.sku,
            "returnable": line.shipped - line.returned,
            "value": visit.sent_number(f"line-{line.line_no}") or 0,
            "lots": _shipped_lots(page, line.line_no),
            "typed": visit.sent(f"lots-{line.line_no}"),
        }
        for line in page.lines
        if line.shipped > line.returned
    ]
    return visit.form_page(
        "orders/_return_form.html",
        faulty=bool(faults),
        url=f"{order_url(visit)}/return",
        number=page.number,
        lines=lines,
        reasons=choices(RETURN_REASONS),
        reason=visit.sent("reason"),
        disposition=visit.sent("disposition", "restock"),
        faults=faults,
    )


def _shipped_lots(page: OrderPage, line_no: int) -> str:
    """The lots that were shipped with a line, in words; "" where it has none."""
    return lot_words(
        one
        for work in page.fulfillment_orders
        for lots in work.lots
        if lots.line_no == line_no
        for one in lots.shipped
    )


def _returned_lots(
    visit: Visit, page: OrderPage, units: Mapping[int, int]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The lots that were typed, as the ask has them, and what can't be read."""
    named: list[dict[str, Any]] = []
    faults: list[str] = []
    for line_no, qty in units.items():
        text = visit.sent(f"lots-{line_no}") if _shipped_lots(page, line_no) else ""
        lots, wrong = read_lot_lines(text, whole=qty)
        named += [{"line": line_no, "lot": lot["lot"], "quantity": lot["quantity"]} for lot in lots]
        faults += wrong
    return named, faults


def book_return(visit: Visit) -> Answer:
    """Shipped units came back."""
    page, _reader = read_page(visit)
    units = _chosen_units(visit)
    faults = [] if units else [_("Choose at least one unit.")]
    if not visit.sent("reason"):
        faults.append(_("Choose a reason."))
    lots, wrong = _returned_lots(visit, page, units)
    faults += wrong
    if faults:
        return _return_form(visit, page, faults)
    fields: dict[str, Any] = {
        "order_id": page.id,
        "lines": as_text(units),
        "reason": visit.sent("reason"),
        "disposition": visit.sent("disposition", "restock"),
        "lots": lots,
    }
    try:
        visit.act(return_units, convert(ReturnUnits, fields))
    except REFUSED as problem:
        return _return_form(visit, page, said(problem))
    done = ngettext("%(num)s unit came back.", "%(num)s units came back.", sum(units.values()))
    return visit.done(done, order_url(visit))
