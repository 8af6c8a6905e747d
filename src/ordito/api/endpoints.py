"""What an endpoint is. Each api/*.py file is mostly a list of these."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Version = Literal["none", "optional", "required"]

BODY_MAX = 1_000_000
BULK_BODY_MAX = 64_000_000


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path.

    call:       a command `(tx, ask)` or a read `(tx, params)`.
    ask:        struct of the ask or the parameters. Fields named in the path come from there,
                `version` from If-Match, the rest from the body (commands) or the query (reads).
    permission: of a read; a command carries its own.
    version:    whether If-Match is taken or needed.
    bulk:       the body is an array of asks; each has its own result.
    problems:   slugs beyond those that every endpoint may answer with.
    """

    method: Method
    path: str
    tag: str
    summary: str
    call: Callable[..., Any]
    ask: type[Any]
    answer: Any
    status: int = 200
    permission: str | None = None
    version: Version = "none"
    bulk: bool = False
    description: str = ""
    example: Any = None
    problems: tuple[str, ...] = ()

    @property
    def reads(self) -> bool:
        return self.permission is not None

    @property
    def path_names(self) -> list[str]:
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
