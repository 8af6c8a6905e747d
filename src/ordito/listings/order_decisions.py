"""Decisions in words, without what they say of places that the reader doesn't see."""

import gettext
from collections.abc import Mapping, Sequence

import msgspec

from ordito.listings.order_rows import DecisionRow
from ordito.listings.order_types import DecisionView, PlaceReason
from ordito.sourcing.bringing import outcome_of, units_at
from ordito.sourcing.explanations import Reason, explain, explain_order
from ordito.sourcing.sentences import Words, plain_money, say
from ordito.sourcing.types import Decision, Place

ENGLISH: Words = gettext.NullTranslations()


class Telling(msgspec.Struct, frozen=True):
    """What turns a stored decision into sentences.

    places: all of them, by number; seen: the numbers of those that may be named.
    skus:   what each line of the order is called.
    """

    places: Mapping[int, Place]
    seen: frozenset[int]
    skus: Mapping[int, str]
    words: Words


def tell_decisions(rows: Sequence[DecisionRow], telling: Telling) -> tuple[DecisionView, ...]:
    return tuple(_tell(row, telling) for row in rows)


def _tell(row: DecisionRow, telling: Telling) -> DecisionView:
    body, words = row.body, telling.words
    reasons = explain(body, telling.places.values(), telling.skus)
    whole = explain_order(body, telling.skus)
    return DecisionView(
        decision_no=row.decision_no,
        at=row.at,
        cause=row.cause,
        policy=row.policy,
        policy_version=row.policy_version,
        outcome=outcome_of(body),
        summary=tuple(say(reason, words, plain_money) for reason in whole),
        reasons=tuple(
            _reason(reason, body, telling) for reason in reasons if reason.place in telling.seen
        ),
    )


def _reason(reason: Reason, body: Decision, telling: Telling) -> PlaceReason:
    assert reason.place is not None, "caller keeps reasons about places"
    place = telling.places[reason.place]
    units, km = units_at(body, place.no)
    return PlaceReason(
        location=place.code,
        name=place.name,
        chosen=reason.standing == "chosen",
        standing=reason.standing,
        units=units,
        km=km,
        code=reason.code,
        words=say(reason, telling.words, plain_money),
    )
