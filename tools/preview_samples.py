"""Believable data for looking at pages without a database. Shapes are those the templates ask for."""

from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from ordito.web.actions import Action
from ordito.web.view_context import Choice, Scope

ZONE = ZoneInfo("Europe/Warsaw")
NOW = datetime(2026, 11, 20, 14, 20, tzinfo=ZONE)

VECTOR = (
    "cancelled", "open", "backordered", "reserved", "released", "picked", "packed", "shipped",
    "completed", "delivered", "returned",
)
BUCKETS = ("available", "reserved", "picked", "quality_control", "safety", "damaged")


def bag(**values: Any) -> SimpleNamespace:
    return SimpleNamespace(**values)


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def vector(**values: int) -> SimpleNamespace:
    return bag(**{name: values.get(name, 0) for name in VECTOR})


def stock(*values: int, incoming: int = 0) -> SimpleNamespace:
    parts = dict(zip(BUCKETS, values, strict=False))
    parts = {name: parts.get(name, 0) for name in BUCKETS}
    return bag(**parts, on_hand=sum(parts.values()), incoming=incoming)


def act(code: str, label: str, opens: str = "post", icon: str = "", danger: bool = False) -> Action:
    return Action(code, label, f"/orders/1042/{code}", icon, opens, danger)  # type: ignore[arg-type]


SCOPE = Scope(
    locations=tuple(
        Choice(name, name)
        for name in ("Łódź warehouse", "Berlin Spandau", "London Croydon", "Rotterdam 3PL", "Paris Marais")
    ),
    channels=tuple(Choice(name, name) for name in ("Shop UK", "Shop EU", "Marketplace", "Wholesale")),
)

REASONS = (
    Choice("customer", "Customer changed their mind"),
    Choice("stock", "Out of stock"),
    Choice("fraud", "Suspected fraud"),
    Choice("address", "Address can't be delivered to"),
)


def orders() -> list[SimpleNamespace]:
    rows = [
        ("1067", "Shop UK", "Emily Hartley", "GB", 0.2, 0.4, "on_time", "unfulfilled", "authorized", 0, 4, 8450, "GBP", "", "", "open"),
        ("1066", "Shop EU", "Zofia Wiśniewska", "PL", 0.6, 0.1, "due", "in_progress", "paid", 2, 6, 41200, "PLN", "", "", "open"),
        ("1065", "Marketplace", "Müller & Söhne GmbH", "DE", 0.9, 0.4, "on_time", "on_hold", "pending", 0, 48, 128940, "EUR", "Payment review: card country and address differ", "B2B", "open"),
        ("1064", "Shop UK", "", "GB", 1.4, 0.4, "on_time", "unfulfilled", "paid", 0, 1, 1295, "GBP", "", "", "open"),
        ("1063", "Shop EU", "Camille Lefèvre-Duchamp de la Tour", "FR", 2.0, -0.08, "late", "partially_fulfilled", "paid", 2, 3, 12990, "EUR", "", "", "open"),
        ("1062", "Wholesale", "Kadıköy Hediyelik Eşya", "TR", 3.5, 2.0, "at_risk", "in_progress", "partially_paid", 96, 240, 410400, "EUR", "", "WHS", "open"),
        ("1061", "Shop EU", "Ольга Соколова", "LT", 5.0, None, "on_time", "fulfilled", "paid", 2, 2, 5480, "EUR", "", "", "closed"),
        ("1060", "Shop UK", "Gareth Llewellyn-Price", "GB", 6.2, None, "met", "fulfilled", "partially_refunded", 7, 7, 23415, "GBP", "", "", "closed"),
        ("1059", "Marketplace", "田中 美咲", "JP", 7.7, None, "on_time", "unfulfilled", "voided", 0, 3, 5980, "JPY", "", "", "cancelled"),
        ("1058", "Shop EU", "נועה לוי", "IL", 9.0, 0.9, "on_time", "scheduled", "authorized", 0, 2, 21900, "ILS", "", "", "open"),
        ("1057", "Shop UK", "Priya Ramanathan", "GB", 20, None, "met", "fulfilled", "paid", 12, 12, 8812, "GBP", "", "GIFT", "closed"),
        ("1056", "Shop EU", "Jan de Vries", "NL", 22, -0.9, "late", "unfulfilled", "paid", 0, 2, 3450, "EUR", "", "", "open"),
        ("1055", "Wholesale", "Nordic Gifts AS", "NO", 26, 1.0, "on_time", "in_progress", "authorized", 180, 360, 1894000, "NOK", "", "WHS", "open"),
        ("1054", "Shop UK", "Olivia Brown", "GB", 27, None, "met", "fulfilled", "refunded", 1, 1, 1695, "GBP", "", "", "closed"),
        ("1053", "Marketplace", "Luca Bianchi", "IT", 30, None, "met", "fulfilled", "paid", 5, 5, 7425, "EUR", "", "", "closed"),
        ("1052", "Shop EU", "Anna Kowalska", "PL", 31, 0.3, "on_time", "in_progress", "overpaid", 1, 4, 18450, "PLN", "", "", "open"),
    ]
    exponents = {"JPY": 0}
    return [
        bag(
            id=f"0198{number}", number=number, external_number="", url="/orders/1042",
            channel_name=channel, customer_name=name, country=country, placed_at=ago(hours=hours),
            promise_at=None if due is None else NOW + timedelta(days=due), promise_state=state,
            fulfilment=fulfilment, money=money, life=life, return_state="none", units_done=done,
            units=units, total_minor=total, currency=currency, exponent=exponents.get(currency, 2),
            on_hold=hold, special_code=code, tags=[],
        )
        for (number, channel, name, country, hours, due, state, fulfilment, money, done, units, total,
             currency, hold, code, life) in rows
    ]


