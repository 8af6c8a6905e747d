"""What the command line prints: tables for people, JSON for programs, problems in words."""

import sys
from collections.abc import Sequence
from typing import Any

import msgspec
import rich_click as click
from rich.console import Console
from rich.table import Table

from ordito.platform.problems import Problem

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
"""What every command that tells something takes."""


def print_json(value: Any) -> None:
    """One JSON document on standard output, indented."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def print_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table for people; numbers are on the right."""
    table = Table(title=title, title_justify="left")
    for i, heading in enumerate(headings):
        numeric = bool(rows) and all(isinstance(row[i], int | float) for row in rows)
        table.add_column(heading, justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)


def tell(value: Any, as_json: bool, words: str) -> None:
    """What was done: the thing itself for programs, a sentence for people."""
    if as_json:
        print_json(value)
    else:
        click.echo(words)


def tell_problem(problem: Problem) -> None:
    """A problem on standard error: what happened, every fault, what to do."""
    console = Console(stderr=True, highlight=False)
    console.print(f"[bold red]{problem.title}[/]", soft_wrap=True)
    if problem.detail:
        console.print(problem.detail, soft_wrap=True, markup=False)
    for fault in problem.errors:
        console.print(f"  {fault.pointer or '/'}: {fault.detail}", soft_wrap=True, markup=False)
