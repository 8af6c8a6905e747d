"""The forms of a location: what it is and does, and its bins."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from ordito.channels.channels import read_markets
from ordito.locations.types import Bin, Location
from ordito.platform.database import Tx
from ordito.sourcing.stored_tariffs import LocationService, StoredTariff
from ordito.web.edit_forms import Field, Form, Section, lines_of, pairs_of, read_form
from ordito.web.histories import DAYS
from ordito.web.rendering import gettext as _
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import CAPACITY_UNITS, LOCATION_KINDS, choices, word

OWN_KINDS = ("warehouse", "store", "3pl", "supplier")
_ADDRESS = ("company", "line1", "line2", "postal_code", "city", "region", "country")


def location_form(tx: Tx, place: Location | None) -> Form:
    """The form of a location; None makes an empty one for a new location."""
    url = f"/locations/{place.code}" if place else "/locations"
    return Form(
        title=_("Edit %(name)s", name=place.name) if place else _("New location"),
        url=f"{url}/edit" if place else f"{url}/-new",
        back_url=url,
        submit=_("Save changes") if place else _("Create location"),
        sections=[
            Section(_("What it is"), _identity(tx, place)),
            Section(_("Address"), _address(place)),
            Section(_("What it does"), _abilities(place)),
            Section(_("Calendar"), _calendar(place)),
            Section(_("Partner"), _partner(place)),
        ],
        crumbs=[(_("Locations"), "/locations"), *([(place.name, url)] if place else [])],
        version=place.version if place else None,
    )


def _identity(tx: Tx, place: Location | None) -> list[Field]:
    kinds = [Choice(kind, word(LOCATION_KINDS, kind)) for kind in OWN_KINDS]
    markets = [Choice("", _("None"))] + [Choice(m.code, m.name) for m in read_markets(tx)]
    return [
        Field(name="code", label=_("Code"), value=place.code if place else "",
              fixed=place is not None, hint=_("Short, such as LODZ. It is for ever.")),
        Field(name="name", label=_("Name"), value=place.name if place else ""),
        Field(name="kind", label=_("Kind"), kind="select", choices=kinds,
              value=place.kind if place else "warehouse"),
        Field(name="market", label=_("Market"), kind="select", choices=markets, optional=True,
              value=place.market if place else ""),
        Field(name="owner", label=_("Owner of the stock"), optional=True,
              value=place.owner if place else "",
              hint=_("A franchisee's name, for sourcing rules. Empty: it is yours.")),
    ]  # fmt: skip


def _address(place: Location | None) -> list[Field]:
    labels = {"company": _("Company"), "line1": _("Street"), "line2": _("Second line"),
              "postal_code": _("Postal code"), "city": _("City"), "region": _("Region"),
              "country": _("Country")}  # fmt: skip
    fields = [
        Field(name=name, label=labels[name], pointer=f"/address/{name}",
              value=getattr(place.address, name) if place else "", optional=name != "country",
              read=str.upper if name == "country" else None,
              hint=_("Two letters, such as PL.") if name == "country" else "")
        for name in _ADDRESS
    ]  # fmt: skip
    hint = _("Left as they are, they follow the postal code.")
    return [
        *fields,
        *(
            Field(name=name, label=label, optional=True, blank="none" if place else "omit",
                  hint=hint, value=_degrees(getattr(place, name)) if place else "")
            for name, label in (("latitude", _("Latitude")), ("longitude", _("Longitude")))
        ),
    ]  # fmt: skip


def _degrees(value: float | None) -> str:
    return "" if value is None else repr(value)


def _abilities(place: Location | None) -> list[Field]:
    capacity = place.capacity_daily if place else None
    return [
        Field(name="can_ship", label=_("Ships to customers"), kind="check",
              value="yes" if place is None or place.can_ship else ""),
        Field(name="can_pickup", label=_("Hands out orders that customers pick up"), kind="check",
              value="yes" if place and place.can_pickup else ""),
        Field(name="takes_brought", label=_("Takes in what other locations send for its pick-ups"),
              kind="check", value="yes" if place is None or place.takes_brought else "",
              hint=_("Where the channel has it so: what the shop lacks is brought to it.")),
        Field(name="capacity_daily", label=_("Capacity a day"), kind="number", minimum=0,
              optional=True, blank="none", value="" if capacity is None else str(capacity),
              hint=_("What it takes in a day; the last order may go beyond it. Empty: as many as"
                     " come.")),
        Field(name="capacity_unit", label=_("Capacity counts"), kind="select", blank="omit",
              choices=choices(CAPACITY_UNITS), value=place.capacity_unit if place else "orders"),
        Field(name="units_hourly", label=_("Pieces an hour"), kind="number", minimum=1,
              maximum=1_000_000, optional=True, blank="none",
              value=str(place.units_hourly or "") if place else "",
              hint=_("What waits there moves promises by so much. Empty: as learned from what it"
                     " has sent.")),
        Field(name="capabilities", label=_("What it can handle"), optional=True, read=_codes,
              value=", ".join(place.capabilities) if place else "",
              hint=_("For sourcing rules, with commas between: hazmat, bulky.")),
        Field(name="priority", label=_("Priority"), kind="number", minimum=1, maximum=1000,
              blank="omit", value=str(place.priority) if place else "1",
              hint=_("1 is asked before 2, where costs are equal.")),
    ]  # fmt: skip


def _calendar(place: Location | None) -> list[Field]:
    days = place.working_days if place else 0b0011111
    return [
        Field(name="time_zone", label=_("Time zone"),
              value=place.time_zone if place else "", hint=_("Such as Europe/Warsaw.")),
        Field(name="opens_at", label=_("Work begins at"), blank="omit",
              value=place.opens_at if place else "00:00", hint=_("Local time, such as 08:00.")),
        Field(name="closes_at", label=_("Work ends at"), optional=True, blank="none",
              value=(place.closes_at or "") if place else "",
              hint=_("For what waits there. Empty: midnight.")),
        Field(name="cut_off", label=_("Cut-off"), optional=True, blank="none",
              value=(place.cut_off or "") if place else "",
              hint=_("What comes later is work of the next open day. Empty: none.")),
        Field(name="pick_minutes", label=_("Time to pick and pack"), kind="number", minimum=0,
              unit=_("minutes"), blank="omit", value=str(place.pick_minutes) if place else "0"),
        Field(name="calendar", label=_("Public holidays of"), optional=True, read=str.upper,
              value=place.calendar if place else "",
              hint=_("A country, or country and region, such as PL or DE-BY. Empty: none.")),
        Field(name="working_days", label=_("Open on"), kind="checks", read=_bits,
              choices=[Choice(str(bit), _(name)) for bit, name in enumerate(DAYS)],
              values=tuple(str(bit) for bit in range(7) if days >> bit & 1)),
        Field(name="holidays", label=_("Closed on"), kind="area", optional=True, read=lines_of,
              value="\n".join(day.isoformat() for day in place.holidays) if place else "",
              hint=_("One day on each line, such as 2026-12-25.")),
    ]  # fmt: skip


def _partner(place: Location | None) -> list[Field]:
    answer = place.answer_hours if place else None
    return [
        Field(name="answer_hours", label=_("Hours to answer"), kind="number", minimum=1,
              maximum=720, optional=True, blank="none" if place else "omit",
              value="" if answer is None else str(answer),
              hint=_("Only for fulfillment partners and suppliers. Released work is a request that"
                     " the partner answers; later it is chased. Empty: nobody is asked.")),
        Field(name="withdraw_hours", label=_("More hours until it is taken back"), kind="number",
              minimum=1, maximum=720, blank="omit",
              value=str(place.withdraw_hours) if place else "24",
              hint=_("Then an unanswered request is sourced elsewhere.")),
        Field(name="ship_hours", label=_("Hours to send"), kind="number", minimum=1, maximum=2160,
              blank="omit", value=str(place.ship_hours) if place else "48",
              hint=_("From the partner’s yes until it should have left.")),
        Field(name="partner_email", label=_("Who is reminded"), optional=True,
              value=place.partner_email if place else "",
              hint=_("An address that gets a mail when a request is not answered in time.")),
    ]  # fmt: skip


def _codes(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


def services_form(
    place: Location, services: Sequence[LocationService], tariffs: Sequence[StoredTariff]
) -> Form:
    """The form of the carriers that collect at a location: pick-ups per tariff."""
    url = f"/locations/{place.code}"
    known = {service.tariff: service for service in services}
    fields = []
    for n, tariff in enumerate(tariffs):
        service = known.get(tariff.code)
        days = service.weekdays if service else 0b0011111
        fields += [
            Field(name=f"s{n}_pickups", label=tariff.name, optional=True, read=_codes,
                  value=", ".join(service.pickups) if service else "",
                  hint=_("Local times of its pick-ups, such as 11:00, 17:30. Empty: none.")),
            Field(name=f"s{n}_weekdays", label=_("%(name)s collects on", name=tariff.name),
                  kind="checks", read=_bits,
                  choices=[Choice(str(bit), _(name)) for bit, name in enumerate(DAYS)],
                  values=tuple(str(bit) for bit in range(7) if days >> bit & 1)),
        ]  # fmt: skip
    return Form(
        title=_("Carriers"),
        url=f"{url}/services",
        back_url=url,
        submit=_("Save carriers"),
        sections=[
            Section(
                _("Carriers that collect at %(name)s", name=place.name),
                fields,
                hint="" if fields else _("No carrier has a tariff yet: make one in the settings."),
            )
        ],
        crumbs=[(_("Locations"), "/locations"), (place.name, url)],
        version=place.version,
    )


def services_ask(visit: Visit, form: Form, tariffs: Sequence[StoredTariff]) -> dict[str, Any]:
    """The carriers that were typed; those without pick-ups are left out."""
    typed = read_form(visit, form)
    services: list[dict[str, Any]] = []
    for n, tariff in enumerate(tariffs):
        if not typed[f"s{n}_pickups"]:
            continue
        for field in form.fields:
            name = field.name.removeprefix(f"s{n}_")
            if name != field.name:
                field.pointer = f"/services/{len(services)}/{name}"
        services.append(
            {
                "tariff": tariff.code,
                "pickups": typed[f"s{n}_pickups"],
                "weekdays": typed[f"s{n}_weekdays"],
            }
        )
    ask: dict[str, Any] = {"services": services}
    return ask | ({"version": typed["version"]} if "version" in typed else {})


def _bits(text: str) -> int:
    return sum(1 << int(bit) for bit in set(lines_of(text)) if bit in "0123456")


def location_ask(visit: Visit, form: Form, before: Location | None) -> dict[str, Any]:
    """What was typed. Coordinates that nobody touched aren't said: they follow the address."""
    ask = read_form(visit, form)
    if before is not None:
        typed = {name: visit.sent(name) for name in ("latitude", "longitude")}
        if all(text == _degrees(getattr(before, name)) for name, text in typed.items()):
            for name in typed:
                ask.pop(name, None)
        if "address" in ask:
            address = before.address
            ask["address"] |= {"name": address.name, "phone": address.phone}
    return ask