def order_list(*, empty: bool = False) -> dict[str, Any]:
    def tab(label: str, count: int | None = None, act: bool = False, current: bool = False) -> Any:
        return bag(label=label, url="/orders", current=current, count=count, act=act)

    head = bag(url="/orders?sort=placed", sorted="descending")
    other = bag(url="/orders?sort=other", sorted="")
    return {
        "views": [
            tab("All", current=True), tab("Needs action", 12, True), tab("To release", 34),
            tab("On hold", 3, True), tab("Backordered", 7), tab("Late", 2, True), tab("Unpaid", 5),
        ],
        "search": "",
        "filters": [
            bag(key="channel", name="Channel", words="Shop UK, Shop EU", off_url="/orders",
                choices=[bag(value=c.value, label=c.label, on=i < 2) for i, c in enumerate(SCOPE.channels)],
                kept=[("view", "all")]),
            bag(key="placed", name="Placed", words="last 7 days", off_url="/orders",
                choices=[bag(value="7", label="Last 7 days", on=True), bag(value="30", label="Last 30 days", on=False)],
                kept=[]),
        ],
        "addable": [bag(name=name, url="/orders") for name in ("Location", "Payment", "Tag", "Country", "Total")],
        "kept": [("view", "all")],
        "sort": bag(placed=head, promise=other, total=other),
        "orders": [] if empty else orders(),
        "bulk": [act("release", "Release to picking"), act("hold", "Hold"), act("tag", "Add tag", icon="tag")],
        "older_url": "/orders?before=x", "newer_url": "", "export_url": "/orders.csv", "rows_url": "/orders/rows",
    }


def _line(title: str, sku: str, options: str, price: str, quantity: int, ordered: int, discount: int,
          **quantities: int) -> SimpleNamespace:
    total = int(Decimal(price) * quantity * 100) - discount
    return bag(title=title, sku=sku, item_url="/inventory/1", options=options, picture_url="", quantity=quantity,
               ordered=ordered, unit_price=Decimal(price), discount_minor=-discount, total_minor=total,
               quantities=vector(**quantities))


def _places() -> list[SimpleNamespace]:
    rows = [
        ("Łódź warehouse", True, 42, "Chosen: the nearest place with all 3 items, one parcel."),
        ("Berlin Spandau", False, 471, "Has all 3 items too, but one parcel from there costs €2.15 more."),
        ("Rotterdam 3PL", False, 1_089, "Would need 2 parcels: it has no Jumbo bag red retrospot."),
        ("London Croydon", False, 1_446, "Not eligible: another market than Poland's."),
        ("Paris Marais", False, 1_371, "Not eligible: a store that does not ship, only pick-up."),
        ("Wrocław outlet", False, 204, "Not eligible: keeps its last 5 units for walk-in customers."),
    ]
    return [bag(name=name, chosen=chosen, km=km, words=words) for name, chosen, km, words in rows]


