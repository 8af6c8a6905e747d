"""Whatever bytes come: a problem, or entries with line numbers, each input row in exactly one."""

import contextlib
import gzip

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ordito.intake.catalogue import Catalogue
from ordito.intake.presets import shipped_preset
from ordito.intake.readings import read_entries
from ordito.intake.tables import open_table
from ordito.intake.tallies import Tally
from ordito.intake.types import CancellationEntry, ChargeEntry, Entry, OrderEntry, ParkedRow
from ordito.platform.problems import Problem

HEADINGS = b"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

cell = st.one_of(
    st.sampled_from(
        (
            *("536365", "C536365", "A1", "85123A", "POST", "gift_0001_20", "6", "-6", "0", "2.55"),
            *("2010-12-01 08:26:00", "2011-03-27 01:30:00", "17850.0", "EIRE", "", " ", '"', "NaN"),
            *("1.234,56", "1e5", "5,90123E+12", "9" * 30, "\0", "\ufeff", "=1+1", '5" pipe', "0.0"),
        )
    ),
    st.text(max_size=12),
)
row = st.lists(cell, min_size=0, max_size=10).map(",".join)
likely = st.tuples(
    st.sampled_from(["1", "2", "C3", "A4", ""]),
    st.sampled_from(["A1", "a1", "POST", "D", ""]),
    st.sampled_from(["WHITE HEART", "damaged", ""]),
    st.sampled_from(["6", "-6", "0", "x", "1.0"]),
    st.sampled_from(["2010-12-01 08:26:00", "2011-01-01", "", "soon"]),
    st.sampled_from(["2.55", "0", "-1", "", "1e5"]),
    st.sampled_from(["7.0", "8", ""]),
    st.sampled_from(["EIRE", "France", "Narnia", ""]),
).map(",".join)


def lines_of(entry: Entry) -> list[int | None]:
    match entry:
        case OrderEntry():
            own = [charge.source_line for charge in entry.charges]
            return [line.source_line for line in entry.lines] + own
        case CancellationEntry():
            return [line.source_line for line in entry.lines]
        case ChargeEntry():
            return [entry.charge.source_line]
        case ParkedRow():
            assert entry.reason
            assert entry.words
    return [entry.source_line]


def check(content: bytes, preset: str = "online-retail") -> None:
    table = open_table(content, "garbage.csv")
    rows = [row.line for row in open_table(content, "garbage.csv")]
    tally, catalogue, lines = Tally(), Catalogue(), list[int | None]()
    for entry in read_entries(table, shipped_preset(preset)):
        lines += lines_of(entry)
        tally.add(entry)
        catalogue.add(entry)
        assert msgspec.json.encode(entry)
    assert sorted(line for line in lines if line) == rows
    assert tally.rows == len(rows)
    assert catalogue.items() is not None


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_at_all(content: bytes) -> None:
    with contextlib.suppress(Problem):
        check(content)
    with contextlib.suppress(Problem):
        check(b"PK\x03\x04" + content)
    with contextlib.suppress(Problem):
        check(b"\x1f\x8b\x08" + content)


@given(st.binary(max_size=600))
@settings(max_examples=150, deadline=None)
def test_any_bytes_below_good_headings(content: bytes) -> None:
    with contextlib.suppress(Problem):
        check(HEADINGS + content)
    with contextlib.suppress(Problem):
        check(gzip.compress(HEADINGS + content))


@given(st.lists(row, max_size=12), st.sampled_from(["utf-8", "utf-16", "cp1250", "iso8859-2"]))
@settings(max_examples=150, deadline=None)
def test_rows_of_hostile_cells_in_any_encoding(rows: list[str], encoding: str) -> None:
    text = HEADINGS.decode() + "\n".join(rows)
    with contextlib.suppress(Problem):
        check(text.encode(encoding, errors="replace"))


@given(st.lists(likely, max_size=12))
@settings(max_examples=300, deadline=None)
def test_likely_rows_are_never_lost_or_doubled(rows: list[str]) -> None:
    check(HEADINGS + "\n".join(rows).encode())


@given(st.lists(st.lists(cell, min_size=6, max_size=6).map(";".join), max_size=8))
@settings(max_examples=150, deadline=None)
def test_the_live_preset_takes_garbage_too(rows: list[str]) -> None:
    headings = "order;sku;quantity;unit_price;email;country\n"
    with contextlib.suppress(Problem):
        check((headings + "\n".join(rows)).encode(errors="replace"), "ordito")


def test_thirty_thousand_rows_of_garbage_are_all_parked_with_their_lines() -> None:
    junk = ["1,A1,G,x,2010-12-01,2,7,EIRE", '2,"A1,G,1,2010', ",,,,,,,", "\0,,1,", "3,A,G,1,2,3"]
    content = HEADINGS + "\n".join(junk[n % len(junk)] for n in range(30_000)).encode()
    table = open_table(content, "garbage.csv")
    lines = []
    for entry in read_entries(table, shipped_preset("online-retail")):
        assert isinstance(entry, ParkedRow)
        lines.append(entry.source_line)
    blank = junk.index(",,,,,,,")
    assert sorted(lines) == [n + 2 for n in range(30_000) if n % len(junk) != blank]
