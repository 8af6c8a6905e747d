"""`ordito`: the commands by name; the code of one is imported when it is called."""

import importlib
import sys
from typing import Any

import rich_click as click

from ordito import __version__

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("ordito.cli.demo:demo", "Load a real month of orders and serve it"),
    "serve": ("ordito.cli.serve:serve", "Serve the web pages, the API and the worker"),
    "worker": ("ordito.cli.serve:worker", "Only the background work"),
    "db": ("ordito.cli.database:db", "The database: upgrade, status, stop, dump, restore"),
    "import": ("ordito.cli.imports:import_", "Orders, items, stock and locations from files"),
    "export": ("ordito.cli.exports:export", "Orders, stock and postings to files"),
    "shops": ("ordito.cli.shops:shops", "Shops that channels are connected to"),
    "orders": ("ordito.cli.orders:orders", "Orders: find them, look at one"),
    "stock": (
        "ordito.cli.stock:stock",
        "Stock by item and place, ledger, transfers, assemblies, counts",
    ),
    "customers": ("ordito.cli.customers:customers", "Customers: find, show, add, correct"),
    "channels": ("ordito.cli.places:channels", "Channels, markets and exchange rates"),
    "locations": ("ordito.cli.places:locations", "Locations, with today's work"),
    "partners": (
        "ordito.cli.partners:partners",
        "Requests to 3PLs and suppliers, and their answers, as files",
    ),
    "policies": (
        "ordito.cli.policies:policies",
        "Sourcing policies: show, check, lint, try, put; tariffs",
    ),
    "rollouts": (
        "ordito.cli.rollouts:rollouts",
        "Policies tried on a share of real orders",
    ),
    "mails": ("ordito.cli.mails:mails", "Mails to customers: texts, tests, failures"),
    "webhooks": ("ordito.cli.webhooks:webhooks", "Endpoints that events are sent to"),
    "sourcing": ("ordito.cli.sourcing:sourcing", "Plan open orders anew, all together"),
    "users": ("ordito.cli.users:users", "People who sign in"),
    "roles": ("ordito.cli.roles:roles", "Roles: named sets of permissions"),
    "audit": ("ordito.cli.audit:audit", "Who did what when to what"),
    "keys": ("ordito.cli.keys:keys", "API keys"),
    "doctor": ("ordito.cli.doctor:doctor", "Check every invariant on the live data"),
    "bench": ("ordito.cli.bench:bench", "Measure, beside a reference in the same run"),
}


_CALLED = "ordito.called"
"""Set while a command is called, not only listed."""


class LazyGroup(click.RichGroup):
    """Lists its commands without importing them: starting up must not cost a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        ctx.meta[_CALLED] = True
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if not ctx.meta.get(_CALLED):
            return click.Command(cmd_name, help=COMMANDS[cmd_name][1])
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ordito")
def ordito() -> None:
    """Orders from every channel, promised only on stock that exists."""


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; problems are told in words and end with exit code 1."""
    from ordito.platform.problems import Problem

    try:
        return ordito(args=arguments, prog_name="ordito")
    except Problem as problem:
        from ordito.cli.output import tell_problem

        tell_problem(problem)
        sys.exit(1)