def timeline() -> list[SimpleNamespace]:
    def entry(hours: float, icon: str, text: str, actor: str = "", tone: str = "", note: str = "") -> Any:
        return bag(at=ago(hours=hours), icon=icon, text=text, actor=actor, tone=tone, note=note)

    return [
        entry(0.4, "truck", "Parcel P-2201 was handed to InPost with 3 units.", "Marek Zając", "success"),
        entry(1.1, "package", "3 units were packed into parcel P-2201.", "Marek Zając"),
        entry(1.6, "triangle-alert", "Łódź was short of 1 unit of 22386; the unit was backordered.", "Marek Zając", "attention"),
        entry(2.2, "clipboard-list", "Released to picking in Łódź warehouse.", "Ordito, by rule “Paid before 14:00”"),
        entry(20, "message-square", "Note", "Kasia Nowak", "", "Customer rang: leave it with the neighbour at no. 106 if nobody answers.\nShe also asks for a gift receipt."),
        entry(21, "credit-card", "€184.50 were captured.", "Stripe"),
        entry(26.4, "route", "Sourced from Łódź warehouse: nearest place with all items, one parcel.", "Ordito"),
        entry(26.5, "inbox", "Placed on Shop EU as 536365.", "API key “shop-eu”"),
    ]


def order() -> dict[str, Any]:
    lines_lodz = [
        _line("White hanging heart T-light holder", "85123A", "White", "12.75", 6, 6, 350, shipped=4, delivered=2, packed=2),
        _line("Jumbo bag red retrospot", "22386", "", "9.80", 4, 5, 0, shipped=1, picked=2, released=1),
        _line("Regency cakestand 3 tier", "22423", "Rose, gold rim", "59.90", 1, 1, 0, reserved=1),
    ]
    lines_none = [_line("Jumbo bag red retrospot", "22386", "", "9.80", 1, 5, 0, backordered=1)]
    release = act("release-hold", "Release hold")
    return {
        "order": bag(id="1042", url="/orders/1042", number="1042", external_number="536365", channel_name="Shop EU",
                     placed_at=ago(hours=26.5), placed_by="by API key “shop-eu”", life="open",
                     fulfilment="partially_fulfilled", money="partially_paid", return_state="none",
                     special_code="GIFT", currency="PLN", tags=["first order", "gift receipt"]),
        "next_action": act("pack", "Pack the rest", "page", "package"),
        "actions": [act("hold", "Hold order", "dialog", "pause"), act("move", "Move to another location", "dialog", "arrow-left-right"),
                    act("slip", "Print packing slip", "page", "printer"), act("cancel", "Cancel units", "dialog", "ban", True)],
        "needs": [
            bag(title="1 unit of 22386 is backordered.", tone="attention", detail="60 units are expected in Łódź on 28 Nov; 2 older orders come first.",
                actions=[act("resource", "Look elsewhere"), act("cancel", "Cancel the unit", "dialog")]),
        ],
        "groups": [
            bag(id="fo-1", number="1042-1", location_name="Łódź warehouse", state="in_progress", promise_at=NOW + timedelta(hours=2.6),
                promise_state="due", why="Nearest place with all 3 items: 42 km, one parcel", places=_places(), lines=lines_lodz,
                parcels=[bag(number="P-2201", carrier="InPost", service="Paczkomat", tracking_number="6200 0004 1187 3330 2418",
                             tracking_url="https://example.com/", units=5, words="5 units · in transit since Today 13:56")],
                actions=[act("pick", "Pick 1 unit", "page", "scan-barcode"), act("pack", "Pack", "page", "package")]),
            bag(id="none", number="", location_name="", state="", promise_at=None, promise_state="on_time",
                why="No location has it: 4 locations are empty, 2 may not ship to Poland.", places=[], lines=lines_none, parcels=[],
                actions=[act("resource", "Try again now", icon="route")]),
        ],
        "statement": [bag(label=label, minor=minor, kind=kind) for label, minor, kind in (
            ("Items", 18540, ""), ("Discount", -350, ""), ("Shipping", 1499, ""), ("Total, with 36.80 zł VAT", 19689, "sum"),
            ("Authorized", 19689, ""), ("Captured", 18450, ""), ("Refunded", 0, ""), ("Still due", 1239, "due"))],
        "base_note": "€45.62 at 4.3158 on 19 Nov",
        "customer": bag(name="Anna Kowalska", email="anna.kowalska@example.pl", phone="+48 601 234 567", orders_count=4, since=ago(days=410),
                        open_orders=[bag(number="1052", url="/orders/1042")]),
        "ship_to": bag(lines=["Anna Kowalska", "ul. Piotrkowska 104/6", "90-926 Łódź", "Poland"], map_url="https://example.com/map", note="Leave with the neighbour at no. 106."),
        "bill_to": None,
        "holds": [bag(reason="Gift receipt has to be added", by="Kasia Nowak", at=ago(hours=20), release=release)],
        "previous_url": "/orders/1042", "next_url": "/orders/1042",
        "timeline": timeline(),
        "timeline_views": [bag(label=label, url="/orders/1042", current=label == "All") for label in ("All", "Staff", "System", "Customer")],
        "note_url": "/orders/1042/notes",
    }


