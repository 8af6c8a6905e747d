from gettext import NullTranslations
from typing import Any

import msgspec
import pytest

from ordito.sourcing.explanations import explain, explain_order
from ordito.sourcing.policies import (
    CapacityRule,
    DistanceRule,
    Limits,
    MarketRule,
    MinimumStockRule,
    OwnerRule,
    ProtectRule,
)
from ordito.sourcing.sentences import SENTENCES, plain_money, say
from ordito.sourcing.types import Decision, Place, Plan
from tests.sourcing.make import (
    NOWHERE,
    WARSAW,
    X,
    Y,
    place,
    planned,
    policy,
    want,
)

ENGLISH = NullTranslations()
SKUS = {1: "TEA-1", 2: "CUP-2"}


def told(done: Plan, places: list[Place]) -> dict[str, str]:
    """What is said about each place, by its name, as read back from the stored decision."""
    stored = msgspec.json.decode(msgspec.json.encode(done.decision), type=Decision)
    names = {spot.no: spot.name for spot in places}
    return {
        names[reason.place]: say(reason, ENGLISH, plain_money)
        for reason in explain(stored, places, SKUS)
        if reason.place is not None
    }


def told_of_order(done: Plan) -> list[str]:
    return [say(reason, ENGLISH, plain_money) for reason in explain_order(done.decision, SKUS)]


def test_the_nearest_place_is_chosen_and_the_others_say_what_they_lack() -> None:
    places = [
        place(1, "Łódź", city="lodz"),
        place(2, "Paris", city="paris"),
        place(3, "Warsaw"),
        place(4, "Berlin", city="berlin"),
        place(5, "Shop", kind="store", can_ship=False),
    ]
    free = {X: {1: 3, 2: 3, 3: 1}, Y: {1: 1, 2: 1, 3: 1}}
    done = planned(places, free, want(1, 2, X), want(2, 1, Y))
    assert told(done, places) == {
        "Łódź": "Chosen: nearest place with all 3 pieces, 119 km, one parcel.",
        "Warsaw": "Not chosen: has 1 of 2 pieces of TEA-1; a second parcel would be 5.00 dearer"
        " than Łódź alone.",
        "Berlin": "Not chosen: has nothing of the order.",
        "Paris": "Not chosen: 2.50 dearer than Łódź, most of it for the distance, 1367 km.",
        "Shop": "Not eligible: does not ship (store for pick-up only).",
    }


def test_the_only_place_says_so() -> None:
    places = [place(1, "A"), place(2, "B")]
    done = planned(places, {X: {2: 1}}, want(1, 1, X))
    assert told(done, places) == {
        "B": "Chosen: the only place with the piece, one parcel.",
        "A": "Not chosen: has no TEA-1.",
    }


def test_equal_costs_are_told_as_such() -> None:
    places = [place(1, "B"), place(2, "A"), place(3, "C", priority=2)]
    done = planned(places, {X: {1: 1, 2: 1, 3: 1}}, want(1, 1, X))
    assert told(done, places) == {
        "A": "Chosen: nearest place with the piece, 0 km, one parcel.",
        "B": "Not chosen: costs the same as A, which goes first by its code.",
        "C": "Not chosen: costs the same as A, which goes first by priority.",
    }


@pytest.mark.parametrize(
    ("other", "costs", "sentence"),
    [
        (place(2, "B", market="uk"), {"out_of_market": 2_000}, "2.00 dearer than A, most of it"),
        (place(2, "B", priority=3), {"priority_step": 500}, "1.00 dearer than A, most of it for"),
        (place(2, "B", capacity_daily=4), {"load": 1_000}, "0.50 dearer than A, most of it"),
        (place(2, "B", kind="store"), {"handling_by_kind": {"store": 45}}, "0.05 dearer than A"),
        (place(2, "B", city=None), {}, "4.00 dearer than A, since its distance is unknown"),
    ],
)
def test_what_made_a_place_dearer_is_told(
    other: Place, costs: dict[str, Any], sentence: str
) -> None:
    places = [place(1, "A"), other]
    done = planned(places, {X: {1: 1, 2: 1}}, want(1, 1, X), under=policy(**costs), load={2: 2})
    assert told(done, places)["B"].startswith(f"Not chosen: {sentence}")


