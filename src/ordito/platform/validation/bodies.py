"""Bodies and other input become structs here, or a problem with all their faults."""

from typing import Any, TypeVar

import msgspec

from ordito.platform.problems import BodyTooLarge, Fault, InvalidInput, MalformedBody
from ordito.platform.validation.findings import Findings, pointer, printable
from ordito.platform.validation.plans import Plan, plan_of
from ordito.platform.validation.reading import is_deep, read, repeats_a_key
from ordito.platform.validation.walking import ANY, walk

T = TypeVar("T")

ELEMENTS_MAX = 2_000_000
"""List entries and objects in one bulk body: what is a byte each there is fifty in memory."""

_BOM = b"\xef\xbb\xbf"

# What decoding, or looking at what was decoded, may raise. None of it is told as it is.
_REFUSALS = (msgspec.MsgspecError, UnicodeError, RecursionError, ArithmeticError)


def decode(kind: type[T], body: bytes | str, *, size_max: int = 1_000_000) -> T:
    """The JSON `body` as `kind`, strictly: no number for a text, no field that `kind` hasn't.

    Raises InvalidInput with all faults, MalformedBody for what is no JSON, BodyTooLarge beyond
    `size_max` bytes.
    """
    return _decode(plan_of(kind), _bytes_of(body, size_max))  # type: ignore[no-any-return]


def decode_many(
    kind: type[T], body: bytes | str, *, size_max: int = 64_000_000, items_max: int = 100_000
) -> list[T | InvalidInput]:
    """A JSON list, each entry decoded on its own as `kind`: a bad one never spoils the others.

    Pointers are relative to the entry. Raises MalformedBody when the body as a whole is no JSON,
    InvalidInput when it is no list or has more than `items_max` entries, BodyTooLarge.
    """
    content = _bytes_of(body, size_max)
    plan = plan_of(kind)
    return [_decode_item(plan, item) for item in _items(content, items_max)]


def convert(kind: type[T], data: Any, *, strict: bool = True) -> T:
    """Values that Python already holds (form fields, a row of a file) as `kind`.

    strict=False: texts may stand for whole numbers, numbers and booleans, never for instants;
    an empty text stands for nothing, so leave empty cells out. Raises InvalidInput.
    """
    plan = plan_of(kind)
    found = Findings(lax=not strict)
    try:
        walk(ANY, data, "", found)
        if not found.faults and (strict or not plan.dated):
            value = msgspec.convert(data, kind, strict=strict)
            if plan.vouch(value) >= 0:
                return value
    except _REFUSALS:
        pass
    return _convert_slowly(plan, data, strict=strict)  # type: ignore[no-any-return]


def _bytes_of(body: bytes | str, size_max: int) -> bytes:
    if type(body) is bytes and len(body) <= size_max:
        return body
    # A lone surrogate becomes bytes that are refused as not being UTF-8.
    content = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    if len(content) > size_max:
        detail = f"The body has {len(content):,} bytes; at most {size_max:,} are taken here."
        raise BodyTooLarge(detail)
    return content


def _decode(plan: Plan, body: bytes) -> Any:
    try:
        value = plan.decode(body)
        count = plan.vouch(value)
    except _REFUSALS:
        return _decode_slowly(plan, body)
    # NUL and an escaped colon both begin with \u00; most bodies have no backslash at all.
    if body.find(b"\\") >= 0 and b"\\u00" in body:
        return _decode_slowly(plan, body)
    if count == body.count(b":") and plan.sealed:
        return value
    if count >= 0 and (plan.shallow or not is_deep(body)) and not repeats_a_key(body):
        return value
    return _decode_slowly(plan, body)


def _decode_slowly(plan: Plan, body: bytes) -> Any:
    body = body.removeprefix(_BOM)
    found = Findings()
    walk(plan.shape, read(body), "", found)
    if found.faults:
        raise found.problem()
    try:
        return plan.decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _told_by_decoder(error) from None


def _convert_slowly(plan: Plan, data: Any, *, strict: bool) -> Any:
    found = Findings(lax=not strict)
    try:
        walk(plan.shape, data, "", found)
        if found.faults:
            raise found.problem()
        return msgspec.convert(data, plan.kind, strict=strict)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _told_by_decoder(error) from None


def _told_by_decoder(error: Exception) -> InvalidInput:
    """The one fault that the decoder sees and the walk doesn't: a rule in a struct's own code."""
    if isinstance(error, RecursionError):
        detail = "It is nested too deeply."
        return InvalidInput(detail, errors=[Fault("", "too-deep", detail)])
    words, _, path = str(error).partition(" - at `")
    detail = printable(words, 200)
    return InvalidInput(detail, errors=[Fault(pointer(path.rstrip("`")), "rule", detail)])


_split = msgspec.json.Decoder(list[msgspec.Raw]).decode


def _items(body: bytes, items_max: int) -> list[msgspec.Raw]:
    elements = max(body.count(b",") - body.count(b":"), body.count(b"{"))
    if elements > ELEMENTS_MAX:
        raise BodyTooLarge(f"The body holds more than {ELEMENTS_MAX:,} values; send fewer at once.")
    try:
        items = _split(body)
    except _REFUSALS:
        items = _items_of_suspect(body)
    if len(items) > items_max:
        detail = f"Expected at most {items_max:,} entries, got {len(items):,}."
        raise InvalidInput(detail, errors=[Fault("", "too-long", detail)])
    return items


def _items_of_suspect(body: bytes) -> list[msgspec.Raw]:
    """Raises what is wrong with a bulk body as a whole; returns its items when it was the BOM."""
    body = body.removeprefix(_BOM)
    found = Findings()
    content = read(body)
    if not isinstance(content, list):
        found.refuse("", "type", "a list", content)
        raise found.problem()
    try:
        return _split(body)
    except _REFUSALS as error:
        raise MalformedBody(f"The body could not be read: {printable(str(error), 200)}") from None


def _decode_item(plan: Plan, item: msgspec.Raw) -> Any:
    try:
        return _decode(plan, bytes(item))
    except InvalidInput as problem:
        return problem
    except MalformedBody as problem:
        fault = Fault("", "malformed", problem.detail)
        return InvalidInput(problem.detail, errors=[fault])
