"""The record of a decision: the figures of the best places, and lists of the others by reason."""

from collections import Counter
from collections.abc import Sequence
from itertools import compress
from operator import not_
from typing import NamedTuple

from ordito.sourcing.demands import Demand, find_barred
from ordito.sourcing.offers import Cover, Offers
from ordito.sourcing.rankings import SHOWN
from ordito.sourcing.surcharges import Surcharges
from ordito.sourcing.surveys import Survey, share
from ordito.sourcing.types import (
    Decision,
    Dropped,
    Exclusion,
    FreeStock,
    Hindrance,
    Outcome,
    SourcingRequest,
)

_LISTED_IN_FULL = 64
"""Networks up to this size have every place in some list; larger ones leave out the longest."""


def decide(
    request: SourcingRequest,
    survey: Survey,
    demand: Demand,
    free: FreeStock,
    cover: Cover,
    hindrance: Hindrance,
) -> Decision:
    """What was compared and chosen, ready to be stored."""
    ranking, network = survey.ranking, survey.network
    taken = [0] * len(survey.totals)
    for group in cover.takes:
        for index, units in group:
            taken[index] += units
    excluded: Sequence[Exclusion] = ranking.excluded
    others = ""
    figures = ranking.all
    loads, columns, totals, unit = survey.loads, survey.columns, survey.totals, survey.unit
    shown: Sequence[int] = survey.indexes
    if figures is None or survey.busy or survey.slow:
        shown = _choose_shown(survey, taken)
        figures = ranking.show([survey.indexes[index] for index in shown])
        loads = [loads[index] for index in shown] if loads else loads
        columns = [[column[index] for index in shown] for column in columns]
        totals = [totals[index] for index in shown]
        unit = [unit[index] for index in shown]
        taken = [taken[index] for index in shown]
        excluded = (*excluded, *_list_not_shown(survey, shown))
    if len(network.places) > _LISTED_IN_FULL:
        excluded, others = _leave_out_longest(excluded)
    if demand.shared and shown:
        totals = _count_together(survey, demand, free, shown)
    pinned = [head.pinned_place for head in demand.heads]
    admission = survey.ranking.admission
    extra = _NO_EXTRA
    if survey.extra is not None:
        extra = _weigh_extra(survey.extra, [survey.indexes[at] for at in shown], columns)
    keep, least = admission.keep, admission.least
    return Decision(
        policy_version=network.version,
        outcome=_find_outcome(cover),
        delivery=request.delivery,
        lines=[[member.line_no for member in members] for members in demand.members],
        wanted=[head.qty for head in demand.heads],
        places=figures.places,
        km=figures.km,
        parcel=figures.parcel,
        distance=figures.distance,
        priority=figures.priority,
        market=figures.market,
        load=loads or (),
        handling=_weigh_handling(totals, unit),
        soft=figures.soft,
        tariff=extra.tariff,
        picking=extra.picking,
        scarce=extra.scarce,
        days=extra.days,
        servable=columns,
        units=totals,
        taken=taken,
        cost=cover.verdict.cost,
        newest=network.newest,
        excluded=excluded,
        others=others,
        pinned=pinned if any(pinned) else (),
        kept=[keep.get(no, 0) for no in figures.places] if keep else (),
        least=[least.get(no, 0) for no in figures.places] if least else (),
        exact=request.destination.exact,
        hindrance=hindrance,
        barred=_count_barred(demand, survey, figures.places) if admission.bars else (),
        dropped=_list_dropped(survey, figures.places, taken) if ranking.broken else (),
    )


class _Extra(NamedTuple):
    """Columns of what parcels cost beyond their fixed parts, each place serving what it can."""

    tariff: Sequence[int] = ()
    picking: Sequence[int] = ()
    scarce: Sequence[int] = ()
    days: Sequence[int] = ()


_NO_EXTRA = _Extra()


