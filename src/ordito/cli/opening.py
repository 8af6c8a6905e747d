"""How commands reach the installation."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ordito.app.installation import opened
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import run
from ordito.platform.settings import Settings

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


def own_settings() -> Settings:
    """The settings that the environment names."""
    return Settings.load(os.environ)


@contextmanager
def installation() -> Iterator[Database]:
    """A pool on the installation that the environment names."""
    with opened(own_settings()) as db:
        yield db


@contextmanager
def reading() -> Iterator[Tx]:
    """One snapshot of the installation, as the system itself sees it."""
    with installation() as db, db.reading(SYSTEM) as tx:
        yield tx


def carry_out(command: Callable[[Tx, Ask], Answer], ask: Ask) -> Answer:
    """Run one command on the installation, as the system itself."""
    with installation() as db:
        return run(db, SYSTEM, command, ask)
