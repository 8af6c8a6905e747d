"""What was wrong with a form, by field; and choices that forms about access share."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from ordito.listings.places import Names
from ordito.platform.access import PERMISSIONS, Actor
from ordito.platform.problems import NotFound, NotPermitted, Problem
from ordito.web.problem_pages import problem_words, say_fault
from ordito.web.readers import seen_channels, seen_places
from ordito.web.rendering import gettext as _
from ordito.web.visits import Visit


def faults_of(problem: Problem, fields: Collection[str]) -> dict[str, list[str]]:
    """Sentences by field name; under "" those of no field that the form has.

    What is not allowed or not there is no fault of the form: such a problem is raised again.
    """
    if problem.status in {NotPermitted.status, NotFound.status}:
        raise problem
    faults: dict[str, list[str]] = {}
    for fault in problem.errors:
        name = fault.pointer.lstrip("/").split("/")[0]
        faults.setdefault(name if name in fields else "", []).append(say_fault(fault))
    return faults or {"": [problem_words(problem)]}


def id_of(visit: Visit, name: str) -> UUID:
    """An id of the path; raises NotFound for what can't be one."""
    try:
        return UUID(visit.params[name])
    except ValueError:
        raise NotFound("There is nothing with this id.") from None


def permission_choices(actor: Actor, ticked: Iterable[str]) -> list[dict[str, Any]]:
    """Permissions that the actor may grant, in words."""
    on = set(ticked)
    return [
        {"value": name, "label": _(words), "on": name in on}
        for name, words in PERMISSIONS.items()
        if name in actor.permissions or name in on
    ]


def scope_choices(
    visit: Visit, names: Names, codes: dict[str, Collection[str] | None]
) -> list[dict[str, Any]]:
    """The scopes of a form: which channels and locations. codes: None means all."""
    actor = visit.actor
    offered = (
        ("channels", _("Channels"), _("All channels"), seen_channels(names, actor)),
        ("locations", _("Locations"), _("All locations"), seen_places(names, actor)),
    )
    return [
        {
            "name": name,
            "label": label,
            "all_label": all_label,
            "all": codes[name] is None,
            "choices": [
                {"value": c.value, "label": c.label, "on": c.value in (codes[name] or ())}
                for c in choices
            ],
        }
        for name, label, all_label, choices in offered
    ]


def sent_scope(visit: Visit, name: str) -> tuple[str, ...] | None:
    """The codes that were ticked; None when all are meant."""
    return None if visit.sent(f"all_{name}") else tuple(visit.sent_all(name))


def codes_of(names: Names, name: str, ids: Collection[UUID] | None) -> list[str] | None:
    """Ids of a scope as codes."""
    known = names.channels if name == "channels" else names.locations
    return None if ids is None else [known[id_].code for id_ in ids if id_ in known]
