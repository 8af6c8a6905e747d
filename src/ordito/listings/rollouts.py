"""What the orders of a roll-out came to, side by side: from the figures kept when they were placed
and from what locations did with them since."""

from uuid import UUID

import msgspec

from ordito.listings.histories import HistoryEntry
from ordito.platform.database import Tx, query
from ordito.sourcing.rollouts import ArmFigures, Means

NOBODY = ArmFigures(
    0, 0, 0, 0, 0, 0, *(Means(0, None, None) for _ in range(4))
)  # fmt: skip


class _Row(msgspec.Struct, frozen=True):
    candidate: bool
    orders: int
    unserved: int
    rejected: int
    timed: int
    late: int
    cost: float | None
    cost_spread: float | None
    served: int
    parcels: float | None
    parcels_spread: float | None
    km: float | None
    km_spread: float | None
    dated: int
    days: float | None
    days_spread: float | None


class _Refused(msgspec.Struct, frozen=True):
    candidate: bool
    orders: int


def read_arms(tx: Tx, rollout_id: UUID) -> tuple[ArmFigures, ArmFigures]:
    """The side of the policy in force, and the candidate's.

    Cost, parcels and kilometres are of orders that were served whole: an order without stock
    costs nothing, which is no merit.
    """
    refused = {row.candidate: row.orders for row in _REFUSED.all(tx, rollout_id=rollout_id)}
    rows = {row.candidate: row for row in _ARMS.all(tx, rollout_id=rollout_id)}
    one, other = (_figures(rows.get(side), refused.get(side, 0)) for side in (False, True))
    return one, other


def _figures(row: _Row | None, refused: int) -> ArmFigures:
    if row is None:
        return msgspec.structs.replace(NOBODY, refused=refused)
    return ArmFigures(
        orders=row.orders,
        refused=refused,
        unserved=row.unserved,
        rejected=row.rejected,
        timed=row.timed,
        late=row.late,
        cost=Means(row.served, row.cost, row.cost_spread),
        parcels=Means(row.served, row.parcels, row.parcels_spread),
        km=Means(row.served, row.km, row.km_spread),
        days=Means(row.dated, row.days, row.days_spread),
    )


_ARMS = query(
    _Row,
    """
    SELECT r.candidate, count(*) AS orders,
           count(*) FILTER (WHERE r.missing > 0) AS unserved,
           count(*) FILTER (WHERE EXISTS (
               SELECT FROM orders.refusal AS n WHERE n.order_id = r.order_id)) AS rejected,
           count(r.late) AS timed, coalesce(sum(r.late), 0)::int8 AS late,
           avg(r.cost) FILTER (WHERE r.missing = 0)::float8 AS cost,
           var_samp(r.cost) FILTER (WHERE r.missing = 0)::float8 AS cost_spread,
           count(*) FILTER (WHERE r.missing = 0) AS served,
           avg(r.parcels) FILTER (WHERE r.missing = 0)::float8 AS parcels,
           var_samp(r.parcels) FILTER (WHERE r.missing = 0)::float8 AS parcels_spread,
           avg(r.km) FILTER (WHERE r.missing = 0)::float8 AS km,
           var_samp(r.km) FILTER (WHERE r.missing = 0)::float8 AS km_spread,
           count(r.days) FILTER (WHERE r.missing = 0) AS dated,
           avg(r.days) FILTER (WHERE r.missing = 0)::float8 AS days,
           var_samp(r.days) FILTER (WHERE r.missing = 0)::float8 AS days_spread
    FROM sourcing.rollout_order AS r
    WHERE r.rollout_id = %(rollout_id)s
    GROUP BY r.candidate
    """,
)

_REFUSED = query(
    _Refused,
    """
    SELECT candidate, count(*) AS orders
    FROM sourcing.rollout_refusal
    WHERE rollout_id = %(rollout_id)s
    GROUP BY candidate
    """,
)


def list_policy_rollouts(tx: Tx, policy_id: UUID, *, limit: int = 50) -> list[HistoryEntry]:
    """What happened on roll-outs in which a policy was in force or tried, newest first.

    `body` has the roll-out's id beside what its event says. Others' channels are left out.
    """
    return _EVENTS.all(tx, policy_id=policy_id, limit=limit)


_EVENTS = query(
    HistoryEntry,
    """
    SELECT e.seq, e.at, e.kind, e.actor_kind,
           coalesce(u.name, k.name, CASE e.actor_kind WHEN 'system' THEN 'Ordito' ELSE '' END)
               AS actor,
           e.body || jsonb_build_object('rollout_id', r.id) AS body, '' AS file_name
    FROM sourcing.rollout AS r
    JOIN platform.event AS e ON e.stream_id = r.id
    LEFT JOIN platform.app_user AS u ON u.id = e.actor_id
    LEFT JOIN platform.api_key AS k ON k.id = e.actor_id
    WHERE r.policy_id = %(policy_id)s OR r.candidate_id = %(policy_id)s
    ORDER BY e.at DESC, e.stream_id DESC, e.seq DESC
    LIMIT %(limit)s
    """,
)
