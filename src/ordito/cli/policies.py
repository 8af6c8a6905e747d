"""`ordito policies`: check sourcing policies; carrier tariffs as CSV."""

import sys
from pathlib import Path

import rich_click as click

from ordito.cli.output import print_json, print_table


@click.group()
def policies() -> None:
    """Sourcing policies: lint; carrier tariffs: export, import."""


@policies.command()
@click.argument("codes", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def lint(codes: tuple[str, ...], as_json: bool) -> None:
    """Find rules that do nothing, contradict, or leave orders unserved, with an example each.

    Without CODES all policies are checked. Ends with exit code 1 when a policy serves no order.
    """
    from ordito.cli.opening import installation
    from ordito.flows.lint_policies import LintPolicy, lint_policy
    from ordito.flows.reference import reference
    from ordito.platform.access import SYSTEM

    with installation() as db, db.reading(SYSTEM) as tx:
        known = sorted(policy.code for policy in reference(tx).policies.values())
        found = [lint_policy(tx, LintPolicy(code=code)) for code in codes or known]
    if as_json:
        print_json(found)
    else:
        rows = [[of.code, told.finding.kind, told.words] for of in found for told in of.items]
        print_table("Findings", ["policy", "kind", "words"], rows)
    if any(told.refuses for of in found for told in of.items):
        sys.exit(1)


@policies.command("export-tariff")
@click.argument("code")
def export_tariff(code: str) -> None:
    """Print a carrier tariff as CSV, one line per zone and weight."""
    from ordito.cli.opening import installation
    from ordito.flows.tariff_tables import write_tariff
    from ordito.platform.access import SYSTEM
    from ordito.platform.problems import NotFound
    from ordito.sourcing.stored_tariffs import read_tariffs

    with installation() as db, db.reading(SYSTEM) as tx:
        found = [tariff for tariff in read_tariffs(tx) if tariff.code == code]
    if not found:
        raise NotFound(f"There is no carrier tariff “{code}”.")
    click.echo(write_tariff(found[0].body), nl=False)


@policies.command("import-tariff")
@click.argument("code")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default="", help="What people call it; without one it stays, or is CODE.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_tariff(code: str, file: Path, name: str, as_json: bool) -> None:
    """Make a carrier tariff of a CSV file, or a new version of the one there is."""
    from ordito.cli.opening import installation
    from ordito.flows.tariff_tables import save_tariff
    from ordito.platform.access import SYSTEM

    with installation() as db:
        saved = save_tariff(db, SYSTEM, code, name, file.read_text("utf-8-sig"))
    if as_json:
        print_json(saved)
    else:
        zones = len(saved.body.zones)
        click.echo(f"Tariff {saved.code}: version {saved.version}, {zones} zone(s).")
