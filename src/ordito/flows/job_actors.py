"""Who began a job that a worker carries on, with what they may do at this moment."""

from uuid import UUID

from ordito.platform.access import SYSTEM, Actor
from ordito.platform.accounts import actor_of_user, read_user
from ordito.platform.database import Tx
from ordito.platform.keys import actor_of, lock_key
from ordito.platform.problems import NotPermitted


def find_actor(tx: Tx, kind: str, actor_id: UUID) -> Actor:
    """The user, key or system that a job is of; raises NotPermitted when they may not act now."""
    if kind == "system":
        return SYSTEM
    user = read_user(tx, actor_id) if kind == "user" else None
    key = lock_key(tx, actor_id) if kind == "key" else None
    if user is not None and user.active:
        return actor_of_user(user)
    if key is not None and key.active and (key.expires_at is None or key.expires_at > tx.now):
        return actor_of(key)
    raise NotPermitted("Who began the job may not act any more. What was done stays done.")
