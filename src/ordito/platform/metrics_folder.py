"""Where several processes put their metrics together. Imports nothing that counts."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def shared_metrics() -> Iterator[Path]:
    """Processes started inside count together: each answers /metrics for all of them.

    Enter it before ordito.platform.metrics is imported, since the client decides on import where
    it counts. The folder is new each time (its counters begin at zero) and removed at the end.
    """
    assert "prometheus_client" not in sys.modules, "enter before anything counts"
    folder = Path(tempfile.mkdtemp(prefix="ordito-metrics-"))
    os.environ[VARIABLE] = str(folder)
    try:
        yield folder
    finally:
        os.environ.pop(VARIABLE, None)
        shutil.rmtree(folder, ignore_errors=True)
