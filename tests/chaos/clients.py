"""Clients that place and cancel, and write down what they meant to do and what they were told."""

import http.client
import json
import random
import threading
import time
from pathlib import Path
from typing import Any, Literal

import msgspec

from tests.chaos.installation import HOST

Outcome = Literal["ok", "fail", "unknown"]

TIMEOUT_S = 8.0
RETRY_FOR_S = 30.0


class Act(msgspec.Struct):
    """One request that a client made, with all tries of it under one key.

    outcomes: of each try; ids and versions are those of the tries that went well.
    """

    kind: Literal["place", "cancel"]
    key: str
    target: str
    """The channel's own id of the order that is placed, or the id of the one cancelled."""
    outcomes: list[Outcome] = []
    ids: list[str] = []
    versions: list[int] = []
    statuses: list[int] = []

    @property
    def result(self) -> Outcome:
        """What the client knows in the end."""
        if "ok" in self.outcomes:
            return "ok"
        # A refusal is certain only when no earlier try may have gone through.
        return "fail" if self.outcomes[0] == "fail" else "unknown"


class Client:
    """One client with a connection of its own and a seed; its file is its memory."""

    def __init__(self, number: int, port: int, token: str, skus: list[str], log: Path) -> None:
        self.number = number
        self.acts: list[Act] = []
        self._random = random.Random(number)
        self._port = port
        self._token = token
        self._skus = skus
        self._log = log.open("a")
        self._connection: http.client.HTTPConnection | None = None
        self._placed: list[str] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._stopping = threading.Event()

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        self._stopping.set()

    def join(self) -> None:
        self._thread.join(timeout=RETRY_FOR_S + 3 * TIMEOUT_S)
        assert not self._thread.is_alive(), f"client {self.number} hangs"
        self._log.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._placed and self._random.random() < 0.3:
                self._cancel()
            else:
                self._place()

    def _place(self) -> None:
        external_id = f"{self.number}-{len(self.acts)}"
        wanted = self._random.sample(self._skus, self._random.choice((1, 1, 2, 3)))
        body = {
            "channel": "web",
            "external_id": external_id,
            "lines": [{"sku": sku, "quantity": 1} for sku in wanted],
            "ship_to": {"country": "PL"},
        }
        act = self._carry_out("place", external_id, "/api/v1/orders", body)
        self._placed += act.ids[:1]

    def _cancel(self) -> None:
        order_id = self._placed.pop(self._random.randrange(len(self._placed)))
        body = {"reason": "customer_request"}
        self._carry_out("cancel", order_id, f"/api/v1/orders/{order_id}/cancel", body)

    def _carry_out(self, kind: Any, target: str, path: str, body: dict[str, Any]) -> Act:
        key = f"{self.number}-{len(self.acts)}-{self._random.getrandbits(64):x}"
        act = Act(kind, key, target)
        self.acts.append(act)
        self._write({"intent": kind, "key": key, "target": target})
        self._try(act, path, body)
        # Some clients give up: whether it went through is never known to them.
        gives_up = self._random.random() < 0.3
        until = time.monotonic() + RETRY_FOR_S
        while act.outcomes[-1] == "unknown" and not gives_up and time.monotonic() < until:
            time.sleep(self._random.uniform(0.1, 0.6))
            self._try(act, path, body)
        # Some send again what went well: the answer must be the same.
        if act.outcomes[-1] == "ok" and self._random.random() < 0.1:
            self._try(act, path, body)
        return act

    def _try(self, act: Act, path: str, body: dict[str, Any]) -> None:
        status, answer = self._send(path, body, act.key)
        if 200 <= status < 300:
            act.outcomes.append("ok")
            act.ids.append(answer["id"])
            act.versions.append(answer["version"])
        else:
            act.outcomes.append("fail" if 400 <= status < 500 and status != 429 else "unknown")
        act.statuses.append(status)
        self._write({"key": act.key, "status": status, "outcome": act.outcomes[-1]})

    def _send(self, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        """Status and answer; 0 where there was none."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(HOST, self._port, timeout=TIMEOUT_S)
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            self._connection.request("POST", path, json.dumps(body), headers)
            response = self._connection.getresponse()
            return response.status, json.loads(response.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError):
            self._connection.close()
            self._connection = None
            time.sleep(0.1)
            return 0, {}

    def _write(self, line: dict[str, Any]) -> None:
        self._log.write(json.dumps(line) + "\n")
        self._log.flush()
