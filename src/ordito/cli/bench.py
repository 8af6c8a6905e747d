"""`ordito bench`: figures beside a reference of the same run."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import rich_click as click

from ordito.cli.output import print_json, print_table
from ordito.platform import embedded
from ordito.platform.settings import Settings


@click.group()
def bench() -> None:
    """Measure, beside a reference in the same run. Uses a scratch database."""


def _settings() -> Settings:
    """The benchmark's own data folder, unless one is named: never beside real data."""
    if "ORDITO_DATA_DIR" not in os.environ:
        os.environ["ORDITO_DATA_DIR"] = str(Path(tempfile.gettempdir()) / "ordito-bench")
    os.environ.pop("ORDITO_DATABASE_URL", None)
    return Settings.load(os.environ)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Of every benchmark: how long a run takes, and the form of what is printed."""
    seconds = click.option(
        "--seconds", type=click.FloatRange(0.5, 120), default=5, help="Of each run."
    )
    as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    return seconds(as_json(command))


_processes = click.option(
    "--processes", type=click.IntRange(1, 16), default=2, help="That answer requests."
)


def _say(words: str) -> None:
    click.echo(words, err=True)


def _print(title: str, rows: Sequence[Any], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
    else:
        fields = list(rows[0].__struct_fields__)
        print_table(title, fields, [[getattr(row, field) for field in fields] for row in rows])


@bench.command()
@_options
@_processes
def place(seconds: float, processes: int, as_json: bool) -> None:
    """Place orders over HTTP, beside pgbench and beside sets straight into PostgreSQL."""
    from ordito.app.bench.placing import measure

    result = measure(_settings(), seconds=seconds, processes=processes, say=_say)
    _say(f"app processes: {result.processes}")
    _say(f"rows per order: {result.rows_per_order}")
    _print("Placing orders", result.rows, as_json=as_json)


@bench.command()
@_options
@_processes
def bulk(seconds: float, processes: int, as_json: bool) -> None:
    """Place orders a thousand at a time, beside sets straight into PostgreSQL."""
    from ordito.app.bench.placing import measure_bulk

    result = measure_bulk(_settings(), seconds=seconds, processes=processes, say=_say)
    _print("Bulk calls", [result], as_json=as_json)


@bench.command()
@_options
@click.option("--placing", is_flag=True, help="Time single plans and placing instead.")
def sourcing(seconds: float, placing: bool, as_json: bool) -> None:
    """Plan orders together, beside one by one: a real day, and 1,000 orders at 1,000 places.

    With --placing: plan and place order by order with 1,000 locations to choose from.
    """
    from ordito.app.bench.joint import measure_joint
    from ordito.app.bench.sourcing import measure

    if placing:
        _print("Sourcing", [measure(_settings(), seconds=seconds)], as_json=as_json)
    else:
        _print("Planning together", list(measure_joint()), as_json=as_json)


@bench.command()
@_options
def availability(seconds: float, as_json: bool) -> None:
    """Read what a channel may sell, and what a destination can have when, at 100,000 cells."""
    from ordito.app.bench.availability import measure

    _print("Availability", measure(_settings(), seconds=seconds), as_json=as_json)


_passes_on = {"ignore_unknown_options": True}


@bench.command("list", context_settings=_passes_on)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def list_(arguments: tuple[str, ...]) -> None:
    """List and search a million orders; arguments go to bench/bench_list.py of the checkout."""
    _run_script("bench_list.py", arguments)


@bench.command(context_settings=_passes_on)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def past(arguments: tuple[str, ...]) -> None:
    """Stock of the past among ten million postings; arguments go to bench/bench_time_travel.py."""
    _run_script("bench_time_travel.py", arguments)


def _run_script(name: str, arguments: tuple[str, ...]) -> None:
    """A benchmark of the checkout, on the embedded server."""
    script = Path(__file__).parents[3] / "bench" / name
    if not script.exists():
        raise click.ClickException("It is part of the source checkout: run it from there.")
    with embedded.lease(_settings().data_folder) as lease:
        server = lease.dsn("postgres").replace("dbname=postgres", "").strip()
        command = [sys.executable, str(script), "--server", server, *arguments]
        sys.exit(subprocess.run(command, check=False).returncode)  # noqa: S603 (our own program)
