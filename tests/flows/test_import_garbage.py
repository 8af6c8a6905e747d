"""Whatever bytes a file holds: it is refused whole, or every row is booked or parked."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordito.flows.import_orders import import_orders
from ordito.intake.problems import ColumnsNotUsable, FileUnreadable
from ordito.platform.database import Database
from tests.flows.invariants import assert_sound
from tests.flows.order_files import HEADINGS, counts, rows, source, take
from tests.flows.order_files import settings as import_settings
from tests.make import BOSS

NAUGHTY = Path(__file__).parents[3] / "shared/data/naughty-strings"

cell = st.one_of(
    st.sampled_from(
        (
            *("536365", "C536365", "A1", "TEA", "POST", "gift_0001_20", "6", "-6", "0", "2.55"),
            *("2010-12-01 08:26:00", "2011-03-27 01:30:00", "17850.0", "EIRE", "", " ", "NaN"),
            *("1.234,56", "1e5", "9" * 30, "\0", "\ufeff", "=1+1", "0.0", "\\", "{}", "'\";--"),
        )
    ),
    st.text(max_size=12).filter(lambda text: not {'"', "\n", "\r", ","} & set(text)),
)
good = st.tuples(
    st.sampled_from(("1", "2", "C1", "C2", "A1")),
    st.sampled_from(("TEA", "CUP", "POST")),
    cell,
    st.sampled_from(("1", "-1", "3")),
    st.just("2010-12-01 08:26:00"),
    st.sampled_from(("0.0", "2.55")),
    st.sampled_from(("", "17850.0")),
    st.just("France"),
).map(",".join)
row = st.one_of(good, st.lists(cell, max_size=10).map(",".join))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(row, max_size=12))
def test_every_row_is_booked_or_parked(db: Database, drawn: list[str]) -> None:
    content = (HEADINGS + "\n".join(drawn)).encode()
    try:
        report = import_orders(db, BOSS, import_settings(), [source(content)])
    except (FileUnreadable, ColumnsNotUsable):
        return
    told = counts(report)
    filled = sum(bool(text.strip(", \t\x1c\x1d\x1e\x1f\x85\xa0\v\f")) for text in drawn)
    assert sum(n for kind, n in told.items() if kind != "order") <= filled
    assert_sound(db)


@pytest.mark.shared_data
def test_naughty_texts_are_kept_as_they_are(db: Database, shared_data: Path) -> None:
    lists = sorted(NAUGHTY.rglob("blns.txt"))
    if not lists:
        pytest.skip("the list of naughty strings is not there")
    lines = lists[0].read_text("utf-8", "replace").splitlines()
    texts = [t for t in lines if t.strip() and not t.startswith("#") and len(t) < 200]
    body = "".join(
        '{},TEA,"{}",1,2010-12-01 10:00:00,2.00,1,France\n'.format(n, text.replace('"', '""'))
        for n, text in enumerate(texts, start=1)
    )
    report = take(db, (HEADINGS + body).encode())
    told = counts(report)
    assert told["line"] + told.get("parked", 0) == len(texts)
    assert told["line"] > len(texts) * 0.9
    titles = dict(
        rows(
            db,
            "SELECT o.external_id::int, l.title FROM orders.line AS l"
            " JOIN orders.sales_order AS o ON o.id = l.order_id",
        )
    )
    script = next(n for n, text in enumerate(texts, 1) if "<script" in text.lower())
    assert titles[script] == texts[script - 1].strip()