def test_places_of_a_split_say_what_they_serve() -> None:
    places = [place(1, "AL"), place(2, "CA"), place(3, "NY"), place(4, "TX")]
    done = planned(places, {X: {1: 2, 2: 2, 3: 2, 4: 1}}, want(1, 5, X))
    assert told(done, places) == {
        "AL": "Chosen for 2 of 5 pieces: no place alone has everything.",
        "CA": "Chosen for 2 of 5 pieces: no place alone has everything.",
        "NY": "Chosen for 1 of 5 pieces: no place alone has everything.",
        "TX": "Not chosen: has 1 of 5 pieces; no better plan was found with it than the one with"
        " 3 parcels.",
    }


def test_a_split_that_is_cheaper_than_one_parcel_is_told_with_the_difference() -> None:
    places = [place(1, "A"), place(2, "B"), place(3, "Paris", city="paris")]
    free = {X: {1: 5, 3: 5}, Y: {2: 5, 3: 5}}
    dear = policy(parcel=13_000, per_100_km=1_000)
    done = planned(places, free, want(1, 1, X), want(2, 1, Y), under=dear)
    assert told(done, places) == {
        "A": "Chosen for 1 of 2 pieces: several parcels cost less than one from a place with"
        " everything.",
        "B": "Chosen for 1 of 2 pieces: several parcels cost less than one from a place with"
        " everything.",
        "Paris": "Not chosen: has everything, but is 0.67 dearer than the plan with 2 parcels.",
    }


def test_stock_that_a_rule_keeps_is_told() -> None:
    places = [place(1, "Shop", kind="store"), place(2, "Depot", city="lodz"), place(3, "Kiosk")]
    under = policy(
        ProtectRule(keep=2, kinds=("store",)), MinimumStockRule(units=2, kinds=("warehouse",))
    )
    done = planned(places, {X: {1: 3, 2: 3, 3: 1}}, want(1, 3, X), under=under)
    assert told(done, places) == {
        "Depot": "Chosen: the only place with all 3 pieces, one parcel.",
        "Shop": "Not chosen: can give 1 of 3 pieces, since 2 pieces of each item stay for customers"
        " who walk in; a second parcel would be 5.00 dearer than Depot alone.",
        "Kiosk": "Not chosen: has too little of everything; items with fewer than 2 pieces are not"
        " taken from here.",
    }


def test_rules_are_told_with_their_numbers_and_names() -> None:
    places = [
        place(1, "A"),
        place(2, "Franchise", owner="Kowalski"),
        place(3, "London", market="uk"),
        place(4, "Nowhere", market=""),
        place(5, "Paris", city="paris"),
        place(6, "Dark", city=None),
        place(7, "Full", capacity_daily=3),
        place(8, "Past", kind="history"),
        place(9, "Off", active=False),
    ]
    under = policy(
        OwnerRule(allowed=("us",)), MarketRule(), DistanceRule(max_km=500), CapacityRule()
    )
    done = planned(places, {X: {1: 1}}, want(1, 1, X), under=under, load={7: 3})
    added = [*places, place(10, "New")]
    assert told(done, added) == {
        "A": "Chosen: the only place with the piece, one parcel.",
        "Franchise": "Not eligible: stock of Kowalski does not serve orders like this.",
        "London": "Not eligible: belongs to the market uk, the destination does not.",
        "Nowhere": "Not eligible: belongs to no market.",
        "Paris": "Not eligible: farther than 500 km from the destination.",
        "Dark": "Not eligible: its distance is unknown and the limit is 500 km.",
        "Full": "Not eligible: its capacity for the day is used up.",
        "Past": "Not eligible: it only holds orders of the past.",
        "Off": "Not eligible: the location is switched off.",
        "New": "Not eligible: it did not exist yet.",
    }


def test_a_place_left_out_of_a_large_decision_is_explained_all_the_same() -> None:
    places = [place(no, f"L{no:03}", priority=no) for no in range(1, 201)]
    done = planned(places, {X: {7: 1}}, want(1, 1, X))
    sentences = told(done, places)
    assert len(sentences) == 200
    assert sentences["L007"] == "Chosen: the only place with the piece, one parcel."
    assert sentences["L006"] == "Not chosen: has nothing of the order."
    assert sentences["L199"] == (
        "Not looked at: a parcel from here costs at least as much as the whole plan."
    )


