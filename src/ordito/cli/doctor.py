"""`ordito doctor`: every invariant on the live data; 0 all is well, 1 warnings, 2 violations."""

import sys

import msgspec
import rich_click as click
from rich.console import Console
from rich.progress import Progress

from ordito.cli.opening import installation
from ordito.cli.output import print_json
from ordito.listings.doctor.examination import CHECKS, examine, scope_of_orders
from ordito.listings.doctor.types import Check, Finding, Report
from ordito.platform.database import Database
from ordito.platform.problems import Fault, InvalidInput

_SHOWN = 3
_COLORS = {"violation": "bold red", "warning": "yellow"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--order", "orders", type=int, multiple=True, help="Look at this order only.")
def doctor(as_json: bool, orders: tuple[int, ...]) -> None:
    """Check every invariant on the live data; writes nothing.

    Ends with 0 when all is well, 1 when there are only warnings, 2 when something is not as it
    must be.
    """
    with installation() as db:
        report = _of_orders(db, orders) if orders else _of_everything(db, quiet=as_json)
    if as_json:
        print_json({"exit_code": report.exit_code} | msgspec.to_builtins(report))
    else:
        _tell(report)
    sys.exit(report.exit_code)


def _of_orders(db: Database, numbers: tuple[int, ...]) -> Report:
    scope, unknown = scope_of_orders(db, numbers)
    if unknown:
        faults = [Fault("/order", "unknown-order", f"There is no order {n}.") for n in unknown]
        raise InvalidInput("Nothing was checked.", errors=faults)
    return examine(db, only=scope)


def _of_everything(db: Database, *, quiet: bool) -> Report:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("", total=len(CHECKS))

        def show(check: Check) -> None:
            bar.update(task, description=check.title, advance=1)

        return examine(db, on_check=show)


def _tell(report: Report) -> None:
    console = Console(highlight=False)
    for finding in report.findings:
        _tell_finding(console, finding)
    seconds = report.ms / 1000
    if report.findings:
        console.print(
            f"{len(report.findings)} of {report.checked} checks found something ({seconds:.1f} s)."
        )
    else:
        console.print(f"[green]All {report.checked} checks are well[/] ({seconds:.1f} s).")


def _tell_finding(console: Console, finding: Finding) -> None:
    color = _COLORS[finding.severity]
    console.print(f"[{color}]{finding.severity} {finding.id}[/] {finding.title}", soft_wrap=True)
    console.print(f"  {finding.count:,} found. {finding.hint}", soft_wrap=True, markup=False)
    for sample in finding.samples[:_SHOWN]:
        words = ", ".join(f"{name} {value}" for name, value in sample.items())
        console.print(f"    {words}", soft_wrap=True, markup=False)
