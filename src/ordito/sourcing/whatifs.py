"""What if: the smallest change that would bring a place into the plan of an order.

Every answer is tried by planning again with the change made; nothing is estimated. With the last
change of a way one step smaller (a piece, a thousandth, a minute), the place isn't in the plan.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from ordito.sourcing.plans import plan
from ordito.sourcing.policies import DaysRule, DistanceRule, EligibilityRule, Policy
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.tariffs import Tariff
from ordito.sourcing.types import Decision, FreeStock, Load, Place, Plan, SourcingRequest
from ordito.sourcing.workloads import CapacityUnit

Kind = Literal["stock", "cost", "cut_off", "priority", "capacity", "distance", "days"]


class Change(msgspec.Struct, frozen=True):
    """One thing that would be different.

    amount: stock: more units of the line; cost: thousandths that a parcel from there is cheaper;
            cut_off: minutes later; priority: steps earlier; capacity: more a day, in what the
            place's capacity counts (`unit`); distance: km, and days: days, that the rules' limits
            are wider.
    line_no: of stock.
    """

    kind: Kind
    amount: int
    line_no: int = 0
    unit: CapacityUnit = "orders"


Way = tuple[Change, ...]
"""Changes that bring the place into the plan together."""


class Situation(msgspec.Struct, frozen=True):
    """Everything that an order was planned on."""

    request: SourcingRequest
    policy: Policy
    places: Sequence[Place]
    tariffs: Mapping[str, Tariff]
    free: FreeStock
    load: Load
    rebates: Mapping[int, int] = {}


def plan_situation(situation: Situation) -> Plan:
    """The plan of the order as things are in the situation."""
    network = CompiledPolicy(
        situation.policy,
        situation.places,
        1,
        situation.tariffs,
        rebates=situation.rebates,
    )
    return plan(situation.request, network, situation.free, situation.load)


def is_in_plan(situation: Situation, no: int) -> bool:
    return any(one.place == no for one in plan_situation(situation).allocations)


def change(situation: Situation, no: int, changes: Sequence[Change]) -> Situation:
    """The situation with changes made for one place."""
    for one in changes:
        situation = _MAKERS[one.kind](situation, no, one)
    return situation


def find_ways(situation: Situation, no: int) -> list[Way]:
    """Ways in which a place would come into the plan, single changes first; none when a rule or
    wall binds that no amount moves, or when it is in the plan already."""
    search = _Search(situation, no)
    unit = search.place.capacity_unit
    ways = search.find()
    return [tuple(_count_in(one, unit) for one in way) for way in ways]


def _count_in(one: Change, unit: CapacityUnit) -> Change:
    return msgspec.structs.replace(one, unit=unit) if one.kind == "capacity" else one


class _Search:
    def __init__(self, situation: Situation, no: int) -> None:
        self.situation = situation
        self.no = no
        self.place = next(place for place in situation.places if place.no == no)

    def find(self) -> list[Way]:
        found = plan_situation(self.situation)
        if any(one.place == self.no for one in found.allocations):
            return []
        decision = found.decision
        code = code_of(decision, self.no)
        if code in ("capacity", "distance", "days"):
            return self._find_past_rule(code)
        if code not in ("", "no_stock", "outranked", "unseen"):
            return []
        ways: list[Way] = [(one,) for one in self._find_single(decision)]
        if ways:
            return ways
        stock = self._fill_up()
        if self._wins(stock):
            return [tuple(self._least_stock(stock))]
        dearer = self._least("cost", self._cost_most(), (*stock,))
        return [] if dearer is None or not stock else [self._trim(stock, dearer)]

    def _find_single(self, decision: Decision) -> Iterator[Change]:
        late = self._minutes_late()
        if late and self._wins([Change("cut_off", late)]):
            yield Change("cut_off", late)
        steps = self._least("priority", self.place.priority - 1)
        if steps is not None:
            yield steps
        cost = self._least("cost", self._cost_most())
        if cost is not None:
            yield cost

    def _find_past_rule(self, code: str) -> list[Way]:
        """The limit that refuses the place moved until it doesn't, and what else it takes."""
        ways: list[Way] = []
        late = self._minutes_late() if code == "days" else 0
        if late and self._wins([Change("cut_off", late)]):
            ways.append((Change("cut_off", late),))
        kind = _KIND_OF[code]
        most = self._rule_most(kind)
        step = self._find_least(
            kind, most, lambda one: code_of(self._decide([one]), self.no) != code
        )
        if step is None:
            return ways
        if self._wins([step]):
            return [*ways, (step,)]
        # What gets it past the rule doesn't get it into the plan: it lacks stock, or is dear.
        beyond = _Search(change(self.situation, self.no, [step]), self.no).find()
        return [*ways, *((step, *way) for way in beyond)]

    def _decide(self, changes: Sequence[Change]) -> Decision:
        return plan_situation(change(self.situation, self.no, changes)).decision

    def _wins(self, changes: Sequence[Change]) -> bool:
        return is_in_plan(change(self.situation, self.no, changes), self.no)

    def _least(self, kind: Kind, most: int, beside: Way = ()) -> Change | None:
        return self._find_least(kind, most, lambda one: self._wins([*beside, one]))

    def _find_least(
        self, kind: Kind, most: int, is_enough: Callable[[Change], bool]
    ) -> Change | None:
        """A change that is enough, of which one step less is not; None when `most` isn't."""
        if most < 1 or not is_enough(Change(kind, most)):
            return None
        too_little, enough = 0, most
        while enough - too_little > 1:
            middle = (too_little + enough) // 2
            if is_enough(Change(kind, middle)):
                enough = middle
            else:
                too_little = middle
        return Change(kind, enough)

    def _minutes_late(self) -> int:
        place, at = self.place, self.situation.request.at
        if place.cut_off is None or at is None:
            return 0
        local = at.astimezone(UTC).astimezone(ZoneInfo(place.time_zone))
        return max(0, local.hour * 60 + local.minute - place.cut_off)

    def _rule_most(self, kind: Kind) -> int:
        if kind == "distance":
            return 21_000
        if kind == "days":
            return 365
        return 2 * (self.situation.load.get(self.no, 0) + 1) * 100 + 1

    def _cost_most(self) -> int:
        """More than any parcel costs before carriage: what is taken off is at most all of it."""
        objective = self.situation.policy.objective
        km = 21_000 * objective.per_100_km // 100
        step = self.place.priority * objective.priority_step
        market = objective.out_of_market + sum(objective.by_market.values())
        packing = objective.parcel + sum(objective.order_by_kind.values())
        soft = sum(rule.soft or 0 for rule in self.situation.policy.rules)
        rates = [
            rate.price
            for tariff in self.situation.tariffs.values()
            for zone in tariff.zones
            for rate in zone.rates
        ]
        return km + step + market + packing + soft + max(rates, default=0) + 1

    def _fill_up(self) -> list[Change]:
        """Stock of all lines that is enough for the place to serve them alone, if any is."""
        alone = msgspec.structs.replace(self.situation, places=[self.place])
        missing = {rest.line_no: rest.qty for rest in plan_situation(alone).unserved}
        below = [min(of_item.get(self.no, 0), 0) for of_item in self.situation.free.values()]
        spare = _kept_most(self.situation.policy) - min(below, default=0)
        lines = [
            want for want in self.situation.request.wants if want.pinned_place in (None, self.no)
        ]
        lacking = [
            Change("stock", missing[want.line_no], want.line_no)
            for want in lines
            if want.line_no in missing
        ]
        if self._is_whole(change(alone, self.no, lacking)):
            return lacking
        # Rules keep some of it, or other lines need the same pieces.
        return [Change("stock", want.qty + spare, want.line_no) for want in lines]

    def _is_whole(self, alone: Situation) -> bool:
        return not plan_situation(alone).unserved

    def _least_stock(self, stock: Sequence[Change], beside: Way = ()) -> list[Change]:
        """No line can have a unit less; lines that need none are left out."""
        left = list(stock)
        again = True
        while again:
            again = False
            for index, one in enumerate(left):
                amount = self._least_of_line(left, index, beside)
                again = again or (amount < one.amount and len(left) > 1)
                left[index] = Change("stock", amount, one.line_no)
        return [one for one in left if one.amount]

    def _least_of_line(self, stock: Sequence[Change], index: int, beside: Way) -> int:
        def is_enough(amount: int) -> bool:
            one = Change("stock", amount, stock[index].line_no)
            return self._wins([*stock[:index], one, *stock[index + 1 :], *beside])

        if stock[index].amount == 0 or not is_enough(stock[index].amount - 1):
            return stock[index].amount
        if is_enough(0):
            return 0
        too_little, enough = 0, stock[index].amount - 1
        while enough - too_little > 1:
            middle = (too_little + enough) // 2
            if is_enough(middle):
                enough = middle
            else:
                too_little = middle
        return enough

    def _trim(self, stock: Sequence[Change], dearer: Change) -> Way:
        """As little stock as does with that rebate."""
        return (*self._least_stock(stock, (dearer,)), dearer)


