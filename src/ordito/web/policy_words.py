"""Sourcing policies in words: rules as sentences, costs with what they are paid for."""

import difflib
from collections.abc import Mapping, Sequence

import msgspec

from ordito.sourcing.policies import (
    CalendarRule,
    CapacityRule,
    CountryRule,
    DaysRule,
    DistanceRule,
    EligibilityRule,
    ItemRule,
    KindRule,
    MarketRule,
    MinimumStockRule,
    OwnerRule,
    Policy,
    ProtectRule,
)
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.statuses import N_
from ordito.web.words import LOCATION_KINDS, word

RULES: Mapping[str, str] = {
    "market": N_("Only locations of the destination's market"),
    "owner": N_("Only stock of some owners"),
    "country": N_("Only locations in some countries"),
    "kind": N_("No locations of a kind"),
    "distance": N_("Only locations within a distance"),
    "calendar": N_("Only locations that are open on the day"),
    "capacity": N_("Only locations with capacity left"),
    "protect": N_("Keep pieces for people who walk in"),
    "minimum_stock": N_("Nothing of which a location has few"),
    "item": N_("Some items only from locations that can handle them"),
    "days": N_("Only locations that deliver in time"),
}
COSTS: Mapping[str, str] = {
    "parcel": N_("Each parcel"),
    "per_100_km": N_("Each 100 km of a parcel"),
    "priority_step": N_("Each step after priority 1"),
    "load": N_("A location whose day is full"),
    "out_of_market": N_("A location outside the market"),
    "handling": N_("Each unit handled"),
    "line": N_("Each line picked"),
    "per_day": N_("Each day until delivery"),
    "scarce": N_("Each piece taken where few are left"),
}


class Change(msgspec.Struct, frozen=True):
    """A difference between two versions. Without `before` it was added, without `after` taken
    away."""

    what: str
    before: str
    after: str


def kind_of(rule: EligibilityRule) -> str:
    return str(rule.__struct_config__.tag)


def rule_words(rule: EligibilityRule) -> str:
    """A rule as a sentence, with whom it is about."""
    return f"{_what(rule)}{_scope(rule)}"


def _what(rule: EligibilityRule) -> str:
    text = _(RULES[kind_of(rule)])
    match rule:
        case OwnerRule() | CountryRule():
            text = _lists(rule)
        case KindRule():
            kinds = ", ".join(word(LOCATION_KINDS, kind) for kind in rule.kinds)
            text = _("None of these kinds: %(kinds)s", kinds=kinds)
        case DistanceRule():
            text = _("Only locations within %(km)s km", km=rule.max_km)
            if rule.when_unknown == "allow":
                text += ", " + _("also those whose distance is unknown")
        case CapacityRule():
            text = _(
                "Only locations that took less than %(percent)s%% of their day",
                percent=rule.percent,
            )
        case ProtectRule():
            text = ngettext(
                "%(num)s piece of each item stays for people who walk in",
                "%(num)s pieces of each item stay for people who walk in",
                rule.keep,
            )
            if rule.tags:
                text = ngettext(
                    "%(num)s piece of each item tagged %(tags)s stays for people who walk in",
                    "%(num)s pieces of each item tagged %(tags)s stay for people who walk in",
                    rule.keep,
                    tags=", ".join(rule.tags),
                )
        case MinimumStockRule():
            text = ngettext(
                "No item of which a location has fewer than %(num)s piece",
                "No item of which a location has fewer than %(num)s pieces",
                rule.units,
            )
        case ItemRule():
            text = _item_words(rule)
        case DaysRule():
            text = ngettext(
                "Only locations whose parcel arrives within %(num)s day",
                "Only locations whose parcel arrives within %(num)s days",
                rule.max_days,
            )
        case MarketRule() | CalendarRule():
            pass
    return text


def _item_words(rule: ItemRule) -> str:
    tags, needs = ", ".join(rule.tags), ", ".join(rule.needs)
    kg = f"{(rule.heavier_g or 0) / 1000:g}"
    if rule.heavier_g is None:
        what = _("Items tagged %(tags)s", tags=tags)
    elif rule.tags:
        what = _("Items tagged %(tags)s or heavier than %(kg)s kg", tags=tags, kg=kg)
    else:
        what = _("Items heavier than %(kg)s kg", kg=kg)
    if needs:
        return _("%(what)s: only from locations that can %(needs)s", what=what, needs=needs)
    return _("%(what)s: not from here", what=what)