def board() -> dict[str, Any]:
    def card(number: str, name: str, city: str, units: int, hours: float, state: str, service: str = "", note: str = "", tone: str = "", delivery: str = "ship") -> Any:
        return bag(id=f"fo-{number}-{service}-{units}", url="/fulfillment/pack", number=f"{number}-1", order_number=number, customer_name=name, city=city, units=units,
                   lines=2, promise_at=NOW + timedelta(hours=hours), promise_state=state, delivery=delivery, service=service, note=note, tone=tone)

    to_release = [
        card("1056", "Jan de Vries", "Utrecht", 2, -21, "late", "PostNL", "Paid 20 hours ago, never released", "critical"),
        card("1067", "Emily Hartley", "Leeds", 4, 9.6, "on_time", "DPD"),
        card("1064", "", "Bath", 1, 9.6, "on_time", "Royal Mail 48"),
        card("1065", "Müller & Söhne GmbH", "Kassel", 48, 9.6, "on_time", "DHL Paket", "On hold: payment review", "attention"),
        card("1062", "Kadıköy Hediyelik Eşya", "Istanbul", 240, 48, "at_risk", "DHL Freight"),
    ]
    picking = [
        card("1063", "Camille Lefèvre-Duchamp", "Lyon", 1, -2, "late", "Colissimo"),
        card("1066", "Zofia Wiśniewska", "Gdańsk", 6, 2.6, "due", "InPost", "2 of 6 picked by Marek"),
        card("1052", "Anna Kowalska", "Łódź", 4, 2.6, "due", "InPost", "1 of 4 picked"),
        card("1055", "Nordic Gifts AS", "Bergen", 360, 24, "on_time", "Bring", "180 of 360 picked by Ewa"),
    ]
    packing = [card("1051", "Hugo Silva", "Porto", 3, 2.6, "due", "CTT"), card("1049", "Ewa Lis", "Radom", 2, 2.6, "due", "InPost")]
    shipping = [card("1048", "Tomáš Novák", "Brno", 5, 2.6, "due", "PPL"), card("1046", "Ines Vogel", "Graz", 1, 2.6, "due", "GLS")]
    ready = [card("1044", "Marta Zielińska", "", 2, 44, "on_time", "Code 4471", "Told yesterday", "", "pickup")]
    start = Action("start", "Start picking", "/fulfillment/pick", "", "page")
    release = Action("release", "Release 34", "/fulfillment/release", "", "post")
    return {
        "location_name": "Łódź warehouse",
        "figures": [bag(count=2, words="late", url="/fulfillment", tone="critical"), bag(count=41, words="due today", url="/fulfillment", tone=""),
                    bag(count=118, words="tomorrow", url="/fulfillment", tone=""), bag(count=3, words="on hold", url="/fulfillment", tone="attention")],
        "columns": [
            bag(key="open", title="To release", count=39, action=release, empty="", cards=to_release, more_url="/orders", more_count=34),
            bag(key="picking", title="To pick", count=26, action=start, empty="", cards=picking, more_url="/orders", more_count=22),
            bag(key="packing", title="To pack", count=2, action=None, empty="", cards=packing, more_url="", more_count=0),
            bag(key="shipping", title="To ship", count=2, action=None, empty="", cards=shipping, more_url="", more_count=0),
            bag(key="ready", title="For pick-up", count=1, action=None, empty="Nobody is expected.", cards=ready, more_url="", more_count=0),
        ],
        "board_url": "/fulfillment",
    }


