"""Messages of a file keep their rows as they came, and are known again by their content."""

import msgspec

from ordito.intake.envelopes import Envelope, read_envelopes
from ordito.intake.presets import shipped_preset
from ordito.intake.tables import open_table

PRESET = shipped_preset("online-retail")
HEADINGS = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def read(text: str, headings: str = HEADINGS) -> list[Envelope]:
    table = open_table((headings + text).encode(), "a.csv")
    return list(read_envelopes(table, PRESET, source="a.csv"))


def row(invoice: str, qty: str, price: str = "2.00", customer: str = "1.0") -> str:
    return f"{invoice},TEA,Tea,{qty},2010-12-01 10:00:00,{price},{customer},France\n"


def test_an_envelope_has_the_rows_of_its_entry_as_they_came() -> None:
    one, two = read(row("1", "3") + row("2", "1") + row("1", "4"))
    assert [[line for line, _ in envelope.rows] for envelope in (one, two)] == [[2, 4], [3]]
    assert one.rows[0][1][:4] == ["1", "TEA", "Tea", "3"]
    assert one.source == "a.csv"


def test_the_same_rows_have_the_same_hash_and_others_another() -> None:
    first, second = read(row("1", "3") + row("2", "3"))
    (again,) = read(row("1", "3"))
    assert first.content_hash == again.content_hash != second.content_hash


def test_equal_rows_of_one_file_are_told_apart() -> None:
    correction = row("7", "-1", "0.00", "")
    other = row("8", "-1", "0.00", "")
    first, _, second = read(correction + other + correction)
    assert first.content_hash != second.content_hash
    assert first.row_keys != second.row_keys


def test_row_keys_do_not_depend_on_how_a_price_is_written() -> None:
    (one,) = read(row("C1", "-3", "2.50"))
    (two,) = read(row("C1", "-3", "2.5"))
    assert one.row_keys == two.row_keys
    assert one.content_hash != two.content_hash


def test_unreadable_rows_of_one_order_are_one_message() -> None:
    bad, good = read(row("1", "x") + row("1", "2") + row("2", "1"))
    assert [parked.source_line for parked in bad.parked] == [2, 3]
    assert good.parked == ()


def test_card_numbers_are_masked_where_nothing_is_compared() -> None:
    headings = HEADINGS.replace("\n", ",Remark\n")
    (one,) = read(row("1", "3").replace("\n", ",card 4111 1111 1111 1111 please\n"), headings)
    assert "411111******1111" in one.rows[0][1][8]
    assert msgspec.json.decode(msgspec.json.encode(one), type=Envelope).rows == one.rows


def test_a_correction_among_the_rows_of_an_order_is_a_message_of_its_own() -> None:
    sold, correction = read(row("1", "2", customer="") + row("1", "-1", "0.00", ""))
    assert [line for line, _ in sold.rows] == [2]
    assert [line for line, _ in correction.rows] == [3]
