"""Check sourcing policies for rules that do nothing, contradict, or leave orders unserved."""

from gettext import NullTranslations
from typing import Annotated

import msgspec
from msgspec import Meta

from ordito.flows.reference import Reference, reference
from ordito.kernel.asks import Ask
from ordito.locations.distances import country_centre
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound
from ordito.sourcing.finding_sentences import say_finding
from ordito.sourcing.policies import Policy
from ordito.sourcing.policy_checks import Checker, PolicyFinding, Seller
from ordito.sourcing.sentences import Words

FARAWAY = ("US", "AU", "BR")
"""One of these stands for a country where the merchant has nothing."""


class LintPolicy(Ask, frozen=True, kw_only=True):
    """A policy to be checked."""

    code: Annotated[str, Meta(min_length=1, max_length=100)]


class ToldFinding(msgspec.Struct, frozen=True):
    """Something odd about a policy, in words too. refuses: such a policy can't be saved."""

    finding: PolicyFinding
    refuses: bool
    words: str


class PolicyFindings(msgspec.Struct, frozen=True):
    """What was found, the gravest first; nothing is best."""

    code: str
    version: int
    items: list[ToldFinding]


def lint_policy(tx: Tx, params: LintPolicy) -> PolicyFindings:
    """Check a policy on example orders made from the merchant's channels and locations."""
    tx.actor.require("settings.read")
    for policy in reference(tx).policies.values():
        if policy.code == params.code:
            return PolicyFindings(policy.code, policy.version, tell_findings(tx, policy.body))
    raise NotFound("There is no such policy.")


def tell_findings(tx: Tx, policy: Policy, words: Words | None = None) -> list[ToldFinding]:
    """What is odd about a policy, saved or not, in words (English without `words`)."""
    spoken = words or NullTranslations()
    return [
        ToldFinding(finding, finding.refuses, say_finding(finding, spoken))
        for finding in make_checker(tx).check(policy)
    ]


def make_checker(tx: Tx) -> Checker:
    """Checks on the merchant's reference data as this transaction sees it."""
    known = reference(tx)
    sellers = [
        Seller(channel.code, channel.market, known.places_allowed[channel.id])
        for channel in known.channels.values()
        if channel.active
    ]
    return Checker(
        known.places, sellers, known.market_of, known.tariffs, _find_centres(known), tx.now
    )


def _find_centres(known: Reference) -> dict[str, tuple[float, float]]:
    at_home = {place.country for place in known.places} | set(known.market_of)
    abroad = [country for country in FARAWAY if country not in at_home][:1]
    centres = {}
    for country in sorted(at_home) + abroad:
        centre = country_centre(country)
        if centre is not None:
            centres[country] = (centre.latitude, centre.longitude)
    return centres
