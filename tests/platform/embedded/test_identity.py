"""Who runs postgres. These become other users in child processes, so they need root to run."""

import ctypes
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ordito.platform import embedded
from ordito.platform.embedded import identity

Until = Callable[[Callable[[], object]], None]

NOBODY = 65534
NAMELESS = 54321
DAC_OVERRIDE = 1 << 1
SOURCE = Path(embedded.__file__).parents[3]
LIBRARIES = sysconfig.get_path("platlib")
TRY = """
import sys
from pathlib import Path
from ordito.platform import embedded
try:
    with embedded.lease(Path(sys.argv[1])) as lease:
        import psycopg
        with psycopg.connect(lease.dsn()) as connection:
            print(connection.execute("SHOW data_directory").fetchone()[0], flush=True)
        print(Path(f"/proc/{embedded.status(Path(sys.argv[1])).postgres_pid}/status").read_text())
except embedded.EmbeddedUnavailable as problem:
    print(problem.detail)
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root can become other users"
)


@pytest.fixture
def environment() -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{SOURCE}{os.pathsep}{LIBRARIES}",
        "ORDITO_EMBEDDED_IDLE_S": "0",
    }


@cache
def python_for(uid: int) -> str:
    """A Python that this user can run with our packages, or a skipped test."""
    environment = {"PYTHONPATH": f"{SOURCE}{os.pathsep}{LIBRARIES}"}
    for python in (sys.executable, "/usr/bin/python3", f"/usr/bin/python3.{sys.version_info[1]}"):
        try:
            subprocess.run(
                [python, "-c", "import psycopg, msgspec, ordito.platform.embedded"],
                **as_user(uid),
                env=environment,
                check=True,
                capture_output=True,
                cwd="/",
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return python
    pytest.skip("no Python with Ordito's packages that an ordinary user can read")


def as_user(uid: int) -> dict[str, Any]:
    return {"user": uid, "group": uid, "extra_groups": []}


def run_as(uid: int, home: Path, environment: Mapping[str, str]) -> str:
    answer: subprocess.CompletedProcess[str] = subprocess.run(
        [python_for(uid), "-c", TRY, str(home)],
        **as_user(uid),
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
    )
    return answer.stdout


def without_namespaces() -> None:
    """Between fork and exec: be root where user namespaces are forbidden, as Docker does it.

    For that it needs one itself, with all ids as they are; its own limit is then set to none.
    """
    pid = os.getpid()
    told, tell = os.pipe()
    helper = os.fork()
    if helper == 0:
        os.read(told, 1)
        for kind in ("uid", "gid"):
            Path(f"/proc/{pid}/{kind}_map").write_text("0 0 65536")
        os._exit(0)
    if ctypes.CDLL(None).unshare(identity.CLONE_NEWUSER) != 0:
        os._exit(99)
    os.write(tell, b"x")
    os.waitpid(helper, 0)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


@pytest.fixture
def open_folder(folder: Path) -> Path:
    """One that anybody may write in."""
    folder.chmod(0o777)
    return folder


def test_root_keeps_its_files_and_postgres_is_no_root(home: Path) -> None:
    with embedded.lease(home) as lease:
        with psycopg.connect(lease.dsn()) as connection:
            connection.execute("CREATE TABLE kept ()")
        process = Path(f"/proc/{embedded.status(home).postgres_pid}")
        assert "CapEff:\t0000000000000000" in (process / "status").read_text()
        assert os.readlink(process / "ns/user") != os.readlink("/proc/self/ns/user")
    owners = {path.lstat().st_uid for path in home.rglob("*")}
    assert owners == {0}


@pytest.mark.parametrize("uid", [NOBODY, NAMELESS])
def test_an_ordinary_user_even_without_a_name_runs_it(
    open_folder: Path, environment: Mapping[str, str], uid: int, until: Until
) -> None:
    home = open_folder / "data"
    said = run_as(uid, home, environment)
    assert said.startswith(f"{home}/postgres\n")
    assert "CapEff:\t0000000000000000" in said
    assert {path.lstat().st_uid for path in home.rglob("*")} == {uid}
    until(lambda: embedded.status(home).state == "stopped")


def test_root_runs_somebodys_data_as_that_somebody(
    open_folder: Path, environment: Mapping[str, str], until: Until
) -> None:
    home = open_folder / "data"
    run_as(NOBODY, home, environment)
    until(lambda: embedded.status(home).state == "stopped")
    with embedded.lease(home) as lease:
        with psycopg.connect(lease.dsn()) as connection:
            connection.execute("CREATE TABLE kept ()")
        status = embedded.status(home)
        assert Path(f"/proc/{status.postgres_pid}").stat().st_uid == NOBODY
        assert Path(f"/proc/{status.supervisor_pid}/status").stat().st_uid == NOBODY
    until(lambda: embedded.status(home).state == "stopped")
    assert {path.lstat().st_uid for path in home.rglob("*")} == {NOBODY}
    assert run_as(NOBODY, home, environment).startswith(f"{home}/postgres\n")


def test_somebody_elses_data_are_refused_with_what_to_do(
    home: Path, environment: Mapping[str, str]
) -> None:
    home.chmod(0o755)
    said = run_as(NOBODY, home, environment)
    assert said.startswith(f"The data directory {home} belongs to somebody else (Permission denied")
    (home / "supervisor.lock").unlink(missing_ok=True)
    assert run_as(NOBODY, home, environment) == (
        f"The data directory {home} belongs to root, and this program runs as nobody."
        " Run it as root, or set ORDITO_DATA_DIR to a folder of your own.\n"
    )


def test_a_folder_where_nobody_may_write_is_refused_with_what_to_do(
    folder: Path, environment: Mapping[str, str]
) -> None:
    assert run_as(NOBODY, folder / "data", environment) == (
        f"The data directory {folder}/data can't be used: Permission denied ({folder}/data)."
        " Set ORDITO_DATA_DIR to a folder where this user may write.\n"
    )


@pytest.mark.parametrize(("mode", "capabilities"), [(0o755, 0), (0o700, DAC_OVERRIDE)])
def test_root_without_namespaces_becomes_nobody_and_opens_no_folder(
    folder: Path, home: Path, environment: Mapping[str, str], mode: int, capabilities: int
) -> None:
    folder.chmod(mode)
    said = subprocess.run(
        [sys.executable, "-c", TRY, str(home)],
        env=environment,
        preexec_fn=without_namespaces,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert said.startswith(f"{home}/postgres\n")
    assert f"Uid:\t{NOBODY}\t{NOBODY}\t{NOBODY}\t{NOBODY}" in said
    assert f"CapEff:\t{capabilities:016x}" in said
    assert stat.S_IMODE(folder.stat().st_mode) == mode
    assert {path.lstat().st_uid for path in home.rglob("*")} == {NOBODY}


def test_a_child_dies_with_its_parent(tmp_path: Path, until: Until) -> None:
    code = (
        "import os, signal, subprocess\n"
        "from ordito.platform.embedded.identity import Identity, child_setup\n"
        # In the background of a script it is ignored, and `sleep` would sleep on.
        "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
        "setup = child_setup(Identity(), signal.SIGINT)\n"
        "child = subprocess.Popen(['sleep', '60'], preexec_fn=setup)\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    child = Path(f"/proc/{int(said.stdout)}/stat")
    until(lambda: not child.exists() or ") Z " in child.read_text())


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
def test_root_that_can_do_nothing_about_it_is_told_what_to_do(
    folder: Path, environment: Mapping[str, str]
) -> None:
    folder.chmod(0o700)
    said = subprocess.run(
        ["setpriv", "--bounding-set=-dac_override", sys.executable, "-c", TRY, str(folder / "a")],
        env=environment,
        preexec_fn=without_namespaces,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert said.startswith(f"PostgreSQL can't run as root, and nobody can't reach {folder}/a and ")
    assert "Start Ordito as an ordinary user, or set ORDITO_DATA_DIR to a folder that" in said
