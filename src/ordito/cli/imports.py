"""`ordito import`: orders, items, stock, places and people from files."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import msgspec
import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from ordito.cli.data_imports import COMMANDS as DATA_COMMANDS
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
from ordito.flows.import_tables import (
    TableReport,
    import_stock,
    tell_refused,
)
from ordito.flows.replay_message import ReplayMessage, replay_message
from ordito.intake.inbox import MessageState, list_messages
from ordito.intake.presets import Preset, shipped_preset
from ordito.intake.tables import TableOptions
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database

_FILES = click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)


_STATES: tuple[str, ...] = get_args(MessageState)


@click.group("import")
def import_() -> None:
    """Bring orders, items, stock, places and people in from files."""


for _command in DATA_COMMANDS:
    import_.add_command(_command)


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
        create_items=(past and not options["no_create_items"]) or options["create_items"],
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


@import_.command()
@click.option("--state", default="parked", type=click.Choice(_STATES), help="Which messages.")
@click.option("--limit", default=50, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def inbox(state: MessageState, limit: int, as_json: bool) -> None:
    """Messages that came in, and why they wait."""
    with installation() as db, db.reading(SYSTEM) as tx:
        messages = list_messages(tx, state=state, limit=limit)
    if as_json:
        print_json(messages)
        return
    rows = [
        [str(m.id), m.kind, m.external_key or "", m.source, m.reason, m.words] for m in messages
    ]
    print_table(f"Inbox: {state}", ["id", "kind", "number", "file", "reason", "words"], rows)


@import_.command()
@click.argument("messages", nargs=-1, type=click.UUID)
@click.option("--all", "all_", is_flag=True, help="Every parked message, the oldest first.")
@click.option("--create-items", is_flag=True, help="Make items that nobody knows.")
@click.option("--location", help="Where stock corrections of live imports are booked.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def replay(
    messages: tuple[UUID, ...], all_: bool, create_items: bool, location: str | None, as_json: bool
) -> None:
    """Try parked messages again, after what kept them waiting was put right."""
    if bool(messages) == all_:
        raise click.UsageError("Name messages (`ordito import inbox` lists them), or say --all.")
    with installation() as db:
        chosen = _all_parked(db) if all_ else list(messages)
        asks = (
            ReplayMessage(message_id=id_, create_items=create_items, location=location)
            for id_ in chosen
        )
        outcomes = [replay_message(db, SYSTEM, ask) for ask in asks]
    if as_json:
        print_json(outcomes)
        return
    rows = [[str(m.id), m.state, m.reason, m.words] for m in outcomes]
    print_table("Tried again", ["id", "state", "reason", "words"], rows)


_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@import_.command()
@_FILE
@_JSON
def stock(file: Path, as_json: bool) -> None:
    """Receive stock. Columns: location, sku, quantity, reference."""
    with installation() as db:
        _tell_table(import_stock(db, SYSTEM, _source(file)), "Stock", as_json)


def _tell_table(report: TableReport, title: str, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    rows = [[what, count] for what, count in report.taken.items()]
    print_table(title, ["rows", "count"], [*rows, ["refused", len(report.refused)]])
    for line in tell_refused(report.refused):
        click.echo(line)


def _all_parked(db: Database) -> list[UUID]:
    ids: list[UUID] = []
    while True:
        with db.reading(SYSTEM) as tx:
            page = list_messages(tx, before=ids[-1] if ids else None, limit=1000)
        ids += [message.id for message in page]
        if len(page) < 1000:
            return ids[::-1]


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
    told = (name for name in report.__struct_fields__ if name != "tallies")
    run = {name: getattr(report, name) for name in told}
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
    if report.channel_created and report.state == "done":
        yield f"The channel “{report.channel}” was made."
    if report.state == "preview":
        for message in report.first_parked:
            lines = ", ".join(str(line) for line in message.lines[:5])
            yield f"{message.source}, line {lines}: {message.reason}: {message.words}"
    if report.repeated:
        yield "These files were imported before: nothing was changed."
    elif report.duplicates:
        yield f"{report.duplicates} entries were there already."
    if report.tallies["parked"].count:
        yield (
            f"{report.tallies['parked'].count} rows are parked; `ordito import inbox` says why,"
            " `ordito import replay` tries them again."
        )
