"""Structured logs: one event a line, with its request's id, without secrets or personal data."""

import logging
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Literal, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from ordito.platform.masking import MASK, is_personal, is_secret, mask_text

LogFormat = Literal["json", "console"]
LogLevel = Literal["debug", "info", "warning", "error"]

TEXT_MAX = 2_000
"""Characters of one text that are logged; tracebacks are cut at ten times as many."""

_ITEMS_MAX = 50
_DEPTH_MAX = 6

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request or job at work: on each of its log lines and in its answer."""


@contextmanager
def working_on(identity: str) -> Iterator[None]:
    """Everything logged inside carries `identity` as its request id."""
    token = request_id.set(identity)
    try:
        yield
    finally:
        request_id.reset(token)


def configure(
    level: LogLevel = "info", form: LogFormat = "json", stream: TextIO | None = None
) -> None:
    """Log to `stream` (standard error) from now on; the standard library's loggers come along.

    Run the server with `log_config=None`, or it installs handlers of its own after this.
    """
    out = stream or sys.stderr
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=_processors(form, colors=out.isatty()),
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Bridge()], level=threshold, force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)


class _Bridge(logging.Handler):
    """Hands records of the standard library's loggers to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        try:
            log.log(
                record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info
            )
        except Exception:
            self.handleError(record)


def _processors(form: LogFormat, *, colors: bool) -> list[Processor]:
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
        clean,
    ]
    if form == "json":
        return [*shared, _as_json]
    console = structlog.dev.ConsoleRenderer(colors=colors, timestamp_key="at")
    return [*shared, _indent_traceback, console]


def clean(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The event with secrets and personal data masked and control characters escaped."""
    line: dict[str, Any] = {"at": event.pop("at", None), "level": event.pop("level", None)}
    traceback = event.pop("exception", None)
    line["event"] = _cleaned("event", event.pop("event", ""), 0)
    identity = request_id.get()
    if identity:
        line["request_id"] = _safe_text(identity)
    for name, value in event.items():
        line[_safe_name(name)] = _cleaned(name, value, 0)
    if traceback:
        line["exception"] = _CONTROLS.sub(_escape, mask_text(traceback[: 10 * TEXT_MAX]))
    return line


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


def _indent_traceback(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # A line feed in an exception's message can't begin what looks like a line of the log.
    if "exception" in event:
        event["exception"] = "\n".join(f"  {line}" for line in event["exception"].split("\n"))
    return event


# Control characters, line separators, marks that turn the direction of text, lone surrogates.
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_CONTROLS_AND_LINES = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


def _safe_text(text: str) -> str:
    if len(text) <= TEXT_MAX:
        masked = mask_text(text)
        return masked if masked.isprintable() else _CONTROLS_AND_LINES.sub(_escape, masked)
    # Masked a little beyond the cut, so that half an address isn't missed.
    masked = mask_text(text[: TEXT_MAX + 100])[:TEXT_MAX]
    return f"{_CONTROLS_AND_LINES.sub(_escape, masked)}… ({len(text)} characters)"


_safe_name = lru_cache(maxsize=4096)(_safe_text)


def _cleaned(name: str, value: Any, depth: int) -> Any:
    if value is None or value is True or value is False:
        return value
    if is_secret(name) or is_personal(name):
        return MASK
    if isinstance(value, str):
        return _safe_text(value)
    if isinstance(value, (int, float)):
        return value if isinstance(value, float) else _cleaned_integer(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"({len(value)} bytes)"
    return _cleaned_object(name, value, depth)


def _cleaned_object(name: str, value: Any, depth: int) -> Any:
    if depth == _DEPTH_MAX:
        return "…"
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, Mapping):
        return _clean_members(value, depth + 1)
    if isinstance(value, (list, tuple, set, frozenset)):
        return _clean_items(name, value, depth + 1)
    return _safe_text(str(value))


def _cleaned_integer(value: int) -> int | str:
    if -(10**12) < value < 10**12:
        return value
    # Python refuses to write thousands of digits, JSON readers to read more than 64 bits.
    return mask_text(str(value)) if value.bit_length() < 128 else "(a longer integer)"


def _clean_members(members: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    shown = list(members.items())[:_ITEMS_MAX]
    return {_safe_name(str(key)): _cleaned(str(key), value, depth) for key, value in shown}


def _clean_items(name: str, items: Collection[Any], depth: int) -> list[Any]:
    shown = [_cleaned(name, item, depth) for item in list(items)[:_ITEMS_MAX]]
    return shown if len(items) <= _ITEMS_MAX else [*shown, f"… ({len(items)} in all)"]
