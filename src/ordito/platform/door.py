"""The door: the only way to write. Permission, idempotency, one transaction, events, retry."""

import random
import time
import typing
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
import psycopg
import structlog
from psycopg import errors

from ordito.kernel.ids import new_id
from ordito.platform import idempotency
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.events import write_events
from ordito.platform.problems import (
    ActionNotAllowed,
    Busy,
    DatabaseUnavailable,
    InternalError,
    InvalidInput,
    Problem,
)

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)

ATTEMPTS_MAX = 4
ROUNDS_MAX = 20
"""Rounds in which an ask of a batch may lose its stock to others before it is told to come back."""

# A unique violation on one of these means that someone else was first: read what they wrote.
_SOMEONE_WAS_FIRST = frozenset(("idempotency_pkey", "external_id_pkey", "contact_pkey"))


class Command(msgspec.Struct, frozen=True):
    """What the door knows of a command: its stable name, its permission, whether it takes many."""

    name: str
    permission: str
    answer: Any
    takes_many: bool = False


class Request(msgspec.Struct, frozen=True):
    """One ask on its way through the door. The key is the client's, or made here."""

    actor: Actor
    ask: Any
    key: str
    fingerprint: bytes
    request_id: str = ""
    replays: list[bool] = msgspec.field(default_factory=list)
    """Not empty once the answer of an earlier request with the key was given again."""


class Again:
    """A hot command's answer for an ask that must be decided anew, on what is committed by then."""


AGAIN = Again()


