"""Forms that create or change a thing: typed fields, and every fault at once beside its field."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from ordito.api.answers import Answer
from ordito.platform.problems import AlreadyExists, Fault, NotFound, NotPermitted, Problem
from ordito.web.problem_pages import fault_words, problem_words, say_fault
from ordito.web.rendering import gettext as _
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

FieldKind = Literal["text", "number", "area", "select", "check", "checks", "date"]


class Field(msgspec.Struct, kw_only=True):
    """One field of a form.

    pointer: where its value goes in the ask, as a JSON pointer; "/" and the name when left out.
    value:   as typed; of checks those that are on are `values`.
    blank:   what an empty field asks for: an empty text, nothing said, or none.
    read:    makes the ask's value of what was typed, such as a list of its lines.
    fixed:   shown, but not to be changed.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    pointer: str = ""
    value: str = ""
    values: tuple[str, ...] = ()
    choices: Sequence[Choice] = ()
    hint: str = ""
    unit: str = ""
    optional: bool = False
    minimum: int | None = None
    maximum: int | None = None
    blank: Literal["empty", "omit", "none"] = "empty"
    read: Callable[[str], Any] | None = None
    fixed: bool = False
    faults: list[str] = msgspec.field(default_factory=list)

    @property
    def path(self) -> str:
        return self.pointer or f"/{self.name}"


class Section(msgspec.Struct):
    """Fields that belong together."""

    title: str
    fields: list[Field]
    hint: str = ""


class Form(msgspec.Struct, kw_only=True):
    """A page that asks for a thing. crumbs: (words, address) of the pages above."""

    title: str
    url: str
    back_url: str
    submit: str
    sections: list[Section]
    crumbs: list[tuple[str, str]]
    note: str = ""
    version: int | None = None
    faults: list[str] = msgspec.field(default_factory=list)

    @property
    def fields(self) -> list[Field]:
        return [field for section in self.sections for field in section.fields]


def read_form(visit: Visit, form: Form) -> dict[str, Any]:
    """The ask that was typed, to be converted; the form keeps what was typed."""
    ask: dict[str, Any] = {}
    for field in form.fields:
        if field.fixed:
            continue
        if field.kind == "checks":
            field.values = tuple(visit.sent_all(field.name))
            value: Any = list(field.values)
            value = value if field.read is None else field.read("\n".join(field.values))
        elif field.kind == "check":
            field.value = visit.sent(field.name)
            value = bool(field.value)
        else:
            field.value = visit.sent(field.name)
            if not field.value and field.blank == "omit":
                continue
            empty = not field.value and field.blank == "none"
            value = None if empty else (field.read or str)(field.value)
        _put(ask, field.path, value)
    version = visit.sent_number("version")
    if version is not None:
        form.version = version
        ask["version"] = version
    return ask


def _put(ask: dict[str, Any], path: str, value: Any) -> None:
    *above, last = path.removeprefix("/").split("/")
    for name in above:
        ask = ask.setdefault(name, {})
    ask[last] = value


def tell_faults(form: Form, problem: Problem) -> None:
    """Put what is wrong beside the fields; what is about none of them goes to the top.

    Raises problems that no other input can mend.
    """
    if isinstance(problem, NotFound | NotPermitted):
        raise problem
    if not problem.errors:
        said = problem_words(problem)
        field = _about(form, problem)
        (form.faults if field is None else field.faults).append(said)
        return
    for fault in problem.errors:
        field = _find(form, fault.pointer)
        if field is None:
            form.faults.append(say_fault(fault))
            continue
        field.faults.append(_words(field, fault))


def _words(field: Field, fault: Fault) -> str:
    """A fault as it is told beside its field."""
    index = fault.pointer.removeprefix(field.path).strip("/").partition("/")[0]
    if (
        fault.code != "required"
        and not field.value
        and not field.optional
        and field.kind not in ("check", "checks")
    ):
        return _("Choose one.") if field.kind == "select" else _("Fill this in.")
    if field.kind == "area" and index.isdigit():
        return _("Line %(n)s: %(words)s", n=int(index) + 1, words=say_fault(fault))
    return say_fault(fault)


def _about(form: Form, problem: Problem) -> Field | None:
    """The field that already exists elsewhere, if the problem says so."""
    if not isinstance(problem, AlreadyExists):
        return None
    existing = problem.extra.get("existing")
    name = "/barcodes" if isinstance(existing, list) else next(
        (f"/{key}" for key in ("sku", "code") if isinstance(existing, dict) and key in existing), ""
    )  # fmt: skip
    return _find(form, name)


def _find(form: Form, pointer: str) -> Field | None:
    fitting = [
        field
        for field in form.fields
        if pointer == field.path or pointer.startswith(f"{field.path}/")
    ]
    return max(fitting, key=lambda field: len(field.path), default=None)


def show_form(visit: Visit, form: Form) -> Answer:
    """The form as a page; with faults, as the fragment that replaces it."""
    faulty = bool(form.faults) or any(field.faults for field in form.fields)
    if visit.by_script and visit.method == "POST":
        return visit.fragment("manage/_form.html", status=422, form=form)
    return visit.page("manage/form.html", status=422 if faulty else 200, form=form)


def said(problem: Problem) -> str:
    """A problem in one text, for a toast."""
    return " ".join(fault_words(problem) or [problem_words(problem)])


def lines_of(text: str) -> list[str]:
    """The lines of a field that have something on them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Lines of a name and a number; without a number the second is empty.

    A line pasted from a table, with a tab or a semicolon between, is read too.
    """
    found = []
    for line in lines_of(text):
        parts = line.replace("\t", " ").replace(";", " ").rsplit(None, 1)
        if len(parts) == 2 and parts[1].lstrip("×x").isdigit():
            found.append((parts[0].rstrip(" ×"), parts[1].lstrip("×x")))
        else:
            found.append((line, ""))
    return found
