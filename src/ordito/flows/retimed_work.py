"""When the work of a placed order begins, leaves and arrives if its lines get other days."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ordito.flows.asked_days import AskedDays
from ordito.flows.dated_parts import DatedPart, part_by_dates
from ordito.flows.joint_snapshots import read_load
from ordito.flows.opened_dates import read_line_dates
from ordito.flows.opened_orders import OpenedOrder
from ordito.flows.promise_rows import read_queue, send_queue
from ordito.flows.reference import Reference, reference
from ordito.flows.stock_searches import Search, make_requests
from ordito.flows.supply_ahead import Wanted, find_day
from ordito.fulfillment.types import WORK, FulfillmentOrder
from ordito.listings.waiting_lines import read_expectations
from ordito.platform.database import Tx, beyond_scope
from ordito.sourcing.allotments import Coming
from ordito.sourcing.parcels import promise_parcels
from ordito.sourcing.promises import Promise
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.timings import Dates, time_parts
from ordito.sourcing.types import Allocation, SourcingRequest


class TimedWork(msgspec.Struct, frozen=True):
    """A part with its times. opens_at: when its work is to begin; None is at once.

    arrives_on: None where the part has no dates and nothing is known of its carriers.
    """

    part: DatedPart
    opens_at: datetime | None
    promise: Promise | None
    ships_on: date
    arrives_on: date | None


class Retiming(msgspec.Struct, frozen=True):
    """What other days come to.

    emptied:  fulfillment orders of which nothing is left.
    late:     of the moved lines, those that arrive after their last day, as far as is known, with
              the day on which they can; None where nothing is known.
    promised_on: the day by which all of the order leaves now.
    """

    parts: tuple[TimedWork, ...]
    emptied: tuple[FulfillmentOrder, ...]
    late: Mapping[int, date | None]
    promised_on: date | None


def retime(tx: Tx, opened: OpenedOrder, asked: AskedDays) -> Retiming:
    """Time what nobody has begun for the days that are asked for; nothing is written."""
    known = reference(tx)
    dates = _dates_after(tx, opened, asked)
    parts, emptied = part_by_dates(opened, dates, asked.moved)
    (request,) = make_requests(tx, [_search(opened)], known)
    assert request is not None, "lines that may be moved have units that wait or are reserved"
    network = known.guides.of_orders(tx, [opened.order])[opened.order.id].network
    clock = _Clock(tx, opened, known, request, network)
    timed = [clock.time(part) for part in parts]
    waiting = clock.find_supplied(dates)
    late = {
        no: arrives_on
        for no in asked.moved
        if (wanted := dates.get(no)) is not None and wanted.limit is not None
        for arrives_on in (_last_arrival(no, opened, timed, waiting),)
        if arrives_on is None or arrives_on > wanted.limit
    }
    promised_on = _promise(opened, timed, emptied, waiting)
    return Retiming(tuple(timed), tuple(emptied), late, promised_on)


def _dates_after(tx: Tx, opened: OpenedOrder, asked: AskedDays) -> dict[int, Dates]:
    """The dates of the order's lines as asked for, days of release included."""
    dates = read_line_dates(tx, [opened.order.id]).get(opened.order.id, {})
    for no in asked.moved:
        released_on = dates[no].released_on if no in dates else None
        dates[no] = Dates(*asked.after[no].arrival, released_on)
        if dates[no] == Dates():
            del dates[no]
    return dates


def _search(opened: OpenedOrder) -> Search:
    """All units that nobody has begun, as something to be asked of the calendar."""
    units = {
        no: units
        for no, line in opened.lines.items()
        if opened.parts[no] and (units := line.reserved + line.open + line.backordered)
    }
    return Search(opened, units, "days_changed")


