"""Group commit: asks that arrive while a batch is being committed form the next batch."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from ordito.platform.problems import Busy, InternalError, Problem

log = structlog.get_logger(__name__)

BATCH_MAX = 256
QUEUE_MAX = 4096


class Batcher:
    """One thread that carries out asks in batches; the event loop only waits for the answers.

    A caller that gives up does not take its ask back: what was queued is carried out.
    """

    def __init__(
        self,
        run_batch: Callable[[Sequence[Any]], list[Any]],
        *,
        observe: Callable[[int, float], None] | None = None,
    ) -> None:
        self._run_batch = run_batch
        self._observe = observe
        self._queue: queue.SimpleQueue[tuple[Any, asyncio.Future[Any]] | None] = queue.SimpleQueue()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="batcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is queued, then end."""
        self._stopping = True
        self._queue.put(None)
        if self._thread:
            self._thread.join(timeout=30)

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    async def submit(self, ask: Any) -> Any:
        """The ask's answer; raises its Problem, or Busy at once when the queue is full."""
        if self._queue.qsize() >= QUEUE_MAX or self._stopping:
            raise Busy("More orders are waiting than can be taken right now.")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.put((ask, future))
        answer = await asyncio.shield(future)
        if isinstance(answer, Problem):
            raise answer
        return answer

    def _work(self) -> None:
        while (batch := self._next_batch()) is not None:
            started = time.perf_counter()
            answers = self._answers([ask for ask, _future in batch])
            if self._observe:
                self._observe(len(batch), time.perf_counter() - started)
            loop = batch[0][1].get_loop()
            loop.call_soon_threadsafe(_hand_over, batch, answers)

    def _next_batch(self) -> list[tuple[Any, asyncio.Future[Any]]] | None:
        """Wait for one ask, then take what else has come; None when stopped and empty."""
        entry = self._queue.get()
        batch = []
        while entry is not None:
            batch.append(entry)
            if len(batch) == BATCH_MAX:
                return batch
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                return batch
        if batch:
            self._queue.put(None)
        return batch or None

    def _answers(self, asks: list[Any]) -> list[Any]:
        try:
            return self._run_batch(asks)
        except Exception:
            log.exception("batch_failed", size=len(asks))
            return [InternalError("The request id finds the cause in the log.")] * len(asks)


def _hand_over(batch: list[tuple[Any, asyncio.Future[Any]]], answers: list[Any]) -> None:
    for (_ask, future), answer in zip(batch, answers, strict=True):
        if not future.done():
            future.set_result(answer)
