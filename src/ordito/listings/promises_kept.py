"""Promises kept, by month, location, carrier or channel; and what is learned of delays."""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from ordito.listings.places import Names, read_names
from ordito.listings.promise_scores import Basis, Grouping, Score, list_scores
from ordito.platform.database import Tx
from ordito.sourcing.coverage import share_interval
from ordito.sourcing.delays import Stage, make_spread
from ordito.sourcing.stored_delays import DelayModel, StoredGroup, read_groups, read_model

Verdict = Literal["as_stated", "below", "above", "few", "not_stated"]

SCORED_LEAST = 30
"""With fewer promises nothing is said of whether the stated probability is right."""
GROUPS_SHOWN = 200


class KeptGroup(msgspec.Struct, frozen=True):
    """Promises of one group that came due.

    group:   an ISO month's first day, or the code of a location, tariff or channel; "" is without
             a known service. basis: learned from history, or calendars alone.
    parts:   of orders. kept, broken: scored. unknown: the carrier never said when they arrived.
    stated:  percent that was promised on average; null for those by calendar.
    share:   percent kept, and between `low` and `high` it truly lies, at 95 % confidence.
    verdict: whether that agrees with what was stated; `few`: less than 30 were scored.
    """

    group: str
    name: str
    basis: Basis
    parts: int
    kept: int
    broken: int
    unknown: int
    stated: float | None
    share: float | None
    low: float | None
    high: float | None
    verdict: Verdict


class PromisesKept(msgspec.Struct, frozen=True):
    """since, until: months of the promised days, both included."""

    by: Grouping
    since: date
    until: date
    items: tuple[KeptGroup, ...]


class LearnedGroup(msgspec.Struct, frozen=True):
    """What is known of one group of parts; null is all.

    stage:  dispatch: open days after the day by calendar; transit: the carrier's days beyond its
            tariff's, or all of its days for what goes without a tariff (`tariff` "").
    middle: days that half of them need at most; ninety: nine of ten; null where that is longer
            than any seen.
    """

    stage: Stage
    location: str | None
    tariff: str | None
    country: str | None
    observations: int
    middle: int | None
    ninety: int | None


class LearnedDelays(msgspec.Struct, frozen=True):
    """The newest learning; model null as long as there is none. groups: those of the reader's
    locations and of all, most observations first, at most 200."""

    model: DelayModel | None
    groups: tuple[LearnedGroup, ...]


def read_kept(tx: Tx, by: Grouping, since: date, until: date) -> PromisesKept:
    """Promises that came due in the months from `since` to `until`, of what the reader sees."""
    first, last = since.replace(day=1), until.replace(day=1)
    names = read_names(tx)
    rows = list_scores(tx, by, first, _next_month(last))
    return PromisesKept(by, first, last, tuple(_tell(row, by, names) for row in rows))


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _tell(row: Score, by: Grouping, names: Names) -> KeptGroup:
    code = name = row.group
    if by == "location":
        place = names.place(UUID(row.group))
        code, name = place.code, place.name
    elif by == "channel":
        channel = names.channel(UUID(row.group))
        code, name = channel.code, channel.name
    scored = row.kept + row.broken
    stated = row.stated / scored / 10 if scored and row.basis == "learned" else None
    low, high = (100 * edge for edge in share_interval(row.kept, scored))
    return KeptGroup(
        group=code,
        name=name,
        basis=row.basis,
        parts=row.parts,
        kept=row.kept,
        broken=row.broken,
        unknown=row.unknown,
        stated=None if stated is None else round(stated, 1),
        share=round(100 * row.kept / scored, 1) if scored else None,
        low=round(low, 1) if scored else None,
        high=round(high, 1) if scored else None,
        verdict=_judge(stated, scored, low, high),
    )


def _judge(stated: float | None, scored: int, low: float, high: float) -> Verdict:
    if stated is None:
        return "not_stated"
    if scored < SCORED_LEAST:
        return "few"
    if stated > high:
        return "below"
    return "above" if stated < low else "as_stated"


def read_learned(tx: Tx) -> LearnedDelays:
    """What is learned now."""
    model = read_model(tx)
    if model is None:
        return LearnedDelays(None, ())
    names = read_names(tx)
    groups = read_groups(tx, model.version, limit=GROUPS_SHOWN)
    return LearnedDelays(model, tuple(_tell_group(group, names) for group in groups))


def _tell_group(group: StoredGroup, names: Names) -> LearnedGroup:
    return LearnedGroup(
        stage=group.stage,
        location=None if group.location_id is None else names.place(group.location_id).code,
        tariff=group.tariff,
        country=group.country,
        observations=group.observations,
        middle=_quantile(group, 50),
        ninety=_quantile(group, 90),
    )


def _quantile(group: StoredGroup, percent: int) -> int | None:
    sure = 0.0
    spread = make_spread(group.first, group.counts, group.observations)
    for days, chance in enumerate(spread.chances, start=spread.first):
        sure += chance
        if 100 * sure >= percent:
            return days
    return None
