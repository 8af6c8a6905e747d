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
    read = {
        file.relative_to(source).as_posix(): file.read_text("utf-8")
        for file in sorted(source.rglob("*.py"))
    }
    trees = {name: ast.parse(text) for name, text in read.items() if _MAYBE.search(text)}
    nodes = {
        name: [node for node in ast.walk(tree) if isinstance(node, _OF_INTEREST)]
        for name, tree in trees.items()
    }
    kinds = _problem_kinds(nodes.values())
    found: dict[str, str] = {}
    for name, tree in trees.items():
        for text in _titles(nodes[name], kinds):
            found.setdefault(text, name)
        if not name.startswith(_ELSEWHERE) and name not in _NO_PAGES:
            left_out = _module_level(tree) if name.startswith("api/") else set()
            meant = not name.startswith("web/")
            for text in _sentences(nodes[name], kinds, left_out, any_sentence=meant):
                found.setdefault(text, name)
    return found


_OF_INTEREST = (ast.Call, ast.ClassDef, ast.Constant, ast.Expr, ast.JoinedStr)
_MAYBE = re.compile(r"[.?!][\"'](?![\"'])|\btitle = \"|\b(?:Fault|refuse)\(")
"""A file without any of it has nothing to say: parsing all takes seconds."""


def _problem_kinds(files: Iterable[list[ast.AST]]) -> set[str]:
    """The names of all classes of problems."""
    classes = [node for nodes in files for node in nodes if isinstance(node, ast.ClassDef)]
    kinds = {"Problem"}
    while grown := {
        node.name
        for node in classes
        if node.name not in kinds
        and any(isinstance(base, ast.Name) and base.id in kinds for base in node.bases)
    }:
        kinds |= grown
    return kinds


def _titles(nodes: list[ast.AST], kinds: set[str]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.ClassDef) and node.name in kinds:
            for part in node.body:
                if isinstance(part, ast.Assign) and getattr(part.targets[0], "id", "") == "title":
                    yield shape(part.value)


def _sentences(
    nodes: list[ast.AST], kinds: set[str], left_out: set[int], *, any_sentence: bool
) -> Iterator[str]:
    """Texts given to problems and faults, and whatever else reads like a sentence.

    Pages say much else, which is asked of the catalogue where it is said.
    """
    said = _said(nodes, kinds)
    left_out = left_out | _docstrings(nodes)
    inner = {id(part) for node in nodes for part in _parts_of_text(node)}
    for node in nodes:
        if id(node) in inner or (id(node) in left_out and id(node) not in said):
            continue
        text = shape(node)
        meant = id(node) in said or (
            any_sentence and _SENTENCE.fullmatch(text) and not _SQL.search(text)
        )
        if meant and re.search(r"[a-z]{2}", _PLACE.sub("", text)):
            yield text


def _parts_of_text(node: ast.AST) -> Iterator[ast.AST]:
    """What belongs to an f-string; what is said inside its places is a text of its own."""
    if isinstance(node, ast.JoinedStr):
        for value in node.values:
            if isinstance(value, ast.Constant):
                yield value
            elif isinstance(value, ast.FormattedValue) and value.format_spec:
                yield from ast.walk(value.format_spec)


def _docstrings(nodes: list[ast.AST]) -> set[int]:
    return {id(node.value) for node in nodes if isinstance(node, ast.Expr)}


def _module_level(tree: ast.Module) -> set[int]:
    """Tables of endpoints hold words for the reference; a constant sentence is none of them."""
    return {
        id(node)
        for statement in tree.body
        if not isinstance(statement, (ast.FunctionDef, ast.ClassDef))
        and not (isinstance(statement, ast.Assign) and shape(statement.value))
        for node in ast.walk(statement)
    }


def _said(nodes: list[ast.AST], kinds: set[str]) -> set[int]:
    """What is handed to a problem, a fault or a finding, however short it is."""
    found = set()
    for node in nodes:
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
