"""What someone types into the form of a new order, and the order that it asks for."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from ordito.kernel.addresses import Address
from ordito.kernel.money import exponent, to_minor
from ordito.listings.order_types import OrderPage
from ordito.orders.types import PlaceOrder
from ordito.platform.problems import Fault, InvalidInput
from ordito.platform.validation import convert
from ordito.web.rendering import gettext as _

ADDRESS = ("company", "line1", "line2", "city", "region", "postal_code", "country")
FIELDS = (
    "channel", "name", "email", "phone", "delivery", "pickup_location", "slot", *ADDRESS,
    "shipping", "discount", "tax", "note", "tags", "code", "hold", "item_query", "customer_query",
    "not_before", "requested_on", "latest_on", "cancel_after",
)  # fmt: skip
DATES = ("not_before", "requested_on", "latest_on", "cancel_after")
LINES_MAX = 200


class TypedLine(msgspec.Struct):
    """A line as it was typed. day: on which it is wanted, where that is not the order's."""

    sku: str
    quantity: str = "1"
    day: str = ""

    @property
    def parts_in_two(self) -> bool:
        """Whether there is more than one unit, to be delivered on more than one day."""
        return is_count(self.quantity) and int(self.quantity) > 1


class OrderForm(msgspec.Struct):
    """The form as it was typed: nothing of it is lost, whatever is wrong with it."""

    fields: dict[str, str]
    lines: list[TypedLine]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def add(self, sku: str) -> None:
        """One more of an item: a line of its own, or one unit more of the line it has."""
        for line in self.lines:
            if line.sku == sku:
                line.quantity = str(int(line.quantity) + 1) if line.quantity.isdigit() else "1"
                return
        if len(self.lines) < LINES_MAX:
            self.lines.append(TypedLine(sku))

    def split(self, n: int) -> None:
        """Part the units of a line in two deliveries: the odd one stays with the first."""
        line = self.lines[n]
        if line.parts_in_two and len(self.lines) < LINES_MAX:
            units = int(line.quantity)
            line.quantity = str(units - units // 2)
            self.lines.insert(n + 1, TypedLine(line.sku, str(units // 2)))

    def keys(self) -> list[str]:
        """A name for each line that is the line's own: several may be of one item."""
        seen: dict[str, int] = {}
        found = []
        for line in self.lines:
            seen[line.sku] = seen.get(line.sku, 0) + 1
            found.append(line.sku if seen[line.sku] == 1 else f"{line.sku}-{seen[line.sku]}")
        return found

    def dated(self) -> list[bool]:
        """Which lines are asked for a day of their own: those that have one, or share an item."""
        skus = [line.sku for line in self.lines]
        return [bool(line.day) or skus.count(line.sku) > 1 for line in self.lines]


def read_form(sent: Sequence[tuple[str, str]]) -> OrderForm:
    """The form from what was posted."""
    fields = {name: value.strip() for name, value in sent if name in FIELDS}
    skus = [value for name, value in sent if name == "sku"]
    counts = [value.strip() for name, value in sent if name == "quantity"]
    days = [value.strip() for name, value in sent if name == "day"]
    days += [""] * (len(skus) - len(days))
    lines = [TypedLine(*typed) for typed in zip(skus, counts, days, strict=False)]
    return OrderForm(fields, lines[:LINES_MAX])


def clone_form(page: OrderPage) -> OrderForm:
    """The form for the same order once more: what was not cancelled of it, at today's prices."""
    address = page.ship_to.address if page.ship_to else None
    fields = {"channel": page.channel.code, "delivery": page.delivery, "tags": ", ".join(page.tags)}
    if page.pickup_location and page.delivery == "pickup":
        fields["pickup_location"] = page.pickup_location.code
    if address:
        fields |= address_fields(address) | {"name": address.name, "phone": address.phone}
    if page.customer:
        fields |= {"name": page.customer.name or fields.get("name", "")}
        fields |= {"email": page.customer.email}
        fields |= {"phone": page.customer.phone or fields.get("phone", "")}
    shipping = sum(a.amount_minor for a in page.adjustments if a.kind == "shipping")
    if shipping:
        fields["shipping"] = minor_text(shipping, page.totals.currency)
    rates = {tax.rate for line in page.lines for tax in line.taxes or ()}
    if len(rates) == 1:
        fields["tax"] = f"{(rates.pop() * 100).normalize():f}"
    lines = [
        TypedLine(line.sku, str(line.ordered - line.cancelled))
        for line in page.lines
        if line.ordered > line.cancelled
    ]
    return OrderForm(fields, lines)


def address_fields(address: Address) -> dict[str, str]:
    return {name: getattr(address, name) for name in ADDRESS}


def minor_text(minor: int, currency: str) -> str:
    """An amount as it is typed: 12.50."""
    places = exponent(currency)
    return f"{Decimal(minor).scaleb(-places):.{places}f}"


def ask_of(form: OrderForm, currency: str) -> PlaceOrder:
    """The order that the form asks for; raises InvalidInput with all that is wrong with it."""
    faults: list[Fault] = []
    shipping = _minor(form, "shipping", currency, faults)
    discount = _minor(form, "discount", currency, faults)
    tax = _decimal(form, "tax", faults)
    lines = [_line(n, line, tax, faults) for n, line in enumerate(form.lines)]
    if not lines:
        faults.append(Fault("/lines", "required", _("Add at least one item.")))
    if faults:
        raise InvalidInput(_("The order was not placed."), errors=faults)
    body: dict[str, Any] = {
        "channel": form["channel"],
        "lines": lines,
        "delivery": form["delivery"] or "ship",
        "adjustments": _adjustments(shipping, discount, tax),
        "tags": [tag.strip() for tag in form["tags"].split(",") if tag.strip()],
        "note": form["note"],
        "code": form["code"] or None,
        "holds": [{"reason": form["hold"]}] if form["hold"] else [],
    }
    body |= {name: form[name] for name in DATES if form[name]}
    if form["delivery"] == "pickup":
        body["pickup_location"] = form["pickup_location"] or None
    elif form["country"]:
        body["ship_to"] = {"name": form["name"], "phone": form["phone"]} | {
            name: form[name] for name in ADDRESS if form[name]
        }
    if form["delivery"] == "local" and form["slot"]:
        on, _sign, rest = form["slot"].partition(" ")
        location, _sign, slot = rest.partition(" ")
        body["slot"] = {"location": location, "slot": slot, "on": on}
    if form["name"] or form["email"] or form["phone"]:
        body["customer"] = {name: form[name] for name in ("name", "email", "phone")}
    return convert(PlaceOrder, body)


def _line(n: int, line: TypedLine, tax: Decimal, faults: list[Fault]) -> dict[str, Any]:
    units = int(line.quantity) if is_count(line.quantity) else 0
    if units < 1:
        text = _("Say how many units of %(sku)s: a whole number from 1.", sku=line.sku)
        faults.append(Fault(f"/lines/{n}/quantity", "out-of-range", text))
    own = {"requested_on": line.day} if line.day else {}
    return {"sku": line.sku, "quantity": units, "taxes": _taxes(tax)} | own


def is_count(text: str) -> bool:
    """Whether a text is a whole number that a quantity may have."""
    return text.isascii() and text.isdigit() and len(text) <= 9


def _adjustments(shipping: int, discount: int, tax: Decimal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if shipping:
        charge = {"kind": "shipping", "amount_minor": shipping, "title": _("Shipping")}
        found.append(charge | {"taxes": _taxes(tax)})
    if discount:
        found.append({"kind": "discount", "amount_minor": discount, "title": _("Discount")})
    return found


def _taxes(percent: Decimal) -> list[dict[str, Any]]:
    return [{"name": _("Tax"), "rate": str(percent / 100)}] if percent else []


def _minor(form: OrderForm, name: str, currency: str, faults: list[Fault]) -> int:
    amount = _decimal(form, name, faults)
    if amount != round(amount, exponent(currency)):
        text = _("%(currency)s has no smaller unit than that.", currency=currency)
        faults.append(Fault(f"/{name}", "too-exact", text))
        return 0
    return to_minor(amount, currency)


def _decimal(form: OrderForm, name: str, faults: list[Fault]) -> Decimal:
    """A number from 0 below a billion; with a comma or a point. Zero when it is left empty."""
    text = form[name].replace(",", ".")
    try:
        value = Decimal(text or "0")
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value < 1_000_000_000:
        faults.append(Fault(f"/{name}", "no-number", _("Give a number, 0 or more.")))
        return Decimal(0)
    return value


_FIELD_OF: Mapping[str, str] = {
    "/lines": "item_query",
    "/ship_to": "country",
    "/pickup_location": "pickup_location",
    "/channel": "channel",
    "/slot": "slot",
}


def field_of(fault: Fault) -> str:
    """The field that a fault belongs beside; lines by their place: “line-0”."""
    parts = fault.pointer.split("/")
    if len(parts) > 2 and parts[1] == "lines" and parts[2].isdigit():
        return f"line-{parts[2]}"
    if parts[-1] in FIELDS:
        return parts[-1]
    return _FIELD_OF.get("/" + parts[1] if len(parts) > 1 else "", "")
