"""What is to come and promised to nobody yet: when a destination can have units of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import msgspec

from ordito.flows.reference import Reference
from ordito.listings.waiting_lines import read_expectations
from ordito.platform.database import Tx
from ordito.sourcing.allotments import Coming
from ordito.sourcing.parcels import promise_parcel
from ordito.sourcing.promises import local_instant
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.types import Part, SourcingRequest


class SupplyAhead(msgspec.Struct, frozen=True):
    """Pieces that are to come, by item id as text, soonest first."""

    items: dict[str, list[Coming]]

    def of(self, part: Part, line_no: int) -> "Wanted":
        """What is ahead of a line's only part."""
        return Wanted(line_no, self.items.get(str(part.item_id), []))


class Wanted(NamedTuple):
    line_no: int
    coming: list[Coming]


def read_ahead(tx: Tx, item_ids: Iterable[str]) -> SupplyAhead:
    """What is left of the supply of items once everybody who waits has theirs."""
    found: dict[str, list[Coming]] = {}
    for coming in read_expectations(tx, map(UUID, item_ids)).rest:
        found.setdefault(str(coming.item_id), []).append(coming)
    for rows in found.values():
        rows.sort(key=lambda row: row.expected_on)
    return SupplyAhead(found)


class Arrival(NamedTuple):
    """Pieces that leave and arrive on these days."""

    pieces: int
    ships_on: date
    arrives_on: date


def find_arrivals(
    request: SourcingRequest,
    network: CompiledPolicy,
    wanted: Wanted,
    known: Reference,
    weights: Mapping[int, int | None],
) -> list[Arrival]:
    """When pieces that are to come would reach the request's destination, soonest first.

    Only what comes to places that may serve it; what is overdue promises nothing.
    """
    assert request.at is not None, "a promise is made at some instant"
    eligible = set(network.rank(request).nos)
    unknown = network.policy.objective.unknown_weight_g
    weight = weights.get(wanted.line_no)
    arrivals = []
    for coming in wanted.coming:
        no = known.no_by_id[str(coming.location_id)]
        place = network.lanes.place(no)
        begins = local_instant(place, coming.expected_on, place.opens)
        if no not in eligible or coming.expected_on < request.at.date():
            continue
        asked = msgspec.structs.replace(request, at=max(begins, request.at))
        promise = promise_parcel(asked, network, no, unknown if weight is None else weight, {})
        days = (coming.expected_on, coming.expected_on)
        if promise is not None:
            days = (promise.ships_on, promise.delivers_on)
        arrivals.append(Arrival(coming.pieces, *days))
    return sorted(arrivals, key=lambda arrival: (arrival.arrives_on, arrival.ships_on))


def find_day(
    request: SourcingRequest,
    network: CompiledPolicy,
    wanted: Wanted,
    pieces: int,
    known: Reference,
) -> tuple[date, date] | None:
    """The days on which the last of so many pieces leaves and arrives; None when less is to
    come."""
    weights = {want.line_no: want.weight_g for want in request.wants}
    arrivals = find_arrivals(request, network, wanted, known, weights)
    return _last(arrivals, pieces)


def _last(arrivals: Sequence[Arrival], pieces: int) -> tuple[date, date] | None:
    ships: list[date] = []
    for arrival in arrivals:
        pieces -= arrival.pieces
        ships.append(arrival.ships_on)
        if pieces <= 0:
            return max(ships), arrival.arrives_on
    return None