class _Clock:
    """What places can keep for the units of one order."""

    def __init__(
        self,
        tx: Tx,
        opened: OpenedOrder,
        known: Reference,
        request: SourcingRequest,
        network: CompiledPolicy,
    ) -> None:
        self._tx = tx
        self._opened = opened
        self._known = known
        self._request = request
        self._network = network
        with beyond_scope(tx):
            self._load = read_load(tx, known)
            self._queue = read_queue(send_queue(tx, known), known)

    def time(self, part: DatedPart) -> TimedWork:
        place = self._known.no_by_id[str(part.location_id)]
        units = [Allocation(no, place, qty) for no, qty in part.units.items()]
        if part.dates is None:
            promises = promise_parcels(self._request, self._network, units, self._load, self._queue)
            promise = promises.get(place)
            if promise is None:
                return TimedWork(part, None, None, self._usual(part), None)
            return TimedWork(part, None, promise, promise.ships_on, promise.delivers_on)
        dates = dict.fromkeys(part.units, part.dates)
        timed = time_parts(self._request, self._network, units, dates, self._load)
        one = timed[place, part.dates]
        return TimedWork(part, one.opens_at, one.promise, one.ships_on, one.arrives_on)

    def _usual(self, part: DatedPart) -> date:
        """When a part without dates leaves a place of which nothing is known."""
        if part.fo is not None and part.fo.state == "open" and part.fo.promised_on is not None:
            return part.fo.promised_on
        channel = self._known.channels_by_id[self._opened.order.channel_id]
        return (self._tx.now + timedelta(days=channel.promise_days)).date()

    def find_supplied(self, dates: Mapping[int, Dates]) -> dict[int, tuple[date, date] | None]:
        """When units without stock leave and arrive, by line; None where nothing is known."""
        waiting = {
            no: line.open + line.backordered
            for no, line in self._opened.lines.items()
            if self._opened.parts[no] and line.open + line.backordered
        }
        if not waiting:
            return {}
        items = {part.item_id for no in waiting for part in self._opened.parts[no]}
        expected = read_expectations(self._tx, items).lines
        found: dict[int, tuple[date, date] | None] = {}
        for no, units in waiting.items():
            item_id = self._opened.parts[no][0].item_id
            coming = [
                Coming(item_id, one.location_id, one.expected_on, one.units, one.reference)
                for one in expected.get((self._opened.order.id, no), ())
            ]
            days = find_day(self._request, self._network, Wanted(no, coming), units, self._known)
            found[no] = days and _not_too_early(days, dates.get(no))
        return found


def _not_too_early(days: tuple[date, date], wanted: Dates | None) -> tuple[date, date]:
    """The days of supply, put off until the units are sold and wanted."""
    ships_on, arrives_on = days
    if wanted is None:
        return days
    first = wanted.requested_on or wanted.not_before or arrives_on
    wait = max(first - arrives_on, (wanted.released_on or ships_on) - ships_on, timedelta())
    return ships_on + wait, arrives_on + wait


def _last_arrival(
    line_no: int,
    opened: OpenedOrder,
    timed: Iterable[TimedWork],
    waiting: Mapping[int, tuple[date, date] | None],
) -> date | None:
    """The day on which the last unit of a line arrives that nobody has begun; None: unknown."""
    days = [work.arrives_on for work in timed if line_no in work.part.units]
    if line_no in waiting:
        supplied = waiting[line_no]
        days.append(supplied[1] if supplied else None)
    if None in days:
        return None
    return max(day for day in days if day is not None)


def _promise(
    opened: OpenedOrder,
    timed: Iterable[TimedWork],
    emptied: Iterable[FulfillmentOrder],
    waiting: Mapping[int, tuple[date, date] | None],
) -> date | None:
    """The day by which all that is left of the order leaves."""
    timed = list(timed)
    gone = {fo.fo_no for fo in emptied} | {w.part.fo.fo_no for w in timed if w.part.fo is not None}
    days = [work.ships_on for work in timed]
    days += [
        fo.promised_on
        for fo in opened.fos.values()
        if fo.state in WORK and fo.fo_no not in gone and fo.promised_on is not None
    ]
    old = opened.order.promised_on
    supplied = [one[0] if one else old for one in waiting.values()]
    days += [day for day in supplied if day is not None]
    return max(days, default=old)


def local_day(known: Reference, location_id: UUID, at: datetime) -> date:
    """The day at a location at an instant."""
    return at.astimezone(ZoneInfo(known.locations_by_id[location_id].time_zone)).date()