def code_of(decision: Decision, no: int) -> str:
    """The list of a decision that a place is in; "" when its figures were compared."""
    if no in decision.places:
        return ""
    for exclusion in decision.excluded:
        if no in exclusion.places:
            return exclusion.code
    return decision.others


def _kept_most(policy: Policy) -> int:
    """Pieces that stock rules may keep at a place."""
    return sum(getattr(rule, "keep", 0) + getattr(rule, "units", 0) for rule in policy.rules)


_KIND_OF: dict[str, Kind] = {"capacity": "capacity", "distance": "distance", "days": "days"}


def _add_stock(situation: Situation, no: int, one: Change) -> Situation:
    want = next(want for want in situation.request.wants if want.line_no == one.line_no)
    free = dict(situation.free)
    for part in want.parts if one.amount else ():
        of_item = dict(free.get(part.item_id, {}))
        of_item[no] = of_item.get(no, 0) + one.amount * part.per_unit
        free[part.item_id] = of_item
    return msgspec.structs.replace(situation, free=free)


def _cheapen(situation: Situation, no: int, one: Change) -> Situation:
    rebates = {**situation.rebates, no: situation.rebates.get(no, 0) + one.amount}
    return msgspec.structs.replace(situation, rebates=rebates)


def _with_place(situation: Situation, no: int, **fields: int) -> Situation:
    places = [
        msgspec.structs.replace(place, **fields) if place.no == no else place
        for place in situation.places
    ]
    return msgspec.structs.replace(situation, places=places)


