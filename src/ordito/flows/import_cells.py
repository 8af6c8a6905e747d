"""Cells of imported files as values: codes, flags, kinds, days."""

import re
from datetime import UTC, date, datetime

from ordito.intake.contacts import read_country, read_email
from ordito.intake.values import (
    DecimalMark,
    Unreadable,
    read_code,
    read_flag,
    read_text,
    shortened,
)
from ordito.kernel.money import CURRENCIES

_GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,59}\Z")
_ON = frozenset(("active", "published", "publish", "enabled", "in stock"))
_OFF = frozenset(("draft", "archived", "inactive", "disabled", "private", "-1", "unlisted"))
_KINDS = {
    "stocked": ("stocked", "simple", "variation", "product", "storable product", "storable",
                "goods", "consu", "consumable", "physical"),
    "service": ("service", "virtual", "digital", "downloadable"),
    "kit": ("kit", "bundle", "combo", "phantom"),
}  # fmt: skip


def as_code(text: str, _mark: DecimalMark) -> str:
    return read_code(text)


def as_groups(text: str, _mark: DecimalMark) -> list[str]:
    parts = (part.strip() for part in text.replace(";", ",").split(","))
    codes = {read_code(part) for part in parts if part}
    for code in codes:
        if not _GROUP.match(code):
            detail = (
                f"'{shortened(code)}' is no group: letters, digits, dots and dashes, no blanks."
            )
            raise Unreadable("group", detail)
    return sorted(codes)


def as_words(text: str, _mark: DecimalMark) -> str:
    return read_text(text)


def as_flag(text: str, _mark: DecimalMark) -> bool:
    word = text.strip().casefold()
    if word in _ON or word in _OFF:
        return word in _ON
    return read_flag(text)


def as_kind(text: str, _mark: DecimalMark) -> str:
    word = text.strip().casefold()
    for kind, names in _KINDS.items():
        if word in names:
            return kind
    raise Unreadable(
        "unknown-kind", f"'{shortened(text)}' is no kind of item: write stocked, service or kit."
    )


def as_barcodes(text: str, _mark: DecimalMark) -> list[str]:
    return [read_code(code) for code in re.split(r"[|;\n]", text) if code.strip()]


def as_currency(text: str, _mark: DecimalMark) -> str:
    currency = text.strip().upper()
    if currency not in CURRENCIES:
        raise Unreadable("not-a-currency", f"'{shortened(text)}' is no currency such as EUR.")
    return currency


def as_country(text: str, _mark: DecimalMark) -> str:
    return read_country(text)


def as_mail(text: str, _mark: DecimalMark) -> str:
    return read_email(text)


def as_day(text: str, _mark: DecimalMark) -> date:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise Unreadable(
            "not-a-date", f"'{shortened(text)}' is no date. Write it like 2026-03-31."
        ) from None


def as_moment(text: str, _mark: DecimalMark) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Unreadable(
            "not-a-date", f"'{shortened(text)}' is no date. Write it like 2026-03-31."
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
