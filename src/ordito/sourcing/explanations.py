"""Why each place was chosen or not, read out of a stored decision."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from ordito.sourcing.types import Decision, Exclusion, Place

Standing = Literal["chosen", "not_chosen", "not_eligible"]

_STOCK_CODES = frozenset(("no_stock", "outranked", "unseen"))
"""Lists of a decision that are about stock and cost; every other list is a rule."""


class Reason(msgspec.Struct, frozen=True):
    """One reason as data; `sentences.say` puts it into words.

    params: named values of the sentence; those ending in _milli are costs.
    """

    code: str
    params: dict[str, str | int] = {}
    place: int | None = None
    """None where it is about the order as a whole."""
    standing: Standing = "not_chosen"


def explain(decision: Decision, places: Iterable[Place], skus: Mapping[int, str]) -> list[Reason]:
    """A reason for every place: chosen ones first, then as they ranked, then the rest by code.

    places: all places as they are now; names and kinds are taken from them.
    skus:   per line number what the line is called.
    """
    if decision.brought is not None:
        return _explain_brought(decision, decision.brought, list(places), skus)
    by_no = {place.no: place for place in places}
    reader = _Reader(decision, by_no, skus)
    listed = {no: exclusion for exclusion in decision.excluded for no in exclusion.places}
    others = next((e for e in decision.excluded if e.code == decision.others), None)
    chosen: list[Reason] = []
    compared: list[Reason] = []
    for index, no in enumerate(decision.places):
        if no in by_no:
            reason = reader.read(index)
            (chosen if reason.standing == "chosen" else compared).append(reason)
    rest = sorted(by_no.keys() - set(decision.places), key=lambda no: by_no[no].code)
    reasons = [_read_list(by_no[no], listed.get(no, others), newest=decision.newest) for no in rest]
    return chosen + compared + reasons


_NOT_THE_SHOP = frozenset(("no_pickup", "not_pickup_place"))
"""Why a place doesn't hand out what it may bring to the shop."""


def _explain_brought(
    decision: Decision, brought: Decision, places: Sequence[Place], skus: Mapping[int, str]
) -> list[Reason]:
    """What is said of a pick-up to which goods are brought: the shop's own part, and who sends."""
    own = msgspec.structs.replace(decision, brought=None)
    senders = {reason.place: reason for reason in explain(brought, places, skus)}
    found = [
        _tell_sender(senders[reason.place])
        if reason.code in _NOT_THE_SHOP and reason.place in senders
        else reason
        for reason in explain(own, places, skus)
    ]
    return sorted(found, key=lambda reason: reason.standing != "chosen")


def _tell_sender(reason: Reason) -> Reason:
    if reason.standing != "chosen":
        return reason
    known = reason.params.get("km") is not None
    return msgspec.structs.replace(reason, code="chosen_brought" if known else "chosen_brought_far")


def explain_order(
    decision: Decision, skus: Mapping[int, str], places: Mapping[int, str] | None = None
) -> list[Reason]:
    """What is to be said about the order as a whole: what is missing and why, which soft rules
    were dropped, what is uncertain.

    places: names by number, for the soft rules.
    """
    if decision.brought is not None:
        return _explain_brought_order(decision, decision.brought, skus, places)
    reasons: list[Reason] = []
    if decision.outcome != "all":
        wanted = sum(decision.wanted)
        params: dict[str, str | int] = {"served": sum(decision.taken), "wanted": wanted}
        nothing = decision.outcome == "none"
        short = "none_in_stock" if nothing else "not_in_stock"
        reasons.append(Reason(f"order_{decision.hindrance or short}", params))
        if decision.hindrance in ("", "ship_complete"):
            reasons += _find_missing(decision, skus)
    reasons += _find_dropped(decision, places or {})
    if not decision.exact:
        unknown = all(km is None for km in decision.km)
        reasons.append(Reason("order_nowhere" if unknown else "order_country_centre"))
    return reasons