def pick(outcome: str = "") -> dict[str, Any]:
    said = {"right": "Right. 1 of 3 taken.", "wrong": "This is 22423 Regency cakestand 3 tier. Put it back; take 85123A."}
    return {
        "list_name": "Wave 12", "done": 4, "whole": 11, "exit_url": "/fulfillment",
        "task": bag(location_bin="A-04-2", zone="Aisle A, level 2", title="White hanging heart T-light holder", sku="85123A", options="White", picture_url="",
                    quantity=3, picked=1 if outcome == "right" else 0, order_number="1052"),
        "outcome": bag(kind=outcome, text=said[outcome]) if outcome else None,
        "scan_url": "/fulfillment/pick/scan", "confirm_url": "/fulfillment/pick/confirm", "short_url": "/fulfillment/pick/short",
        "upcoming": [bag(location_bin="A-11-1", title="Jumbo bag red retrospot", quantity=4), bag(location_bin="B-02-5", title="Regency cakestand 3 tier", quantity=1),
                     bag(location_bin="B-02-6", title="Assorted colour bird ornament", quantity=12)],
    }


def pack(outcome: str = "", can_ship: bool = False) -> dict[str, Any]:
    said = {"right": "Right: Jumbo bag red retrospot, 2 of 4.", "wrong": "This is 22423 Regency cakestand 3 tier. It is not in this order."}
    return {
        "order_number": "1052", "location_name": "Łódź warehouse", "exit_url": "/fulfillment", "packed": 13 if can_ship else 8, "whole": 13,
        "outcome": bag(kind=outcome, text=said[outcome]) if outcome else None,
        "lines": [
            bag(title="Jumbo bag red retrospot", sku="22386", options="", picture_url="", packed=4 if can_ship else 2, quantity=4, current=not can_ship),
            bag(title="White hanging heart T-light holder", sku="85123A", options="White", picture_url="", packed=6, quantity=6, current=False),
            bag(title="Assorted colour bird ornament", sku="84879", options="", picture_url="", packed=3 if can_ship else 0, quantity=3, current=False),
        ],
        "parcel": bag(number="Parcel 1", carriers=[Choice("inpost", "InPost"), Choice("dpd", "DPD")], carrier="inpost",
                      services=[Choice("paczkomat", "Paczkomat"), Choice("courier", "Courier")], service="paczkomat", weight_g=1250, tracking_number="", faults={}),
        "ship_to": ["Anna Kowalska", "ul. Piotrkowska 104/6", "90-926 Łódź", "Poland"],
        "notes": ["Add the gift receipt, not the invoice."],
        "scan_url": "/fulfillment/pack/scan", "pack_all_url": "/fulfillment/pack/all", "ship_url": "/fulfillment/pack/ship", "can_ship": can_ship,
    }


def stock_rows() -> list[SimpleNamespace]:
    rows = [
        ("85123A", "White hanging heart T-light holder", stock(412, 96, 14, 0, 50, 3, incoming=240), 6, ""),
        ("22386", "Jumbo bag red retrospot", stock(0, 38, 6, incoming=60), 4, "out"),
        ("22423", "Regency cakestand 3 tier", stock(61, 12, 2, 4, 10, 1), 5, ""),
        ("84879", "Assorted colour bird ornament", stock(1_840, 310, 60, 0, 100, 12, incoming=1_200), 8, ""),
        ("47566", "Party bunting", stock(8, 22, 4, 0, 0, 0), 3, "low"),
        ("20725", "Lunch bag red retrospot", stock(-3, 30, 1), 2, "oversold"),
        ("22720", "Set of 3 cake tins pantry design", stock(144, 18, 0, 12, 20, 0), 4, ""),
        ("22457", "Natural slate heart chalkboard", stock(75, 9, 3, 0, 0, 6), 5, ""),
        ("21212", "Pack of 72 retrospot cake cases", stock(2_208, 144, 0, 0, 200, 0, incoming=720), 7, ""),
        ("23298", "Spotty bunting", stock(0, 0, 0, incoming=96), 0, "out"),
        ("22960", "Jam making set with jars", stock(39, 11, 0, 0, 0, 2), 3, ""),
        ("22197", "Small popcorn holder", stock(910, 64, 24, 0, 50, 0), 6, ""),
    ]
    return [bag(item_id=code, url="/inventory/1", sku=code, title=title, stock=held, locations=locations, state=state)
            for code, title, held, locations, state in rows]


