"""What is prepared once per type: its decoder, and a function that vouches for what it decoded.

msgspec accepts a few things that must not get in (a key given twice, NaN as a Decimal's text, an
integer of 30 digits, the year 1), and walking every value to find them would cost more than the
decoding. So for each type a function is written, as source text, which visits only what can go
wrong and, on its way, counts the colons that the body must have had at least.

Why colons: a body has one colon per key, and further ones only inside strings. Each required field,
each field that isn't its default object and each entry of a dict came from a key of its own; each
instant came from a text with two colons. When that many colons are all there are, no key was given
twice. When there are more (a default spelled out, a colon in a text) the answer is not known, and
the body is read again by a slower reader that compares the keys.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import inspect

from ordito.platform.validation import scalars

Vouch = Callable[[Any], int]

HAZARD = -(10**12)
"""Added to the count where a value must be looked at closely: no body has as many colons."""


class Plan(msgspec.Struct, frozen=True):
    """decode: msgspec's decoder. vouch: colons a decoded value accounts for, negative on hazard.

    sealed:  whether a count that fits proves that no key came twice.
    shallow: whether the type itself bounds how deep a body can be nested.
    dated:   whether instants or durations are in it, which lax conversion would take from numbers.
    """

    kind: Any
    shape: inspect.Type
    decode: Callable[[bytes | msgspec.Raw], Any]
    vouch: Vouch
    sealed: bool
    shallow: bool
    dated: bool


_plans: dict[Any, Plan] = {}


def plan_of(kind: Any) -> Plan:
    """The plan of a type, made on first use."""
    plan = _plans.get(kind)
    if plan is None:
        shape = inspect.type_info(kind)
        writer = _Writer()
        vouch = writer.function_for(shape)
        plan = _plans[kind] = Plan(
            kind=kind,
            shape=shape,
            decode=msgspec.json.Decoder(kind).decode,
            vouch=vouch,
            sealed=writer.sealed and writer.shallow,
            shallow=writer.shallow,
            dated=writer.dated,
        )
    return plan


class _Writer:
    """Writes the function of one type, the structs inside it included."""

    def __init__(self) -> None:
        self.sealed = True
        self.shallow = True
        self.dated = False
        self._open: list[inspect.Type] = []
        self._constants: dict[str, Any] = {}
        self._variables = 0

    def function_for(self, shape: inspect.Type) -> Vouch:
        lines = self.source_for(shape)
        namespace = dict(self._constants)
        # The text is made of field names, which are identifiers, and of names made here.
        exec(compile("\n".join(lines), "<vouch>", "exec"), namespace)  # noqa: S102
        function: Vouch = namespace["vouch"]
        return function

    def source_for(self, shape: inspect.Type) -> list[str]:
        return [
            "def vouch(value):",
            "    n = 0",
            *_indented(self._lines(shape, "value")),
            "    return n",
        ]

    def _variable(self) -> str:
        self._variables += 1
        return f"v{self._variables}"

    def _constant(self, value: Any) -> str:
        name = f"c{len(self._constants)}"
        self._constants[name] = value
        return name

    def _lines(self, kind: inspect.Type, var: str) -> list[str]:
        """Statements that look at `var` and raise `n`; none when any decoded value is fine."""
        kind, extra = scalars.unwrap(kind)
        if isinstance(kind, _HARMLESS):
            return []
        if isinstance(kind, inspect.DecimalType):
            return self._decimal_lines(scalars.decimal_limits(extra), var)
        write = _WRITERS.get(type(kind))
        if write is None:
            # Anything goes here, with any keys, to any depth.
            self.shallow = False
            return []
        return write(self, kind, var)

    def _decimal_lines(self, limits: scalars.DecimalLimits, var: str) -> list[str]:
        # NaN leaves a remainder that is true; infinity and the very large raise ArithmeticError.
        remainder, quantum = self._constant(scalars.EXACT.remainder), self._constant(limits.quantum)
        conditions = [f"{remainder}({var}, {quantum})"]
        if limits.digits < scalars.EXACT.prec:
            # With more digits than the arithmetic has, the remainder has raised already.
            low, high = self._constant(-limits.bound), self._constant(limits.bound)
            conditions.append(f"not {low} < {var} < {high}")
        for sign, bound in (
            (">=", limits.ge),
            (">", limits.gt),
            ("<=", limits.le),
            ("<", limits.lt),
        ):
            if bound is not None:
                conditions.append(f"not {var} {sign} {self._constant(bound)}")
        return _hazard_if(" or ".join(conditions))

    def _str_lines(self, kind: inspect.StrType, var: str) -> list[str]:
        if kind.pattern is None or not kind.pattern.endswith("$"):
            return []
        return _hazard_if(f'{var}.endswith("\\n")')

    def _int_lines(self, kind: inspect.IntType, var: str) -> list[str]:
        if (kind.ge is not None or kind.gt is not None) and (
            kind.le is not None or kind.lt is not None
        ):
            return []
        return _hazard_if(f"not {scalars.INT_MIN} <= {var} <= {scalars.INT_MAX}")

    def _float_lines(self, _kind: inspect.FloatType, var: str) -> list[str]:
        # NaN and infinity minus themselves are NaN, which is true.
        return _hazard_if(f"{var} - {var}")

    def _instant_lines(self, _kind: inspect.DateTimeType, var: str) -> list[str]:
        self.dated = True
        return ["n += 2", *self._date_lines(_kind, var)]

    def _date_lines(self, _kind: inspect.Type, var: str) -> list[str]:
        return _hazard_if(f"not {scalars.YEAR_MIN} <= {var}.year <= {scalars.YEAR_MAX}")

    def _time_lines(self, _kind: inspect.TimeType, _var: str) -> list[str]:
        return ["n += 2"]

    def _duration_lines(self, _kind: inspect.TimeDeltaType, _var: str) -> list[str]:
        self.dated = True
        return []

    def _list_lines(self, kind: inspect.CollectionType, var: str) -> list[str]:
        item = self._variable()
        body = self._lines(kind.item_type, item)
        return [f"for {item} in {var}:", *_indented(body)] if body else []

    def _tuple_lines(self, kind: inspect.TupleType, var: str) -> list[str]:
        lines: list[str] = []
        for index, item_type in enumerate(kind.item_types):
            item = self._variable()
            body = self._lines(item_type, item)
            lines += [f"{item} = {var}[{index}]", *body] if body else []
        return lines

    def _dict_lines(self, kind: inspect.DictType, var: str) -> list[str]:
        if not isinstance(scalars.unwrap(kind.key_type)[0], inspect.StrType):
            self.sealed = False
        lines = [f"n += len({var})"]
        for part, expression in ((kind.key_type, var), (kind.value_type, f"{var}.values()")):
            item = self._variable()
            body = self._lines(part, item)
            lines += [f"for {item} in {expression}:", *_indented(body)] if body else []
        return lines

    def _union_lines(self, kind: inspect.UnionType, var: str) -> list[str]:
        members = [m for m in kind.types if not isinstance(m, inspect.NoneType)]
        if len(members) == 1:
            body = self._lines(members[0], var)
            return [f"if {var} is not None:", *_indented(body)] if body else []
        plain = [scalars.unwrap(member)[0] for member in members]
        is_id = any(isinstance(p, inspect.StrType) for p in plain)
        is_tagged = sum(isinstance(p, inspect.StructType) for p in plain) > 1
        lines: list[str] = []
        for member, bare in zip(members, plain, strict=True):
            if is_id and isinstance(bare, inspect.IntType):
                body = _hazard_if(f"not -{scalars.WIDE_MAX} < {var} < {scalars.WIDE_MAX}")
            else:
                body = self._lines(member, var)
            if is_tagged and isinstance(bare, inspect.StructType):
                body = ["n += 1", *body]
            lines += self._if_type(bare, body, var)
        return lines

    def _if_type(self, kind: inspect.Type, body: list[str], var: str) -> list[str]:
        if not body:
            return []
        struct = kind.cls if isinstance(kind, inspect.StructType) else None
        python_type = struct or _PYTHON_TYPES[type(kind)]
        return [f"if type({var}) is {self._constant(python_type)}:", *_indented(body)]

    def _struct_lines(self, kind: inspect.StructType, var: str) -> list[str]:
        if any(kind is outer for outer in self._open):
            # It holds itself: always for the slower reader, which counts the levels too.
            self.shallow = False
            return [f"n += {HAZARD}"]
        if kind.array_like or hasattr(kind.cls, "__post_init__"):
            # No keys, or fields that the struct itself may have filled.
            self.sealed = False
        self._open.append(kind)
        count = sum(field.required for field in kind.fields)
        lines = [f"n += {count}"] if count else []
        for field in kind.fields:
            lines += self._field_lines(field, f"{var}.{field.name}")
        self._open.pop()
        return lines

    def _field_lines(self, field: inspect.Field, expression: str) -> list[str]:
        var = self._variable()
        lines = self._lines(field.type, var)
        read = [f"{var} = {expression}"] if lines else []
        value = var if lines else expression
        if field.required:
            return [*read, *lines]
        if field.default_factory in _EMPTY or field.default == "":
            return [*read, f"if {value}:", *_indented(["n += 1", *lines])]
        if field.default is None and lines and lines[0] == f"if {var} is not None:":
            return [*read, lines[0], "    n += 1", *lines[1:]]
        if field.default is not msgspec.NODEFAULT:
            # A default left alone is the very object; an equal one made from the body is not.
            default = "None" if field.default is None else self._constant(field.default)
            return [*read, f"if {value} is not {default}:", *_indented(["n += 1", *lines])]
        if field.default_factory is msgspec.NODEFAULT:
            # Not required and yet without a default, as inspection tells it: UNSET.
            unset = self._constant(msgspec.UNSET)
            return [*read, f"if {value} is not {unset}:", *_indented(["n += 1", *lines])]
        # Made by a function of the struct's own: there may be things in it that no key brought.
        self.sealed = False
        return [*read, *lines]


def _hazard_if(condition: str) -> list[str]:
    return [f"if {condition}:", f"    n += {HAZARD}"]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


_EMPTY = (list, dict, set, frozenset)

_HARMLESS = (
    inspect.NoneType,
    inspect.BoolType,
    inspect.BytesType,
    inspect.UUIDType,
    inspect.LiteralType,
    inspect.EnumType,
)

_WRITERS: dict[type[inspect.Type], Callable[[_Writer, Any, str], list[str]]] = {
    inspect.StrType: _Writer._str_lines,
    inspect.IntType: _Writer._int_lines,
    inspect.FloatType: _Writer._float_lines,
    inspect.DateTimeType: _Writer._instant_lines,
    inspect.DateType: _Writer._date_lines,
    inspect.TimeType: _Writer._time_lines,
    inspect.TimeDeltaType: _Writer._duration_lines,
    inspect.ListType: _Writer._list_lines,
    inspect.SetType: _Writer._list_lines,
    inspect.FrozenSetType: _Writer._list_lines,
    inspect.VarTupleType: _Writer._list_lines,
    inspect.TupleType: _Writer._tuple_lines,
    inspect.DictType: _Writer._dict_lines,
    inspect.UnionType: _Writer._union_lines,
    inspect.StructType: _Writer._struct_lines,
}

_PYTHON_TYPES: dict[type[inspect.Type], Any] = {
    inspect.IntType: int,
    inspect.FloatType: float,
    inspect.StrType: str,
    inspect.DecimalType: Decimal,
    inspect.DateTimeType: datetime,
    inspect.DateType: date,
    inspect.TimeType: time,
    inspect.ListType: list,
    inspect.VarTupleType: tuple,
    inspect.TupleType: tuple,
    inspect.SetType: set,
    inspect.FrozenSetType: frozenset,
    inspect.DictType: dict,
}
