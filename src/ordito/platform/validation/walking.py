"""The walk along a type and a value side by side, which finds every fault and not only one."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from msgspec import inspect

from ordito.platform.validation import scalars
from ordito.platform.validation.findings import Findings, child, printable
from ordito.platform.validation.reading import JsonNumber, RepeatedKeys

_Check = Callable[[Any, Any, str, Findings], None]


def walk(kind: inspect.Type, value: Any, at: str, found: Findings) -> None:
    """Adds the faults of `value`, to be read as `kind`, which lies at the pointer `at`.

    Types that are rare in bodies (named tuples, structs written as arrays, custom ones) are passed
    over: the decoder finds their first fault.
    """
    plain, extra = scalars.unwrap(kind)
    if isinstance(value, RepeatedKeys) and not isinstance(plain, inspect.UnionType):
        for key in value.repeated:
            detail = f"“{printable(key)}” is given more than once; send it once."
            found.add(child(at, key), "duplicate-key", detail)
    if isinstance(plain, inspect.DecimalType):
        scalars.check_decimal(scalars.decimal_limits(extra), value, at, found)
        return
    check = _CHECKS.get(type(plain))
    if check is not None:
        check(plain, value, at, found)


def _walk_any(_kind: Any, value: Any, at: str, found: Findings) -> None:
    if isinstance(value, JsonNumber):
        return
    if isinstance(value, str):
        scalars.check_text(value, at, found)
    elif isinstance(value, float) and value - value != 0:
        found.refuse(at, "too-large", "a finite number", value)
    elif isinstance(value, dict):
        for key, member in value.items():
            _walk_any(None, str(key), child(at, key), found)
            walk(ANY, member, child(at, key), found)
    elif isinstance(value, list | tuple | set | frozenset):
        for index, item in enumerate(value):
            walk(ANY, item, child(at, index), found)


ANY = inspect.AnyType()
"""Walking along this finds what can't be stored, whatever it is for."""


def _walk_none(_kind: Any, value: Any, at: str, found: Findings) -> None:
    is_null_text = found.lax and isinstance(value, str) and value.lower() == "null"
    if value is not None and not is_null_text:
        found.refuse(at, "type", "null", value)


def _walk_list(kind: inspect.CollectionType, value: Any, at: str, found: Findings) -> None:
    if not _is_list(value):
        found.refuse(at, "type", "a list", value)
        return
    scalars.check_length(kind, len(value), at, found)
    for index, item in enumerate(value):
        walk(kind.item_type, item, f"{at}/{index}", found)


def _walk_tuple(kind: inspect.TupleType, value: Any, at: str, found: Findings) -> None:
    count = len(kind.item_types)
    if not _is_list(value):
        found.refuse(at, "type", f"a list of {count}", value)
    elif len(value) != count:
        code = "too-short" if len(value) < count else "too-long"
        found.add(at, code, f"Expected exactly {count} entries, got {len(value)}.")
    else:
        for index, (item_type, item) in enumerate(zip(kind.item_types, value, strict=True)):
            walk(item_type, item, f"{at}/{index}", found)


def _walk_dict(kind: inspect.DictType, value: Any, at: str, found: Findings) -> None:
    if not isinstance(value, dict):
        found.refuse(at, "type", "an object", value)
        return
    scalars.check_length(kind, len(value), at, found)
    # Keys are always text in JSON, whatever they are read as.
    keys = Findings(lax=True)
    for key, member in value.items():
        below = child(at, key)
        walk(kind.key_type, key, below, keys)
        walk(kind.value_type, member, below, found)
    for fault in keys.faults:
        found.add(fault.pointer, fault.code, f"The key is wrong. {fault.detail}")
    found.more += keys.more