def stock_list() -> dict[str, Any]:
    def tab(label: str, count: int | None = None, act: bool = False, current: bool = False) -> Any:
        return bag(label=label, url="/inventory", current=current, count=count, act=act)

    free = bag(url="/inventory", sorted="ascending")
    other = bag(url="/inventory", sorted="")
    return {"views": [tab("All items", current=True), tab("Sold out", 18, True), tab("Low", 31), tab("Oversold", 1, True), tab("Damaged", 9)],
            "search": "", "kept": [], "scope_words": "All 8 locations", "sort": bag(sku=other, free=free, on_hand=other), "rows": stock_rows(),
            "older_url": "/inventory?after=x", "newer_url": "", "export_url": "/inventory.csv", "rows_url": "/inventory/rows"}


def item() -> dict[str, Any]:
    cells = [("Łódź warehouse", stock(212, 41, 9, 0, 30, 2, incoming=240)), ("Berlin Spandau", stock(140, 33, 5, 0, 20, 1)), ("Rotterdam 3PL", stock(60, 22)),
             ("Paris Marais", stock(0, 0)), ("London Croydon", stock(0, 0, 0, 0, 0, 0))]
    moves = [(0.4, "Łódź warehouse", "picked", "customer", 4, "Shipped with", "#1042", "Marek Zając", 212, 294),
             (1.6, "Łódź warehouse", "reserved", "picked", 4, "Picked for", "#1042", "Marek Zając", 212, 298),
             (3.0, "Łódź warehouse", "available", "damaged", 1, "Dropped in aisle A", "", "Ewa Lis", 212, 298),
             (5.1, "Berlin Spandau", "available", "reserved", 12, "Reserved for", "#1065", "Ordito", 140, 199),
             (22.0, "Łódź warehouse", "supplier", "available", 120, "Received with", "PO-118", "Ewa Lis", 213, 298),
             (27.5, "Rotterdam 3PL", "adjustment", "available", 3, "Counted: 63 were there, 60 were booked", "", "3PL feed", 60, 82)]
    return {
        "item": bag(id="85123A", url="/inventory/1", sku="85123A", title="White hanging heart T-light holder", barcodes=["5012345678900", "05012345678917"], picture_url="", kind="Stocked"),
        "stock": stock(412, 96, 14, 0, 50, 3, incoming=240),
        "cells": [bag(location_name=name, url="/inventory/1", stock=held, by_channel="") for name, held in cells],
        "actions": [act("adjust", "Adjust", "dialog", "scale"), act("count", "Count", "dialog", "clipboard-check"), act("receive", "Receive", "dialog", "package-plus")],
        "holders": [bag(order_number=n, url="/orders/1042", customer_name=c, location_name=place, quantity=q, promise_at=NOW + timedelta(hours=h), promise_state=s, state=state)
                    for n, c, place, q, h, s, state in (("1056", "Jan de Vries", "Berlin Spandau", 2, -21, "late", "reserved"), ("1052", "Anna Kowalska", "Łódź warehouse", 6, 2.6, "due", "released"),
                                                         ("1065", "Müller & Söhne GmbH", "Berlin Spandau", 12, 9.6, "on_time", "reserved"))],
        "holders_more": 21,
        "ledger": [bag(at=ago(hours=h), location_name=place, from_bucket=a, to_bucket=b, quantity=q, reason=why, source=bag(words=source, url="/orders/1042") if source else None,
                       by=by, free_after=free, on_hand_after=on_hand) for h, place, a, b, q, why, source, by, free, on_hand in moves],
        "ledger_views": [bag(label=label, url="/inventory/1", current=label == "All") for label in ("All", "Receipts", "Sales", "Corrections")],
        "older_url": "/inventory/1?before=x", "newer_url": "",
    }


