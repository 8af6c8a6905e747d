"""`ordito db`: bring it up to date, look at it, stop it, copy it."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import rich_click as click
from rich.console import Console
from rich.progress import Progress

from ordito.app.installation import CONNECT_TIMEOUT_S, reaching
from ordito.cli.opening import installation
from ordito.cli.output import print_json, print_table
from ordito.platform import embedded
from ordito.platform.embedded import binaries
from ordito.platform.migrations import read_migrations, schema_version, upgrade
from ordito.platform.settings import Settings
from ordito.platform.walls import make_roles


@click.group()
def db() -> None:
    """The database: upgrade, status, stop, dump, restore, rebuild lists."""


@db.command("upgrade")
def upgrade_() -> None:
    """Bring the database to the newest schema; safe to run again."""
    settings = Settings.load(os.environ)
    if settings.database_url:
        with reaching():
            done = upgrade(settings.owner_url or settings.database_url)
    else:
        with embedded.lease(settings.data_folder) as lease:
            done = upgrade(lease.dsn())
    click.echo("\n".join(f"applied {name}" for name in done) or "nothing to do")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Where the database is, whether it runs, and its schema version."""
    settings = Settings.load(os.environ)
    newest = read_migrations()[-1].version
    facts: dict[str, object] = {"schema_newest": newest}
    if settings.database_url:
        with (
            reaching(),
            psycopg.connect(settings.database_url, connect_timeout=CONNECT_TIMEOUT_S) as conn,
        ):
            facts |= {"kind": "server", "state": "ready", "schema": schema_version(conn)}
    else:
        found = embedded.status(settings.data_folder)
        facts |= {
            "kind": "embedded",
            "data_dir": str(settings.data_folder),
            "state": found.state,
            "reason": found.reason,
        }
    if as_json:
        print_json(facts)
    else:
        print_table("Database", ["what", "value"], [[k, v] for k, v in facts.items()])


@db.command()
def stop() -> None:
    """Stop the embedded database now, whoever uses it."""
    settings = Settings.load(os.environ)
    if settings.database_url:
        raise click.UsageError("ORDITO_DATABASE_URL is set: that server is not ours to stop.")
    embedded.stop(settings.data_folder)
    click.echo("stopped")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def dump(file: Path) -> None:
    """Write everything to FILE (pg_dump's custom format) while the program runs."""
    _run("pg_dump", ["--format=custom", "--file", str(file)])
    click.echo(f"wrote {file} ({file.stat().st_size:,} bytes)")


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill an EMPTY database from a dump; refuses one that holds anything."""
    settings = Settings.load(os.environ)
    if settings.database_url:
        _prepare_restore(settings.owner_url or settings.database_url)
    else:
        with embedded.lease(settings.data_folder) as lease:
            _prepare_restore(lease.dsn())
    _run("pg_restore", ["--exit-on-error", "--single-transaction", "--no-owner", str(file)])
    click.echo("restored; run `ordito doctor` to check it")


@db.command("rebuild-lists")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rebuild_lists(as_json: bool) -> None:
    """Make the table that order lists are searched by anew, while everything goes on."""
    from ordito.listings.follower import rebuild

    with installation() as opened, Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("orders", total=None)
        done = rebuild(opened, lambda count: bar.update(task, completed=count))
    if as_json:
        print_json({"orders": done})
    else:
        click.echo(f"{done:,} orders")


@db.command()
def psql() -> None:
    """Open psql on the database."""
    _run("psql", [])


def _prepare_restore(dsn: str) -> None:
    """Refuse a database that holds anything; make the roles that a dump grants rights to."""
    with (
        reaching(),
        psycopg.connect(dsn, connect_timeout=CONNECT_TIMEOUT_S, autocommit=True) as conn,
    ):
        if not make_roles(conn):
            raise click.UsageError(
                "The roles ordito_app and ordito_read are missing, and this login may not make"
                " them; docs/operator-guide.md says how."
            )
        if schema_version(conn):
            raise click.UsageError(
                "The database is not empty. Restore into a new ORDITO_DATA_DIR or database."
            )


def _run(program: str, arguments: list[str]) -> None:
    settings = Settings.load(os.environ)
    if settings.database_url:
        where = settings.owner_url or settings.database_url
        folder, lease = binaries.find().folder, None
    else:
        lease = embedded.lease(settings.data_folder)
        where, folder = lease.dsn(), lease.bin_dir
    try:
        outcome = subprocess.run(  # noqa: S603 (PostgreSQL's own programs)
            [str(folder / program), f"--dbname={where}", *arguments], check=False
        )
    finally:
        if lease is not None:
            lease.close()
    if outcome.returncode:
        sys.exit(outcome.returncode)
