"""The record of why a joint plan serves an order as it does, in the form of any other decision."""

from collections import Counter

from ordito.sourcing.decisions import decide
from ordito.sourcing.demands import gather
from ordito.sourcing.joint.types import Units
from ordito.sourcing.offers import Cover, Take, Verdict
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.surveys import Survey
from ordito.sourcing.types import Decision, FreeStock, Load, SourcingRequest


def record_decision(
    request: SourcingRequest, network: CompiledPolicy, units: Units, free: FreeStock, load: Load
) -> Decision:
    """The decision that serves the request by `units`.

    free: what no other order holds once the plan is carried out: against that the plan is the best
          for this order alone, too, or it could be bettered.
    """
    ranking = network.rank(request)
    demand = gather(request.wants, merge=network.policy.limits.line_split)
    survey = Survey(network, ranking, demand, free, load, len(ranking.nos))
    index_of = {no: index for index, no in enumerate(survey.nos)}
    takes: list[list[Take]] = []
    for members in demand.members:
        served: Counter[int] = Counter()
        for want in members:
            for (line_no, place), qty in units.items():
                # A place that rules or its load refuse by now keeps what it has, unseen here.
                if line_no == want.line_no and place in index_of:
                    served[index_of[place]] += qty
        takes.append(sorted(served.items()))
    used = sorted({index for group in takes for index, _ in group})
    verdict = Verdict(
        shortfall=demand.units - sum(units.values()),
        cost=sum(survey.fixed[index] for index in used)
        + sum(survey.unit[index] * qty for group in takes for index, qty in group),
        parcels=len(used),
        ties=tuple(sorted(survey.ties[index] for index in used)),
    )
    return decide(request, survey, demand, free, Cover(verdict, takes), "")