def design() -> dict[str, Any]:
    lines = [
        ("All on its way or there", {"shipped": 5, "delivered": 3}), ("In the warehouse", {"packed": 2, "picked": 2, "released": 2, "reserved": 2}),
        ("In trouble", {"reserved": 3, "open": 1, "backordered": 2}), ("Came back, called off", {"shipped": 4, "delivered": 4, "returned": 1, "cancelled": 2}),
        ("One of thousands", {"shipped": 2400, "backordered": 1}), ("Everything", {name: 2 for name in VECTOR} | {"shipped": 6, "returned": 2, "delivered": 2}),
    ]
    return {
        "quantities": [bag(title=title, line=vector(**parts)) for title, parts in lines],
        "stocks": [bag(title="Healthy", stock=stock(412, 96, 14, 0, 50, 3)), bag(title="Sold out", stock=stock(0, 38, 6)), bag(title="Everything", stock=stock(20, 12, 8, 6, 10, 4))],
        "timeline": timeline()[:5], "action": act("release", "Release to picking", icon="clipboard-list"), "danger_action": act("cancel", "Cancel order", "dialog", "ban", True),
        "choices": REASONS, "now": NOW, "earlier": ago(hours=3), "later": NOW + timedelta(days=2),
    }


def palette(query: str) -> dict[str, Any]:
    groups = [
        bag(title="Orders", entries=[bag(label="#1042 Anna Kowalska", hint="Partially fulfilled", url="/orders/1042", icon="inbox", post=False),
                                     bag(label="#1052 Anna Kowalska", hint="In progress", url="/orders/1042", icon="inbox", post=False)]),
        bag(title="Go to", entries=[bag(label="Fulfillment", hint="g f", url="/fulfillment", icon="package-check", post=False)]),
        bag(title="Do", entries=[bag(label="Start picking in Łódź warehouse", hint="", url="/fulfillment/pick", icon="scan-barcode", post=False)]),
    ]
    return {"query": query, "groups": [] if query == "zzz" else groups}


CSRF_TOKEN = "preview-token-of-this-session"


def changed_rows(ids: list[str]) -> dict[str, Any]:
    """The asked-for rows, one step further than before."""
    rows = [row for row in orders() if row.id in ids]
    for row in rows:
        row.fulfilment, row.units_done = "fulfilled", row.units
    return {"orders": rows}


def cancel_form(*, faulty: bool = False) -> dict[str, Any]:
    return {
        "url": "/orders/1042/cancel", "number": "1042", "reasons": REASONS if not faulty else REASONS, "reason": "", "words": "",
        "faults": ["Choose a reason.", "22386: 3 units were packed meanwhile; 1 can be cancelled."] if faulty else [],
        "lines": [bag(line_no=1, title="Jumbo bag red retrospot", sku="22386", cancellable=1, ordered=5, value=1),
                  bag(line_no=2, title="Regency cakestand 3 tier", sku="22423", cancellable=1, ordered=1, value=0)],
    }


def hold_form() -> dict[str, Any]:
    return {"url": "/orders/1042/hold", "number": "1042", "reasons": REASONS, "reason": "fraud", "words": "", "faults": []}


def short_form() -> dict[str, Any]:
    return {"url": "/fulfillment/pick/short", "title": "White hanging heart T-light holder", "quantity": 3, "found": 2, "faults": []}


def adjust_form() -> dict[str, Any]:
    return {"url": "/orders/1042/adjust", "title": "85123A · White hanging heart T-light holder", "locations": SCOPE.locations, "location": "Berlin Spandau",
            "quantity": -2, "reasons": (Choice("damaged", "Damaged"), Choice("found", "Found"), Choice("lost", "Lost")), "reason": "damaged", "words": "", "faults": {}}


def all_picked() -> dict[str, Any]:
    return pick() | {"task": None, "done": 11, "confirm_url": "/fulfillment/pack"}


def login() -> dict[str, Any]:
    return {"email": "", "faults": [], "next_path": "/orders", "demo_login": None}


def problem() -> dict[str, Any]:
    return {"problem": bag(status=404, title="There is no order #9999", detail="It may be mistyped, or it belongs to a location that you may not see.", errors=[]),
            "request_id": "01J-7Q2", "back_url": "/orders"}


OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0", "info": {"title": "Ordito", "version": "1"},
    "paths": {"/api/v1/orders": {"post": {
        "operationId": "placeOrder", "summary": "Place an order", "tags": ["Orders"],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/PlaceOrder"}}}},
        "responses": {"201": {"description": "Placed"}, "422": {"description": "Not valid"}}}}},
    "components": {"schemas": {"PlaceOrder": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}, "quantity": {"type": ["integer", "null"], "minimum": 1}}}}},
}