def _lists(rule: OwnerRule | CountryRule) -> str:
    parts = []
    names = _("Owners") if isinstance(rule, OwnerRule) else _("Countries")
    if isinstance(rule, CountryRule) and rule.same:
        parts.append(_("only the destination's country"))
    if rule.allowed:
        parts.append(_("only %(names)s", names=", ".join(rule.allowed)))
    if rule.excluded:
        parts.append(_("not %(names)s", names=", ".join(rule.excluded)))
    return f"{names}: {'; '.join(parts)}"


def _scope(rule: EligibilityRule) -> str:
    parts = []
    if rule.channels:
        parts.append(_("channels %(names)s", names=", ".join(rule.channels)))
    if rule.destinations:
        parts.append(_("orders to %(names)s", names=", ".join(rule.destinations)))
    if rule.kinds and not isinstance(rule, KindRule):
        kinds = ", ".join(word(LOCATION_KINDS, kind) for kind in rule.kinds)
        parts.append(_("locations of kind %(names)s", names=kinds))
    if rule.places:
        parts.append(_("locations %(names)s", names=", ".join(rule.places)))
    if rule.soft is not None:
        parts.append(_("soft, price %(cost)s", cost=cost_words(rule.soft)))
    if "pickup" in rule.deliveries:
        parts.append(_("pick-ups") if "ship" not in rule.deliveries else _("pick-ups too"))
    if "local" in rule.deliveries:
        ships = "ship" in rule.deliveries or "pickup" in rule.deliveries
        parts.append(_("local delivery too") if ships else _("local delivery"))
    return f" ({'; '.join(parts)})" if parts else ""


def cost_words(milli: int) -> str:
    """Thousandths of the policy's money as a plain number."""
    whole, rest = divmod(milli, 1000)
    return f"{whole}.{rest:03}".rstrip("0").rstrip(".") if rest else str(whole)


def aims(policy: Policy) -> list[tuple[str, str]]:
    """What a plan costs and how far it may be split: label and value, in a fixed order."""
    objective, limits = policy.objective, policy.limits
    rows = [(_(label), cost_words(getattr(objective, name))) for name, label in COSTS.items()]
    rows += [
        (_("Each unit handled: %(kind)s", kind=word(LOCATION_KINDS, kind)), cost_words(cost))
        for kind, cost in sorted(objective.handling_by_kind.items())
    ]
    rows += [
        (_("Each unit handled: %(kind)s", kind=code), cost_words(cost))
        for code, cost in sorted(objective.handling_by_place.items())
    ]
    rows += [
        (_("Each parcel packed: %(kind)s", kind=word(LOCATION_KINDS, kind)), cost_words(cost))
        for kind, cost in sorted(objective.order_by_kind.items())
    ]
    rows += [
        (_("Each parcel from the market %(market)s", market=market), cost_words(cost))
        for market, cost in sorted(objective.by_market.items())
    ]
    most, least = limits.max_parcels, limits.min_parcel_value
    return [
        *rows,
        (_("Few pieces are fewer than"), str(objective.ample)),
        (_("Carrier tariffs"), ", ".join(objective.tariffs) or _("none")),
        (_("Weight taken where it is unknown"), f"{objective.unknown_weight_g} g"),
        (_("Least value of a parcel when split"), "–" if least is None else cost_words(least)),
        (_("Complete for channels"), ", ".join(limits.complete_channels) or _("none")),
        (_("Distance taken where it is unknown"), f"{objective.unknown_km} km"),
        (_("Parcels at most"), _("as many as needed") if most is None else str(most)),
        (_("A line may be split"), _("yes") if limits.line_split else _("no")),
        (_("All of the order or nothing"), _("yes") if limits.ship_complete else _("no")),
    ]


def compare(before: Policy, after: Policy) -> list[Change]:
    """What one version changed: rules taken away, added or moved, and figures."""
    old, new = _sentences(before), _sentences(after)
    found = []
    for step, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if step != "equal":
            found += [Change(_("Rule"), text, "") for text in old[a:b]]
            found += [Change(_("Rule"), "", text) for text in new[c:d]]
    figures, figures_before = dict(aims(after)), dict(aims(before))
    for label in dict.fromkeys([*figures_before, *figures]):
        was, is_ = figures_before.get(label, ""), figures.get(label, "")
        if was != is_:
            found.append(Change(label, was, is_))
    return found


def _sentences(policy: Policy) -> Sequence[str]:
    return [rule_words(rule) for rule in policy.rules]