def _weigh_extra(
    surcharges: Surcharges, indexes: Sequence[int], columns: Sequence[Sequence[int]]
) -> _Extra:
    parts = [
        surcharges.parts(index, [(g, column[at]) for g, column in enumerate(columns) if column[at]])
        for at, index in enumerate(indexes)
    ]
    columns_of = zip(*parts, strict=True) if parts else ((), (), (), ())
    return _Extra(*(column if any(column) else () for column in columns_of))


def _count_barred(demand: Demand, survey: Survey, places: Sequence[int]) -> Sequence[int]:
    """Groups of lines that each place may not send."""
    admission = survey.ranking.admission
    barred = [find_barred(head, admission) for head in demand.heads]
    counts = [sum(no in found for found in barred) for no in places]
    return counts if any(counts) else ()


def _list_dropped(survey: Survey, places: Sequence[int], taken: Sequence[int]) -> Sequence[Dropped]:
    """Soft rules that the parcels of the plan break."""
    broken = survey.ranking.broken
    used = [no for no, units in zip(places, taken, strict=True) if units]
    numbers = sorted({number for no in used for number in broken.get(no, ())})
    rules = survey.network.policy.rules
    return [
        Dropped(
            str(rules[number].__struct_config__.tag),
            number,
            rules[number].soft or 0,
            [no for no in used if number in broken.get(no, ())],
        )
        for number in numbers
    ]


def _find_outcome(cover: Cover) -> Outcome:
    if cover.verdict.shortfall == 0:
        return "all"
    return "part" if cover.verdict.parcels else "none"


def _weigh_handling(units: Sequence[int], unit_costs: Sequence[int]) -> Sequence[int]:
    if not any(unit_costs):
        return ()
    return [count * cost for count, cost in zip(units, unit_costs, strict=False)]


def _choose_shown(survey: Survey, taken: Sequence[int]) -> list[int]:
    """The places of the plan, then those with most to say: the first that have something."""
    shown = {index for index, units in enumerate(taken) if units}
    for index in compress(range(len(taken)), survey.totals):
        if len(shown) >= SHOWN:
            break
        shown.add(index)
    return sorted(shown)


def _list_not_shown(survey: Survey, shown: Sequence[int]) -> list[Exclusion]:
    """Full places, seen ones without stock or that ranked lower, and those never looked at."""
    known = {survey.nos[index] for index in shown}
    outranked = [no for no in compress(survey.nos, survey.totals) if no not in known]
    empty = list(compress(survey.nos, map(not_, survey.totals)))
    unseen = survey.ranking.nos[survey.seen :]
    lists = (
        ("capacity", survey.busy),
        ("days", survey.slow),
        ("no_stock", empty),
        ("outranked", outranked),
        ("unseen", unseen),
    )
    return [Exclusion(code, nos) for code, nos in lists if nos]


def _leave_out_longest(excluded: Sequence[Exclusion]) -> tuple[Sequence[Exclusion], str]:
    """The lists with the longest one emptied, and its code, which now stands for "all others"."""
    counts = Counter([exclusion.code for exclusion in excluded])
    # A code may have two lists: places refused by distance rules with different limits.
    single = [exclusion for exclusion in excluded if counts[exclusion.code] == 1]
    if not single:
        return excluded, ""
    longest = max(single, key=lambda exclusion: len(exclusion.places))
    kept = [exclusion for exclusion in excluded if exclusion is not longest]
    return (*kept, Exclusion(longest.code, (), longest.limit)), longest.code


def _count_together(
    survey: Survey, demand: Demand, free: FreeStock, shown: Sequence[int]
) -> list[int]:
    """Units that each place could serve alone where groups compete for its pieces."""
    rows = [tuple(column[index] for column in survey.columns) for index in shown]
    wanted = [head.qty for head in demand.heads]
    zeros = [0] * len(rows)
    offers = share(
        Offers(zeros, zeros, zeros, rows, wanted), survey, demand, free, shown, whole=False
    )
    return [sum(offers.serve(offer, wanted)) for offer in range(len(rows))]
