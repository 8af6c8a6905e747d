import gzip
import io

import pytest

from ordito.intake import delimited, tables
from ordito.intake.problems import FileTooLarge, FileUnreadable
from ordito.intake.tables import Table, TableFormat, TableOptions, open_table
from ordito.intake.types import Row


def rows_of(content: bytes, **options: str) -> list[tuple[int, list[str], str]]:
    table = open_table(content, "t.csv", TableOptions(**options))
    return [(row.line, row.cells, row.fault_code) for row in table]


def test_rows_carry_the_physical_line_they_begin_on() -> None:
    assert rows_of(b'a,b\n1,2\n\n"x\ny",3\n4,5\n') == [
        (2, ["1", "2"], ""),
        (4, ["x\ny", "3"], ""),
        (6, ["4", "5"], ""),
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_all_line_endings_are_read(ending: str) -> None:
    content = ending.join(["a,b", "1,2", "3,4"]).encode()
    assert rows_of(content) == [(2, ["1", "2"], ""), (3, ["3", "4"], "")]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1250", "iso8859-2"]
)
def test_polish_text_is_read_in_every_encoding_and_the_choice_is_stated(encoding: str) -> None:
    content = "sku;miasto\n1;Łódź\n2;Gżegżółka, ą\n".encode(encoding)
    table = open_table(content, "t.csv")
    assert [row.cells for row in table] == [["1", "Łódź"], ["2", "Gżegżółka, ą"]]
    assert (table.format.encoding, table.format.delimiter) == (encoding, ";")


def test_the_encoding_can_be_given() -> None:
    content = "a,b\n1,tükörfúrógép ő\n".encode("cp1250")
    assert rows_of(content, encoding="cp1250") == [(2, ["1", "tükörfúrógép ő"], "")]
    with pytest.raises(FileUnreadable, match="Choose one of utf-8"):
        open_table(content, "t.csv", TableOptions(encoding="ebcdic"))


def test_a_separator_line_is_no_heading() -> None:
    table = open_table(b"\xef\xbb\xbfsep=;\r\na;b\r\n1;2\r\n", "t.csv")
    assert table.columns == ["a", "b"]
    assert [(row.line, row.cells) for row in table] == [(3, ["1", "2"])]


def test_ragged_rows_are_faults_and_blank_ends_are_not() -> None:
    assert rows_of(b"a,b,c\n1,2\n1,2,3,4\n1,2,3,,\n,,\n") == [
        (2, ["1", "2"], "too-few-cells"),
        (3, ["1", "2", "3", "4"], "too-many-cells"),
        (4, ["1", "2", "3"], ""),
    ]


def test_an_unclosed_quote_damages_only_its_own_line() -> None:
    found = rows_of(b'a,b\n1,"open\n2,x\n3,y\n')
    assert found == [(2, ["1", '"open'], "stray-quote"), (3, ["2", "x"], ""), (4, ["3", "y"], "")]


def test_an_unclosed_quote_is_given_up_after_many_lines() -> None:
    body = "".join(f"{n},y\n" for n in range(3000))
    found = rows_of(f'a,b\n1,"open\n{body}'.encode())
    assert found[0] == (2, ["1", '"open'], "stray-quote")
    assert [line for line, _, _ in found[1:]] == list(range(3, 3003))
    assert all(code == "" for _, _, code in found[1:])


def test_a_quote_inside_a_cell_is_a_fault_and_a_doubled_one_is_not() -> None:
    found = rows_of(b'a,b\n1,"5" pipe"\n2,"5"" pipe"\n3,5" pipe\n')
    assert found == [
        (2, ["1", '"5" pipe"'], "stray-quote"),
        (3, ["2", '5" pipe'], ""),
        (4, ["3", '5" pipe'], ""),
    ]


