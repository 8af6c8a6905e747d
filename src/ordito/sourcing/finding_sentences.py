"""Findings about policies in words. Every sentence is one message."""

from ordito.sourcing.policy_checks import Example, FindingKind, PolicyFinding
from ordito.sourcing.sentences import Sentence, Words


def say_finding(finding: PolicyFinding, words: Words) -> str:
    """What is odd about the policy, with the example order."""
    rules = ", ".join(str(number + 1) for number in finding.rules)
    example = say_example(finding.example, words)
    return FINDINGS[finding.kind](words, {}) % {"rules": rules, "example": example}


def say_example(example: Example, words: Words) -> str:
    """An example order as a phrase."""
    values = {
        "channel": example.channel,
        "country": example.country,
        "tags": ", ".join(example.tags),
        "kg": f"{(example.weight_g or 0) / 1000:g}",
    }
    if example.delivery == "pickup":
        return words.gettext("%(channel)s, picked up in %(country)s") % values
    if example.tags:
        return words.gettext("%(channel)s to %(country)s, item tagged %(tags)s") % values
    if example.weight_g:
        return words.gettext("%(channel)s to %(country)s, item of %(kg)s kg") % values
    return words.gettext("%(channel)s to %(country)s") % values


FINDINGS: dict[FindingKind, Sentence] = {
    "nothing": lambda w, p: w.gettext(
        "No order at all could be served. An order that no location may serve: %(example)s."
    ),
    "unserved": lambda w, p: w.gettext(
        "Rule %(rules)s leaves orders without any location: %(example)s."
    ),
    "contradiction": lambda w, p: w.gettext(
        "Rules %(rules)s contradict each other: together they leave no location for an order such"
        " as %(example)s."
    ),
    "no_carrier": lambda w, p: w.gettext(
        "No location has a priced carrier to the destination of orders such as %(example)s."
    ),
    "dead": lambda w, p: w.gettext(
        "Rule %(rules)s changes nothing for any order, such as %(example)s."
    ),
    "shadowed": lambda w, p: w.gettext(
        "Rule %(rules)s is not needed: other rules say as much already, such as for %(example)s."
    ),
}
