"""`ordito import`: orders, items, stock and locations from files."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from ordito.cli.opening import installation
from ordito.cli.output import print_json, print_table
from ordito.flows.import_orders import (
    ImportOrders,
    ImportReport,
    Source,
    Tell,
    import_orders,
    preview_import,
)
from ordito.intake.presets import Preset, shipped_preset
from ordito.intake.tables import TableOptions
from ordito.platform.access import SYSTEM

_FILES = click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)


@click.group("import")
def import_() -> None:
    """Bring orders, items, stock and locations in from files."""


@import_.command()
@_FILES
@click.option("--preset", required=True, help="What the columns mean: online-retail, ordito, …")
@click.option("--channel", required=True, help="Code of the channel that the orders are of.")
@click.option("--mode", type=click.Choice(["live", "history"]), help="Instead of the preset's.")
@click.option("--create-channel", is_flag=True, help="Make the channel when there is none.")
@click.option("--create-items", is_flag=True, help="Live: make items that nobody knows.")
@click.option("--no-create-items", is_flag=True, help="History: park orders of unknown items.")
@click.option("--location", help="Live: where stock corrections among the lines are booked.")
@click.option("--encoding", default="", help="Of the files, when it is guessed wrongly.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def orders(files: tuple[Path, ...], preset: str, as_json: bool, **options: Any) -> None:
    """Import order files (CSV, also packed by gzip, or .xlsx), in the order given.

    Every line of the files counts as one of: line, cancellation, return, adjustment, charge,
    parked. The same files once more change nothing.
    """
    chosen = _preset(preset, options["mode"])
    past = chosen.mode == "history"
    ask = ImportOrders(
        channel=options["channel"],
        preset=chosen,
        # The past needs no settings: whoever imports it into an empty database gets a channel.
        create_channel=options["create_channel"] or past,
        create_items=past and not options["no_create_items"] or options["create_items"],
        location=options["location"],
        options=TableOptions(encoding=options["encoding"]),
    )
    act = preview_import if options["dry_run"] else import_orders
    with installation() as db, _progress() as tell:
        report = act(db, SYSTEM, ask, [_source(path) for path in files], tell=tell)
    if as_json:
        print_json(_plain(report))
    else:
        _print(report)


def _preset(code: str, mode: str | None) -> Preset:
    preset = shipped_preset(code)
    return msgspec.structs.replace(preset, mode=mode) if mode else preset


def _source(path: Path) -> Source:
    return Source(path.name, lambda: path.open("rb"))


@contextmanager
def _progress() -> Iterator[Tell | None]:
    """A bar on standard error when someone watches."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("importing"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("import", total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)


def _plain(report: ImportReport) -> dict[str, Any]:
    """The kinds first, as scripts read them; `run` says what was done."""
    run = {name: getattr(report, name) for name in report.__struct_fields__ if name != "tallies"}
    return {**report.tallies, "run": run}


def _print(report: ImportReport) -> None:
    months = sorted({month for told in report.tallies.values() for month in told.months})
    rows = [
        [kind, told.count, *(told.months.get(month, "") for month in months)]
        for kind, told in report.tallies.items()
    ]
    title = f"{report.preset} → {report.channel} ({report.mode})"
    print_table(title, ["kind", "count", *months], rows)
    for line in _remarks(report):
        click.echo(line)


def _remarks(report: ImportReport) -> Iterator[str]:
    if report.state == "preview":
        for file in report.files:
            how = file.format
            mapped = ", ".join(f"{heading} = {field}" for field, heading in file.columns.items())
            told = how.encoding or how.sheet
            yield f"{file.file.name}: {how.kind} {told} {how.delimiter!r}; {mapped}"
            if file.unmapped:
                yield f"  not read: {', '.join(file.unmapped)}"
        yield "This was a preview: nothing was written."
    if report.channel_created:
        yield f"The channel “{report.channel}” was made."
    if report.repeated:
        yield "These files were imported before: nothing was changed."
    elif report.duplicates:
        yield f"{report.duplicates} entries were there already."
    if report.tallies["parked"].count:
        yield (
            f"{report.tallies['parked'].count} rows are parked; `ordito import inbox` says why,"
            " `ordito import replay` tries them again."
        )
