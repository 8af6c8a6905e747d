"""The form of a sourcing policy: its rules in order, each with its typed fields; costs; a trial."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from ordito.listings.places import Names
from ordito.sourcing.policies import Policy
from ordito.sourcing.stored_policies import StoredPolicy
from ordito.sourcing.stored_tariffs import StoredTariff
from ordito.web.edit_forms import Field, Form, Section, lines_of, pairs_of, read_form
from ordito.web.policy_words import COSTS, RULES, cost_words, kind_of
from ordito.web.rendering import gettext as _
from ordito.web.statuses import N_
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import LOCATION_KINDS, word

KINDS = ("warehouse", "store", "3pl", "supplier")
DELIVERIES = {"ship": N_("Shipped"), "pickup": N_("Picked up"), "local": N_("Brought by us")}
UNKNOWN = {"refuse": N_("Not taken"), "allow": N_("Taken")}
START: Mapping[str, Mapping[str, Any]] = {
    "distance": {"max_km": 500},
    "protect": {"keep": 1},
    "minimum_stock": {"units": 2},
    "days": {"max_days": 3},
}
"""What the fields of a new rule begin with, where it has no default."""


class RuleRow(msgspec.Struct, frozen=True):
    """A rule of the form. id: part of its fields' names, the same wherever the rule is moved."""

    id: int
    kind: str
    values: Mapping[str, Any] = {}


class PolicyForm(msgspec.Struct):
    """The form, its rules in order, and the sections that are rules."""

    form: Form
    rows: list[RuleRow]
    rules: list[Section]

    @property
    def order(self) -> str:
        """The rules as a hidden field carries them."""
        return ",".join(f"{row.id}:{row.kind}" for row in self.rows)


def rows_of(policy: Policy) -> list[RuleRow]:
    return [
        RuleRow(n, kind_of(rule), msgspec.to_builtins(rule)) for n, rule in enumerate(policy.rules)
    ]


def sent_rows(text: str) -> list[RuleRow]:
    """The rules that a form was sent with; what is none of ours is left out."""
    found = []
    for part in text.split(",")[:100]:
        id_, _sign, kind = part.partition(":")
        if id_.isdigit() and len(id_) < 6 and kind in RULES:
            found.append(RuleRow(int(id_), kind))
    return found


def change_rows(rows: Sequence[RuleRow], act: str, kind: str) -> list[RuleRow]:
    """The rules after “add”, or after “up”, “down” or “remove” with a rule's id."""
    changed = list(rows)
    if act == "add" and kind in RULES:
        new = max((row.id for row in rows), default=-1) + 1
        return [*changed, RuleRow(new, kind, START.get(kind, {}))]
    what, _sign, id_ = act.partition("-")
    at = next((n for n, row in enumerate(rows) if str(row.id) == id_), None)
    if at is None:
        return changed
    row = changed.pop(at)
    if what == "up":
        changed.insert(max(at - 1, 0), row)
    elif what == "down":
        changed.insert(at + 1, row)
    return changed


def policy_form(
    names: Names,
    stored: StoredPolicy | None,
    policy: Policy,
    rows: Sequence[RuleRow],
    tariffs: Sequence[StoredTariff] = (),
) -> PolicyForm:
    """The form of a policy; without `stored` of a new one."""
    url = f"/settings/policies/{stored.code}" if stored else "/settings"
    rules = [
        Section(f"{n}. {_(RULES[row.kind])}", _rule_fields(names, row, n - 1))
        for n, row in enumerate(rows, start=1)
    ]
    form = Form(
        title=_("Edit %(name)s", name=stored.name) if stored else _("New sourcing policy"),
        url=f"{url}/edit" if stored else "/settings/policies/-new",
        back_url=url,
        submit=_("Save as a new version") if stored else _("Create policy"),
        sections=[
            Section(_("Name"), _identity(stored)),
            *rules,
            Section(
                _("What a plan costs"),
                _costs(policy, tariffs),
                _("In the policy's money; the cheapest plan wins."),
            ),
            Section(_("How far an order is split"), _limits(names, policy)),
            Section(_("Try it"), _trial(names)),
        ],
        crumbs=[(_("Settings"), "/settings"), *([(stored.name, url)] if stored else [])],
        note=_("Orders placed before keep what was decided."),
        version=stored.version if stored else None,
    )
    return PolicyForm(form, list(rows), rules)