def _walk_struct(kind: inspect.StructType, value: Any, at: str, found: Findings) -> None:
    if kind.array_like or isinstance(value, kind.cls):
        return
    if not isinstance(value, dict):
        found.refuse(at, "type", "an object", value)
        return
    tag_field = kind.tag_field
    if tag_field is not None and value.get(tag_field, kind.tag) != kind.tag:
        found.refuse(child(at, tag_field), "not-a-choice", str(kind.tag), value[tag_field])
    _walk_fields(kind.fields, value, at, found)
    if kind.forbid_unknown_fields:
        known = [field.encode_name for field in kind.fields]
        if tag_field is not None:
            known.append(tag_field)
        _refuse_unknown(known, value, at, found)


def _walk_fields(
    fields: Iterable[inspect.Field], value: dict[str, Any], at: str, found: Findings
) -> None:
    for field in fields:
        name = field.encode_name
        if name in value:
            walk(field.type, value[name], child(at, name), found)
        elif field.required:
            found.add(child(at, name), "required", f"“{name}” is missing; it is required.")


def _refuse_unknown(known: list[str], value: dict[str, Any], at: str, found: Findings) -> None:
    names = set(known)
    for key in value:
        if key not in names:
            shown = printable(str(key))
            near = _nearest(shown, tuple(known))
            hint = f"did you mean “{near}”?" if near else "remove it."
            detail = f"There is no field “{shown}” here; {hint}"
            found.add(child(at, key), "unknown-field", detail)


@lru_cache(maxsize=1024)
def _nearest(name: str, known: tuple[str, ...]) -> str:
    # Remembered: a bulk body has the same wrong name in each of its ten thousand entries.
    near = difflib.get_close_matches(name, known, n=1)
    return near[0] if near else ""


def _walk_open_struct(kind: Any, value: Any, at: str, found: Findings) -> None:
    """TypedDicts and dataclasses: like structs, unknown fields are ignored."""
    if isinstance(value, dict):
        _walk_fields(kind.fields, value, at, found)
    elif not isinstance(value, kind.cls):
        found.refuse(at, "type", "an object", value)


def _walk_union(kind: inspect.UnionType, value: Any, at: str, found: Findings) -> None:
    members = [scalars.unwrap(member)[0] for member in kind.types]
    if value is None and kind.includes_none:
        return
    structs = [m for m in members if isinstance(m, inspect.StructType)]
    if isinstance(value, dict) and len(structs) > 1:
        _walk_tagged(structs, value, at, found)
        return
    is_id = any(isinstance(m, inspect.StrType) for m in members)
    fitting = [
        annotated
        for annotated, member in zip(kind.types, members, strict=True)
        if _fits(member, value, lax=found.lax)
    ]
    if not fitting:
        expected = " or ".join(dict.fromkeys(_words(member) for member in members))
        found.refuse(at, "type", expected, value)
    elif is_id and isinstance(whole := scalars.unwrap(fitting[0])[0], inspect.IntType):
        scalars.check_wide_int(whole, value, at, found)
    else:
        _walk_first_good(fitting, value, at, found)


def _walk_tagged(
    structs: Sequence[inspect.StructType], value: dict[str, Any], at: str, found: Findings
) -> None:
    tag_field = structs[0].tag_field
    assert tag_field is not None, "msgspec allows several structs in a union only with tags"
    tag = value.get(tag_field)
    for struct in structs:
        if struct.tag == tag and type(struct.tag) is type(tag):
            walk(struct, value, at, found)
            return
    words = ", ".join(str(struct.tag) for struct in structs)
    if tag_field in value:
        found.refuse(child(at, tag_field), "not-a-choice", f"one of {words}", tag)
    else:
        detail = f"“{tag_field}” is missing; it says which kind this is: {words}."
        found.add(child(at, tag_field), "required", detail)


def _walk_first_good(kinds: Sequence[inspect.Type], value: Any, at: str, found: Findings) -> None:
    """The faults by the first kind, unless another one has none."""
    first: Findings | None = None
    for kind in kinds:
        tried = Findings(lax=found.lax)
        walk(kind, value, at, tried)
        if not tried.faults:
            return
        first = first or tried
    if first is not None:
        for fault in first.faults:
            found.add(fault.pointer, fault.code, fault.detail)
        found.more += first.more


