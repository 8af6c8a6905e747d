"""Roll a sourcing policy out on a share of a channel's real orders, step by step, and back in one.

Orders that were placed stay where they are. While it runs, a placed order that is sourced again
keeps its side; once it is over, all are sourced by the channel's policy.
"""

from uuid import UUID

import msgspec
import structlog

from ordito.channels.channels import lock_channel
from ordito.channels.types import Channel, UpdateChannel
from ordito.flows.manage_channels import update_channel
from ordito.flows.manage_policies import update_policy
from ordito.flows.reference import Reference, reference
from ordito.kernel.ids import new_id
from ordito.listings.rollouts import read_arms
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    Fault,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from ordito.platform.revisions import raise_revision
from ordito.platform.versions import check_version
from ordito.sourcing.events import (
    RolloutAdopted,
    RolloutRolledBack,
    RolloutShareSet,
    RolloutStarted,
    RolloutStopped,
)
from ordito.sourcing.rollouts import (
    ENOUGH,
    STOPS_BELOW,
    ArmFigures,
    ArmsCompared,
    Harm,
    compare_arms,
    find_harm,
)
from ordito.sourcing.stored_policies import StoredPolicy, UpdatePolicy, read_versions_by_id
from ordito.sourcing.stored_rollouts import (
    ROLLOUT,
    EndRollout,
    Rollout,
    RolloutState,
    SetRolloutShare,
    StartRollout,
    StopRollout,
    insert_rollout,
    lock_rollout,
    lock_stopped,
    read_rollout,
    read_running,
    write_rollout,
)

log = structlog.get_logger(__name__)


class RolloutTold(msgspec.Struct, frozen=True):
    """A roll-out in codes. allowed_actions: share, roll_back, adopt, acknowledge."""

    id: UUID
    channel: str
    policy: str
    policy_version: int
    candidate: str
    candidate_version: int
    percent: int
    state: RolloutState
    version: int
    allowed_actions: list[str]


class RolloutReport(msgspec.Struct, frozen=True):
    """A roll-out, and both sides on the real orders so far.

    compared:    costs in thousandths of the money of the policy in force at its beginning.
    enough_from: orders on each side from which a comparison says something.
    guard_level: below this chance (Fisher's exact test, one-sided) of the candidate leaving so
                 many more orders without stock by luck, the roll-out stops by itself.
    """

    rollout: RolloutTold
    in_force: ArmFigures
    candidate: ArmFigures
    compared: list[ArmsCompared]
    enough_from: int
    guard_level: float


@command(permission="settings.write")
def start_rollout(tx: Tx, ask: StartRollout) -> RolloutTold:
    """Source a share of a channel's new orders by another policy; one at a time on a channel."""
    faults: list[Fault] = []
    channel = lock_channel(tx, ask.channel)
    if channel is None or not channel.active or not tx.actor.sees_channel(channel.id):
        detail = f"There is no open channel “{ask.channel[:60]}”."
        faults.append(Fault("/channel", "unknown-channel", detail))
    _require_all_places(tx.actor)
    known = reference(tx)
    candidate = {one.code: one for one in known.policies.values()}.get(ask.policy)
    if candidate is None:
        detail = f"There is no sourcing policy “{ask.policy[:60]}”."
        faults.append(Fault("/policy", "unknown-policy", detail))
    if faults or channel is None or candidate is None:
        raise InvalidInput(f"{len(faults)} thing(s) to correct; nothing was begun.", errors=faults)
    version = ask.policy_version or candidate.version
    in_force = known.policies[channel.policy_id]
    _check_candidate(tx, candidate, version, in_force)
    rollout = Rollout(
        new_id(), channel.id, in_force.id, in_force.version, candidate.id, version, ask.percent,
        "running", tx.now, None, 1,
    )  # fmt: skip
    if not insert_rollout(tx, rollout):
        raise AlreadyExists(
            f"A policy is being rolled out on “{channel.code}” already. Adopt it or roll it back.",
            extra={"existing": {"channel": channel.code}},
        )
    for earlier in lock_stopped(tx, channel.id):
        _end(tx, earlier, "rolled_back", RolloutRolledBack(channel.code, 0))
    told = (channel.code, in_force.code, in_force.version, candidate.code, version, ask.percent)
    tx.emit(ROLLOUT, rollout.id, RolloutStarted(*told))
    raise_revision(tx, "reference")
    return tell_rollout(known, rollout)