def _identity(stored: StoredPolicy | None) -> list[Field]:
    return [
        Field(name="code", label=_("Code"), value=stored.code if stored else "",
              fixed=stored is not None, hint=_("Short, such as nearest. It is for ever.")),
        Field(name="name", label=_("Name"), value=stored.name if stored else ""),
    ]  # fmt: skip


def _rule_fields(names: Names, row: RuleRow, at: int) -> list[Field]:
    """The rule's own fields, then whom it is about."""
    fields = [*_own_fields(row), *_scope_fields(names, row)]
    for field in fields:
        field.pointer = f"/policy/rules/{at}/{field.name}"
        field.name = f"r{row.id}_{field.name}"
    return fields


def _own_fields(row: RuleRow) -> list[Field]:
    def number(name: str, label: str, unit: str, start: int | None = None) -> Field:
        value = row.values.get(name, start)
        return Field(name=name, label=label, kind="number", unit=unit, minimum=1,
                     value="" if value is None else str(value))  # fmt: skip

    def codes(name: str, label: str, hint: str) -> Field:
        read = _countries if row.kind == "country" else _codes
        return Field(name=name, label=label, optional=True, read=read, hint=hint,
                     value=", ".join(row.values.get(name, ())))  # fmt: skip

    if row.kind in ("owner", "country"):
        hint = _("Owners, with commas between.") if row.kind == "owner" else _("Such as PL, DE.")
        lists = [codes("allowed", _("Only"), hint), codes("excluded", _("Not"), hint)]
        same = Field(name="same", label=_("Only the destination's country"), kind="check",
                     value="yes" if row.values.get("same") else "")  # fmt: skip
        return [*lists, same] if row.kind == "country" else lists
    if row.kind == "distance":
        unknown = Field(name="when_unknown", label=_("Where the distance is unknown"),
                        kind="select", value=row.values.get("when_unknown", "refuse"),
                        choices=[Choice(c, _(label)) for c, label in UNKNOWN.items()])  # fmt: skip
        return [number("max_km", _("At most"), "km"), unknown]
    if row.kind == "item":
        heavier = row.values.get("heavier_g")
        return [
            codes("tags", _("Items tagged"), _("Tags of items, such as hazardous.")),
            Field(name="heavier_g", label=_("Or heavier than"), kind="number", unit="g", minimum=0,
                  optional=True, blank="none", value="" if heavier is None else str(heavier)),
            codes("needs", _("Only where they can"),
                  _("Abilities of locations, such as hazmat. Empty: not from these locations.")),
        ]  # fmt: skip
    if row.kind == "days":
        unknown = Field(name="when_unknown", label=_("Without carrier's pick-ups"), kind="select",
                        value=row.values.get("when_unknown", "refuse"),
                        choices=[Choice(c, _(label)) for c, label in UNKNOWN.items()])  # fmt: skip
        return [number("max_days", _("At most"), _("days")), unknown]
    if row.kind == "protect":
        return [
            number("keep", _("Pieces kept"), _("of each item")),
            codes("tags", _("Only of items tagged"), _("Empty: of every item.")),
        ]
    return {
        "capacity": [number("percent", _("Of the daily capacity"), "%", 100)],
        "minimum_stock": [number("units", _("Pieces at least"), _("of an item"))],
    }.get(row.kind, [])