def _fits(kind: inspect.Type, value: Any, *, lax: bool) -> bool:
    """Whether JSON's kind of `value` is one that `kind` is written in."""
    if isinstance(value, JsonNumber):
        whole = (inspect.IntType,) if value.is_whole else ()
        return isinstance(kind, (inspect.AnyType, inspect.FloatType, inspect.DecimalType, *whole))
    if isinstance(kind, inspect.AnyType):
        return True
    for python_type, kinds in _WRITTEN_IN:
        if isinstance(value, python_type):
            return isinstance(kind, kinds) or (
                lax and isinstance(value, str) and isinstance(kind, _LAX_TEXT)
            )
    # Instants, ids and members of an Enum that Python code hands over as they are.
    return isinstance(kind, _TEXTUAL)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset)


_CHOICES = (inspect.LiteralType, inspect.EnumType)
_TEXTUAL = (
    inspect.DateTimeType,
    inspect.DateType,
    inspect.TimeType,
    inspect.TimeDeltaType,
    inspect.UUIDType,
    inspect.DecimalType,
    inspect.BytesType,
    *_CHOICES,
)
_LAX_TEXT = (inspect.IntType, inspect.FloatType, inspect.BoolType, inspect.NoneType)
_LISTS = (
    inspect.ListType,
    inspect.SetType,
    inspect.FrozenSetType,
    inspect.VarTupleType,
    inspect.TupleType,
)
_OBJECTS = (
    inspect.StructType,
    inspect.DictType,
    inspect.TypedDictType,
    inspect.DataclassType,
)
_NUMBERS = (inspect.IntType, inspect.FloatType, inspect.DecimalType, *_CHOICES)

# The first that fits decides: True is an int to Python.
_WRITTEN_IN: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (type(None), (inspect.NoneType, inspect.LiteralType)),
    (bool, (inspect.BoolType,)),
    (int, _NUMBERS),
    (float, (inspect.FloatType, inspect.DecimalType)),
    (str, (inspect.StrType, *_TEXTUAL)),
    ((list, tuple, set, frozenset), _LISTS),
    (dict, _OBJECTS),
)


def _words(kind: inspect.Type) -> str:
    return _WORDS.get(type(kind), "another kind of value")


_WORDS: dict[type[inspect.Type], str] = {
    inspect.NoneType: "null",
    inspect.BoolType: "true or false",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.DecimalType: "a decimal number",
    inspect.StrType: "text",
    inspect.BytesType: "base64 text",
    inspect.DateTimeType: "a date and time",
    inspect.DateType: "a date",
    inspect.TimeType: "a time of day",
    inspect.TimeDeltaType: "a duration",
    inspect.UUIDType: "an id",
    inspect.LiteralType: "one of the choices",
    inspect.EnumType: "one of the choices",
    **dict.fromkeys(_LISTS, "a list"),
    **dict.fromkeys(_OBJECTS, "an object"),
}

_CHECKS: dict[type[inspect.Type], _Check] = {
    inspect.AnyType: _walk_any,
    inspect.RawType: _walk_any,
    inspect.NoneType: _walk_none,
    inspect.BoolType: scalars.check_bool,
    inspect.IntType: scalars.check_int,
    inspect.FloatType: scalars.check_float,
    inspect.StrType: scalars.check_str,
    inspect.BytesType: scalars.check_bytes,
    inspect.DateTimeType: scalars.check_instant,
    inspect.DateType: scalars.check_date,
    inspect.TimeType: scalars.check_time,
    inspect.TimeDeltaType: scalars.check_duration,
    inspect.UUIDType: scalars.check_uuid,
    inspect.LiteralType: scalars.check_choice,
    inspect.EnumType: scalars.check_choice,
    inspect.ListType: _walk_list,
    inspect.SetType: _walk_list,
    inspect.FrozenSetType: _walk_list,
    inspect.VarTupleType: _walk_list,
    inspect.TupleType: _walk_tuple,
    inspect.DictType: _walk_dict,
    inspect.StructType: _walk_struct,
    inspect.TypedDictType: _walk_open_struct,
    inspect.DataclassType: _walk_open_struct,
    inspect.UnionType: _walk_union,
}
