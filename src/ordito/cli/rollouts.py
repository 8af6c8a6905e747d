"""`ordito rollouts`: a policy tried on a share of a channel's real orders."""

from typing import Any
from uuid import UUID

import rich_click as click

from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.flows.reference import reference
from ordito.flows.roll_out_policy import (
    RolloutReport,
    RolloutTold,
    adopt_rollout,
    report_rollout,
    roll_back_rollout,
    set_rollout_share,
    start_rollout,
    tell_rollout,
)
from ordito.platform.validation import convert
from ordito.sourcing.rollouts import ArmsCompared
from ordito.sourcing.stored_rollouts import (
    EndRollout,
    SetRolloutShare,
    StartRollout,
    list_rollouts,
)


@click.group()
def rollouts() -> None:
    """Policies tried on a share of real orders: begun, raised, compared, adopted, rolled back."""


@rollouts.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_(limit: int, as_json: bool) -> None:
    """All roll-outs, newest first."""
    with reading() as tx:
        known = reference(tx)
        found = [
            tell_rollout(known, one) for one in list_rollouts(tx, channel_ids=None, limit=limit)
        ]
    if as_json:
        print_json(found)
        return
    rows = [
        [str(one.id), one.channel, f"{one.policy} {one.policy_version}",
         f"{one.candidate} {one.candidate_version}", f"{one.percent} %", one.state]
        for one in found
    ]  # fmt: skip
    heads = ["id", "channel", "in force", "candidate", "share", "state"]
    print_table("Roll-outs", heads, rows)


@rollouts.command()
@click.argument("rollout_id", type=click.UUID)
@json_option
def show(rollout_id: UUID, as_json: bool) -> None:
    """What the orders of both sides came to so far."""
    with reading() as tx:
        found = report_rollout(tx, rollout_id)
    if as_json:
        print_json(found)
    else:
        _tell(found)


def _tell(found: RolloutReport) -> None:
    one = found.rollout
    title = (
        f"{one.candidate} {one.candidate_version} instead of {one.policy} {one.policy_version}"
        f" on {one.channel}: {one.percent} %, {one.state}"
    )
    heads = ["figure", "in force", "candidate", "difference", "from", "to", "orders"]
    print_table(title, heads, [_row(row) for row in found.compared])
    if not all(row.enough for row in found.compared) or not found.compared:
        click.echo(f"Fewer than {found.enough_from} orders on a side tell nothing yet.")


def _row(row: ArmsCompared) -> list[str]:
    scale = {"cost": 0.001, "late": 100, "unserved": 100, "rejected": 100}.get(row.measure, 1)
    values = (row.in_force, row.candidate, row.difference, row.low, row.high)
    unit = " %" if scale == 100 else ""
    shown = ["" if value is None else f"{value * scale:.2f}{unit}" for value in values]
    return [row.measure, *shown, f"{row.orders_in_force} / {row.orders_candidate}"]


@rollouts.command()
@click.argument("channel")
@click.argument("policy")
@click.argument("percent", type=click.IntRange(1, 100))
@click.option("--version", "policy_version", type=int, help="Of the policy; by default in force.")
@json_option
def start(as_json: bool, **fields: Any) -> None:
    """Source PERCENT of CHANNEL's new orders by POLICY."""
    told = carry_out(start_rollout, convert(StartRollout, fields))
    tell(told, as_json, f"Begun as {told.id}")


@rollouts.command()
@click.argument("rollout_id", type=click.UUID)
@click.argument("percent", type=click.IntRange(1, 100))
@json_option
def share(rollout_id: UUID, percent: int, as_json: bool) -> None:
    """Raise or lower the share of new orders to PERCENT."""
    told = carry_out(set_rollout_share, SetRolloutShare(rollout_id=rollout_id, percent=percent))
    tell(told, as_json, f"{told.percent} % of new orders from now on")


@rollouts.command("roll-back")
@click.argument("rollout_id", type=click.UUID)
@json_option
def roll_back(rollout_id: UUID, as_json: bool) -> None:
    """Source all new orders by the policy in force again."""
    told: RolloutTold = carry_out(roll_back_rollout, EndRollout(rollout_id=rollout_id))
    tell(told, as_json, f"All new orders of {told.channel} are sourced as before")


@rollouts.command()
@click.argument("rollout_id", type=click.UUID)
@json_option
def adopt(rollout_id: UUID, as_json: bool) -> None:
    """Make the candidate the channel's policy."""
    told: RolloutTold = carry_out(adopt_rollout, EndRollout(rollout_id=rollout_id))
    tell(told, as_json, f"{told.candidate} sources all new orders of {told.channel}")
