"""How commands reach the installation."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ordito.app.installation import opened
from ordito.platform.database import Database
from ordito.platform.settings import Settings


@contextmanager
def installation() -> Iterator[Database]:
    """A pool on the installation that the environment names."""
    with opened(Settings.load(os.environ)) as db:
        yield db
