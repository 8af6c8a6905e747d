"""The real program as a process of its own: started, asked over HTTP, looked at, ended."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

import ordito
from ordito.platform import embedded

HOST = "127.0.0.1"
START_WITHIN_S = 90.0
BACK_WITHIN_S = 10.0


def patience_s() -> float:
    """The ten seconds that are promised, stretched where this machine's cores are overbooked."""
    return BACK_WITHIN_S * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def until(condition: Callable[[], object], within_s: float, words: str | Callable[[], str]) -> None:
    """Wait until the condition holds; fails with the words when it takes too long."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            told = words if isinstance(words, str) else words()
            raise AssertionError(f"not within {within_s:.0f} s: {told}")
        time.sleep(0.05)


def environment(**ours: str) -> dict[str, str]:
    """This process's environment without its settings of Ordito, and with the given ones."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ORDITO_", "PROMETHEUS_"))}
    source = str(Path(ordito.__file__).parents[1])
    return kept | {"PYTHONPATH": source, "ORDITO_EMBEDDED_IDLE_S": "1"} | ours


def run(*arguments: str, env: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """A command to its end."""
    command = [sys.executable, "-m", "ordito", *arguments]
    return subprocess.run(
        command, env=dict(env), capture_output=True, text=True, timeout=120, check=False
    )


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder with a short path, in memory where there is room: no plug is pulled here."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1_000_000_000
    made = Path(tempfile.mkdtemp(prefix="oa-", dir=memory if roomy else "/tmp"))
    try:
        yield made
    finally:
        for lock in made.glob("*/supervisor.lock"):
            embedded.stop(lock.parent)
        shutil.rmtree(made, ignore_errors=True)


class Served:
    """A program that serves on a port of its own choice."""

    def __init__(self, arguments: list[str], env: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ordito", *arguments, "--port", "0"],
                env=dict(env),
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        until(self._find_port, START_WITHIN_S, lambda: f"it serves; it said {self.said()!r}")

    def _find_port(self) -> bool:
        assert self.process.poll() is None, self.said()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.said())
        self.port = int(found[1]) if found else 0
        return found is not None

    def said(self) -> str:
        return self._log.read_text("utf-8", errors="replace")

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Status and body; status 0 when nobody answers."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def json(self, path: str, **headers: str) -> Any:
        return msgspec.json.decode(self.get(path, **headers)[1])

    def answers(self, path: str, status: int = 200) -> bool:
        return self.get(path)[0] == status

    def wait_until_ready(self) -> None:
        until(
            lambda: self.answers("/ready"), START_WITHIN_S, lambda: f"ready; {self.said()[-2000:]}"
        )

    def children(self, *titles: str) -> list[int]:
        """The processes that answer or work, or only those of these titles."""
        below = [pid for pid, _words in children_of(self.process.pid)]
        wanted = titles or TITLES
        return [pid for one in below for pid, words in children_of(one) if words in wanted]

    def end(self) -> int:
        """SIGTERM, then its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


TITLES = ("ordito web", "ordito worker")


def children_of(parent: int) -> list[tuple[int, str]]:
    """Process ids with their command lines; those that have ended don't count."""
    told = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = [line.split(None, 3) for line in told.splitlines()]
    alive = [row for row in rows if len(row) == 4 and not row[2].startswith("Z")]
    return [(int(row[0]), row[3]) for row in alive if int(row[1]) == parent]


def is_alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@contextlib.contextmanager
def serving(arguments: list[str], env: Mapping[str, str], log: Path) -> Iterator[Served]:
    """A program that is gone afterwards, whatever the test did to it."""
    served = Served(arguments, env, log)
    try:
        yield served
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(served.process.pid, signal.SIGKILL)
        served.process.wait()
