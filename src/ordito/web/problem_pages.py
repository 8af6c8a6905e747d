"""Problems as people see them: a toast where a script asked, else a page."""

import json

from ordito.api.answers import Answer
from ordito.platform.problems import Fault, NotFound, Problem
from ordito.web.rendering import problem_text, read_as, render
from ordito.web.view_context import ViewContext
from ordito.web.visits import Visit, own_path


def tell_problem(visit: Visit, problem: Problem) -> Answer:
    """The answer to what was refused."""
    read_as(visit.view())
    if visit.by_script:
        return _toast(problem)
    return problem_page(visit.view(), problem, visit.request_id, own_path(_referer(visit)))


def _toast(problem: Problem) -> Answer:
    text = " ".join(dict.fromkeys([problem_words(problem), *fault_words(problem)]))
    trigger = json.dumps({"ordito:toast": {"text": text[:600], "tone": "critical", "undo_url": ""}})
    headers = [
        (b"hx-trigger", trigger.encode()),
        (b"content-type", b"text/plain"),
        (b"cache-control", b"no-store"),
    ]
    # 422 would be swapped in where a form waits for itself with its faults.
    status = 409 if problem.status == 422 else problem.status
    return Answer(status, headers, b"")


def problem_page(
    view: ViewContext, problem: Problem, request_id: str = "", back_url: str = "/"
) -> Answer:
    """The page that says what happened and where to go."""
    read_as(view)
    shown = {
        "status": problem.status,
        "title": problem_text(problem.title),
        "detail": problem_text(problem.detail),
        "errors": fault_words(problem),
    }
    html = render(
        "problem.html", view, problem=shown, request_id=request_id, back_url=back_url or "/"
    )
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
    return Answer(problem.status, headers, html.encode())


def problem_words(problem: Problem) -> str:
    """What happened and what to do about it, in the reader's language."""
    return problem_text(problem.detail or problem.title)


def fault_words(problem: Problem) -> list[str]:
    """The faults of an input as sentences."""
    return [say_fault(fault) for fault in problem.errors]


def say_fault(fault: Fault) -> str:
    """One fault as a sentence in the reader's language."""
    return problem_text(fault.detail)


def no_such_page() -> NotFound:
    return NotFound("There is nothing under this address. It may be mistyped, or not for you.")


def _referer(visit: Visit) -> str:
    referer = visit.headers.get(b"referer", b"").decode("latin-1")
    host = visit.headers.get(b"host", b"").decode("latin-1")
    _, found, rest = referer.partition(f"://{host}/")
    back = "/" + rest if found else "/"
    return "/" if back.startswith(visit.path) else back
