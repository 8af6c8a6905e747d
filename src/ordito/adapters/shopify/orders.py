"""Orders and refunds of webhooks as a ShopOrder and a ShopRefund."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

from ordito.adapters.shopify.values import (
    Json,
    decimal,
    id_of,
    instant,
    listed,
    member,
    money,
    plain_id,
    units,
    unreadable,
    words,
)
from ordito.channels.shops import (
    RefundLine,
    ShopExtra,
    ShopLine,
    ShopOrder,
    ShopRefund,
    ShopTax,
)

_ADDRESS = {
    "country_code": "country",
    "name": "name",
    "company": "company",
    "address1": "line1",
    "address2": "line2",
    "city": "city",
    "province": "region",
    "zip": "postal_code",
    "phone": "phone",
}

_GOODS: dict[str, Literal["cancelled", "returned", "kept"]] = {
    "cancel": "cancelled",
    "return": "returned",
    "legacy_restock": "returned",
    "no_restock": "kept",
}

_PICKUP = ("pickup", "pick_up", "local_pickup", "pick-up")


def read_order(node: Json) -> ShopOrder:
    """The order of a document. Raises DocumentUnreadable."""
    id_ = id_of(node)
    if not id_:
        raise unreadable("id", "it is missing.")
    created = node.get("created_at")
    refunds = tuple(read_refund(refund, id_) for refund in listed(node, "refunds"))
    lines = _lines(node, refunds)
    customer = member(node, "customer")
    bill_to = _address(member(node, "billing_address"))
    default = _address(member(customer, "default_address"))
    return ShopOrder(
        id=id_,
        name=words(node.get("name")),
        placed_at=instant(node.get("processed_at") or created, "processed_at"),
        changed_at=instant(node.get("updated_at") or created, "updated_at"),
        cancelled=bool(node.get("cancelled_at")),
        fulfilled=node.get("fulfillment_status") == "fulfilled",
        test=bool(node.get("test")),
        currency=words(node.get("currency")),
        tax_included=bool(node.get("taxes_included")),
        total=money(node, "total_price"),
        email=words(node.get("email") or node.get("contact_email") or customer.get("email")),
        phone=words(node.get("phone") or customer.get("phone")),
        customer=id_of(customer),
        customer_name=_full_name(customer) or (bill_to or {}).get("name", ""),
        ship_to=_address(member(node, "shipping_address")) or bill_to or default,
        bill_to=bill_to,
        pickup=_pickup(node),
        lines=lines,
        extras=_extras(node, lines),
        refunds=refunds,
        payment=next(iter(_names(node.get("payment_gateway_names"))), ""),
        tags=_tags(node.get("tags")),
        note=_note(node),
    )


def read_refund(node: Json, order: str = "") -> ShopRefund:
    """A refund; of its lines those that name one of the order's."""
    found: list[RefundLine] = []
    for row in listed(node, "refund_line_items"):
        line = member(row, "line_item")
        id_ = id_of(line) or plain_id(row.get("line_item_id"))
        restock = words(row.get("restock_type")) or (
            "return" if node.get("restock") else "no_restock"
        )
        quantity = units(row.get("quantity"))
        if id_ and quantity > 0:
            found.append(RefundLine(id_, quantity, _GOODS.get(restock, "kept")))
    id_ = id_of(node)
    if not id_:
        raise unreadable("id", "the refund has none.")
    return ShopRefund(id_, order or plain_id(node.get("order_id")), tuple(found))


def _lines(node: Json, refunds: Sequence[ShopRefund]) -> tuple[ShopLine, ...]:
    """The lines; units taken off are those that neither are there now nor were refunded."""
    refunded: Counter[str] = Counter()
    for refund in refunds:
        for row in refund.lines:
            refunded[row.line] += row.quantity
    found = []
    for line in listed(node, "line_items"):
        id_, quantity = id_of(line), units(line.get("quantity"))
        if quantity <= 0:
            continue
        current = line.get("current_quantity")
        gone = 0 if current is None else quantity - units(current, "current_quantity")
        ships = bool(line.get("requires_shipping", True))
        found.append(
            ShopLine(
                id=id_,
                variant=plain_id(line.get("variant_id")),
                sku=words(line.get("sku")),
                title=words(line.get("name") or line.get("title")),
                quantity=quantity,
                removed=max(0, gone - refunded[id_]),
                goods=not line.get("gift_card") and (ships or bool(line.get("sku"))),
                price=money(line, "price"),
                discount=_discount(line),
                taxes=_taxes(line),
            )
        )
    return tuple(found)


def _discount(node: Json) -> Decimal:
    """What is taken off: the shares of all discounts where they are told, else its own."""
    if "discount_allocations" in node:
        shares = listed(node, "discount_allocations")
        return sum((money(share, "amount") for share in shares), Decimal(0))
    return money(node, "total_discount")


def _taxes(node: Json) -> tuple[ShopTax, ...]:
    return tuple(
        ShopTax(words(tax.get("title")), decimal(tax.get("rate"), "rate"), money(tax, "price"))
        for tax in listed(node, "tax_lines")
    )


def _extras(node: Json, lines: Sequence[ShopLine]) -> tuple[ShopExtra, ...]:
    """Shipping, tips, duties, and the discount of the whole order where no line has its share."""
    found: list[ShopExtra] = []
    for line in listed(node, "shipping_lines"):
        if line.get("is_removed"):
            continue
        amount = max(money(line, "price") - _discount(line), Decimal(0))
        found.append(ShopExtra("shipping", words(line.get("title")), amount, _taxes(line)))
    found.append(ShopExtra("fee", "Tip", money(node, "total_tip_received")))
    duties = "original_total_duties" if node.get("original_total_duties_set") else "total_duties"
    found.append(ShopExtra("fee", "Duties", money(node, duties)))
    shared = any("discount_allocations" in line for line in listed(node, "line_items"))
    if not shared:
        of_lines = sum((line.discount for line in lines), Decimal(0))
        left = max(money(node, "total_discounts") - of_lines, Decimal(0))
        found.append(ShopExtra("discount", _codes(node), left))
    return tuple(extra for extra in found if extra.amount)


def _codes(node: Json) -> str:
    return ", ".join(words(code.get("code")) for code in listed(node, "discount_codes"))


def _address(node: Json) -> dict[str, str] | None:
    """Fields of an address; None where there is no country, since all else needs one."""
    if not words(node.get("country_code")):
        return None
    fields = {ours: words(node.get(theirs)) for theirs, ours in _ADDRESS.items()}
    fields["name"] = fields["name"] or _full_name(node)
    fields["country"] = fields["country"].upper()
    return {name: value for name, value in fields.items() if value}


def _full_name(node: Json) -> str:
    return f"{words(node.get('first_name'))} {words(node.get('last_name'))}".strip()


def _pickup(node: Json) -> str:
    for line in listed(node, "shipping_lines"):
        kind = words(line.get("delivery_category") or line.get("source")).lower()
        if kind in _PICKUP and not line.get("is_removed"):
            return words(line.get("code") or line.get("title")) or "?"
    return ""


def _names(value: Any) -> list[str]:
    return [words(name) for name in value if words(name)] if isinstance(value, list) else []


def _tags(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else words(value).split(",")
    return tuple(dict.fromkeys(tag for part in parts if (tag := words(part)[:60])))[:50]


def _note(node: Json) -> str:
    """The buyer's note, with what forms of the shop have added to it."""
    extras = [
        f"{words(extra.get('name'))}: {words(extra.get('value'))}"
        for extra in listed(node, "note_attributes")
    ]
    return "\n".join(part for part in (words(node.get("note")), *extras) if part)[:5000]
