"""docs/problems.md: every problem that an answer's `type` may name."""

import importlib
import inspect
import pkgutil

import ordito
from ordito.platform.problems import Problem

_HEAD = """\
# Problems

What Ordito answers when something can't be done, in the form of
[RFC 9457](https://www.rfc-editor.org/rfc/rfc9457): `application/problem+json` with `type`, `title`,
`status`, `detail`, and `errors` where an input has faults, each with a JSON pointer, a stable code
and words. The `type` of a problem is `/problems/` and its name below; names never change and are
never used again for something else.

This page is written by `python -m ordito.platform.documents`.

| Problem | Status | Title |
|---|---|---|
"""


def problems_page() -> str:
    """The page, from all problems of all modules."""
    import_all_modules()
    # Tests have problems of their own.
    classes = [c for c in Problem.classes.values() if c.__module__.startswith("ordito.")]
    classes.sort(key=lambda problem: problem.slug)
    rows = [f"| [{c.slug}](#{c.slug}) | {c.status} | {c.title} |\n" for c in classes]
    return _HEAD + "".join(rows) + "".join(map(_section, classes))


_PROGRAMS = (".__main__", ".embedded.supervisor", ".app.preload")
"""What is run, not imported."""


def import_all_modules() -> None:
    """Import whatever belongs to Ordito, so that each problem, query and event is known."""
    for module in pkgutil.walk_packages(ordito.__path__, "ordito."):
        if not module.name.endswith(_PROGRAMS):
            importlib.import_module(module.name)


def _section(problem: type[Problem]) -> str:
    lines = [f"\n## {problem.slug}\n", f"**{problem.status}** {problem.title}.\n"]
    # Only its own words: what it inherits tells of something else.
    lines.append(inspect.cleandoc(problem.__dict__.get("__doc__") or "") + "\n")
    if problem.retry_after_s is not None:
        lines.append(f"Comes with `Retry-After: {problem.retry_after_s}` or longer.\n")
    return "\n".join(lines)
