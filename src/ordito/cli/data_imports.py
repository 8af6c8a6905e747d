"""`ordito import items FILE` and its like: looked at, then brought in; and put back."""

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import rich_click as click

from ordito.cli.opening import installation
from ordito.cli.output import print_json, print_table
from ordito.flows.data_imports import (
    CheckImport,
    ImportAsk,
    check_import,
    finish_work,
    run_import,
    undo_import,
)
from ordito.flows.import_acts import ACTS
from ordito.flows.import_fields import template_rows
from ordito.flows.import_orders import Source
from ordito.flows.import_tables import RefusedRow, tell_refused
from ordito.flows.read_imports import read_file
from ordito.intake.tables import TableOptions
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.uploads.rows import list_rows
from ordito.uploads.types import DataImport, ImportKind, RowOutcome

_HELP: dict[ImportKind, str] = {
    "items": "Create or change items by SKU.",
    "prices": "Set prices of items.",
    "kits": "Make kits of their parts: a row per part.",
    "counts": "Set what is on hand: location, sku, counted, and expected if you want it checked.",
    "receipts": "Receive stock: location, sku, quantity, reference. The same file comes in once.",
    "expected": "Say what suppliers will bring: location, sku, quantity, expected_on, reference.",
    "locations": "Create or change locations by code.",
    "bins": "Add bins to locations, and say what lies in them.",
    "limits": "Say from when on items are low: sku, location, low_units or low_days, over_days.",
    "customers": "Create or complete customers, by e-mail address or phone.",
}
_TAKEN = {"new": "created", "changed": "changed", "same": "unchanged"}
_PAGE = 1_000


class DataReport(msgspec.Struct, frozen=True):
    """What became of a file. taken: rows by outcome; a dry run tells what would."""

    id: UUID
    state: str
    dry_run: bool
    rows: int
    mapping: dict[str, str]
    taken: dict[str, int]
    refused: list[RefusedRow]


def _bringing(kind: ImportKind, words: str) -> click.Command:
    @click.command(kind, help=f"{words}\n\nThe columns are guessed by their headings.")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--map", "pairs", multiple=True, help="HEADING=FIELD, for what is guessed wrong.")
    @click.option("--currency", default="", help="Of prices, when no column says it.")
    @click.option("--location", default="", help="Code, when no column says it.")
    @click.option("--decimal-mark", type=click.Choice(["either", "point", "comma"]))
    @click.option("--encoding", default="", help="Of the file, when it is guessed wrongly.")
    @click.option("--dry-run", is_flag=True, help="Tell what would happen; change nothing.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    def bring(file: Path, as_json: bool, dry_run: bool, **options: Any) -> None:
        with installation() as db:
            source = Source(file.name, lambda: file.open("rb"))
            read = TableOptions(encoding=options.pop("encoding"))
            job = read_file(db, SYSTEM, kind, source, options=read)
            run(db, SYSTEM, check_import, _check(job, **options))
            job = finish_work(db, SYSTEM, job.id)
            if not dry_run and job.state == "checked":
                run(db, SYSTEM, run_import, ImportAsk(import_id=job.id))
                job = finish_work(db, SYSTEM, job.id)
            report = _report(db, job, dry_run=dry_run)
        _tell(report, kind, as_json)

    return bring


def _check(job: DataImport, pairs: Sequence[str], **options: str | None) -> CheckImport:
    mapping = dict(job.mapping)
    for pair in pairs:
        heading, sign, name = pair.rpartition("=")
        if not sign:
            raise click.UsageError(f"--map {pair}: write HEADING=FIELD, such as “Item no=sku”.")
        mapping = {h: n for h, n in mapping.items() if n != name and h != heading}
        mapping |= {heading: name} if name else {}
    said = {name: value for name, value in options.items() if value}
    return CheckImport(
        import_id=job.id,
        mapping=mapping,
        options=msgspec.structs.replace(job.options, **said),
    )


def _report(db: Database, job: DataImport, *, dry_run: bool) -> DataReport:
    counts = job.counts.get(job.phase, {})
    taken = {_TAKEN[name]: count for name, count in sorted(counts.items()) if name in _TAKEN}
    outcome: RowOutcome = "kept" if job.phase == "undo" else "faulty"
    refused = _refused(db, job, outcome)
    return DataReport(job.id, job.state, dry_run, job.total, job.mapping, taken, refused)


def _refused(db: Database, job: DataImport, outcome: RowOutcome) -> list[RefusedRow]:
    refused: list[RefusedRow] = []
    after = -1
    while True:
        with db.reading(SYSTEM) as tx:
            page = list_rows(tx, job.id, outcome=outcome, after=after, limit=_PAGE)
        for row in page:
            faults = row.faults or []
            words = " ".join(fault.detail for fault in faults)
            refused.append(RefusedRow(row.line, faults[0].code if faults else "", words))
        if len(page) < _PAGE:
            return refused
        after = page[-1].n


def _tell(report: DataReport, title: str, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    rows = [[what, count] for what, count in report.taken.items()]
    print_table(title.capitalize(), ["rows", "count"], [*rows, ["refused", len(report.refused)]])
    for line in tell_refused(report.refused):
        click.echo(line)
    if report.dry_run:
        click.echo("This was a dry run: nothing was changed.")
    elif report.state == "finished" and report.taken:
        click.echo(f"`ordito import undo {report.id}` puts it back.")


@click.command()
@click.argument("import_id", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def undo(import_id: UUID, as_json: bool) -> None:
    """Put back what an import did, where nothing else has happened since."""
    with installation() as db:
        run(db, SYSTEM, undo_import, ImportAsk(import_id=import_id))
        job = finish_work(db, SYSTEM, import_id)
        report = _report(db, job, dry_run=False)
    report = msgspec.structs.replace(report, taken={"undone": job.counts["undo"].get("undone", 0)})
    if as_json:
        print_json(report)
        return
    click.echo(f"{report.taken['undone']} rows undone, {len(report.refused)} not.")
    for line in tell_refused(report.refused):
        click.echo(line)


@click.command()
@click.argument("kind", type=click.Choice(list(ACTS)))
def template(kind: ImportKind) -> None:
    """Print a CSV with every column of a kind and an example row."""
    csv.writer(sys.stdout).writerows(template_rows(kind))


COMMANDS = [*(_bringing(kind, words) for kind, words in _HELP.items()), undo, template]
"""Commands of `ordito import`, beside those of orders."""
