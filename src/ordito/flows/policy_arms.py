"""By which policy an order is sourced: the one in force, or the candidate of a roll-out.

A new order is drawn by what the channel calls it; an order that is placed keeps what it was drawn
for as long as the roll-out runs. Channels without a roll-out cost nothing here.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

import msgspec

from ordito.channels.types import Channel
from ordito.orders.types import Order
from ordito.platform.database import Tx
from ordito.sourcing.comparisons import Figures
from ordito.sourcing.delays import Delays
from ordito.sourcing.plans import compile_policy
from ordito.sourcing.policies import Policy
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.rollouts import is_drawn
from ordito.sourcing.stored_policies import read_versions_by_id
from ordito.sourcing.stored_rollouts import Rollout, RolloutOrderRow, read_drawn, read_running
from ordito.sourcing.tariffs import Tariff
from ordito.sourcing.types import Place


class RunningRollout(NamedTuple):
    """A roll-out with its candidate, and what both sides are measured by."""

    rollout: Rollout
    candidate: CompiledPolicy
    yardstick: CompiledPolicy


class Guide(NamedTuple):
    """A policy in the version that sources an order."""

    policy_id: UUID
    network: CompiledPolicy


class Arm(msgspec.Struct, frozen=True):
    """A side of a roll-out that an order was drawn for. drawn_by: what it was drawn by."""

    running: RunningRollout
    candidate: bool
    guide: Guide
    drawn_by: str

    def row(self, order_id: str, at: object, figures: Figures) -> RolloutOrderRow:
        """What is kept of an order that was placed."""
        return (
            order_id,
            self.running.rollout.id,
            self.candidate,
            at,
            figures.cost,
            figures.parcels,
            figures.km,
            figures.missing,
            figures.days,
            figures.late,
        )


class Guides:
    """The policies of channels, in memory until the reference data changes."""

    def __init__(
        self, in_force: Mapping[UUID, Guide], rollouts: Mapping[UUID, RunningRollout]
    ) -> None:
        self._in_force = in_force
        self.rollouts = rollouts
        """Channel → the roll-out that runs on it."""

    def in_force(self, channel_id: UUID) -> Guide:
        """What sources the channel's orders, but for those drawn for a candidate."""
        return self._in_force[channel_id]

    def networks(self, channel_id: UUID) -> list[CompiledPolicy]:
        """Everything that may source an order of the channel."""
        found = [self._in_force[channel_id].network]
        running = self.rollouts.get(channel_id)
        return [*found, running.candidate] if running else found

    def draw(self, channel: Channel, external_key: str | None, number: int) -> Arm | None:
        """The side that a new order is on; None on a channel without a roll-out."""
        running = self.rollouts.get(channel.id)
        if running is None:
            return None
        rollout = running.rollout
        drawn_by = external_key or f"#{number}"
        candidate = is_drawn(rollout.id, drawn_by, rollout.percent)
        guide = Guide(rollout.candidate_id, running.candidate)
        return Arm(running, candidate, guide if candidate else self._in_force[channel.id], drawn_by)

    def of_orders(self, tx: Tx, orders: Iterable[Order]) -> dict[UUID, Guide]:
        """By order id. Orders that are placed keep their side, while their roll-out runs."""
        found = {order.id: (order.channel_id, self._in_force[order.channel_id]) for order in orders}
        asked = [id_ for id_, (channel_id, _) in found.items() if channel_id in self.rollouts]
        drawn: frozenset[UUID] = frozenset()
        if asked:
            running = [one.rollout.id for one in self.rollouts.values()]
            drawn = read_drawn(tx, asked, running)
        return {
            id_: self._candidate(channel_id) if id_ in drawn else guide
            for id_, (channel_id, guide) in found.items()
        }

    def _candidate(self, channel_id: UUID) -> Guide:
        running = self.rollouts[channel_id]
        return Guide(running.rollout.candidate_id, running.candidate)


def read_guides(
    tx: Tx,
    channels: Iterable[Channel],
    networks: Mapping[UUID, CompiledPolicy],
    places: list[Place],
    tariffs: Mapping[str, Tariff],
    delays: Delays | None,
) -> Guides:
    """The policies in force, and the candidates of the roll-outs that run."""
    running = read_running(tx)
    versions = {(one.candidate_id, one.candidate_version) for one in running}
    versions |= {(one.policy_id, one.policy_version) for one in running}
    bodies = read_versions_by_id(tx, versions) if versions else {}
    rollouts = {}
    for one in running:
        body = bodies[one.candidate_id, one.candidate_version]
        # What orders cost is counted alike on both sides, and by nothing but costs.
        bare = Policy(objective=bodies[one.policy_id, one.policy_version].objective)
        rollouts[one.channel_id] = RunningRollout(
            one,
            compile_policy(body, places, one.candidate_version, tariffs, delays),
            compile_policy(bare, places, one.policy_version, tariffs),
        )
    in_force = {
        channel.id: Guide(channel.policy_id, networks[channel.policy_id]) for channel in channels
    }
    return Guides(in_force, rollouts)
