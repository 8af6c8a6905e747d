"""One order's fulfillment work: what each location has of it, and what may be done there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from ordito.fulfillment.actions import WorkFacts, allowed_work_actions
from ordito.fulfillment.states import LineWork, sum_work
from ordito.fulfillment.types import WORK, FulfillmentOrder, Parcel, fo_id
from ordito.listings.line_lots import LineLots, Part
from ordito.listings.order_rows import OrderRows, ParcelLineRow, WorkLineRow
from ordito.listings.order_types import (
    DecisionView,
    LinePlace,
    ParcelUnits,
    ParcelView,
    PlaceName,
    PromiseView,
    WorkLine,
    WorkView,
)
from ordito.orders.types import Line


def count_units(rows: Iterable[WorkLineRow]) -> dict[tuple[int, int], LineWork]:
    """Units by (fo no, line no); a kit is taken whole, so that each part tells how many."""
    return {
        (row.fo_no, row.line_no): LineWork(
            row.fo_no,
            row.line_no,
            row.qty // row.per_unit,
            row.picked // row.per_unit,
            row.packed // row.per_unit,
            row.shipped // row.per_unit,
        )
        for row in rows
    }


def list_places(
    work: Mapping[tuple[int, int], LineWork], codes: Mapping[int, str]
) -> dict[int, list[LinePlace]]:
    """Where each line's units are. codes: location codes of the fulfillment orders shown."""
    places: dict[int, list[LinePlace]] = {}
    for (fo_no, line_no), units in sorted(work.items()):
        if fo_no in codes and units.qty:
            places.setdefault(line_no, []).append(
                LinePlace(fo_no, codes[fo_no], units.qty, units.picked, units.packed, units.shipped)
            )
    return places


def view_work(
    rows: OrderRows,
    places: Mapping[int, PlaceName],
    decisions: Sequence[DecisionView],
    promises: Mapping[int, PromiseView],
    today: date,
    lots: Mapping[Part, tuple[LineLots, ...]],
    shops: Mapping[UUID, PlaceName],
) -> tuple[WorkView, ...]:
    """The fulfillment orders at the places given (by fo no), first to last.

    promises: by fo no. shops: those that parts are sent to.
    """
    held = any(hold.released_at is None for hold in rows.holds)
    work = count_units(rows.work)
    lines = {line.line_no: line for line in rows.lines}
    opens = {row.fo_no: row.opens_at for row in rows.schedules}
    return tuple(
        WorkView(
            id=fo_id(fo.order_id, fo.fo_no),
            fo_no=fo.fo_no,
            location=places[fo.fo_no],
            destination=shops.get(fo.destination_id) if fo.destination_id else None,
            delivery=fo.delivery,
            state=fo.state,
            request=fo.request,
            held=held,
            promised_on=fo.promised_on,
            late=is_late(fo, today),
            created_at=fo.created_at,
            released_at=fo.released_at,
            updated_at=fo.updated_at,
            version=fo.version,
            decision_no=fo.decision_no,
            opens_at=opens.get(fo.fo_no) if fo.state == "scheduled" else None,
            why=_find_why(decisions, fo.decision_no, places[fo.fo_no].code),
            lines=_work_lines(fo.fo_no, work, lines),
            parcels=_parcels(fo.fo_no, rows.parcels, rows.parcel_lines),
            allowed_actions=allowed_work_actions(_facts(fo, rows, work, held=held)),
            lots=lots.get((fo.order_id, fo.fo_no), ()),
            promise=promises.get(fo.fo_no),
        )
        for fo in rows.fos
        if fo.fo_no in places
    )


def is_late(fo: FulfillmentOrder, today: date) -> bool:
    """Whether a location still has work that was promised before today."""
    return fo.promised_on is not None and fo.promised_on < today and fo.state in WORK


def _facts(
    fo: FulfillmentOrder,
    rows: OrderRows,
    work: Mapping[tuple[int, int], LineWork],
    *,
    held: bool,
) -> WorkFacts:
    arrived = {p.parcel_no for p in rows.parcels if p.fo_no == fo.fo_no and p.delivered_at}
    under_way = sum(
        row.units
        for row in rows.parcel_lines
        if row.fo_no == fo.fo_no and row.parcel_no not in arrived
    )
    sums = sum_work((units for (no, _), units in work.items() if no == fo.fo_no), under_way)
    return WorkFacts(
        state=fo.state,
        delivery=fo.delivery,
        held=held,
        unpicked=sums.qty - sums.picked,
        unpacked=sums.picked - sums.packed,
        unshipped=sums.packed - sums.shipped,
        under_way=sums.under_way,
        request=fo.request,
        bound=fo.destination_id is not None,
        awaited=_count_awaited(fo, rows, work) if fo.delivery == "pickup" else 0,
    )


def _count_awaited(
    fo: FulfillmentOrder, rows: OrderRows, work: Mapping[tuple[int, int], LineWork]
) -> int:
    """Units that are to be brought to a pick-up's shop and are not there yet."""
    senders = {one.fo_no for one in rows.fos if one.destination_id == fo.location_id}
    return sum(units.qty for (no, _), units in work.items() if no in senders)


def _find_why(decisions: Sequence[DecisionView], decision_no: int, location: str) -> str:
    for decision in decisions:
        if decision.decision_no == decision_no:
            return next((r.words for r in decision.reasons if r.location == location), "")
    return ""


def _work_lines(
    fo_no: int, work: Mapping[tuple[int, int], LineWork], lines: Mapping[int, Line]
) -> tuple[WorkLine, ...]:
    return tuple(
        WorkLine(
            line_no,
            lines[line_no].sku,
            lines[line_no].title,
            units.qty,
            units.picked,
            units.packed,
            units.shipped,
        )
        for (no, line_no), units in sorted(work.items())
        if no == fo_no
    )


def _parcels(
    fo_no: int, parcels: Iterable[Parcel], lines: Iterable[ParcelLineRow]
) -> tuple[ParcelView, ...]:
    inside: dict[int, list[ParcelUnits]] = {}
    for row in lines:
        if row.fo_no == fo_no:
            inside.setdefault(row.parcel_no, []).append(ParcelUnits(row.line_no, row.units))
    return tuple(
        ParcelView(
            parcel.parcel_no,
            parcel.carrier,
            parcel.service,
            parcel.tracking_number,
            parcel.weight_g,
            parcel.shipped_at,
            parcel.delivered_at,
            tuple(inside.get(parcel.parcel_no, ())),
        )
        for parcel in parcels
        if parcel.fo_no == fo_no
    )
