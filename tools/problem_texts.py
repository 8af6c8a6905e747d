"""The sentences of problems: whatever the program may answer when it refuses something.

They are raised as plain English, since the API, logs and the command line say them as they are.
For pages of other languages they are collected here by their shape: the text of an f-string with
its expressions as named places. `ordito.platform.problem_words` knows a sentence
again by it. Their msgctxt is "problem": the same words on a button may be said differently.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_ELSEWHERE = ("app", "cli", "locale", "migrations", "listings/doctor", "platform/embedded")
_NO_PAGES = (
    "api/openapi.py",
    "flows/account_mails.py",
    "platform/metrics.py",
    "platform/migrations.py",
    "platform/settings.py",
    "sourcing/finding_sentences.py",
    "sourcing/sentences.py",
    "sourcing/whatif_sentences.py",
)
"""What people of the back office don't meet, or what is translated where it is said."""

_REFUSERS = ("Fault", "refuse")
_SENTENCE = re.compile(r"[“\"A-Z%].*[a-z] .*[.?!]")
_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|WHERE|VALUES)\b")


def problem_texts(source: Path) -> dict[str, str]:
    """Every title and every sentence, with the file that says it. source: `src/ordito`."""
    trees = {
        file.relative_to(source).as_posix(): ast.parse(file.read_text("utf-8"))
        for file in sorted(source.rglob("*.py"))
    }
    kinds = problem_kinds(trees.values())
    found: dict[str, str] = {}
    for name, tree in trees.items():
        for text in _titles(tree, kinds):
            found.setdefault(text, name)
        if not name.startswith(_ELSEWHERE) and name not in _NO_PAGES:
            for text in _sentences(tree, kinds, name.partition("/")[0]):
                found.setdefault(text, name)
    return found


def problem_kinds(trees: Iterable[ast.Module]) -> set[str]:
    """The names of all classes of problems."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    kinds = {"Problem"}
    while grown := {
        node.name
        for node in classes
        if node.name not in kinds
        and any(isinstance(base, ast.Name) and base.id in kinds for base in node.bases)
    }:
        kinds |= grown
    return kinds


def _titles(tree: ast.Module, kinds: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in kinds:
            for part in node.body:
                if isinstance(part, ast.Assign) and getattr(part.targets[0], "id", "") == "title":
                    yield shape(part.value)


def _sentences(tree: ast.Module, kinds: set[str], part: str) -> Iterator[str]:
    """Texts given to problems and faults, and whatever else reads like a sentence.

    part: of the program; what pages say besides is asked of the catalogue where it is said.
    """
    left_out = _docstrings(tree) | (_module_level(tree) if part == "api" else set())
    said = _said(tree, kinds)
    inner = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node and not _in_place(node, part)
    }
    for node in ast.walk(tree):
        if id(node) in inner or id(node) in left_out - said:
            continue
        text = shape(node)
        meant = id(node) in said or (
            part != "web" and _SENTENCE.fullmatch(text) and not _SQL.search(text)
        )
        if meant and re.search(r"[a-z]{2}", _PLACE.sub("", text)):
            yield text


def _in_place(text: ast.JoinedStr, part: ast.AST) -> bool:
    """Whether it is said inside a place of the text, and so a text of its own."""
    return any(
        isinstance(value, ast.FormattedValue) and any(part is one for one in ast.walk(value.value))
        for value in text.values
    )


def _docstrings(tree: ast.Module) -> set[int]:
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _module_level(tree: ast.Module) -> set[int]:
    """Tables of endpoints hold words for the reference; a constant sentence is none of them."""
    return {
        id(node)
        for statement in tree.body
        if not isinstance(statement, (ast.FunctionDef, ast.ClassDef))
        and not (isinstance(statement, ast.Assign) and shape(statement.value))
        for node in ast.walk(statement)
    }


def _said(tree: ast.Module, kinds: set[str]) -> set[int]:
    """What is handed to a problem, a fault or a finding, however short it is."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in kinds and node.args:
            found.add(id(node.args[0]))
        elif name in _REFUSERS and len(node.args) > 2:
            found.add(id(node.args[2]))
    return found


def shape(node: ast.AST) -> str:
    """A text with named places, as gettext knows it; "" for what is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        told = _LATER.sub(r"%(\1)s", node.value.replace("%", "%%"))
        return told if "\n" not in told else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    told, names = "", set[str]()
    for value in node.values:
        if isinstance(value, ast.Constant):
            told += str(value.value).replace("%", "%%")
            continue
        assert isinstance(value, ast.FormattedValue)
        name = base = _place_name(value.value)
        no = 1
        while name in names:
            no += 1
            name = f"{base}_{no}"
        names.add(name)
        told += f"%({name})s"
    return told if "\n" not in told else ""


def _place_name(node: ast.AST) -> str:
    """A name for what stands in a place, by the last word of its expression."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lower().strip("_")
        case ast.Subscript(value=inner) | ast.UnaryOp(operand=inner) | ast.BinOp(left=inner):
            return _place_name(inner)
        case ast.Call(func=ast.Name(id="len")):
            return "count"
        case ast.Call(func=ast.Name(id="map"), args=[_, inner]) | ast.Call(args=[inner, *_]):
            return _place_name(inner)
        case ast.GeneratorExp(elt=inner) | ast.ListComp(elt=inner):
            return _place_name(inner)
    return "value"


_PLACE = re.compile(r"%\(\w+\)s")
_LATER = re.compile(r"\{(\w+)\}")
"""A place of a text that is filled by `format`."""
