"""Which commands each entry room reaches, read from the code: names and what they refer to."""

import ast
import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import ordito
from ordito.platform.door import COMMANDS

ROOT = Path(ordito.__file__).parent
Name = tuple[str, str]
"""Module and name in it."""


@cache
def commands() -> frozenset[Name]:
    """Every command of the product, where it is defined."""
    flows = importlib.import_module("ordito.flows")
    for module in pkgutil.iter_modules(flows.__path__):
        importlib.import_module(f"ordito.flows.{module.name}")
    graph = references()
    defined = {name for name in graph if name[1] in COMMANDS and name[0].startswith("ordito.flows")}
    return frozenset(name for name in defined if _is_marked(*name))


def _is_marked(module: str, name: str) -> bool:
    found = getattr(importlib.import_module(module), name)
    return found.__module__ == module and "__command__" in getattr(found, "__dict__", {})


@cache
def references() -> dict[Name, frozenset[Name]]:
    """Every function, class and value at the top of a module → the ones that it refers to."""
    graph: dict[Name, frozenset[Name]] = {}
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        graph |= _read(module, ast.parse(path.read_text("utf-8")))
    return graph


def _read(module: str, tree: ast.Module) -> dict[Name, frozenset[Name]]:
    known: dict[str, Name] = {}
    for node in ast.walk(tree):
        # Imports inside functions too: the command line imports what one command needs.
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                known[alias.asname or alias.name] = (node.module, alias.name)
    tops = [(name, node) for node in tree.body for name in _names(node)]
    known |= {name: (module, name) for name, _node in tops}
    found: dict[Name, set[Name]] = {}
    for name, node in tops:
        found.setdefault((module, name), set()).update(_targets(node, known))
    return {name: frozenset(targets) for name, targets in found.items()}


def _names(node: ast.stmt) -> list[str]:
    """What a statement at the top defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _targets(node: ast.stmt, known: dict[str, Name]) -> Iterable[Name]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in known:
            yield known[part.id]
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            # A module's name: `order_page.note`.
            module, name = known.get(part.value.id, ("", ""))
            yield (f"{module}.{name}", part.attr)


def reached(starts: Iterable[Name]) -> frozenset[str]:
    """Names of the commands that these lead to, by whatever many steps."""
    graph, wanted = references(), commands()
    seen: set[Name] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += graph.get(name, ())
    return frozenset(name for module, name in seen & wanted)
