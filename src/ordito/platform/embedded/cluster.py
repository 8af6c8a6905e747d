"""A cluster in a data directory: its folders, how it is made, its settings and its password.

home/postgres      the cluster (PGDATA); made beside it and renamed, so it is whole or absent
home/log           PostgreSQL's log, one file per weekday, each overwritten a week later
home/pgpass        the password of `ordito`, in libpq's format, readable by the owner only
home/supervisor.*  lock, log and last known status of the supervisor
"""

import contextlib
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from ordito.platform.embedded.binaries import Binaries
from ordito.platform.embedded.problems import EmbeddedUnavailable

ChildSetup = Callable[[], None]  # see identity.child_setup

OWNER = "ordito"
DATABASE = "ordito"
INIT_TIMEOUT_S = 300
START_LOG = "start.log"  # what postgres says before its log collector runs
SETTINGS = """\
# Written by Ordito at every start. To change a setting use ALTER SYSTEM, which is read after this.
max_connections = 100
# Parallel queries take their memory from here first: a container's /dev/shm is small, and
# systemd clears a user's shared memory at logout.
min_dynamic_shared_memory = 16MB
wal_compression = on
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
synchronous_commit = on
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
logging_collector = on
log_directory = '../log'
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_file_mode = 0600
log_line_prefix = '%m [%p] '
# Details of an error name values of rows, and people's data stays out of logs.
log_error_verbosity = terse
"""


class Cluster(msgspec.Struct, frozen=True):
    """One data directory and the programs that run it."""

    home: Path
    binaries: Binaries

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def password_file(self) -> Path:
        return password_file(self.home)

    @property
    def lock(self) -> Path:
        """Held open by every process of postgres, and by nobody once the last is gone."""
        return self.home / "postgres.lock"


def password_file(home: Path) -> Path:
    return home / "pgpass"


def read_major(home: Path) -> int | None:
    """The major version that made the cluster in `home`; None where there is none yet.

    Raises EmbeddedUnavailable where the folder holds something else.
    """
    data = home / "postgres"
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except FileNotFoundError:
        if not data.exists() or not any(data.iterdir()):
            return None
    except ValueError:
        pass
    raise EmbeddedUnavailable(
        f"{data} is no PostgreSQL cluster: its PG_VERSION is missing or damaged. Restore the"
        " folder from a backup, or move it away to begin with an empty database."
    )


def prepare(cluster: Cluster, child_setup: ChildSetup) -> None:
    """Make the cluster unless it is there, and see that its settings and password are.

    The caller holds the supervisor's lock, so nobody else works here.
    Raises EmbeddedUnavailable with what initdb said.
    """
    cluster.log.mkdir(mode=0o700, exist_ok=True)
    for left in cluster.home.glob("postgres.new-*"):  # of an attempt that was killed
        shutil.rmtree(left, ignore_errors=True)
    if not (cluster.data / "PG_VERSION").exists():
        _initialise(cluster, child_setup)
    _write_settings(cluster.data, cluster.binaries)
    if not cluster.password_file.exists():
        _renew_password(cluster, child_setup)


def _initialise(cluster: Cluster, child_setup: ChildSetup) -> None:
    fresh = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=cluster.home))
    password = secrets.token_urlsafe(32)
    secret = fresh.with_suffix(".secret")
    _write_private(secret, password)
    try:
        _run(cluster, _initdb(cluster.binaries, fresh, secret), child_setup)
    finally:
        secret.unlink()
    _alone(cluster, fresh, f"CREATE DATABASE {DATABASE} OWNER {OWNER}", child_setup)
    _write_pgpass(cluster, password)
    if cluster.data.exists():
        cluster.data.rmdir()  # read_major has refused one that isn't empty
    fresh.rename(cluster.data)
    _sync(cluster.home)


def _initdb(binaries: Binaries, data: Path, secret: Path) -> list[str | Path]:
    # Locale and encoding are said in full: taken from the environment, the order of rows would
    # depend on who started the program first.
    return [
        binaries.folder / "initdb",
        f"--pgdata={data}",
        f"--username={OWNER}",
        f"--pwfile={secret}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        "--no-instructions",
    ]


