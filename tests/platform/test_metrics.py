"""What /metrics shows, of one process and of several."""

import os
import subprocess
import sys
from pathlib import Path

from ordito.platform import metrics

SEVERAL = """
import subprocess, sys
from ordito.platform.metrics_folder import shared_metrics

COUNT = '''
from ordito.platform import metrics
metrics.observe_request("GET", "/orders/{id}", 200, 0.003)
metrics.queue_length.set(5)
metrics.oversold_refusals.inc(2)
'''
with shared_metrics() as folder:
    for _ in range(2):
        child = subprocess.Popen([sys.executable, "-c", COUNT])
        assert child.wait() == 0
    from ordito.platform import metrics
    metrics.observe_request("GET", "/orders/{id}", 200, 0.003)
    metrics.queue_length.set(1)
    print(metrics.render().decode())
    print("=====")
    metrics.process_ended(child.pid)
    print(metrics.render().decode())
assert not folder.exists()
"""


def shown() -> list[str]:
    return metrics.render().decode().splitlines()


def test_requests_are_counted_by_route_and_not_by_path() -> None:
    metrics.observe_request("GET", "/test/{id}", 200, 0.003)
    metrics.observe_request("BREW", "", 404, 0.003)
    page = shown()
    row = 'ordito_http_requests_total{method="GET",route="/test/{id}",status="200"} 1.0'
    assert row in page
    other = 'ordito_http_requests_total{method="other",route="(none)",status="404"} 1.0'
    assert other in page
    bucket = 'ordito_http_request_seconds_bucket{le="0.005",method="GET",route="/test/{id}"} 1.0'
    assert bucket in page


def test_batches_are_measured_in_orders_and_seconds() -> None:
    before = metrics.render().decode()
    metrics.observe_batch(40, 0.02)
    after = metrics.render().decode()
    for name in ("ordito_placing_batch_size_count", "ordito_placing_batch_seconds_count"):
        assert value(after, name) == value(before, name) + 1
    name = 'ordito_placing_batch_size_bucket{le="64.0"}'
    assert value(after, name) == value(before, name) + 1


def value(page: str, name: str) -> float:
    (row,) = [row for row in page.splitlines() if row.startswith(f"{name} ")]
    return float(row.rpartition(" ")[2])


def test_every_metric_has_words_and_our_prefix() -> None:
    ours = [row for row in shown() if row.startswith("# HELP ordito_")]
    assert len(ours) > 8
    assert all(row.endswith(".") or "_created" in row for row in ours)


def test_several_processes_count_together_and_a_dead_ones_gauges_go() -> None:
    env = {k: v for k, v in os.environ.items() if k != "PROMETHEUS_MULTIPROC_DIR"}
    env["PYTHONPATH"] = str(Path(metrics.__file__).parents[2])
    output = subprocess.run(
        [sys.executable, "-c", SEVERAL],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert output.returncode == 0, output.stderr
    before, after = output.stdout.split("=====")
    row = 'ordito_http_requests_total{method="GET",route="/orders/{id}",status="200"}'
    assert value(before, row) == 3
    assert value(before, "ordito_oversold_refusals_total") == 4
    assert value(before, "ordito_queue_length") == 11
    assert value(after, "ordito_queue_length") == 6
    assert value(after, "ordito_oversold_refusals_total") == 4
