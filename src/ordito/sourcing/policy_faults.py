"""What is wrong with a policy beyond what its types can say."""

from collections.abc import Collection, Iterable, Iterator

from ordito.platform.problems import Fault
from ordito.sourcing.policies import (
    PRICED_PER_ORDER,
    CountryRule,
    EligibilityRule,
    ItemRule,
    KindRule,
    OwnerRule,
    Policy,
)
from ordito.sourcing.types import Place

SOFT_PER_ORDER_MAX = 3
"""Soft rules that are priced per order: a plan tries every way to keep and drop them."""


def find_faults(
    policy: Policy, places: Iterable[Place] = (), tariffs: Collection[str] | None = None
) -> list[Fault]:
    """Everything wrong with a policy that its types can't say, with JSON pointers into it.

    places:  all places of the merchant; names that none of them has are faults. Without places
             names aren't checked.
    tariffs: codes of all tariffs; None doesn't check them.
    """
    known = list(places)
    faults: list[Fault] = list(_find_soft_faults(policy))
    for number, code in enumerate(policy.objective.tariffs):
        if tariffs is not None and code not in tariffs:
            detail = f"There is no tariff {code!r}."
            faults.append(Fault(f"/objective/tariffs/{number}", "unknown-tariff", detail))
    for number, rule in enumerate(policy.rules):
        pointer = f"/rules/{number}"
        faults += _find_rule_faults(rule, pointer)
        if known and isinstance(rule, OwnerRule):
            faults += _unknown_owners(rule, pointer, {place.owner for place in known})
    if known:
        codes = {place.code for place in known}
        for number, rule in enumerate(policy.rules):
            faults += _unknown_places(rule, f"/rules/{number}", codes)
        for code in policy.objective.handling_by_place:
            if code not in codes:
                where = f"/objective/handling_by_place/{_escape(code)}"
                faults.append(Fault(where, "unknown-place", f"No location has the code {code!r}."))
    return faults


def _find_rule_faults(rule: EligibilityRule, pointer: str) -> Iterator[Fault]:
    if not rule.deliveries:
        detail = "Name at least one of ship and pickup, or the rule never applies."
        yield Fault(f"{pointer}/deliveries", "required", detail)
    if "history" in rule.kinds:
        detail = "Places of kind history never serve orders; take the word out."
        yield Fault(f"{pointer}/kinds", "not-a-choice", detail)
    if isinstance(rule, KindRule) and not rule.kinds:
        detail = "Say which kinds of places don't serve these orders."
        yield Fault(f"{pointer}/kinds", "required", detail)
    if isinstance(rule, OwnerRule | CountryRule):
        yield from _find_list_faults(rule, pointer)
    if isinstance(rule, ItemRule) and not rule.tags and rule.heavier_g is None:
        detail = "Say which items: name their tags, or the weight from which they are heavy."
        yield Fault(f"{pointer}/tags", "required", detail)


def _find_soft_faults(policy: Policy) -> Iterator[Fault]:
    priced = [
        number
        for number, rule in enumerate(policy.rules)
        if rule.soft is not None and isinstance(rule, PRICED_PER_ORDER)
    ]
    for number in priced[SOFT_PER_ORDER_MAX:]:
        detail = (
            f"At most {SOFT_PER_ORDER_MAX} rules about capacity, stock, items or days may be soft;"
            " make this one hard, or another."
        )
        yield Fault(f"/rules/{number}/soft", "too-many", detail)


def _unknown_places(rule: EligibilityRule, pointer: str, codes: set[str]) -> Iterator[Fault]:
    for number, code in enumerate(rule.places):
        if code not in codes:
            detail = f"No location has the code {code!r}."
            yield Fault(f"{pointer}/places/{number}", "unknown-place", detail)


def _find_list_faults(rule: OwnerRule | CountryRule, pointer: str) -> Iterator[Fault]:
    same = isinstance(rule, CountryRule) and rule.same
    if not rule.allowed and not rule.excluded and not same:
        detail = "Say what is allowed or what is excluded; as it is the rule refuses nothing."
        yield Fault(f"{pointer}/allowed", "required", detail)
    both = sorted(set(rule.allowed) & set(rule.excluded))
    if both:
        detail = f"Allowed and excluded at once: {', '.join(both[:5])}."
        yield Fault(f"{pointer}/excluded", "contradiction", detail)


def _unknown_owners(rule: OwnerRule, pointer: str, owners: set[str]) -> Iterator[Fault]:
    for field, names in (("allowed", rule.allowed), ("excluded", rule.excluded)):
        for number, name in enumerate(names):
            if name not in owners:
                detail = f"No location has the owner {name!r}."
                yield Fault(f"{pointer}/{field}/{number}", "unknown-owner", detail)


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
