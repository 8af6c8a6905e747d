import contextlib
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from ordito.platform import embedded
from ordito.platform.embedded import EmbeddedUnavailable, cluster, locks

MODULE = "ordito.platform.embedded.supervisor"
Until = Callable[[Callable[[], object]], None]


def ask(dsn: str, text: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(text.encode()).fetchall()


def test_a_fresh_cluster_is_durable_private_and_the_same_everywhere(folder: Path) -> None:
    home = folder / "not yet" / "there"
    with embedded.lease(home) as lease:
        rows = ask(lease.dsn(), "SELECT name, setting FROM pg_settings")
        settings = {str(row[0]): row[1] for row in rows}
        locale = ask(
            lease.dsn(),
            "SELECT datlocprovider, datlocale, datcollate, lower('ŁÓDŹ ÜBER ЖУК'), current_user"
            " FROM pg_database WHERE datname = current_database()",
        )
        methods = ask(lease.dsn(), "SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    wanted = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "jit": "off",
        "max_wal_size": "2048",
        "TimeZone": "UTC",
        "shared_preload_libraries": "pg_stat_statements",
    }
    assert {name: settings[name] for name in wanted} == wanted
    assert 128 <= int(str(settings["shared_buffers"])) * 8 // 1024 <= 2048, (
        "an eighth of the memory"
    )
    assert locale == [("b", "C.UTF-8", "C", "łódź über жук", "ordito")]
    assert methods == [("scram-sha-256",)]


def test_the_password_is_in_a_private_file_and_needed(home: Path) -> None:
    with embedded.lease(home) as lease:
        password = cluster.password_file(home)
        assert stat.S_IMODE(password.stat().st_mode) == 0o600
        assert password.read_text().strip().rsplit(":", 1)[1] not in lease.dsn()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(lease.dsn(), password="guess", passfile="/dev/null")


def test_durability_cannot_be_switched_off_by_a_setting(home: Path) -> None:
    with embedded.lease(home) as lease:
        with psycopg.connect(lease.dsn(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET work_mem = '7MB'")
        embedded.stop(home)
        with embedded.lease(home) as again:
            assert ask(again.dsn(), "SHOW fsync") == [("on",)]
            assert ask(again.dsn(), "SHOW work_mem") == [("7MB",)]


def test_a_lost_password_file_is_replaced(home: Path) -> None:
    cluster.password_file(home).unlink()
    with embedded.lease(home) as lease:
        assert ask(lease.dsn(), "SELECT 1") == [(1,)]


def test_a_cluster_half_made_is_made_again(folder: Path, until: Until) -> None:
    home = folder / "data"
    maker = subprocess.Popen([sys.executable, "-P", "-m", MODULE, str(home)])
    until(lambda: list(home.glob("postgres.new-*/PG_VERSION")))
    maker.kill()
    maker.wait()
    assert not (home / "postgres").exists()
    with embedded.lease(home) as lease:
        assert ask(lease.dsn(), "SELECT count(*) FROM pg_database") == [(4,)]
    assert list(home.glob("postgres.new-*")) == []


def test_data_of_a_newer_postgres_is_refused_with_what_to_do(home: Path) -> None:
    (home / "postgres" / "PG_VERSION").write_text("99\n")
    with pytest.raises(EmbeddedUnavailable) as caught:
        embedded.lease(home)
    assert caught.value.detail.startswith(
        "The data was made by PostgreSQL 99, and there is none of that version here. Found only: "
    )
    assert embedded.status(home).state == "failed"


def test_a_folder_with_something_else_in_it_is_refused(folder: Path) -> None:
    (folder / "data" / "postgres").mkdir(parents=True)
    (folder / "data" / "postgres" / "letter.txt").write_text("keep me")
    with pytest.raises(EmbeddedUnavailable, match="is no PostgreSQL cluster"):
        embedded.lease(folder / "data")
    assert (folder / "data" / "postgres" / "letter.txt").read_text() == "keep me"


@pytest.mark.parametrize(
    "name",
    ["with a space", "magazyn Łódź Ü ж 倉庫", 'it\'s, "quoted" \\ 100% $HOME', "long/" + "x" * 200],
)
def test_any_path_will_do(home: Path, name: str) -> None:
    moved = home.parent / name
    moved.parent.mkdir(exist_ok=True)
    home.rename(moved)
    with embedded.lease(moved) as lease:
        assert ask(lease.dsn(), "SELECT current_setting('data_directory')") == [
            (str(moved / "postgres"),)
        ]
    sockets = embedded.status(moved).socket_dir or str(moved / "run")
    embedded.stop(moved)
    assert not Path(sockets).exists()


def test_a_path_that_cannot_be_made_is_told_with_what_to_do(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(EmbeddedUnavailable) as caught:
        embedded.lease(folder / "file" / "data")
    assert caught.value.detail == (
        f"The data directory {folder}/file/data can't be used: Not a directory"
        f" ({folder}/file/data). Set ORDITO_DATA_DIR to a folder where this user may write."
    )


def test_two_data_directories_are_two_databases(home: Path, folder: Path) -> None:
    with embedded.lease(home) as one, embedded.lease(folder / "other") as two:
        with psycopg.connect(one.dsn()) as connection:
            connection.execute("CREATE TABLE only_here ()")
        assert ask(one.dsn(), "SELECT to_regclass('only_here') IS NULL") == [(False,)]
        assert ask(two.dsn(), "SELECT to_regclass('only_here') IS NULL") == [(True,)]
        embedded.stop(home)
        assert ask(two.dsn(), "SELECT 1") == [(1,)]


def test_databases_are_made_from_a_template_and_dropped_under_their_sessions(home: Path) -> None:
    with embedded.lease(home) as lease:
        with psycopg.connect(lease.dsn()) as connection:
            connection.execute("CREATE TABLE item AS SELECT 7 AS qty")
        embedded.create_database(lease.dsn("postgres"), "copy one", "ordito")
        with contextlib.closing(psycopg.connect(lease.dsn("copy one"))) as connection:
            assert connection.execute("SELECT qty FROM item").fetchall() == [(7,)]
            embedded.drop_database(lease.dsn("postgres"), "copy one")
        embedded.drop_database(lease.dsn("postgres"), "copy one")
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(lease.dsn("copy one"))


def test_no_process_of_postgres_is_left_after_a_stop(home: Path) -> None:
    with embedded.lease(home):
        assert len(locks.holders(home / "postgres.lock")) > 3
        embedded.stop(home)
        assert locks.holders(home / "postgres.lock") == set()