def _move_cut_off(situation: Situation, no: int, one: Change) -> Situation:
    place = next(place for place in situation.places if place.no == no)
    return _with_place(situation, no, cut_off=(place.cut_off or 0) + one.amount)


def _raise_priority(situation: Situation, no: int, one: Change) -> Situation:
    place = next(place for place in situation.places if place.no == no)
    return _with_place(situation, no, priority=place.priority - one.amount)


def _raise_capacity(situation: Situation, no: int, one: Change) -> Situation:
    place = next(place for place in situation.places if place.no == no)
    return _with_place(situation, no, capacity_daily=(place.capacity_daily or 0) + one.amount)


def _with_rules(
    situation: Situation, wider: Callable[[EligibilityRule], EligibilityRule]
) -> Situation:
    rules = tuple(wider(rule) for rule in situation.policy.rules)
    policy = msgspec.structs.replace(situation.policy, rules=rules)
    return msgspec.structs.replace(situation, policy=policy)


def _widen_distance(situation: Situation, no: int, one: Change) -> Situation:
    def wider(rule: EligibilityRule) -> EligibilityRule:
        if isinstance(rule, DistanceRule) and rule.soft is None:
            return msgspec.structs.replace(rule, max_km=rule.max_km + one.amount)
        return rule

    return _with_rules(situation, wider)


def _widen_days(situation: Situation, no: int, one: Change) -> Situation:
    def wider(rule: EligibilityRule) -> EligibilityRule:
        if isinstance(rule, DaysRule) and rule.soft is None:
            return msgspec.structs.replace(rule, max_days=rule.max_days + one.amount)
        return rule

    return _with_rules(situation, wider)


_MAKERS: dict[Kind, Callable[[Situation, int, Change], Situation]] = {
    "stock": _add_stock,
    "cost": _cheapen,
    "cut_off": _move_cut_off,
    "priority": _raise_priority,
    "capacity": _raise_capacity,
    "distance": _widen_distance,
    "days": _widen_days,
}