def test_nul_and_undecodable_bytes_are_row_faults_with_the_cells_kept() -> None:
    assert rows_of(b"a,b\n1,x\0y\n2,z\n") == [
        (2, ["1", "x\0y"], "nul-character"),
        (3, ["2", "z"], ""),
    ]
    content = b"a,b\n1," + b"\xff\n2,z\n"
    assert rows_of(content, encoding="utf-8") == [
        (2, ["1", "\ufffd"], "undecodable"),
        (3, ["2", "z"], ""),
    ]


def test_a_million_columns_are_one_fault() -> None:
    found = rows_of(b"a,b\n" + b"," * 1_000_000 + b"x\n3,4\n")
    assert [(line, code) for line, _, code in found] == [(2, "line-too-long"), (3, "")]
    found = rows_of(b"a,b\n" + b"x," * 600 + b"x\n3,4\n")
    assert [(line, code) for line, _, code in found] == [(2, "too-many-columns"), (3, "")]
    assert len(found[0][1]) == delimited.COLUMNS_MAX


def test_a_huge_cell_is_one_fault_and_is_cut() -> None:
    for size in (40_000, 200_000, 5_000_000):
        found = rows_of(b"a,b\n1," + b"x" * size + b"\n3,4\n")
        assert [line for line, _, _ in found] == [2, 3]
        assert found[0][2] in ("cell-too-long", "line-too-long")
        assert all(len(cell) <= delimited.CELL_CHARS_MAX for cell in found[0][1])
        assert found[1] == (3, ["3", "4"], "")


@pytest.mark.parametrize(
    "content", [b"", b"\n\n \n", b"\xef\xbb\xbf", b"\xff\xfe", gzip.compress(b"", mtime=0)]
)
def test_a_file_without_rows_is_unreadable(content: bytes) -> None:
    with pytest.raises(FileUnreadable):
        open_table(content, "t.csv")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0old", "old or protected Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"  <!DOCTYPE html>", "web page"),
        (gzip.compress(gzip.compress(b"a,b", mtime=0), mtime=0), "packed twice"),
        (gzip.compress(b"%PDF-1.7", mtime=0), "PDF"),
    ],
)
def test_foreign_files_are_named(content: bytes, words: str) -> None:
    with pytest.raises(FileUnreadable, match=words):
        open_table(content, "t.csv")


def test_a_packed_file_is_told_by_its_content() -> None:
    table = open_table(io.BytesIO(gzip.compress(b"a,b\n1,2\n")), "orders.csv")
    assert [row.cells for row in table] == [["1", "2"]]
    assert table.format == TableFormat("csv", True, "utf-8", True, ",")


def test_a_packed_file_that_is_cut_says_so() -> None:
    content = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(90_000)))
    with pytest.raises(FileUnreadable, match="damaged after"):
        list(open_table(content[:-2000], "t.csv.gz"))


def test_a_bomb_stops_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "UNPACKED_BYTES_MAX", 4 * 1024 * 1024)
    bomb = gzip.compress(b"a,b\n" + b"0" * 20_000_000)
    assert len(bomb) < 30_000
    with pytest.raises(FileTooLarge, match="more than 4 MiB"):
        list(open_table(bomb, "t.csv.gz"))


def test_too_many_rows_stop_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ROWS_MAX", 2)
    with pytest.raises(FileTooLarge, match="more than 2 rows"):
        list(open_table(b"a\n1\n2\n3\n", "t.csv"))


def test_headings_are_made_distinct() -> None:
    table = open_table(b"a, b ,a,\n1,2,3,4\n", "t.csv")
    assert table.columns == ["a", "b", "a (3)", "column 4"]
    assert table.repeated == ("a",)


def test_a_heading_that_cannot_be_read_stops_the_file() -> None:
    with pytest.raises(FileUnreadable, match="headings"):
        open_table(b"x," * 600 + b"x\n1\n", "t.csv")


def test_rows_put_by_hand_are_a_table_too() -> None:
    table = Table(TableFormat("csv"), ["a", "b"], [Row(7, ["1", "2"])])
    assert [(row.line, row.cells) for row in table] == [(7, ["1", "2"])]