def command(
    *, permission: str, takes_many: bool = False, answer: Any = None
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Mark a function `(tx, ask) -> answer` as a command. The mark is data and wraps nothing.

    takes_many: the function is `(tx, requests) -> [answer | Problem | Again]`, gets a Tx that has
    not begun, and begins and commits itself (see place_orders); `answer` names one answer's type.
    """

    def mark(function: Callable[..., Answer]) -> Callable[..., Answer]:
        kind = answer or typing.get_type_hints(function).get("return")
        spec = Command(function.__name__, permission, kind, takes_many)
        function.__dict__["__command__"] = spec
        COMMANDS[spec.name] = spec
        return function

    return mark


COMMANDS: dict[str, Command] = {}


def spec_of(function: Callable[..., Any]) -> Command:
    spec: Command = function.__dict__["__command__"]
    return spec


def run(
    db: Database,
    actor: Actor,
    function: Callable[[Tx, Ask], Answer],
    ask: Ask,
    *,
    key: str | None = None,
    request_id: str = "",
) -> Answer:
    """Carry out one command; all of it is committed, or nothing.

    key: the client's Idempotency-Key. The same actor, key and ask gives the stored answer again.
    Raises the command's problems; Busy and DatabaseUnavailable when trying again later may help.
    """
    request = prepare(actor, function, ask, key=key, request_id=request_id)
    spec = spec_of(function)
    if spec.takes_many:
        answer = run_many(db, function, [request])[0]
        if isinstance(answer, Problem):
            raise answer
        return typing.cast(Answer, answer)
    return typing.cast(Answer, _with_retry(lambda: _run_once(db, spec, function, request)))


def prepare(
    actor: Actor,
    function: Callable[..., Any],
    ask: Any,
    *,
    key: str | None = None,
    request_id: str = "",
) -> Request:
    """Check the permission and make the request; done before a hot ask is queued."""
    spec = spec_of(function)
    actor.require(spec.permission)
    return Request(
        actor=actor,
        ask=ask,
        key=idempotency.check_key(key) if key is not None else f"auto-{new_id()}",
        fingerprint=idempotency.fingerprint(spec.name, ask),
        request_id=request_id,
    )


def _run_once(db: Database, spec: Command, function: Callable[..., Any], request: Request) -> Any:
    with db.connection() as conn, conn.transaction():
        tx = db.tx(conn, request.actor, request.request_id)
        stored = idempotency.find(tx, request.key, request.fingerprint)
        if stored is not None:
            return msgspec.json.decode(stored, type=spec.answer)
        answer = function(tx, request.ask)
        write_events(tx)
        text = msgspec.json.encode(answer).decode()
        idempotency.send_store(
            tx, [(request.actor.id, request.key, request.fingerprint, 200, text)]
        )
    db.after_commit()
    return answer


def _with_retry(attempt_once: Callable[[], Any]) -> Any:
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return attempt_once()
        except psycopg.Error as fault:
            problem = _retry_or_problem(fault)
            if problem is not None:
                raise problem from fault
        except DatabaseUnavailable:
            # The commit may or may not have happened: the key finds out.
            if attempt == ATTEMPTS_MAX:
                raise
        _pause(attempt)
    raise Busy("Others were changing the same things all the time. Try again.")


def _pause(attempt: int) -> None:
    time.sleep(random.uniform(0.2, 1.0) * 0.02 * 2**attempt)  # noqa: S311 (jitter, no secret)


def _retry_or_problem(fault: psycopg.Error) -> Problem | None:  # noqa: PLR0911
    """None when the same thing may be tried again at once, else what to tell the caller."""
    if isinstance(fault, errors.SerializationFailure | errors.DeadlockDetected):
        return None
    if isinstance(fault, errors.UniqueViolation):
        if fault.diag.constraint_name in _SOMEONE_WAS_FIRST:
            return None
        log.warning("unique_violation", constraint=fault.diag.constraint_name)
        return ActionNotAllowed("Something with the same identity was written at the same moment.")
    if isinstance(fault, errors.FeatureNotSupported) and "cached plan" in str(fault):
        return None
    if isinstance(fault, errors.LockNotAvailable | errors.QueryCanceled):
        return Busy("Something else works on the same things. Nothing was written; try again.")
    state = fault.sqlstate or ""
    if state.startswith("23"):
        log.error("constraint_refused", constraint=fault.diag.constraint_name, error=str(fault))
        return ActionNotAllowed(
            "The database refused the change, since it would break a rule"
            f" ({fault.diag.constraint_name}). Nothing was written."
        )
    if state.startswith("22"):
        return InvalidInput("A value is outside what can be stored. Nothing was written.")
    if isinstance(fault, psycopg.OperationalError):
        return DatabaseUnavailable("Try again with the same Idempotency-Key.")
    log.error("database_error", error=str(fault), sqlstate=state)
    return InternalError("The request id finds the cause in the log.")


def run_many(db: Database, function: Callable[..., Any], requests: Sequence[Request]) -> list[Any]:
    """Carry out many asks of one hot command; each gets its answer or its Problem.

    Asks that lost their stock, or that repeat another ask of the batch, go round again and see
    what is committed by then.
    """
    answers: list[Any] = [AGAIN] * len(requests)
    waiting = list(range(len(requests)))
    for _round in range(ROUNDS_MAX):
        outcome = _run_batch(db, function, [requests[i] for i in waiting])
        for i, answer in zip(waiting, outcome, strict=True):
            answers[i] = answer
        waiting = [i for i in waiting if answers[i] is AGAIN]
        if not waiting:
            return answers
    for i in waiting:
        answers[i] = Busy("Others were taking the same stock all the time. Try again.")
    return answers


def _run_batch(db: Database, function: Callable[..., Any], requests: list[Request]) -> list[Any]:
    try:
        outcome: list[Any] = _with_retry(lambda: _batch_once(db, function, requests))
        return outcome
    except Problem as problem:
        if len(requests) == 1 or problem.status in (Busy.status, DatabaseUnavailable.status):
            return [problem] * len(requests)
    # One ask spoils the batch: halve it until the culprit stands alone.
    middle = len(requests) // 2
    return _run_batch(db, function, requests[:middle]) + _run_batch(db, function, requests[middle:])


def _batch_once(db: Database, function: Callable[..., Any], requests: list[Request]) -> list[Any]:
    with db.connection() as conn:
        first = requests[0]
        tx = db.tx(conn, first.actor, first.request_id)
        try:
            outcome: list[Any] = function(tx, requests)
        except BaseException:
            if not conn.broken:
                conn.rollback()
            raise
    db.after_commit()
    return outcome


def stored_answer(stored: idempotency.StoredAnswer, request: Request, answer: Any) -> Any:
    """The answer of a key seen before, or the problem that the key belongs to another request."""
    if stored.fingerprint != request.fingerprint:
        return idempotency.key_reused(request.key)
    request.replays.append(True)
    return msgspec.json.decode(stored.answer, type=answer)
