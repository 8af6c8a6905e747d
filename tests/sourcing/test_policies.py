import msgspec
import pytest

from ordito.sourcing.policies import (
    DEFAULT_POLICY,
    CalendarRule,
    CapacityRule,
    CountryRule,
    DistanceRule,
    KindRule,
    Limits,
    MarketRule,
    MinimumStockRule,
    Objective,
    OwnerRule,
    Policy,
    ProtectRule,
)
from ordito.sourcing.policy_faults import find_faults
from tests.sourcing.make import place

EVERYTHING = Policy(
    rules=(
        MarketRule(),
        OwnerRule(excluded=("franchise",), channels=("web",)),
        CountryRule(allowed=("PL", "DE"), destinations=("PL",)),
        CountryRule(same=True),
        KindRule(kinds=("store",), channels=("b2b",)),
        DistanceRule(max_km=500, when_unknown="allow"),
        CalendarRule(deliveries=("ship", "pickup")),
        CapacityRule(percent=80),
        ProtectRule(keep=2, kinds=("store",)),
        MinimumStockRule(units=3),
    ),
    objective=Objective(
        parcel=4_000,
        per_100_km=150,
        unknown_km=900,
        priority_step=10,
        load=20,
        out_of_market=30,
        handling=40,
        handling_by_kind={"store": 50},
        handling_by_place={"WAW": 60},
    ),
    limits=Limits(max_parcels=3, line_split=False, ship_complete=True),
)


@pytest.mark.parametrize("policy", [EVERYTHING, DEFAULT_POLICY, Policy()])
def test_a_policy_survives_being_stored(policy: Policy) -> None:
    assert msgspec.json.decode(msgspec.json.encode(policy), type=Policy) == policy


def test_a_stored_policy_spells_out_its_defaults() -> None:
    stored = msgspec.to_builtins(DEFAULT_POLICY)
    assert stored["objective"] == {
        "parcel": 5_000,
        "per_100_km": 200,
        "unknown_km": 2_000,
        "priority_step": 0,
        "load": 1_000,
        "out_of_market": 3_000,
        "handling": 0,
        "handling_by_kind": {},
        "handling_by_place": {},
        "order_by_kind": {},
        "by_market": {},
        "line": 0,
        "per_day": 0,
        "tariffs": (),
        "unknown_weight_g": 1_000,
        "scarce": 0,
        "ample": 10,
    }
    assert stored["limits"] == {
        "max_parcels": None,
        "line_split": True,
        "ship_complete": False,
        "complete_channels": (),
        "min_parcel_value": None,
    }
    assert stored["rules"][0]["rule"] == "capacity"
    assert stored["rules"][0]["percent"] == 100


@pytest.mark.parametrize(
    "body",
    [
        b'{"rules":[{"rule":"distance","max_km":0}]}',
        b'{"rules":[{"rule":"distance","max_km":500,"max_miles":300}]}',
        b'{"rules":[{"rule":"weather"}]}',
        b'{"objective":{"parcel":-1}}',
        b'{"objective":{"parcel":1.5}}',
        b'{"objective":{"handling_by_kind":{"cellar":1}}}',
        b'{"limits":{"max_parcels":0}}',
        b'{"surprise":1}',
    ],
)
def test_a_policy_that_makes_no_sense_is_not_read(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Policy)


def test_good_policies_have_no_faults() -> None:
    network = [place(1, "WAW", owner="franchise")]
    assert find_faults(EVERYTHING, network) == []
    assert find_faults(DEFAULT_POLICY) == []


def test_every_fault_is_found_with_its_pointer() -> None:
    policy = Policy(
        rules=(
            OwnerRule(),
            OwnerRule(allowed=("us", "them"), excluded=("us",)),
            KindRule(),
            CountryRule(),
            CapacityRule(deliveries=()),
            ProtectRule(keep=1, kinds=("history",)),
        ),
        objective=Objective(handling_by_place={"a/b~c": 1}),
    )
    faults = {(f.pointer, f.code) for f in find_faults(policy, [place(1, "WAW", owner="us")])}
    assert faults == {
        ("/rules/0/allowed", "required"),
        ("/rules/1/excluded", "contradiction"),
        ("/rules/1/allowed/1", "unknown-owner"),
        ("/rules/2/kinds", "required"),
        ("/rules/3/allowed", "required"),
        ("/rules/4/deliveries", "required"),
        ("/rules/5/kinds", "not-a-choice"),
        ("/objective/handling_by_place/a~1b~0c", "unknown-place"),
    }
