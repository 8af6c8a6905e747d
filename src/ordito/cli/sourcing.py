"""`ordito sourcing`: open orders planned anew, together."""

from typing import Any

import rich_click as click

from ordito.cli.output import print_json, print_table


@click.group()
def sourcing() -> None:
    """Where orders ship from: plan open orders anew, all together."""


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