def _check_candidate(tx: Tx, candidate: StoredPolicy, version: int, in_force: StoredPolicy) -> None:
    key = (candidate.id, version)
    if key not in read_versions_by_id(tx, [key]):
        fault = Fault("/policy_version", "unknown-version", f"There is no version {version}.")
        raise InvalidInput(fault.detail, errors=[fault])
    if key == (in_force.id, in_force.version):
        detail = "This is what sources the channel's orders now; name another policy or version."
        raise InvalidInput(detail, errors=[Fault("/policy", "in-force", detail)])


@command(permission="settings.write")
def set_rollout_share(tx: Tx, ask: SetRolloutShare) -> RolloutTold:
    """Raise or lower the share of new orders that the candidate sources."""
    known = reference(tx)
    rollout, channel = _lock(tx, ask.rollout_id, ask.version)
    _require_running(rollout)
    if rollout.percent == ask.percent:
        return tell_rollout(known, rollout)
    after = msgspec.structs.replace(rollout, percent=ask.percent, version=rollout.version + 1)
    write_rollout(tx, after)
    tx.emit(ROLLOUT, rollout.id, RolloutShareSet(channel.code, rollout.percent, ask.percent))
    raise_revision(tx, "reference")
    return tell_rollout(known, after)


@command(permission="settings.write")
def roll_back_rollout(tx: Tx, ask: EndRollout) -> RolloutTold:
    """Source all new orders by the policy in force again, at once.

    Of one that the guard has stopped it says that somebody has seen it.
    """
    known = reference(tx)
    rollout, channel = _lock(tx, ask.rollout_id, ask.version)
    if rollout.state not in ("running", "stopped"):
        raise _over(rollout)
    event = RolloutRolledBack(channel.code, rollout.percent)
    return tell_rollout(known, _end(tx, rollout, "rolled_back", event))


@command(permission="settings.write")
def adopt_rollout(tx: Tx, ask: EndRollout) -> RolloutTold:
    """Make the candidate the channel's policy, for all its new orders.

    Another policy becomes the channel's. An earlier version of the channel's own policy is put in
    force again, for every channel that has the policy.
    """
    rollout, channel = _lock(tx, ask.rollout_id, ask.version)
    _require_running(rollout)
    known = reference(tx)
    candidate = known.policies[rollout.candidate_id]
    if rollout.candidate_id == channel.policy_id:
        key = (rollout.candidate_id, rollout.candidate_version)
        body = read_versions_by_id(tx, [key])[key]
        update_policy(tx, UpdatePolicy(code=candidate.code, policy=body))
    elif candidate.version != rollout.candidate_version:
        raise ActionNotAllowed(
            f"“{candidate.code}” is at version {candidate.version} by now, and version"
            f" {rollout.candidate_version} was tried. Put that version in force there first, or"
            " roll back and try the new one.",
            extra={"allowed_actions": ["share", "roll_back"]},
        )
    else:
        update_channel(tx, UpdateChannel(code=channel.code, policy=candidate.code))
    event = RolloutAdopted(channel.code, candidate.code, rollout.percent)
    return tell_rollout(known, _end(tx, rollout, "adopted", event))


@command(permission="settings.write")
def stop_harmful_rollout(tx: Tx, ask: StopRollout) -> bool:
    """The guard: go back when the candidate leaves more orders without stock than chance would.

    Whether it did.
    """
    rollout, channel = _lock(tx, ask.rollout_id, None)
    harm = find_harm(*read_arms(tx, rollout.id)) if rollout.state == "running" else None
    if harm is None:
        return False
    _end(tx, rollout, "stopped", _stopped(channel.code, rollout.percent, harm))
    return True


def _stopped(channel: str, percent: int, harm: Harm) -> RolloutStopped:
    return RolloutStopped(
        channel,
        percent,
        harm.unserved_in_force,
        harm.orders_in_force,
        harm.unserved_candidate,
        harm.orders_candidate,
        harm.chance,
    )


