"""Create and change sourcing policies: a change is a new version, the old ones are kept."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET

from ordito.flows.lint_policies import tell_findings
from ordito.flows.reference import place_of
from ordito.kernel.ids import new_id
from ordito.locations.locations import read_locations
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import AlreadyExists, Fault, InvalidInput, NotFound
from ordito.platform.revisions import raise_revision
from ordito.platform.versions import check_version
from ordito.sourcing.events import PolicyChanged, PolicyCreated
from ordito.sourcing.policies import Policy
from ordito.sourcing.policy_faults import find_faults
from ordito.sourcing.stored_policies import (
    POLICY,
    CreatePolicy,
    StoredPolicy,
    UpdatePolicy,
    insert_policy,
    insert_version,
    lock_policy,
    rename_policy,
)
from ordito.sourcing.stored_tariffs import read_tariffs


@command(permission="settings.write")
def create_policy(tx: Tx, ask: CreatePolicy) -> StoredPolicy:
    """Add a sourcing policy; channels name it by its code."""
    require_sound(tx, ask.policy)
    policy = StoredPolicy(new_id(), ask.code, ask.name, 1, ask.policy)
    if not insert_policy(tx, policy):
        raise AlreadyExists(
            f"There is a policy “{ask.code}” already. Change that one, or take another code.",
            extra={"existing": {"code": ask.code}},
        )
    insert_version(tx, policy)
    tx.emit(POLICY, policy.id, PolicyCreated(policy.code))
    raise_revision(tx, "reference")
    return policy


@command(permission="settings.write")
def update_policy(tx: Tx, ask: UpdatePolicy) -> StoredPolicy:
    """Make a new version of a policy, in force for what is sourced from now on."""
    before = lock_policy(tx, ask.code)
    if before is None:
        raise NotFound(f"There is no sourcing policy “{ask.code[:60]}”.")
    check_version("policy", before.version, ask.version)
    body = before.body if ask.policy is UNSET else ask.policy
    name = before.name if ask.name is UNSET else ask.name
    if body == before.body and name == before.name:
        return before
    require_sound(tx, body)
    after = msgspec.structs.replace(before, name=name, body=body, version=before.version + 1)
    rename_policy(tx, after.id, name)
    insert_version(tx, after)
    tx.emit(POLICY, after.id, PolicyChanged(after.code, name != before.name))
    raise_revision(tx, "reference")
    return after


def require_sound(tx: Tx, policy: Policy, at: str = "/policy") -> None:
    """Names of places are checked once there are any; raises InvalidInput with all faults.

    at: the pointer to the policy in what was asked.
    """
    places = [place_of(location) for location in read_locations(tx)]
    faults: Sequence[Fault] = [
        Fault(f"{at}{fault.pointer}", fault.code, fault.detail)
        for fault in find_faults(policy, places, {tariff.code for tariff in read_tariffs(tx)})
    ]
    if not faults:
        faults = [
            Fault(f"{at}/rules", "nothing-served", told.words)
            for told in tell_findings(tx, policy)
            if told.refuses
        ]
    if faults:
        raise InvalidInput(
            f"{len(faults)} thing(s) to correct; nothing was written.", errors=faults
        )
