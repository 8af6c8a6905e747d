"""The OpenAPI 3.1 document, made from the table of endpoints."""

import inspect
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from ordito import __version__
from ordito.api.endpoints import Endpoint
from ordito.platform.problems import Problem

Json = dict[str, Any]

_REF = "#/components/schemas/{name}"

_ALWAYS = ("not-authenticated", "not-permitted", "invalid-input", "busy", "database-unavailable")
_WRITES = (
    "malformed-body",
    "idempotency-key-invalid",
    "idempotency-key-reused",
    "csrf-failed",
    "body-too-large",
    "unsupported-media-type",
    "action-not-allowed",
    "out-of-stock",
    "already-exists",
    "not-found",
)

_TAGS = {
    "Orders": "Place, read, cancel, hold, tag, return.",
    "Fulfillment": "What locations do: release, pick, pack, ship, hand over.",
    "Inventory": "Stock: receipts, adjustments, counts, holds, levels, ledger, availability.",
    "Catalog": "Items, barcodes, kits.",
    "Settings": "Channels, locations, sourcing policies, markets, exchange rates.",
    "Intake": "What came in by files: the inbox, imports, trying again.",
    "Events": "Everything that happened, once, in order.",
    "Access": "Users and API keys.",
}

_DESCRIPTION = """\
Orders from every channel, promised only on stock that exists.

Send an API key as `Authorization: Bearer ordito_…`. Every failure is a problem (RFC 9457); its
`type` opens a page that says what to do. Writes take an `Idempotency-Key`: the same key and body
have one effect and give the same answer again. Lists give `next`, to be sent as `cursor`.
Amounts are whole minor units; prices are exact decimals as text; instants are UTC.
"""


def make_document(endpoints: Sequence[Endpoint]) -> Json:
    """The whole document, as values that JSON has."""
    schemas = _Schemas(endpoints)
    paths: defaultdict[str, Json] = defaultdict(dict)
    for endpoint in endpoints:
        paths[endpoint.path][endpoint.method.lower()] = _operation(endpoint, schemas)
    used = _reachable(paths, schemas.components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ordito",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "tags": [{"name": name, "description": words} for name, words in _TAGS.items()],
        "paths": dict(paths),
        "components": {
            "schemas": {name: schemas.components[name] for name in sorted(used)}
            | {"Problem": _PROBLEM},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key"}
            },
        },
    }


def _reachable(paths: Any, components: Json) -> set[str]:
    """Names of the schemas that the paths need; parameters were made from others."""
    found: set[str] = set()
    waiting = [paths]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name in components and name not in found:
                found.add(name)
                waiting.append(components[name])
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return found


