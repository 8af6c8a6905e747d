import contextlib
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from ordito.platform import embedded
from ordito.platform.embedded import EmbeddedUnavailable, locks

Until = Callable[[Callable[[], object]], None]


def answers(dsn: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(dsn) as connection:
        return connection.execute("SELECT 1").fetchall() == [(1,)]
    return False


def test_a_lease_names_programs_and_database(home: Path) -> None:
    with embedded.lease(home) as lease:
        assert (lease.bin_dir / "pg_dump").exists()
        dsn = (
            f"host='{home}/run' port='5432' user='ordito' dbname='it\\'s' passfile='{home}/pgpass'"
        )
        assert lease.dsn("it's") == dsn


def test_closing_twice_is_closing_once(home: Path, until: Until) -> None:
    one, two = embedded.lease(home), embedded.lease(home)
    one.close()
    one.close()
    until(lambda: embedded.status(home).leases == 1)
    assert answers(two.dsn())
    two.close()


def test_a_database_that_is_not_ready_in_time_is_told(home: Path) -> None:
    held = locks.take(home / "supervisor.lock")
    assert held
    with pytest.raises(EmbeddedUnavailable) as caught:
        embedded.lease(home, timeout_s=0.1)
    assert caught.value.detail == (
        f"The database in {home} was not ready within 0.1 s. It may be recovering from a crash:"
        f" see {home}/log and {home}/supervisor.log, and try again."
    )
    with pytest.raises(EmbeddedUnavailable, match=r"did not stop within 0\.1 s"):
        embedded.stop(home, timeout_s=0.1)
    os.close(held)


def test_a_holder_has_it_back_once_the_cause_of_a_failure_is_removed(
    home: Path, until: Until
) -> None:
    settings = home / "postgres" / "postgresql.auto.conf"
    with embedded.lease(home) as lease:
        settings.write_text("no_such_setting = 1\n")
        postgres = embedded.status(home).postgres_pid
        assert postgres
        os.kill(postgres, signal.SIGKILL)
        until(lambda: embedded.status(home).state == "failed")
        settings.write_text("")
        until(lambda: answers(lease.dsn()))


def test_the_status_of_what_never_was_is_stopped(folder: Path) -> None:
    assert embedded.status(folder / "none") == embedded.Status(state="stopped")
    embedded.stop(folder / "none")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("nonsense", [b"\xff\n", b'{"ask": "dance"}\n', b"x" * 10_000])
def test_nonsense_at_the_supervisors_door_harms_nobody(home: Path, nonsense: bytes) -> None:
    with embedded.lease(home) as lease:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(home / "run" / "supervisor.sock"))
            line.sendall(nonsense)
            with contextlib.suppress(ConnectionResetError):
                assert line.recv(100) == b""
        assert embedded.status(home).leases == 1
        assert answers(lease.dsn())
