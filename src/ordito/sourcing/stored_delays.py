"""What was learned of delays, as it is kept: a version for each night."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement
from ordito.sourcing.delays import Delays, GroupKey, Stage, make_spread
from ordito.sourcing.learning import Group

VERSIONS_KEPT = 60
"""Whose groups are kept; of older ones only when and on what they were learned."""


class DelayModel(msgspec.Struct, frozen=True):
    """One learning. since, until: days on which the parts looked at were placed."""

    version: int
    learned_at: datetime
    since: date
    until: date
    parts: int


class StoredGroup(msgspec.Struct, frozen=True):
    """How many parts of a group took `first` days, `first` + 1, …; null is all."""

    stage: Stage
    location_id: UUID | None
    tariff: str | None
    country: str | None
    first: int
    counts: list[int]
    observations: int


def read_model(tx: Tx) -> DelayModel | None:
    """The newest learning; None as long as nothing was learned."""
    return _NEWEST.first(tx)


_NEWEST = query(
    DelayModel,
    """
    SELECT version, learned_at, since, until, parts
    FROM sourcing.delay_model
    ORDER BY version DESC
    LIMIT 1
    """,
)


def read_groups(tx: Tx, version: int, *, limit: int = 100_000) -> list[StoredGroup]:
    """The groups of a version that the reader sees, those with most observations first."""
    return _GROUPS.all(tx, version=version, limit=limit)


_GROUPS = query(
    StoredGroup,
    """
    SELECT stage, location_id, tariff, country, first, counts, observations
    FROM sourcing.delay_group
    WHERE version = %(version)s
    ORDER BY observations DESC, stage, location_id NULLS FIRST, tariff NULLS FIRST,
             country NULLS FIRST
    LIMIT %(limit)s
    """,
)


def read_delays(tx: Tx, numbers: Mapping[UUID, int]) -> Delays | None:
    """The newest learning for the planner. numbers: of the places, by id."""
    model = read_model(tx)
    if model is None:
        return None
    groups = {}
    for row in read_groups(tx, model.version):
        place = None if row.location_id is None else numbers.get(row.location_id)
        if row.location_id is None or place is not None:
            key = (row.stage, place, row.tariff, row.country)
            groups[key] = make_spread(row.first, row.counts, row.observations)
    return Delays(model.version, model.learned_at, groups) if groups else None


def insert_model(
    tx: Tx, model: DelayModel, groups: Mapping[GroupKey, Group], ids: Mapping[int, UUID]
) -> None:
    """Keep a learning; the caller holds the lock of the reference's revision. ids: of the places,
    by number."""
    _INSERT.run(
        tx,
        version=model.version,
        learned_at=model.learned_at,
        since=model.since,
        until=model.until,
        parts=model.parts,
    )
    rows = []
    for (stage, place, tariff, country), group in groups.items():
        location_id = None if place is None else ids[place]
        told = (group.first, list(group.counts), group.observations)
        rows.append((model.version, stage, location_id, tariff, country, *told))
    _INSERT_GROUPS.run(tx, rows)
    _FORGET.run(tx, before=model.version - VERSIONS_KEPT)


_INSERT = statement("""
    INSERT INTO sourcing.delay_model (version, learned_at, since, until, parts)
    VALUES (%(version)s, %(learned_at)s, %(since)s, %(until)s, %(parts)s)
""")

_INSERT_GROUPS = bulk("""
    INSERT INTO sourcing.delay_group
        (version, stage, location_id, tariff, country, first, counts, observations)
    SELECT version, stage, location_id, tariff, country, first,
           ARRAY(SELECT jsonb_array_elements_text(counts)::int4), observations
    FROM unnest(%s::int4[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::int4[],
                %s::jsonb[], %s::int4[])
        AS d (version, stage, location_id, tariff, country, first, counts, observations)
""")

_FORGET = statement("DELETE FROM sourcing.delay_group WHERE version <= %(before)s")
