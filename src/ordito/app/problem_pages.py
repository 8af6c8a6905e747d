"""/problems/<slug>: what a problem means and what to do, for whoever opens its type."""

import inspect
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ordito.api.answers import Answer, encode
from ordito.platform.problems import NotFound, Problem
from ordito.web.readers import preferences
from ordito.web.rendering import render
from ordito.web.routes import read_cookies
from ordito.web.view_context import ViewContext

_JSON = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
_HTML = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]

Headers = Mapping[bytes, bytes]


def tell_problem_class(slug: str, headers: Headers) -> Answer:
    """One problem class, as a page for browsers and JSON for others; raises NotFound."""
    kind = Problem.classes.get(slug)
    if kind is None:
        raise NotFound("There is no such problem; /problems lists all.")
    meaning = inspect.cleandoc(kind.__doc__ or "")
    if not _wants_page(headers):
        facts = {"type": f"/problems/{slug}", "title": kind.title, "status": kind.status}
        return Answer(200, _JSON, encode(facts | {"meaning": meaning}))
    paragraphs = meaning.split("\n\n")
    return _page("problems/show.html", headers, problem=kind, paragraphs=paragraphs)


def tell_problem_classes(headers: Headers) -> Answer:
    """All problem classes by slug."""
    kinds = [kind for _slug, kind in sorted(Problem.classes.items())]
    if not _wants_page(headers):
        facts = [
            {"type": f"/problems/{k.slug}", "title": k.title, "status": k.status} for k in kinds
        ]
        return Answer(200, _JSON, encode({"items": facts}))
    return _page("problems/list.html", headers, problems=kinds)


def _wants_page(headers: Headers) -> bool:
    return b"text/html" in headers.get(b"accept", b"")


def _page(template: str, headers: Headers, **context: Any) -> Answer:
    looks = preferences(read_cookies(headers))
    view = ViewContext(now=datetime.now(UTC), live=False, **looks)  # type: ignore[arg-type]
    return Answer(200, _HTML, render(template, view, **context).encode())
