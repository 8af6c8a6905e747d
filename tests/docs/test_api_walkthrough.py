"""The walk through the API is run as it stands, against a program on an empty database."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ordito.flows.manage_keys import CreateKey, issue_key
from ordito.platform.access import EVERYTHING, SYSTEM
from ordito.platform.database import Database
from tests.api.conftest import serve

GUIDE = Path(__file__).parents[2] / "docs" / "api-walkthrough.md"
NEEDED = ("bash", "curl", "jq", "openssl")


def test_every_block_of_the_walk_does_what_it_says(db: Database, tmp_path: Path) -> None:
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"not installed: {', '.join(missing)}")
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text("utf-8"), re.S)
    script = tmp_path / "walk.sh"
    script.write_text("set -euo pipefail\n" + "\n".join(blocks) + "\necho arrived\n", "utf-8")
    key = issue_key(db, SYSTEM, CreateKey(name="Walk", permissions=tuple(EVERYTHING)))
    assert key.token
    server, url, thread = serve(Database(db.dsn, size_max=6))

    walked = subprocess.run(
        ["bash", str(script)],
        env={"PATH": os.environ["PATH"], "ORDITO": url, "KEY": key.token, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    server.should_exit = True
    thread.join(20)

    assert walked.returncode == 0, walked.stdout[-2000:] + walked.stderr[-2000:]
    assert walked.stdout.endswith("arrived\n")
    assert len(blocks) > 10, "the blocks were found"
    assert '"type": "/problems/' in walked.stdout, "the refusal was told"
    assert "order.units_shipped" in walked.stdout
