"""Writes schema.sql: what the migrations come to, for reviewers. `--check` only compares."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ordito.platform import embedded
from ordito.platform.migrations import upgrade

FILE = Path(__file__).parents[1] / "schema.sql"

HEADING = """\
-- What the migrations in src/ordito/migrations come to. Written by tools/write_schema.py; a test
-- compares it, so that a review shows the result of a migration beside the migration.

"""


def read_schema() -> str:
    """The schema of a freshly migrated database, without what differs from run to run."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded.lease(Path(folder) / "data") as lease,
    ):
        upgrade(lease.dsn(), kind="test")
        dump = dump_schema(str(lease.bin_dir / "pg_dump"), lease.dsn())
        embedded.stop(Path(folder) / "data")
    return dump


def dump_schema(pg_dump: str, dsn: str) -> str:
    """pg_dump's schema, normalised: no comments, no settings, no version."""
    outcome = subprocess.run(
        [pg_dump, "--schema-only", "--no-owner", "--no-privileges", f"--dbname={dsn}"],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [
        line
        for line in outcome.stdout.splitlines()
        if not line.startswith(("--", "SET ", "SELECT pg_catalog", "\\restrict", "\\unrestrict"))
    ]
    return HEADING + re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip() + "\n"


def main() -> None:
    found = read_schema()
    if "--check" in sys.argv:
        sys.exit(0 if FILE.read_text("utf-8") == found else "schema.sql is not current")
    FILE.write_text(found, "utf-8")


if __name__ == "__main__":
    main()
