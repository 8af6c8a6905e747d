"""Policies rolled out on a share of real orders, over HTTP."""

from collections.abc import Iterable
from uuid import UUID

from ordito.api.endpoints import reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.flows.reference import reference
from ordito.flows.roll_out_policy import (
    RolloutReport,
    RolloutTold,
    adopt_rollout,
    report_rollout,
    roll_back_rollout,
    set_rollout_share,
    start_rollout,
    tell_rollout,
)
from ordito.kernel.asks import Ask, Code
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound
from ordito.sourcing.stored_rollouts import list_rollouts

TAG = "Sourcing"
_READ = "settings.read"


class RolloutParams(PageParams, frozen=True, kw_only=True):
    """channel: only those on it."""

    channel: Code | None = None


class ByRollout(Ask, frozen=True, kw_only=True):
    rollout_id: UUID


def list_policy_rollouts(tx: Tx, params: RolloutParams) -> Page[RolloutTold]:
    """Roll-outs on channels that you see, newest first."""
    before = read_cursor(params.cursor, tuple[UUID])
    rows = []
    if tx.actor.location_ids is None:
        rows = list_rollouts(
            tx,
            channel_ids=_channels(tx, params.channel),
            before=before[0] if before else None,
            limit=params.limit + 1,
        )
    known = reference(tx)
    return page([tell_rollout(known, row) for row in rows], params, lambda row: (row.id,))


def _channels(tx: Tx, code: str | None) -> Iterable[UUID] | None:
    if code is None:
        return tx.actor.channel_ids
    channel = reference(tx).channels.get(code)
    if channel is None or not tx.actor.sees_channel(channel.id):
        raise NotFound("There is no such channel, or you don't see it.")
    return [channel.id]


def get_rollout(tx: Tx, params: ByRollout) -> RolloutReport:
    """A roll-out, and what the orders of both sides came to so far, with 95 % intervals.

    Costs, parcels and kilometres are of orders that were served whole. `enough` is false where a
    side has too few orders to tell anything.
    """
    return report_rollout(tx, params.rollout_id)


_ROLLOUTS = "/sourcing/rollouts"

ENDPOINTS = [
    reading(_ROLLOUTS, TAG, "List roll-outs of policies", list_policy_rollouts, _READ),
    reading(_ROLLOUTS + "/{rollout_id}", TAG, "Read a roll-out of a policy", get_rollout, _READ),
    writing("POST", _ROLLOUTS, TAG, "Roll a policy out on a share of orders", start_rollout,
            status=201, example={"channel": "web", "policy": "fewest-parcels", "percent": 10}),
    writing("POST", _ROLLOUTS + "/{rollout_id}/share", TAG, "Set the share of a roll-out",
            set_rollout_share, example={"percent": 25}),
    writing("POST", _ROLLOUTS + "/{rollout_id}/roll-back", TAG, "Roll a policy back",
            roll_back_rollout),
    writing("POST", _ROLLOUTS + "/{rollout_id}/adopt", TAG, "Make the candidate the policy",
            adopt_rollout),
]  # fmt: skip
