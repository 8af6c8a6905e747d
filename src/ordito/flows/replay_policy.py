"""The policy laboratory: orders of the past, sourced again by another policy, and compared.

Each order meets the stock and load of the moment it was placed, less what the tried policy took
elsewhere than history did, plus what it left. Sourced again by the policy version of then, it
comes out as it did then; where it doesn't, since locations or tariffs have changed, that is said.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from uuid import UUID

import msgspec
import structlog

from ordito.flows.manage_policies import require_sound, update_policy
from ordito.flows.past_orders import PastOrder, PastStock, local_day, read_past_orders
from ordito.flows.reference import Reference, reference
from ordito.flows.resource_jointly import require_whole_view
from ordito.kernel.asks import Ask, Code, Version
from ordito.listings.sourced_orders import list_sourced_orders
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput, NotFound
from ordito.sourcing.bringing import places_used
from ordito.sourcing.comparisons import Figures, compare_figures, measure_plan
from ordito.sourcing.plans import compile_policy, plan
from ordito.sourcing.policies import Policy
from ordito.sourcing.stored_decisions import is_same
from ordito.sourcing.stored_policies import (
    StoredPolicy,
    UpdatePolicy,
    read_versions_by_id,
)
from ordito.sourcing.stored_replays import (
    ChangedOrder,
    DayFigures,
    LocationLoad,
    PlaceChange,
    Replay,
    ReplayResult,
    StartReplay,
    TariffChange,
    Tried,
    fail_replay,
    find_open_replay,
    finish_replay,
    insert_replay,
    note_progress,
    read_replay,
)
from ordito.sourcing.tariffs import Tariff
from ordito.sourcing.types import Allocation, Place, Plan, work_of

log = structlog.get_logger(__name__)

ORDERS_MAX = 20_000
EXAMPLES = 50
_STEP = 250
"""Orders after which progress is told."""


class SwitchPolicy(Ask, frozen=True, kw_only=True):
    """Put the policy that a replay tried in force, as a new version. version: the one read."""

    replay_no: int
    version: Version | None = None


class RestorePolicy(Ask, frozen=True, kw_only=True):
    """Put an earlier version in force again, as a new version. version: the one in force."""

    code: Code
    restore: Version
    version: Version | None = None


@command(permission="settings.write")
def start_replay(tx: Tx, ask: StartReplay) -> Replay:
    """Ask for orders of the past to be sourced again; the worker does it, nothing is moved."""
    require_whole_view(tx.actor)
    known = reference(tx)
    by_code = {policy.code: policy for policy in known.policies.values()}
    faults = list(_find_faults(ask, by_code, known))
    if faults:
        raise InvalidInput("There is something to correct before it can be tried.", errors=faults)
    policy = by_code[ask.policy]
    if ask.draft is not None:
        require_sound(tx, ask.draft, "/draft")
        tried = Tried(ask, policy.code, policy.name, policy.version, "", 0, ask.draft)
    else:
        other = by_code[ask.try_policy or ask.policy]
        version = ask.try_version or other.version
        body = read_versions_by_id(tx, [(other.id, version)]).get((other.id, version))
        if body is None:
            fault = Fault("/try_version", "unknown-version", f"There is no version {version}.")
            raise InvalidInput(fault.detail, errors=[fault])
        tried = Tried(ask, policy.code, policy.name, policy.version, other.code, version, body)
    no = insert_replay(tx, policy.id, tried)
    return require_replay(tx, no)


def _find_faults(
    ask: StartReplay, policies: Mapping[str, StoredPolicy], known: Reference
) -> list[Fault]:
    faults = []
    if ask.policy not in policies:
        faults.append(Fault("/policy", "unknown-policy", "There is no such policy."))
    if ask.try_policy is not None and ask.try_policy not in policies:
        faults.append(Fault("/try_policy", "unknown-policy", "There is no such policy."))
    if ask.until < ask.since:
        faults.append(Fault("/until", "out-of-order", "The period ends before it begins."))
    if (ask.until - ask.since).days > 366:
        faults.append(Fault("/until", "too-long", "A period has at most 366 days."))
    for n, place in enumerate(ask.places):
        if place.location not in known.locations:
            detail = f"There is no location “{place.location[:60]}”."
            faults.append(Fault(f"/places/{n}/location", "unknown-location", detail))
    for n, tariff in enumerate(ask.tariffs):
        if tariff.tariff not in known.tariffs:
            detail = f"There is no tariff “{tariff.tariff[:60]}”."
            faults.append(Fault(f"/tariffs/{n}/tariff", "unknown-tariff", detail))
    return faults


def require_replay(tx: Tx, replay_no: int) -> Replay:
    """Raises NotFound, also for readers who see some channels or locations only."""
    sees_all = tx.actor.channel_ids is None and tx.actor.location_ids is None
    found = read_replay(tx, replay_no) if sees_all and 0 < replay_no < 2**31 else None
    if found is None:
        raise NotFound("There is no replay with this number, or it is none you see.")
    return found


@command(permission="settings.write")
def switch_policy(tx: Tx, ask: SwitchPolicy) -> StoredPolicy:
    """Put what a replay tried in force: a new version of the policy whose orders they were."""
    require_whole_view(tx.actor)
    tried = require_replay(tx, ask.replay_no).ask
    return update_policy(tx, UpdatePolicy(code=tried.code, version=ask.version, policy=tried.body))


@command(permission="settings.write")
def restore_policy(tx: Tx, ask: RestorePolicy) -> StoredPolicy:
    """Put an earlier version of a policy in force again: a new version with the same text."""
    known = {policy.code: policy for policy in reference(tx).policies.values()}
    policy = known.get(ask.code)
    key = (policy.id, ask.restore) if policy else None
    body = read_versions_by_id(tx, [key]).get(key) if key else None
    if body is None:
        raise NotFound("There is no such policy, or it has no such version.")
    return update_policy(tx, UpdatePolicy(code=ask.code, version=ask.version, policy=body))


def run_open_replays(db: Database) -> int:
    """Carry out what was asked, oldest first; returns the orders sourced again."""
    done = 0
    while True:
        with db.reading(SYSTEM) as tx:
            replay = find_open_replay(tx)
        if replay is None:
            return done
        done += run_replay(db, replay)


def run_replay(db: Database, replay: Replay) -> int:
    """Source the orders of a replay again and keep what came of it."""
    begun = time.monotonic()
    since = datetime.combine(replay.ask.ask.since, clock_time(), UTC)
    before = datetime.combine(replay.ask.ask.until, clock_time(), UTC) + timedelta(days=1)
    with db.reading(SYSTEM) as tx:
        known = reference(tx)
        ids = list_sourced_orders(tx, replay.policy_id, since, before, limit=ORDERS_MAX + 1)
        failure = _refuse(ids)
        orders = [] if failure else read_past_orders(tx, ids, known)
        stock = PastStock(tx, orders, known) if orders else None
        versions = {(one.decision.policy_id, one.decision.policy_version) for one in orders}
        bodies = read_versions_by_id(tx, versions)
    if stock is None:
        with db.transaction(SYSTEM) as tx:
            fail_replay(tx, replay.replay_no, failure or "none")
        return 0
    laboratory = _Laboratory(known, bodies, replay, stock)
    for n, order in enumerate(orders):
        if n % _STEP == 0:
            with db.transaction(SYSTEM) as tx:
                note_progress(tx, replay.replay_no, n, len(orders))
        laboratory.source(order)
    result = laboratory.conclude(round(time.monotonic() - begun, 2))
    with db.transaction(SYSTEM) as tx:
        finish_replay(tx, replay.replay_no, result)
    log.info("replayed", replay_no=replay.replay_no, orders=len(orders), seconds=result.seconds)
    return len(orders)


def _refuse(ids: Sequence[UUID]) -> str:
    if not ids:
        return "none"
    return "too_many" if len(ids) > ORDERS_MAX else ""


class _Laboratory:
    """Sources orders twice, as it was and as it is tried, and counts what each comes to."""

    def __init__(
        self,
        known: Reference,
        bodies: Mapping[tuple[UUID, int], Policy],
        replay: Replay,
        stock: PastStock,
    ) -> None:
        tried = replay.ask
        self._known = known
        self._stock = stock
        places = change_places(known.places, tried.ask.places)
        tariffs = change_tariffs(known.tariffs, tried.ask.tariffs)
        self._then = {
            key: compile_policy(body, known.places, key[1], known.tariffs)
            for key, body in bodies.items()
        }
        self._tried = compile_policy(tried.body, places, tried.tried_version, tariffs)
        in_force = known.policies[replay.policy_id].body
        # What orders cost is counted alike on both sides, and by nothing but costs.
        bare = Policy(objective=in_force.objective)
        self._yardsticks = (
            compile_policy(bare, known.places, 1, known.tariffs),
            compile_policy(bare, places, 1, tariffs),
        )
        self._shift: dict[str, Counter[int]] = defaultdict(Counter)
        self._load_shift: Counter[tuple[int, date]] = Counter()
        self._figures: tuple[list[Figures], list[Figures]] = ([], [])
        self._parcels: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
        self._days: dict[date, Counter[str]] = defaultdict(Counter)
        self._changed: list[ChangedOrder] = []
        self._reproduced = 0

    def source(self, order: PastOrder) -> None:
        """One order, both ways."""
        load = self._stock.go_to(order)
        network = self._then[order.decision.policy_id, order.decision.policy_version]
        free = self._stock.free
        then = plan(order.request, network, free, load)
        self._reproduced += is_same(then.decision, order.decision.body)
        tried_load = self._shift_load(order, load)
        tried = plan(order.request, self._tried, self._shift_free(order), tried_load)
        self._note_shift(order, then, tried)
        self._stock.take(order)
        promised = order.order.promised_on.isoformat() if order.order.promised_on else None
        before = measure_plan(
            order.request, self._yardsticks[0], network, then.allocations, load, promised
        )
        after = measure_plan(
            order.request, self._yardsticks[1], self._tried, tried.allocations, tried_load, promised
        )
        self._count(order, (before, after), (then.allocations, tried.allocations))

    def _shift_free(self, order: PastOrder) -> dict[str, Mapping[int, int]]:
        """What is free for the tried policy: history's, and what the two did differently."""
        free: dict[str, Mapping[int, int]] = {}
        for want in order.request.wants:
            for part in want.parts:
                item = str(part.item_id)
                pieces = dict(self._stock.free.get(item, {}))
                for no, more in self._shift[item].items():
                    pieces[no] = pieces.get(no, 0) + more
                free[item] = pieces
        return free

    def _shift_load(self, order: PastOrder, load: Mapping[int, int]) -> dict[int, int]:
        shifted = dict(load)
        for location in self._known.limited:
            day = local_day(location.time_zone, order.decision.at)
            more = self._load_shift[location.no, day]
            if more:
                shifted[location.no] = max(0, shifted.get(location.no, 0) + more)
        return shifted

    def _note_shift(self, order: PastOrder, then: Plan, tried: Plan) -> None:
        for (item, no), pieces in self._stock.takes_of(order).items():
            self._shift[item][no] += pieces
        wants = {want.line_no: want for want in order.request.wants}
        for one in tried.allocations:
            for part in wants[one.line_no].parts:
                self._shift[str(part.item_id)][one.place] -= one.qty * part.per_unit
        body = order.decision.body
        was = set(places_used(body))
        works = (
            work_of(then.allocations, self._known.unit_of),
            work_of(tried.allocations, self._known.unit_of),
        )
        for no in was | works[1].keys():
            location = self._known.locations_by_no[no]
            if location.capacity_daily is not None:
                day = local_day(location.time_zone, order.decision.at)
                self._load_shift[no, day] += works[1].get(no, 0)
                if no in was:
                    self._load_shift[no, day] -= works[0].get(no, 1)

    def _count(
        self,
        order: PastOrder,
        figures: tuple[Figures, Figures],
        ways: tuple[Sequence[Allocation], Sequence[Allocation]],
    ) -> None:
        before, after = figures
        day = self._days[order.order.placed_at.astimezone(UTC).date()]
        day.update(
            orders=1,
            cost_before=before.cost,
            cost_after=after.cost,
            parcels_before=before.parcels,
            parcels_after=after.parcels,
        )
        for side, figure, way in zip((0, 1), figures, ways, strict=True):
            self._figures[side].append(figure)
            self._parcels[side].update({one.place for one in way})
        was, is_ = self._by_code(ways[0]), self._by_code(ways[1])
        if was != is_:
            gap = after.cost - before.cost
            self._changed.append(ChangedOrder(order.order.number, was, is_, gap))

    def _by_code(self, allocations: Sequence[Allocation]) -> dict[str, int]:
        units: Counter[str] = Counter()
        for one in allocations:
            units[self._known.locations_by_no[one.place].code] += one.qty
        return dict(sorted(units.items()))

    def conclude(self, seconds: float) -> ReplayResult:
        """Everything that was counted."""
        before, after = self._figures
        codes = {no: place.code for no, place in self._known.locations_by_no.items()}
        loads = [
            LocationLoad(codes[no], self._parcels[0][no], self._parcels[1][no])
            for no in self._parcels[0].keys() | self._parcels[1].keys()
        ]
        largest = sorted(self._changed, key=lambda one: (-abs(one.cost_difference), one.number))
        return ReplayResult(
            orders=len(before),
            reproduced=self._reproduced,
            changed=len(self._changed),
            figures=compare_figures(before, after),
            locations=sorted(loads, key=lambda one: (-max(one.before, one.after), one.location)),
            days=[
                DayFigures(day, **{name: counts[name] for name in DayFigures.__struct_fields__[1:]})
                for day, counts in sorted(self._days.items())
            ],
            examples=largest[:EXAMPLES],
            seconds=seconds,
        )


def change_places(places: Sequence[Place], changes: Sequence[PlaceChange]) -> list[Place]:
    """The places with what is tried differently."""
    by_code = {one.location: one for one in changes}
    return [
        _change_place(place, by_code[place.code]) if place.code in by_code else place
        for place in places
    ]


def _change_place(place: Place, one: PlaceChange) -> Place:
    return msgspec.structs.replace(
        place,
        capacity_daily=one.capacity_daily or place.capacity_daily,
        active=place.active if one.active is None else one.active,
    )


def change_tariffs(
    tariffs: Mapping[str, Tariff], changes: Sequence[TariffChange]
) -> dict[str, Tariff]:
    """The tariffs with all prices at so many percent."""
    changed = dict(tariffs)
    for one in changes:
        tariff = changed[one.tariff]
        zones = tuple(
            msgspec.structs.replace(
                zone,
                rates=tuple(
                    msgspec.structs.replace(
                        rate,
                        price=rate.price * one.percent // 100,
                        per_kg=rate.per_kg * one.percent // 100,
                    )
                    for rate in zone.rates
                ),
            )
            for zone in tariff.zones
        )
        changed[one.tariff] = msgspec.structs.replace(tariff, zones=zones)
    return changed
