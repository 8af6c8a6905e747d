"""Which handler answers a method and a path."""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import msgspec

from ordito.api.answers import Answer

Reply = Callable[[Any, Any, Any], Awaitable[None]]
"""(scope, receive, send): an answer that goes on for as long as it likes."""

Handler = Callable[[Any, Any], Awaitable[Answer | Reply]]
"""(scope, receive) -> what to send. `scope["path_params"]` and `scope["request_id"]` are set."""


class Binding(msgspec.Struct, frozen=True):
    """A handler under a method and a path.

    `{name}` in the path stands for any segment, `{name:path}` at its end for all that follow.
    """

    method: str
    path: str
    handler: Handler


class Match(msgspec.Struct, frozen=True):
    """What is bound to a path, by method, and the segments that its names stand for."""

    bindings: dict[str, Binding]
    segments: tuple[str, ...]

    def params(self, method: str) -> dict[str, str]:
        return dict(zip(_names(self.bindings[method].path), self.segments, strict=True))


class _Node:
    __slots__ = ("any", "bindings", "named", "rest")

    def __init__(self) -> None:
        self.named: dict[str, _Node] = {}
        self.any: _Node | None = None
        self.rest: _Node | None = None
        self.bindings: dict[str, Binding] = {}


class RouteTable:
    """All bindings, as a tree of segments: a path is found in as many steps as it has segments.

    A segment that is spelled out goes before one that has a name. Raises ValueError when a method
    and a path are bound twice.
    """

    def __init__(self, bindings: Iterable[Binding]) -> None:
        self._root = _Node()
        for binding in bindings:
            self._add(binding)

    def _add(self, binding: Binding) -> None:
        node = self._root
        for segment in _split(binding.path):
            if segment.endswith(":path}"):
                node.rest = node = node.rest or _Node()
            elif segment.startswith("{"):
                node.any = node = node.any or _Node()
            else:
                node = node.named.setdefault(segment, _Node())
        if binding.method in node.bindings:
            raise ValueError(f"{binding.method} {binding.path} is bound twice")
        node.bindings[binding.method] = binding

    def match(self, path: str) -> Match | None:
        """What is bound to a path; a slash at its end counts for nothing."""
        segments = _split(path)
        values: list[str] = []
        node = _find(self._root, segments, 0, values)
        return None if node is None else Match(node.bindings, tuple(values))


def _split(path: str) -> list[str]:
    inner = path.removeprefix("/").removesuffix("/")
    return inner.split("/") if inner else []


def _names(path: str) -> list[str]:
    return re.findall(r"\{(\w+)", path)


def _find(node: _Node, segments: Sequence[str], at: int, values: list[str]) -> _Node | None:
    """The node of the segments from `at` on; appends what names stand for."""
    if at == len(segments):
        return node if node.bindings else None
    segment = segments[at]
    found = None
    if segment in node.named:
        found = _find(node.named[segment], segments, at + 1, values)
    if found is None and node.any is not None and segment:
        values.append(segment)
        found = _find(node.any, segments, at + 1, values)
        if found is None:
            values.pop()
    if found is None and node.rest is not None:
        values.append("/".join(segments[at:]))
        found = node.rest
    return found
