import codecs

import pytest

from ordito.intake.encodings import Encoding, detect_delimiter, detect_encoding, separator_line


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Zażółć gęślą jaźń;Łódź", "cp1250"),
        ("Zażółć gęślą jaźń;Łódź", "iso8859-2"),
        ("ŁÓDŹ;ŚWIĘTY;ŻÓŁĆ", "cp1250"),
        ("ŁÓDŹ;ŚWIĘTY;ŻÓŁĆ", "iso8859-2"),
        ("Příliš žluťoučký kůň", "cp1250"),
        ("Gift Voucher £30.00", "cp1252"),
        ("señor;crème brûlée", "cp1252"),
        ("Åse Øst;Ærø", "cp1252"),
        ("“Smart” – quotes…", "cp1252"),
    ],
)
def test_single_byte_text_is_guessed_and_said_to_be_a_guess(text: str, encoding: str) -> None:
    found = detect_encoding(text.encode(encoding))
    assert text.encode(encoding).decode(found.name) == text
    assert found.certain is False


def test_utf8_is_certain_even_when_cut_inside_a_character() -> None:
    sample = "żółć".encode()[:-1]
    assert detect_encoding(sample) == Encoding("utf-8", certain=True)


def test_a_byte_order_mark_decides() -> None:
    assert detect_encoding(codecs.BOM_UTF8 + b"a").name == "utf-8-sig"
    assert detect_encoding("a,b".encode("utf-16")).name == "utf-16"
    assert detect_encoding("a,b".encode("utf-32")).name == "utf-32"


def test_utf16_without_mark_is_found_by_its_zeros() -> None:
    assert detect_encoding("sku,quantity".encode("utf-16-le")) == Encoding("utf-16-le", False)
    assert detect_encoding("sku,quantity".encode("utf-16-be")) == Encoding("utf-16-be", False)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_cuts_all_rows_alike(delimiter: str) -> None:
    rows = [["sku", "price", "note"], ["A", '"1,5"', "a b"], ["B", "2", ""]]
    assert detect_delimiter("\n".join(delimiter.join(row) for row in rows)) == delimiter


def test_a_first_line_may_state_the_delimiter() -> None:
    assert detect_delimiter("sep=|\na,b|c\n") == "|"
    assert separator_line('"sep=;"\r\n') == ";"
    assert separator_line("sep=x") == ""
    assert separator_line("separator") == ""


def test_one_column_is_read_as_comma() -> None:
    assert detect_delimiter("sku\nA\nB\n") == ","
    assert detect_delimiter("") == ","