def _renew_password(cluster: Cluster, child_setup: ChildSetup) -> None:
    """The password file was lost, with a backup of the cluster alone for example: set another."""
    password = secrets.token_urlsafe(32)
    statement = f"ALTER ROLE {OWNER} PASSWORD '{password}'"
    _alone(cluster, cluster.data, statement, child_setup)
    _write_pgpass(cluster, password)


def _alone(cluster: Cluster, data: Path, statement: str, child_setup: ChildSetup) -> None:
    """Run one statement in a server that only we can reach: single-user mode."""
    command = [str(cluster.binaries.folder / "postgres"), "--single", "-D", str(data)]
    options = ["-c", "exit_on_error=on", "-c", "log_checkpoints=off", "postgres"]
    _run(cluster, [*command, *options], child_setup, said=statement + "\n")


def _run(
    cluster: Cluster, command: Sequence[str | Path], child_setup: ChildSetup, said: str = ""
) -> None:
    answer = subprocess.run(  # noqa: S603
        command,
        input=said.encode(),
        capture_output=True,
        timeout=INIT_TIMEOUT_S,
        check=False,
        cwd="/",
        env=environment(),
        preexec_fn=child_setup,
    )
    if answer.returncode != 0:
        name = Path(command[0]).name
        words = " ".join(answer.stderr.decode(errors="replace").split())[-600:]
        raise EmbeddedUnavailable(
            f"{name} failed (exit code {answer.returncode}) in {cluster.home}: {words}"
        )


def environment() -> dict[str, str]:
    """Ours without what would change PostgreSQL's mind: PG*, languages, locales."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "LC_", "LANG"))
    }
    return kept | {"LC_ALL": "C"}


def _write_settings(data: Path, binaries: Binaries) -> None:
    settings = f"{SETTINGS}shared_buffers = {_cache_mb(_memory_bytes())}MB\n"
    if _has_library(binaries, "pg_stat_statements"):
        settings += "shared_preload_libraries = 'pg_stat_statements'\n"
    _write_private(data / "ordito.conf", settings)
    main = data / "postgresql.conf"
    include = "include_if_exists = 'ordito.conf'"
    if include not in main.read_text(encoding="utf-8"):
        with main.open("a", encoding="utf-8") as file:
            file.write(f"\n{include}\n")


def _cache_mb(memory_bytes: int) -> int:
    """Megabytes for PostgreSQL's own cache; taken from the system only as they are filled."""
    return max(128, min(2048, memory_bytes // 8 // 2**20))


def _memory_bytes() -> int:
    """The machine's memory, or what a container may use of it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):  # there is no limit, or "max"
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return memory


def _has_library(binaries: Binaries, name: str) -> bool:
    answer = subprocess.run(  # noqa: S603
        [binaries.folder / "pg_config", "--pkglibdir"], capture_output=True, timeout=20, check=False
    )
    folder = Path(os.fsdecode(answer.stdout.strip()))
    return any((folder / f"{name}{suffix}").exists() for suffix in (".so", ".dylib"))


def _write_pgpass(cluster: Cluster, password: str) -> None:
    _write_private(cluster.password_file, f"*:*:*:{OWNER}:{password}\n")


def _write_private(path: Path, content: str) -> None:
    """Replace the file at once and for good, readable by its owner only."""
    fresh = path.with_name(path.name + ".new")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def last_words(cluster: Cluster, since: float) -> str:
    """The last thing PostgreSQL said before it gave up, for people; "" where it said nothing.

    since: only logs written after this (seconds of time.time) are read.
    """
    start = _tail(cluster.log / START_LOG)
    if "FATAL" in start:  # with the lines before it, where a faulty setting is named
        return " ".join(" ".join(start.splitlines()[-3:]).split())
    logs = [path for path in cluster.log.glob("postgresql-*") if path.stat().st_mtime >= since]
    found = [line for path in logs for line in re.findall(r"(?:FATAL|PANIC): .*", _tail(path))]
    return found[-1] if found else ""


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 20_000))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
