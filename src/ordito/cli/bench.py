"""`ordito bench`: figures beside a reference of the same run."""

import os
import tempfile
from pathlib import Path

import rich_click as click

from ordito.cli.output import print_json, print_table
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


@bench.command()
@click.option("--seconds", type=click.FloatRange(0.5, 120), default=5, help="Of each run.")
@click.option("--processes", type=click.IntRange(1, 16), default=2, help="That answer requests.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def place(seconds: float, processes: int, as_json: bool) -> None:
    """Place orders over HTTP, beside pgbench and beside sets straight into PostgreSQL."""
    from ordito.app.bench.placing import measure

    result = measure(
        _settings(),
        seconds=seconds,
        processes=processes,
        say=lambda words: click.echo(words, err=True),
    )
    click.echo(f"app processes: {result.processes}", err=True)
    click.echo(f"rows per order: {result.rows_per_order}", err=True)
    if as_json:
        print_json(result.rows)
    else:
        fields = list(result.rows[0].__struct_fields__)
        table = [[getattr(row, field) for field in fields] for row in result.rows]
        print_table("Placing orders", fields, table)
