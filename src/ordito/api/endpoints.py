"""What an endpoint is. Each api/*.py file is mostly a list of these."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from ordito.platform.door import spec_of

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Version = Literal["none", "optional", "required"]
Kind = Literal["command", "read", "story", "document", "upload"]

BODY_MAX = 1_000_000
BULK_BODY_MAX = 64_000_000
BULK_ITEMS_MAX = 10_000
UPLOAD_BODY_MAX = 21_000_000
"""A file and the form around it."""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path.

    call:       a command `(tx, ask)`, run by the door; a read `(tx, params)`, in one snapshot; or
                a story `(db, actor, ask, *, key, request_id)` that opens its own transactions;
                a document `(db, actor, params)`, read in its own transactions and sent as it is;
                or an upload, a command whose ask has the whole body as `body`, else the query.
    ask:        struct of the ask or the parameters. Fields named in the path come from there,
                `version` from If-Match, the rest from the body (writes) or the query (reads).
    permission: of a read or a story; a command carries its own.
    version:    whether If-Match is taken or needed.
    bulk:       the body is an array of asks, each decoded alone; `call` is a story that takes
                the list of asks and faults, in order.
    media_type: of what a document answers.
    known_by:   field of the ask by which a repetition is recognised; without it a key is needed.
    body_max:   bytes of the body that are taken.
    problems:   slugs beyond those that every endpoint of its kind may answer with.
    """

    method: Method
    path: str
    tag: str
    summary: str
    call: Callable[..., Any]
    ask: type[Any]
    answer: Any
    status: int = 200
    kind: Kind = "command"
    permission: str = ""
    version: Version = "none"
    bulk: bool = False
    description: str = ""
    example: Any = None
    known_by: str = ""
    media_type: str = "*/*"
    problems: tuple[str, ...] = ()
    body_max: int = BODY_MAX

    @property
    def reads(self) -> bool:
        return self.kind in ("read", "document")

    @property
    def needs(self) -> str:
        """The permission that the caller needs; "" where being known is enough."""
        if self.kind in ("command", "upload"):
            return spec_of(self.call).permission
        return self.permission

    @property
    def operation(self) -> str:
        """Its name in the OpenAPI document."""
        return self.call.__name__

    @property
    def path_names(self) -> list[str]:
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    @property
    def path_fields(self) -> frozenset[str]:
        """Fields of the ask that the path says."""
        names = set(self.path_names)
        if "fulfillment_order_id" in names:
            names = names - {"fulfillment_order_id"} | {"order_id", "fo_no"}
        return frozenset(names)

    @property
    def in_query(self) -> type[Any]:
        """The ask without what the path and the whole body say."""
        return _without(self.ask, self.path_fields | {"body"})

    @property
    def body(self) -> type[Any]:
        """The ask without what the path and the headers say: what the body may hold."""
        left_out = self.path_fields if self.version == "none" else self.path_fields | {"version"}
        return _without(self.ask, left_out) if left_out & set(field_names(self.ask)) else self.ask


def field_names(struct: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in msgspec.structs.fields(struct))


def reading(
    path: str, tag: str, summary: str, call: Callable[..., Any], permission: str, **more: Any
) -> Endpoint:
    """A GET: parameters and answer are read from the function `(tx, params) -> answer`."""
    hints = call.__annotations__
    return Endpoint(
        method="GET",
        path=path,
        tag=tag,
        summary=summary,
        call=call,
        ask=hints["params"],
        answer=hints["return"],
        kind="read",
        permission=permission,
        **more,
    )


def writing(
    method: Method, path: str, tag: str, summary: str, call: Callable[..., Any], **more: Any
) -> Endpoint:
    """A command `(tx, ask) -> answer` under a method and path.

    Edits (PUT, PATCH) of what has a version need If-Match; acts take it.
    """
    hints = call.__annotations__
    version: Version = "none"
    if "version" in field_names(hints["ask"]):
        version = "required" if method in ("PUT", "PATCH") else "optional"
    return Endpoint(
        method=method,
        path=path,
        tag=tag,
        summary=summary,
        call=call,
        ask=hints["ask"],
        answer=hints["return"],
        **({"version": version} | more),
    )


_made: dict[tuple[type[Any], frozenset[str]], type[Any]] = {}


def _without(ask: type[Any], names: frozenset[str]) -> type[Any]:
    if (ask, names) not in _made:
        _made[ask, names] = _define(ask, names)
    return _made[ask, names]


def _define(ask: type[Any], names: frozenset[str]) -> type[Any]:
    fields: list[Any] = []
    for field in msgspec.structs.fields(ask):
        if field.name in names:
            continue
        name = field.encode_name
        if field.default is not msgspec.NODEFAULT:
            made = msgspec.field(default=field.default, name=name)
        elif field.default_factory is not msgspec.NODEFAULT:
            made = msgspec.field(default_factory=field.default_factory, name=name)
        else:
            made = msgspec.field(name=name)
        fields.append((field.name, field.type, made))
    return msgspec.defstruct(
        f"{ask.__name__}Body",
        fields,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        module=ask.__module__,
        namespace={"__doc__": ask.__doc__},
    )