def guard_rollouts(db: Database) -> int:
    """The job: look at every roll-out that runs; how many were stopped."""
    with db.reading(SYSTEM) as tx:
        harmful = [
            one.id for one in read_running(tx) if find_harm(*read_arms(tx, one.id)) is not None
        ]
    stopped = 0
    for rollout_id in harmful:
        stopped += run(db, SYSTEM, stop_harmful_rollout, StopRollout(rollout_id=rollout_id))
        log.warning("rollout_stopped", rollout_id=str(rollout_id))
    return stopped


def _end(
    tx: Tx,
    rollout: Rollout,
    state: RolloutState,
    event: RolloutRolledBack | RolloutStopped | RolloutAdopted,
) -> Rollout:
    percent = rollout.percent if state == "adopted" else 0
    after = msgspec.structs.replace(
        rollout,
        state=state,
        percent=percent,
        ended_at=rollout.ended_at or tx.now,
        version=rollout.version + 1,
    )
    write_rollout(tx, after)
    tx.emit(ROLLOUT, rollout.id, event)
    raise_revision(tx, "reference")
    return after


def _lock(tx: Tx, rollout_id: UUID, version: int | None) -> tuple[Rollout, Channel]:
    """Raises NotFound, VersionConflict."""
    found = require_rollout(tx, rollout_id)
    # The channel first, as everywhere: adopting writes it.
    channel = lock_channel(tx, reference(tx).channels_by_id[found.channel_id].code)
    rollout = lock_rollout(tx, rollout_id)
    assert channel is not None, "channels are never removed"
    assert rollout is not None, "nor are roll-outs"
    check_version("roll-out", rollout.version, version)
    return rollout, channel


def require_rollout(tx: Tx, rollout_id: UUID) -> Rollout:
    """Raises NotFound, also for readers who see the channel's orders in part only."""
    found = read_rollout(tx, rollout_id) if tx.actor.location_ids is None else None
    if found is None or not tx.actor.sees_channel(found.channel_id):
        raise NotFound("There is no such roll-out, or it is of a channel you don't see.")
    return found


def _require_all_places(actor: Actor) -> None:
    """Raises NotPermitted: a policy is for all locations."""
    if actor.location_ids is not None:
        raise NotPermitted(
            "You see some locations only, and a policy is for all of them. Ask somebody who sees"
            " all."
        )


def _require_running(rollout: Rollout) -> None:
    if rollout.state != "running":
        raise _over(rollout)


def _over(rollout: Rollout) -> ActionNotAllowed:
    return ActionNotAllowed(
        "It is over: all new orders are sourced by the channel's policy. Begin a new roll-out.",
        extra={"allowed_actions": allowed_actions(rollout)},
    )


def allowed_actions(rollout: Rollout) -> list[str]:
    """What may be done with a roll-out."""
    if rollout.state == "running":
        return ["share", "roll_back", "adopt"]
    return ["acknowledge"] if rollout.state == "stopped" else []


def tell_rollout(known: Reference, rollout: Rollout) -> RolloutTold:
    """A roll-out in codes. known: as it was before anything was written in this transaction: a
    policy's new version gets its number only with the commit."""
    return RolloutTold(
        id=rollout.id,
        channel=known.channels_by_id[rollout.channel_id].code,
        policy=known.policies[rollout.policy_id].code,
        policy_version=rollout.policy_version,
        candidate=known.policies[rollout.candidate_id].code,
        candidate_version=rollout.candidate_version,
        percent=rollout.percent,
        state=rollout.state,
        version=rollout.version,
        allowed_actions=allowed_actions(rollout),
    )


def report_rollout(tx: Tx, rollout_id: UUID) -> RolloutReport:
    """A roll-out with both its sides compared; raises NotFound."""
    rollout = require_rollout(tx, rollout_id)
    in_force, candidate = read_arms(tx, rollout.id)
    return RolloutReport(
        tell_rollout(reference(tx), rollout),
        in_force,
        candidate,
        compare_arms(in_force, candidate),
        ENOUGH,
        STOPS_BELOW,
    )