def _explain_brought_order(
    decision: Decision,
    brought: Decision,
    skus: Mapping[int, str],
    places: Mapping[int, str] | None,
) -> list[Reason]:
    """What the shop has itself, how much is brought to it, and what nobody could bring."""
    params: dict[str, str | int] = {
        "own": sum(decision.taken),
        "wanted": sum(decision.wanted),
        "brought": sum(brought.taken),
    }
    reasons = [Reason("order_brought" if params["brought"] else "order_not_brought", params)]
    reasons += _find_dropped(decision, places or {})
    # Of the rest, what is to be said of any order that is shipped.
    return reasons + explain_order(brought, skus, places)


def _find_dropped(decision: Decision, places: Mapping[int, str]) -> Iterator[Reason]:
    for dropped in decision.dropped:
        params: dict[str, str | int] = {"price_milli": dropped.price, "rule": dropped.rule + 1}
        if not dropped.places:
            yield Reason("order_dropped", params)
        for no in dropped.places:
            yield Reason("order_dropped_at", params | {"place": places.get(no, str(no))})


def _find_missing(decision: Decision, skus: Mapping[int, str]) -> list[Reason]:
    """Lines of which the compared places have too little, all together."""
    return [
        Reason("order_missing", {"sku": skus[lines[0]], "found": sum(have), "wanted": wanted})
        for lines, wanted, have in zip(
            decision.lines, decision.wanted, decision.servable, strict=True
        )
        if sum(have) < wanted and lines[0] in skus
    ]


def _read_list(place: Place, exclusion: Exclusion | None, *, newest: int) -> Reason:
    """Why a place is in one of the decision's lists."""
    if place.no > newest:
        return Reason("new", place=place.no, standing="not_eligible")
    if exclusion is None:
        return Reason("unlisted", place=place.no, standing="not_eligible")
    code, params = exclusion.code, _place_params(place)
    if exclusion.limit is not None:
        params["limit"] = exclusion.limit
    if code in _STOCK_CODES:
        return Reason(code, params, place.no, "not_chosen")
    if code == "no_shipping" and place.kind == "store" and place.can_pickup:
        code = "no_shipping_store"
    if code == "market" and not place.market:
        code = "no_market"
    return Reason(code, params, place.no, "not_eligible")


def _place_params(place: Place) -> dict[str, str | int]:
    return {"market": place.market, "owner": place.owner, "country": place.country}


