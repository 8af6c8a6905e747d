"""Where a location brings orders to, and when: a form for each zone and each slot."""

from collections.abc import Sequence
from typing import Any, Literal

from ordito.api.answers import Answer
from ordito.flows.manage_local_delivery import read_local_delivery, set_local_delivery
from ordito.listings.places import read_names
from ordito.locations.local_types import LocalDelivery, SetLocalDelivery, SlotAsk, ZoneAsk
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, NotFound, Problem
from ordito.platform.validation import convert
from ordito.sourcing.weekdays import bits_of, names_of
from ordito.web.edit_forms import Field, Form, Section, lines_of, read_form, show_form, tell_faults
from ordito.web.histories import DAYS, day_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

NEW = "-new"


def tell_areas(tx: Tx, place: Location) -> dict[str, Any]:
    """Zones and slots of a location in words, each with the address of its form."""
    known = read_local_delivery(tx, place.code)
    url = f"/locations/{place.code}"
    return {
        "zones": [
            {"name": zone.name, "words": _zone_words(zone), "url": f"{url}/zones/{n}",
             "active": zone.active}
            for n, zone in enumerate(known.zones, start=1)
        ],
        "slots": [
            {"name": slot.code, "words": _slot_words(slot), "url": f"{url}/slots/{n}",
             "active": slot.active}
            for n, slot in enumerate(known.slots, start=1)
        ],
        "new_zone_url": f"{url}/zones/{NEW}",
        "new_slot_url": f"{url}/slots/{NEW}",
    }  # fmt: skip


def _zone_words(zone: ZoneAsk) -> str:
    parts = [zone.country]
    shown = zone.postal_codes[:6]
    if shown:
        more = len(zone.postal_codes) - len(shown)
        parts.append(", ".join(shown) + (" …" if more else ""))
    if zone.radius_km is not None:
        parts.append(_("within %(km)s km", km=zone.radius_km))
    return " · ".join(parts)


def _slot_words(slot: SlotAsk) -> str:
    stops = ngettext("%(num)s stop", "%(num)s stops", slot.places)
    days = day_words(bits_of(slot.weekdays))
    return f"{days} · {slot.starts}–{slot.ends} · {stops}"


def _find(visit: Visit, tx: Tx) -> tuple[Location, LocalDelivery]:
    code = visit.params["code"]
    for place in read_names(tx).locations.values():
        if place.code == code and place.kind != "history" and visit.actor.sees_location(place.id):
            return place, read_local_delivery(tx, code)
    raise NotFound("There is no such location, or you don't see it.")


def _chosen(visit: Visit, known: Sequence[Any]) -> int | None:
    """Which of the zones or slots the address names, from 0; None is a new one."""
    text = visit.params["no"]
    if text == NEW:
        return None
    if text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= len(known):
        return int(text) - 1
    raise NotFound("There is no such zone or slot any more.")


def _open(
    visit: Visit, part: Literal["zones", "slots"]
) -> tuple[Location, LocalDelivery, int | None]:
    """The location that the address names, what it delivers, and which zone or slot is meant."""
    visit.require("settings.write")
    with visit.reading() as tx:
        place, known = _find(visit, tx)
    return place, known, _chosen(visit, getattr(known, part))


def zone_form(place: Location, version: int, zone: ZoneAsk | None, no: str) -> Form:
    """The form of a zone; None makes an empty one."""
    url = f"/locations/{place.code}"
    country = zone.country if zone else place.country
    return Form(
        title=_("Delivery zone %(name)s", name=zone.name) if zone else _("New delivery zone"),
        url=f"{url}/zones/{no}",
        back_url=url,
        submit=_("Save zone"),
        sections=[
            Section(
                _("Addresses that %(name)s brings orders to", name=place.name),
                [
                    Field(name="name", label=_("Name"), value=zone.name if zone else ""),
                    Field(name="country", label=_("Country"), value=country,
                          hint=_("Two letters, such as DE."), read=lambda text: text.upper()),
                    Field(name="postal_codes", label=_("Postal codes"), kind="area", optional=True,
                          read=_codes, value="\n".join(zone.postal_codes) if zone else "",
                          hint=_("One on each line: a code (80331), a beginning (803*) or a range"
                                 " (80331..80339).")),
                    Field(name="radius_km", label=_("Distance"), kind="number", unit="km",
                          minimum=1, maximum=500, optional=True, blank="none",
                          value=str(zone.radius_km or "") if zone else "",
                          hint=_("As the crow flies, to the middle of the address’s postal code."
                                 " An address is in the zone by its code or by its distance.")),
                    Field(name="active", label=_("On"), kind="check",
                          value="yes" if zone is None or zone.active else ""),
                    *_removal(zone),
                ],
            )
        ],
        crumbs=[(_("Locations"), "/locations"), (place.name, url)],
        version=version,
    )  # fmt: skip


def _removal(known: object) -> list[Field]:
    if known is None:
        return []
    return [Field(name="gone", label=_("Remove it"), kind="check",
                  hint=_("Orders that were promised a time keep it."))]  # fmt: skip


def _codes(text: str) -> list[str]:
    return [part.strip() for line in lines_of(text) for part in line.split(",") if part.strip()]


