"""The state of a fulfillment order: a pure function of its lines and of what was done to it."""

from collections.abc import Iterable

import msgspec

from ordito.fulfillment.types import (
    BEGUN_BY_PARTNER,
    Delivery,
    FulfillmentLine,
    RequestState,
    State,
)

_EXITS: frozenset[State] = frozenset(
    ("cancelled", "rejected", "short", "not_collected", "delivered")
)
_BEFORE_WORK: frozenset[State] = frozenset(("scheduled", "open", "released"))


class LineWork(msgspec.Struct, frozen=True):
    """What a fulfillment order has of one line, in units of the line; kits count kits.

    qty ≥ picked ≥ packed ≥ shipped, each including those further on.
    """

    fo_no: int
    line_no: int
    qty: int
    picked: int
    packed: int
    shipped: int


class WorkSums(msgspec.Struct, frozen=True):
    """A fulfillment order's lines summed, in units of lines."""

    qty: int = 0
    picked: int = 0
    packed: int = 0
    shipped: int = 0
    under_way: int = 0
    """In parcels that have not arrived, as far as is known."""


def count_work(rows: Iterable[FulfillmentLine]) -> dict[tuple[int, int], LineWork]:
    """One order's work by (fo no, line no), from its rows, which count components."""
    # A kit is taken whole, so that each of its parts tells how many kits there are.
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


def sum_work(lines: Iterable[LineWork], under_way: int) -> WorkSums:
    known = list(lines)
    return WorkSums(
        qty=sum(line.qty for line in known),
        picked=sum(line.picked for line in known),
        packed=sum(line.packed for line in known),
        shipped=sum(line.shipped for line in known),
        under_way=under_way,
    )


def derive_state(done: State, delivery: Delivery, sums: WorkSums) -> State:
    """The state that follows from the lines, after what was done last.

    done: the state before, or the one that an act aims at: released, picking (work has begun),
          ready (told to the customer), or an exit, which holds once nothing is left: delivered is
          one for what was sent to a shop, whose part the units are then.
    Deriving again from the result gives the result.
    """
    if sums.qty == 0:
        return done if done in _EXITS else "cancelled"
    if sums.shipped == sums.qty:
        return _gone(delivery, sums)
    if sums.packed == sums.qty:
        return "ready" if done == "ready" else "packed"
    if sums.picked == sums.qty:
        return "picked"
    return done if sums.picked == 0 and done in _BEFORE_WORK else "picking"


_OVER: frozenset[State] = _EXITS | {"shipped", "handed_over"}


def derive_request(request: RequestState | None, state: State) -> RequestState | None:
    """Where the hand-shake with a partner is, once the fulfillment order has that state.

    Nothing is left to answer where nothing is left to do.
    """
    if state not in _OVER:
        return request
    if request == "submitted":
        return "withdrawn"
    return "closed" if request in BEGUN_BY_PARTNER else request


def _gone(delivery: Delivery, sums: WorkSums) -> State:
    if delivery == "pickup":
        return "handed_over"
    return "shipped" if sums.under_way else "delivered"
