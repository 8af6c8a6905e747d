"""`ordito serve` and `ordito worker`."""

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import msgspec
import rich_click as click

from ordito.platform.settings import Settings

if TYPE_CHECKING:
    from ordito.app.installation import Installation


def _settings(**given: object) -> Settings:
    settings = Settings.load(os.environ)
    return msgspec.structs.replace(
        settings, **{name: value for name, value in given.items() if value is not None}
    )


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option("--host", help="Address to listen on.")
@click.option("--processes", type=click.IntRange(1, 64), help="Processes that answer requests.")
@click.option("--worker/--no-worker", default=True, help="Do the background work too.")
def serve(port: int | None, host: str | None, processes: int | None, worker: bool) -> None:
    """Serve the web pages, the API and the background work on one port."""
    from ordito.app.installation import open_installation
    from ordito.app.serve import Parent, bind, preloading
    from ordito.platform import logs

    settings = _settings(port=port, host=host, processes=processes)
    logs.configure(settings.log_level, settings.log_format)
    with preloading(settings) as context:
        installation = open_installation(settings)
        try:
            listener = bind(settings)
            _tell_outlook(installation)
            address, bound = listener.getsockname()[:2]
            click.echo(f"Ordito serves on http://{address}:{bound}", err=True)
            sys.exit(Parent(settings, context, listener, worker=worker).run())
        finally:
            installation.close()


@click.command()
def worker() -> None:
    """Only the background work: the event feed, followers, schedules."""
    from ordito.app.duties import make_worker
    from ordito.app.installation import open_installation
    from ordito.platform import logs
    from ordito.platform.database import Database

    settings = _settings()
    logs.configure(settings.log_level, settings.log_format)
    installation = open_installation(settings)
    _tell_outlook(installation)
    stop = threading.Event()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_, lambda *_: stop.set())
    running = make_worker(Database(installation.dsn, size_max=settings.pool_size), settings)
    running.start()
    stop.wait()
    running.stop()
    installation.close()


def _tell_outlook(installation: "Installation") -> None:
    """What to do first, when the database can't be used yet or nobody can sign in.

    Serving begins all the same, and /ready says why it isn't: a server's database may start
    later than this program, and is upgraded only when somebody says so.
    """
    from ordito.app.installation import look
    from ordito.cli.output import tell_problem
    from ordito.platform.problems import Problem

    try:
        outlook = look(installation.dsn)
        outlook.require_schema()
    except Problem as problem:
        tell_problem(problem)
        return
    if outlook.kind == "production" and not outlook.has_users:
        click.echo(
            "Nobody can sign in yet. Create the first user:\n  ordito users create you@example.com",
            err=True,
        )
