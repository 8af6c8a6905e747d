"""Papers: what is on them can be read back, in any script."""

import io
import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pypdf
import pytest

from ordito.adapters.papers.barcodes import code_128
from ordito.adapters.papers.sheets import PaperReader, pick_sheet, slip_sheets
from ordito.adapters.papers.typesetting import PART, typeset, typeset_slips
from ordito.kernel.addresses import Address
from ordito.listings.order_types import PlaceName
from ordito.listings.papers import PickedOrder, PickRow, PickSheet, Slip, SlipLine
from ordito.platform.translations import translations
from tests import make

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SLIP = Slip(
    order_id=make.BOSS.id,
    fo_no=1,
    number=1042,
    code="VIP-7",
    channel="Web shop",
    placed_at=NOW,
    promised_on=NOW.date(),
    delivery="ship",
    sender="Łódź warehouse",
    sender_address=Address("PL", line1="ul. Piotrkowska 90", city="Łódź", postal_code="90-001"),
    to=Address("PL", name="Zażółć Gęślą", line1="ul. Jaźni 1", city="Łódź"),
    lines=(SlipLine("TEA-100", "Green tea", 3, [("CUP", 6)]),),
)


def text_of(pdf: bytes) -> list[str]:
    """The text of each page, in the order of the eye for right-to-left words."""
    return [
        unicodedata.normalize("NFC", page.extract_text())
        for page in pypdf.PdfReader(io.BytesIO(pdf)).pages
    ]


def reader(locale: str = "en_GB") -> PaperReader:
    return PaperReader(translations(locale), locale, ZoneInfo("UTC"), NOW)


def print_slips(*slips: Slip, locale: str = "en_GB") -> list[str]:
    return text_of(typeset("packing_slips", slip_sheets(slips, reader(locale))))


@pytest.mark.parametrize(
    ("name", "city"),
    [
        ("Zażółć Gęślą Jaźń", "Łódź"),
        ("Олександр Шевченко", "Київ"),
        ("王小明", "北京市朝阳区"),
        ("יעל כהן", "תל אביב"),
    ],
)
def test_a_slip_says_who_gets_what_in_any_script(name: str, city: str) -> None:
    address = Address("PL", name=name, city=city)
    (text,) = print_slips(msgspec.structs.replace(SLIP, to=address))
    for words in (*name.split(), *city.split(), "1042", "VIP-7", "Green tea", "TEA-100", "6 × CUP"):
        assert words in text


def test_a_hebrew_slip_runs_from_right_to_left() -> None:
    (text,) = print_slips(SLIP, locale="he")
    assert "1042" in text
    # What is Polish still runs from left to right.
    assert "90-001 Łódź" in text


def test_many_slips_are_one_file_with_a_page_each() -> None:
    pages = print_slips(*(msgspec.structs.replace(SLIP, number=n) for n in range(1, 201)))
    assert len(pages) == 200
    assert "#200" in pages[-1]


def test_what_people_write_is_printed_as_it_is() -> None:
    odd = '#read("/etc/passwd") $x^2$ *bold* <img src=x> \\ ] }'
    (text,) = print_slips(
        msgspec.structs.replace(SLIP, lines=(SlipLine("A#1", odd, 1, []),), code="#pagebreak()")
    )
    assert '#read("/etc/passwd")' in text.replace("\n", " ")
    assert "*bold*" in text
    assert "#pagebreak()" in text


def test_a_pick_list_leads_through_the_bins_and_shares_out() -> None:
    place = PlaceName(make.BOSS.id, "LDZ", "Łódź", "warehouse", "Europe/Warsaw")
    rows = (
        PickRow("A-01", make.BOSS.id, "TEA-100", "Zielona herbata", 5, {1042: 2, 1043: 3}),
        PickRow("", make.BOSS.id, "杯子", "Cup", 1, {1042: 1}),
    )
    sheet = PickSheet(place, rows, (PickedOrder(1042, 3), PickedOrder(1043, 3)))
    text = "\n".join(text_of(typeset("pick_list", pick_sheet(sheet, reader()))))
    for words in ("A-01", "Zielona herbata", "TEA-100", "杯子", "#1042: 2", "#1043", "6 pieces"):
        assert words in text


def test_a_barcode_is_left_out_where_it_could_not_be_scanned() -> None:
    assert code_128("TEA-100").startswith("<svg")
    assert [code_128(text) for text in ("", "杯子", "x" * 61, "a\nb")] == ["", "", "", ""]


def test_a_thousand_slips_are_put_together_from_parts() -> None:
    slips = [msgspec.structs.replace(SLIP, number=n) for n in range(1, PART + 6)]

    pages = text_of(typeset_slips(slip_sheets(slips, reader())))

    assert [f"#{n}" in page for n, page in enumerate(pages, 1)] == [True] * (PART + 5)