def _scope_fields(names: Names, row: RuleRow) -> list[Field]:
    channels = sorted(names.channels.values(), key=lambda channel: channel.name)
    soft = row.values.get("soft")
    kinds_label = _("Kinds") if row.kind == "kind" else _("Only about locations of kind")
    return [
        Field(name="kinds", label=kinds_label, kind="checks", read=lines_of,
              choices=[Choice(kind, word(LOCATION_KINDS, kind)) for kind in KINDS],
              values=tuple(row.values.get("kinds", ()))),
        Field(name="channels", label=_("Only orders of"), kind="checks", read=lines_of,
              choices=[Choice(channel.code, channel.name) for channel in channels],
              values=tuple(row.values.get("channels", ()))),
        Field(name="destinations", label=_("Only orders to"), optional=True, read=_countries,
              value=", ".join(row.values.get("destinations", ())),
              hint=_("Countries, such as PL, DE. Empty: all.")),
        Field(name="deliveries", label=_("Orders that are"), kind="checks", read=lines_of,
              choices=[Choice(code, _(label)) for code, label in DELIVERIES.items()],
              values=tuple(row.values.get("deliveries", ("ship",)))),
        Field(name="places", label=_("Only about the locations"), optional=True, read=_codes,
              value=", ".join(row.values.get("places", ())),
              hint=_("Codes, with commas between. Empty: all.")),
        Field(name="soft", label=_("Price of breaking it"), optional=True, blank="none",
              read=_milli, value="" if soft is None else cost_words(soft),
              hint=_("Empty: the rule is never broken. With a price it is soft: it may be broken"
                     " where that is cheaper.")),
    ]  # fmt: skip


def _costs(policy: Policy, tariffs: Sequence[StoredTariff]) -> list[Field]:
    aim = policy.objective
    by_kind = dict(aim.handling_by_kind)
    places = "\n".join(f"{code} {cost_words(n)}" for code, n in aim.handling_by_place.items())
    fields = [
        Field(name=name, label=_(label), pointer=f"/policy/objective/{name}", read=_milli,
              value=cost_words(getattr(aim, name)))
        for name, label in COSTS.items()
    ]  # fmt: skip
    fields += [
        Field(name=f"handling_{kind}", optional=True, blank="omit", read=_milli,
              label=_("Each unit handled: %(kind)s", kind=word(LOCATION_KINDS, kind)),
              pointer=f"/policy/objective/handling_by_kind/{kind}",
              value=cost_words(by_kind[kind]) if kind in by_kind else "")
        for kind in KINDS
    ]  # fmt: skip
    return [
        *fields,
        Field(name="unknown_km", label=_("Distance taken where it is unknown"), kind="number",
              unit="km", minimum=0, pointer="/policy/objective/unknown_km",
              value=str(aim.unknown_km)),
        *(
            Field(name=f"order_{kind}", optional=True, blank="omit", read=_milli,
                  label=_("Each parcel packed: %(kind)s", kind=word(LOCATION_KINDS, kind)),
                  pointer=f"/policy/objective/order_by_kind/{kind}",
                  value=cost_words(aim.order_by_kind[kind]) if kind in aim.order_by_kind else "")
            for kind in KINDS
        ),
        Field(name="ample", label=_("Few pieces are fewer than"), kind="number", minimum=1,
              pointer="/policy/objective/ample", value=str(aim.ample)),
        Field(name="unknown_weight_g", label=_("Weight taken where it is unknown"), kind="number",
              unit="g", minimum=0, pointer="/policy/objective/unknown_weight_g",
              value=str(aim.unknown_weight_g)),
        Field(name="tariffs", label=_("Carrier tariffs"), kind="checks", read=lines_of,
              pointer="/policy/objective/tariffs", values=aim.tariffs,
              choices=[Choice(tariff.code, tariff.name) for tariff in tariffs],
              hint=_("Parcels cost what the cheapest of these asks for their zone and weight. A"
                     " location that offers none of them to the destination doesn't serve it.")),
        Field(name="by_market", label=_("Each parcel, by the location's market"), kind="area",
              optional=True, pointer="/policy/objective/by_market", read=_place_costs,
              value="\n".join(f"{code} {cost_words(n)}" for code, n in aim.by_market.items()),
              hint=_("A market's code and its cost on each line; cheap markets go first.")),
        Field(name="by_place", label=_("Each unit handled, by location"), kind="area",
              optional=True, pointer="/policy/objective/handling_by_place", read=_place_costs,
              value=places, hint=_("A location's code and its cost on each line: “LODZ 0.5”.")),
    ]  # fmt: skip