def slot_form(place: Location, version: int, slot: SlotAsk | None, no: str) -> Form:
    """The form of a slot; None makes an empty one."""
    url = f"/locations/{place.code}"
    days = bits_of(slot.weekdays) if slot else 0b0011111
    return Form(
        title=_("Delivery slot %(name)s", name=slot.code) if slot else _("New delivery slot"),
        url=f"{url}/slots/{no}",
        back_url=url,
        submit=_("Save slot"),
        sections=[
            Section(
                _("When %(name)s brings orders", name=place.name),
                [
                    Field(name="code", label=_("Code"), value=slot.code if slot else "",
                          hint=_("Short, such as EVENING: orders name it.")),
                    Field(name="weekdays", label=_("Days"), kind="checks", read=_days,
                          choices=[Choice(str(bit), _(name)) for bit, name in enumerate(DAYS)],
                          values=tuple(str(bit) for bit in range(7) if days >> bit & 1),
                          hint=_("It takes place on days on which the location is open.")),
                    Field(name="starts", label=_("From"), value=slot.starts if slot else "",
                          hint=_("Local time, such as 16:00.")),
                    Field(name="ends", label=_("Until"), value=slot.ends if slot else ""),
                    Field(name="places", label=_("Stops a day"), kind="number", minimum=1,
                          maximum=200, value=str(slot.places) if slot else "",
                          hint=_("So many orders it takes; then it is full.")),
                    Field(name="cut_off_minutes", label=_("Closes before it starts"),
                          kind="number", unit=_("minutes"), minimum=0, maximum=10_080,
                          blank="omit", value=str(slot.cut_off_minutes) if slot else "60",
                          hint=_("Later it can’t be chosen for that day any more.")),
                    Field(name="active", label=_("On"), kind="check",
                          value="yes" if slot is None or slot.active else ""),
                    *_removal(slot),
                ],
            )
        ],
        crumbs=[(_("Locations"), "/locations"), (place.name, url)],
        version=version,
    )  # fmt: skip


def _days(text: str) -> str:
    bits = sum(1 << int(bit) for bit in set(lines_of(text)) if bit in "0123456")
    return names_of(bits) if bits else ""


def show_zone(visit: Visit) -> Answer:
    place, known, at = _open(visit, "zones")
    zone = None if at is None else known.zones[at]
    return show_form(visit, zone_form(place, known.version, zone, visit.params["no"]))


def edit_zone(visit: Visit) -> Answer:
    """Make, change or remove a zone."""
    place, known, at = _open(visit, "zones")
    zone = None if at is None else known.zones[at]
    form = zone_form(place, known.version, zone, visit.params["no"])
    return _save(visit, place, known, form, ("zones", ZoneAsk, at))


def show_slot(visit: Visit) -> Answer:
    place, known, at = _open(visit, "slots")
    slot = None if at is None else known.slots[at]
    return show_form(visit, slot_form(place, known.version, slot, visit.params["no"]))


def edit_slot(visit: Visit) -> Answer:
    """Make, change or remove a slot."""
    place, known, at = _open(visit, "slots")
    slot = None if at is None else known.slots[at]
    form = slot_form(place, known.version, slot, visit.params["no"])
    return _save(visit, place, known, form, ("slots", SlotAsk, at))


def _save(
    visit: Visit,
    place: Location,
    known: LocalDelivery,
    form: Form,
    which: tuple[str, type[ZoneAsk] | type[SlotAsk], int | None],
) -> Answer:
    """Write all zones and slots with the one that was typed. which: the list, its struct, and the
    place in it, None for a new one."""
    name, struct, at = which
    try:
        typed = read_form(visit, form)
        version = typed.pop("version", known.version)
        gone = typed.pop("gone", False)
        rows: list[Any] = list(getattr(known, name))
        if gone and at is not None:
            del rows[at]
        else:
            one = convert(struct, typed, strict=False)
            rows = [*rows, one] if at is None else _put(rows, at, one)
        ask = SetLocalDelivery(
            location=place.code,
            version=version,
            zones=tuple(rows if name == "zones" else known.zones),
            slots=tuple(rows if name == "slots" else known.slots),
        )
        visit.act(set_local_delivery, ask)
    except Problem as problem:
        index = at if at is not None else len(getattr(known, name))
        tell_faults(form, _nearer(problem, f"/{name}/{index}"))
        return show_form(visit, form)
    return visit.done(_("Saved."), f"/locations/{place.code}", go=True)


def _put(rows: Sequence[Any], at: int, one: Any) -> list[Any]:
    return [one if n == at else row for n, row in enumerate(rows)]


def _nearer(problem: Problem, above: str) -> Problem:
    """The problem with its pointers as the form's fields have them."""
    problem.errors = [
        Fault(fault.pointer.removeprefix(above), fault.code, fault.detail)
        if fault.pointer.startswith(above + "/")
        else fault
        for fault in problem.errors
    ]
    return problem


_PLACE = "/locations/{code:str}"

ROUTES = [
    Route("GET", _PLACE + "/zones/{no:str}", show_zone),
    Route("POST", _PLACE + "/zones/{no:str}", edit_zone),
    Route("GET", _PLACE + "/slots/{no:str}", show_slot),
    Route("POST", _PLACE + "/slots/{no:str}", edit_slot),
]
