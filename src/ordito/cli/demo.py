"""`ordito demo`: a real month of orders, loaded once, served on loopback."""

import os
import sys
from pathlib import Path

import msgspec
import rich_click as click

from ordito.platform.settings import Settings


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option("--reset", is_flag=True, help="Forget the demo's data and stop.")
@click.option("--load-only", is_flag=True, help="Load the data and stop.")
def demo(port: int | None, reset: bool, load_only: bool) -> None:
    """Load a real month of orders over eight locations, and serve it on this machine only."""
    from ordito.app.demo import installing
    from ordito.platform import logs

    settings = demo_settings(port)
    logs.configure("warning", "console")
    if reset:
        installing.forget(settings)
        click.echo("The demo's data is gone; the next start begins anew.")
        return
    with installing.installed(settings) as welcome:
        if load_only:
            return
        from ordito.app.serve import Parent, bind, preloading

        listener = bind(settings)
        with preloading(settings) as context:
            address, bound = listener.getsockname()[:2]
            welcome(f"http://{address}:{bound}")
            sys.exit(Parent(settings, context, listener, worker=True).run())


def demo_settings(port: int | None) -> Settings:
    """The settings of the demo: loopback, one process, its own folder below the data folder."""
    if "ORDITO_DATABASE_URL" in os.environ:
        raise click.UsageError("The demo runs on the embedded database: unset ORDITO_DATABASE_URL.")
    if "ORDITO_DATA_DIR" not in os.environ:
        folder = Settings.load(os.environ).data_folder
        os.environ["ORDITO_DATA_DIR"] = str(Path(folder).with_name(Path(folder).name + "-demo"))
    os.environ["ORDITO_HOST"] = "127.0.0.1"
    os.environ.setdefault("ORDITO_LOG_LEVEL", "warning")
    os.environ.setdefault("ORDITO_LOG_FORMAT", "console")
    settings = Settings.load(os.environ)
    return msgspec.structs.replace(settings, **({} if port is None else {"port": port}))
