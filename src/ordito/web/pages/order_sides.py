"""The narrow column of an order's page: money, customer, addresses."""

from typing import Any
from urllib.parse import quote_plus

from ordito.flows.attach_file import FILES_MAX
from ordito.listings.order_types import (
    OrderPage,
)
from ordito.orders.file_kinds import is_shown
from ordito.orders.types import OrderFile
from ordito.web.local_words import slot_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import money, postal_lines
from ordito.web.words import PAYMENT_METHODS, word


def statement(page: OrderPage) -> list[dict[str, Any]]:
    totals = page.totals
    rows = [(_("Items"), totals.items_minor, "")]
    for label, minor in (
        (_("Discount"), totals.discount_minor),
        (_("Shipping"), totals.shipping_minor),
        (_("Fees"), totals.fees_minor),
        (_("Rounding"), totals.rounding_minor),
    ):
        if minor:
            rows.append((label, minor, ""))
    tax = _("of which tax") if totals.tax_included else _("Tax")
    if totals.tax_minor and not totals.tax_included:
        rows.append((tax, totals.tax_minor, ""))
    rows.append((_("Total"), totals.total_minor, "sum"))
    if totals.tax_minor and totals.tax_included:
        rows.append((tax, totals.tax_minor, ""))
    expected = page.expectation
    if expected is not None and expected.state == "expected" and expected.amount_minor:
        label = _("To be paid by %(method)s", method=word(PAYMENT_METHODS, expected.method))
        rows.append((label, expected.amount_minor, "due"))
    return [{"label": label, "minor": minor, "kind": kind} for label, minor, kind in rows]


def base_note(page: OrderPage) -> str:
    totals = page.totals
    if totals.base_currency == totals.currency or totals.base_total_minor is None:
        return ""
    return _(
        "%(amount)s at %(rate)s",
        amount=money(totals.base_total_minor, totals.base_currency), rate=totals.rate,
    )  # fmt: skip


def customer(page: OrderPage) -> dict[str, Any] | None:
    who = page.customer
    if who is None:
        return None
    return {
        "name": who.name or who.email or _("Guest"),
        "email": who.email,
        "phone": who.phone,
        "orders_url": f"/customers/{who.number}",
        "open_orders": [
            {"number": other.number, "url": f"/orders/{other.number}"}
            for other in who.other_orders[:6]
        ],
    }


def party(page: OrderPage) -> dict[str, Any]:
    if page.ship_to is None:
        place = page.pickup_location
        lines = [_("Picked up in %(place)s", place=place.name)] if place else []
        return {
            "lines": lines or [_("Not given")],
            "map_url": "",
            "note": "",
            "pickup": bool(place),
        }
    address = page.ship_to.address
    known = " ".join(part for part in (address.line1, address.postal_code, address.city) if part)
    query = quote_plus(f"{known} {address.country}")
    return {
        "lines": postal_lines(address),
        "map_url": f"https://www.openstreetmap.org/search?query={query}" if known else "",
        "note": address.phone,
        "pickup": False,
    }


def stop_side(page: OrderPage) -> dict[str, Any] | None:
    """When the order is brought and by whom; None for what goes another way."""
    stop = page.stop
    if stop is None or page.delivery != "local":
        return None
    place = page.pickup_location
    return {
        "slot": slot_words(stop.starts_at, stop.ends_at),
        "place": place.name if place else "",
        "state": stop.state,
        "url": f"/fulfillment/stops/{page.number}",
    }


ACCEPTED = ".jpg,.jpeg,.png,.gif,.webp,.heic,.pdf,.txt,.csv,.docx,.xlsx,.pptx,.odt,.ods,.odp"


def show_files(page: OrderPage, permissions: frozenset[str]) -> dict[str, Any] | None:
    """What orders/_files.html shows; None for readers who may not see files."""
    if "orders.read" not in permissions:
        return None
    writes = "orders.write" in permissions
    url = f"/orders/{page.number}/files"
    return {
        "shown": [_show_file(file, f"{url}/{file.file_no}", writes) for file in page.files],
        "add_url": url if writes and len(page.files) < FILES_MAX else "",
        "accepted": ACCEPTED,
    }


def _show_file(file: OrderFile, url: str, writes: bool) -> dict[str, Any]:
    shown = is_shown(file.media_type, file.size_bytes, file.width, file.height)
    return {
        "name": file.name,
        "url": url,
        "picture_url": f"{url}/picture" if shown else "",
        "is_picture": file.media_type.startswith("image/"),
        "size_bytes": file.size_bytes,
        "author": file.author,
        "at": file.at,
        "remove_url": f"{url}/remove" if writes else "",
    }
