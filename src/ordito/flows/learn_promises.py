"""Learn from what was sent and delivered how late parts leave and arrive, and score what was
promised before."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import msgspec

from ordito.flows.reference import Reference, reference
from ordito.fulfillment.queues import Pace, count_backlogs, replace_paces
from ordito.kernel.asks import Ask
from ordito.listings.promise_history import count_arrived, count_sent, count_throughput
from ordito.listings.promise_scores import refresh_scores
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import NotPermitted
from ordito.platform.revisions import raise_revision
from ordito.sourcing.learning import Arrival, Learning, Sending, learn
from ordito.sourcing.stored_delays import DelayModel, insert_model, read_model

LOOKED_AT = timedelta(days=182)
SETTLED = timedelta(days=14)
"""Younger parts are left out: those among them that are late haven't arrived yet."""
PACE_OF = timedelta(days=56)


class LearnPromises(Ask, frozen=True):
    """Learn anew from the last half year. There is nothing to say."""


class Learned(msgspec.Struct, frozen=True):
    """What came of a learning.

    model:  version of what is learned now; None with too little history for any group.
    parts:  sent or waiting, and parcels that arrived, which were looked at. groups: that have
            enough of them. scores: groups of promises that were scored anew.
    """

    model: int | None
    parts: int
    groups: int
    scores: int


@command(permission="settings.write")
def learn_promises(tx: Tx, ask: LearnPromises) -> Learned:
    """Learn delays and paces, for what is promised from now on, and score what came due."""
    require_all(tx.actor)
    known = reference(tx)
    until = tx.now - SETTLED
    since = tx.now - LOOKED_AT
    sendings = list(_read_sendings(tx, known))
    arrivals = list(_read_arrivals(tx, known))
    numbers = {place.no: place for place in known.places}
    margin = timedelta(days=2)
    learning = Learning(
        numbers, known.tariffs, (since - timedelta(days=60)).date(), (tx.now + margin).date()
    )
    groups = learn(learning, sendings, arrivals)
    paces = [
        Pace(row.location_id, row.units, row.days) for row in count_throughput(tx, tx.now - PACE_OF)
    ]
    parts = sum(one.parts for one in sendings) + sum(one.parts for one in arrivals)
    scores = refresh_scores(tx)
    # Held until the end, so that two learnings are two versions.
    raise_revision(tx, "reference")
    before = read_model(tx)
    version = before.version if before else None
    if groups or before:
        version = (before.version if before else 0) + 1
        model = DelayModel(version, tx.now, since.date(), until.date(), parts)
        ids = {location.no: location.id for location in known.locations_by_id.values()}
        insert_model(tx, model, groups, ids)
    replace_paces(tx, paces)
    return Learned(version, parts, len(groups), scores)


def require_all(actor: Actor) -> None:
    """Raises NotPermitted: what is learned is for all channels and locations."""
    if actor.channel_ids is not None or actor.location_ids is not None:
        raise NotPermitted(
            "What is learned is for all channels and locations, and you see some of them only."
            " Ask someone who sees all."
        )


def _number(known: Reference, location_id: UUID) -> int:
    return known.no_by_id[str(location_id)]


def _read_sendings(tx: Tx, known: Reference) -> Iterator[Sending]:
    for row in count_sent(tx, tx.now - LOOKED_AT, tx.now - SETTLED):
        yield Sending(
            place=_number(known, row.location_id),
            tariff=row.tariff,
            due_on=row.due_on,
            placed_on=row.placed_on,
            late=row.late,
            sent_on=row.sent_on,
            parts=row.parts,
        )


def _read_arrivals(tx: Tx, known: Reference) -> Iterator[Arrival]:
    named = [(body.carrier, body.service, code) for code, body in known.tariffs.items()]
    for row in count_arrived(tx, tx.now - LOOKED_AT, tx.now - SETTLED, named):
        yield Arrival(
            place=_number(known, row.location_id),
            tariff=row.tariff if row.tariff in known.tariffs else "",
            country=row.country,
            from_on=row.from_on,
            to_on=row.to_on,
            sent_on=row.sent_on,
            arrived_on=row.arrived_on,
            parts=row.parts,
        )


def learn_nightly(db: Database) -> int:
    """The worker's turn; returns the number of groups."""
    return run(db, SYSTEM, learn_promises, LearnPromises()).groups


def count_queues(db: Database) -> int:
    """Count what waits at locations whose pace is known; returns how many changed."""
    with db.reading(SYSTEM) as tx:
        paced = reference(tx).paced
    with db.transaction(SYSTEM) as tx:
        return count_backlogs(tx, paced)
