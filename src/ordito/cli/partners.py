"""`ordito partners`: what 3PLs and suppliers are asked, as files, and how they keep it."""

import sys
from typing import TextIO, get_args

import rich_click as click

from ordito.cli.opening import installation, reading
from ordito.cli.output import json_option, print_json, print_table
from ordito.flows.partner_files import ANSWER_COLUMNS, ANSWERS, take_answers, write_requests
from ordito.listings.partner_figures import read_partner_figures
from ordito.listings.partner_requests import Show
from ordito.platform.access import SYSTEM


@click.group()
def partners() -> None:
    """Partners: requests to them, their answers, their figures."""


@partners.command()
@click.option("--location", help="Only of this place, by code.")
@click.option(
    "--show", type=click.Choice(get_args(Show)), default="answer", show_default=True,
    help="What is to be answered, to be sent, or done.",
)  # fmt: skip
@click.option("--out", type=click.File("w", encoding="utf-8"), default="-", help="A file.")
def requests(location: str | None, show: Show, out: TextIO) -> None:
    """Write requests as CSV, a row for each line: for a partner that takes files."""
    with reading() as tx:
        written = write_requests(tx, out, show, location)
    click.echo(f"{written} row(s)", err=True)


@partners.command(
    help="Take a partner's answers from CSV FILE (- reads standard input). Columns:"
    f" {', '.join(ANSWER_COLUMNS)}; answers: {', '.join(ANSWERS)}. Rows of a request with the same"
    " answer and tracking number are one parcel. Taken twice, it has one effect."
)
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@json_option
def answers(file: TextIO, as_json: bool) -> None:
    """Take a partner's answers from a file; each is taken or refused alone."""
    with installation() as db:
        told = take_answers(db, SYSTEM, file)
    refused = [one for one in told if one.problem is not None]
    if as_json:
        print_json(told)
    else:
        click.echo(f"{len(told) - len(refused)} answer(s) taken, {len(refused)} refused")
        for one in refused:
            click.echo(f"row {one.row}: {one.request} {one.answer}: {one.problem}")
    if refused:
        sys.exit(1)


@partners.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
@json_option
def figures(days: int, as_json: bool) -> None:
    """How partners kept what they were asked: answered in time, rejected, sent in time."""
    with reading() as tx:
        _since, found = read_partner_figures(tx, days)
    if as_json:
        print_json(found)
        return
    rows = [
        [one.location.code, one.asked, one.answered_in_time, one.answered_late, one.rejected,
         one.shipped_in_time, one.shipped_late]
        for one in found
    ]  # fmt: skip
    heads = ["partner", "asked", "in time", "late", "rejected", "sent in time", "sent late"]
    print_table(f"Partners, {days} days", heads, rows)
