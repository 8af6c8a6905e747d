"""/problems/<slug>: what a problem means and what to do, for whoever opens its type."""

import html
import inspect

from ordito.api.answers import Answer, encode
from ordito.platform.problems import NotFound, Problem

_JSON = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
_HTML = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]


def tell_problem_class(slug: str, accept: bytes) -> Answer:
    """One problem class, as a page for browsers and JSON for others; raises NotFound."""
    kind = Problem.classes.get(slug)
    if kind is None:
        raise NotFound("There is no such problem; /problems lists all.")
    meaning = inspect.cleandoc(kind.__doc__ or "")
    if b"text/html" not in accept:
        facts = {"type": f"/problems/{slug}", "title": kind.title, "status": kind.status}
        return Answer(200, _JSON, encode(facts | {"meaning": meaning}))
    paragraphs = "".join(f"<p>{html.escape(part)}</p>" for part in meaning.split("\n\n"))
    body = f"<p>Status {kind.status}</p>{paragraphs}<p><a href='/problems'>All problems</a></p>"
    return _page(kind.title, body)


def tell_problem_classes(accept: bytes) -> Answer:
    """All problem classes by slug."""
    kinds = [kind for _slug, kind in sorted(Problem.classes.items())]
    if b"text/html" not in accept:
        facts = [
            {"type": f"/problems/{k.slug}", "title": k.title, "status": k.status} for k in kinds
        ]
        return Answer(200, _JSON, encode({"items": facts}))
    rows = "".join(
        f"<li><a href='/problems/{k.slug}'>{k.slug}</a>: {html.escape(k.title)} ({k.status})</li>"
        for k in kinds
    )
    return _page("Problems", f"<ul>{rows}</ul>")


def _page(title: str, body: str) -> Answer:
    words = html.escape(title)
    text = (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>{words} · Ordito</title></head><body><main><h1>{words}</h1>{body}</main></body>"
    )
    return Answer(200, _HTML, text.encode())
