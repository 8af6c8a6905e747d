"""`ordito policies`: how it is decided what ships from where; carrier tariffs as CSV."""

import sys
from pathlib import Path
from typing import Any

import msgspec
import rich_click as click

from ordito.cli.opening import carry_out, installation, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.flows.lint_policies import LintPolicy, lint_policy
from ordito.flows.manage_policies import create_policy, require_sound, update_policy
from ordito.flows.policy_trials import PolicyTrial, TriedPolicy, try_on
from ordito.flows.reference import reference
from ordito.flows.tariff_tables import save_tariff, write_tariff
from ordito.platform.access import SYSTEM
from ordito.platform.problems import NotFound
from ordito.platform.validation import convert, decode
from ordito.sourcing.policies import Policy
from ordito.sourcing.stored_policies import CreatePolicy, StoredPolicy, UpdatePolicy, read_current
from ordito.sourcing.stored_tariffs import read_tariffs

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def policies() -> None:
    """Sourcing policies: show, check, lint, try, put in force; carrier tariffs as CSV."""


@policies.command("list")
@json_option
def list_(as_json: bool) -> None:
    """All policies in their current version."""
    with reading() as tx:
        found = read_current(tx)
    if as_json:
        print_json(found)
        return
    rows = [[one.code, one.name, one.version, len(one.body.rules)] for one in found]
    print_table("Sourcing policies", ["code", "name", "version", "rules"], rows)


@policies.command()
@click.argument("code")
def show(code: str) -> None:
    """A policy as JSON: what `check`, `try --draft` and `put` take."""
    print_json(_find(code).body)


@policies.command()
@click.argument("file", type=_FILE)
@json_option
def check(file: Path, as_json: bool) -> None:
    """Look whether a policy in a file is sound; writes nothing, ends with 1 when it isn't."""
    policy = decode(Policy, file.read_bytes())
    with reading() as tx:
        require_sound(tx, policy)
    tell({"sound": True}, as_json, "The policy is sound")


@policies.command()
@click.argument("code")
@click.argument("file", type=_FILE)
@click.option("--name", help="As people read it.")
@json_option
def put(code: str, file: Path, name: str | None, as_json: bool) -> None:
    """Put the policy of a file in force under CODE: a new version, or a new policy."""
    policy = decode(Policy, file.read_bytes())
    with reading() as tx:
        known = {one.code for one in read_current(tx)}
    if code in known:
        named: dict[str, Any] = {"name": name} if name else {}
        stored = carry_out(update_policy, UpdatePolicy(code=code, policy=policy, **named))
    else:
        ask = CreatePolicy(code=code, name=name or code, policy=policy)
        stored = carry_out(create_policy, ask)
    tell(stored, as_json, f"{stored.code} is at version {stored.version}")


@policies.command("try")
@click.argument("codes", nargs=-1)
@click.option("--order", "number", type=int, help="An order that there is, by its number.")
@click.option("--channel", help="Of an order that nobody placed.")
@click.option("--country", help="Where that one goes, as PL.")
@click.option("--postal-code", default="", help="Where that one goes.")
@click.option("--line", "lines", type=(str, int), multiple=True, help="SKU and quantity; several.")
@click.option("--draft", type=_FILE, help="A policy that is not saved.")
@json_option
def try_(
    codes: tuple[str, ...], number: int | None, draft: Path | None, as_json: bool, **made_up: Any
) -> None:
    """Tell what policies would do with an order, on the stock of this moment; writes nothing.

    Without CODES and draft: the policy of the order's channel.
    """
    order = {name: made_up[name] for name in ("channel", "country", "postal_code") if made_up[name]}
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in made_up["lines"]]
    asked: dict[str, Any] = {"policies": codes, "number": number}
    if order or lines:
        asked["order"] = order | {"lines": lines}
    if draft is not None:
        asked["draft"] = msgspec.json.decode(draft.read_bytes())
    with reading() as tx:
        tried = try_on(tx, convert(PolicyTrial, asked)).items
    if as_json:
        print_json(tried)
        return
    for one in tried:
        _tell(one)


def _tell(tried: TriedPolicy) -> None:
    plan = tried.plan
    title = (
        f"{tried.policy or 'draft'}: {plan.served} of {plan.wanted} units, {plan.parcels} parcels"
    )
    rows = [
        [place.location, place.units, place.standing, place.words,
         " | ".join(" + ".join(way) for way in place.ways)]
        for place in plan.places
    ]  # fmt: skip
    print_table(title, ["location", "units", "standing", "why", "would ship with"], rows)
    for words in plan.summary:
        click.echo(words)


def _find(code: str) -> StoredPolicy:
    with reading() as tx:
        for policy in read_current(tx):
            if policy.code == code:
                return policy
    raise NotFound(f"There is no sourcing policy {code}; `ordito policies list` shows all.")


@policies.command()
@click.argument("codes", nargs=-1)
@json_option
def lint(codes: tuple[str, ...], as_json: bool) -> None:
    """Find rules that do nothing, contradict, or leave orders unserved, with an example each.

    Without CODES all policies are checked. Ends with exit code 1 when a policy serves no order.
    """

    with reading() as tx:
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

    with reading() as tx:
        found = [tariff for tariff in read_tariffs(tx) if tariff.code == code]
    if not found:
        raise NotFound(f"There is no carrier tariff “{code}”.")
    click.echo(write_tariff(found[0].body), nl=False)


@policies.command("import-tariff")
@click.argument("code")
@click.argument("file", type=_FILE)
@click.option("--name", default="", help="What people call it; without one it stays, or is CODE.")
@json_option
def import_tariff(code: str, file: Path, name: str, as_json: bool) -> None:
    """Make a carrier tariff of a CSV file, or a new version of the one there is."""

    with installation() as db:
        saved = save_tariff(db, SYSTEM, code, name, file.read_text("utf-8-sig"))
    if as_json:
        print_json(saved)
    else:
        zones = len(saved.body.zones)
        click.echo(f"Tariff {saved.code}: version {saved.version}, {zones} zone(s).")