def bins_form(place: Location, bins: Sequence[Bin]) -> Form:
    """The form of a location's bins, in the order in which pickers walk."""
    url = f"/locations/{place.code}"
    field = Field(
        name="bins",
        label=_("Bins"),
        kind="area",
        optional=True,
        value="\n".join(map(_bin_line, bins)),
        hint=_(
            "One on each line: its code and its place on the picker's way, such as “A-01-3 12”."
            " Without a number they are walked as listed. What it is for and what fits in may"
            " follow, such as “R-01 200 | reserve | 800 l | 60 units”: pick (which is meant when"
            " nothing is said), reserve, receiving, quality. A bin in which items lie can't be left"
            " out."
        ),
    )
    return Form(
        title=_("Bins"),
        url=f"{url}/bins",
        back_url=url,
        submit=_("Save bins"),
        sections=[Section(_("Bins of %(name)s", name=place.name), [field])],
        crumbs=[(_("Locations"), "/locations"), (place.name, url)],
        version=place.version,
    )


def _bin_line(bin_: Bin) -> str:
    parts = [f"{bin_.code} {bin_.walk_order}"]
    if bin_.purpose != "pick":
        parts.append(bin_.purpose)
    if bin_.capacity_ml is not None:
        litres, rest = divmod(bin_.capacity_ml, 1000)
        parts.append(f"{litres}.{rest:03d}".rstrip("0") + " l" if rest else f"{litres} l")
    if bin_.capacity_units is not None:
        parts.append(f"{bin_.capacity_units} units")
    return " | ".join(parts)


def read_bin_lines(text: str) -> list[dict[str, Any]]:
    """What the lines of the form ask for; what can't be read stays, and is refused."""
    asked = []
    for n, line in enumerate(lines_of(text), start=1):
        first, *others = (part.strip() for part in line.split("|"))
        ((code, order),) = pairs_of(first) or [("", "")]
        bin_: dict[str, Any] = {"code": code, "walk_order": order or n, "purpose": "pick",
                                "capacity_ml": None, "capacity_units": None}  # fmt: skip
        for part in others:
            number, _sign, unit = part.rpartition(" ")
            if unit in ("l", "units") and number:
                field = "capacity_ml" if unit == "l" else "capacity_units"
                bin_[field] = _read_capacity(number, 1000 if unit == "l" else 1)
            else:
                bin_["purpose"] = part
        asked.append(bin_)
    return asked


def _read_capacity(text: str, factor: int) -> Any:
    """A number of litres or units; what is none stays a text, and is refused."""
    try:
        return int(Decimal(text.replace(",", ".")) * factor)
    except (InvalidOperation, ValueError, OverflowError):
        return text