def test_a_pick_up_is_explained() -> None:
    places = [place(1, "A"), place(2, "B")]
    done = planned(places, {X: {1: 1, 2: 1}}, want(1, 1, X), pickup_place=2)
    assert told(done, places) == {
        "B": "Chosen: the buyer picks up here.",
        "A": "Not eligible: the buyer picks up at another location.",
    }


def test_a_place_that_a_pin_leaves_out_is_not_said_to_lack_stock() -> None:
    places = [place(1, "A"), place(2, "B", city="paris")]
    done = planned(places, {X: {1: 1, 2: 1}}, want(1, 1, X, pinned=2))
    assert told(done, places) == {
        "B": "Chosen: the only place with the piece, one parcel.",
        "A": "Not chosen: staff pinned lines to another location.",
    }


def test_an_order_tells_what_is_missing() -> None:
    done = planned([place(1)], {X: {1: 2}, Y: {1: 1}}, want(1, 5, X), want(2, 1, Y))
    assert told_of_order(done) == [
        "3 of 6 pieces are sourced; the rest is not in stock at any eligible location.",
        "The locations compared have 2 of 5 pieces of TEA-1.",
    ]


def test_an_order_tells_which_limit_held_it_up() -> None:
    places = [place(1), place(2)]
    free = {X: {1: 2, 2: 2}}

    def order(limits: Limits, qty: int) -> list[str]:
        return told_of_order(planned(places, free, want(1, qty, X), under=policy(limits=limits)))

    assert order(Limits(), 4) == []
    assert order(Limits(max_parcels=1), 4) == [
        "2 of 4 pieces are sourced: the policy allows no more parcels."
    ]
    assert order(Limits(line_split=False), 4) == [
        "2 of 4 pieces are sourced: the policy takes each line from one location."
    ]
    assert order(Limits(ship_complete=True), 5) == [
        "Nothing is sourced: the policy ships orders complete, and not all of it is in stock.",
        "The locations compared have 4 of 5 pieces of TEA-1.",
    ]
    assert told_of_order(planned(places, {}, want(1, 1, X)))[0] == (
        "Nothing is sourced: no eligible location has anything of the order."
    )


def test_an_order_tells_how_sure_its_distances_are() -> None:
    free = {X: {1: 1}}
    rough = msgspec.structs.replace(WARSAW, exact=False)
    assert told_of_order(planned([place(1)], free, want(1, 1, X), destination=rough)) == [
        "The postal code is not known: distances are from the middle of the country."
    ]
    assert told_of_order(planned([place(1)], free, want(1, 1, X), destination=NOWHERE)) == [
        "Neither postal code nor country is known: distances are not known."
    ]


def test_a_refused_order_explains_the_places_it_could_have_used() -> None:
    places = [place(1, "A"), place(2, "B")]
    under = policy(limits=Limits(ship_complete=True))
    done = planned(places, {X: {1: 2, 2: 2}}, want(1, 5, X), under=under)
    assert told(done, places) == {
        "A": "Not used: has 2 of 5 pieces, and the order ships complete or not at all.",
        "B": "Not used: has 2 of 5 pieces, and the order ships complete or not at all.",
    }


@pytest.mark.parametrize(
    ("milli", "text"), [(0, "0.00"), (3_104, "3.10"), (3_105, "3.11"), (5, "0.01"), (-45, "-0.05")]
)
def test_money_is_written_with_two_decimals(milli: int, text: str) -> None:
    assert plain_money(milli) == text


def test_every_sentence_is_found_by_the_extraction_of_messages() -> None:
    class Recorder:
        def __init__(self) -> None:
            self.messages: list[str] = []

        def gettext(self, message: str, /) -> str:
            self.messages.append(message)
            return message

        def ngettext(self, one: str, many: str, number: int, /) -> str:
            assert number in (1, 2)
            self.messages.append(one if number == 1 else many)
            return many

    names = "units wanted km more place kept least have asked sku parcels served found limit market"
    names += " rule price own brought"
    for count in (1, 2):
        params = dict.fromkeys([*names.split(), "owner", "country"], count)
        words = Recorder()
        for code, sentence in SENTENCES.items():
            assert sentence(words, params) % params, code
            assert words.messages[-1].endswith("."), code
        assert len(words.messages) == len(SENTENCES)
