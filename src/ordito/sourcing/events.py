"""What happens to sourcing policies."""

from typing import ClassVar

from ordito.platform.events import Event


class PolicyCreated(Event, frozen=True):
    kind: ClassVar[str] = "policy.created"
    code: str


class PolicyChanged(Event, frozen=True):
    """There is a new version: its number is that of this event."""

    kind: ClassVar[str] = "policy.changed"
    code: str
    renamed: bool = False


class JointScheduleChanged(Event, frozen=True):
    """Minutes between joint plans that the worker makes by itself: before and now; None: never."""

    kind: ClassVar[str] = "joint_schedule.changed"
    before: int | None
    every_minutes: int | None


class TariffCreated(Event, frozen=True):
    kind: ClassVar[str] = "tariff.created"
    code: str


class TariffChanged(Event, frozen=True):
    """There is a new version: its number is that of this event."""

    kind: ClassVar[str] = "tariff.changed"
    code: str
    renamed: bool = False


class RolloutStarted(Event, frozen=True):
    """Of a channel's new orders, so many percent are sourced by the candidate."""

    kind: ClassVar[str] = "rollout.started"
    channel: str
    policy: str
    policy_version: int
    candidate: str
    candidate_version: int
    percent: int


class RolloutShareSet(Event, frozen=True):
    """Percent of new orders, before and from now on."""

    kind: ClassVar[str] = "rollout.share_set"
    channel: str
    before: int
    percent: int


class RolloutRolledBack(Event, frozen=True):
    """All new orders are sourced by the policy in force again. before: percent until then; 0 when
    the guard had stopped it already and somebody has seen that."""

    kind: ClassVar[str] = "rollout.rolled_back"
    channel: str
    before: int


class RolloutStopped(Event, frozen=True):
    """The guard went back by itself: the candidate left more orders without stock.

    chance: of that being by luck, by Fisher's exact test, one-sided.
    """

    kind: ClassVar[str] = "rollout.stopped"
    channel: str
    before: int
    unserved_in_force: int
    orders_in_force: int
    unserved_candidate: int
    orders_candidate: int
    chance: float


class RolloutAdopted(Event, frozen=True):
    """The candidate is the channel's policy. before: percent until then."""

    kind: ClassVar[str] = "rollout.adopted"
    channel: str
    policy: str
    before: int