class _Reader:
    """Reads the compared places of one decision."""

    def __init__(
        self, decision: Decision, places: Mapping[int, Place], skus: Mapping[int, str]
    ) -> None:
        self.decision = decision
        self.places = places
        self.skus = skus
        self.wanted = sum(decision.wanted)
        self.used = [index for index, units in enumerate(decision.taken) if units]
        parts = (
            ("distance", decision.distance),
            ("load", decision.load),
            ("market", decision.market),
            ("priority", decision.priority),
            ("handling", decision.handling),
            ("soft", decision.soft),
            ("tariff", decision.tariff),
            ("picking", decision.picking),
            ("scarce", decision.scarce),
            ("days", decision.days),
        )
        self.parts = {name: column for name, column in parts if column}

    def read(self, index: int) -> Reason:
        decision = self.decision
        no = decision.places[index]
        if decision.taken[index]:
            code, params = self._read_chosen(index)
            return Reason(code, params, no, "chosen")
        if any(no != pin for pin in decision.pinned if pin is not None):
            code, params = "pinned", {}
        elif decision.units[index] == 0:
            code, params = self._read_empty(index)
        elif decision.units[index] < self.wanted:
            code, params = self._read_short(index)
        else:
            code, params = self._read_whole(index)
        return Reason(code, params, no, "not_chosen")

    def _read_chosen(self, index: int) -> tuple[str, dict[str, str | int]]:
        decision = self.decision
        km = decision.km[index]
        params: dict[str, str | int] = {"units": decision.taken[index], "wanted": self.wanted}
        if km is not None:
            params["km"] = km
        able = [i for i, units in enumerate(decision.units) if units == self.wanted]
        if decision.delivery == "pickup":
            return "chosen_pickup", params
        if decision.delivery == "local":
            return "chosen_slot", params
        if decision.taken[index] < self.wanted:
            return ("chosen_part_cheaper" if able else "chosen_part"), params
        if len(able) == 1:
            return "chosen_only", params
        known = [other for i in able if (other := decision.km[i]) is not None]
        if km is not None and len(known) == len(able) and km == min(known):
            return "chosen_nearest", params
        return "chosen_cheapest", params

    def _read_empty(self, index: int) -> tuple[str, dict[str, str | int]]:
        decision = self.decision
        if decision.barred and decision.barred[index] == len(decision.lines):
            return "empty_barred", {}
        if decision.kept and decision.kept[index]:
            return "empty_kept", {"kept": decision.kept[index]}
        if decision.least and decision.least[index]:
            return "empty_least", {"least": decision.least[index]}
        if len(decision.lines) == 1 and decision.lines[0][0] in self.skus:
            return "empty_of", {"sku": self.skus[decision.lines[0][0]]}
        return "no_stock", {}

    def _read_short(self, index: int) -> tuple[str, dict[str, str | int]]:
        """It has something, but not everything."""
        decision = self.decision
        params: dict[str, str | int] = {"units": decision.units[index], "wanted": self.wanted}
        if not self.used:
            return "short_unused", params
        if len(self.used) > 1 or decision.taken[self.used[0]] < self.wanted:
            params["parcels"] = len(self.used)
            return "short_not_needed", params
        chosen = self.used[0]
        params["place"] = self._name(chosen)
        params["more_milli"] = max(0, self._second_parcel(index, chosen))
        lacking = [
            group
            for group, wanted in enumerate(decision.wanted)
            if decision.servable[group][index] < wanted
        ]
        if decision.kept and decision.kept[index]:
            return "short_kept", params | {"kept": decision.kept[index]}
        if len(lacking) == 1 and decision.lines[lacking[0]][0] in self.skus:
            group = lacking[0]
            params["sku"] = self.skus[decision.lines[group][0]]
            params["have"] = decision.servable[group][index]
            params["asked"] = decision.wanted[group]
            return "short_of", params
        return "short", params

    def _read_whole(self, index: int) -> tuple[str, dict[str, str | int]]:
        """It has everything, and was not chosen all the same."""
        decision = self.decision
        params: dict[str, str | int] = {"more_milli": self._cost(index) - decision.cost}
        if not self.used:
            return "whole_unused", {}
        if len(self.used) > 1:
            return "whole_dearer_than_plan", params | {"parcels": len(self.used)}
        chosen = self.used[0]
        params["place"] = self._name(chosen)
        if self._cost(index) == decision.cost:
            return ("tie_priority" if self._is_behind(index, chosen) else "tie_code"), params
        gaps = {name: column[index] - column[chosen] for name, column in self.parts.items()}
        most = max(gaps, key=lambda name: gaps[name], default="")
        km = decision.km[index]
        if most == "distance" and km is not None:
            params["km"] = km
        elif most == "distance":
            most = "distance_unknown"
        return f"dearer_{most}", params

    def _cost(self, index: int) -> int:
        """Of serving everything the place can serve, as one parcel."""
        parcel = self.decision.parcel[index] if self.decision.parcel else 0
        return parcel + sum(column[index] for column in self.parts.values())

    def _second_parcel(self, index: int, chosen: int) -> int:
        """What a parcel from here beside the chosen one adds to the cost."""
        handling = self.parts.get("handling")
        if not handling:
            return self._cost(index)
        units = self.decision.units
        spared = handling[chosen] * units[index] // max(1, units[chosen])
        return self._cost(index) - spared

    def _is_behind(self, index: int, chosen: int) -> bool:
        here = self.places.get(self.decision.places[index])
        there = self.places.get(self.decision.places[chosen])
        return here is not None and there is not None and here.priority > there.priority

    def _name(self, index: int) -> str:
        no = self.decision.places[index]
        return self.places[no].name if no in self.places else str(no)
