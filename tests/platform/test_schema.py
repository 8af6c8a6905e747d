"""schema.sql, which reviewers read, is what the migrations come to."""

import sys
from pathlib import Path

from ordito.platform.embedded import binaries

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from write_schema import FILE, dump_schema  # type: ignore[import-not-found]  # noqa: E402


def test_schema_sql_is_current(dsn: str) -> None:
    found = dump_schema(str(binaries.find().folder / "pg_dump"), dsn)

    assert found == FILE.read_text("utf-8"), "run .venv/bin/python tools/write_schema.py"
