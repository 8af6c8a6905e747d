"""`ordito serve` as a whole: it answers, survives the death of its parts, and ends cleanly."""

import http.client
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from ordito.flows.manage_access import CreateUser, SetPassword, create_user, give_password
from ordito.flows.sign_in import SignIn, sign_in
from ordito.kernel.ids import new_id
from ordito.platform import door, embedded
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.migrations import read_migrations, schema_version
from tests.app.served import (
    BACK_WITHIN_S,
    HOST,
    START_WITHIN_S,
    Served,
    environment,
    folder,
    is_alive,
    patience_s,
    run,
    serving,
    until,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the chaos is POSIX's")

PASSWORD = "correct horse battery staple"
NEWEST = read_migrations()[-1].version


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Data directory in `data`, temporary files and logs beside it."""
    with folder() as made:
        yield made


@pytest.fixture(scope="module")
def single(place: Path) -> Iterator[Served]:
    """One process that answers and works."""
    env = environment(ORDITO_DATA_DIR=str(place / "data"))
    with serving(["serve", "--processes", "1"], env, place / "single.log") as served:
        served.wait_until_ready()
        yield served


@pytest.fixture(scope="module")
def pair(single: Served, place: Path) -> Iterator[Served]:
    """Two processes that answer and one that works, on the database of `single`."""
    env = environment(ORDITO_DATA_DIR=str(place / "data"), TMPDIR=str(place))
    with serving(["serve", "--processes", "2"], env, place / "pair.log") as served:
        served.wait_until_ready()
        yield served


def test_a_new_installation_is_alive_and_ready(single: Served) -> None:
    assert single.json("/health") == {"status": "ok"}
    assert single.json("/ready") == {"status": "ready", "schema": NEWEST, "schema_needed": NEWEST}


def test_the_first_start_says_how_to_create_a_user(single: Served) -> None:
    assert single.said().count("ordito users create") == 1


def test_a_killed_process_is_replaced(single: Served) -> None:
    (victim,) = single.children()

    os.kill(victim, signal.SIGKILL)

    until(lambda: not is_alive(victim), BACK_WITHIN_S, "the victim is gone")
    until(lambda: single.answers("/ready"), patience_s(), "it answers again")
    assert single.children() not in ([], [victim])


def test_a_killed_database_comes_back(single: Served, place: Path) -> None:
    victim = embedded.status(place / "data").postgres_pid
    assert victim is not None

    os.kill(victim, signal.SIGKILL)

    until(
        lambda: embedded.status(place / "data").postgres_pid not in (None, victim),
        patience_s(),
        "another postmaster",
    )
    until(lambda: single.answers("/ready"), patience_s(), "it is ready again")


def test_two_processes_answer_on_one_port(pair: Served) -> None:
    both = pair.children("ordito web")
    assert len(both) == 2
    assert len(pair.children("ordito worker")) == 1

    for stopped in both:
        os.kill(stopped, signal.SIGSTOP)
        try:
            assert pair.answers("/health"), "the other one answers"
        finally:
            os.kill(stopped, signal.SIGCONT)


def counted(served: Served) -> int:
    """Requests for /health so far."""
    page = served.get("/metrics")[1].decode()
    found = re.search(r'^ordito_http_requests_total\{.*route="/health".*\} ([\d.]+)$', page, re.M)
    return int(float(found[1])) if found else 0


def gauges(place: Path, pid: int) -> list[Path]:
    return list(place.glob(f"ordito-metrics-*/gauge_live*_{pid}.db"))


def test_sigterm_ends_all_and_leaves_nothing(single: Served, place: Path) -> None:
    log = place / "ending.log"
    own = place / "ending"
    own.mkdir()
    env = environment(ORDITO_DATA_DIR=str(place / "data"), TMPDIR=str(own))
    with serving(["serve", "--processes", "2"], env, log) as served:
        served.wait_until_ready()
        children = served.children()
        assert len(children) == 3
        assert list(own.glob("ordito-metrics-*"))

        assert served.end() == 0

        assert not [pid for pid in children if is_alive(pid)]
        assert not served.answers("/health")
        assert not list(own.glob("ordito-metrics-*"))
        assert "Traceback" not in served.said()
    assert single.answers("/ready"), "the database goes on for the other program"


def test_an_open_stream_of_events_is_ended_in_peace(single: Served, place: Path) -> None:
    env = environment(ORDITO_DATA_DIR=str(place / "data"))
    with serving(["serve", "--processes", "1"], env, place / "stream.log") as served:
        served.wait_until_ready()
        stream = http.client.HTTPConnection(HOST, served.port, timeout=30)
        stream.request("GET", "/events/stream", headers={"Cookie": signed_in(place / "data")})
        answer = stream.getresponse()
        assert answer.status == 200

        served.process.send_signal(signal.SIGTERM)

        # A connection that is cut leaves the last chunk out, and read would raise IncompleteRead.
        assert answer.read().startswith(b"retry:")
        assert served.process.wait(timeout=60) == 0


def signed_in(data: Path) -> str:
    """The cookie of a new user's session."""
    with embedded.lease(data) as lease:
        db = Database(lease.dsn(), size_max=1).open()
        ask = CreateUser(email=f"{new_id()}@example.com", name="Ann", permissions=("orders.read",))
        user = door.run(db, SYSTEM, create_user, ask)
        give_password(db, SYSTEM, SetPassword(user_id=user.id), PASSWORD)
        _user, session = sign_in(db, SignIn(user.email, PASSWORD, HOST), absolute_s=3600)
        db.close()
    return f"ordito={session.token}"


def test_children_end_when_the_parent_is_killed(single: Served, place: Path) -> None:
    env = environment(ORDITO_DATA_DIR=str(place / "data"))
    with serving(["serve", "--no-worker"], env, place / "orphans.log") as served:
        served.wait_until_ready()
        children = served.children()
        assert len(children) == 1

        served.process.kill()

        until(lambda: not any(map(is_alive, children)), 3 * BACK_WITHIN_S, "no orphan")


def test_a_port_that_is_taken_is_a_problem_in_words(single: Served, place: Path) -> None:
    env = environment(ORDITO_DATA_DIR=str(place / "data"))

    outcome = run("serve", "--port", str(single.port), env=env)

    assert outcome.returncode == 1
    assert f"port {single.port}" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_servers_database_is_upgraded_only_by_the_command(
    cluster: Callable[[str], str], place: Path
) -> None:
    name = f"empty_{os.getpid()}"
    env = environment(ORDITO_DATABASE_URL=cluster(name), ORDITO_DATA_DIR=str(place / "unused"))
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}".encode())
        try:
            with serving(["serve"], env, place / "empty.log") as served:
                until(lambda: served.answers("/ready", 503), START_WITHIN_S, "it says not ready")
                told = served.json("/ready")
                assert told["status"] == "upgrade-needed"
                assert "ordito db upgrade" in told["reason"]
                assert "ordito db upgrade" in served.said()
                assert served.answers("/health")
                with psycopg.connect(cluster(name)) as looking:
                    assert schema_version(looking) == 0

                assert run("db", "upgrade", env=env).returncode == 0

                served.wait_until_ready()
            assert not (place / "unused").exists()
        finally:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