def _limits(names: Names, policy: Policy) -> list[Field]:
    limits = policy.limits
    most, least = limits.max_parcels, limits.min_parcel_value
    channels = sorted(names.channels.values(), key=lambda channel: channel.name)
    return [
        Field(name="max_parcels", label=_("Parcels at most"), kind="number", minimum=1,
              optional=True, blank="none", pointer="/policy/limits/max_parcels",
              value="" if most is None else str(most), hint=_("Empty: as many as needed.")),
        Field(name="line_split", label=_("A line may come from several locations"), kind="check",
              pointer="/policy/limits/line_split", value="yes" if limits.line_split else ""),
        Field(name="ship_complete", label=_("All of the order or nothing"), kind="check",
              pointer="/policy/limits/ship_complete", value="yes" if limits.ship_complete else ""),
        Field(name="complete_channels", label=_("All or nothing for orders of"), kind="checks",
              read=lines_of, pointer="/policy/limits/complete_channels",
              choices=[Choice(channel.code, channel.name) for channel in channels],
              values=limits.complete_channels),
        Field(name="min_parcel_value", label=_("Least value of a parcel when split"),
              optional=True, blank="none", read=_milli, pointer="/policy/limits/min_parcel_value",
              value="" if least is None else cost_words(least),
              hint=_("In the channel's base currency. Empty: any.")),
    ]  # fmt: skip


def _trial(names: Names) -> list[Field]:
    channels = sorted(names.channels.values(), key=lambda channel: channel.name)
    return [
        Field(name="try_number", label=_("Order number"), optional=True, pointer="/try/number",
              hint=_("As if it were placed now. Or make one up:")),
        Field(name="try_channel", label=_("Channel"), kind="select", pointer="/try/channel",
              choices=[Choice(channel.code, channel.name) for channel in channels]),
        Field(name="try_country", label=_("To country"), optional=True, pointer="/try/country",
              read=str.upper, hint=_("Two letters, such as PL.")),
        Field(name="try_postal_code", label=_("Postal code"), optional=True,
              pointer="/try/postal_code"),
        Field(name="try_lines", label=_("Items"), kind="area", optional=True, read=_lines,
              pointer="/try/lines", hint=_("One on each line: SKU and how many.")),
    ]  # fmt: skip


def read_policy(visit: Visit, shown: PolicyForm, fresh: RuleRow | None = None) -> dict[str, Any]:
    """The ask that was typed, with what to try under “try”. fresh: a rule that was just added:
    its fields keep what they begin with."""
    start = f"r{fresh.id}_" if fresh else "\n"
    kept = {f.name: (f.value, f.values) for f in shown.form.fields if f.name.startswith(start)}
    ask = read_form(visit, shown.form)
    for field in shown.form.fields:
        if field.name in kept:
            field.value, field.values = kept[field.name]
    policy = ask.setdefault("policy", {})
    rules = policy.get("rules", {})
    policy["rules"] = [
        rules.get(str(n), {}) | {"rule": row.kind} for n, row in enumerate(shown.rows)
    ]
    return ask


def _codes(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


def _countries(text: str) -> list[str]:
    return [code.upper() for code in _codes(text.replace(" ", ","))]


def _milli(text: str) -> str:
    """A cost as typed, in thousandths; what is no number is left for the check to name."""
    try:
        value = Decimal(text.replace(",", ".")) * 1000
    except InvalidOperation:
        return text
    return str(int(value)) if value.is_finite() and value == int(value) else text


def _place_costs(text: str) -> dict[str, str]:
    pairs = (line.rsplit(None, 1) for line in lines_of(text))
    return {pair[0]: _milli(pair[1]) if len(pair) > 1 else "" for pair in pairs}


def _lines(text: str) -> list[dict[str, str]]:
    return [{"sku": sku, "quantity": quantity or "1"} for sku, quantity in pairs_of(text)]
