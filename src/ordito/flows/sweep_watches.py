"""Keep the watch lists true: raise what is wrong, close what is gone, escalate what is overdue."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID

from ordito.desk.watch_events import (
    WatchClosed,
    WatchEscalated,
    WatchGiven,
    WatchRaised,
    WatchRuleSet,
)
from ordito.desk.watch_types import (
    Fact,
    GiveWatch,
    SetWatchRule,
    SweepWatches,
    Watch,
    WatchesSwept,
    WatchKind,
    WatchRule,
)
from ordito.desk.watches import (
    WATCH,
    WATCH_RULE,
    close_watches,
    escalate_overdue,
    insert_watches,
    lock_watches,
    read_rules,
    write_rule,
)
from ordito.desk.watches import give_watch as write_owner
from ordito.kernel.ids import new_id
from ordito.listings.watch_facts import find_facts, find_gone, read_keeper
from ordito.platform.access import SYSTEM
from ordito.platform.accounts import User, read_user
from ordito.platform.advisory_locks import try_lock
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import Fault, InvalidInput, NotFound, NotPermitted

BATCH = 200
"""Entries that one transaction raises, closes or escalates."""
TURNS = 50


@command(permission="orders.write")
def sweep_watch_list(tx: Tx, ask: SweepWatches) -> WatchesSwept:
    """Bring one list up to what is true; a list that another program sweeps now is left to it."""
    sees_all = tx.actor.channel_ids is None and tx.actor.location_ids is None
    if not sees_all or not try_lock(tx, "watches", ask.kind):
        return WatchesSwept(0, 0, 0)
    gone = [w.id for w in lock_watches(tx, find_gone(tx, ask.kind, limit=BATCH))]
    close_watches(tx, gone)
    for watch_id in gone:
        tx.emit(WATCH, watch_id, WatchClosed())
    rule = read_rules(tx)[ask.kind]
    keeper = read_keeper(tx)
    found = find_facts(tx, ask.kind, limit=BATCH)
    _raise(tx, found, rule, keeper)
    late = escalate_overdue(tx, ask.kind, rule.escalate_to or keeper, limit=BATCH)
    for watch_id in late:
        tx.emit(WATCH, watch_id, WatchEscalated(rule.escalate_to or keeper))
    return WatchesSwept(len(found), len(gone), len(late))


def _raise(tx: Tx, facts: Sequence[Fact], rule: WatchRule, keeper: UUID | None) -> None:
    rows = []
    for fact in facts:
        id_, owner_id = new_id(), fact.assignee_id or rule.owner_id or keeper
        rows.append(
            (
                id_,
                rule.kind,
                fact.subject_id,
                fact.part,
                fact.order_id,
                fact.channel_id,
                fact.location_id,
                fact.item_id,
                fact.qty,
                tx.now,
                _due(fact, rule, tx.now),
                owner_id,
            )
        )
        tx.emit(WATCH, id_, WatchRaised(rule.kind, fact.subject_id, fact.part, owner_id))
    insert_watches(tx, rows)


def _due(fact: Fact, rule: WatchRule, now: datetime) -> datetime:
    """When it is due; a promise that is broken already, after the hours of its list."""
    by_rule = now + timedelta(hours=rule.due_hours)
    return fact.due_at if fact.due_at is not None and fact.due_at > now else by_rule


def sweep_watches(db: Database) -> int:
    """The job: bring every list up to date, in small transactions; how many entries changed."""
    total = 0
    for kind in get_args(WatchKind):
        for _turn in range(TURNS):
            swept = run(db, SYSTEM, sweep_watch_list, SweepWatches(kind=kind))
            total += swept.raised + swept.closed + swept.escalated
            if max(swept.raised, swept.closed, swept.escalated) < BATCH:
                break
    return total


@command(permission="orders.write")
def give_watch(tx: Tx, ask: GiveWatch) -> Watch:
    """Somebody else looks after an entry; raises NotFound for a closed one."""
    found = lock_watches(tx, [ask.watch_id])
    if not found or not sees_watch(tx, found[0]):
        raise NotFound("There is no such open entry, or it is none you see.")
    _require_owner(tx, ask.user_id, "/user_id")
    (watch,) = found
    if watch.owner_id != ask.user_id:
        write_owner(tx, watch.id, ask.user_id)
        tx.emit(WATCH, watch.id, WatchGiven(ask.user_id))
        (watch,) = lock_watches(tx, [watch.id])
    return watch


def sees_watch(tx: Tx, watch: Watch) -> bool:
    """Whether the entry is of a channel and a location that the actor sees."""
    actor = tx.actor
    in_channel = watch.channel_id is None or actor.sees_channel(watch.channel_id)
    if watch.location_id is not None:
        return in_channel and actor.sees_location(watch.location_id)
    return in_channel and actor.location_ids is None


@command(permission="settings.write")
def set_watch_rule(tx: Tx, ask: SetWatchRule) -> WatchRule:
    """Say whose the entries of a list are, and when they are due; raises NotPermitted for who
    sees only a part of what the list is of."""
    if tx.actor.channel_ids is not None or tx.actor.location_ids is not None:
        raise NotPermitted(
            "The rule of a list is for all channels and locations. Ask somebody who sees them all."
        )
    for pointer, user_id in (("/owner_id", ask.owner_id), ("/escalate_to", ask.escalate_to)):
        if user_id is not None:
            _require_owner(tx, user_id, pointer)
    rule = WatchRule(ask.kind, ask.due_hours, ask.owner_id, ask.escalate_to)
    rule_id = write_rule(tx, rule)
    event = WatchRuleSet(rule.kind, rule.due_hours, rule.owner_id, rule.escalate_to)
    tx.emit(WATCH_RULE, rule_id, event)
    return rule


def _require_owner(tx: Tx, user_id: UUID, pointer: str) -> User:
    user = read_user(tx, user_id)
    if user is None or not user.active or "orders.read" not in user.permissions:
        fault = Fault(pointer, "unknown-user", "No active user who may see orders has this id.")
        raise InvalidInput("Nothing was given to anybody.", errors=[fault])
    return user
