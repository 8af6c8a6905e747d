"""F1, F7, F23: everything is killed at any moment while clients place and cancel.

What was accepted is stored, once; what was refused is not; everything is back within ten seconds
without anyone's hand; the doctor finds nothing.
"""

import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from ordito.orders.events import UnitsCancelled
from ordito.platform.database import Database
from tests.chaos.clients import Act, Client
from tests.chaos.installation import (
    BACK_WITHIN_S,
    KINDS,
    Installation,
    data_folder,
    furnish,
    kill,
    opened,
    rows,
)
from tests.doctor.wellness import assert_well

CLIENTS = 32
SKUS = [f"sku-{n}" for n in range(50)]

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(7200), pytest.mark.xdist_group("chaos")]


def test_f1_nothing_is_lost_doubled_or_stuck_whatever_is_killed(
    pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    rounds = pytestconfig.getoption("--chaos-rounds", default=None) or len(KINDS)
    seed = pytestconfig.getoption("--chaos-seed", default=None) or random.randrange(10**6)
    print(f"seed {seed}, {rounds} rounds")
    with data_folder() as home, (tmp_path / "serve.log").open("wb") as log:
        installation = Installation(home, log)
        try:
            with opened(home) as db:
                token = furnish(db, {code: dict.fromkeys(SKUS, rounds) for code in "AB"})
                installation.start()
            acts = _play(installation, token, tmp_path, random.Random(seed), rounds)
            with opened(home) as db:
                check(db, acts)
        finally:
            installation.stop()


def _play(
    installation: Installation, token: str, folder: Path, chance: random.Random, rounds: int
) -> list[Act]:
    """Let clients work while things are killed; all that they did."""
    clients = [
        Client(n, installation.port, token, SKUS, folder / f"client-{n}.jsonl")
        for n in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    try:
        for kind in _kinds(chance, rounds):
            time.sleep(chance.uniform(0.3, 1.5))
            victims = installation.victims(kind)
            print(f"{kind} {victims} killed,", end=" ", flush=True)
            kill(victims)
            print(f"back in {installation.wait_until_ready(BACK_WITHIN_S):.1f} s")
        time.sleep(0.5)
    finally:
        for client in clients:
            client.ask_to_stop()
        for client in clients:
            client.join()
    return [act for client in clients for act in client.acts]


def _kinds(chance: random.Random, rounds: int) -> list[str]:
    """Every kind of victim as often as any other, in any order."""
    kinds = [KINDS[n % len(KINDS)] for n in range(rounds)]
    chance.shuffle(kinds)
    return kinds


def check(db: Database, acts: Sequence[Act]) -> None:
    """What clients were told is what is stored."""
    told = Counter((act.kind, act.result) for act in acts)
    print(f"{len(acts)} acts: {dict(told)}; {sum(len(a.outcomes) > 1 for a in acts)} tried again")
    assert told["place", "ok"] > 50
    stored = {
        external_id: (str(id_), version)
        for external_id, id_, version in rows(
            db, "SELECT external_id, id, version FROM orders.sales_order"
        )
    }
    places = [act for act in acts if act.kind == "place"]
    assert len(places) == len({act.target for act in places})
    for act in places:
        assert len(set(act.ids)) <= 1, f"two orders under one key: {act}"
        if act.result == "ok":
            assert stored[act.target][0] == act.ids[0], f"accepted, but not stored: {act}"
        elif act.result == "fail":
            assert act.target not in stored, f"refused, but stored: {act}"
    assert set(stored) <= {act.target for act in places}
    _check_cancellations(db, [act for act in acts if act.kind == "cancel"])
    _check_versions(acts)
    _check_feed(db)
    assert_well(db)


def _check_cancellations(db: Database, cancels: Sequence[Act]) -> None:
    found = rows(
        db,
        "SELECT stream_id::text, count(*) FROM platform.event"
        f" WHERE kind = '{UnitsCancelled.kind}' GROUP BY stream_id",
    )
    cancelled = dict(found)
    assert set(cancelled.values()) <= {1}, "an order was cancelled twice"
    for act in cancels:
        if act.result == "ok":
            assert cancelled.get(act.target) == 1, f"accepted, but not cancelled: {act}"
        elif act.result == "fail":
            assert act.target not in cancelled, f"refused, but cancelled: {act}"
    assert set(cancelled) <= {act.target for act in cancels}


def _check_versions(acts: Sequence[Act]) -> None:
    """No two writes that were accepted got the same version of an order."""
    written: dict[tuple[str, int], str] = {}
    for act in acts:
        for id_, version in zip(act.ids, act.versions, strict=True):
            assert written.setdefault((id_, version), act.key) == act.key, (id_, version)


def _check_feed(db: Database) -> None:
    """F23: the installation's own worker moves every event to the feed, each exactly once."""
    until = time.monotonic() + BACK_WITHIN_S
    count = (
        "SELECT (SELECT count(*) FROM platform.event), (SELECT count(*) FROM platform.feed),"
        " (SELECT count(*) FROM platform.pending)"
    )
    ((events, entries, waiting),) = rows(db, count)
    while waiting and time.monotonic() < until:
        time.sleep(0.1)
        ((events, entries, waiting),) = rows(db, count)
    assert waiting == 0, "no worker moves what is pending"
    assert events == entries > 0
