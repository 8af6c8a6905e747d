"""docs/settings.md: every setting, from the docstrings of the fields."""

import ast
import inspect
from itertools import pairwise
from typing import Any

import msgspec
from msgspec.inspect import LiteralType, Metadata, type_info

from ordito.platform import settings
from ordito.platform.settings import Settings

_HEAD = """\
# Settings

Read once when a program starts: from the environment, and from the TOML file that `ORDITO_CONFIG`
names, if it is set. In the file a setting is called like its variable, in small letters and without
`ORDITO_` (`port = 8080`). The environment wins. A variable that begins with `ORDITO_` and isn't
listed here, or a value that can't be used, stops the start with a message that lists all of them.

This page is written by `python -m ordito.platform.documents`.

| Variable | Default | What it does |
|---|---|---|
"""


def settings_page() -> str:
    words = field_docstrings()
    fields = msgspec.structs.fields(Settings)
    rows = [_row(field, words[field.name]) for field in fields]
    return _HEAD + "".join(rows)


def field_docstrings() -> dict[str, str]:
    """Field name → the text below it in the source; Python itself throws those away."""
    tree = ast.parse(inspect.getsource(settings))
    body = next(
        node.body
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == Settings.__name__
    )
    words: dict[str, str] = {}
    for field, after in pairwise(body):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=text)):
                words[name] = " ".join(str(text).split())
    return words


def _row(field: msgspec.structs.FieldInfo, words: str) -> str:
    default = "" if field.default in (msgspec.NODEFAULT, "", ()) else f"`{field.default}`"
    said = f"{words}{_allowed(field.type)}".replace("|", "\\|")
    return f"| `ORDITO_{field.name.upper()}` | {default} | {said} |\n"


def _allowed(kind: Any) -> str:
    shape = type_info(kind)
    shape = shape.type if isinstance(shape, Metadata) else shape
    if isinstance(shape, LiteralType):
        return f" One of {', '.join(f'`{value}`' for value in shape.values)}."
    low, high = getattr(shape, "ge", None), getattr(shape, "le", None)
    if low is not None and high is not None:
        return f" From {low:,} to {high:,}."
    return ""
