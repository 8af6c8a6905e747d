"""`ordito sourcing`: open orders planned anew, policies tried on the past, what ifs."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import rich_click as click

from ordito.cli.output import print_json, print_table


@click.group()
def sourcing() -> None:
    """Where orders ship from: plan open orders anew, try policies on orders of the past."""


@sourcing.command()
@click.option("--apply", "carry_out", is_flag=True, help="Move what the plan says.")
@click.option("--seconds", type=click.FloatRange(0.5, 60), default=10, help="For the solver.")
@click.option("--orders", type=click.IntRange(1, 1000), default=1000, help="Oldest promises first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def replan(carry_out: bool, seconds: float, orders: int, as_json: bool) -> None:
    """Plan open orders together; without --apply nothing is moved."""
    from ordito.adapters.highs import solve
    from ordito.cli.opening import installation
    from ordito.flows.resource_jointly import (
        ApplyJointPlan,
        PlanJointly,
        apply_plan,
        plan_open_orders,
    )
    from ordito.platform.access import SYSTEM

    with installation() as db:
        ask = PlanJointly(orders_max=orders, seconds=seconds)
        report = plan_open_orders(db, SYSTEM, solve, ask)
        if carry_out:
            report = apply_plan(db, SYSTEM, ApplyJointPlan(plan_no=report.plan.plan_no))
    if as_json:
        print_json(report)
    else:
        _tell(report)


def _tell(report: Any) -> None:
    from ordito.sourcing.sentences import plain_money

    figures = report.plan.figures
    rows = [
        ("Plan", report.plan.plan_no),
        ("Orders", figures.orders),
        ("Cost before", plain_money(figures.cost_before)),
        ("Cost after", plain_money(figures.cost_after)),
        ("Proved gap", f"{figures.gap:.2%}"),
        ("Parcels", f"{figures.parcels_before} → {figures.parcels_after}"),
        ("Km", f"{figures.km_before} → {figures.km_after}"),
        ("Units with stock", f"{figures.units_before} → {figures.units_after}"),
        ("Seconds", figures.seconds),
        ("Orders to move", len(report.orders)),
        ("Moved", sum(one.state == "applied" for one in report.orders)),
        ("Saved by moves", plain_money(report.applied_saving)),
    ]
    print_table("Planned together", ["", ""], rows)
    refused = [one for one in report.orders if one.state == "refused"]
    for one in refused:
        click.echo(f"#{one.number}: not moved, {one.refusal}", err=True)


@sourcing.command("what-if")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def what_if(number: int, as_json: bool) -> None:
    """Tell what it would have taken for order NUMBER to ship from elsewhere."""
    from ordito.cli.opening import installation
    from ordito.flows.tell_whatifs import tell_whatifs
    from ordito.platform.access import SYSTEM

    with installation() as db, db.reading(SYSTEM) as tx:
        told = tell_whatifs(tx, number)
    if as_json:
        print_json(told)
        return
    rows = [
        (place.location, place.words, " | ".join(" + ".join(way.words) for way in place.ways))
        for place in told.places
    ]
    title = f"Order {number}, policy {told.policy}, version {told.policy_version}"
    print_table(title, ["location", "why", "would ship with"], rows)
    if not told.exact:
        click.echo("Locations, tariffs or the address have changed since it was placed.", err=True)


@sourcing.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def learn(as_json: bool) -> None:
    """Learn from what was sent how late parts leave and arrive; the worker does it each night."""
    from ordito.cli.opening import installation
    from ordito.flows.learn_promises import LearnPromises, learn_promises
    from ordito.platform.access import SYSTEM
    from ordito.platform.door import run

    with installation() as db:
        learned = run(db, SYSTEM, learn_promises, LearnPromises())
    if as_json:
        print_json(learned)
    else:
        version = "none yet" if learned.model is None else learned.model
        rows = [
            ("Version", version),
            ("Parts and parcels", learned.parts),
            ("Groups", learned.groups),
            ("Scored anew", learned.scores),
        ]
        print_table("Learned of delays", ["", ""], rows)


@sourcing.command()
@click.option("--by", type=click.Choice(["month", "location", "tariff", "channel"]),
              default="month", help="Groups.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def promises(by: Any, as_json: bool) -> None:
    """Tell how promises of the last year were kept."""
    from datetime import timedelta

    from ordito.cli.opening import installation
    from ordito.listings.promises_kept import read_kept
    from ordito.platform.access import SYSTEM

    with installation() as db, db.reading(SYSTEM) as tx:
        today = tx.now.date()
        told = read_kept(tx, by, today - timedelta(days=365), today)
    if as_json:
        print_json(told)
        return
    rows = [
        (one.name or "-", one.basis, one.parts, one.stated, one.share, one.low, one.high,
         one.verdict)
        for one in told.items
    ]  # fmt: skip
    columns = [by, "basis", "parts", "stated %", "kept %", "from %", "to %", "verdict"]
    print_table("Promises kept", columns, rows)


@sourcing.command()
@click.argument("policy")
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
@click.option("--try", "try_policy", help="Code of the policy to try; by default POLICY itself.")
@click.option("--version", "try_version", type=int, help="Of that policy; by default in force.")
@click.option("--draft", type=click.Path(exists=True, path_type=Path), help="A policy as JSON.")
@click.option("--capacity", "capacities", type=(str, int), multiple=True,
              help="Location and its capacity a day; several.")  # fmt: skip
@click.option("--without", multiple=True, help="A location that is switched off; several.")
@click.option("--tariff", "tariffs", type=(str, int), multiple=True,
              help="Tariff and its prices in percent; several.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def replay(policy: str, since: datetime, until: datetime, as_json: bool, **tried: Any) -> None:
    """Source orders of the past again by another policy, and compare; nothing is moved."""
    from ordito.cli.opening import installation
    from ordito.flows.replay_policy import require_replay, run_open_replays, start_replay
    from ordito.platform.access import SYSTEM
    from ordito.platform.door import run
    from ordito.platform.validation import convert
    from ordito.sourcing.stored_replays import StartReplay

    changed = {code: {"location": code, "active": False} for code in tried["without"]}
    for code, most in tried["capacities"]:
        changed.setdefault(code, {"location": code})["capacity_daily"] = most
    asked: dict[str, Any] = {
        "policy": policy,
        "since": since.date().isoformat(),
        "until": until.date().isoformat(),
        "try_policy": tried["try_policy"],
        "try_version": tried["try_version"],
        "places": list(changed.values()),
        "tariffs": [{"tariff": code, "percent": percent} for code, percent in tried["tariffs"]],
    }
    if tried["draft"] is not None:
        asked["draft"] = msgspec.json.decode(tried["draft"].read_bytes())
    with installation() as db:
        made = run(db, SYSTEM, start_replay, convert(StartReplay, asked))
        run_open_replays(db)
        with db.reading(SYSTEM) as tx:
            found = require_replay(tx, made.replay_no)
    if as_json:
        print_json(found)
    else:
        _tell_replay(found)
    if found.state != "done":
        sys.exit(1)


_FAILURES = {
    "none": "No order of that period was sourced by this policy.",
    "too_many": "More than 20,000 orders: take a shorter period.",
}


def _tell_replay(found: Any) -> None:
    if found.result is None:
        click.echo(_FAILURES.get(found.failure, found.failure), err=True)
        return
    result = found.result
    scale = {"cost": 1000}
    rows = [
        (
            one.measure,
            *(
                f"{value / scale.get(one.measure, 1):.3f}"
                for value in (one.before, one.after, one.difference, one.low, one.high)
            ),
        )
        for one in result.figures
    ]
    title = (
        f"Replay {found.replay_no}: {result.orders} orders, {result.reproduced} as they were,"
        f" {result.changed} otherwise"
    )
    print_table(title, ["per order", "was", "would be", "difference", "from", "to"], rows)
