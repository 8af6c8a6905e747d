"""Shared makers: a CSV text read by a preset."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from ordito.intake.presets import shipped_preset
from ordito.intake.readings import read_entries
from ordito.intake.tables import open_table
from ordito.intake.types import Entry

ReadText = Callable[..., list[Entry]]


@pytest.fixture
def read_text_as() -> ReadText:
    """read(preset code, CSV text, **overrides of the preset) → entries."""

    def read(code: str, text: str, **overrides: Any) -> list[Entry]:
        preset = msgspec.structs.replace(shipped_preset(code), **overrides)
        return list(read_entries(open_table(text.encode(), "orders.csv"), preset))

    return read
