import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from ordito.platform import embedded
from ordito.platform.embedded import EmbeddedUnavailable, locks

Until = Callable[[Callable[[], object]], None]
Hold = Callable[[Path], subprocess.Popen[str]]


def first_line(program: subprocess.Popen[str]) -> str:
    assert program.stdout
    return program.stdout.readline().strip()


def supervisor_of(home: Path) -> int:
    pid = embedded.status(home).supervisor_pid
    assert pid
    return pid


def postgres_of(home: Path) -> int:
    pid = embedded.status(home).postgres_pid
    assert pid
    return pid


def is_gone(home: Path) -> bool:
    return not (locks.held(home / "supervisor.lock") or locks.held(home / "postgres.lock"))


def answers(dsn: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        return count(dsn) is not None
    return False


def count(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT count(*) FROM kept").fetchall()[0][0]


def is_active(dsn: str, backend: int) -> bool:
    with psycopg.connect(dsn) as connection:
        text = "SELECT state FROM pg_stat_activity WHERE pid = %s"
        return connection.execute(text, [backend]).fetchall() == [("active",)]


def keep_a_row(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept ()")
        connection.execute("INSERT INTO kept DEFAULT VALUES")


def test_programs_that_start_at_once_share_one_server(home: Path, hold: Hold) -> None:
    programs = [hold(home) for _ in range(3)]
    assert len({first_line(program) for program in programs}) == 1
    status = embedded.status(home)
    assert (status.state, status.leases, status.restarts) == ("ready", 3, 0)
    # The lock that postgres hands down: one postmaster has it open, and only its children else.
    assert locks.holders(home / "supervisor.lock") == {status.supervisor_pid}


def test_a_killed_program_gives_its_lease_back(home: Path, hold: Hold, until: Until) -> None:
    program = hold(home)
    keep_a_row(first_line(program))
    program.kill()
    until(lambda: is_gone(home))
    assert embedded.status(home).state == "stopped"
    with embedded.lease(home) as lease:
        assert count(lease.dsn()) == 1


def test_the_server_stays_while_somebody_holds_it(
    home: Path, hold: Hold, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDITO_EMBEDDED_IDLE_S", "0")
    with embedded.lease(home):
        program = hold(home)
        first_line(program)
        before = postgres_of(home)
        program.kill()
        until(lambda: embedded.status(home).leases == 1)
        assert postgres_of(home) == before
    until(lambda: is_gone(home))


def test_a_killed_supervisor_is_replaced_by_who_holds_a_lease(home: Path, until: Until) -> None:
    with embedded.lease(home) as lease:
        keep_a_row(lease.dsn())
        supervisor, postgres = supervisor_of(home), postgres_of(home)
        os.kill(supervisor, signal.SIGKILL)
        until(lambda: embedded.status(home).supervisor_pid not in (None, supervisor))
        until(lambda: answers(lease.dsn()))
        assert postgres_of(home) != postgres
        assert count(lease.dsn()) == 1
        until(lambda: embedded.status(home).leases == 1)


def test_postgres_does_not_outlive_a_killed_supervisor(
    home: Path, hold: Hold, until: Until
) -> None:
    program = hold(home)
    keep_a_row(first_line(program))
    supervisor = supervisor_of(home)
    program.kill()
    os.kill(supervisor, signal.SIGKILL)
    until(lambda: is_gone(home))
    with embedded.lease(home) as lease:
        assert count(lease.dsn()) == 1


def test_a_killed_postmaster_is_started_again_despite_a_busy_orphan(
    home: Path, until: Until
) -> None:
    with embedded.lease(home) as lease:
        keep_a_row(lease.dsn())
        busy = psycopg.connect(lease.dsn())
        orphan = busy.info.backend_pid
        # A loop that never looks whether its postmaster lives.
        busy.pgconn.send_query(b"DO $$ BEGIN LOOP END LOOP; END $$")
        busy.pgconn.flush()
        until(lambda: is_active(lease.dsn(), orphan))
        os.kill(postgres_of(home), signal.SIGKILL)
        until(lambda: embedded.status(home).restarts == 1)
        until(lambda: answers(lease.dsn()))
        assert orphan not in locks.holders(home / "postgres.lock")
        assert count(lease.dsn()) == 1
        busy.close()


def test_a_postmaster_killed_again_and_again_is_never_given_up(home: Path, until: Until) -> None:
    with embedded.lease(home) as lease:
        keep_a_row(lease.dsn())
        for round_number in range(1, 7):
            os.kill(postgres_of(home), signal.SIGKILL)
            until(lambda n=round_number: embedded.status(home).restarts == n)  # type: ignore[misc]
            until(lambda: embedded.status(home).state == "ready")
        assert count(lease.dsn()) == 1


def test_a_killed_backend_takes_nobody_else_down_for_long(home: Path, until: Until) -> None:
    with embedded.lease(home) as lease:
        keep_a_row(lease.dsn())
        before = embedded.status(home)
        with contextlib.closing(psycopg.connect(lease.dsn())) as victim:
            os.kill(victim.info.backend_pid, signal.SIGKILL)
            with embedded.lease(home) as other:  # waits for the recovery
                assert count(other.dsn()) == 1
        until(lambda: embedded.status(home) == before)


def test_all_killed_at_once_is_made_good(home: Path, until: Until) -> None:
    with embedded.lease(home) as lease:
        keep_a_row(lease.dsn())
        doomed = [supervisor_of(home), *locks.holders(home / "postgres.lock")]
        for process in doomed:
            with contextlib.suppress(ProcessLookupError):  # a worker that was at its end
                os.kill(process, signal.SIGKILL)
        until(lambda: answers(lease.dsn()))
        assert count(lease.dsn()) == 1
        assert not {supervisor_of(home), postgres_of(home)} & set(doomed)


def test_a_terminated_supervisor_stops_in_order_and_is_replaced(home: Path, until: Until) -> None:
    with embedded.lease(home) as lease:
        keep_a_row(lease.dsn())
        supervisor = supervisor_of(home)
        os.kill(supervisor, signal.SIGTERM)
        until(lambda: embedded.status(home).supervisor_pid not in (None, supervisor))
        until(lambda: answers(lease.dsn()))
    log = "".join(path.read_text() for path in (home / "log").glob("postgresql-*.log"))
    assert "database system was not properly shut down" not in log


def test_a_stop_by_request_lasts_until_somebody_starts_it(home: Path, until: Until) -> None:
    with embedded.lease(home) as holder:
        keep_a_row(holder.dsn())
        embedded.stop(home)
        assert is_gone(home)
        assert embedded.status(home).state == "stopped"
        embedded.stop(home)  # once more does nothing
        with embedded.lease(home):
            until(lambda: embedded.status(home).leases == 2)
            assert count(holder.dsn()) == 1


def test_a_stale_pid_file_of_a_number_in_use_again_is_no_obstacle(home: Path) -> None:
    started = f"{os.getpid()}\n{home}/postgres\n1700000000\n5432\n\n\n1 1\nready\n"
    (home / "postgres" / "postmaster.pid").write_text(started)
    with embedded.lease(home) as lease:
        keep_a_row(lease.dsn())


def test_a_server_that_cannot_start_is_given_up_with_its_reason(home: Path) -> None:
    settings = home / "postgres" / "postgresql.auto.conf"
    settings.write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedUnavailable) as caught:
        embedded.lease(home)
    assert caught.value.detail.startswith("PostgreSQL does not start: ")
    assert "no_such_setting" in caught.value.detail
    assert embedded.status(home).state == "failed"
    assert embedded.status(home).reason == caught.value.detail
    settings.write_text("")
    with embedded.lease(home) as lease:
        keep_a_row(lease.dsn())


def test_a_supervisor_that_crashes_at_start_is_told(home: Path, folder: Path) -> None:
    (folder / "msgspec.py").write_text("raise ImportError('broken installation')")
    code = "import sys, os; sys.path.insert(0, os.environ['GOOD']); "
    code += "from pathlib import Path; from ordito.platform import embedded; "
    code += f"os.environ['PYTHONPATH'] = {str(folder)!r}; embedded.lease(Path(sys.argv[1]))"
    environment = os.environ | {"GOOD": os.environ["PYTHONPATH"]}
    answer = subprocess.run(
        [sys.executable, "-c", code, str(home)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "The database's supervisor did not start" in answer.stderr
    assert "broken installation" in answer.stderr


def test_sockets_swept_away_are_made_again(home: Path, until: Until) -> None:
    with embedded.lease(home) as lease:
        keep_a_row(lease.dsn())
        shutil.rmtree(home / "run")
        os.kill(int(locks.holders(home / "supervisor.lock").pop()), signal.SIGCHLD)  # look now
        until(lambda: answers(lease.dsn()))
        assert count(lease.dsn()) == 1


def test_a_data_directory_taken_away_takes_its_processes_along(
    home: Path, hold: Hold, until: Until
) -> None:
    program = hold(home)
    first_line(program)
    status = embedded.status(home)
    assert status.supervisor_pid
    program.kill()
    home.rename(home.with_name("elsewhere"))
    os.kill(status.supervisor_pid, signal.SIGCHLD)  # look now
    until(lambda: not runs(status.supervisor_pid) and not runs(status.postgres_pid))


def runs(pid: int | None) -> bool:
    with contextlib.suppress(OSError):
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    return False


def test_run_by_hand_it_stays_in_the_foreground_until_terminated(home: Path, until: Until) -> None:
    module = "ordito.platform.embedded.supervisor"
    program = subprocess.Popen([sys.executable, "-m", module, str(home)], stdout=subprocess.DEVNULL)
    until(lambda: embedded.status(home).state == "ready")
    program.terminate()
    assert program.wait(timeout=20) == 0
    assert is_gone(home)


def test_what_happened_is_in_the_log(home: Path, until: Until) -> None:
    with embedded.lease(home):
        os.kill(postgres_of(home), signal.SIGKILL)
        until(lambda: embedded.status(home).restarts == 1)
        embedded.stop(home)
    log = (home / "supervisor.log").read_text()
    assert "postgres ended with code -9; it was ready" in log
    assert "postgres has stopped after" in log
