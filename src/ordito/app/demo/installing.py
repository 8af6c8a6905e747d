"""The demo's installation: made once, found again, never on a production database."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ordito.app.demo.bins import BinWork
from ordito.app.demo.local import LocalWork
from ordito.app.demo.lots import LotWork
from ordito.app.demo.orders import Asks, read_month
from ordito.app.demo.people import Login, make_logins
from ordito.app.demo.play import Player
from ordito.app.demo.setup import build_items, build_network, receive_opening
from ordito.app.demo.stock import StockWork
from ordito.app.installation import open_installation
from ordito.intake.types import OrderEntry
from ordito.platform import embedded
from ordito.platform.database import Database, Tx, query
from ordito.platform.problems import Busy, Problem
from ordito.platform.settings import Settings

LOGINS_FILE = "demo-logins.json"
LOADED_FILE = "demo-loaded"
LOADING_FILE = "demo-loading"

ORDERS_VARIABLE = "ORDITO_TEST_DEMO_ORDERS"
"""For tests: about so many orders are played, spread over the month."""


class NotADemo(Problem):
    """The data folder belongs to a real installation: the demo refuses to touch it.

    Set ORDITO_DATA_DIR to another folder, or unset it.
    """

    slug = "not-a-demo"
    title = "This is no demo installation"
    status = 409


@contextmanager
def installed(settings: Settings) -> Iterator[Callable[[str], None]]:
    """The demo's database with everything in it; yields what greets the user with its address.

    A half-made demo is begun anew. Raises NotADemo for a folder that holds anything else, before
    anything in it is touched; Busy while another program loads the demo into it.
    """
    home = settings.data_folder
    if (home / LOADING_FILE).exists():
        if embedded.status(home).leases:
            raise Busy(f"Another program is loading the demo into {home}; wait until it is done.")
        forget(settings)
    if not (home / LOADED_FILE).exists():
        _claim(home)
    installation = open_installation(settings, kind="demo")
    try:
        db = Database(installation.dsn, size_max=6).open()
        try:
            _require_demo(db)
            if not (home / LOADED_FILE).exists():
                _load(db, home)
        finally:
            db.close()
        logins = msgspec.json.decode((home / LOGINS_FILE).read_bytes(), type=list[Login])
        yield lambda address: _welcome(address, logins)
    finally:
        installation.close()


def forget(settings: Settings) -> None:
    """Stop the demo's database and delete its folder; refuses a folder that holds none."""
    home = settings.data_folder
    if not home.exists():
        return
    if not any((home / name).exists() for name in (LOADED_FILE, LOADING_FILE)):
        raise NotADemo(f"{home} was not made by the demo; nothing was deleted.")
    embedded.stop(home)
    # Whatever interrupts this, what is left is still known as a demo's.
    (home / LOADING_FILE).touch()
    for entry in home.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != LOADING_FILE:
            entry.unlink()
    (home / LOADING_FILE).unlink()
    with suppress(OSError):  # a mounted volume stays
        home.rmdir()


def _claim(home: Path) -> None:
    """Mark an empty folder as the demo's: all that is in it may be deleted by `forget`."""
    if home.exists() and any(home.iterdir()):
        raise NotADemo(
            f"{home} holds something that the demo did not make; nothing was changed."
            " Set ORDITO_DATA_DIR to another folder, or unset it."
        )
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / LOADING_FILE).touch()


_KIND = query(str, "SELECT kind FROM platform.installation")


def _require_demo(db: Database) -> None:
    from ordito.platform.access import SYSTEM

    with db.transaction(SYSTEM) as tx:
        kind = _read_kind(tx)
    if kind != "demo":
        raise NotADemo(f"The database was made as “{kind}”; the demo doesn't load into it.")


def _read_kind(tx: Tx) -> str:
    return _KIND.one(tx)


def _load(db: Database, home: Path) -> None:
    """Build the network, play the month, make the logins."""
    now = datetime.now(UTC)
    entries = _entries()
    columns = (TextColumn("{task.description:<44}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Locations, channels, postal codes", total=100)
        db.clock = lambda _conn: now - timedelta(days=30)
        build_network(db)
        progress.update(task, completed=4, description="2,000 items with an opening count")
        build_items(db, entries)
        receive_opening(db, entries)
        player = Player(db, Asks(entries, now), now)
        player.play(
            entries,
            lambda share, words: progress.update(task, completed=8 + 84 * share, description=words),
        )
        progress.update(task, completed=93, description="Transfers and counts")
        StockWork(db, now).do()
        BinWork(db).do()
        LotWork(db, now).do()
        LocalWork(db, now).do()
        progress.update(task, completed=95, description="People and keys")
        logins = make_logins(db)
        progress.update(task, completed=100, description="Loaded")
    file = home / LOGINS_FILE
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.encode(logins))
    (home / LOADED_FILE).touch()
    (home / LOADING_FILE).unlink()


def _entries() -> list[OrderEntry]:
    entries = read_month()
    wanted = int(os.environ.get(ORDERS_VARIABLE, len(entries)))
    return entries[:: max(1, len(entries) // wanted)]


def _welcome(address: str, logins: list[Login]) -> None:
    rows = "\n".join(
        f"  {login.role:<29} {login.email:<28} {login.password}" for login in logins if login.email
    )
    key = next(login.password for login in logins if not login.email)
    Console().print(
        Panel(
            f"[bold]{address}[/]\n\n{rows}\n\n"
            f"API      {address}/api/docs\nAPI key  {key}\n\nCtrl-C stops it; "
            "`make demo` finds the same data again, `make demo-reset` begins anew.",
            title="Ordito demo",
            expand=False,
        )
    )