class _Schemas:
    """The schemas of all bodies, answers and parameters, by their types."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        kinds: dict[Any, None] = {}
        for endpoint in endpoints:
            kinds[_asked(endpoint)] = None
            kinds[endpoint.ask] = None
            kinds[endpoint.answer] = None
        listed = list(kinds)
        made, self.components = msgspec.json.schema_components(
            listed, schema_hook=lambda _kind: {"description": "Any JSON value"}, ref_template=_REF
        )
        self._of = dict(zip(listed, made, strict=True))
        self.components = {name: _tidy(schema) for name, schema in self.components.items()}

    def of(self, kind: Any) -> Json:
        schema: Json = self._of[kind]
        return schema

    def fields(self, kind: Any) -> tuple[Json, list[str]]:
        """The properties of a struct, and the names of those that are required."""
        name = self._of[kind]["$ref"].rpartition("/")[2]
        schema = self.components[name]
        return schema.get("properties", {}), schema.get("required", [])


def _asked(endpoint: Endpoint) -> Any:
    if endpoint.kind == "upload":
        return endpoint.in_query
    return endpoint.ask if endpoint.reads else endpoint.body


def _operation(endpoint: Endpoint, schemas: _Schemas) -> Json:
    operation: Json = {
        "operationId": endpoint.operation,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": _description(endpoint),
        "parameters": _parameters(endpoint, schemas),
        "responses": _responses(endpoint, schemas),
    }
    if endpoint.needs:
        operation["x-permission"] = endpoint.needs
    if not endpoint.reads:
        operation["requestBody"] = _body(endpoint, schemas)
    return operation


def _description(endpoint: Endpoint) -> str:
    words = endpoint.description or inspect.cleandoc(endpoint.call.__doc__ or "")
    permission = f"Permission: `{endpoint.needs}`." if endpoint.needs else ""
    return "\n\n".join(part for part in (words, permission) if part)


def _body(endpoint: Endpoint, schemas: _Schemas) -> Json:
    if endpoint.kind == "upload":
        binary = {"type": "string", "format": "binary"}
        form = {"type": "object", "required": ["file"], "properties": {"file": binary}}
        kinds = {"application/octet-stream": binary, "multipart/form-data": form}
        return {"required": True, "content": {kind: {"schema": kinds[kind]} for kind in kinds}}
    schema = schemas.of(endpoint.body)
    if endpoint.bulk:
        schema = {"type": "array", "maxItems": 10_000, "items": schema}
    content: Json = {"schema": schema}
    if endpoint.example is not None:
        content["example"] = endpoint.example
    required = endpoint.bulk or bool(schemas.fields(endpoint.body)[1])
    return {"required": required, "content": {"application/json": content}}


def _parameters(endpoint: Endpoint, schemas: _Schemas) -> list[Json]:
    parameters = [_path_parameter(name, endpoint, schemas) for name in endpoint.path_names]
    if endpoint.reads or endpoint.kind == "upload":
        properties, required = schemas.fields(_asked(endpoint))
        parameters += [
            _query_parameter(name, schema, name in required)
            for name, schema in properties.items()
            if name not in endpoint.path_fields
        ]
    if not endpoint.reads:
        parameters.append(_KEY)
    if endpoint.version != "none":
        parameters.append(_IF_MATCH | {"required": endpoint.version == "required"})
    return parameters


def _path_parameter(name: str, endpoint: Endpoint, schemas: _Schemas) -> Json:
    if name == "fulfillment_order_id":
        schema: Json = {"type": "string", "pattern": r"^[0-9a-f\-]{36}\.[1-9][0-9]{0,5}$"}
    elif name == "number":
        schema = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
    else:
        properties, _required = schemas.fields(endpoint.ask)
        schema = properties[name]
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameter(name: str, schema: Json, required: bool) -> Json:
    parameter = {"name": name, "in": "query", "required": required, "schema": _no_null(schema)}
    if _is_list(schema):
        parameter |= {"style": "form", "explode": True}
    return parameter


def _is_list(schema: Json) -> bool:
    return schema.get("type") == "array"


def _no_null(schema: Json) -> Json:
    """A parameter is left out, never null."""
    choices = schema.get("anyOf")
    if choices is None:
        return schema
    kept = [choice for choice in choices if choice.get("type") != "null"]
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    return rest | (kept[0] if len(kept) == 1 else {"anyOf": kept})


_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 255 printable ASCII characters, best a fresh UUID per request.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
_IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag that was read. When the thing has changed since, nothing is done.",
    "schema": {"type": "string", "pattern": '^"[1-9][0-9]{0,9}"$'},
}


def _responses(endpoint: Endpoint, schemas: _Schemas) -> Json:
    headers: Json = {"X-Request-Id": {"schema": {"type": "string"}}}
    if "version" in getattr(endpoint.answer, "__struct_fields__", ()):
        headers["ETag"] = {"schema": {"type": "string"}}
    if endpoint.status == 201:
        headers["Location"] = {"schema": {"type": "string"}}
    responses: Json = {
        str(endpoint.status): {
            "description": "Done",
            "headers": headers,
            "content": _content(endpoint, schemas),
        }
    }
    for status, slugs in sorted(_slugs_by_status(endpoint).items()):
        words = "; ".join(f"`{slug}`: {Problem.classes[slug].title}" for slug in slugs)
        responses[str(status)] = {
            "description": words,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
    return responses


def _content(endpoint: Endpoint, schemas: _Schemas) -> Json:
    if endpoint.kind == "document":
        return {endpoint.media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": schemas.of(endpoint.answer)}}


def _slugs_by_status(endpoint: Endpoint) -> dict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for slug in dict.fromkeys(_slugs(endpoint)):
        found[Problem.classes[slug].status].append(slug)
    return found


def _slugs(endpoint: Endpoint) -> Iterable[str]:
    yield from _ALWAYS
    if endpoint.path_names or endpoint.reads:
        yield "not-found"
    if not endpoint.reads:
        yield from _WRITES
    if endpoint.version != "none":
        yield "version-conflict"
    if endpoint.version == "required":
        yield "version-required"
    yield from endpoint.problems


def _tidy(schema: Json) -> Json:
    if "description" in schema:
        schema["description"] = inspect.cleandoc(schema["description"])
    return schema


_PROBLEM: Json = {
    "title": "Problem",
    "description": "A failure as RFC 9457 says. `errors` lists every fault of the input.",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/invalid-input"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
    "additionalProperties": True,
}
